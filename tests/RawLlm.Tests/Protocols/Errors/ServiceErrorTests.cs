using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Errors as individual services, gateways and servers word them; the meaning of each row was decided by hand.</summary>
public sealed class ServiceErrorTests
{
    public static TheoryData<string, string> Cases()
    {
        var rows = new TheoryData<string, string>();
        foreach (var each in ServiceErrorCase.All())
            rows.Add(each.Service, each.Name);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_ErrorOfService_ReturnsItsMeaning(string service, string name)
    {
        var expected = ServiceErrorCase.All().Single(each => each.Service == service && each.Name == name);

        var error = expected.Read();

        Assert.Equal(
            (expected.Kind, expected.IsRetryable, expected.RequestedTokens, expected.MaximumTokens),
            (error.Kind, error.IsRetryable, error.RequestedTokens, error.MaximumTokens)
        );
    }

    [Fact]
    public void Read_FilteredAzureAnswer_ReturnsCodeAndMessageOfChoice()
    {
        var error = ErrorReader.Read(
            400,
            [],
            """{"id":"chatcmpl-802d5a802bf84292896e446052595","model":"","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"content_filter","content_filter_results":{"error":{"code":"content_filter","message":"Response content blocked by label 'MultiSeverity_ViolenceScore'."}}}],"usage":{"prompt_tokens":55,"total_tokens":55},"created":1789466192,"object":"chat.completion","prompt_filter_results":null}"""u8
        );

        Assert.Equal((LlmErrorKind.ContentFiltered, "content_filter", false), (error.Kind, error.ProviderCode, error.IsRetryable));
        Assert.Contains(": Response content blocked by label 'MultiSeverity_ViolenceScore'.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"error":{"message":"Requested input length 99009 exceeds maximum input length 8192"}}""",
        LlmErrorKind.ContextLengthExceeded
    )]
    [InlineData(
        """{"type":"error","error":{"type":"api_error","message":"output new_sensitive (1027)","http_code":"500"}}""",
        LlmErrorKind.ContentFiltered
    )]
    [InlineData(
        """{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}""",
        LlmErrorKind.BadRequest
    )]
    [InlineData(
        """{"error":{"code":500,"message":"audio input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}""",
        LlmErrorKind.BadRequest
    )]
    [InlineData(
        """{"error":{"code":500,"message":"[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing object key","type":"server_error"}}""",
        LlmErrorKind.BadRequest
    )]
    [InlineData(
        """{"error":{"code":500,"message":"[json.exception.type_error.316] invalid UTF-8 byte at index 1: 0xC3","type":"server_error"}}""",
        LlmErrorKind.BadRequest
    )]
    [InlineData(
        """{"error":{"code":500,"message":"Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error at line 1, column 2","type":"server_error"}}""",
        LlmErrorKind.BadRequest
    )]
    [InlineData(
        """{"error":{"code":500,"message":"Failed to parse messages: Expected 'messages' to be an array","type":"server_error"}}""",
        LlmErrorKind.BadRequest
    )]
    [InlineData("""{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}""", LlmErrorKind.BadRequest)]
    [InlineData("""{"error":{"code":500,"message":"Cannot use tools with stream","type":"server_error"}}""", LlmErrorKind.BadRequest)]
    public void Read_Status500WithRequestError_SetsCause(string body, LlmErrorKind cause)
    {
        var error = ErrorReader.Read(500, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal((LlmErrorKind.ServerError, cause), (error.Kind, error.CauseKind));
    }

    [Fact]
    public void Read_500WithFailurePhrase_HasNoCause()
    {
        var error = ErrorReader.Read(500, [], """{"error":{"message":"Floating point NaN (not-a-number) is detected in generation."}}"""u8);

        Assert.Equal((LlmErrorKind.ServerError, true, null), (error.Kind, error.IsRetryable, error.CauseKind));
    }

    [Theory]
    [InlineData(
        """{"error":{"message":"litellm.ServiceUnavailableError: litellm.MidStreamFallbackError: litellm.APIConnectionError: APIConnectionError: OpenAIException - Requested token count exceeds the model's maximum context length of 131072 tokens.","type":null,"param":null,"code":"503"}}""",
        LlmErrorKind.ContextLengthExceeded
    )]
    [InlineData(
        """{"error":{"code":"model_not_found","message":"No available channel for model gpt-5.5 under group codex (distributor) (request id: x)","type":"new_api_error"}}""",
        LlmErrorKind.NotFound
    )]
    [InlineData("""{"error":{"message":"Words.","type":"insufficient_quota"}}""", LlmErrorKind.QuotaExhausted)]
    [InlineData("""{"error":{"message":"Incorrect API key provided: sk-x"}}""", LlmErrorKind.Authentication)]
    [InlineData(
        """{"error":{"message":"Output blocked by content filtering policy","type":"service_unavailable"}}""",
        LlmErrorKind.ContentFiltered
    )]
    [InlineData("""{"error":{"message":"Words.","type":"service_unavailable"}}""", null)]
    [InlineData("""{"error":{"message":"Floating point NaN (not-a-number) is detected in generation."}}""", null)]
    [InlineData("""{"error":{"message":"Words.","type":"permission_error"}}""", null)]
    public void Read_Status503WithRequestError_ReturnsOverloadedWithCause(string body, LlmErrorKind? cause)
    {
        var error = ErrorReader.Read(503, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal((LlmErrorKind.Overloaded, true, cause), (error.Kind, error.IsRetryable, error.CauseKind));
        Assert.Equal(cause is not null, error.Message.Contains("It blames ", StringComparison.Ordinal));
        Assert.Equal(
            cause is LlmErrorKind.QuotaExhausted or LlmErrorKind.Authentication,
            error.Message.Contains("It blames the account or its API key", StringComparison.Ordinal)
        );
        Assert.Equal(cause == LlmErrorKind.ContextLengthExceeded ? 131072L : null, error.MaximumTokens);
    }

    [Fact]
    public void ReadInBody_Code503WithRequestError_SetsCause()
    {
        byte[] body = Encoding.UTF8.GetBytes(
            """{"error":{"message":"litellm.ServiceUnavailableError: litellm.MidStreamFallbackError: litellm.APIConnectionError: APIConnectionError: OpenAIException - Requested token count exceeds the model's maximum context length of 131072 tokens.","type":null,"param":null,"code":"503"}}"""
        );

        var inStream = ErrorReader.ReadInBody(body, inStream: true);
        var whole = ErrorReader.ReadInBody(body, inStream: false);

        Assert.Equal(
            (LlmErrorKind.StreamError, LlmErrorKind.ContextLengthExceeded, false),
            (inStream.Kind, inStream.CauseKind, inStream.IsRetryable)
        );
        Assert.Equal((LlmErrorKind.Overloaded, LlmErrorKind.ContextLengthExceeded, true), (whole.Kind, whole.CauseKind, whole.IsRetryable));
    }

    [Fact]
    public void RetryAfter_GitHubModelsMessage_IsRead() =>
        Assert.Equal(
            TimeSpan.FromSeconds(35642),
            ErrorReader
                .Read(
                    429,
                    [],
                    """{"error":{"code":"RateLimitReached","message":"Rate limit of 8 per 86400s exceeded for UserByModelByDay. Please wait 35642 seconds before retrying."}}"""u8
                )
                .RetryAfter
        );

    [Theory]
    [InlineData("06:41:12.", 24_072d)]
    [InlineData("5.03:23:11", 444_191d)]
    [InlineData("22.14:18:12. Ask for more.", 1_952_292d)]
    [InlineData("10675199.00:00:00", 3650d * 86_400)]
    [InlineData("99999999999.00:00:00", null)]
    [InlineData("25:00:00", null)]
    [InlineData("5 minutes.", 300d)]
    [InlineData("5.", null)]
    [InlineData("a while", null)]
    [InlineData("", null)]
    public void RetryAfter_AzureApiManagementMessage_IsRead(string clock, double? seconds)
    {
        var error = ErrorReader.Read(
            403,
            [],
            Encoding.UTF8.GetBytes($$"""{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in {{clock}}"}""")
        );

        Assert.Equal((LlmErrorKind.QuotaExhausted, false, seconds), (error.Kind, error.IsRetryable, error.RetryAfter?.TotalSeconds));
    }

    [Fact]
    public void RetryAfter_SenseNovaMessage_IsRead() =>
        Assert.Equal(
            TimeSpan.FromSeconds(37),
            ErrorReader
                .Read(429, [], """{"error":{"message":"inference exceeds tpm/rpm limit, reset after 37s","code":"insufficient_quota"}}"""u8)
                .RetryAfter
        );

    [Theory]
    [InlineData(
        "rpc error: code = Internal desc = request (12012 tokens) exceeds the available context size (8192 tokens), try increasing it"
    )]
    [InlineData(
        "model inference failed: rpc error: code = Internal desc = request (12012 tokens) exceeds the available context size (8192 tokens), try increasing it"
    )]
    public void Read_ContextOverflowInGrpcError_ReturnsCauseAndTokenCounts(string message)
    {
        var error = ErrorReader.Read(500, [], Encoding.UTF8.GetBytes($$$"""{"error":{"code":500,"message":"{{{message}}}","type":""}}"""));

        Assert.Equal(
            (LlmErrorKind.ServerError, LlmErrorKind.ContextLengthExceeded, 12012L, 8192L),
            (error.Kind, error.CauseKind, error.RequestedTokens, error.MaximumTokens)
        );
    }

    [Fact]
    public void RetryAfter_CreditsHeldByInFlightRequests_IsReadFromBody() =>
        Assert.Equal(
            TimeSpan.FromSeconds(120),
            ErrorReader
                .Read(
                    402,
                    [],
                    """{"error":{"message":"This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.","code":402,"metadata":{"reason":"in_flight_budget_exhausted","limit_source":"openrouter_in_flight_budget","remedy_hint":"Retry after your in-flight requests settle (see the Retry-After header).","headers":{"Retry-After":"120"}}}}"""u8
                )
                .RetryAfter
        );

    // Cline (2026) wraps whole answers; others wrap them in the same way.
    [Theory]
    [InlineData("""{"success":true,"data":{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}}""")]
    [InlineData("""{"success":true,"message":"Done.","data":{}}""")]
    [InlineData("""{"code":0,"msg":"success","data":{}}""")]
    [InlineData("""{"code":200,"message":"OK","data":{}}""")]
    [InlineData("""{"status":"success","data":{}}""")]
    [InlineData("""{"foo":1}""")]
    [InlineData("{}")]
    public void ReadReply_NeitherAnswerNorError_ReturnsMalformedResponse(string body)
    {
        var error = Decoded.Whole(WireProtocols.Get("chat-completions"), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal(
            (LlmErrorKind.MalformedResponse, false, "The answer contains no choices."),
            (error?.Kind, error?.IsRetryable, error?.Message)
        );
    }

    [Theory]
    [InlineData("""{"success":false,"data":null}""")]
    [InlineData("""{"code":1,"data":null}""")]
    [InlineData("""{"status":"failed"}""")]
    [InlineData("""{"status":500}""")]
    [InlineData("""{"message":"It broke."}""")]
    [InlineData("""{"error":true}""")]
    public void ReadReply_FailureFlagWithoutMessage_ReturnsServerError(string body)
    {
        var error = Decoded.Whole(WireProtocols.Get("chat-completions"), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal((LlmErrorKind.ServerError, true), (error?.Kind, error?.IsRetryable));
    }

    public static TheoryData<string, string> Faults()
    {
        var rows = new TheoryData<string, string>();
        foreach (
            string protocol in (string[])["anthropic", "chat-completions", "converse", "bedrock-invoke", "responses", "gemini", "ollama"]
        )
        {
            rows.Add(protocol, """{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}""");
            rows.Add(protocol, """{"__type":"com.amazon.coral.service#UnknownOperationException"}""");
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void ReadReply_UnknownAwsOperation_AdvisesToCheckModelAndBaseUrl(string protocol, string body)
    {
        var error = Decoded.Whole(WireProtocols.Get(protocol), Encoding.UTF8.GetBytes(body)).Error;

        Assert.NotNull(error);
        Assert.Equal((LlmErrorKind.NotFound, false, "UnknownOperationException"), (error.Kind, error.IsRetryable, error.ProviderCode));
        Assert.EndsWith("Check the model's name and the base URL.", error.Message, StringComparison.Ordinal);
    }
}
