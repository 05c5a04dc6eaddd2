namespace RawLlm.Protocols;

/// <summary>A function call on its way: what is known of it so far.</summary>
internal sealed class AssembledCall
{
    public required int Part { get; init; }

    /// <summary>The wire's number of the call; -1 when it gave none.</summary>
    public required int WireIndex { get; init; }

    public string? Id;
    public byte[] IdUtf8 = [];
    public string? Name;
    public byte[] NameUtf8 = [];
    public PooledBytes Arguments;
    public char Pending;
    public bool IsStarted;

    /// <summary>How many bytes of the arguments have been given out as fragments.</summary>
    public int Given;

    public bool HasWholeArguments => Arguments.Length > 0 && WireJson.IsWhole(Arguments.Span);

    public bool IsNamed(in JsonText name) => name.Is(NameUtf8);
}
