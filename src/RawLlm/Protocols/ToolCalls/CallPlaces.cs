namespace RawLlm.Protocols;

/// <summary>Where a wire keeps what belongs to a function call, in the wire's own names; for quirks.</summary>
internal sealed record CallPlaces(string Id, string Name, string Arguments);
