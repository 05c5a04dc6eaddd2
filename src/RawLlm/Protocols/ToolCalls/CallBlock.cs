namespace RawLlm.Protocols;

/// <summary>A tool call on a wire that states to which call a fragment belongs; one of the calls of <see cref="CallBlocks"/>.</summary>
internal sealed class CallBlock(CallBlocks calls, int choice, int part) : PieceTarget(StreamEventKind.ToolArguments, choice, part)
{
    /// <summary>The ID from the service, or the one created instead, before it was made unique.</summary>
    public required string WireId { get; init; }

    /// <summary>Whether the input of the call is plain text, which is returned as it is.</summary>
    public bool IsText { get; init; }

    /// <summary>Whether the service said that this call is incomplete, regardless of the rest of the answer.</summary>
    public bool IsCut { get; set; }

    /// <summary>Whether the service ran the call itself and has sent its result, so that the call needs no answer.</summary>
    public bool IsAnswered { get; set; }

    public PooledBytes Arguments;

    private GrowingJson _json;

    /// <summary>Whether the arguments so far are one complete JSON value.</summary>
    public bool HasWholeArguments => _json.IsWhole(Arguments.Span);

    /// <summary>Whether the arguments so far are nothing, null, an empty string or an empty object.</summary>
    public bool HasEmptyArguments => _json.IsEmpty(Arguments.Span);

    /// <summary>Records that the arguments so far are one value that a JSON reader has already validated.</summary>
    public void SayWhole() => _json.SayWhole(Arguments.Length);

    /// <summary>Removes the arguments, because others take their place.</summary>
    public void ClearArguments()
    {
        Arguments.Clear();
        _json = default;
    }

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);

    public override Span<byte> Reserve(int most) => Arguments.Reserve(most);

    public override bool TryTake(int length, EventBuffer events) => calls.TryTake(this, length, events);

    public override ReadOnlySpan<byte> Taken(int length) => length <= Arguments.Length ? Arguments.Span[^length..] : default;
}
