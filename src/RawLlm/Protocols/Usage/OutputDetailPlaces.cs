namespace RawLlm.Protocols;

/// <summary>The wire's own names for the details of the output tokens, for quirks.</summary>
internal sealed record OutputDetailPlaces(string Reasoning, string Audio, string Accepted, string Rejected);
