namespace RawLlm.Cli;

/// <summary>The command line itself is wrong; the message says how, and what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
