namespace RawLlm.Protocols;

/// <summary>Reads errors in every shape that services send, on any wire.</summary>
public static class ErrorReader
{
    private const int CodeCharacters = 128;

    /// <summary>Reads the body of a response with an error status. Never throws, whatever the body contains.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="headers">The response's headers.</param>
    /// <param name="body">The body, or its beginning.</param>
    /// <param name="limits">Limits how much of the service's text goes into the message; null for the defaults.</param>
    public static LlmException Read(
        int status,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        ReadOnlySpan<byte> body,
        LlmLimits? limits = null
    )
    {
        ArgumentNullException.ThrowIfNull(headers);
        var error = ErrorBody.Read(body);
        // AWS sends the type of an error only in a header: ValidationException:http://internal.amazon.com/coral/...
        string? type = ResponseHead.Find(headers, "x-amzn-errortype")?.Split(':')[0];
        error.AddCode(type);
        var meaning = ErrorRules.Classify(status, error);
        var wait = Wait(status, meaning, headers, error);
        var (requested, maximum) = Overflow(meaning, error);
        return new LlmException(meaning.Kind, ErrorMessageText.Message("", meaning, status, error, wait, Characters(limits)))
        {
            CauseKind = meaning.Cause,
            Phase = LlmPhase.AwaitHeaders,
            IsRetryable = IsRetryable(meaning, status, headers),
            Status = status,
            ProviderCode = Code(error, type),
            RequestId = ResponseHead.RequestId(headers) ?? Short(error.RequestId),
            RetryAfter = wait,
            RequestedTokens = requested,
            MaximumTokens = maximum,
            RefusesReasoning = meaning.Kind == LlmErrorKind.BadRequest && ErrorRules.RefusesReasoning(error),
        };
    }

    /// <summary>Reads an error in a body with a success status: in a whole answer, or as an event of a stream.</summary>
    /// <param name="json">The error: an object, a string, or the envelope around it.</param>
    /// <param name="inStream">True for an event of a stream, which results in <see cref="LlmErrorKind.StreamError"/> with
    /// <see cref="LlmException.CauseKind"/>.</param>
    /// <param name="usage">The usage of the answer so far.</param>
    /// <param name="code">The framing's own code for the error, such as the name of an exception in an event's header.</param>
    /// <param name="limits">Limits how much of the service's text goes into the message; null for the defaults.</param>
    public static LlmException ReadInBody(
        ReadOnlySpan<byte> json,
        bool inStream,
        Usage? usage = null,
        string? code = null,
        LlmLimits? limits = null
    )
    {
        var error = ErrorBody.Read(json);
        error.AddCode(code);
        var meaning = ErrorRules.Classify(null, error);
        var wait = error.RetryAfter ?? WaitPhrase.Read(error);
        var (requested, maximum) = Overflow(meaning, error);
        string before = inStream
            ? "The service reported an error inside the stream. "
            : "The service reported an error with a success status. ";
        return new LlmException(
            inStream ? LlmErrorKind.StreamError : meaning.Kind,
            ErrorMessageText.Message(before, meaning, null, error, wait, Characters(limits))
        )
        {
            // llama.cpp (2026) sends 500 in the stream for errors that it blames on the request.
            CauseKind = inStream ? meaning.Cause ?? meaning.Kind : meaning.Cause,
            Phase = LlmPhase.Streaming,
            IsRetryable = meaning.IsRetryable && !(inStream && meaning.Cause is not null),
            ProviderCode = Code(error, code),
            RequestId = Short(error.RequestId),
            RetryAfter = wait,
            RequestedTokens = requested,
            MaximumTokens = maximum,
            Usage = usage,
        };
    }

    /// <summary>Whether JSON contains an error: a message or a code.</summary>
    internal static bool IsError(ReadOnlySpan<byte> json) => ErrorBody.Read(json) is { Message: not null } or { Code: not null };

    /// <summary>Reads a redirect, or a response that says that nothing changed. Redirects are never followed.</summary>
    /// <param name="status">The status.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="asked">The URL that was requested; null if it is not known, as for a redirect by a proxy.</param>
    internal static LlmException ReadRedirect(int status, IReadOnlyList<KeyValuePair<string, string>> headers, Uri? asked)
    {
        if (status == 304)
        {
            return new LlmException(LlmErrorKind.MalformedResponse, "The server returned status 304, which contains no answer.")
            {
                Status = status,
                Phase = LlmPhase.AwaitHeaders,
            };
        }
        string? location = ResponseHead.Find(headers, "location");
        RedirectTarget? to = location is null ? null : RedirectTarget.Of(location, asked);
        return new LlmException(
            LlmErrorKind.UnexpectedRedirect,
            $"The server returned status {status} and redirected the client {to?.Text ?? "elsewhere"}. Redirects are never followed. {(to is { IsOnlyMoreSecure: true } ? "Use https in the base URL." : "Correct the base URL.")}"
        )
        {
            Status = status,
            Phase = LlmPhase.AwaitHeaders,
        };
    }

    // In order of precision: an explicit header, a member, a sentence, the reset of exhausted limits.
    private static TimeSpan? Wait(int status, ErrorMeaning meaning, IReadOnlyList<KeyValuePair<string, string>> headers, ErrorBody body)
    {
        var stated = ResponseHead.StatedWait(headers);
        if (stated > TimeSpan.Zero)
            return stated;
        bool isLimited = meaning.Kind == LlmErrorKind.RateLimited || status == 429;
        return body.RetryAfter ?? WaitPhrase.Read(body) ?? stated ?? (isLimited ? ResponseHead.ResetOfExhausted(headers) : null);
    }

    private static (long? Requested, long? Maximum) Overflow(ErrorMeaning meaning, ErrorBody body)
    {
        if (meaning.Kind != LlmErrorKind.ContextLengthExceeded && meaning.Cause != LlmErrorKind.ContextLengthExceeded)
            return default;
        ErrorRules.TryReadOverflow(body, out long? requested, out long? maximum);
        return (body.RequestedTokens ?? requested, body.MaximumTokens ?? maximum);
    }

    // A number that only repeats the status says less than any word.
    private static string? Code(ErrorBody body, string? framing) =>
        Short((body.HasOwnCode ? body.Code : null) ?? body.Type ?? framing ?? body.StatusText ?? body.Code);

    // The service's own word takes precedence if nothing contradicts it: it can forbid any retry, and allow one that is only doubtful.
    private static bool IsRetryable(ErrorMeaning meaning, int status, IReadOnlyList<KeyValuePair<string, string>> headers) =>
        ResponseHead.ShouldRetry(headers) switch
        {
            false => false,
            true => meaning.IsRetryable || (meaning.Kind == LlmErrorKind.ServerError && status >= 500),
            null => meaning.IsRetryable,
        };

    private static int Characters(LlmLimits? limits) => (limits ?? LlmLimits.Default).ErrorTextCharacters;

    private static string? Short(string? text) => text is null ? null : TextSanitizer.Clean(text, CodeCharacters);
}
