namespace RawLlm.Protocols;

/// <summary>The wire's own names for the parts of a tool call, for quirks.</summary>
internal sealed class CallPlaces(string id, string name, string arguments)
{
    public string Id => id;

    public string Name => name;

    public string Arguments => arguments;
}
