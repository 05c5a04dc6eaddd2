namespace RawLlm.Protocols;

/// <summary>The members of one element of a list of tool calls. Any of them may be missing, and they arrive in any order.</summary>
internal ref struct ToolCallFields
{
    public ToolCallDelta Call;
    public JsonText Type;

    /// <summary>True once an object was read that describes the function.</summary>
    public bool HasFunction;

    /// <summary>True once a member of that object was read outside of it.</summary>
    public bool IsFlat;

    /// <summary>The data that goes back with the call, as JSON: Gemini's object, or Venice's signature.</summary>
    public ReadOnlySpan<byte> Extra;
    public ReadOnlySpan<byte> Signature;
}
