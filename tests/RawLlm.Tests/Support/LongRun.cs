using System.Globalization;

namespace RawLlm.Tests.Support;

/// <summary>How much a test does: its usual share, what RAWLLM_LONG=1 asks of all, or what a variable asks of this one.</summary>
internal static class LongRun
{
    // A test that asks for another is to be put here: it may take hours.
    private static readonly string[] Counts =
        ["RAWLLM_SSE_CASES", "RAWLLM_FUZZ_CASES", "RAWLLM_PREDICTION_CASES", "RAWLLM_KEPT_CASES", "RAWLLM_SEEDS", "RAWLLM_CUTS", "RAWLLM_STREAMS"];

    public static bool Is { get; } = Environment.GetEnvironmentVariable("RAWLLM_LONG") == "1";

    /// <summary>Whether more than the usual share is asked of any test.</summary>
    public static bool IsAsked { get; } = Is || Counts.Any(static variable => Environment.GetEnvironmentVariable(variable) is { Length: > 0 });

    public static long Count(string variable, long usual, long atLength) =>
        !Counts.Contains(variable) ? throw new ArgumentException($"{variable} is not among the counts of tests.", nameof(variable))
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : Is ? atLength : usual;
}
