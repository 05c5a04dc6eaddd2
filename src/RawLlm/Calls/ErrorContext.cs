using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>What a client's errors tell beside what went wrong: whom it asked, what the head of the answer says; and what they may not repeat.</summary>
internal sealed class ErrorContext(LlmClient client)
{
    /// <summary>An error about an answer, with what its head tells.</summary>
    /// <param name="e">The error.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="wire">The request as it went out.</param>
    /// <param name="request">What was asked; null for what is no conversation.</param>
    /// <param name="body">What the error was read from; empty where that is no body.</param>
    public LlmException Enrich(LlmException e, HttpAnswer answer, WireRequest wire, ChatRequest? request, ReadOnlySpan<byte> body = default) => e.With(
        provider: client.Provider.Name,
        model: request?.Model ?? client.Model,
        requestId: ResponseHead.RequestId(answer.Headers),
        rateLimits: ResponseHead.RateLimits(answer.Headers),
        redaction: Redaction(KeyHeaders.Secrets(request?.Headers, wire)),
        retryAfter: StatedWait(e, answer),
        body: Keep(body),
        headers: Headers(answer, KeyHeaders.Secrets(request?.Headers, wire)),
        hint: KeyHint(e, request));

    /// <summary>What is kept of the bytes that an error was read from; null where nothing is, as a rule.</summary>
    public string? Keep(ReadOnlySpan<byte> body) =>
        client.Options.KeepsRaw && !body.IsEmpty ? Encoding.UTF8.GetString(body[..Math.Min(body.Length, client.Options.Limits.ErrorBodyBytes)]) : null;

    /// <summary>What is kept of the head of an answer; nothing, as a rule.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="secrets">What the request bore beside the client's own key; null where that is nothing.</param>
    public IReadOnlyList<KeyValuePair<string, string>> Headers(HttpAnswer answer, List<string>? secrets) =>
        client.Options.KeepsRaw ? KeyHeaders.Told(answer.Headers, Redaction(secrets)) : [];

    /// <summary>The error for a web page that came in place of a stream.</summary>
    public async Task<LlmException> ReadPageAsync(HttpAnswer answer, WireRequest wire, ChatRequest? request)
    {
        using var page = await BodyReader.ReadErrorAsync(answer, client.Options.Limits.ErrorBodyBytes).ConfigureAwait(false);
        return Enrich(ContentTypeCheck.Check(answer.Status, answer.MediaType, page.Span)!, answer, wire, request, page.Span);
    }

    /// <summary>The error for what the service does not offer.</summary>
    public LlmException Unsupported(string message) => new(LlmErrorKind.Unsupported, message) { Provider = client.Provider.Name, Phase = LlmPhase.Configure };

    /// <summary>The wait that the head of a success asks for whose body then says that the service is busy; null where it asks for none.</summary>
    public TimeSpan? StatedWait(LlmException e, HttpAnswer answer) =>
        e.RetryAfter is null && e.Meaning is LlmErrorKind.RateLimited or LlmErrorKind.QuotaExhausted or LlmErrorKind.Overloaded or LlmErrorKind.ServerError
            ? ResponseHead.StatedWait(DatedHeaders(answer)) : null;

    /// <summary>The headers of an answer, with the time at which it came where it does not tell its own (RFC 9110, section 6.6.1).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DatedHeaders(HttpAnswer answer)
    {
        var headers = answer.Headers;
        // Whole seconds: rather a little too early, so that the wait is not too short.
        return ResponseHead.Date(headers) is null ? [new("Date", client.Options.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)), .. headers] : headers;
    }

    // What a service says of a key it refuses is the same for one that never came, or came where it does not look.
    private string? KeyHint(LlmException e, ChatRequest? request)
    {
        if (e.Kind is not (LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied) || e.Phase != LlmPhase.AwaitHeaders || e.Provider is not null)
            return null;
        var credential = request?.Credential ?? client.Credential;
        if (!credential.IsSecret)
            return KeyHeaders.Secrets(client.Provider.Headers) is null && (request is null || KeyHeaders.Secrets(request.Headers) is null) ? " The client sent no key." : null;
        if (e.Kind != LlmErrorKind.Authentication || credential is not HeaderCredential sent || client.Provider.KeyPlace is not { } place
            || sent.Name.Equals(place.Name, StringComparison.OrdinalIgnoreCase) || (sent.IsBearer && client.Provider.TakesBearerToo))
            return null;
        string advice = request?.Credential is null ? "Provider.WithKey(key) puts it there."
            : $"set ChatRequest.Credential (EmbeddingRequest.Credential) to {(place.IsBearer ? "Credential.Bearer(key)" : $"Credential.Header(\"{place.Name}\", key)")}.";
        return $" The key was sent as {(sent.IsBearer ? "Authorization: Bearer" : sent.Name)}, and {client.Provider.Title} takes keys as {(place.IsBearer ? "Authorization: Bearer" : place.Name)}: {advice}";
    }

    /// <summary>Takes out of texts what is secret: the key, those among the provider's headers, and others.</summary>
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
