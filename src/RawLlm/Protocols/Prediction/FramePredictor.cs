namespace RawLlm.Protocols;

/// <summary>Knows the frames of one stream that differ in little, so that the next one of them need not be read in full.</summary>
/// <remarks>
/// Learns from every full read and gives up for a while when that does not pay. Borrowed from a pool and given back with the stream.
/// </remarks>
internal sealed class FramePredictor
{
    /// <summary>How many templates there are at most.</summary>
    public const int MostTemplates = 8;

    private const int MostPooled = 64;
    private const int LargestFrame = 4096;

    // Fields that differ and were not known to: a frame with many of them is learnt over several frames, each of which costs some reads and not dozens.
    private const int MostFieldsAtOnce = 4;

    // Eight frames that no template fitted, or sixteen of which no template can be made: those cost less.
    private const int MostMisses = 8 * Miss;
    private const int Miss = 2;

    // Attempts to make a template that came to none, less one for each frame that was predicted: frames that are known do not make up for others that
    // cost ten reads each.
    private const int MostWasted = 64;
    private const int FirstRest = 8;
    private const int MostDoublings = 9;

    // A plain stack: to ask the platform's bag how many it holds stops all threads that use it.
    private static readonly FramePredictor?[] Pool = new FramePredictor?[MostPooled];
    private static readonly Lock PoolLock = new();
    private static int _pooled;

    // Most streams need one template, and a stream that waits holds no array for it.
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

    // Anthropic (2025) fills each event up with spaces before its last brace, none to fifteen of them.
    private bool _padsEnd;

    private FramePredictor()
    {
    }

    /// <summary>True while it pays to look at frames.</summary>
    public bool IsAwake => _rest == 0;

    /// <summary>The templates that are in use, stale ones among them.</summary>
    public ReadOnlySpan<FrameTemplate> Templates => Places[.._count];

    private Span<FrameTemplate> Places => _all is null ? new Span<FrameTemplate>(ref _first) : _all;

    /// <summary>The template that the last predicted or learnt frame fits; set after templates were found to fit without the predictor, each the successor of the one before.</summary>
    public FrameTemplate? Last { get; set; }

    /// <summary>The template with a number; also while another thread gives the predictor back, when it may be another stream's.</summary>
    public FrameTemplate? At(int number) => _all is { } all ? all[number] : _first;

    public static FramePredictor Borrow()
    {
        lock (PoolLock)
        {
            if (_pooled > 0)
            {
                var predictor = Pool[--_pooled]!;
                Pool[_pooled] = null;
                return predictor;
            }
        }
        return new FramePredictor();
    }

    /// <summary>Looks whether a known frame stands at the start of some bytes.</summary>
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

    /// <summary>A frame is read in full.</summary>
    /// <returns>What is to record what the read finds out; null when nothing is wanted.</returns>
    public FrameTrace? Begin(ReadOnlyMemory<byte> data)
    {
        if (_rest > 0)
        {
            _rest--;
            return null;
        }
        if (++_misses > MostMisses || _wasted > MostWasted)
        {
            // Two tries after each rest, and then one that is twice as long.
            _misses = MostMisses - (2 * Miss);
            _wasted = Math.Min(_wasted, (byte)MostWasted);
            _rest = (ushort)(FirstRest << _doublings);
            _doublings = (byte)Math.Min(_doublings + 1, MostDoublings);
            Forget();
            return null;
        }
        if (data.Length is 0 or > LargestFrame)
        {
            Forget();
            return null;
        }
        _padsEnd |= data.Span.EndsWith("  }"u8);
        _trace ??= FrameTrace.Borrow();
        _trace.Begin(data);
        return _trace;
    }

    /// <summary>A frame was read in full and recorded.</summary>
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
            int at = Places[i].Diverge(frame).Frame;
            if (at > farthest)
                (nearest, farthest) = (i, at);
        }
        // One that is stale is made anew: what has no meaning in this frame may not be what had none in its own.
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
        // Several fields that differ in each frame are found at once.
        while (!isLike && like is not null && attempts++ < MostFieldsAtOnce && made.TryFindField(like, trace, ref fields));
        if (!isLike)
            _wasted += (byte)attempts;
        int index = isLike ? nearest : _count < MostTemplates ? _count++ : _oldest++ % MostTemplates;
        if (index == Places.Length)
            Grow();
        (Places[index], _spare) = (made, Places[index]);
        made.Number = (byte)index;
        made.Successor = made;
        // The one that was replaced may have followed others.
        for (int i = 0; i < _count; i++)
        {
            if (Places[i].Successor == _spare)
                Places[i].Successor = made;
        }
        if (_spare is not null && Last == _spare)
            Last = null;
        Follow(made);
    }

    /// <summary>The decoder's state may have changed: what the templates stand for is no longer certain.</summary>
    public void Forget()
    {
        for (int i = 0; i < _count; i++)
            Places[i].IsStale = true;
    }

    private void Grow()
    {
        var larger = new FrameTemplate[MostTemplates];
        Places.CopyTo(larger);
        _all = larger;
    }

    /// <summary>Gives back what only a full read needs: the next one may be far.</summary>
    public void Rest()
    {
        _trace?.Return();
        _trace = null;
    }

    /// <summary>Gives the predictor back; it may not be used any more.</summary>
    public void Return()
    {
        for (int i = 0; i < _count; i++)
        {
            Places[i].Clear();
            Places[i].Return();
        }
        _spare?.Clear();
        _spare?.Return();
        Rest();
        _count = _oldest = _misses = _wasted = _doublings = 0;
        _rest = 0;
        _padsEnd = false;
        Last = null;
        lock (PoolLock)
        {
            if (_pooled < MostPooled)
                Pool[_pooled++] = this;
        }
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
