namespace RawLlm.Protocols;

/// <summary>The meaning of the codes, types and status words of all services, ignoring case and word separators.</summary>
/// <remarks>A number that has another meaning elsewhere is prefixed with its place (<c>ErrorShapes.ReadPlacedNumber</c>).</remarks>
internal static class ErrorCodes
{
    private static ReadOnlySpan<byte> OverflowWords =>
        """
        contextlengthexceeded contextlengthexceedederror exceedcontextsizeerror contextwindowexceeded contextwindowexceedederror modelcontextwindowexceeded
        contextwindowoverflow tokenslimitreached prompttoolong tokenstoolong
        modelmaxprompttokensexceeded contextexceeded
        glm1261 sid10907
        """u8;

    private static ReadOnlySpan<byte> FilteredWords =>
        """
        contentfilter contentfiltered contentpolicyviolation contentpolicyviolationerror responsibleaipolicyviolation moderationblocked datainspectionfailed
        imagecontentpolicyviolation biopolicy cyberpolicy misalignmentpolicyviolation refusal
        sensitivewordsdetected promptblocked hooksfailed glm1301 baseresp1026 baseresp1027
        inputtextriskdetection inputimageriskdetection outputtextriskdetection outputimageriskdetection
        censorshipblocked contentfiltererror safetycheckfailed unsaferequest inputguardrailtriggered outputguardrailtriggered
        sid10013 sid10014 sid10019 sid10021
        """u8;

    // GLM (2026), with the status and the type of a rate limit: 1113 is no balance, 1308 the five-hour limit, 1309 an expired package, 1310
    // the weekly or monthly limit, 1314 an expired company package, and 1316 and above limits with no balance left for extra use.
    private static ReadOnlySpan<byte> QuotaWords =>
        """
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
        """u8;

    private static ReadOnlySpan<byte> OverloadWords =>
        """
        overloadederror overloaded serviceunavailable serviceunavailableexception serviceunavailableerror unavailable unavailableerror
        servicetiercapacityexceeded engineoverloadederror engineoverloaded serverisoverloaded slowdown queueexceeded modelnotreadyexception modeloverloaded
        nocapacity capacityexceeded serveroverloaded serveroverload insufficientsystemresource provideroverloaded providerunavailable 1305
        glm1312 errormsg336100 sid10008 sid10010 sid10110
        """u8;

    private static ReadOnlySpan<byte> RateLimitWords =>
        """
        ratelimitexceeded ratelimitreached ratelimiterror ratelimited toomanyrequests toomanyrequestserror toomanyrequestsexception throttlingexception
        throttling throttled throttlingerror requestlimitexceeded resourceexhausted someresourcehasbeenexhausted 1302
        throttlingallocationquota throttlingratequota throttlingburstrate limitrequests limitburstrate
        ratelimitreachederror baseresp1002 baseresp1039 errormsg18 errormsg336501 sid10007 sid11202 sid11203 sid11210
        """u8;

    private static ReadOnlySpan<byte> AuthenticationWords =>
        """
        authenticationerror authentication invalidapikey unauthenticated invalidauthentication invalidauthenticationerror unauthorized unrecognizedclientexception
        expiredtokenexception invalidsignatureexception missingauthenticationtokenexception missingauthenticationtoken incompletesignatureexception
        apikeyinvalid incorrectapikeyerror tokenexpired
        baseresp1004 baseresp2049 errormsg110
        """u8;

    private static ReadOnlySpan<byte> PermissionWords =>
        """
        permissionerror permissiondenied permissiondeniederror accessdenied accessdeniedexception forbidden unsupportedcountryregionterritory
        iampermissiondenied servicedisabled thecallerdoesnothavepermissiontoexecutethespecifiedoperation
        """u8;

    private static ReadOnlySpan<byte> NotFoundWords =>
        """
        modelnotfound modelnotfounderror notfound notfounderror resourcenotfoundexception deploymentnotfound invalidmodel modelnotavailable
        unknownmodel unavailablemodel modelnotsupported modeldecommissioned resourcedoesnotexist unknownoperationexception glm1211 data20012
        """u8;

    private static ReadOnlySpan<byte> TooLargeWords => """
        requesttoolarge requesttoolargeerror payloadtoolarge
        """u8;

    private static ReadOnlySpan<byte> MalformedCallWords => """
        toolusefailed
        """u8;

    private static ReadOnlySpan<byte> BadRequestWords =>
        """
        invalidrequesterror invalidrequest badrequest badrequesterror invalidargument validationexception validation validationerror failedprecondition
        outofrange unprocessableentity unprocessableentityerror conflicterror clientspecifiedaninvalidargument notsupportederror unprocessable preconditionfailed
        invalidprompt stringtoolong stringabovemaxlength maxtokensexceeded invalidimage invalidimageformat invalidbase64image invalidimageurl imagetoolarge
        imagetoosmall imageparseerror invalidimagemode imagefiletoolarge unsupportedimagemediatype unsupportedimageformat emptyimagefile
        failedtodownloadimage imagedownloadfailed imagefilenotfound imagenotfound
        invalidvalue unsupportedparameter unsupportedvalue missingrequiredparameter unknownparameter invalidencryptedcontent invalidfunctionparameters
        previousresponsenotfound
        baseresp2013
        """u8;

    private static ReadOnlySpan<byte> ServerErrorWords =>
        """
        servererror server internalservererror internalerror internal apierror internalserverexception unknown unknownerror timeouterror timeout deadlineexceeded
        gatewaytimeout badgateway modelerrorexception modelstreamerrorexception modeltimeoutexception
        """u8;

    /// <summary>
    /// Returns the meaning of several codes. The most specific one wins, because context_length_exceeded comes together with
    /// invalid_request_error.
    /// </summary>
    public static LlmErrorKind? KindOf(List<string> codes)
    {
        LlmErrorKind? best = null;
        foreach (string code in codes)
        {
            var kind = KindOf(code);
            if (kind is not null && (best is null || Specificity(kind.Value) > Specificity(best.Value)))
                best = kind;
        }
        return best;
    }

    /// <summary>Returns the meaning of one code; null if it is unknown.</summary>
    public static LlmErrorKind? KindOf(string code)
    {
        Span<char> folded = stackalloc char[code.Length];
        var word = Normalize(code, folded);
        return word switch
        {
            _ when WordList.Contains(OverflowWords, word) => LlmErrorKind.ContextLengthExceeded,
            _ when WordList.Contains(FilteredWords, word) => LlmErrorKind.ContentFiltered,
            // Volcengine (2026) puts the origin and type of the content before it and the reason after it:
            // InputImageSensitiveContentDetected.PrivacyInformation.
            _ when word.Contains("sensitivecontentdetected", StringComparison.Ordinal) => LlmErrorKind.ContentFiltered,
            _ when WordList.Contains(QuotaWords, word) => LlmErrorKind.QuotaExhausted,
            _ when WordList.Contains(OverloadWords, word) => LlmErrorKind.Overloaded,
            _ when WordList.Contains(RateLimitWords, word) => LlmErrorKind.RateLimited,
            _ when WordList.Contains(AuthenticationWords, word) => LlmErrorKind.Authentication,
            _ when WordList.Contains(PermissionWords, word) => LlmErrorKind.PermissionDenied,
            _ when WordList.Contains(NotFoundWords, word) => LlmErrorKind.NotFound,
            _ when WordList.Contains(TooLargeWords, word) => LlmErrorKind.RequestTooLarge,
            _ when WordList.Contains(MalformedCallWords, word) => LlmErrorKind.ToolCallMalformed,
            _ when WordList.Contains(BadRequestWords, word) => LlmErrorKind.BadRequest,
            _ when WordList.Contains(ServerErrorWords, word) => LlmErrorKind.ServerError,
            _ => null,
        };
    }

    /// <summary>Returns how specific a meaning is compared to others.</summary>
    public static int Specificity(LlmErrorKind kind) =>
        kind switch
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

    /// <summary>Returns the letters and digits of a code in lower case, in a buffer as long as the code.</summary>
    // AWS: com.amazon.coral.service#ExpiredTokenException and ExpiredTokenException:http://internal.amazon.com/...
    public static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> code, Span<char> destination)
    {
        code = code[(code.LastIndexOf('#') + 1)..];
        int colon = code.IndexOf(':');
        if (colon > 0)
            code = code[..colon];
        int length = 0;
        foreach (char c in code)
        {
            if (char.IsAsciiLetterOrDigit(c))
                destination[length++] = char.ToLowerInvariant(c);
        }
        return destination[..length];
    }
}
