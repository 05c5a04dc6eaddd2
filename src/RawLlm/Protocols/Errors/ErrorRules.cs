namespace RawLlm.Protocols;

/// <summary>
/// Classifies an error: by its status, then by its code or type, then by how its message begins; never by anything else in its body.
/// </summary>
internal static class ErrorRules
{
    /// <summary>Classifies an error.</summary>
    /// <param name="status">The HTTP status; null for an error in a body with a success status, in which case the error's own code
    /// counts.</param>
    /// <param name="body">The content of the error's body.</param>
    public static ErrorMeaning Classify(int? status, ErrorBody body)
    {
        var code = ErrorCodes.KindOf(body.Codes);
        var phrase = body.Form == ErrorForm.Json ? KindOfMessage(body) : null;
        int? number = status ?? body.Status ?? ErrorWrapping.Status(body, body.Message);
        if (number is null)
            return Unnumbered(code ?? phrase, code, phrase, body);
        bool blamesRequest = code is LlmErrorKind.BadRequest;
        if (code is LlmErrorKind.BadRequest or LlmErrorKind.ServerError)
            code = null;
        return number switch
        {
            401 => new(Unauthorized(code, phrase, body), false),
            // Venice (2026) asks for an API key or for payment in this way.
            402 => body.IsInFlight
                ? new(LlmErrorKind.RateLimited, true)
                : new(phrase is LlmErrorKind.Authentication ? LlmErrorKind.Authentication : LlmErrorKind.QuotaExhausted, false),
            403 => Denied(code, phrase, body),
            // A method that the URL does not support results from the same mistakes as a URL that does not exist.
            404 or 405 => new(LlmErrorKind.NotFound, false),
            // GitHub returns it for all of its models since 2026-07-30, NVIDIA (2026) for single models.
            410 => new(LlmErrorKind.NotFound, false, IsGone: true),
            407 or 511 => new(LlmErrorKind.ProxyFailed, false),
            408 or 409 or 425 => new(LlmErrorKind.ServerError, true),
            413 => new(
                code is LlmErrorKind.ContextLengthExceeded || phrase is LlmErrorKind.ContextLengthExceeded
                    ? LlmErrorKind.ContextLengthExceeded
                    : LlmErrorKind.RequestTooLarge,
                false
            ),
            // Bedrock returns it for a model that failed; Groq for a tool's server that failed, which will fail again; Cloudflare's gateway
            // (2026) for what its guardrails refuse.
            424 => phrase is LlmErrorKind.ContentFiltered
                ? new(LlmErrorKind.ContentFiltered, false)
                : new(
                    LlmErrorKind.ServerError,
                    body.Message?.EndsWith("Try your request again.", StringComparison.OrdinalIgnoreCase) == true
                ),
            499 => new(LlmErrorKind.ServerError, false),
            429 => TooMany(code, phrase, body),
            // StepFun and Tencent (2026) return it for what their filters refuse.
            451 => new(
                code is LlmErrorKind.ContentFiltered || phrase is LlmErrorKind.ContentFiltered
                    ? LlmErrorKind.ContentFiltered
                    : LlmErrorKind.PermissionDenied,
                false
            ),
            // 498 is Groq's status for a full flex tier (2025), 529 Anthropic's for overload.
            498 or 529 => new(LlmErrorKind.Overloaded, true),
            503 => new(LlmErrorKind.Overloaded, true, CauseOf(code) ?? CauseOf(phrase)),
            // Alibaba (2026) reports an unavailable service when it refuses the order of roles.
            >= 400 and < 500 => Refused(
                phrase is LlmErrorKind.BadRequest ? LlmErrorKind.BadRequest : code ?? phrase ?? LlmErrorKind.BadRequest
            ),
            >= 500 and < 600 => Failed(number.Value, code, phrase ?? (blamesRequest ? LlmErrorKind.BadRequest : null)),
            _ => new(LlmErrorKind.ServerError, false),
        };
    }

    /// <summary>Whether a message, without the prefixes of gateways, says that a conversation is too long.</summary>
    public static bool TryReadOverflow(ErrorBody body, out long? requested, out long? maximum) =>
        ContextOverflow.TryRead(ErrorWrapping.RemovePrefixes(body, body.UpstreamMessage), out requested, out maximum)
        || ContextOverflow.TryRead(ErrorWrapping.RemovePrefixes(body, body.Message), out requested, out maximum)
        || (
            ErrorWrapping.Inner(ErrorWrapping.RemovePrefixes(body, body.UpstreamMessage)) is { } upstream
            && TryReadOverflow(upstream, out requested, out maximum)
        )
        || (
            ErrorWrapping.Inner(ErrorWrapping.RemovePrefixes(body, body.Message)) is { } wrapped
            && TryReadOverflow(wrapped, out requested, out maximum)
        );

    /// <summary>
    /// Whether the error says that reasoning in the conversation cannot be verified or read, because it comes from another service, region
    /// or key.
    /// </summary>
    public static bool RefusesReasoning(ErrorBody body)
    {
        foreach (string code in body.Codes)
        {
            if (RefusesEncrypted(code))
                return true;
        }
        return RefusesReasoning(body.UpstreamMessage) || RefusesReasoning(body.Message);
    }

    private static bool RefusesEncrypted(string code)
    {
        Span<char> folded = stackalloc char[code.Length];
        return ErrorCodes.Normalize(code, folded) is "invalidencryptedcontent";
    }

    // Anthropic (2025, 2026) puts the block first: messages.1.content.0. OpenAI, Azure and xAI (2026) name the content. Gateways add a
    // prefix to either.
    private static bool RefusesReasoning(string? message) =>
        message is not null
        && (
            message.Contains("Invalid `signature` in `thinking` block", StringComparison.OrdinalIgnoreCase)
            || message.Contains("Invalid 'signature' in 'thinking' block", StringComparison.OrdinalIgnoreCase)
            || (
                message.Contains("The encrypted content ", StringComparison.OrdinalIgnoreCase)
                && message.Contains(" could not be verified", StringComparison.OrdinalIgnoreCase)
            )
        );

    private static ErrorMeaning Unnumbered(LlmErrorKind? kind, LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body)
    {
        // If a code says only that something failed, the message decides.
        if (code is LlmErrorKind.BadRequest or LlmErrorKind.ServerError && phrase is not null)
            kind = phrase;
        // Bedrock (2025) also uses the throttling exception for a daily limit.
        if (code is LlmErrorKind.RateLimited && phrase is LlmErrorKind.QuotaExhausted)
            kind = phrase;
        if (code is LlmErrorKind.PermissionDenied && phrase is LlmErrorKind.RateLimited)
            kind = phrase;
        return new(
            kind ?? LlmErrorKind.ServerError,
            kind is null or LlmErrorKind.ServerError or LlmErrorKind.Overloaded || (kind is LlmErrorKind.RateLimited && !NeverFits(body))
        );
    }

    // OpenCode (2026) returns 401 for an account without credit and for a model that it does not have, Kimi's plans (2026) for a
    // conversation that is too long for the plan's model.
    private static LlmErrorKind Unauthorized(LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body) =>
        code is LlmErrorKind.QuotaExhausted or LlmErrorKind.NotFound ? code.Value
        : phrase is LlmErrorKind.ContextLengthExceeded ? LlmErrorKind.ContextLengthExceeded
        : body.Type is "ModelError" ? LlmErrorKind.NotFound
        : LlmErrorKind.Authentication;

    // Kimi (2026) returns 403 with the type permission_error for too many requests at the same time.
    private static ErrorMeaning Denied(LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body)
    {
        var kind = Forbidden(code) ?? (body.IsModerated ? LlmErrorKind.ContentFiltered : Forbidden(phrase));
        return kind is null && phrase is LlmErrorKind.RateLimited
            ? new(LlmErrorKind.RateLimited, true)
            : new(kind ?? LlmErrorKind.PermissionDenied, false);
    }

    // Together (2026) documents 403 for a conversation that is too long.
    private static LlmErrorKind? Forbidden(LlmErrorKind? kind) =>
        kind
            is LlmErrorKind.Authentication
                or LlmErrorKind.QuotaExhausted
                or LlmErrorKind.ContentFiltered
                or LlmErrorKind.ContextLengthExceeded
            ? kind
            : null;

    private static ErrorMeaning TooMany(LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body)
    {
        if (
            (code is LlmErrorKind.QuotaExhausted && !IsOfAMinute(ErrorWrapping.RemovePrefixes(body, body.Message)))
            || phrase is LlmErrorKind.QuotaExhausted
            || body.IsDailyQuota
        )
        {
            return new(LlmErrorKind.QuotaExhausted, false);
        }

        if (code is LlmErrorKind.ContextLengthExceeded)
            return new(LlmErrorKind.ContextLengthExceeded, false);
        if (code is LlmErrorKind.Overloaded || phrase is LlmErrorKind.Overloaded)
            return new(LlmErrorKind.Overloaded, true);
        return new(LlmErrorKind.RateLimited, !NeverFits(body));
    }

    // Alibaba and SenseNova (2026) use insufficient_quota for limits per second and minute; Alibaba sometimes in OpenAI's words about
    // credit, with its own URL.
    private static bool IsOfAMinute(ReadOnlySpan<char> message) =>
        PhraseList.Begins(message, "Allocated quota exceeded\ninference exceeds tpm/rpm limit"u8)
        || (
            ErrorPhrases.Begins(message, "You exceeded your current quota")
            && (
                message.Contains("help.aliyun.com", StringComparison.Ordinal)
                || message.Contains("alibabacloud.com", StringComparison.Ordinal)
            )
        );

    // OpenAI (2025): a single request that exceeds the per-minute limit never fits, however long the client waits.
    private static bool NeverFits(ErrorBody body) =>
        ErrorPhrases.Begins(ErrorWrapping.RemovePrefixes(body, body.Message), "Request too large for ");

    private static ErrorMeaning Refused(LlmErrorKind kind) =>
        new(kind, kind is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded or LlmErrorKind.ServerError);

    // A server may return 500 for a client's mistake (llama.cpp, 2026). What it blames is kept, so that the request is retried at most
    // once.
    private static ErrorMeaning Failed(int status, LlmErrorKind? code, LlmErrorKind? phrase)
    {
        var kind = code ?? phrase;
        if (kind is LlmErrorKind.Overloaded or LlmErrorKind.RateLimited)
            return new(kind.Value, true);
        if (kind is LlmErrorKind.QuotaExhausted)
            return new(LlmErrorKind.QuotaExhausted, false);
        // A phrase for a failure says no more than the status.
        return new(
            LlmErrorKind.ServerError,
            status is 500 or 502 or 504 or (>= 520 and <= 524),
            kind is LlmErrorKind.ServerError ? null : kind
        );
    }

    // Gateways return 503 for whatever made all services behind them refuse (LiteLLM, New API, 2026).
    private static LlmErrorKind? CauseOf(LlmErrorKind? kind) =>
        kind
            is LlmErrorKind.ContextLengthExceeded
                or LlmErrorKind.ContentFiltered
                or LlmErrorKind.NotFound
                or LlmErrorKind.QuotaExhausted
                or LlmErrorKind.Authentication
            ? kind
            : null;

    private static LlmErrorKind? KindOfMessage(ErrorBody body) =>
        ErrorPhrases.KindOf(ErrorWrapping.RemovePrefixes(body, body.UpstreamMessage))
        ?? ErrorPhrases.KindOf(ErrorWrapping.RemovePrefixes(body, body.Message))
        ?? KindOfWrapping(body, body.UpstreamMessage)
        ?? KindOfWrapping(body, body.Message);

    // LiteLLM (2025): names of its classes, followed by the service's error as it arrived, as text or in Python's notation for bytes.
    private static LlmErrorKind? KindOfWrapping(ErrorBody body, string? text)
    {
        var message = text.AsSpan().TrimStart();
        LlmErrorKind? best = null;
        for (int i = 0; i < ErrorWrapping.MaxLayers; i++)
        {
            int length = ErrorWrapping.Length(message, body.ServiceName);
            if (length == 0)
                break;
            var name = message[..length].TrimEnd(" :-");
            string word = name[(name.LastIndexOf('.') + 1)..].ToString();
            Prefer(ErrorCodes.KindOf(word), ref best);
            if (word is ['[', ..])
                Prefer(ErrorCodes.KindOf("glm" + word), ref best);
            else if (ErrorWrapping.SessionCode(message) is { } number)
                Prefer(ErrorCodes.KindOf("sid " + number), ref best);
            message = message[length..].TrimStart();
        }
        if (ErrorWrapping.Inner(message) is { } inner)
        {
            Prefer(ErrorCodes.KindOf(inner.Codes), ref best);
            Prefer(KindOfMessage(inner), ref best);
        }
        return best;
    }

    // General classes of refusals and failures say no more than the status.
    private static void Prefer(LlmErrorKind? kind, ref LlmErrorKind? best)
    {
        if (
            kind is not (null or LlmErrorKind.BadRequest or LlmErrorKind.ServerError)
            && (best is null || ErrorCodes.Specificity(kind.Value) > ErrorCodes.Specificity(best.Value))
        )
        {
            best = kind;
        }
    }
}
