namespace RawLlm.Protocols;

/// <summary>What one element of a list of calls says; every member may be missing, and they come in any order.</summary>
internal ref struct ToolCallFields
{
    public ToolCallDelta Call;
    public JsonText Type;

    /// <summary>True once an object came that describes the function.</summary>
    public bool HasFunction;

    /// <summary>True once a member of that object stood beside it, or in its place.</summary>
    public bool IsFlat;

    /// <summary>What goes back with the call, as JSON: Gemini's object, or Venice's signature.</summary>
    public ReadOnlySpan<byte> Extra;
    public ReadOnlySpan<byte> Signature;
}
