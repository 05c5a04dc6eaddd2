namespace RawLlm.Protocols;

/// <summary>Says what an error means: by its status, then by its code or type, then by how its message begins; never by what its body holds elsewhere.</summary>
internal static class ErrorRules
{
    /// <summary>Classifies.</summary>
    /// <param name="status">The HTTP status; null for an error inside the body of a success, whose own code then counts.</param>
    /// <param name="body">What the body says.</param>
    public static ErrorMeaning Classify(int? status, ErrorBody body)
    {
        var code = KindOfCodes(body.Codes);
        var phrase = body.Form == ErrorForm.Json ? KindOfMessage(body) : null;
        int? number = status ?? body.Status;
        if (number is null)
            return Unnumbered(code ?? phrase, code, phrase);
        bool blamesRequest = code is LlmErrorKind.BadRequest;
        if (code is LlmErrorKind.BadRequest or LlmErrorKind.ServerError)
            code = null;
        return number switch
        {
            401 => new(LlmErrorKind.Authentication, false),
            402 => new(LlmErrorKind.QuotaExhausted, false),
            403 => new(Forbidden(code) ?? (body.IsModerated ? LlmErrorKind.ContentFiltered : Forbidden(phrase)) ?? LlmErrorKind.PermissionDenied, false),
            // A method that the address does not take, or what was there and is gone, comes of the same mistakes as an address that does not exist.
            404 or 405 or 410 => new(LlmErrorKind.NotFound, false),
            407 => new(LlmErrorKind.ProxyFailed, false),
            408 or 409 or 425 => new(LlmErrorKind.ServerError, true),
            413 => new(code is LlmErrorKind.ContextLengthExceeded || phrase is LlmErrorKind.ContextLengthExceeded ? LlmErrorKind.ContextLengthExceeded : LlmErrorKind.RequestTooLarge, false),
            424 or 499 => new(LlmErrorKind.ServerError, false),
            429 => TooMany(code, phrase, body),
            451 => new(LlmErrorKind.PermissionDenied, false),
            // 498 is Groq's word for a full flex tier (2025), 529 Anthropic's for overload.
            498 or 503 or 529 => new(LlmErrorKind.Overloaded, true),
            >= 400 and < 500 => Refused(code ?? phrase ?? LlmErrorKind.BadRequest),
            >= 500 and < 600 => Failed(number.Value, code, phrase ?? (blamesRequest ? LlmErrorKind.BadRequest : null)),
            _ => new(LlmErrorKind.ServerError, false),
        };
    }

    /// <summary>Whether a message, once what gateways put before it is taken away, tells of a conversation that is too long.</summary>
    public static bool TryReadOverflow(ErrorBody body, out long? requested, out long? maximum) =>
        ContextOverflow.TryRead(WithoutWrapping(body.UpstreamMessage), out requested, out maximum)
        || ContextOverflow.TryRead(WithoutWrapping(body.Message), out requested, out maximum);

    private static ErrorMeaning Unnumbered(LlmErrorKind? kind, LlmErrorKind? code, LlmErrorKind? phrase)
    {
        // A code that says no more than that something failed leaves it to the message.
        if (code is LlmErrorKind.BadRequest or LlmErrorKind.ServerError && phrase is not null)
            kind = phrase;
        return new(kind ?? LlmErrorKind.ServerError, kind is null or LlmErrorKind.ServerError or LlmErrorKind.Overloaded or LlmErrorKind.RateLimited);
    }

    private static LlmErrorKind? Forbidden(LlmErrorKind? kind) =>
        kind is LlmErrorKind.Authentication or LlmErrorKind.QuotaExhausted or LlmErrorKind.ContentFiltered ? kind : null;

    private static ErrorMeaning TooMany(LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body)
    {
        if (code is LlmErrorKind.QuotaExhausted || phrase is LlmErrorKind.QuotaExhausted || body.IsDailyQuota)
            return new(LlmErrorKind.QuotaExhausted, false);
        if (code is LlmErrorKind.ContextLengthExceeded)
            return new(LlmErrorKind.ContextLengthExceeded, false);
        if (code is LlmErrorKind.Overloaded || phrase is LlmErrorKind.Overloaded)
            return new(LlmErrorKind.Overloaded, true);
        // OpenAI (2025): one request that alone exceeds the limit per minute never fits, however long one waits.
        return new(LlmErrorKind.RateLimited, !Begins(WithoutWrapping(body.Message), "Request too large for "));
    }

    private static ErrorMeaning Refused(LlmErrorKind kind) => new(kind, kind is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded);

    // A server may answer a client's mistake with 500 (llama.cpp, 2026): what it blames is kept, so that it is tried again once at most.
    private static ErrorMeaning Failed(int status, LlmErrorKind? code, LlmErrorKind? phrase)
    {
        var kind = code ?? phrase;
        if (kind is LlmErrorKind.Overloaded or LlmErrorKind.RateLimited)
            return new(kind.Value, true);
        if (kind is LlmErrorKind.QuotaExhausted)
            return new(LlmErrorKind.QuotaExhausted, false);
        return new(LlmErrorKind.ServerError, status is 500 or 502 or 504 or (>= 520 and <= 524), kind);
    }

    // The most telling of several words wins: beside context_length_exceeded stands invalid_request_error.
    private static LlmErrorKind? KindOfCodes(List<string> codes)
    {
        LlmErrorKind? best = null;
        foreach (string code in codes)
        {
            var kind = KindOfCode(code);
            if (kind is not null && (best is null || Weight(kind.Value) > Weight(best.Value)))
                best = kind;
        }
        return best;
    }

    private static int Weight(LlmErrorKind kind) => kind switch
    {
        LlmErrorKind.ContextLengthExceeded => 9,
        LlmErrorKind.ContentFiltered => 8,
        LlmErrorKind.QuotaExhausted => 7,
        LlmErrorKind.ToolCallMalformed => 6,
        LlmErrorKind.Overloaded => 5,
        LlmErrorKind.Authentication => 4,
        LlmErrorKind.NotFound or LlmErrorKind.PermissionDenied or LlmErrorKind.RequestTooLarge => 3,
        LlmErrorKind.RateLimited => 2,
        LlmErrorKind.BadRequest => 1,
        _ => 0,
    };

    // Codes, types and status words of all services seen, without regard to case and to what separates their words.
    private static LlmErrorKind? KindOfCode(string code)
    {
        Span<char> folded = stackalloc char[code.Length];
        return Fold(code, folded) switch
        {
            "contextlengthexceeded" or "contextlengthexceedederror" or "exceedcontextsizeerror" or "contextwindowexceeded" or "contextwindowexceedederror"
                or "modelcontextwindowexceeded" or "contextwindowoverflow" or "tokenslimitreached" or "prompttoolong" => LlmErrorKind.ContextLengthExceeded,
            "contentfilter" or "contentfiltered" or "contentpolicyviolation" or "contentpolicyviolationerror" or "responsibleaipolicyviolation"
                or "moderationblocked" or "datainspectionfailed" => LlmErrorKind.ContentFiltered,
            "insufficientquota" or "creditbalanceexhausted" or "organizationspendlimitexceeded" or "projectspendlimitexceeded" or "organizationusagelimitexceeded"
                or "enforcedspendlimitreached" or "billingerror" or "billinghardlimitreached" or "billingnotactive" or "insufficientbalance"
                or "insufficientcredits" or "insufficientfunds" or "paymentrequired" or "paymentrequirederror" or "servicequotaexceededexception"
                or "servicequotaexceeded" or "budgetexceeded" or "exceededcurrentquotaerror" or "exceededcurrentquota" or "usagelimitreached"
                // GLM (2026): no balance, with the status and the type of a rate limit.
                or "1113" => LlmErrorKind.QuotaExhausted,
            "overloadederror" or "overloaded" or "serviceunavailable" or "serviceunavailableexception" or "serviceunavailableerror" or "unavailable"
                or "unavailableerror" or "servicetiercapacityexceeded" or "engineoverloadederror" or "engineoverloaded" or "serverisoverloaded" or "slowdown"
                or "queueexceeded" or "modelnotreadyexception" or "modeloverloaded" or "nocapacity" or "capacityexceeded" or "insufficientsystemresource" => LlmErrorKind.Overloaded,
            "ratelimitexceeded" or "ratelimitreached" or "ratelimiterror" or "ratelimited" or "toomanyrequests" or "toomanyrequestserror"
                or "toomanyrequestsexception" or "throttlingexception" or "throttling" or "throttled" or "throttlingerror" or "requestlimitexceeded" or "resourceexhausted"
                or "someresourcehasbeenexhausted" => LlmErrorKind.RateLimited,
            "authenticationerror" or "invalidapikey" or "unauthenticated" or "invalidauthentication" or "invalidauthenticationerror" or "unauthorized"
                or "unrecognizedclientexception" or "expiredtokenexception" or "invalidsignatureexception" or "missingauthenticationtokenexception"
                or "missingauthenticationtoken" or "incompletesignatureexception" or "apikeyinvalid" or "incorrectapikeyerror" or "tokenexpired" => LlmErrorKind.Authentication,
            "permissionerror" or "permissiondenied" or "permissiondeniederror" or "accessdenied" or "accessdeniedexception" or "forbidden"
                or "unsupportedcountryregionterritory" or "iampermissiondenied" or "servicedisabled"
                or "thecallerdoesnothavepermissiontoexecutethespecifiedoperation" => LlmErrorKind.PermissionDenied,
            "modelnotfound" or "modelnotfounderror" or "notfound" or "notfounderror" or "resourcenotfoundexception" or "deploymentnotfound"
                or "invalidmodel" or "modelnotavailable" => LlmErrorKind.NotFound,
            "requesttoolarge" or "requesttoolargeerror" or "payloadtoolarge" => LlmErrorKind.RequestTooLarge,
            "toolusefailed" => LlmErrorKind.ToolCallMalformed,
            "invalidrequesterror" or "invalidrequest" or "badrequest" or "badrequesterror" or "invalidargument" or "validationexception" or "validation"
                or "validationerror" or "failedprecondition" or "outofrange" or "unprocessableentity" or "unprocessableentityerror" or "conflicterror"
                or "clientspecifiedaninvalidargument" or "notsupportederror" => LlmErrorKind.BadRequest,
            "servererror" or "internalservererror" or "internalerror" or "internal" or "apierror" or "internalserverexception" or "unknown" or "unknownerror"
                or "timeouterror" or "deadlineexceeded" or "gatewaytimeout" or "badgateway" or "modelerrorexception" or "modelstreamerrorexception" or "modeltimeoutexception" => LlmErrorKind.ServerError,
            _ => null,
        };
    }

    // AWS: com.amazon.coral.service#ExpiredTokenException and ExpiredTokenException:http://internal.amazon.com/...
    private static ReadOnlySpan<char> Fold(ReadOnlySpan<char> code, Span<char> folded)
    {
        code = code[(code.LastIndexOf('#') + 1)..];
        int colon = code.IndexOf(':');
        if (colon > 0)
            code = code[..colon];
        int length = 0;
        foreach (char c in code)
        {
            if (char.IsAsciiLetterOrDigit(c))
                folded[length++] = char.ToLowerInvariant(c);
        }
        return folded[..length];
    }

    // How messages begin that come with no code which tells as much.
    private static readonly (string Beginning, LlmErrorKind Kind)[] Beginnings =
    [
        ("Your credit balance is too low", LlmErrorKind.QuotaExhausted),
        ("You have reached your specified API usage limits", LlmErrorKind.QuotaExhausted),
        ("Insufficient balance", LlmErrorKind.QuotaExhausted),
        ("Insufficient credits", LlmErrorKind.QuotaExhausted),
        ("余额不足", LlmErrorKind.QuotaExhausted),
        ("Your account is not active, please check your billing details", LlmErrorKind.QuotaExhausted),
        ("Billing hard limit has been reached", LlmErrorKind.QuotaExhausted),
        ("Your newly created team doesn't have any credits", LlmErrorKind.QuotaExhausted),
        ("Your newly created teams doesn't have any credits", LlmErrorKind.QuotaExhausted),
        ("Rate limit exceeded: free-models-per-day", LlmErrorKind.QuotaExhausted),
        ("Key limit exceeded", LlmErrorKind.QuotaExhausted),
        ("You have exceeded your monthly included credits", LlmErrorKind.QuotaExhausted),
        ("Incorrect API key provided", LlmErrorKind.Authentication),
        ("API key not valid", LlmErrorKind.Authentication),
        ("API key expired", LlmErrorKind.Authentication),
        ("Invalid API key", LlmErrorKind.Authentication),
        ("invalid x-api-key", LlmErrorKind.Authentication),
        ("The security token included in the request is", LlmErrorKind.Authentication),
        ("login fail", LlmErrorKind.Authentication),
        ("Output blocked by content filtering policy", LlmErrorKind.ContentFiltered),
        ("The response was filtered due to the prompt triggering", LlmErrorKind.ContentFiltered),
        ("Content Exists Risk", LlmErrorKind.ContentFiltered),
        ("Invalid prompt: your prompt was flagged", LlmErrorKind.ContentFiltered),
        ("Your request was rejected as a result of our safety system", LlmErrorKind.ContentFiltered),
        ("Content violates usage guidelines", LlmErrorKind.ContentFiltered),
        ("Input data may contain inappropriate content", LlmErrorKind.ContentFiltered),
        ("User location is not supported", LlmErrorKind.PermissionDenied),
        ("Country, region, or territory not supported", LlmErrorKind.PermissionDenied),
        ("The provided model identifier is invalid", LlmErrorKind.NotFound),
        ("The supported API model names are", LlmErrorKind.NotFound),
        ("Service tier capacity exceeded", LlmErrorKind.Overloaded),
        ("The model is overloaded", LlmErrorKind.Overloaded),
        ("Model is overloaded", LlmErrorKind.Overloaded),
        ("The engine is currently overloaded", LlmErrorKind.Overloaded),
        ("Overloaded", LlmErrorKind.Overloaded),
        ("Loading model", LlmErrorKind.Overloaded),
    ];

    private static LlmErrorKind? KindOfMessage(ErrorBody body) =>
        KindOfMessage(WithoutWrapping(body.UpstreamMessage)) ?? KindOfMessage(WithoutWrapping(body.Message));

    private static LlmErrorKind? KindOfMessage(ReadOnlySpan<char> message)
    {
        if (message.IsEmpty)
            return null;
        if (ContextOverflow.TryRead(message, out _, out _))
            return LlmErrorKind.ContextLengthExceeded;
        foreach (var (beginning, kind) in Beginnings)
        {
            if (Begins(message, beginning))
                return kind;
        }
        // xAI (2026) names the team between the words.
        return Begins(message, "Your team ") && message[..Math.Min(message.Length, 160)].Contains(" has either used all available credits", StringComparison.Ordinal)
            ? LlmErrorKind.QuotaExhausted : null;
    }

    private static bool Begins(ReadOnlySpan<char> message, string beginning) => message.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);

    // What gateways and servers put before the words of whoever refused: "litellm.BadRequestError: OpenAIException - ", "Input validation error: ".
    private static ReadOnlySpan<char> WithoutWrapping(string? text)
    {
        var message = text.AsSpan().TrimStart();
        for (int i = 0; i < 8; i++)
        {
            int length = WrappingLength(message);
            if (length == 0)
                break;
            message = message[length..].TrimStart();
        }
        return message;
    }

    private static int WrappingLength(ReadOnlySpan<char> message)
    {
        foreach (string known in (ReadOnlySpan<string>)["The model returned the following errors: ", "Input validation error: ", "Validation error: ", "Bad request: ", "Error: ", "Upstream error: "])
        {
            if (Begins(message, known))
                return known.Length;
        }
        // A class's name: letters and dots that end in Error or Exception.
        int word = 0;
        while (word < message.Length && word < 64 && (char.IsAsciiLetter(message[word]) || message[word] == '.'))
            word++;
        var rest = message[word..];
        if (message[..word].EndsWith("Error", StringComparison.Ordinal) || message[..word].EndsWith("Exception", StringComparison.Ordinal))
        {
            if (rest.StartsWith(": ", StringComparison.Ordinal))
                return word + 2;
            if (rest.StartsWith(" - ", StringComparison.Ordinal))
                return word + 3;
        }
        // GLM (2026) puts its code and its id into brackets: [1113][Insufficient balance ...][20260922...].
        int close = message is ['[', _, ..] ? message.IndexOf(']') : -1;
        if (close is > 1 and <= 8 && message[1..close].IndexOfAnyExceptInRange('0', '9') < 0)
            return close + 1 + (message.Length > close + 1 && message[close + 1] == '[' ? 1 : 0);
        return 0;
    }
}
