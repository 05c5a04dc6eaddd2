namespace RawLlm.Protocols;

/// <summary>Where a wire divides the tokens that were written, in the wire's own names; for quirks.</summary>
internal sealed record OutputDetailPlaces(string Reasoning, string Audio, string Accepted, string Rejected);
