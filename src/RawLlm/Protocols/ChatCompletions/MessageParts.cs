namespace RawLlm.Protocols;

/// <summary>What one message or delta says, as it stands on the wire; what is absent is empty.</summary>
internal ref struct MessageParts
{
    public JsonText Content;
    public JsonText Reasoning;
    public JsonText Refusal;

    // What is not text is read once the order is known; until then it is kept as JSON, because a copy of a reader is larger.
    public ReadOnlySpan<byte> ContentParts;
    public ReadOnlySpan<byte> Details;
    public ReadOnlySpan<byte> ThinkingBlocks;
    public ReadOnlySpan<byte> Calls;
    public ReadOnlySpan<byte> Function;

    public JsonText Opaque;

    public bool HasAudio;
    public bool HasImages;
}
