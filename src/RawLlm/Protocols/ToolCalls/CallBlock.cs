namespace RawLlm.Protocols;

/// <summary>A tool call on a wire that states to which call a fragment belongs; one of the calls of <see cref="CallBlocks"/>.</summary>
internal sealed class CallBlock(CallBlocks calls, int choice, int part) : GrowingCall(choice, part)
{
    /// <summary>The ID from the service, or the one created instead, before it was made unique.</summary>
    public required string WireId { get; init; }

    /// <summary>Whether the input of the call is plain text, which is returned as it is.</summary>
    public bool IsText { get; init; }

    /// <summary>Whether the service said that this call is incomplete, regardless of the rest of the answer.</summary>
    public bool IsCut { get; set; }

    /// <summary>Whether the service ran the call itself and has sent its result, so that the call needs no answer.</summary>
    public bool IsAnswered { get; set; }

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);

    public override bool TryAppend(int length, EventBuffer events) => calls.TryAppend(this, length, events);
}
