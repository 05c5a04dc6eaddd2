namespace RawLlm.Cli;

/// <summary>What the program tells its caller; the help texts list the same numbers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Incomplete = 3;
    public const int Cancelled = 130;

    /// <summary>As a shell sees a program that a closed pipe has ended: 128 and the number of SIGPIPE.</summary>
    public const int OutputClosed = 141;
}
