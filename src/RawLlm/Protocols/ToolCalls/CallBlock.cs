namespace RawLlm.Protocols;

/// <summary>A function call of a wire that itself says to which call a fragment belongs; one of the calls of <see cref="CallBlocks"/>.</summary>
internal sealed class CallBlock(CallBlocks calls, int choice, int part) : PieceTarget(StreamEventKind.ToolArguments, choice, part)
{
    /// <summary>True for a call whose input is plain text, which is given as it is.</summary>
    public bool IsText { get; init; }

    /// <summary>True when the service said that this call is not whole, whatever became of the rest of the answer.</summary>
    public bool IsCut { get; set; }

    /// <summary>True when the service ran the call itself and has given its result: it waits for nobody.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>True when the arguments are one value that a reader has already been over.</summary>
    public bool IsRead { get; set; }

    public PooledBytes Arguments;

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);

    public override Span<byte> Reserve(int most) => Arguments.Reserve(most);

    public override bool TryTake(int length, EventBuffer events) => calls.TryTake(this, length, events);

    public override ReadOnlySpan<byte> Taken(int length) => length <= Arguments.Length ? Arguments.Span[^length..] : default;
}
