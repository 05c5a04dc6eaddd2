namespace RawLlm.Cli.Doctor;

/// <summary>The outcome of one check.</summary>
/// <param name="Check">What was looked at, by the name that stands in the report.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="Detail">What was seen, on one line.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Detail);
