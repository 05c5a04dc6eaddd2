namespace RawLlm.Protocols;

/// <summary>The meaning of messages by how they begin, for errors without a code that says the same.</summary>
internal static class ErrorPhrases
{
    private static ReadOnlySpan<byte> QuotaPhrases =>
        """
        Your credit balance is too low
        You have reached your specified API usage limits
        You have reached your specified workspace API usage limits
        You're out of extra usage
        Your prepayment credits are depleted
        Your project has exceeded its monthly spending cap
        Weekly/Monthly Limit Exhausted
        usage limit exceeded
        Insufficient balance
        Insufficient credits
        余额不足
        Your account is not active, please check your billing details
        Out of call volume quota
        Out of bandwidth quota
        Billing hard limit has been reached
        Your newly created team doesn't have any credits
        Your newly created teams doesn't have any credits
        Rate limit exceeded: free-models-per-day
        Key limit exceeded
        Budget limit exceeded
        API key budget limit exceeded
        Org member budget limit exceeded
        You have exceeded your monthly included credits
        Too many tokens per day
        Third-party apps now draw from your extra usage
        you have used up your daily free allocation
        Sorry, your account balance is insufficient
        Token Plan usage limit reached
        已达到 Token Plan 用量上限
        当前已达到 Token Plan 用量上限
        Your Token plan quota has been exhausted
        hour allocated quota exceeded
        week allocated quota exceeded
        month allocated quota exceeded
        Free allocated quota exceeded
        You have exceeded today's quota for model
        Extra usage is required for long context requests
        Usage credits are required for long context requests
        You have reached your subscription quota limit
        Subscription quota exceeded
        5-hour usage limit reached
        Weekly usage limit reached
        Monthly usage limit reached
        """u8;

    private static ReadOnlySpan<byte> AuthenticationPhrases =>
        """
        Incorrect API key provided
        API key not valid
        API key expired
        Invalid API key
        invalid x-api-key
        Authentication failed: Please make sure your API Key is valid
        Bearer Token has expired
        The security token included in the request is
        login fail
        Authentication required
        The request signature we calculated does not match
        Signature expired:
        Missing Authentication Token
        Your API key was reported as leaked
        """u8;

    private static ReadOnlySpan<byte> FilteredPhrases =>
        """
        Output blocked by content filtering policy
        The response was filtered due to the prompt triggering
        Content Exists Risk
        Invalid prompt: your prompt was flagged
        Your request was rejected as a result of our safety system
        Content violates usage guidelines
        Input data may contain inappropriate content
        input new_sensitive
        output new_sensitive
        Moderation Block
        Prompt blocked due to security configurations
        Response blocked due to security configurations
        Request content blocked due to DLP policy violations
        Response content blocked due to DLP policy violations
        Request blocked by input guardrail '
        """u8;

    private static ReadOnlySpan<byte> PermissionPhrases =>
        """
        User location is not supported
        Country, region, or territory not supported
        Access to Anthropic models is not allowed from unsupported countries
        """u8;

    private static ReadOnlySpan<byte> NotFoundPhrases =>
        """
        The provided model identifier is invalid
        The supported API model names are
        Model Not Exist
        No such model @
        invalid params, unknown model
        """u8;

    private static ReadOnlySpan<byte> OverloadPhrases =>
        """
        Service tier capacity exceeded
        The model is overloaded
        Model is overloaded
        The engine is currently overloaded
        Overloaded
        Loading model
        Capacity temporarily exceeded
        The system is busy, please try again later
        """u8;

    private static ReadOnlySpan<byte> RateLimitPhrases =>
        """
        You've reached your concurrent request limit
        You have reached your concurrent request limit
        """u8;

    // iFlytek (2026) sends a code for failures if the model behind it refuses a request (the first two), and llama.cpp (2025, 2026) status
    // 500 and the type server_error.
    private static ReadOnlySpan<byte> BadRequestPhrases =>
        """
        Role must be user or assistant
        Bad Request, timeStamp:
        image input is not supported
        audio input is not supported
        [json.exception.
        Failed to parse tool call arguments
        Failed to parse messages
        tools param requires --jinja
        Cannot use tools with stream
        """u8;

    /// <summary>Returns the meaning of a message; null if it is unknown.</summary>
    public static LlmErrorKind? KindOf(ReadOnlySpan<char> message)
    {
        if (message.IsEmpty)
            return null;
        var beginning = message[..Math.Min(message.Length, 160)];
        return message switch
        {
            // GLM (2026) uses these words if its code is missing.
            _ when ContextOverflow.TryRead(message, out _, out _) || Begins(message, "Prompt 超长") => LlmErrorKind.ContextLengthExceeded,
            _ when PhraseList.Begins(message, QuotaPhrases) => LlmErrorKind.QuotaExhausted,
            _ when PhraseList.Begins(message, AuthenticationPhrases) => LlmErrorKind.Authentication,
            _ when PhraseList.Begins(message, FilteredPhrases) => LlmErrorKind.ContentFiltered,
            _ when PhraseList.Begins(message, PermissionPhrases) => LlmErrorKind.PermissionDenied,
            _ when PhraseList.Begins(message, NotFoundPhrases) => LlmErrorKind.NotFound,
            _ when PhraseList.Begins(message, OverloadPhrases) => LlmErrorKind.Overloaded,
            _ when PhraseList.Begins(message, RateLimitPhrases) => LlmErrorKind.RateLimited,
            _ when PhraseList.Begins(message, BadRequestPhrases) => LlmErrorKind.BadRequest,
            // Fireworks (2026) blames the request, although the same bytes succeed on the next attempt.
            _ when Begins(message, "Floating point NaN (not-a-number) is detected") => LlmErrorKind.ServerError,
            _ when Begins(message, "Request payload size exceeds the limit") => LlmErrorKind.RequestTooLarge,
            _ when IsUsedUp(beginning) => LlmErrorKind.QuotaExhausted,
            _ when IsUnknownModel(beginning) => LlmErrorKind.NotFound,
            _ => null,
        };
    }

    // Messages with a name between their words.
    private static bool IsUsedUp(ReadOnlySpan<char> beginning)
    {
        // xAI (2026) names the team, Ollama's cloud (2026) the user and the period, Kimi (2026) only the period, Fireworks (2026) the
        // account, Alibaba and coding plans (2026) the period. Cohere (2026) has per-minute limits in the same words, and so has GitHub
        // Models (2026).
        if (
            (Begins(beginning, "Your team ") && beginning.Contains(" has either used all available credits", StringComparison.Ordinal))
            || (
                (Begins(beginning, "You've reached your ") || Begins(beginning, "You have reached your "))
                && beginning.Contains("usage limit", StringComparison.Ordinal)
            )
            || (
                Begins(beginning, "you (")
                && beginning.Contains(") have reached your ", StringComparison.Ordinal)
                && beginning.Contains(" usage limit", StringComparison.Ordinal)
            )
            || (Begins(beginning, "Coding Plan ") && beginning.Contains(" quota has been exceeded", StringComparison.Ordinal))
            || (Begins(beginning, "Your token-plan ") && beginning.Contains("quota has been exhausted", StringComparison.Ordinal))
            || (
                Begins(beginning, "Account ")
                && beginning.Contains(" is suspended, possibly due to reaching the monthly spending limit", StringComparison.Ordinal)
            )
            || (
                Begins(beginning, "You are using a Trial key, which is limited to ")
                && beginning.Contains(" / month.", StringComparison.Ordinal)
            )
            || (
                Begins(beginning, "Rate limit of ")
                && beginning.Contains(" exceeded for UserBy", StringComparison.Ordinal)
                && beginning.Contains("ByDay.", StringComparison.Ordinal)
            )
        )
        {
            return true;
        }
        // New API (2026) first says whose balance it is. Quoted text is not its own.
        int balance = beginning.IndexOf("余额不足", StringComparison.Ordinal);
        return balance > 0 && beginning[..balance].IndexOfAny("'\"`“「") < 0;
    }

    // "Model x does not exist", "The requested model 'x' does not exist", "Model does not exist.", and LiteLLM (2026), which puts its route
    // before the words.
    private static bool IsUnknownModel(ReadOnlySpan<char> message)
    {
        const string Opening = "{'error': '";
        if (Begins(message, Opening))
        {
            message = message[Opening.Length..];
            int route = message.IndexOf(": Invalid model name passed in model=", StringComparison.Ordinal);
            return route > 0 && !message[..route].Contains(' ');
        }
        int words = PhraseList.BeginningLength(
            message,
            """
            Model
            The model
            The requested model
            """u8
        );
        int end = words > 0 ? message.IndexOf(" does not exist", StringComparison.Ordinal) : -1;
        return end >= words && (end == words || (message[words] == ' ' && !message[(words + 1)..end].Contains(' ')));
    }

    /// <summary>Whether a message begins with this text, ignoring case.</summary>
    public static bool Begins(ReadOnlySpan<char> message, string beginning) =>
        message.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);
}
