namespace RawLlm.Cli.Doctor;

/// <summary>Everything that the examination of an endpoint found.</summary>
/// <param name="Provider">The service with the settings that the checks needed.</param>
/// <param name="Model">The model that was asked; null if none could be found.</param>
/// <param name="Findings">One finding per check, in the order of the checks.</param>
/// <param name="Quirks">The tolerated deviations in the answers.</param>
/// <param name="Timing">The speed of a stream; null if none arrived.</param>
/// <param name="Expression">The C# expression that creates the provider.</param>
/// <param name="Options">The C# expression of the options that a client also needs; null if it needs none.</param>
internal sealed record Diagnosis(
    Provider Provider,
    string? Model,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Quirk> Quirks,
    StreamTiming? Timing,
    string Expression,
    string? Options
)
{
    /// <summary>Whether the endpoint can stream an answer.</summary>
    public bool IsUsable => Findings.Any(finding => finding is { Check: Checks.Stream, Verdict: Verdict.Works or Verdict.Differs });
}
