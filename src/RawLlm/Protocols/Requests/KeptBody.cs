using System.Buffers;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>The body of a request with the places of its messages and tools, so that the next request need not write them again.</summary>
/// <remarks>
/// A message is recognized by reference, together with each of its parts (the witnesses), because the lists of parts belong to the caller
/// and may change. Parts are immutable except for the bytes of images and files: messages with such bytes are always written again.
/// A null among the witnesses ends a list of parts. Not thread-safe.
/// </remarks>
internal sealed class KeptBody
{
    private KeptPlace[] _places = [];
    private object?[] _witnesses = [];
    private List<Quirk>? _openQuirks;
    private byte[] _bytes = [];
    private int _length;
    private int _placeCount;
    private int _witnessCount;
    private (int From, int To) _messages;
    private (int From, int To) _tools;
    private bool _isOpen;
    private KeptBody? _earlier;
    private int _earlierClears;
    private int _clears;

    /// <summary>
    /// The wire that wrote the body, and the model: the same messages give the same bytes only for the same wire and model.
    /// </summary>
    public WireProtocol? Protocol { get; private set; }

    /// <inheritdoc cref="Protocol"/>
    public string? Model { get; private set; }

    /// <summary>The kept body whose conversation this one continues; null if there is none, or if it now serves another request.</summary>
    public KeptBody? Earlier => _earlier is { } earlier && earlier._clears == _earlierClears ? earlier : null;

    /// <summary>Whether another body continues in its bytes, so that only what came after them is left here.</summary>
    public bool IsTakenOver { get; private set; }

    /// <summary>When the body was last used, counted in requests of the client.</summary>
    public long Used { get; set; }

    /// <summary>The number of bytes of memory that the body uses, without the messages themselves.</summary>
    public long Cost => _bytes.Length + 48L * _places.Length + 8L * _witnesses.Length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Starts the writing of a request.</summary>
    public void Begin(WireProtocol protocol, string? model, KeptBody? earlier)
    {
        Protocol = protocol;
        Model = model;
        _earlier = earlier;
        _earlierClears = earlier?._clears ?? 0;
    }

    /// <summary>Takes the bytes when the request no longer needs them.</summary>
    public void TakeBytes(byte[] bytes, int length)
    {
        _earlier = null;
        _bytes = bytes;
        _length = length;
    }

    /// <summary>Clears everything and returns the buffers.</summary>
    public void Clear()
    {
        Return(_places, _placeCount);
        Return(_witnesses, _witnessCount);
        _bytes.AsSpan(0, _length).Clear();
        if (_bytes.Length > 0)
            ByteArrays.Return(_bytes);
        _openQuirks?.Clear();
        (_places, _witnesses, _bytes) = ([], [], []);
        _length = _placeCount = _witnessCount = 0;
        _messages = _tools = default;
        _isOpen = false;
        (Protocol, Model, _earlier) = (null, null, null);
        IsTakenOver = false;
        _clears++;
    }

    /// <summary>
    /// Takes over the bytes and the first places of the body whose conversation this one continues, instead of copying them. What follows
    /// them moves to a new array, and its positions are adjusted.
    /// </summary>
    /// <param name="earlier">The earlier body.</param>
    /// <param name="from">The first of its places that are the same here.</param>
    /// <param name="to">The place after the last of them.</param>
    /// <param name="end">Where their bytes end.</param>
    /// <param name="bytes">The whole array, zero from <paramref name="end"/> on.</param>
    /// <returns>False if copying moves fewer bytes, or if the earlier body belongs to another conversation, which may also
    /// continue.</returns>
    public bool TryTakeOver(KeptBody earlier, int from, int to, int end, out byte[] bytes)
    {
        bytes = earlier._bytes;
        int witnesses = to < earlier._placeCount ? earlier._places[to].Witness : earlier._witnessCount;
        if (
            !ReferenceEquals(_earlier, earlier)
            || end < earlier._length / 2
            || _placeCount != from
            || _witnessCount != earlier._places[from].Witness
        )
        {
            return false;
        }

        var places = Move(ref earlier._places, ref earlier._placeCount, to);
        var witnessed = Move(ref earlier._witnesses, ref earlier._witnessCount, witnesses);
        foreach (ref var place in earlier._places.AsSpan(0, earlier._placeCount))
        {
            place.Start -= end;
            place.End -= end;
            place.Witness -= witnesses;
        }
        earlier._messages = (Math.Max(earlier._messages.From - to, 0), Math.Max(earlier._messages.To - to, 0));
        earlier._tools = (Math.Max(earlier._tools.From - to, 0), Math.Max(earlier._tools.To - to, 0));
        earlier._bytes = [];
        if (earlier._length > end)
        {
            var behind = bytes.AsSpan(end, earlier._length - end);
            earlier._bytes = ByteArrays.Rent(behind.Length);
            ByteArrays.Copy(behind, earlier._bytes);
            behind.Clear();
        }
        earlier._length -= end;
        earlier.IsTakenOver = true;

        _places.AsSpan(0, from).CopyTo(places);
        _witnesses.AsSpan(0, _witnessCount).CopyTo(witnessed);
        Return(_places, _placeCount);
        Return(_witnesses, _witnessCount);
        (_places, _placeCount) = (places, to);
        (_witnesses, _witnessCount) = (witnessed, witnesses);
        return true;
    }

    /// <summary>Counts how many of the conversation's first messages, or turns, are also here.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="all">The total number of messages, or turns, here.</param>
    public int CountShared(IReadOnlyList<Message> messages, out int all)
    {
        int shared = 0;
        all = 0;
        bool isSame = true;
        for (int i = _messages.From; i < _messages.To; i++)
        {
            ref readonly var place = ref _places[i];
            if (place.Source is string)
                continue;
            all++;
            isSame = isSame && IsIn(messages, in place);
            if (isSame)
                shared++;
        }
        return shared;
    }

    /// <summary>
    /// Whether the conversation contains the first and the last message of this one at the same positions, which usually means that it
    /// continues this one.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="all">The number of messages, or turns, here.</param>
    public bool IsContinuedBy(IReadOnlyList<Message> messages, out int all)
    {
        int from = _messages.From;
        while (from < _messages.To && _places[from].Source is string)
            from++;
        all = _messages.To - from;
        return all > 0 && IsIn(messages, in _places[from]) && IsIn(messages, in _places[_messages.To - 1]);
    }

    private static bool IsIn(IReadOnlyList<Message> messages, in KeptPlace place) =>
        place.Source is not null && place.Index < messages.Count && ReferenceEquals(place.Source, messages[place.Index]);

    /// <summary>Whether the tool is the first one here.</summary>
    public bool BeginsWith(ToolDefinition tool) => _tools.From < _tools.To && ReferenceEquals(_places[_tools.From].Source, tool);

    /// <summary>Returns the places of a list.</summary>
    public (int From, int To) Range(KeptList list) => list == KeptList.Messages ? _messages : _tools;

    public ref readonly KeptPlace this[int place] => ref _places[place];

    /// <summary>Returns where the bytes of some places start and end; an empty range if they have none.</summary>
    public (int Start, int End) BytesOf(int from, int to)
    {
        while (from < to && _places[from].End == _places[from].Start)
            from++;
        while (from < to && _places[to - 1].End == _places[to - 1].Start)
            to--;
        return from == to ? default : (_places[from].Start, _places[to - 1].End);
    }

    /// <summary>Starts a list.</summary>
    public void Start(KeptList list) => Set(list, (_placeCount, _placeCount));

    /// <summary>Ends a list.</summary>
    public void End(KeptList list) => Set(list, (Range(list).From, _placeCount));

    /// <summary>Whether a place was written from exactly these messages and the parts that they contain now.</summary>
    public bool IsOf(int index, Message first, IReadOnlyList<Message> messages, int start, int end)
    {
        ref readonly var place = ref _places[index];
        var witnesses = _witnesses.AsSpan(place.Witness, place.WitnessCount);
        int next = 0;
        for (int i = start; i < end; i++)
        {
            var message = i == start ? first : messages[i];
            if (message is null || (uint)next >= (uint)witnesses.Length || !ReferenceEquals(witnesses[next++], message))
                return false;
            if (!AreOf(witnesses, ref next, message.Parts))
                return false;
        }
        return next == witnesses.Length && next > 0;
    }

    /// <summary>Opens a place for messages that are about to be written.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">The first message.</param>
    /// <param name="end">The index after the last message.</param>
    /// <param name="variant">What else the bytes depend on.</param>
    /// <param name="position">Where the bytes start.</param>
    public void Open(IReadOnlyList<Message> messages, int start, int end, int variant, int position)
    {
        ref var place = ref Open(messages[start], start, variant, position);
        for (int i = start; i < end; i++)
        {
            if (messages[i] is { } message)
            {
                AddWitnesses(message);
                AddWitnesses(message.Parts, ref place);
            }
            else
            {
                place.IsUnreusable = true;
            }
        }
        place.WitnessCount = _witnessCount - place.Witness;
        if (place.IsUnreusable && place.WitnessCount == 0)
            place.Source = null;
    }

    /// <summary>Opens a place for an immutable source.</summary>
    public ref KeptPlace Open(object? source, int index, int variant, int position)
    {
        Reserve(ref _places, _placeCount, 1);
        ref var place = ref _places[_placeCount++];
        place = new KeptPlace
        {
            Source = source,
            Index = index,
            Variant = variant,
            Start = position,
            Witness = _witnessCount,
        };
        _isOpen = true;
        return ref place;
    }

    /// <summary>Closes the open place.</summary>
    public void Close(int position)
    {
        ref var place = ref _places[_placeCount - 1];
        // If nothing was written, there is no comma either.
        place.End = position;
        place.Start = Math.Min(place.Start, position);
        _isOpen = false;
        if (_openQuirks is { Count: > 0 })
        {
            place.Quirks = [.. _openQuirks];
            _openQuirks.Clear();
        }
    }

    /// <summary>Marks the bytes being written as dependent on earlier messages.</summary>
    public void MarkDependent()
    {
        if (_isOpen)
            _places[_placeCount - 1].IsDependent = true;
    }

    /// <summary>Marks the bytes being written as dependent on more than the check covers.</summary>
    public void MarkUnreusable()
    {
        if (_isOpen)
            _places[_placeCount - 1].IsUnreusable = true;
    }

    /// <summary>Keeps quirks that are recorded while a place is open.</summary>
    public void Note(Quirk quirk)
    {
        if (_isOpen)
            (_openQuirks ??= []).Add(quirk);
    }

    /// <summary>Adds places whose bytes were copied.</summary>
    /// <param name="source">The body that contains them.</param>
    /// <param name="from">The first place.</param>
    /// <param name="to">The place after the last one.</param>
    /// <param name="shift">How many bytes further on the bytes are here.</param>
    /// <param name="index">The index of the first one in the request.</param>
    public void Copy(KeptBody source, int from, int to, int shift, int index)
    {
        int count = to - from;
        int witness = source._places[from].Witness;
        int witnesses = source._places[to - 1].Witness + source._places[to - 1].WitnessCount - witness;
        Reserve(ref _places, _placeCount, count);
        Reserve(ref _witnesses, _witnessCount, witnesses);
        source._witnesses.AsSpan(witness, witnesses).CopyTo(_witnesses.AsSpan(_witnessCount));
        var copied = _places.AsSpan(_placeCount, count);
        source._places.AsSpan(from, count).CopyTo(copied);
        int later = index - copied[0].Index;
        foreach (ref var place in copied)
        {
            place.Start += shift;
            place.End += shift;
            place.Witness += _witnessCount - witness;
            place.Index += later;
        }
        _placeCount += count;
        _witnessCount += witnesses;
    }

    private static bool AreOf(ReadOnlySpan<object?> witnesses, ref int next, IReadOnlyList<Part>? parts)
    {
        if (parts is null)
            return false;
        int count = parts.Count;
        for (int i = 0; i < count; i++)
        {
            var part = parts[i];
            if (part is null || (uint)next >= (uint)witnesses.Length || !ReferenceEquals(witnesses[next++], part))
                return false;
            if (part is ToolResultPart result && !AreOf(witnesses, ref next, result.Content))
                return false;
        }
        return (uint)next < (uint)witnesses.Length && witnesses[next++] is null;
    }

    private void AddWitnesses(IReadOnlyList<Part>? parts, ref KeptPlace place)
    {
        int count = parts?.Count ?? 0;
        for (int i = 0; i < count; i++)
        {
            var part = parts![i];
            place.IsUnreusable |= part is null or ImagePart { Data.Length: > 0 } or FilePart { Data.Length: > 0 };
            AddWitnesses(part);
            if (part is ToolResultPart result)
                AddWitnesses(result.Content, ref place);
        }
        AddWitnesses((object?)null);
    }

    private void AddWitnesses(object? witness)
    {
        Reserve(ref _witnesses, _witnessCount, 1);
        _witnesses[_witnessCount++] = witness;
    }

    private void Set(KeptList list, (int From, int To) range)
    {
        if (list == KeptList.Messages)
            _messages = range;
        else
            _tools = range;
    }

    private static void Reserve<T>(ref T[] array, int count, int more)
    {
        if (array.Length - count < more)
            Grow(ref array, count, more);
    }

    private static void Grow<T>(ref T[] array, int count, int more)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(16, count + Math.Max(count, more)));
        array.AsSpan(0, count).CopyTo(larger);
        Return(array, count);
        array = larger;
    }

    // Moves the rest to a new array, and returns the array that it was in.
    private static T[] Move<T>(ref T[] array, ref int count, int from)
    {
        var first = array;
        var behind = first.AsSpan(from, count - from);
        array = behind.IsEmpty ? [] : ArrayPool<T>.Shared.Rent(behind.Length);
        behind.CopyTo(array);
        behind.Clear();
        count -= from;
        return first;
    }

    private static void Return<T>(T[] array, int count)
    {
        array.AsSpan(0, count).Clear();
        if (array.Length > 0)
            ArrayPool<T>.Shared.Return(array);
    }
}
