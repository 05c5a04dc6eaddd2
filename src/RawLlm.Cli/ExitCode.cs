namespace RawLlm.Cli;

/// <summary>The exit codes of the program; the help texts list the same numbers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Incomplete = 3;
    public const int Cancelled = 130;

    /// <summary>What a shell reports for a program that a closed pipe ended: 128 plus the number of SIGPIPE.</summary>
    public const int OutputClosed = 141;
}
