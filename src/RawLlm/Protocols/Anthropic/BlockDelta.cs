namespace RawLlm.Protocols;

/// <summary>The <c>delta</c> of one event: of a content block, or of the message.</summary>
internal ref struct BlockDelta
{
    public BlockDeltaKind Kind;
    public bool HasType;
    public JsonText Text;
    public JsonText Thinking;
    public JsonText PartialJson;
    public JsonText Signature;

    /// <summary>The fragment as a JSON value, where a server sends one in place of text.</summary>
    public ReadOnlySpan<byte> PartialValue;

    public ReadOnlySpan<byte> Citation;
    public JsonText StopReason;
    public bool HasStopSequence;

    /// <summary>Where the service runs code for the conversation.</summary>
    public ReadOnlySpan<byte> Container;

    /// <summary>The usage, where a server puts it beside the stop reason in place of beside the delta.</summary>
    public ReadOnlySpan<byte> Usage;

    /// <summary>The whole object.</summary>
    public ReadOnlySpan<byte> Raw;
}
