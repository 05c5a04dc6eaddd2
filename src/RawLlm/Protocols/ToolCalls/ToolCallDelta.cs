namespace RawLlm.Protocols;

/// <summary>What one event contains about a tool call; every member may be missing.</summary>
internal ref struct ToolCallDelta
{
    public ToolCallDelta() { }

    /// <summary>The wire's index of the call; -1 if it sent none.</summary>
    public int Index = -1;

    /// <summary>The position in a list of several entries without indexes; -1 if the entry has an index or is the only one.</summary>
    public int Position = -1;

    /// <summary>The number of calls before the list that contains the entry: those from there on began in the same list.</summary>
    public int ListStart = int.MaxValue;

    public JsonText Id;
    public JsonText Name;

    /// <summary>A fragment of the arguments' text.</summary>
    public JsonText Arguments;

    /// <summary>The arguments as a JSON value, if the service sends one instead of text.</summary>
    public ReadOnlySpan<byte> ArgumentsValue;

    /// <summary>Whether the call is of a tool whose input is free text and not JSON.</summary>
    public bool IsCustom;

    /// <summary>Whether the entry contains nothing about a call.</summary>
    public readonly bool IsEmpty => Id.IsEmpty && Name.IsEmpty && Arguments.IsEmpty && ArgumentsValue.IsEmpty;

    /// <summary>Whether the entry is from a whole message and therefore a call of its own, whatever it shares with others.</summary>
    public bool IsWhole;
}
