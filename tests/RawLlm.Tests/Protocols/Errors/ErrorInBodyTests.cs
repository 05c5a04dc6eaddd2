using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Errors;

public sealed class ErrorInBodyTests
{
    public static TheoryData<string, string, LlmErrorKind, bool, string?, string> Errors =>
        new()
        {
            {
                "chat chunk",
                """{"error":{"message":"The server had an error.","type":"server_error","code":null}}""",
                LlmErrorKind.ServerError,
                true,
                "server_error",
                "The server had an error."
            },
            {
                "openrouter chunk",
                """{"id":"gen-1","provider":"X","error":{"code":502,"message":"Upstream is away"},"model":"m","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""",
                LlmErrorKind.ServerError,
                true,
                "502",
                "Upstream is away"
            },
            {
                "openrouter client error",
                """{"error":{"code":400,"message":"Token limit reached"},"choices":[]}""",
                LlmErrorKind.BadRequest,
                false,
                "400",
                "Token limit reached"
            },
            {
                "error inside a choice",
                """{"choices":[{"index":0,"error":{"code":429,"message":"Slow down"},"finish_reason":"error"}]}""",
                LlmErrorKind.RateLimited,
                true,
                "429",
                "Slow down"
            },
            {
                "vllm flat",
                """{"object":"error","message":"The prompt (total length 9) is too long to fit into the model (context length 8).","type":"BadRequestError","param":null,"code":400}""",
                LlmErrorKind.ContextLengthExceeded,
                false,
                "BadRequestError",
                "too long to fit"
            },
            {
                "tgi",
                """{"error":"Request failed during generation: CUDA error","error_type":"generation"}""",
                LlmErrorKind.ServerError,
                true,
                "generation",
                "CUDA error"
            },
            {
                "tgi validation",
                """{"error":"Input validation error: `inputs` must have less than 10 tokens. Given: 12","error_type":"validation"}""",
                LlmErrorKind.ContextLengthExceeded,
                false,
                "validation",
                "must have less than 10 tokens"
            },
            {
                "gemini array",
                """[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]""",
                LlmErrorKind.Overloaded,
                true,
                "UNAVAILABLE",
                "The model is overloaded."
            },
            {
                "gemini cancelled",
                """{"error":{"code":499,"message":"The operation was cancelled.","status":"CANCELLED"}}""",
                LlmErrorKind.ServerError,
                false,
                "CANCELLED",
                "The operation was cancelled."
            },
            {
                "gemini quota per day",
                """{"error":{"code":429,"message":"No more.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"XPerDay"}]}]}}""",
                LlmErrorKind.QuotaExhausted,
                false,
                "RESOURCE_EXHAUSTED",
                "No more."
            },
            {
                "ollama line",
                """{"error":"an error was encountered while running the model: unexpected EOF"}""",
                LlmErrorKind.ServerError,
                true,
                null,
                "unexpected EOF"
            },
            {
                "anthropic",
                """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}""",
                LlmErrorKind.Overloaded,
                true,
                "overloaded_error",
                "Overloaded"
            },
            {
                "anthropic rate limit",
                """{"type":"error","error":{"type":"rate_limit_error","message":"Slow."}}""",
                LlmErrorKind.RateLimited,
                true,
                "rate_limit_error",
                "Slow."
            },
            {
                "anthropic invalid",
                """{"type":"error","error":{"type":"invalid_request_error","message":"Wrong."}}""",
                LlmErrorKind.BadRequest,
                false,
                "invalid_request_error",
                "Wrong."
            },
            {
                "bare object under event error",
                """{"code":500,"message":"slot is gone","type":"server_error"}""",
                LlmErrorKind.ServerError,
                true,
                "server_error",
                "slot is gone"
            },
            {
                "bare overflow under event error",
                """{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":20,"n_ctx":10}""",
                LlmErrorKind.ContextLengthExceeded,
                false,
                "exceed_context_size_error",
                "exceeds the available context size"
            },
            {
                "responses error, flat",
                """{"type":"error","code":"rate_limit_exceeded","message":"Slow.","param":null,"sequence_number":2}""",
                LlmErrorKind.RateLimited,
                true,
                "rate_limit_exceeded",
                "Slow."
            },
            {
                "responses error, nested",
                """{"type":"error","sequence_number":2,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"No credit.","param":null}}""",
                LlmErrorKind.QuotaExhausted,
                false,
                "insufficient_quota",
                "No credit."
            },
            {
                "responses failed",
                """{"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"It broke."},"metadata":{"raw":"insufficient_quota"},"model":"m"}}""",
                LlmErrorKind.ServerError,
                true,
                "server_error",
                "It broke."
            },
            {
                "responses overloaded",
                """{"type":"response.failed","response":{"status":"failed","error":{"code":"server_is_overloaded","message":"Busy."}}}""",
                LlmErrorKind.Overloaded,
                true,
                "server_is_overloaded",
                "Busy."
            },
            {
                "groq tool use",
                """{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed","status_code":400}}""",
                LlmErrorKind.ToolCallMalformed,
                false,
                "tool_use_failed",
                "Failed to call a function."
            },
            {
                "azure content filter",
                """{"error":{"code":"content_filter","message":"Filtered."}}""",
                LlmErrorKind.ContentFiltered,
                false,
                "content_filter",
                "Filtered."
            },
            {
                "minimax",
                """{"id":"1","choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""",
                LlmErrorKind.QuotaExhausted,
                false,
                "1008",
                "insufficient balance"
            },
            {
                "bedrock keyed by its exception",
                """{"throttlingException":{"message":"Too many requests"}}""",
                LlmErrorKind.RateLimited,
                true,
                "throttlingException",
                "Too many requests"
            },
            {
                "deepseek resources",
                """{"error":{"code":"insufficient_system_resource","message":"Busy."}}""",
                LlmErrorKind.Overloaded,
                true,
                "insufficient_system_resource",
                "Busy."
            },
            { "code that is no status", """{"error":{"code":7,"message":"Seven."}}""", LlmErrorKind.ServerError, true, "7", "Seven." },
            { "code 200", """{"error":{"code":200,"message":"Odd."}}""", LlmErrorKind.ServerError, true, "200", "Odd." },
            {
                "unknown words",
                """{"error":{"type":"strange_thing","message":"Odd."}}""",
                LlmErrorKind.ServerError,
                true,
                "strange_thing",
                "Odd."
            },
            { "plain string", "\"it broke\"", LlmErrorKind.ServerError, true, null, "it broke" },
            { "nothing at all", "", LlmErrorKind.ServerError, true, null, "did not say why" },
            { "garbage", "{\"error\":", LlmErrorKind.ServerError, true, null, "not be read as JSON" },
            { "nothing that tells", """{"foo":1}""", LlmErrorKind.ServerError, true, null, "no message" },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void ReadInBody_InStream_ReturnsStreamErrorWithCause(
        string name,
        string json,
        LlmErrorKind cause,
        bool isRetryable,
        string? code,
        string said
    )
    {
        var usage = new Usage { InputTokens = 3 };

        var error = ErrorReader.ReadInBody(Encoding.UTF8.GetBytes(json), inStream: true, usage);

        Assert.True(cause == error.CauseKind, $"{name}: {error.CauseKind}");
        Assert.Equal(LlmErrorKind.StreamError, error.Kind);
        Assert.Equal(isRetryable, error.IsRetryable);
        Assert.Equal(code, error.ProviderCode);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("The service reported an error inside the stream. ", error.Message, StringComparison.Ordinal);
        Assert.Same(usage, error.Usage);
        Assert.Equal(LlmPhase.Streaming, error.Phase);
        Assert.Null(error.Status);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void ReadInBody_InNonStreamingAnswer_ReturnsKind(
        string name,
        string json,
        LlmErrorKind kind,
        bool isRetryable,
        string? code,
        string said
    )
    {
        var error = ErrorReader.ReadInBody(Encoding.UTF8.GetBytes(json), inStream: false);

        Assert.True(kind == error.Kind, $"{name}: {error.Kind}");
        Assert.Null(error.CauseKind);
        Assert.Equal((isRetryable, code), (error.IsRetryable, error.ProviderCode));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throttlingException", LlmErrorKind.RateLimited, true)]
    [InlineData("validationException", LlmErrorKind.BadRequest, false)]
    [InlineData("serviceUnavailableException", LlmErrorKind.Overloaded, true)]
    [InlineData("internalServerException", LlmErrorKind.ServerError, true)]
    [InlineData("modelStreamErrorException", LlmErrorKind.ServerError, true)]
    public void ReadInBody_CodeFromFraming_DeterminesCause(string code, LlmErrorKind cause, bool isRetryable)
    {
        var error = ErrorReader.ReadInBody("""{"message":"No."}"""u8, inStream: true, code: code);

        Assert.Equal((cause, isRetryable, code), (error.CauseKind, error.IsRetryable, error.ProviderCode));
    }

    [Fact]
    public void ReadInBody_ErrorTextLimit_TruncatesMessage() =>
        Assert.Contains(
            ": aaaa…",
            ErrorReader
                .ReadInBody("""{"error":"aaaaaaaaaa"}"""u8, inStream: true, limits: new LlmLimits { ErrorTextCharacters = 5 })
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void ReadInBody_RetryTimeInMessage_SetsRetryAfter() =>
        Assert.Equal(
            TimeSpan.FromSeconds(20),
            ErrorReader.ReadInBody("""{"error":{"code":429,"message":"Please try again in 20s."}}"""u8, inStream: true).RetryAfter
        );

    [Fact]
    public void Decoder_ErrorInStream_ThrowsStreamErrorWithCause()
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder();
        byte[] wire = Encoding.UTF8.GetBytes(
            """
            data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}

            data: {"error":{"code":529,"message":"Overloaded","metadata":{"provider_name":"X"}}}


            """.ReplaceLineEndings("\n")
        );
        wire.CopyTo(decoder.GetMemory(wire.Length));
        decoder.Advance(wire.Length);
        decoder.Complete();

        var error = Assert.Throws<LlmException>(() =>
        {
            while (decoder.TryRead()) { }
        });

        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.Overloaded), (error.Kind, error.CauseKind));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{}}],"x_groq":{"id":"r","error":"over capacity"}}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","error":"over capacity","usage":null}}""")]
    public void Decode_ErrorInGroqMember_MessageContainsErrorText(string chunk) =>
        Assert.Contains("over capacity", Broken(new ChatCompletionsProtocol(), $"data: {chunk}\n\n").Message);

    [Fact]
    public void Decode_ZeroUsageBeforeTruncation_LeavesUsageNull()
    {
        const string Created =
            "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"status\":\"in_progress\",\"output\":[],\"usage\":{\"input_tokens\":IN,\"output_tokens\":0,\"total_tokens\":IN}}}\n\n";

        Assert.Null(Broken(new ResponsesProtocol(), Created.Replace("IN", "0", StringComparison.Ordinal)).Usage);
        Assert.Equal(7, Broken(new ResponsesProtocol(), Created.Replace("IN", "7", StringComparison.Ordinal)).Usage?.InputTokens);
    }

    [Fact]
    public void ReadReply_WithoutChoices_ErrorContainsUsage()
    {
        using var events = new EventBuffer();

        var error = Assert.Throws<LlmException>(() =>
            new ChatCompletionsProtocol().ReadReply(
                """{"id":"c","object":"chat.completion","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":0}}"""u8,
                events
            )
        );

        Assert.Equal(7, error.Usage?.InputTokens);
    }

    private static LlmException Broken(WireProtocol protocol, string body)
    {
        using var decoder = protocol.CreateDecoder(DecoderOptions.Default);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        return Assert.Throws<LlmException>(() =>
        {
            while (decoder.TryRead()) { }
            decoder.Complete();
            decoder.TryRead();
        });
    }
}
