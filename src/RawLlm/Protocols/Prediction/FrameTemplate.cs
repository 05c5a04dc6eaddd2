using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RawLlm.Protocols;

/// <summary>The bytes of one frame, with holes for the parts that may differ in the next one.</summary>
/// <remarks>
/// Why a match is correct: the framing is determined by line ends or lengths, and no hole contains a control character, so equal bytes
/// around the holes mean equal fields and an equal end. A JSON reader is an automaton with a stack: after equal bytes it is in the same
/// state, and a token of the same class keeps it there. So the tokens are the same except for the values in the holes, and of these the
/// decoder interprets only the piece and the deferred counts.
/// </remarks>
internal sealed class FrameTemplate
{
    private const int MaxKept = 1024;

    private TemplateHoles _holes;
    private byte[] _bytes = [];

    // Small types, because a waiting stream holds one or a few templates.
    private ushort _length;
    private ulong _variable;
    private bool _isPadded;
    private byte _ignoredCount;
    private ushort _suffixLength;
    private ushort _copyOverhead;

    public FrameTemplate() => Successor = this;

    /// <summary>The target that the piece is added to; null while the template is not in use.</summary>
    public PieceTarget? Target { get; private set; }

    /// <summary>The target if it is a text, whose pieces can be lent in place; otherwise null.</summary>
    public TextRun? Text { get; private set; }

    /// <summary>The second place that keeps the piece; null if there is none.</summary>
    public PieceCopy? Copy { get; private set; }

    /// <summary>Whether the piece is the only hole and is kept in no second place.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>Whether a frame adds to a text and changes nothing else.</summary>
    public bool IsTextAlone => Text is not null && Copy is null && !HasDeferred;

    /// <summary>Where the first hole begins; in a plain template this is the piece.</summary>
    public ushort PieceStart { get; private set; }

    /// <summary>The length of a frame without its piece, for a plain template.</summary>
    public int FixedLength => PieceStart + _suffixLength;

    /// <summary>The minimum length of a frame: the bytes around the holes, and one byte of the piece.</summary>
    public ushort MinLength { get; private set; }

    /// <summary>Where the data begins.</summary>
    public ushort DataStart { get; private set; }

    /// <summary>The number of bytes before and after the data.</summary>
    public ushort FramingLength { get; private set; }

    /// <summary>The number of the template within its stream.</summary>
    public byte Number { get; set; }

    /// <summary>The bytes before the piece, for a plain template.</summary>
    public ReadOnlySpan<byte> Prefix => _bytes.AsSpan(0, PieceStart);

    /// <summary>The bytes after the piece, for a plain template.</summary>
    public ReadOnlySpan<byte> Suffix => _bytes.AsSpan(_length - _suffixLength, _suffixLength);

    /// <summary>The length of the suffix.</summary>
    public int SuffixLength => _suffixLength;

    /// <summary>Whether the frame contains counts that are read later.</summary>
    public bool HasDeferred { get; private set; }

    /// <summary>Whether the counts are applied before the piece, wherever they are in the frame.</summary>
    public bool CountsFirst { get; private set; }

    /// <summary>How many of the last bytes the framing does not count as part of the frame.</summary>
    public byte Excess { get; private set; }

    /// <summary>
    /// Whether the decoder's state may have changed since: the bytes may still fit, but their meaning is no longer certain.
    /// </summary>
    public bool IsStale { get; set; }

    /// <summary>The template that followed this one last time.</summary>
    public FrameTemplate Successor { get; set; }

    private ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    private ReadOnlySpan<TemplateHole> Holes => _holes.Found;

    /// <summary>Whether the bytes start with a frame that fits this template.</summary>
    public bool TryMatch(ReadOnlySpan<byte> unread, ref FrameMatch match)
    {
        match.DeferredEnd = 0;
        var rest = unread;
        int from = 0;
        ReadOnlySpan<byte> bytes = _bytes;
        foreach (ref readonly var hole in Holes)
        {
            int length = hole.Start - from;
            if (!StartsWith(rest, bytes[from..], length))
                return false;
            rest = rest[length..];
            from = hole.End;
            switch (hole.Kind)
            {
                case HoleKind.Piece:
                    length = JsonLexer.Text(rest, out match.IsEscaped, out match.IsValid);
                    // Decoders treat an empty piece as if it were missing.
                    if (length <= 0)
                        return false;
                    match.PieceStart = unread.Length - rest.Length;
                    match.PieceLength = length;
                    break;
                case HoleKind.Echo:
                    length = match.PieceLength;
                    if (!rest.StartsWith(unread.Slice(match.PieceStart, length)))
                        return false;
                    break;
                case HoleKind.Text:
                    length = JsonLexer.String(rest);
                    break;
                case HoleKind.Number:
                    length = hole.End - hole.Start;
                    if (!IsNumberLike(rest, bytes[from], length))
                        length = JsonLexer.Number(rest);
                    break;
                default:
                    length = Measure(hole.Kind, rest, unread.Length - rest.Length, ref match);
                    break;
            }
            if (length < 0)
                return false;
            rest = rest[length..];
        }
        int last = _length - from;
        match.Length = unread.Length - rest.Length + last;
        return StartsWith(rest, bytes[from..], last);
    }

    /// <summary>Matches consecutive frames that fit this template, as long as their pieces are short and valid.</summary>
    /// <param name="unread">The bytes.</param>
    /// <param name="frames">Receives the frames found.</param>
    /// <param name="room">Room for the bytes between the pieces of two frames.</param>
    /// <param name="texts">Receives the unescaped text of pieces with escapes; for a tool call, all pieces one after the other.</param>
    /// <param name="written">How many bytes of <paramref name="texts"/> are in use.</param>
    /// <param name="last">Receives the place of the last frame's deferred counts.</param>
    /// <returns>The number of frames found.</returns>
    public int Match(
        ReadOnlySpan<byte> unread,
        Span<FrameAhead> frames,
        Span<byte> room,
        Span<byte> texts,
        ref int written,
        ref FrameMatch last
    )
    {
        if (!IsPlain)
            return MatchHoles(unread, frames, room, texts, ref written, ref last);
        if (!Begins(unread))
            return 0;
        int prefix = PieceStart;
        var between = Between(prefix, unread.Length, room);
        var rest = unread[prefix..];
        for (int i = 0; i < frames.Length; i++)
        {
            int length = JsonLexer.PlainText(rest);
            int text = length;
            if (length < 0)
                length = Unescape(rest, texts[written..], out text);
            else if (Text is null && !rest[..length].TryCopyTo(texts[written..]))
                return i;
            if (length is <= 0 or > FrameAhead.Longest)
                return i;
            bool goesOn =
                !between.IsEmpty && rest.Length - length > between.Length && rest.Slice(length, between.Length).SequenceEqual(between);
            if (!goesOn && !EndsWith(rest, length))
                return i;
            frames[i] = Ahead(prefix, length, text, FixedLength + length, ref written);
            if (!goesOn)
                return i + 1;
            rest = rest[(length + between.Length)..];
        }
        return frames.Length;
    }

    // The same for templates in which more than the piece may differ.
    private int MatchHoles(
        ReadOnlySpan<byte> unread,
        Span<FrameAhead> frames,
        Span<byte> room,
        Span<byte> texts,
        ref int written,
        ref FrameMatch last
    )
    {
        ReadOnlySpan<byte> bytes = _bytes;
        var holes = Holes;
        int prefix = holes[0].Start;
        if (unread.Length < MinLength || !StartsWith(unread, bytes, prefix))
            return 0;
        var between = Between(prefix, unread.Length, room);
        var match = default(FrameMatch);
        int frameAt = 0;
        int at = prefix;
        for (int i = 0; i < frames.Length; i++)
        {
            int textLength = 0;
            bool goesOn = false;
            for (int n = 0; n < holes.Length; n++)
            {
                var hole = holes[n];
                var rest = unread[at..];
                int length;
                if (hole.Kind == HoleKind.Piece)
                {
                    match.PieceStart = at - frameAt;
                    length = textLength = JsonLexer.PlainText(rest);
                    if (length < 0)
                        length = Unescape(rest, texts[written..], out textLength);
                    else if (Text is null && !rest[..length].TryCopyTo(texts[written..]))
                        return i;
                    if (length == 0 || Math.Max(length, match.PieceStart) > FrameAhead.Longest)
                        return i;
                    match.PieceLength = length;
                }
                else if (hole.Kind == HoleKind.Number && IsNumberLike(rest, bytes[hole.End], hole.End - hole.Start))
                {
                    length = hole.End - hole.Start;
                }
                else
                {
                    length = hole.Kind == HoleKind.Text ? JsonLexer.String(rest) : Measure(hole.Kind, rest, at - frameAt, ref match);
                }
                if (length < 0)
                    return i;
                at += length;
                bool isLast = n + 1 == holes.Length;
                int literal = (isLast ? _length : holes[n + 1].Start) - hole.End;
                goesOn = isLast && !between.IsEmpty && unread[at..].StartsWith(between);
                if (!goesOn && !StartsWith(unread[at..], bytes[hole.End..], literal))
                    return i;
                at += literal;
            }
            if (at - frameAt > FrameAhead.LongestFrame)
                return i;
            frames[i] = Ahead(match.PieceStart, match.PieceLength, textLength, at - frameAt, ref written);
            last.DeferredStart = match.DeferredStart;
            last.DeferredEnd = match.DeferredEnd;
            if (!goesOn)
                return i + 1;
            frameAt = at;
            at += prefix;
        }
        return frames.Length;
    }

    // The bytes between the last hole of one frame and the first hole of the next, so that both are compared in one step; empty if the next
    // frame is unlikely to be of the same kind, or there is no room. Not kept with the template, because waiting streams would hold it.
    private ReadOnlySpan<byte> Between(int prefix, int unreadLength, Span<byte> room)
    {
        var suffix = Bytes[Holes[^1].End..];
        int length = suffix.Length + prefix;
        if (Successor != this || unreadLength < 2 * MinLength || room.Length < length)
            return default;
        suffix.CopyTo(room);
        Bytes[..prefix].CopyTo(room[suffix.Length..]);
        return room[..length];
    }

    /// <summary>Whether the bytes begin like a frame of this template, up to its first hole, and are enough for one.</summary>
    public bool Begins(ReadOnlySpan<byte> unread)
    {
        int prefix = PieceStart;
        return unread.Length >= MinLength && unread[..prefix].SequenceEqual(_bytes.AsSpan(0, prefix));
    }

    /// <summary>Unescapes a piece.</summary>
    /// <returns>The length of the piece; zero or less if it is invalid or there is not enough room.</returns>
    public int Unescape(ReadOnlySpan<byte> json, Span<byte> destination, out int written)
    {
        written = 0;
        int length = Text is null ? 0 : JsonUnescaping.TryReadShort(json, destination, out written);
        return length > 0 ? length : JsonUnescaping.TryRead(json, destination, out written);
    }

    /// <summary>Returns the record of a frame that fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FrameAhead Ahead(int pieceStart, int pieceLength, int textLength, int frameLength, ref int written)
    {
        if (textLength == pieceLength && Text is not null)
            return FrameAhead.Of(Number, pieceStart, pieceLength, frameLength);
        int at = written;
        written += textLength;
        return FrameAhead.OfScratch(Number, at, textLength, frameLength);
    }

    /// <summary>Matches a frame whose only hole is the piece: the usual case, which has to be fast.</summary>
    /// <returns>The length of the piece if it is valid UTF-8 without escapes; below zero for another piece, which still has to be checked;
    /// zero if the template does not fit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int MatchPiece(ReadOnlySpan<byte> unread)
    {
        int prefix = PieceStart;
        if (unread.Length <= prefix + _suffixLength || !unread[..prefix].SequenceEqual(_bytes.AsSpan(0, prefix)))
            return 0;
        var rest = unread[prefix..];
        int length = JsonLexer.PlainText(rest);
        return length <= 0 || EndsWith(rest, length) ? length : 0;
    }

    /// <summary>Whether a piece is followed by the same bytes as in the template, for a plain template.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool EndsWith(ReadOnlySpan<byte> rest, int length)
    {
        int suffix = _suffixLength;
        return rest.Length - length >= suffix && rest.Slice(length, suffix).SequenceEqual(_bytes.AsSpan(_length - suffix, suffix));
    }

    /// <summary>Whether the bytes can be the beginning, but not yet all, of a frame that fits this template.</summary>
    public bool IsBegunBy(ReadOnlySpan<byte> unread)
    {
        var match = default(FrameMatch);
        int from = 0;
        foreach (ref readonly var hole in Holes)
        {
            var literal = Bytes[from..hole.Start];
            if (unread.Length < literal.Length)
                return literal.StartsWith(unread);
            if (!unread.StartsWith(literal))
                return false;
            unread = unread[literal.Length..];
            if (hole.Kind is HoleKind.Piece or HoleKind.Echo or HoleKind.Text && !JsonLexer.IsStringEnding(unread))
                return true;
            int length = Measure(hole.Kind, unread, 0, ref match);
            if (length < 0)
                return false;
            unread = unread[length..];
            from = hole.End;
        }
        var last = Bytes[from..];
        // The CR of the last line end completes the event; its LF may arrive later.
        return unread.Length < last.Length - Excess && last.StartsWith(unread);
    }

    /// <summary>Returns where a frame stops being like the template: the offset in the frame and in the template.</summary>
    public (int Frame, int Template) FindDifference(ReadOnlySpan<byte> frame)
    {
        var match = default(FrameMatch);
        int at = 0;
        int from = 0;
        foreach (ref readonly var hole in Holes)
        {
            var literal = Bytes[from..hole.Start];
            int common = literal.CommonPrefixLength(frame[at..]);
            if (common < literal.Length)
                return (at + common, from + common);
            at += common;
            from = hole.End;
            int length = Measure(hole.Kind, frame[at..], at, ref match);
            if (length < 0)
                return (at, hole.Start);
            at += length;
        }
        int last = Bytes[from..].CommonPrefixLength(frame[at..]);
        return (at + last, from + last);
    }

    /// <summary>Makes the template from a frame that was read in full.</summary>
    /// <param name="frame">The bytes of the frame, including its end mark.</param>
    /// <param name="dataStart">Where its data begins.</param>
    /// <param name="dataLength">The length of its data.</param>
    /// <param name="excess">How many of the last bytes the framing does not count as part of the frame.</param>
    /// <param name="trace">What the read found out.</param>
    /// <param name="like">A template that almost fits; what it has learned is taken over.</param>
    /// <param name="fields">Which of the ignored values may differ, in addition to those that the other template knows.</param>
    /// <param name="padsEnd">Whether any number of spaces may come before the last brace, possibly none in this frame.</param>
    /// <param name="options">The limits for JSON.</param>
    /// <returns>False if no template can be made from the frame.</returns>
    public bool TryMake(
        ReadOnlySpan<byte> frame,
        int dataStart,
        int dataLength,
        int excess,
        FrameTrace trace,
        FrameTemplate? like,
        ulong fields,
        bool padsEnd,
        DecoderOptions options
    )
    {
        Clear();
        if (frame.Length >= ushort.MaxValue)
            return false;
        bool isAlike = like is not null && like._ignoredCount == trace.Ignored.Length;
        ulong variable = isAlike ? like!._variable | fields : 0;
        bool isPadded = like is { _isPadded: true };
        int padding = -1;
        if (like is not null)
        {
            var (at, there) = like.FindDifference(frame);
            if (Find(trace.Ignored, at - dataStart) is var ordinal and >= 0)
            {
                if (isAlike)
                    variable |= 1UL << ordinal;
            }
            else if (at < frame.Length && there < like._length && (frame[at] == (byte)' ' || like._bytes[there] == (byte)' '))
            {
                padding = at;
                isPadded = true;
            }
        }
        if (!_holes.TryAdd(HoleKind.Piece, dataStart + trace.Piece.Start, dataStart + trace.Piece.End))
            return false;
        if (
            trace.Copy is not null
            && trace.Copied != trace.Piece
            && !_holes.TryAdd(HoleKind.Echo, dataStart + trace.Copied.Start, dataStart + trace.Copied.End)
        )
        {
            return false;
        }

        for (int i = 0; i < trace.Ignored.Length; i++)
        {
            var (start, end) = trace.Ignored[i];
            if (
                (variable >> i & 1) != 0
                && !_holes.TryAddScalars(frame[(dataStart + start)..(dataStart + end)], dataStart + start, options)
            )
            {
                return false;
            }
        }
        if (trace.Deferred is var (from, to) and not (0, 0))
        {
            if (
                !_holes.TryAdd(HoleKind.DeferredStart, dataStart + from, dataStart + from)
                || !_holes.TryAddCounts(frame[(dataStart + from)..(dataStart + to)], dataStart + from, options)
                || !_holes.TryAdd(HoleKind.DeferredEnd, dataStart + to, dataStart + to)
            )
            {
                return false;
            }
        }
        if ((isPadded || padsEnd) && !_holes.TryAddPadding(frame.Slice(dataStart, dataLength), dataStart, padding, padsEnd, options))
            return false;

        if (!_holes.TrySort())
            return false;
        if (_bytes.Length < frame.Length)
        {
            // Not the pool's power of two, which is up to twice as much for as long as the stream waits. Pieces differ by a few bytes only.
            _bytes = GC.AllocateUninitializedArray<byte>((frame.Length + 15) & ~15);
        }
        frame.CopyTo(_bytes);
        _length = (ushort)frame.Length;
        _variable = variable;
        _isPadded = isPadded;
        _ignoredCount = (byte)trace.Ignored.Length;
        DataStart = (ushort)dataStart;
        FramingLength = (ushort)(frame.Length - dataLength);
        MinLength = (ushort)(frame.Length + 1);
        foreach (ref readonly var hole in Holes)
            MinLength -= (ushort)(hole.End - hole.Start);
        HasDeferred = trace.Deferred != default;
        CountsFirst = trace.CountsFirst;
        Excess = (byte)excess;
        Target = trace.Target;
        Text = Target as TextRun;
        Copy = trace.Copy;
        _copyOverhead = (ushort)trace.CopyOverhead;
        IsPlain = Holes.Length == 1 && Copy is null;
        PieceStart = Holes[0].Start;
        _suffixLength = (ushort)(_length - Holes[0].End);
        return true;
    }

    /// <summary>Whether the piece of a frame that fits can be kept in the second place, if there is one.</summary>
    public bool CanAppendCopy(in FrameMatch match, EventBuffer events) =>
        Copy is null || Copy.CanAppend(match.PieceLength + _copyOverhead, events);

    /// <summary>Keeps the piece of a frame that fits in the second place, if there is one.</summary>
    public void AppendCopy(ReadOnlySpan<byte> piece, EventBuffer events) => Copy?.Append(piece, piece.Length + _copyOverhead, events);

    /// <summary>Finds the ignored value at which another template's own frame differs from this one.</summary>
    /// <param name="like">The other template, from which this one was made.</param>
    /// <param name="trace">What the read of this template's frame found out.</param>
    /// <param name="fields">Receives the value.</param>
    /// <returns>False if there is no such value, or it was added already.</returns>
    public bool TryFindField(FrameTemplate like, FrameTrace trace, ref ulong fields)
    {
        int ordinal = like._ignoredCount == _ignoredCount ? Find(trace.Ignored, FindDifference(like.Bytes).Template - DataStart) : -1;
        if (ordinal < 0 || (_variable >> ordinal & 1) != 0)
            return false;
        fields |= 1UL << ordinal;
        return true;
    }

    /// <summary>Whether another template's own frame fits this one.</summary>
    public bool Covers(FrameTemplate other)
    {
        var match = default(FrameMatch);
        return other.Target == Target && TryMatch(other.Bytes, ref match) && match.Length == other._length;
    }

    /// <summary>Forgets the frame; the template can be made again.</summary>
    public void Clear()
    {
        Target = Text = null;
        Copy = null;
        IsStale = false;
        _length = 0;
        _holes.Clear();
    }

    /// <summary>Keeps the bytes for the next stream, unless there are many.</summary>
    public void Return()
    {
        if (_bytes.Length > MaxKept)
            _bytes = [];
    }

    // Most of the bytes between two holes fit into one vector, of which only the bytes that count are compared.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool StartsWith(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> bytes, int length)
    {
        if (
            length <= Vector256<byte>.Count
            && Vector256.IsHardwareAccelerated
            && frame.Length >= Vector256<byte>.Count
            && bytes.Length >= Vector256<byte>.Count
        )
        {
            uint same = Vector256.Equals(Vector256.Create(frame), Vector256.Create(bytes)).ExtractMostSignificantBits();
            return (uint)((ulong)~same << (Vector256<byte>.Count - length)) == 0;
        }
        return frame.Length >= length && frame[..length].SequenceEqual(bytes[..length]);
    }

    // Most numbers are as long as in the frame before, and the byte that follows them there cannot be part of a number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNumberLike(ReadOnlySpan<byte> json, byte behind, int length) =>
        JsonLexer.StartsWithDigits(json, length) && json[length] == behind;

    private static int Measure(HoleKind kind, ReadOnlySpan<byte> json, int at, ref FrameMatch match)
    {
        switch (kind)
        {
            case HoleKind.Piece or HoleKind.Echo or HoleKind.Text:
                return JsonLexer.String(json);
            case HoleKind.Number:
                return JsonLexer.Number(json);
            case HoleKind.Count:
                return JsonLexer.Count(json);
            case HoleKind.Numbers:
                return JsonLexer.Numbers(json);
            case HoleKind.Spaces:
                return JsonLexer.Spaces(json);
            case HoleKind.DeferredStart:
                match.DeferredStart = at;
                return 0;
            default:
                match.DeferredEnd = at;
                return 0;
        }
    }

    // A value that got longer or shorter first differs just after its end.
    private static int Find(ReadOnlySpan<(int Start, int End)> ranges, int at)
    {
        for (int i = 0; i < ranges.Length; i++)
        {
            if (at >= ranges[i].Start && at <= ranges[i].End)
                return i;
        }
        return -1;
    }
}
