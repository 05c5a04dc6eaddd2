using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Protocols.Errors;

public sealed class ErrorClassificationTests
{
    public static TheoryData<int, LlmErrorKind, bool> Statuses =>
        new()
        {
            { 400, LlmErrorKind.BadRequest, false },
            { 401, LlmErrorKind.Authentication, false },
            { 402, LlmErrorKind.QuotaExhausted, false },
            { 403, LlmErrorKind.PermissionDenied, false },
            { 404, LlmErrorKind.NotFound, false },
            { 405, LlmErrorKind.NotFound, false },
            { 406, LlmErrorKind.BadRequest, false },
            { 407, LlmErrorKind.ProxyFailed, false },
            { 408, LlmErrorKind.ServerError, true },
            { 409, LlmErrorKind.ServerError, true },
            { 410, LlmErrorKind.NotFound, false },
            { 413, LlmErrorKind.RequestTooLarge, false },
            { 415, LlmErrorKind.BadRequest, false },
            { 422, LlmErrorKind.BadRequest, false },
            { 424, LlmErrorKind.ServerError, false },
            { 425, LlmErrorKind.ServerError, true },
            { 429, LlmErrorKind.RateLimited, true },
            { 451, LlmErrorKind.PermissionDenied, false },
            { 498, LlmErrorKind.Overloaded, true },
            { 499, LlmErrorKind.ServerError, false },
            { 500, LlmErrorKind.ServerError, true },
            { 501, LlmErrorKind.ServerError, false },
            { 502, LlmErrorKind.ServerError, true },
            { 503, LlmErrorKind.Overloaded, true },
            { 504, LlmErrorKind.ServerError, true },
            { 505, LlmErrorKind.ServerError, false },
            { 520, LlmErrorKind.ServerError, true },
            { 524, LlmErrorKind.ServerError, true },
            { 525, LlmErrorKind.ServerError, false },
            { 529, LlmErrorKind.Overloaded, true },
            { 599, LlmErrorKind.ServerError, false },
            { 600, LlmErrorKind.ServerError, false },
            { 999, LlmErrorKind.ServerError, false },
            { 0, LlmErrorKind.ServerError, false },
            { -1, LlmErrorKind.ServerError, false },
        };

    [Theory]
    [MemberData(nameof(Statuses))]
    [Case(133, 134, 136)]
    public void Read_StatusOnly_ReturnsKindAndIsRetryable(int status, LlmErrorKind kind, bool isRetryable)
    {
        var error = ErrorReader.Read(status, [], []);

        Assert.Equal((kind, isRetryable), (error.Kind, error.IsRetryable));
    }

    // GitHub Models since 2026-07-30, and NVIDIA for models at the end of their life (2026).
    [Theory]
    [InlineData(
        "",
        "The service has permanently removed the model or the URL (status 410), and did not say why. Use another one: this one is no longer offered."
    )]
    [InlineData(
        """{"title":"Gone","status":410,"detail":"The model 'm' has reached its end of life."}""",
        "The service has permanently removed the model or the URL (status 410): The model 'm' has reached its end of life. Use another one: this one is no longer offered."
    )]
    public void Read_Status410_ReturnsPermanentNotFound(string body, string message)
    {
        var error = ErrorReader.Read(410, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal((LlmErrorKind.NotFound, false, message), (error.Kind, error.IsRetryable, error.Message));
    }

    // Bedrock's ModelErrorException; Groq sends this status about a tool's server.
    [Theory]
    [InlineData("The system encountered an unexpected error during processing. Try your request again.", true)]
    [InlineData("Error retrieving tool list from MCP server.", false)]
    public void Read_Status424_IsRetryableIfServiceAsksForRetry(string message, bool isRetryable) =>
        Assert.Equal((LlmErrorKind.ServerError, isRetryable), Pair(ErrorReader.Read(424, [], Json(message))));

    public static TheoryData<string, int, string, long?, long?> Overflows =>
        new()
        {
            {
                "openai",
                400,
                "This model's maximum context length is 4097 tokens. However, your messages resulted in 5021 tokens. Please reduce the length of the messages.",
                5021,
                4097
            },
            {
                "openai completion",
                400,
                "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens (8001 in the messages, 1000 in the completion).",
                9001,
                8192
            },
            {
                "openai responses",
                400,
                "Your input exceeds the context window of this model. Please adjust your input and try again.",
                null,
                null
            },
            { "openai responses, shorter", 400, "Your input exceeds the model's context window", null, null },
            {
                "openai responses, shorter, this",
                400,
                "Your input exceeds this model's context window. Please adjust your input and try again.",
                null,
                null
            },
            { "openai responses, upstream", 400, "Upstream request failed: Your input exceeds the model's context window", null, null },
            { "anthropic prompt", 400, "prompt is too long: 209353 tokens > 199999 maximum", 209353, 199999 },
            {
                "anthropic input and output",
                400,
                "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, decrease input length or `max_tokens` and try again",
                207951,
                200000
            },
            { "gemini", 400, "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).", 1250074, 1048576 },
            {
                "gemini without parentheses",
                400,
                "The input token count exceeds the maximum number of tokens allowed 1048576.",
                null,
                1048576
            },
            {
                "vertex",
                400,
                "Unable to submit request because the input token count is 1200000 but model only supports up to 1048576. Reduce the input token count and try again.",
                1200000,
                1048576
            },
            { "bedrock titan", 400, "Too many input tokens. Max input tokens: 8192, request input token count: 10251", 10251, 8192 },
            {
                "deepseek",
                400,
                "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens (66000 in the messages, 4000 in the completion).",
                70000,
                65536
            },
            {
                "vllm parts",
                400,
                "This model's maximum context length is 262144 tokens. However, you requested 0 output tokens and your prompt contains at least 262145 input tokens, for a total of at least 262145 tokens.",
                262145,
                262144
            },
            {
                "vllm request",
                400,
                "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.",
                5000,
                4096
            },
            {
                "vllm output",
                400,
                "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 20 input tokens (5000 > 4096 - 20).",
                5020,
                4096
            },
            { "vllm decoder", 400, "The decoder prompt (length 5000) is longer than the maximum model length of 4096.", 5000, 4096 },
            {
                "sglang",
                400,
                "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 140000 tokens",
                140000,
                131072
            },
            { "sglang input", 400, "The input (5000 tokens) is longer than the model's context length (4096 tokens).", 5000, 4096 },
            {
                "input length in parentheses",
                400,
                "Input length (265330) exceeds model's maximum context length (262144).",
                265330,
                262144
            },
            { "poolside", 400, "Input length 131393 exceeds the maximum allowed input length of 131040 tokens.", 131393, 131040 },
            {
                "tgi",
                422,
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`",
                5100,
                4096
            },
            { "tgi inputs", 422, "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000", 5000, 4095 },
            { "llama.cpp", 400, "request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it", 14429, 8192 },
            {
                "llama.cpp old",
                400,
                "the request exceeds the available context size. try increasing the context size or enable context shift",
                null,
                null
            },
            {
                "cerebras",
                400,
                "Please reduce the length of the messages or completion. Current length is 8500 while limit is 8192",
                8500,
                8192
            },
            { "groq", 400, "Please reduce the length of the messages or completion.", null, null },
            { "bedrock", 400, "Input is too long for requested model.", null, null },
            {
                "bedrock nova",
                400,
                "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length.",
                null,
                null
            },
            {
                "bedrock claude",
                400,
                "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum",
                210000,
                200000
            },
            { "xai", 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 537812, 131072 },
            {
                "mistral",
                400,
                "Prompt contains 40962 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
                40962,
                32768
            },
            {
                "cohere",
                400,
                "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292. Try using a shorter prompt",
                4292,
                4081
            },
            { "fireworks", 400, "The prompt is too long: 10000, model maximum context length: 4096", 10000, 4096 },
            {
                "openrouter",
                400,
                "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (39000 of text input, 1000 in the output).",
                40000,
                32768
            },
            { "dashscope", 400, "Range of input length should be [1, 98304]", null, 98304 },
            { "minimax", 400, "invalid params, context window exceeds limit (2013)", null, null },
            {
                "litellm around anthropic",
                400,
                "litellm.BadRequestError: AnthropicException - prompt is too long: 210,000 tokens > 200,000 maximum",
                210000,
                200000
            },
            {
                "vllm characters",
                400,
                "You passed 99999999 input characters and requested 32000 output tokens. However, the model's context length is only 100000 tokens, resulting in a maximum input length of 68000 tokens.",
                null,
                100000
            },
            {
                "workers ai",
                413,
                "AiError: AiError: The estimated number of input and maximum output tokens (70000) exceeded this model context window limit (24000).",
                70000,
                24000
            },
            { "watsonx", 400, "the number of input tokens 9000 cannot exceed the total tokens limit 8192 for this model", 9000, 8192 },
            {
                "ollama",
                400,
                "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings",
                null,
                null
            },
            { "llama.cpp while it answers", 400, "Context size has been exceeded.", null, null },
            { "doubao", 400, "Total tokens of image and text exceed max message tokens. Request id: 0217", null, null },
            {
                "lm studio around llama.cpp",
                400,
                "Engine protocol predict stream returned an error: {\"code\":500,\"message\":\"Context size has been exceeded.\",\"type\":\"server_error\"}",
                null,
                null
            },
            {
                "lm studio",
                400,
                "Input does not fit in context length. The input has 31430 tokens, but the context length only supports 30000 tokens.",
                31430,
                30000
            },
            { "lm studio that keeps", 400, "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)", 15028, 7424 },
            {
                "lm studio while it answers",
                400,
                "Reached context length of 4096 tokens with model (arch: gpt-oss) that does not currently support mid-generation context overflow.",
                null,
                4096
            },
            { "claude on vertex", 400, "Prompt is too long", null, null },
            { "claude on vertex under 413", 413, "Prompt is too long", null, null },
            {
                "sambanova",
                400,
                "Requested generation length 1 is not possible! The provided prompt is 16400 tokens long, so generating 1 tokens requires a sequence length of 16401, but the maximum supported sequence length is just 16384!",
                16401,
                16384
            },
            { "llama-cpp-python", 400, "Requested tokens (5000) exceed context window of 4096", 5000, 4096 },
            { "tensorrt-llm", 400, "Prompt length (5000) exceeds maximum input length (4096).", 5000, 4096 },
            { "kimi", 400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 275363)", 275363, 262144 },
            { "under 413", 413, "prompt is too long: 209353 tokens > 199999 maximum", 209353, 199999 },
        };

    [Theory]
    [MemberData(nameof(Overflows))]
    [Case(124, 125, 126)]
    public void Read_ContextOverflow_ReturnsTokenCounts(string name, int status, string message, long? requested, long? maximum)
    {
        var error = ErrorReader.Read(status, [], Json(message));

        Assert.True(error.Kind == LlmErrorKind.ContextLengthExceeded, $"{name}: {error.Kind}");
        Assert.Equal((requested, maximum), (error.RequestedTokens, error.MaximumTokens));
        Assert.False(error.IsRetryable);
        Assert.Contains("Shorten the conversation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ContextOverflowOfLlamaCpp_ReadsTokenCountsFromMembers()
    {
        var error = ErrorReader.Read(
            400,
            [],
            """{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}"""u8
        );

        Assert.Equal(LlmErrorKind.ContextLengthExceeded, error.Kind);
        Assert.Equal((14429L, 8192L), (error.RequestedTokens, error.MaximumTokens));
    }

    [Theory]
    [InlineData("context_length_exceeded")]
    [InlineData("exceed_context_size_error")]
    [InlineData("ContextWindowExceededError")]
    [InlineData("model_context_window_exceeded")]
    [InlineData("tokens_limit_reached")]
    [Case(123)]
    public void Read_ContextOverflowCodeWithUnknownMessage_ReturnsContextLengthExceeded(string code) =>
        Assert.Equal(LlmErrorKind.ContextLengthExceeded, ErrorReader.Read(400, [], Json("Words never seen before.", code)).Kind);

    private static readonly string[] Telling =
    [
        "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens",
        "prompt is too long: 209353 tokens > 199999 maximum",
        "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000",
        "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).",
        "request (5000 tokens) exceeds the available context size (4096 tokens)",
        "Input is too long for requested model.",
        "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 1 `max_new_tokens`",
        "Your credit balance is too low to access the API.",
        "Insufficient balance",
        "insufficient_quota",
        "rate_limit_exceeded",
        "context_length_exceeded",
        "content_filter",
        "HTTP 429 Too Many Requests",
        "Error 529: overloaded_error",
        "Incorrect API key provided: sk-x",
        "Output blocked by content filtering policy",
        "The model is overloaded. Please try again later.",
        "string_above_max_length",
    ];

    /// <summary>
    /// The telling phrases in places where they mean nothing: quoted inside a message, or in any other member than message, code and type.
    /// </summary>
    public static TheoryData<string> Traps()
    {
        var traps = new TheoryData<string>();
        foreach (string phrase in Telling)
        {
            string quoted = JsonSerializer.Serialize(phrase);
            string inner = quoted[1..^1];
            traps.Add(
                $$$"""{"error":{"message":"Invalid 'messages[0].content': got '{{{inner}}}'.","type":"invalid_request_error","code":"invalid_value"}}"""
            );
            traps.Add(
                $$$"""{"error":{"message":"Invalid 'user': string too long.","type":"invalid_request_error","param":{{{quoted}}},"code":"string_above_max_length"}}"""
            );
            traps.Add(
                $$$"""{"error":{"message":"Tool arguments are not JSON.","type":"invalid_request_error","code":null,"failed_generation":{{{quoted}}}}}"""
            );
            traps.Add(
                $$"""{"error":{"message":"Unsupported value.","type":"invalid_request_error"},"prompt":{{quoted}},"input":[{"message":{{quoted}},"code":"insufficient_quota"}]}"""
            );
            traps.Add(
                $$$"""{"error":{"message":"Wrong.","type":"invalid_request_error","code":400},"request":{"messages":[{"role":"user","content":{{{quoted}}}}]}}"""
            );
            traps.Add(
                $$"""{"detail":[{"loc":["body","messages",0,"content"],"msg":"Input should be a valid list","type":"list_type","input":{{quoted}}}]}"""
            );
            traps.Add($$$"""{"message":"Wrong: {{{inner}}}","metadata":{"raw":{{{quoted}}},"error_type":{{{quoted}}}}}""");
        }
        return traps;
    }

    [Theory]
    [MemberData(nameof(Traps))]
    [Case(127)]
    public void Read_OverflowPhraseInWrongPlace_ReturnsBadRequest(string body)
    {
        var error = ErrorReader.Read(400, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal(LlmErrorKind.BadRequest, error.Kind);
        Assert.False(error.IsRetryable);
        Assert.Null(error.MaximumTokens);
    }

    [Fact]
    public void Traps_TestData_ContainsAtLeast100Rows() => Assert.True(Traps().Count >= 100, $"{Traps().Count}");

    [Theory]
    [InlineData(
        """{"error":{"message":"Invalid 'messages[0].content': string too long. Expected a string with maximum length 10485760, but got a string with length 11000000 instead.","type":"invalid_request_error","param":"messages[0].content","code":"string_above_max_length"}}"""
    )]
    [InlineData(
        """{"error":{"message":"Invalid 'user': string too long. Expected a string with maximum length 64.","type":"invalid_request_error","code":"string_above_max_length"}}"""
    )]
    [InlineData("""{"error":{"message":"input is too long for this field","type":"invalid_request_error"}}""")]
    [InlineData("""{"error":{"message":"code 429 is not a valid enum value","type":"invalid_request_error","code":"429"}}""")]
    [InlineData("""{"error":{"message":"Wrong.","code":429}}""")]
    [InlineData("""{"status":503,"message":"The tool's reply had the wrong type"}""")]
    [Case(127)]
    public void Read_BadRequestResemblingOtherError_ReturnsBadRequest(string body) =>
        Assert.Equal((LlmErrorKind.BadRequest, false), Pair(ErrorReader.Read(400, [], Encoding.UTF8.GetBytes(body))));

    [Theory]
    [InlineData("Too many tokens per day, please wait before trying again.", "ThrottlingException")]
    [InlineData("Too many tokens per day, please wait before trying again.", null)]
    [InlineData("you (somebody) have reached your hourly usage limit, please wait or upgrade to continue", null)]
    [InlineData("you (somebody) have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade", null)]
    [InlineData("Coding Plan hour quota has been exceeded", null)]
    [InlineData("Coding Plan week quota has been exceeded, it will reset at 2026-09-20.", "rate_limit_error")]
    [InlineData("Subscription quota exceeded. You can continue using free models.", null)]
    [InlineData("5-hour usage limit reached. Resets in 13min.", null)]
    [InlineData("Weekly usage limit reached. Resets in 6hr 29min.", null)]
    [InlineData("Monthly usage limit reached. Resets in 10 days.", null)]
    public void Read_HourlyDailyOrWeeklyLimit_ReturnsQuotaExhausted(string message, string? code) =>
        Assert.Equal((LlmErrorKind.QuotaExhausted, false), Pair(ErrorReader.Read(429, [], Json(message, code))));

    [Theory]
    [InlineData(429, "Your prepayment credits are depleted. Please go to the console to buy more.", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "Your project has exceeded its monthly spending cap. Please go to the console to change it.", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "[1310][Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-08-01 10:03:40][20260728]", "1310")]
    [InlineData(429, "Words.", "1309")]
    [InlineData(429, "usage limit exceeded, 5-hour usage limit reached for Token Plan (2056)", "rate_limit_error")]
    [InlineData(403, "You've reached your usage limit for this billing cycle.", "access_terminated_error")]
    [InlineData(403, "You have reached your weekly usage limit.", "permission_error")]
    [InlineData(
        403,
        "You have reached your subscription quota limit. Please wait for automatic quota refresh in the rolling time window, upgrade to a higher plan, or use a Pay-As-You-Go API Key for unlimited access.",
        "quote_exceeded"
    )]
    [InlineData(403, "Words.", "insufficient_user_quota")]
    [InlineData(403, "Words.", "pre_consume_token_quota_failed")]
    [InlineData(
        400,
        "You have reached your specified workspace API usage limits. You will regain access on 2026-12-01.",
        "invalid_request_error"
    )]
    [InlineData(400, "You're out of extra usage. Add more in the settings and keep going.", "invalid_request_error")]
    [InlineData(400, "Words.", "token_limit_exceeded")]
    public void Read_CreditExhausted_ReturnsQuotaExhausted(int status, string message, string code) =>
        Assert.Equal((LlmErrorKind.QuotaExhausted, false), Pair(ErrorReader.Read(status, [], Json(message, code))));

    [Fact]
    public void Read_QuotaOfPlan_KeepsRetryAfter()
    {
        var error = ErrorReader.Read(429, [], Json("Subscription quota exceeded. Retry in 3hr 20min."));

        Assert.Equal((LlmErrorKind.QuotaExhausted, false, 12000d), (error.Kind, error.IsRetryable, error.RetryAfter?.TotalSeconds));
    }

    [Theory]
    [InlineData("Rate limit reached for requests. Your weekly usage limit is not affected.")]
    [InlineData("You have reached your requests per minute quota limit.")]
    [InlineData("Coding Plan rate limit reached, please slow down.")]
    public void Read_SimilarWordsForMinuteLimit_IsRateLimited(string message) =>
        Assert.Equal((LlmErrorKind.RateLimited, true), Pair(ErrorReader.Read(429, [], Json(message))));

    [Theory]
    [InlineData("invalid_image_url", LlmErrorKind.BadRequest, false)]
    [InlineData("failed_to_download_image", LlmErrorKind.BadRequest, false)]
    [InlineData("invalid_prompt", LlmErrorKind.BadRequest, false)]
    [InlineData("unprocessable", LlmErrorKind.BadRequest, false)]
    [InlineData("cyber_policy", LlmErrorKind.ContentFiltered, false)]
    [InlineData("image_content_policy_violation", LlmErrorKind.ContentFiltered, false)]
    [InlineData("refusal", LlmErrorKind.ContentFiltered, false)]
    [InlineData("authentication", LlmErrorKind.Authentication, false)]
    [InlineData("provider_overloaded", LlmErrorKind.Overloaded, true)]
    [InlineData("provider_unavailable", LlmErrorKind.Overloaded, true)]
    [InlineData("timeout", LlmErrorKind.ServerError, true)]
    [InlineData("1302", LlmErrorKind.RateLimited, true)]
    [InlineData("1305", LlmErrorKind.Overloaded, true)]
    [InlineData("Throttling.AllocationQuota", LlmErrorKind.RateLimited, true)]
    [InlineData("limit_burst_rate", LlmErrorKind.RateLimited, true)]
    [InlineData("previous_response_not_found", LlmErrorKind.BadRequest, false)]
    [InlineData("unsupported_parameter", LlmErrorKind.BadRequest, false)]
    [InlineData("invalid_encrypted_content", LlmErrorKind.BadRequest, false)]
    public void ReadInBody_CodeWithoutStatus_ReturnsCauseOfCode(string code, LlmErrorKind kind, bool isRetryable)
    {
        var error = ErrorReader.ReadInBody(Json("Words.", code), inStream: true);

        Assert.Equal((kind, isRetryable), (error.CauseKind, error.IsRetryable));
    }

    [Fact]
    public void ReadInBody_RequestLargerThanMinuteLimit_IsNotRetryable()
    {
        var error = ErrorReader.ReadInBody(
            Json("Request too large for gpt-4o-mini on tokens per min (TPM): Limit 30000, Requested 35364.", "rate_limit_exceeded"),
            inStream: true
        );

        Assert.Equal((LlmErrorKind.RateLimited, false), (error.CauseKind, error.IsRetryable));
    }

    [Fact]
    public void ReadInBody_DailyThrottling_ReturnsQuotaExhausted()
    {
        var error = ErrorReader.ReadInBody(
            """{"message":"Too many tokens per day, please wait before trying again."}"""u8,
            inStream: true,
            code: "throttlingException"
        );

        Assert.Equal((LlmErrorKind.QuotaExhausted, false), (error.CauseKind, error.IsRetryable));
    }

    [Theory]
    [InlineData("Authentication failed: Please make sure your API Key is valid.")]
    [InlineData("Bearer Token has expired")]
    public void Read_InvalidBedrockKey_ReturnsAuthentication(string message) =>
        Assert.Equal(
            (LlmErrorKind.Authentication, false),
            Pair(
                ErrorReader.Read(
                    403,
                    [new("x-amzn-errortype", "AccessDeniedException")],
                    Encoding.UTF8.GetBytes($$"""{"Message":"{{message}}"}""")
                )
            )
        );

    [Fact]
    public void Read_ThrottlingMentionsTokens_ReturnsRateLimited() =>
        Assert.Equal(
            (LlmErrorKind.RateLimited, true),
            Pair(ErrorReader.Read(429, [], Json("Too many tokens, please wait before trying again.", "ThrottlingException")))
        );

    [Fact]
    public void Read_PlainTextErrorBody_IsClassifiedByStatus() =>
        Assert.Equal(LlmErrorKind.BadRequest, ErrorReader.Read(400, [], "prompt is too long: 209353 tokens > 199999 maximum"u8).Kind);

    [Fact]
    public void Read_RequestLargerThanMinuteLimit_IsNotRetryable() =>
        Assert.Equal(
            (LlmErrorKind.RateLimited, false),
            Pair(
                ErrorReader.Read(
                    429,
                    [],
                    Json("Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000.", "rate_limit_exceeded")
                )
            )
        );

    [Theory]
    [InlineData("invalid_request_error", "Anything", null)]
    [InlineData("invalid_value", "Anything", null)]
    [InlineData("model_not_found", "Anything", LlmErrorKind.NotFound)]
    [InlineData("context_length_exceeded", "Anything", LlmErrorKind.ContextLengthExceeded)]
    [InlineData("server_error", "prompt is too long: 5 tokens > 4 maximum", LlmErrorKind.ContextLengthExceeded)]
    [InlineData("content_filter", "Anything", LlmErrorKind.ContentFiltered)]
    [Case(135)]
    public void Read_Status500WithRequestError_ReturnsServerErrorWithCause(string code, string message, LlmErrorKind? cause)
    {
        var error = ErrorReader.Read(500, [], Json(message, code));

        Assert.Equal((LlmErrorKind.ServerError, true), Pair(error));
        if (cause is not null)
        {
            Assert.Equal(cause, error.CauseKind);
            Assert.Contains("It blames the request", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(500, "insufficient_quota", LlmErrorKind.QuotaExhausted, false)]
    [InlineData(500, "rate_limit_exceeded", LlmErrorKind.RateLimited, true)]
    [InlineData(502, "overloaded_error", LlmErrorKind.Overloaded, true)]
    [InlineData(400, "ThrottlingException", LlmErrorKind.RateLimited, true)]
    [InlineData(400, "insufficient_quota", LlmErrorKind.QuotaExhausted, false)]
    [InlineData(429, "context_length_exceeded", LlmErrorKind.ContextLengthExceeded, false)]
    [InlineData(429, "model_not_found", LlmErrorKind.RateLimited, true)]
    [InlineData(401, "rate_limit_exceeded", LlmErrorKind.Authentication, false)]
    [InlineData(404, "overloaded_error", LlmErrorKind.NotFound, false)]
    [InlineData(403, "rate_limit_exceeded", LlmErrorKind.PermissionDenied, false)]
    [InlineData(403, "insufficient_quota", LlmErrorKind.QuotaExhausted, false)]
    [InlineData(503, "invalid_request_error", LlmErrorKind.Overloaded, true)]
    [Case(128, 133)]
    public void Read_StatusAndCode_ReturnsKindOfBoth(int status, string code, LlmErrorKind kind, bool isRetryable) =>
        Assert.Equal((kind, isRetryable), Pair(ErrorReader.Read(status, [], Json("Words.", code))));

    [Theory]
    [InlineData(429, "false", false)]
    [InlineData(500, "FALSE", false)]
    [InlineData(501, "true", true)]
    [InlineData(600, "true", true)]
    [InlineData(400, "true", false)]
    [InlineData(401, "true", false)]
    [InlineData(402, "true", false)]
    [InlineData(429, "maybe", true)]
    [Case(132)]
    public void Read_XShouldRetryHeader_OverridesOnlyUncertainRetries(int status, string value, bool expected) =>
        Assert.Equal(expected, ErrorReader.Read(status, [new("X-Should-Retry", value)], []).IsRetryable);

    private static byte[] Json(string message, string? code = null) =>
        Encoding.UTF8.GetBytes(
            $$$"""{"error":{"message":{{{JsonSerializer.Serialize(message)}}},"type":null,"code":{{{JsonSerializer.Serialize(code)}}}}}"""
        );

    private static (LlmErrorKind Kind, bool IsRetryable) Pair(LlmException error) => (error.Kind, error.IsRetryable);
}
