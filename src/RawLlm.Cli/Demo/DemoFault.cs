namespace RawLlm.Cli.Demo;

/// <summary>An error response to a request, with the fields that services send.</summary>
internal sealed class DemoFault(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;
}
