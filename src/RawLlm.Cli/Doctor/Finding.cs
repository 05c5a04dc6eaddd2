namespace RawLlm.Cli.Doctor;

/// <summary>The outcome of one check.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Verdict">The result.</param>
/// <param name="Detail">The details, on one line.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Detail);
