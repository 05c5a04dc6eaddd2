using RawLlm.Protocols;

namespace RawLlm.Tests.Calls;

/// <summary>A refusal as a service words it, and how the request is sent instead.</summary>
/// <param name="Name">The service or server, and what it refuses.</param>
/// <param name="Request">The request.</param>
/// <param name="Error">The body of the refusal.</param>
/// <param name="Refused">What the refused body contains, and the next one no longer.</param>
/// <param name="Sent">What the next body contains instead; empty if nothing.</param>
/// <param name="Place">The place of the quirk.</param>
/// <param name="Change">The change as C#; null if no public property expresses it.</param>
internal sealed record RefusalCase(
    string Name,
    ChatRequest Request,
    string Error,
    string Refused,
    string Sent,
    string Place,
    string? Change
)
{
    private const string Schema = """{"type":"object","properties":{},"additionalProperties":false}""";

    public int Status { get; init; } = 400;

    public bool IsStream { get; init; }

    public WireProtocol Protocol { get; init; } = new ChatCompletionsProtocol();

    /// <summary>What the dialect itself records; null if it records nothing.</summary>
    public Quirk? Own { get; init; }

    private static ChatRequest Hi { get; } = "Hi";

    private static ChatRequest WithTool { get; } = Hi with { Tools = [new ToolDefinition("look", null, Schema)] };

    private static ChatRequest Instructed { get; } = Hi with { System = "Be brief." };

    private static ChatRequest Answered { get; } =
        new()
        {
            Messages =
            [
                Message.User("Hi"),
                new(Role.Assistant, [new ReasoningPart("Hm."), new ToolCallPart(new ToolCall("call_abcdef", "look", "{}"))]),
                new(Role.Tool, [new ToolResultPart("call_abcdef", "sky")]),
            ],
            Tools = WithTool.Tools,
        };

    public static IReadOnlyList<RefusalCase> All { get; } =
    [
        // The limit of the answer.
        new(
            "OpenAI, max_tokens",
            Hi with
            {
                MaxTokens = 9,
            },
            """{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}""",
            "\"max_tokens\":9",
            "\"max_completion_tokens\":9",
            "max_tokens",
            "MaxTokensName = \"max_completion_tokens\""
        )
        {
            Protocol = new ChatCompletionsProtocol { MaxTokensName = "max_tokens" },
        },
        new(
            "vLLM as Python, max_completion_tokens",
            Hi with
            {
                MaxTokens = 9,
            },
            """{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 9}]","type":"BadRequestError","param":null,"code":400}""",
            "\"max_completion_tokens\":9",
            "\"max_tokens\":9",
            "max_completion_tokens",
            "MaxTokensName = \"max_tokens\""
        ),
        new(
            "TGI and other Rust servers, max_completion_tokens",
            Hi with
            {
                MaxTokens = 9,
            },
            "Failed to deserialize the JSON body into the target type: unknown field `max_completion_tokens`, expected one of `model`, `max_tokens` at line 1 column 80",
            "\"max_completion_tokens\":9",
            "\"max_tokens\":9",
            "max_completion_tokens",
            "MaxTokensName = \"max_tokens\""
        )
        {
            Status = 422,
        },
        new(
            "Fireworks, long whole answers",
            Hi with
            {
                MaxTokens = 9000,
            },
            """{"error":{"message":"Requests with max_tokens > 4096 must have stream=true","object":"error","type":"invalid_request_error"}}""",
            "\"max_tokens\":9000}",
            "\"stream\":true",
            "max_tokens",
            "MaxNonStreamingTokens = 4096"
        )
        {
            Protocol = new ChatCompletionsProtocol { MaxTokensName = "max_tokens" },
        },
        // Streams.
        new(
            "OpenAI of old, stream_options",
            Hi,
            """{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}""",
            "stream_options",
            "",
            "stream_options",
            "RequestsStreamUsage = false"
        )
        {
            IsStream = true,
        },
        new(
            "New API, stream_options",
            Hi,
            """{"error":{"message":"Unknown parameter: 'stream_options'. (request id: 20240806214436917505976) (request id: 20240806)","type":"invalid_request_error","param":"stream_options","code":"unknown_parameter"}}""",
            "stream_options",
            "",
            "stream_options",
            "RequestsStreamUsage = false"
        )
        {
            IsStream = true,
        },
        new(
            "Fireworks, stream_options",
            Hi,
            """{"error":{"object":"error","type":"invalid_request_error","message":"Extra inputs are not permitted, field: 'stream_options'"}}""",
            "stream_options",
            "",
            "stream_options",
            "RequestsStreamUsage = false"
        )
        {
            IsStream = true,
        },
        new(
            "Mistral, stream_options as an object",
            Hi,
            """{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]},"type":"invalid_request_error","param":null,"code":null}""",
            "stream_options",
            "",
            "stream_options",
            "RequestsStreamUsage = false"
        )
        {
            IsStream = true,
            Status = 422,
        },
        new(
            "a gateway, padding",
            Hi,
            """{"error":{"message":"Unknown parameter: 'stream_options.include_obfuscation'.","param":"stream_options.include_obfuscation","code":"unknown_parameter"}}""",
            "include_obfuscation",
            "\"include_usage\":true",
            "stream_options.include_obfuscation",
            "Obfuscation = null"
        )
        {
            IsStream = true,
            Protocol = new ChatCompletionsProtocol { Obfuscation = false },
        },
        // Sampling.
        new(
            "OpenAI, temperature",
            Hi with
            {
                Temperature = 0.2,
            },
            """{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}""",
            "\"temperature\":0.2",
            "",
            "temperature",
            "SupportsTemperature = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "temperature"),
        },
        new(
            "Anthropic behind LiteLLM, temperature",
            Hi with
            {
                Temperature = 0.2,
            },
            """{"error":{"message":"litellm.BadRequestError: AnthropicException - {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"`temperature` is deprecated for this model.\"}}","type":null,"param":null,"code":"400"}}""",
            "\"temperature\":0.2",
            "",
            "temperature",
            "SupportsTemperature = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "temperature"),
        },
        new(
            "Bedrock, temperature and top_p",
            Hi with
            {
                Temperature = 0.2,
                TopP = 0.9,
            },
            """{"message":"The model returned the following errors: `temperature` and `top_p` cannot both be specified for this model. Please use only one."}""",
            "\"top_p\":0.9",
            "\"temperature\":0.2",
            "top_p",
            "AcceptsTopPWithTemperature = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "top_p"),
        },
        new(
            "OpenAI, top_p",
            Hi with
            {
                TopP = 0.9,
            },
            """{"error":{"message":"Unsupported parameter: 'top_p' is not supported with this model.","type":"invalid_request_error","param":"top_p","code":"unsupported_parameter"}}""",
            "\"top_p\":0.9",
            "",
            "top_p",
            "SupportsTopP = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "top_p"),
        },
        new(
            "a pydantic server, seed",
            Hi with
            {
                Seed = 7,
            },
            """{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":7}]}""",
            "\"seed\":7",
            "",
            "seed",
            "SeedName = null"
        )
        {
            Status = 422,
            Own = new Quirk(QuirkKind.LeftOut, "seed"),
        },
        new(
            "xAI, stop",
            Hi with
            {
                Stop = ["x"],
            },
            """{"code":"Client specified an invalid argument","error":"Argument not supported on this model: stop"}""",
            "\"stop\":",
            "",
            "stop",
            "SupportsStop = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "stop"),
        },
        new(
            "xAI, presencePenalty",
            Hi with
            {
                PresencePenalty = 0.5,
            },
            """{"code":"Client specified an invalid argument","error":"Argument not supported on this model: presencePenalty"}""",
            "\"presence_penalty\":",
            "",
            "presence_penalty",
            "SupportsPenalties = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "presence_penalty"),
        },
        new(
            "LiteLLM, logprobs",
            Hi with
            {
                TopLogProbs = 2,
            },
            """{"error":{"message":"litellm.UnsupportedParamsError: ollama_chat does not support parameters: ['logprobs'], for model=llama3.1:70b. To drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: true`\n.","type":"None","param":null,"code":"400"}}""",
            "logprobs",
            "",
            "logprobs",
            "SupportsLogProbs = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "logprobs"),
        },
        new(
            "a gateway, n",
            Hi with
            {
                ChoiceCount = 2,
            },
            """{"error":{"message":"'n' > 1 is not supported","type":"invalid_request_error","param":"n"}}""",
            "\"n\":2",
            "",
            "n",
            "SupportsChoiceCount = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "n"),
        },
        // Tools.
        new(
            "Gemini, parallel_tool_calls",
            WithTool with
            {
                ParallelToolCalls = false,
            },
            """[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"parallel_tool_calls\": Cannot find field.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"Invalid JSON payload received. Unknown name \"parallel_tool_calls\": Cannot find field."}]}]}}]""",
            "parallel_tool_calls",
            "",
            "parallel_tool_calls",
            "SupportsParallelToolCalls = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "parallel_tool_calls"),
        },
        new(
            "a pydantic server, strict",
            Hi with
            {
                Tools = [new ToolDefinition("look", null, Schema) { Strict = true }],
            },
            """{"detail":[{"type":"extra_forbidden","loc":["body","tools",0,"function","strict"],"msg":"Extra inputs are not permitted","input":true}]}""",
            "\"strict\":true",
            "",
            "strict",
            "SupportsStrict = false"
        )
        {
            Status = 422,
            Own = new Quirk(QuirkKind.LeftOut, "tools[].function.strict"),
        },
        new(
            "Bedrock, tool_choice",
            WithTool with
            {
                ToolChoice = ToolChoice.Required,
            },
            """{"error":{"message":"This model does not support parameter: tool_choice","type":"invalid_request_error","param":null,"code":null}}""",
            "tool_choice",
            "",
            "tool_choice",
            "SupportsToolChoice = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "tool_choice"),
        },
        new(
            "Mistral, tool_choice",
            WithTool with
            {
                ToolChoice = ToolChoice.Required,
            },
            """{"detail":[{"type":"enum","loc":["body","tool_choice"],"msg":"Input should be 'auto', 'none' or 'any'","input":"required"}]}""",
            "\"tool_choice\":\"required\"",
            "\"tool_choice\":\"any\"",
            "tool_choice",
            "RequiredToolChoice = \"any\""
        )
        {
            Status = 422,
        },
        new(
            "a pydantic server, a single tool",
            WithTool with
            {
                ToolChoice = ToolChoice.Named("look"),
            },
            """{"detail":[{"type":"string_type","loc":["body","tool_choice"],"msg":"Input should be a valid string","input":{"type":"function"}}]}""",
            "\"tool_choice\":{",
            "\"tool_choice\":\"required\"",
            "tool_choice",
            "SupportsNamedToolChoice = false"
        )
        {
            Status = 422,
            Own = new Quirk(QuirkKind.Adapted, "tool_choice"),
        },
        new(
            "DeepSeek, a choice while thinking",
            WithTool with
            {
                ToolChoice = ToolChoice.Required,
            },
            """{"error":{"message":"Thinking mode does not support this tool_choice","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            "\"tool_choice\":\"required\"",
            "\"tool_choice\":\"auto\"",
            "tool_choice",
            "SupportsForcedToolCallsWhileThinking = false"
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "tool_choice"),
        },
        new(
            "DeepSeek, a choice while thinking that was asked for",
            WithTool with
            {
                ToolChoice = ToolChoice.Required,
                Thinking = Thinking.High,
            },
            """{"error":{"message":"Error: Thinking mode does not support this tool_choice","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            "\"tool_choice\":\"required\"",
            "\"thinking\":{\"type\":\"enabled\"}",
            "tool_choice",
            "SupportsForcedToolCallsWhileThinking = false"
        )
        {
            Protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.ThinkingObject },
            Own = new Quirk(QuirkKind.Adapted, "tool_choice"),
        },
        new(
            "A server, the choice none",
            WithTool with
            {
                ToolChoice = ToolChoice.None,
            },
            """{"error":{"message":"tool_choice 'none' is not supported","type":"invalid_request_error","param":"tool_choice"}}""",
            "\"tool_choice\":\"none\"",
            "",
            "tool_choice",
            "SupportsToolChoiceNone = false"
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "tools"),
        },
        new(
            "Mistral, the ID of a call",
            Answered,
            """{"object":"error","message":"Tool call id was call_abcdef but must be a-z, A-Z, 0-9, with a length of 9.","type":"invalid_request_message_order","param":null,"code":"3230"}""",
            "call_abcdef",
            "\"tool_call_id\":\"",
            "messages[].tool_calls[].id",
            "ToolCallIdLength = 9"
        ),
        // Formats.
        new(
            "Volcengine, json_schema",
            Hi with
            {
                Format = ReplyFormat.JsonSchema("city", Schema),
            },
            """{"error":{"code":"InvalidParameter","message":"The parameter `response_format.type` specified in the request are not valid: invalid value: `json_schema`, supported values are: `json_object` and `text`. Request id: 021","param":"response_format.type","type":"BadRequest"}}""",
            "\"type\":\"json_schema\"",
            "\"type\":\"json_object\"",
            "response_format",
            "SupportsJsonSchema = false"
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "response_format"),
        },
        new(
            "DeepSeek, json_schema",
            Hi with
            {
                Format = ReplyFormat.JsonSchema("city", Schema),
            },
            """{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            "\"type\":\"json_schema\"",
            "\"type\":\"json_object\"",
            "response_format",
            "SupportsJsonSchema = false"
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "response_format"),
        },
        new(
            "LM Studio, json_object",
            Hi with
            {
                Format = ReplyFormat.Json,
            },
            """{"error":"'response_format.type' must be 'json_schema' or 'text'"}""",
            "\"type\":\"json_object\"",
            "\"type\":\"json_schema\"",
            "response_format",
            "SupportsJsonObject = false"
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "response_format"),
        },
        // Thinking.
        new(
            "xAI, reasoningEffort",
            Hi with
            {
                Thinking = Thinking.High,
            },
            """{"code":"Client specified an invalid argument","error":"Argument not supported on this model: reasoningEffort"}""",
            "reasoning_effort",
            "",
            "reasoning_effort",
            "ThinkingStyle = ThinkingStyle.None"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "thinking"),
        },
        new(
            "Kimi, an effort",
            Hi with
            {
                Thinking = Thinking.Off,
            },
            """{"error":{"message":"Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'minimal', 'low', 'medium', and 'high'.","type":"invalid_request_error"}}""",
            "\"reasoning_effort\":\"none\"",
            "\"reasoning_effort\":\"minimal\"",
            "reasoning_effort",
            null
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "reasoning_effort"),
        },
        new(
            "OpenAI, an effort beside tools",
            WithTool,
            """{"error":{"message":"Function tools with reasoning_effort are not supported for m in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.","type":"invalid_request_error","param":"reasoning_effort","code":null}}""",
            "\"reasoning_effort\":\"high\"",
            "\"reasoning_effort\":\"none\"",
            "reasoning_effort",
            null
        )
        {
            Request = WithTool with { Thinking = Thinking.High },
            Own = new Quirk(QuirkKind.Adapted, "reasoning_effort"),
        },
        new(
            "Groq, template arguments",
            Hi with
            {
                Thinking = Thinking.Off,
            },
            """{"error":{"message":"property 'chat_template_kwargs' is unsupported","type":"invalid_request_error"}}""",
            "chat_template_kwargs",
            "",
            "chat_template_kwargs",
            "ThinkingStyle = ThinkingStyle.None"
        )
        {
            Protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.TemplateArguments },
            Own = new Quirk(QuirkKind.LeftOut, "thinking"),
        },
        // Messages and roles.
        new(
            "Groq, reasoning_content",
            Answered,
            """{"error":{"message":"'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]","type":"invalid_request_error"}}""",
            "reasoning_content",
            "",
            "messages[].reasoning_content",
            "ReasoningName = null"
        )
        {
            Protocol = new ChatCompletionsProtocol { ReasoningName = "reasoning_content" },
        },
        new(
            "Cerebras, reasoning_content",
            Answered,
            """{"message":"messages.1.assistant.reasoning_content: property 'messages.1.assistant.reasoning_content' is unsupported","type":"invalid_request_error","param":"validation_error","code":"wrong_api_format"}""",
            "reasoning_content",
            "",
            "messages[].reasoning_content",
            "ReasoningName = null"
        )
        {
            Protocol = new ChatCompletionsProtocol { ReasoningName = "reasoning_content" },
        },
        new(
            "Mistral, a name",
            new ChatRequest { Messages = [Message.User("Hi") with { Name = "Ada" }] },
            """{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","messages",0,"user","name"],"msg":"Extra inputs are not permitted","input":"Ada"}]},"type":"invalid_request_error","param":null,"code":null}""",
            "\"name\":\"Ada\"",
            "",
            "messages[].name",
            "SupportsMessageNames = false"
        )
        {
            Status = 422,
            Own = new Quirk(QuirkKind.LeftOut, "messages[].name"),
        },
        new(
            "a template of Qwen in llama.cpp, later instructions",
            new ChatRequest { Messages = [Message.User("Hi"), Message.System("Be brief.")] },
            """{"error":{"code":500,"message":"\n------------\nWhile executing CallExpression at line 85, column 32 in source:\n...first %}↵            {{- raise_exception('System message must be at the beginnin...\n                                           ^\nError: Jinja Exception: System message must be at the beginning.","type":"server_error"}}""",
            "[{\"role\":\"user\"",
            "[{\"role\":\"system\"",
            "messages[].role",
            "SupportsLaterSystemMessages = false"
        )
        {
            Status = 500,
            Own = new Quirk(QuirkKind.Adapted, "messages[].role"),
        },
        new(
            "a template of Mistral in vLLM, two questions",
            new ChatRequest { Messages = [Message.User("Hi"), Message.User("Why?")] },
            """{"object":"error","message":"After the optional system message, conversation roles must alternate user/assistant/user/assistant/...","type":"BadRequestError","param":null,"code":400}""",
            "},{\"role\":\"user\"",
            "Hi\\n\\nWhy?",
            "messages[].role",
            "AcceptsRepeatedRoles = false"
        ),
        new(
            "a template of Mistral in vLLM, instructions",
            Instructed,
            """{"object":"error","message":"Conversation roles must alternate user/assistant/user/assistant/...","type":"BadRequestError","param":null,"code":400}""",
            "\"role\":\"system\"",
            "[{\"role\":\"user\",\"content\":\"Be brief.\\n\\nHi\"}]",
            "messages[].role",
            "SystemRole = \"user\""
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "messages[].role"),
        },
        new(
            "a template of Gemma in vLLM, instructions",
            Instructed,
            """{"object":"error","message":"System role not supported","type":"BadRequestError","param":null,"code":400}""",
            "\"role\":\"system\"",
            "[{\"role\":\"user\",\"content\":\"Be brief.\\n\\nHi\"}]",
            "messages[].role",
            "SystemRole = \"user\""
        )
        {
            Own = new Quirk(QuirkKind.Adapted, "messages[].role"),
        },
        new(
            "DashScope, developer",
            Instructed,
            """{"error":{"message":"developer is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.[0].role'","type":"invalid_request_error","param":null,"code":null}}""",
            "\"role\":\"developer\"",
            "\"role\":\"system\"",
            "messages[].role",
            "SystemRole = \"system\""
        )
        {
            Protocol = new ChatCompletionsProtocol { SystemRole = "developer" },
        },
        new(
            "a Rust server, developer",
            Instructed,
            "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at line 1 column 60",
            "\"role\":\"developer\"",
            "\"role\":\"system\"",
            "messages[].role",
            "SystemRole = \"system\""
        )
        {
            Status = 422,
            Protocol = new ChatCompletionsProtocol { SystemRole = "developer" },
        },
        new(
            "OpenAI, developer",
            Instructed,
            """{"error":{"code":"unsupported_value","type":"invalid_request_error","param":"messages[0].role","message":"Unsupported value: 'messages[0].role' does not support 'developer' with this model."}}""",
            "\"role\":\"developer\"",
            "\"role\":\"system\"",
            "messages[].role",
            "SystemRole = \"system\""
        )
        {
            Protocol = new ChatCompletionsProtocol { SystemRole = "developer" },
        },
        new(
            "Cloudflare, null",
            Answered,
            """{"errors":[{"message":"AiError: Bad input: Error: oneOf at '/' not met: Type mismatch of '/messages/1/content', 'string' not in 'null'","code":5006}],"success":false}""",
            "\"content\":null",
            "\"content\":\"\"",
            "messages[].content",
            "AcceptsNullContent = false"
        ),
        new(
            "a gateway, user",
            Hi with
            {
                User = "u1",
            },
            """{"error":{"message":"Unrecognized request argument supplied: user","type":"invalid_request_error"}}""",
            "\"user\":\"u1\"",
            "",
            "user",
            "SupportsUser = false"
        )
        {
            Own = new Quirk(QuirkKind.LeftOut, "user"),
        },
    ];
}
