namespace RawLlm.Cli.Output;

/// <summary>Whoever read the output reads no more: there is nobody left to answer.</summary>
internal sealed class OutputClosedException(IOException inner) : IOException("The output was closed.", inner);
