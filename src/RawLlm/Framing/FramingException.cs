namespace RawLlm.Framing;

/// <summary>Bytes that break the rules of their framing; the client turns it into an error of its own before anyone outside sees it.</summary>
public sealed class FramingException(string message) : Exception(message);
