namespace RawLlm.Cli;

/// <summary>An error in the command line itself; the message says what is wrong and how to correct it.</summary>
internal sealed class UsageException(string message) : Exception(message);
