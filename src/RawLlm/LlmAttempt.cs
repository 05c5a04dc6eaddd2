namespace RawLlm;

/// <summary>One try at a call, as <see cref="LlmException.Attempts"/> lists them.</summary>
/// <param name="Endpoint">Provider and model.</param>
/// <param name="Kind">What went wrong.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record LlmAttempt(string Endpoint, LlmErrorKind Kind, TimeSpan Elapsed);
