namespace RawLlm.Protocols;

/// <summary>What one event says of a function call; every member may be missing.</summary>
internal ref struct ToolCallDelta
{
    public ToolCallDelta()
    {
    }

    /// <summary>The wire's number of the call; -1 when it gave none.</summary>
    public int Index = -1;

    /// <summary>Its place in a list of several entries that have no numbers; -1 where it has a number, or is the only one.</summary>
    public int Position = -1;

    public JsonText Id;
    public JsonText Name;

    /// <summary>A fragment of the arguments' text.</summary>
    public JsonText Arguments;

    /// <summary>The arguments as a JSON value, where the service sends one in place of text.</summary>
    public ReadOnlySpan<byte> ArgumentsValue;

    /// <summary>True for a call of a tool whose input is any text, and no JSON.</summary>
    public bool IsCustom;

    /// <summary>True for an entry that says nothing of a call.</summary>
    public readonly bool IsEmpty => Id.IsEmpty && Name.IsEmpty && Arguments.IsEmpty && ArgumentsValue.IsEmpty;

    /// <summary>True for an entry of a whole message: it is a call of its own, whatever it shares with others.</summary>
    public bool IsWhole;
}
