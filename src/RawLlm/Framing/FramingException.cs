namespace RawLlm.Framing;

/// <summary>
/// The exception for bytes that break the rules of their framing. The client converts it to an error of its own before callers see it.
/// </summary>
public sealed class FramingException(string message) : Exception(message);
