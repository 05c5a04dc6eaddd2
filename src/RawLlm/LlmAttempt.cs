namespace RawLlm;

/// <summary>One try at a call, as <see cref="LlmException.Attempts"/> lists them.</summary>
/// <param name="Endpoint">Provider and model.</param>
/// <param name="Kind">What went wrong.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record LlmAttempt(string Endpoint, LlmErrorKind Kind, TimeSpan Elapsed)
{
    /// <summary>True where the service may bill the try though it gave no answer: it was sent, and the service did not refuse it. What it used is not known.</summary>
    public bool MayBeBilled { get; init; }

    /// <summary>Provider and model, as <see cref="Endpoint"/> names them.</summary>
    internal static string EndpointOf(Provider provider, string model) => $"{provider.Name}:{model}";
}
