using System.Globalization;

namespace RawLlm.Tests.Support;

/// <summary>How much a test does: its usual share, what RAWLLM_LONG=1 asks of all, or what a variable asks of this one.</summary>
internal static class LongRun
{
    public static bool Is { get; } = Environment.GetEnvironmentVariable("RAWLLM_LONG") == "1";

    public static long Count(string variable, long usual, long atLength) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : Is ? atLength : usual;
}
