using System.Globalization;

namespace RawLlm.Tests.Support;

/// <summary>How many cases a test runs: its usual number, the number for RAWLLM_LONG=1, or the value of the test's own variable.</summary>
internal static class LongRun
{
    // Add the variable of a new test here, because such a test may take hours.
    private static readonly string[] Counts =
    [
        "RAWLLM_SSE_CASES",
        "RAWLLM_FUZZ_CASES",
        "RAWLLM_PREDICTION_CASES",
        "RAWLLM_KEPT_CASES",
        "RAWLLM_SEEDS",
        "RAWLLM_CUTS",
        "RAWLLM_STREAMS",
    ];

    public static bool Is { get; } = Environment.GetEnvironmentVariable("RAWLLM_LONG") == "1";

    /// <summary>Whether any test runs more than its usual number.</summary>
    public static bool IsAsked { get; } =
        Is || Counts.Any(static variable => Environment.GetEnvironmentVariable(variable) is { Length: > 0 });

    public static long Count(string variable, long usual, long atLength) =>
        !Counts.Contains(variable) ? throw new ArgumentException($"{variable} is not among the counts of tests.", nameof(variable))
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture)
        : Is ? atLength
        : usual;
}
