namespace RawLlm.Protocols;

/// <summary>The wire's own names for the parts of a tool call, for quirks.</summary>
internal sealed record CallPlaces(string Id, string Name, string Arguments);
