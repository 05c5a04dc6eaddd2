namespace RawLlm.Cli.Doctor;

/// <summary>All that examining an endpoint found out.</summary>
/// <param name="Provider">The service, as it had to be set up for the checks to pass.</param>
/// <param name="Model">The model that was asked; null when none could be found.</param>
/// <param name="Findings">One for each check, in the order in which they were made.</param>
/// <param name="Quirks">What answers did otherwise than the wire says.</param>
/// <param name="Timing">How fast a stream came; null when none did.</param>
/// <param name="Expression">The C# expression that makes the provider.</param>
/// <param name="Options">The C# expression of the options that a client needs beside it; null when it needs none.</param>
internal sealed record Diagnosis(Provider Provider, string? Model, IReadOnlyList<Finding> Findings, IReadOnlyList<Quirk> Quirks, StreamTiming? Timing, string Expression, string? Options)
{
    /// <summary>False when the endpoint cannot give a streamed answer, which is what it is for.</summary>
    public bool IsUsable => Findings.Any(finding => finding is { Check: Checks.Stream, Verdict: Verdict.Works or Verdict.Differs });
}
