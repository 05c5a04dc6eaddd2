using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What the full read of one frame finds out that helps to read the next one: its piece, and the ignored values.</summary>
/// <remarks>Ranges are offsets in the frame's data. Values outside it, because they were decoded into another buffer, are not
/// recorded.</remarks>
internal sealed class FrameTrace
{
    /// <summary>The maximum number of recorded ignored values. With more, no template is made.</summary>
    public const int MaxIgnored = 64;

    // One for all streams of a thread: a full read never waits, so only one is in progress at a time.
    [ThreadStatic]
    private static FrameTrace? spare;

    private (int Start, int End)[] _ignored = new (int, int)[8];
    private ReadOnlyMemory<byte> _data;
    private int _ignoredCount;
    private int _pieceCount;
    private bool _isFull;

    /// <summary>
    /// Whether the frame changed nothing apart from what its piece changes, so that a frame that differs only in the piece and in ignored
    /// values has the same effect.
    /// </summary>
    /// <remarks>Set by the decoder at the end of such a frame. After any other frame all templates become stale, because their meaning may
    /// have changed.</remarks>
    public bool IsRepeatable { get; set; }

    /// <summary>The target that the piece was added to; null unless there was exactly one piece.</summary>
    public PieceTarget? Target { get; private set; }

    /// <summary>The range of the piece, between its quotes.</summary>
    public (int Start, int End) Piece { get; private set; }

    /// <summary>The second place that keeps the piece; null if there is none.</summary>
    public PieceCopy? Copy { get; private set; }

    /// <summary>The range where the frame repeats the piece, or the same as <see cref="Piece"/>.</summary>
    public (int Start, int End) Copied { get; private set; }

    /// <summary>How many bytes are kept in addition to those of the piece.</summary>
    public int CopyOverhead { get; private set; }

    /// <summary>An object of counts that is read only when something asks for it; empty if there is none.</summary>
    public (int Start, int End) Deferred { get; private set; }

    /// <summary>The ignored values, whatever they contain.</summary>
    public ReadOnlySpan<(int Start, int End)> Ignored => _ignored.AsSpan(0, _ignoredCount);

    public static FrameTrace Borrow()
    {
        var trace = spare ?? new FrameTrace();
        spare = null;
        return trace;
    }

    /// <summary>Returns the trace for reuse; it must not be used any more.</summary>
    public void Return()
    {
        Begin(default);
        spare = this;
    }

    /// <summary>Starts the record of a frame.</summary>
    public void Begin(ReadOnlyMemory<byte> data)
    {
        _data = data;
        _ignoredCount = _pieceCount = 0;
        _isFull = IsRepeatable = CountsFirst = false;
        Target = null;
        Copy = null;
        Piece = Copied = Deferred = default;
    }

    /// <summary>Records a piece.</summary>
    public void RecordPiece(PieceTarget target, ReadOnlySpan<byte> raw)
    {
        bool isFound = TryFind(raw, out int start);
        Target = _pieceCount++ == 0 && isFound ? target : null;
        Piece = (start, start + raw.Length);
    }

    /// <summary>Records that the piece is also kept in a second place.</summary>
    /// <param name="copy">The place that keeps it.</param>
    /// <param name="raw">The piece that is kept there.</param>
    /// <param name="overhead">How many bytes are counted in addition to it.</param>
    public void RecordCopy(PieceCopy copy, ReadOnlySpan<byte> raw, int overhead)
    {
        bool isFound = TryFind(raw, out int start);
        _isFull |= Copy is not null || !isFound;
        Copy = copy;
        Copied = (start, start + raw.Length);
        CopyOverhead = overhead;
    }

    /// <summary>Skips the value of the property that the reader is on, and records it as ignored.</summary>
    public void Ignore(scoped ref Utf8JsonReader reader)
    {
        // The reader may cover only part of the frame: the position of the name tells where that part begins.
        bool isFound = TryFind(reader.ValueSpan, out int start);
        int origin = start - 1 - (int)reader.TokenStartIndex;
        reader.Read();
        start = origin + (int)reader.TokenStartIndex;
        reader.Skip();
        Add(isFound, start, origin + (int)reader.BytesConsumed);
    }

    /// <summary>Records a string that turned out to have no meaning.</summary>
    public void Ignore(JsonText text)
    {
        if (text.IsEmpty)
            return;
        bool isFound = TryFind(text.Raw, out int start);
        Add(isFound, start - 1, start + text.Raw.Length + 1);
    }

    /// <summary>Prevents a template from being made of the frame, whatever else is recorded.</summary>
    public void Reject() => _isFull = true;

    /// <summary>Whether the counts are applied before the piece, although they come after it.</summary>
    public bool CountsFirst { get; private set; }

    /// <summary>Records an object of counts.</summary>
    public void Defer(ReadOnlySpan<byte> json, bool first = false)
    {
        CountsFirst = first;
        if (Deferred != default || !TryFind(json, out int start))
            _isFull = true;
        else
            Deferred = (start, start + json.Length);
    }

    /// <summary>Whether a template can be made from the frame.</summary>
    public bool IsUsable =>
        IsRepeatable && !_isFull && Target is not null && (Copy is null || Copied == Piece || Text(Copied).SequenceEqual(Text(Piece)));

    private ReadOnlySpan<byte> Text((int Start, int End) range) => _data.Span[range.Start..range.End];

    private void Add(bool isFound, int start, int end)
    {
        _isFull |= !isFound || _ignoredCount == MaxIgnored;
        if (_isFull)
            return;
        if (_ignoredCount == _ignored.Length)
            Array.Resize(ref _ignored, 2 * _ignoredCount);
        _ignored[_ignoredCount++] = (start, end);
    }

    private bool TryFind(ReadOnlySpan<byte> bytes, out int start)
    {
        start = 0;
        return !bytes.IsEmpty && _data.Span.Overlaps(bytes, out start);
    }
}
