namespace RawLlm.Cli.Output;

/// <summary>The reader of standard output has closed it.</summary>
internal sealed class OutputClosedException(IOException inner) : IOException("The output was closed.", inner);
