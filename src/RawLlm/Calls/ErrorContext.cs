using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>
/// What a client's errors contain besides the failure itself: the provider, the model and what the answer's head says; and what they must
/// not repeat.
/// </summary>
internal sealed class ErrorContext(LlmClient client)
{
    /// <summary>Adds to an error about an answer what the answer's head says.</summary>
    /// <param name="e">The error.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="wire">The request as it was sent.</param>
    /// <param name="request">The request as it was made; null if the call is not a conversation.</param>
    /// <param name="body">The bytes that the error was read from; empty if it was not read from a body.</param>
    public LlmException Enrich(
        LlmException e,
        HttpAnswer answer,
        WireRequest wire,
        ChatRequest? request,
        ReadOnlySpan<byte> body = default
    ) =>
        e.With(
            provider: client.Provider.Name,
            model: request?.Model ?? client.Model,
            requestId: ResponseHead.RequestId(answer.Headers),
            rateLimits: ResponseHead.RateLimits(answer.Headers),
            redaction: Redaction(KeyHeaders.Secrets(request?.Headers, wire)),
            retryAfter: StatedWait(e, answer),
            body: RetainBody(body),
            headers: Headers(answer, KeyHeaders.Secrets(request?.Headers, wire)),
            hint: KeyHint(e, request),
            usedRequestCredential: UsesOwnCredential(request),
            forbidsRetry: ResponseHead.ShouldRetry(answer.Headers) == false
        );

    /// <summary>Whether a request brings its own key; one in its headers counts only if no credential sends another.</summary>
    public bool UsesOwnCredential(ChatRequest? request) =>
        request is not null
        && (
            (request.Credential ?? client.Credential).IsSecret
                ? request.Credential is not null
                : KeyHeaders.Secrets(request.Headers) is not null
        );

    /// <summary>Returns what is kept of the bytes that an error was read from; usually null, because nothing is kept.</summary>
    public string? RetainBody(ReadOnlySpan<byte> body) =>
        client.Options.KeepRaw && !body.IsEmpty
            ? Encoding.UTF8.GetString(body[..Math.Min(body.Length, client.Options.Limits.ErrorBodyBytes)])
            : null;

    /// <summary>Returns what is kept of an answer's headers; usually nothing.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="secrets">Secrets in the request besides the client's own key; null if there are none.</param>
    public IReadOnlyList<KeyValuePair<string, string>> Headers(HttpAnswer answer, List<string>? secrets) =>
        client.Options.KeepRaw ? KeyHeaders.WithoutSecrets(answer.Headers, Redaction(secrets)) : [];

    /// <summary>Returns the error for something that the service does not offer.</summary>
    public LlmException Unsupported(string message) =>
        new(LlmErrorKind.Unsupported, message) { Provider = client.Provider.Name, Phase = LlmPhase.Configure };

    /// <summary>
    /// Returns the wait that a successful response's head asks for, if its body says that the service is busy; null if it asks for none.
    /// </summary>
    public TimeSpan? StatedWait(LlmException e, HttpAnswer answer) =>
        e.RetryAfter is null
        && e.Meaning is LlmErrorKind.RateLimited or LlmErrorKind.QuotaExhausted or LlmErrorKind.Overloaded or LlmErrorKind.ServerError
            ? ResponseHead.StatedWait(DatedHeaders(answer))
            : null;

    /// <summary>Returns an answer's headers, with the time of its arrival if they contain no date (RFC 9110, section 6.6.1).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DatedHeaders(HttpAnswer answer)
    {
        var headers = answer.Headers;
        // Whole seconds: slightly too early rather than too late, so that the wait is not too short.
        return ResponseHead.Date(headers) is null
            ? [new("Date", client.Options.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)), .. headers]
            : headers;
    }

    // Services reject a wrong key with the same error as a missing key, or one in a place where they do not look.
    private string? KeyHint(LlmException e, ChatRequest? request)
    {
        if (
            e.Kind is not (LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied)
            || e.Phase != LlmPhase.AwaitHeaders
            || e.Provider is not null
        )
        {
            return null;
        }

        var credential = request?.Credential ?? client.Credential;
        if (!credential.IsSecret)
        {
            return KeyHeaders.Secrets(client.Provider.Headers) is null && (request is null || KeyHeaders.Secrets(request.Headers) is null)
                ? " The client sent no key."
                : null;
        }

        if (
            e.Kind != LlmErrorKind.Authentication
            || credential is not HeaderCredential sent
            || client.Provider.KeyPlace is not { } place
            || sent.Name.Equals(place.Name, StringComparison.OrdinalIgnoreCase)
            || (sent.IsBearer && client.Provider.AcceptsBearerToo)
        )
        {
            return null;
        }

        string advice = request?.Credential is null
            ? "Provider.WithKey(key) puts it there."
            : $"set ChatRequest.Credential (EmbeddingRequest.Credential) to {(place.IsBearer ? "Credential.Bearer(key)" : $"Credential.Header(\"{place.Name}\", key)")}.";
        return $" The key was sent as {(sent.IsBearer ? "Authorization: Bearer" : sent.Name)}, and {client.Provider.Title} takes keys as {(place.IsBearer ? "Authorization: Bearer" : place.Name)}: {advice}";
    }

    /// <summary>Returns what removes secrets from texts: the key, those in the provider's headers, and others.</summary>
    public Redaction Redaction(List<string>? others)
    {
        var secrets = new List<string>(client.Credential.Secrets ?? []);
        if (KeyHeaders.Secrets(client.Provider.Headers) is { } own)
            secrets.AddRange(own);
        if (others is not null)
            secrets.AddRange(others);
        return new(secrets);
    }
}
