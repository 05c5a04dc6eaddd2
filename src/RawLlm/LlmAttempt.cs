namespace RawLlm;

/// <summary>One try at a call that failed, as <see cref="LlmException.Attempts"/> and <see cref="ChatReply.Attempts"/> list them.</summary>
/// <remarks>It says what the error of the try said, and holds no more than that: no key, nothing of the conversation, and of the service's own words at most <see cref="LlmLimits.ErrorTextCharacters"/>.</remarks>
/// <param name="Endpoint">Provider and model.</param>
/// <param name="Kind">What went wrong.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record LlmAttempt(string Endpoint, LlmErrorKind Kind, TimeSpan Elapsed)
{
    /// <summary>True where the service may bill the try though it gave no answer: it was sent, and the service did not refuse it. What it used is not known.</summary>
    public bool MayBeBilled { get; init; }

    /// <summary>The HTTP status, when there was one (<see cref="LlmException.Status"/>).</summary>
    public int? Status { get; init; }

    /// <summary>The service's own code or type of the error (<see cref="LlmException.ProviderCode"/>).</summary>
    public string? ProviderCode { get; init; }

    /// <summary>The service's id of the request, for its support (<see cref="LlmException.RequestId"/>).</summary>
    public string? RequestId { get; init; }

    /// <summary>What the error said (<see cref="Exception.Message"/>); null where nothing failed (<see cref="LlmErrorKind.HedgeLost"/>).</summary>
    public string? Message { get; init; }

    /// <summary>The try that an error ended.</summary>
    /// <param name="endpoint">Provider and model.</param>
    /// <param name="failure">The error, without secrets.</param>
    /// <param name="elapsed">How long it took.</param>
    internal static LlmAttempt Of(string endpoint, LlmException failure, TimeSpan elapsed) => new(endpoint, failure.Kind, elapsed)
    {
        Status = failure.Status,
        ProviderCode = failure.ProviderCode,
        RequestId = failure.RequestId,
        Message = failure.Message,
    };

    /// <summary>Provider and model, as <see cref="Endpoint"/> names them.</summary>
    internal static string EndpointOf(Provider provider, string model) => $"{provider.Name}:{model}";
}
