using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What the full read of one frame found out that helps to read the next one: its piece, and what was passed over.</summary>
/// <remarks>Ranges are offsets in the frame's data. What does not lie in it, because it was decoded into another buffer, is not recorded.</remarks>
internal sealed class FrameTrace
{
    /// <summary>How many ignored values are remembered; more than that, and no template is made.</summary>
    public const int MostIgnored = 64;

    // One for all streams of a thread: a full read never waits, so that one is under way at a time.
    [ThreadStatic]
    private static FrameTrace? spare;

    private (int Start, int End)[] _ignored = new (int, int)[8];
    private ReadOnlyMemory<byte> _data;
    private int _ignoredCount;
    private int _pieceCount;
    private bool _isFull;

    /// <summary>Says that the frame changed nothing but what its piece changes, so that another one that differs in piece and ignored values alone does the same.</summary>
    /// <remarks>Set by the decoder at the end of such a frame. After any other frame all templates are forgotten, because what they stand for may have changed.</remarks>
    public bool IsRepeatable { get; set; }

    /// <summary>What the piece was added to; null unless there was exactly one.</summary>
    public PieceTarget? Target { get; private set; }

    /// <summary>The piece between its quotes.</summary>
    public (int Start, int End) Piece { get; private set; }

    /// <summary>What keeps the piece once more; null where nothing does.</summary>
    public PieceCopy? Copy { get; private set; }

    /// <summary>The piece where it is said once more, or the same as <see cref="Piece"/>.</summary>
    public (int Start, int End) Copied { get; private set; }

    /// <summary>How many bytes beside those of the piece are kept with it.</summary>
    public int BesideCopied { get; private set; }

    /// <summary>An object of counts that need not be read before something asks for them; empty when there is none.</summary>
    public (int Start, int End) Deferred { get; private set; }

    /// <summary>The values that were passed over, whatever they hold.</summary>
    public ReadOnlySpan<(int Start, int End)> Ignored => _ignored.AsSpan(0, _ignoredCount);

    public static FrameTrace Borrow()
    {
        var trace = spare ?? new FrameTrace();
        spare = null;
        return trace;
    }

    /// <summary>Gives it back; it may not be used any more.</summary>
    public void Return()
    {
        Begin(default);
        spare = this;
    }

    /// <summary>Begins a frame.</summary>
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
    public void Note(PieceTarget target, ReadOnlySpan<byte> raw)
    {
        bool isFound = TryFind(raw, out int start);
        Target = _pieceCount++ == 0 && isFound ? target : null;
        Piece = (start, start + raw.Length);
    }

    /// <summary>Records that the piece is kept once more.</summary>
    /// <param name="copy">What keeps it.</param>
    /// <param name="raw">The piece, where it stands for that.</param>
    /// <param name="beside">How many bytes are counted beside it.</param>
    public void NoteCopy(PieceCopy copy, ReadOnlySpan<byte> raw, int beside)
    {
        bool isFound = TryFind(raw, out int start);
        _isFull |= Copy is not null || !isFound;
        Copy = copy;
        Copied = (start, start + raw.Length);
        BesideCopied = beside;
    }

    /// <summary>Passes over the value of the property that the reader stands on, and records it.</summary>
    public void Ignore(scoped ref Utf8JsonReader reader)
    {
        // The reader may be one over a part of the frame: the name tells where that part begins.
        bool isFound = TryFind(reader.ValueSpan, out int start);
        int origin = start - 1 - (int)reader.TokenStartIndex;
        reader.Read();
        start = origin + (int)reader.TokenStartIndex;
        reader.Skip();
        Add(isFound, start, origin + (int)reader.BytesConsumed);
    }

    /// <summary>Records a string that turned out to mean nothing.</summary>
    public void Ignore(JsonText text)
    {
        if (text.IsEmpty)
            return;
        bool isFound = TryFind(text.Raw, out int start);
        Add(isFound, start - 1, start + text.Raw.Length + 1);
    }

    /// <summary>Says that the frame stands for no other, whatever else is recorded of it.</summary>
    public void Reject() => _isFull = true;

    /// <summary>True where the counts are taken before the piece, although they stand behind it.</summary>
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

    /// <summary>Whether a template can be made of the frame.</summary>
    public bool IsUsable => IsRepeatable && !_isFull && Target is not null && (Copy is null || Copied == Piece || Text(Copied).SequenceEqual(Text(Piece)));

    private ReadOnlySpan<byte> Text((int Start, int End) range) => _data.Span[range.Start..range.End];

    private void Add(bool isFound, int start, int end)
    {
        _isFull |= !isFound || _ignoredCount == MostIgnored;
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
