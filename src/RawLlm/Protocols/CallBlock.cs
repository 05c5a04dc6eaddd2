namespace RawLlm.Protocols;

/// <summary>A function call of a wire that itself says to which call a fragment belongs; one of the calls of <see cref="CallBlocks"/>.</summary>
internal sealed class CallBlock(CallBlocks calls) : PieceTarget
{
    /// <summary>The number of the call's part within the choice.</summary>
    public required int Part { get; init; }

    /// <summary>The call's id: the service's, or one made here.</summary>
    public required string Id { get; init; }

    /// <summary>The function's name; empty when the service gave none.</summary>
    public required string Name { get; init; }

    /// <summary>True for a call whose input is plain text, which is given as it is.</summary>
    public bool IsText { get; init; }

    /// <summary>True when the service said that this call is not whole, whatever became of the rest of the answer.</summary>
    public bool IsCut { get; set; }

    public PooledBytes Arguments;

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);
}
