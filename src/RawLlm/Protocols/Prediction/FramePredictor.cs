namespace RawLlm.Protocols;

/// <summary>Recognizes frames of one stream that differ in little, so that the next such frame need not be read in full.</summary>
/// <remarks>
/// Learns from every full read, and pauses if prediction does not pay off. Borrowed from a pool and returned with the stream.
/// </remarks>
internal sealed class FramePredictor
{
    /// <summary>The maximum number of templates.</summary>
    public const int MaxTemplates = 8;

    private const int MaxPooled = 64;
    private const int LargestFrame = 4096;

    // The most newly varying fields per frame: a frame with many of them is learned over several frames, each of which costs a few reads
    // instead of dozens.
    private const int MaxFieldsAtOnce = 4;

    // Eight frames that fit no template, or sixteen of which no template can be made: those cost less.
    private const int MaxMisses = 8 * Miss;
    private const int Miss = 2;

    // Attempts to make a template that failed, minus one for each predicted frame: predicted frames do not make up for others that cost ten
    // reads each.
    private const int MaxWasted = 64;
    private const int FirstRest = 8;
    private const int MaxDoublings = 9;

    private static readonly Spares<FramePredictor> Pool = new(MaxPooled);

    // Most streams need one template, and a waiting stream then holds no array for it.
    private FrameTemplate _first = null!;
    private FrameTemplate[]? _all;
    private FrameTrace? _trace;
    private FrameTemplate? _spare;
    private byte _count;
    private byte _oldest;
    private byte _misses;
    private byte _wasted;
    private byte _doublings;
    private ushort _rest;

    // Anthropic (2025) pads each event with 0 to 15 spaces before its last brace.
    private bool _padsEnd;

    private FramePredictor() { }

    /// <summary>Whether prediction is active.</summary>
    public bool IsAwake => _rest == 0;

    /// <summary>The templates in use, including stale ones.</summary>
    public ReadOnlySpan<FrameTemplate> Templates => Places[.._count];

    private Span<FrameTemplate> Places => _all is null ? new Span<FrameTemplate>(ref _first) : _all;

    /// <summary>
    /// The template that the last predicted or learned frame fits. Set after templates were matched without the predictor, each the
    /// successor of the one before.
    /// </summary>
    public FrameTemplate? Last { get; set; }

    /// <summary>
    /// Returns the template with a number. Safe while another thread returns the predictor to the pool; the template may then be another
    /// stream's.
    /// </summary>
    public FrameTemplate? At(int number) => _all is { } all ? all[number] : _first;

    public static FramePredictor Borrow() => Pool.Take() ?? new FramePredictor();

    /// <summary>Looks for a known frame at the start of some bytes.</summary>
    public bool TryMatch(ReadOnlySpan<byte> unread, out FrameTemplate template, out FrameMatch match)
    {
        template = null!;
        match = default;
        if (Last is null)
            return false;
        var likely = Last.Successor;
        if (!TryMatch(likely, unread, ref template, ref match) && !TryMatchOther(likely, unread, ref template, ref match))
            return false;
        _misses = 0;
        if (_wasted > 0)
            _wasted--;
        else
            _doublings = 0;
        return true;
    }

    /// <summary>Prepares for the full read of a frame.</summary>
    /// <returns>The object that records what the read finds out; null if nothing is to be recorded.</returns>
    public FrameTrace? Begin(ReadOnlyMemory<byte> data)
    {
        if (_rest > 0)
        {
            _rest--;
            return null;
        }
        if (++_misses > MaxMisses || _wasted > MaxWasted)
        {
            // After each rest there are two attempts, and then a rest that is twice as long.
            _misses = MaxMisses - (2 * Miss);
            _wasted = Math.Min(_wasted, (byte)MaxWasted);
            _rest = (ushort)(FirstRest << _doublings);
            _doublings = (byte)Math.Min(_doublings + 1, MaxDoublings);
            MarkStale();
            return null;
        }
        if (data.Length is 0 or > LargestFrame)
        {
            MarkStale();
            return null;
        }
        _padsEnd |= data.Span.EndsWith("  }"u8);
        _trace ??= FrameTrace.Borrow();
        _trace.Begin(data);
        return _trace;
    }

    /// <summary>Learns from a frame that was read in full and recorded.</summary>
    public void Learn(ReadOnlySpan<byte> frame, int dataStart, int dataLength, int excess, DecoderOptions options)
    {
        var trace = _trace!;
        _misses += Miss - 1;
        int nearest = -1;
        int farthest = -1;
        for (int i = 0; i < _count; i++)
        {
            if (Places[i].Target != trace.Target)
                continue;
            int at = Places[i].FindDifference(frame).Frame;
            if (at > farthest)
                (nearest, farthest) = (i, at);
        }
        // A stale template is made again: a value that was ignored in its frame may have a meaning in this one.
        if (farthest == frame.Length && !Places[nearest].IsStale && Places[nearest].Copy == trace.Copy)
        {
            Follow(Places[nearest]);
            return;
        }
        var like = nearest < 0 ? null : Places[nearest];
        var made = _spare ??= new FrameTemplate();
        ulong fields = 0;
        int attempts = 0;
        bool isLike;
        do
        {
            if (!made.TryMake(frame, dataStart, dataLength, excess, trace, like, fields, _padsEnd, options))
            {
                _wasted += (byte)attempts;
                return;
            }
            isLike = like is not null && made.Covers(like);
        }
        // Finds several fields that differ in each frame at once.
        while (!isLike && like is not null && attempts++ < MaxFieldsAtOnce && made.TryFindField(like, trace, ref fields));
        if (!isLike)
            _wasted += (byte)attempts;
        int index =
            isLike ? nearest
            : _count < MaxTemplates ? _count++
            : _oldest++ % MaxTemplates;
        if (index == Places.Length)
            Grow();
        (Places[index], _spare) = (made, Places[index]);
        made.Number = (byte)index;
        made.Successor = made;
        // The replaced template may be the successor of others.
        for (int i = 0; i < _count; i++)
        {
            if (Places[i].Successor == _spare)
                Places[i].Successor = made;
        }
        if (_spare is not null && Last == _spare)
            Last = null;
        Follow(made);
    }

    /// <summary>
    /// Marks all templates as stale, because the decoder's state may have changed and their meaning is no longer certain.
    /// </summary>
    public void MarkStale()
    {
        for (int i = 0; i < _count; i++)
            Places[i].IsStale = true;
    }

    private void Grow()
    {
        var larger = new FrameTemplate[MaxTemplates];
        Places.CopyTo(larger);
        _all = larger;
    }

    /// <summary>Releases what only a full read needs, because the next one may be far off.</summary>
    public void ReleaseTrace()
    {
        _trace?.Return();
        _trace = null;
    }

    /// <summary>Returns the predictor to the pool; it must not be used any more.</summary>
    public void Return()
    {
        for (int i = 0; i < _count; i++)
        {
            Places[i].Clear();
            Places[i].Return();
        }
        _spare?.Clear();
        _spare?.Return();
        ReleaseTrace();
        _count = _oldest = _misses = _wasted = _doublings = 0;
        _rest = 0;
        _padsEnd = false;
        Last = null;
        Pool.Keep(this);
    }

    private bool TryMatchOther(FrameTemplate likely, ReadOnlySpan<byte> unread, ref FrameTemplate template, ref FrameMatch match)
    {
        for (int i = 0; i < _count; i++)
        {
            if (Places[i] != likely && TryMatch(Places[i], unread, ref template, ref match))
                return true;
        }
        return false;
    }

    private bool TryMatch(FrameTemplate candidate, ReadOnlySpan<byte> unread, ref FrameTemplate template, ref FrameMatch match)
    {
        if (candidate.IsStale || !candidate.TryMatch(unread, ref match))
            return false;
        template = candidate;
        if (Last != candidate)
            Follow(candidate);
        return true;
    }

    private void Follow(FrameTemplate template)
    {
        if (Last is not null)
            Last.Successor = template;
        Last = template;
    }
}
