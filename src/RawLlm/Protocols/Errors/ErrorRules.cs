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
        int? number = status ?? body.Status ?? ErrorWrapping.Status(body, body.Message);
        if (number is null)
            return Unnumbered(code ?? phrase, code, phrase, body);
        bool blamesRequest = code is LlmErrorKind.BadRequest;
        if (code is LlmErrorKind.BadRequest or LlmErrorKind.ServerError)
            code = null;
        return number switch
        {
            401 => new(Unauthorized(code, phrase, body), false),
            // Venice (2026) asks so for a key, or else for money.
            402 => body.IsInFlight ? new(LlmErrorKind.RateLimited, true) : new(phrase is LlmErrorKind.Authentication ? LlmErrorKind.Authentication : LlmErrorKind.QuotaExhausted, false),
            403 => new(Forbidden(code) ?? (body.IsModerated ? LlmErrorKind.ContentFiltered : Forbidden(phrase)) ?? LlmErrorKind.PermissionDenied, false),
            // A method that the address does not take comes of the same mistakes as an address that does not exist.
            404 or 405 => new(LlmErrorKind.NotFound, false),
            // GitHub says it of all of its models since 2026-07-30, NVIDIA (2026) of single models.
            410 => new(LlmErrorKind.NotFound, false, IsGone: true),
            407 or 511 => new(LlmErrorKind.ProxyFailed, false),
            408 or 409 or 425 => new(LlmErrorKind.ServerError, true),
            413 => new(code is LlmErrorKind.ContextLengthExceeded || phrase is LlmErrorKind.ContextLengthExceeded ? LlmErrorKind.ContextLengthExceeded : LlmErrorKind.RequestTooLarge, false),
            // Bedrock says so of a model that failed, Groq of a tool's server that did, which it will do again, Cloudflare's gateway (2026) of what its guards refuse.
            424 => phrase is LlmErrorKind.ContentFiltered ? new(LlmErrorKind.ContentFiltered, false) : new(LlmErrorKind.ServerError, body.Message?.EndsWith("Try your request again.", StringComparison.OrdinalIgnoreCase) == true),
            499 => new(LlmErrorKind.ServerError, false),
            429 => TooMany(code, phrase, body),
            // StepFun and Tencent (2026) answer so for what their filters refuse.
            451 => new(code is LlmErrorKind.ContentFiltered || phrase is LlmErrorKind.ContentFiltered ? LlmErrorKind.ContentFiltered : LlmErrorKind.PermissionDenied, false),
            // 498 is Groq's word for a full flex tier (2025), 529 Anthropic's for overload.
            498 or 503 or 529 => new(LlmErrorKind.Overloaded, true),
            // Alibaba (2026) names a service that is away where it refuses the order of roles.
            >= 400 and < 500 => Refused(phrase is LlmErrorKind.BadRequest ? LlmErrorKind.BadRequest : code ?? phrase ?? LlmErrorKind.BadRequest),
            >= 500 and < 600 => Failed(number.Value, code, phrase ?? (blamesRequest ? LlmErrorKind.BadRequest : null)),
            _ => new(LlmErrorKind.ServerError, false),
        };
    }

    /// <summary>Whether a message, once what gateways put before it is taken away, tells of a conversation that is too long.</summary>
    public static bool TryReadOverflow(ErrorBody body, out long? requested, out long? maximum) =>
        ContextOverflow.TryRead(ErrorWrapping.TakeAway(body, body.UpstreamMessage), out requested, out maximum)
        || ContextOverflow.TryRead(ErrorWrapping.TakeAway(body, body.Message), out requested, out maximum)
        || (ErrorWrapping.Inner(ErrorWrapping.TakeAway(body, body.UpstreamMessage)) is { } upstream && TryReadOverflow(upstream, out requested, out maximum))
        || (ErrorWrapping.Inner(ErrorWrapping.TakeAway(body, body.Message)) is { } wrapped && TryReadOverflow(wrapped, out requested, out maximum));

    /// <summary>Whether it says that thoughts of the conversation cannot be verified or read: they are those of another service, region or key.</summary>
    public static bool RefusesThoughts(ErrorBody body)
    {
        foreach (string code in body.Codes)
        {
            if (RefusesEncrypted(code))
                return true;
        }
        return RefusesThoughts(body.UpstreamMessage) || RefusesThoughts(body.Message);
    }

    private static bool RefusesEncrypted(string code)
    {
        Span<char> folded = stackalloc char[code.Length];
        return Fold(code, folded) is "invalidencryptedcontent";
    }

    // Anthropic (2025, 2026) names the block before it: messages.1.content.0. OpenAI, Azure and xAI (2026) say which content it is. Gateways put more before either.
    private static bool RefusesThoughts(string? message) => message is not null
        && (message.Contains("Invalid `signature` in `thinking` block", StringComparison.OrdinalIgnoreCase)
            || message.Contains("Invalid 'signature' in 'thinking' block", StringComparison.OrdinalIgnoreCase)
            || (message.Contains("The encrypted content ", StringComparison.OrdinalIgnoreCase) && message.Contains(" could not be verified", StringComparison.OrdinalIgnoreCase)));

    private static ErrorMeaning Unnumbered(LlmErrorKind? kind, LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body)
    {
        // A code that says no more than that something failed leaves it to the message.
        if (code is LlmErrorKind.BadRequest or LlmErrorKind.ServerError && phrase is not null)
            kind = phrase;
        // Bedrock (2025): the exception of throttling tells of a limit per day as well.
        if (code is LlmErrorKind.RateLimited && phrase is LlmErrorKind.QuotaExhausted)
            kind = phrase;
        return new(kind ?? LlmErrorKind.ServerError,
            kind is null or LlmErrorKind.ServerError or LlmErrorKind.Overloaded || (kind is LlmErrorKind.RateLimited && !NeverFits(body)));
    }

    // OpenCode (2026) answers 401 for an account without credit and for a model that it does not have, Kimi's plans (2026) for a conversation
    // that is longer than the plan's model takes.
    private static LlmErrorKind Unauthorized(LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body) =>
        code is LlmErrorKind.QuotaExhausted or LlmErrorKind.NotFound ? code.Value
        : phrase is LlmErrorKind.ContextLengthExceeded ? LlmErrorKind.ContextLengthExceeded
        : body.Type is "ModelError" ? LlmErrorKind.NotFound : LlmErrorKind.Authentication;

    // Together (2026) documents 403 for a conversation that is too long.
    private static LlmErrorKind? Forbidden(LlmErrorKind? kind) =>
        kind is LlmErrorKind.Authentication or LlmErrorKind.QuotaExhausted or LlmErrorKind.ContentFiltered or LlmErrorKind.ContextLengthExceeded ? kind : null;

    private static ErrorMeaning TooMany(LlmErrorKind? code, LlmErrorKind? phrase, ErrorBody body)
    {
        if ((code is LlmErrorKind.QuotaExhausted && !IsOfAMinute(ErrorWrapping.TakeAway(body, body.Message))) || phrase is LlmErrorKind.QuotaExhausted || body.IsDailyQuota)
            return new(LlmErrorKind.QuotaExhausted, false);
        if (code is LlmErrorKind.ContextLengthExceeded)
            return new(LlmErrorKind.ContextLengthExceeded, false);
        if (code is LlmErrorKind.Overloaded || phrase is LlmErrorKind.Overloaded)
            return new(LlmErrorKind.Overloaded, true);
        return new(LlmErrorKind.RateLimited, !NeverFits(body));
    }

    // Alibaba and SenseNova (2026) have insufficient_quota for limits per second and minute, Alibaba once in OpenAI's words about credit, with its own address.
    private static bool IsOfAMinute(ReadOnlySpan<char> message) =>
        PhraseList.Begins(message, "Allocated quota exceeded\ninference exceeds tpm/rpm limit"u8)
        || (Begins(message, "You exceeded your current quota") && (message.Contains("help.aliyun.com", StringComparison.Ordinal) || message.Contains("alibabacloud.com", StringComparison.Ordinal)));

    // OpenAI (2025): one request that alone exceeds the limit per minute never fits, however long one waits.
    private static bool NeverFits(ErrorBody body) => Begins(ErrorWrapping.TakeAway(body, body.Message), "Request too large for ");

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

    // Codes, types and status words of all services seen, without regard to case and to what separates their words. A number that means
    // something else elsewhere has before it where it stands (ErrorShapes.ReadPlacedNumber).
    private static LlmErrorKind? KindOfCode(string code)
    {
        Span<char> folded = stackalloc char[code.Length];
        var word = Fold(code, folded);
        if (WordList.Holds("""
            contextlengthexceeded contextlengthexceedederror exceedcontextsizeerror contextwindowexceeded contextwindowexceedederror modelcontextwindowexceeded
            contextwindowoverflow tokenslimitreached prompttoolong tokenstoolong
            modelmaxprompttokensexceeded contextexceeded
            glm1261 sid10907
            """u8, word))
            return LlmErrorKind.ContextLengthExceeded;
        if (WordList.Holds("""
            contentfilter contentfiltered contentpolicyviolation contentpolicyviolationerror responsibleaipolicyviolation moderationblocked datainspectionfailed
            imagecontentpolicyviolation biopolicy cyberpolicy misalignmentpolicyviolation refusal
            sensitivewordsdetected promptblocked hooksfailed glm1301 baseresp1026 baseresp1027
            inputtextriskdetection inputimageriskdetection outputtextriskdetection outputimageriskdetection
            censorshipblocked contentfiltererror safetycheckfailed unsaferequest inputguardrailtriggered outputguardrailtriggered
            sid10013 sid10014 sid10019 sid10021
            """u8, word))
            return LlmErrorKind.ContentFiltered;
        // Volcengine (2026) says before it whose content of which sort, and behind it why: InputImageSensitiveContentDetected.PrivacyInformation.
        if (word.Contains("sensitivecontentdetected", StringComparison.Ordinal))
            return LlmErrorKind.ContentFiltered;
        // GLM (2026), with the status and the type of a rate limit: 1113 is no balance, 1308 the use of five hours, 1309 a package that has ended, 1310 the week or the month,
        // 1314 a company's package that has ended, 1316 and on limits behind which no balance for extra use is left.
        if (WordList.Holds("""
            insufficientquota creditbalanceexhausted organizationspendlimitexceeded projectspendlimitexceeded organizationusagelimitexceeded
            enforcedspendlimitreached billingerror billinghardlimitreached billingnotactive insufficientbalance insufficientcredits insufficientfunds
            paymentrequired paymentrequirederror servicequotaexceededexception servicequotaexceeded budgetexceeded exceededcurrentquotaerror exceededcurrentquota
            usagelimitreached usagenotincluded tokenlimitexceeded insufficientuserquota preconsumetokenquotafailed
            accountoverdueerror quotaexceeded setlimitexceeded arrearage allocationquotafreetieronly
            1113 1308 1309 1310
            creditserror monthlylimiterror userlimiterror gousagelimiterror tokenquotareached reasonnotenoughbalance
            freeusagelimiterror blackusagelimiterror subscriptionusagelimiterror accountquotaexceeded operationdeniedserviceoverdue exceedtokenquotalimit
            glm1314 glm1316 glm1317 glm1318 glm1319 glm1320 glm1321
            commoditynotpurchased prepaidbilloverdue postpaidbilloverdue accountoverdue userweeklyratelimited
            glm1304 baseresp1008 baseresp2056 data30001 errormsg17 sid11201
            """u8, word))
            return LlmErrorKind.QuotaExhausted;
        if (WordList.Holds("""
            overloadederror overloaded serviceunavailable serviceunavailableexception serviceunavailableerror unavailable unavailableerror
            servicetiercapacityexceeded engineoverloadederror engineoverloaded serverisoverloaded slowdown queueexceeded modelnotreadyexception modeloverloaded
            nocapacity capacityexceeded serveroverloaded serveroverload insufficientsystemresource provideroverloaded providerunavailable 1305
            glm1312 errormsg336100 sid10008 sid10010 sid10110
            """u8, word))
            return LlmErrorKind.Overloaded;
        if (WordList.Holds("""
            ratelimitexceeded ratelimitreached ratelimiterror ratelimited toomanyrequests toomanyrequestserror toomanyrequestsexception throttlingexception
            throttling throttled throttlingerror requestlimitexceeded resourceexhausted someresourcehasbeenexhausted 1302
            throttlingallocationquota throttlingratequota throttlingburstrate limitrequests limitburstrate
            ratelimitreachederror baseresp1002 baseresp1039 errormsg18 errormsg336501 sid10007 sid11202 sid11203 sid11210
            """u8, word))
            return LlmErrorKind.RateLimited;
        if (WordList.Holds("""
            authenticationerror authentication invalidapikey unauthenticated invalidauthentication invalidauthenticationerror unauthorized unrecognizedclientexception
            expiredtokenexception invalidsignatureexception missingauthenticationtokenexception missingauthenticationtoken incompletesignatureexception
            apikeyinvalid incorrectapikeyerror tokenexpired
            baseresp1004 baseresp2049 errormsg110
            """u8, word))
            return LlmErrorKind.Authentication;
        if (WordList.Holds("""
            permissionerror permissiondenied permissiondeniederror accessdenied accessdeniedexception forbidden unsupportedcountryregionterritory
            iampermissiondenied servicedisabled thecallerdoesnothavepermissiontoexecutethespecifiedoperation
            """u8, word))
            return LlmErrorKind.PermissionDenied;
        if (WordList.Holds("""
            modelnotfound modelnotfounderror notfound notfounderror resourcenotfoundexception deploymentnotfound invalidmodel modelnotavailable
            unknownmodel unavailablemodel modelnotsupported modeldecommissioned resourcedoesnotexist unknownoperationexception glm1211 data20012
            """u8, word))
            return LlmErrorKind.NotFound;
        if (WordList.Holds("""
            requesttoolarge requesttoolargeerror payloadtoolarge
            """u8, word))
            return LlmErrorKind.RequestTooLarge;
        if (WordList.Holds("""
            toolusefailed
            """u8, word))
            return LlmErrorKind.ToolCallMalformed;
        if (WordList.Holds("""
            invalidrequesterror invalidrequest badrequest badrequesterror invalidargument validationexception validation validationerror failedprecondition
            outofrange unprocessableentity unprocessableentityerror conflicterror clientspecifiedaninvalidargument notsupportederror unprocessable preconditionfailed
            invalidprompt stringtoolong stringabovemaxlength maxtokensexceeded invalidimage invalidimageformat invalidbase64image invalidimageurl imagetoolarge
            imagetoosmall imageparseerror invalidimagemode imagefiletoolarge unsupportedimagemediatype unsupportedimageformat emptyimagefile
            failedtodownloadimage imagedownloadfailed imagefilenotfound imagenotfound
            invalidvalue unsupportedparameter unsupportedvalue missingrequiredparameter unknownparameter invalidencryptedcontent invalidfunctionparameters
            previousresponsenotfound
            baseresp2013
            """u8, word))
            return LlmErrorKind.BadRequest;
        if (WordList.Holds("""
            servererror server internalservererror internalerror internal apierror internalserverexception unknown unknownerror timeouterror timeout deadlineexceeded
            gatewaytimeout badgateway modelerrorexception modelstreamerrorexception modeltimeoutexception
            """u8, word))
            return LlmErrorKind.ServerError;
        return null;
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

    private static LlmErrorKind? KindOfMessage(ErrorBody body) =>
        KindOfMessage(ErrorWrapping.TakeAway(body, body.UpstreamMessage)) ?? KindOfMessage(ErrorWrapping.TakeAway(body, body.Message))
        ?? KindOfWrapping(body, body.UpstreamMessage) ?? KindOfWrapping(body, body.Message);

    // LiteLLM (2025): names of its classes, and behind them the error of the service as it came, as text or as Python writes bytes.
    private static LlmErrorKind? KindOfWrapping(ErrorBody body, string? text)
    {
        var message = text.AsSpan().TrimStart();
        LlmErrorKind? best = null;
        for (int i = 0; i < ErrorWrapping.MostLayers; i++)
        {
            int length = ErrorWrapping.Length(message, body.ServiceName);
            if (length == 0)
                break;
            var name = message[..length].TrimEnd(" :-");
            string word = name[(name.LastIndexOf('.') + 1)..].ToString();
            Weigh(KindOfCode(word), ref best);
            if (word is ['[', ..])
                Weigh(KindOfCode("glm" + word), ref best);
            else if (ErrorWrapping.SessionCode(message) is { } number)
                Weigh(KindOfCode("sid " + number), ref best);
            message = message[length..].TrimStart();
        }
        if (ErrorWrapping.Inner(message) is { } inner)
        {
            Weigh(KindOfCodes(inner.Codes), ref best);
            Weigh(KindOfMessage(inner), ref best);
        }
        return best;
    }

    // Classes of refusals and failures in general tell no more than the status.
    private static void Weigh(LlmErrorKind? kind, ref LlmErrorKind? best)
    {
        if (kind is not (null or LlmErrorKind.BadRequest or LlmErrorKind.ServerError) && (best is null || Weight(kind.Value) > Weight(best.Value)))
            best = kind;
    }

    private static LlmErrorKind? KindOfMessage(ReadOnlySpan<char> message)
    {
        if (message.IsEmpty)
            return null;
        // GLM (2026) words it so where its code is missing.
        if (ContextOverflow.TryRead(message, out _, out _) || Begins(message, "Prompt 超长"))
            return LlmErrorKind.ContextLengthExceeded;
        // How messages begin that come with no code which tells as much.
        if (PhraseList.Begins(message, """
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
            """u8))
            return LlmErrorKind.QuotaExhausted;
        if (PhraseList.Begins(message, """
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
            """u8))
            return LlmErrorKind.Authentication;
        if (PhraseList.Begins(message, """
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
            """u8))
            return LlmErrorKind.ContentFiltered;
        if (PhraseList.Begins(message, """
            User location is not supported
            Country, region, or territory not supported
            Access to Anthropic models is not allowed from unsupported countries
            """u8))
            return LlmErrorKind.PermissionDenied;
        if (PhraseList.Begins(message, """
            The provided model identifier is invalid
            The supported API model names are
            Model Not Exist
            No such model @
            invalid params, unknown model
            """u8))
            return LlmErrorKind.NotFound;
        if (PhraseList.Begins(message, """
            Service tier capacity exceeded
            The model is overloaded
            Model is overloaded
            The engine is currently overloaded
            Overloaded
            Loading model
            Capacity temporarily exceeded
            The system is busy, please try again later
            """u8))
            return LlmErrorKind.Overloaded;
        // iFlytek (2026) has a code of failures for what the model behind it refuses.
        if (Begins(message, "Role must be user or assistant") || Begins(message, "Bad Request, timeStamp:"))
            return LlmErrorKind.BadRequest;
        if (Begins(message, "Request payload size exceeds the limit"))
            return LlmErrorKind.RequestTooLarge;
        var beginning = message[..Math.Min(message.Length, 160)];
        if (IsUsedUp(beginning))
            return LlmErrorKind.QuotaExhausted;
        return IsUnknownModel(beginning) ? LlmErrorKind.NotFound : null;
    }

    // What names somebody or something between its words.
    private static bool IsUsedUp(ReadOnlySpan<char> beginning)
    {
        // xAI (2026) names the team, Ollama's cloud (2026) the user and the span of time, Kimi (2026) the span alone, Fireworks (2026) the
        // account, Alibaba (2026) the span; Cohere (2026) has limits of a minute in the same words, GitHub Models (2026) too.
        if ((Begins(beginning, "Your team ") && beginning.Contains(" has either used all available credits", StringComparison.Ordinal))
            || ((Begins(beginning, "You've reached your ") || Begins(beginning, "You have reached your ")) && beginning.Contains("usage limit", StringComparison.Ordinal))
            || (Begins(beginning, "you (") && beginning.Contains(") have reached your ", StringComparison.Ordinal) && beginning.Contains(" usage limit", StringComparison.Ordinal))
            || (Begins(beginning, "Your token-plan ") && beginning.Contains("quota has been exhausted", StringComparison.Ordinal))
            || (Begins(beginning, "Account ") && beginning.Contains(" is suspended, possibly due to reaching the monthly spending limit", StringComparison.Ordinal))
            || (Begins(beginning, "You are using a Trial key, which is limited to ") && beginning.Contains(" / month.", StringComparison.Ordinal))
            || (Begins(beginning, "Rate limit of ") && beginning.Contains(" exceeded for UserBy", StringComparison.Ordinal) && beginning.Contains("ByDay.", StringComparison.Ordinal)))
            return true;
        // New API (2026) says whose balance it is first; what is quoted is somebody else's words.
        int balance = beginning.IndexOf("余额不足", StringComparison.Ordinal);
        return balance > 0 && beginning[..balance].IndexOfAny("'\"`“「") < 0;
    }

    // "Model x does not exist", "The requested model 'x' does not exist", "Model does not exist.", and LiteLLM's (2026) route before its words.
    private static bool IsUnknownModel(ReadOnlySpan<char> message)
    {
        const string Opening = "{'error': '";
        if (Begins(message, Opening))
        {
            message = message[Opening.Length..];
            int route = message.IndexOf(": Invalid model name passed in model=", StringComparison.Ordinal);
            return route > 0 && !message[..route].Contains(' ');
        }
        int words = PhraseList.BeginningLength(message, """
            Model
            The model
            The requested model
            """u8);
        int end = words > 0 ? message.IndexOf(" does not exist", StringComparison.Ordinal) : -1;
        return end >= words && (end == words || (message[words] == ' ' && !message[(words + 1)..end].Contains(' ')));
    }

    private static bool Begins(ReadOnlySpan<char> message, string beginning) => message.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);
}
