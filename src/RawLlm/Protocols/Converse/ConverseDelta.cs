namespace RawLlm.Protocols;

/// <summary>The <c>delta</c> of one event: a union, of which one member is there.</summary>
internal ref struct ConverseDelta
{
    public ConverseDeltaKind Kind;

    /// <summary>Text, or thoughts.</summary>
    public JsonText Text;

    public JsonText Signature;

    /// <summary>Thoughts that only the service can read, as base64.</summary>
    public JsonText Redacted;

    /// <summary>A fragment of a call's input.</summary>
    public JsonText Input;

    /// <summary>The input as a JSON value, where a server sends one in place of text.</summary>
    public ReadOnlySpan<byte> InputValue;

    /// <summary>The name of a member that is not known here, between its quotes.</summary>
    public ReadOnlySpan<byte> Name;

    /// <summary>A citation, or the value of a member that is not known here.</summary>
    public ReadOnlySpan<byte> Value;
}
