namespace RawLlm.Cli.Output;

/// <summary>The output cannot be written, for example because the disk is full; the message says why, as a sentence.</summary>
internal sealed class OutputFailedException(string message, Exception inner) : Exception(message, inner);
