namespace RawLlm;

/// <summary>
/// One unsuccessful attempt within a call, as listed in <see cref="LlmException.Attempts"/> and <see cref="ChatReply.Attempts"/>.
/// </summary>
/// <remarks>
/// It repeats what the attempt's error said and nothing more: no key, nothing of the conversation,
/// and at most <see cref="LlmLimits.ErrorTextCharacters"/> of the service's own text.
/// </remarks>
/// <param name="Endpoint">The provider and the model, as in <c>openai:gpt-5</c>.</param>
/// <param name="Kind">What went wrong.</param>
/// <param name="Elapsed">How long the attempt took.</param>
public sealed record LlmAttempt(string Endpoint, LlmErrorKind Kind, TimeSpan Elapsed)
{
    /// <summary>
    /// Whether the service may bill the attempt although it returned no answer: the
    /// request was sent, and the service did not refuse it. What it used is unknown.
    /// </summary>
    public bool MayBeBilled { get; init; }

    /// <summary>The HTTP status, if there was one (<see cref="LlmException.Status"/>).</summary>
    public int? Status { get; init; }

    /// <summary>The service's own error code or type (<see cref="LlmException.ProviderCode"/>).</summary>
    public string? ProviderCode { get; init; }

    /// <summary>The service's request ID, to quote to its support (<see cref="LlmException.RequestId"/>).</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// The error's message (<see cref="Exception.Message"/>); null if nothing failed (<see cref="LlmErrorKind.HedgeLost"/>).
    /// </summary>
    public string? Message { get; init; }

    /// <summary>Creates the attempt that ended with an error.</summary>
    /// <param name="endpoint">The provider and the model.</param>
    /// <param name="failure">The error, without secrets.</param>
    /// <param name="elapsed">How long the attempt took.</param>
    internal static LlmAttempt Of(string endpoint, LlmException failure, TimeSpan elapsed) =>
        new(endpoint, failure.Kind, elapsed)
        {
            Status = failure.Status,
            ProviderCode = failure.ProviderCode,
            RequestId = failure.RequestId,
            Message = failure.Message,
        };

    /// <summary>Returns the provider and the model in the form of <see cref="Endpoint"/>.</summary>
    internal static string EndpointOf(Provider provider, string model) => $"{provider.Name}:{model}";
}
