namespace RawLlm.Protocols;

/// <summary>
/// Writes one list of a request: copies elements that are in the kept body of the previous request, adjacent ones together, and records the
/// positions of the others.
/// </summary>
/// <remarks>
/// Call <c>TryReuse</c> for each element. If it returns false, write the element and call <see cref="Close"/>. At the end of the list, call
/// <see cref="Finish"/>. Write nothing else in between.
/// </remarks>
internal ref struct KeptRun
{
    private readonly KeptList _list;
    private readonly JsonWriter _json;
    private readonly KeptBody? _earlier;
    private readonly KeptBody? _written;
    private int _end;
    private int _next;
    private int _from;
    private int _to;
    private int _index;
    private int _remainingChecks;

    // Whether every message so far is in the kept body in the same order, with nothing between.
    private bool _isSameSoFar;

    public KeptRun(KeptList list, JsonWriter json)
    {
        _list = list;
        _json = json;
        _written = json.Wire.Written;
        _earlier = json.Wire.Earlier;
        _written?.Start(list);
        if (_earlier is null)
            return;
        (_next, _end) = _earlier.Range(list);
        // Limits the search in a kept conversation that has little in common with this one.
        _remainingChecks = 2 * (_end - _next) + 64;
        _isSameSoFar = true;
    }

    /// <summary>Whether the messages need not be written.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">The index of the first message of those that are written together.</param>
    /// <param name="end">The index after the last of them.</param>
    /// <param name="variant">What their bytes depend on besides the wire, the model, these messages and the earlier ones.</param>
    public bool TryReuse(IReadOnlyList<Message> messages, int start, int end, int variant = 0)
    {
        if (start is 16 or 256 or 4096)
            _json.Wire.ReserveRest(start, messages.Count);
        if (_written is null)
            return false;
        if (
            _earlier is not null
            && messages[start] is { } first
            && FindMessages(first, messages, start, end) is var place and >= 0
            && IsValid(place, variant)
        )
        {
            Extend(place, start);
            return true;
        }
        Flush();
        _written.Open(messages, start, end, variant, _json.Position);
        return false;
    }

    /// <summary>Whether a tool, or a text, need not be written.</summary>
    /// <param name="source">The source, which is immutable.</param>
    /// <param name="index">The index in its list.</param>
    /// <param name="variant">What its bytes depend on besides the wire, the model and the source.</param>
    public bool TryReuse(object? source, int index, int variant = 0)
    {
        if (_written is null)
            return false;
        if (_earlier is not null && source is not null && Find(source) is var place and >= 0 && IsValid(place, variant))
        {
            _next = place + 1;
            Extend(place, index);
            return true;
        }
        Flush();
        _written.Open(source, index, variant, _json.Position);
        return false;
    }

    /// <summary>Ends an element that was written.</summary>
    public readonly void Close() => _written?.Close(_json.Wire.Length);

    /// <summary>Ends the list.</summary>
    public void Finish()
    {
        Flush();
        _written?.End(_list);
    }

    private int FindMessages(Message first, IReadOnlyList<Message> messages, int start, int end)
    {
        while (_next < _end && _earlier![_next].Source is string)
            _next++;
        int place = Find(first);
        bool isNext = place == _next;
        if (place < 0 || !_earlier!.IsOf(place, first, messages, start, end))
        {
            _isSameSoFar = false;
            return -1;
        }
        _isSameSoFar &= isNext;
        _next = place + 1;
        return place;
    }

    // Usually the next place; a later one if something was removed.
    private int Find(object source)
    {
        for (int i = _next; i < _end; i++)
        {
            if (ReferenceEquals(_earlier![i].Source, source))
                return i;
            if (--_remainingChecks < 0)
                return -1;
        }
        return -1;
    }

    private readonly bool IsValid(int place, int variant)
    {
        ref readonly var kept = ref _earlier![place];
        return !kept.IsUnreusable && kept.Variant == variant && (!kept.IsDependent || _isSameSoFar);
    }

    private void Extend(int place, int index)
    {
        if (_earlier![place].Quirks is { } quirks)
        {
            foreach (var quirk in quirks)
                _json.Wire.Note(quirk.Kind, quirk.Place);
        }
        if (_to > _from && place == _to && index - _earlier[place].Index == _index - _earlier[_from].Index)
        {
            _to++;
            return;
        }
        place -= Flush();
        (_from, _to, _index) = (place, place + 1, index);
    }

    // Returns how many places were removed from the start of the kept body.
    private int Flush()
    {
        if (_to == _from)
            return 0;
        var (from, to) = (_from, _to);
        _from = _to = 0;
        var (start, end) = _earlier!.BytesOf(from, to);
        int shift = 0;
        if (end > start)
        {
            shift = _json.Position - start;
            _json.Wire.Copied += end - start;
            if (shift == 0 && _index == _earlier[from].Index && _written!.TryTakeOver(_earlier, from, to, end, out byte[] bytes))
            {
                _json.ContinueIn(bytes, end);
                _next = Math.Max(_next - to, 0);
                _end = Math.Max(_end - to, 0);
                return to;
            }
            _json.WriteRaw(_earlier.Bytes[start..end]);
        }
        _written!.Copy(_earlier, from, to, shift, _index);
        return 0;
    }
}
