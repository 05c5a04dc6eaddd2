namespace RawLlm.Cli.Demo;

/// <summary>A request that is refused, in the shape in which services refuse.</summary>
internal sealed class DemoFault(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;
}
