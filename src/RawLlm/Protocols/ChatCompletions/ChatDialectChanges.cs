namespace RawLlm.Protocols;

/// <summary>
/// Finds how the dialect of chat completions must change so that a service accepts what it has refused. Only what the dialect can leave out
/// or replace is changed; any other refusal is the caller's to handle.
/// </summary>
/// <remarks>The wordings are those of the services and servers that are named beside them, 2023 to 2026.</remarks>
internal readonly ref struct ChatDialectChanges
{
    private const string Roles = "messages[].role";

    private readonly ChatCompletionsProtocol _dialect;
    private readonly RequestRefusal _refusal;
    private readonly SentRequest _sent;
    private readonly List<DialectChange> _changes;

    private ChatDialectChanges(ChatCompletionsProtocol dialect, RequestRefusal refusal, SentRequest sent, List<DialectChange> changes)
    {
        _dialect = dialect;
        _refusal = refusal;
        _sent = sent;
        _changes = changes;
    }

    /// <summary>Adds the changes for all that the service names.</summary>
    public static void Find(ChatCompletionsProtocol dialect, RequestRefusal refusal, SentRequest sent, List<DialectChange> changes)
    {
        var finder = new ChatDialectChanges(dialect, refusal, sent, changes);
        finder.FindRoles();
        finder.FindLength();
        finder.FindSampling();
        finder.FindTools();
        finder.FindThinking();
        finder.FindMessages();
        finder.FindRest();
    }

    private void FindRoles()
    {
        // Templates of Mistral, Gemma and Llama 2, in vLLM, TGI, llama.cpp, LM Studio.
        if (_refusal.Says("must alternate") || _refusal.Says("should alternate"))
        {
            if (!IsAlternating(_sent.Request))
            {
                Join();
                MoveInstructions();
            }
            else if (_sent.Contains("\"role\":\"system\""u8))
                SendInstructionsAsUser();
            return;
        }
        // Templates of Qwen since 3.5, in vLLM and llama.cpp.
        if (_refusal.Says("system message must be at the beginning") || _refusal.Says("system message must be the first"))
            MoveInstructions();
        // OpenAI: 'messages[0].role' does not support 'developer'; Rust servers: unknown variant `developer`; OpenAI, older models: Invalid
        // value: 'developer'; DashScope: developer is not one of [...]; templates: Unexpected message role.
        if (_sent.Contains("\"role\":\"developer\""u8))
        {
            if (_refusal.RefusesDeveloperRole() || _refusal.Says("unexpected message role"))
                Change("SystemRole", Roles, "SystemRole = \"system\"", static dialect => dialect with { SystemRole = "system" });
        }
        else if (
            _sent.Contains("\"role\":\"system\""u8)
            && (
                // Gemma: System role not supported; Llama 2 and Mistral: Only user and assistant roles are supported!
                _refusal.RefusesInWords("system role")
                || _refusal.RefusesInWords("role system")
                || _refusal.RefusesInWords("role: system")
                || _refusal.Says("does not support 'system'")
                || _refusal.Says("unknown variant `system`")
                || _refusal.Says("only user and assistant roles are supported")
                || _refusal.Says("only user, assistant and tool roles are supported")
                // Gemini's API, for Gemma.
                || _refusal.Says("developer instruction is not enabled")
            )
        )
        {
            SendInstructionsAsUser();
        }
        // Mistral: Unexpected role 'user' after role 'tool'.
        if (_refusal.Says("unexpected role 'user' after role 'tool'"))
        {
            Change(
                "AcceptsUserMessageAfterToolResults",
                Roles,
                expression: null,
                static dialect => dialect with { AcceptsUserMessageAfterToolResults = false }
            );
        }
    }

    private void FindLength()
    {
        bool isNew = _sent.Has("max_completion_tokens");
        string sent = isNew ? "max_completion_tokens" : "max_tokens";
        if (!_sent.Has(sent))
            return;
        // Fireworks: Requests with max_tokens > 4096 must have stream=true.
        if (_refusal.Says("must have stream=true") && _refusal.NumberAfter(sent) is { } most and > 0)
        {
            Change(
                "MaxNonStreamingTokens",
                sent,
                $"MaxNonStreamingTokens = {most}",
                dialect => dialect with { MaxNonStreamingTokens = most }
            );
        }
        else if (_refusal.Refuses(sent))
        {
            if (isNew)
                Change(
                    "MaxTokensName",
                    sent,
                    "MaxTokensName = \"max_tokens\"",
                    static dialect => dialect with { MaxTokensName = "max_tokens" }
                );
            else
            {
                Change(
                    "MaxTokensName",
                    sent,
                    "MaxTokensName = \"max_completion_tokens\"",
                    static dialect => dialect with { MaxTokensName = "max_completion_tokens" }
                );
            }
        }
    }

    private void FindSampling()
    {
        // Anthropic's models since Claude 4.1, also behind gateways.
        if (_sent.Has("temperature") && _sent.Has("top_p") && _refusal.Says("top_p", "cannot both be specified"))
        {
            Change(
                "AcceptsTopPWithTemperature",
                "top_p",
                "AcceptsTopPWithTemperature = false",
                static dialect => dialect with { AcceptsTopPWithTemperature = false }
            );
        }
        else
        {
            if (Refuses("temperature"))
                Change("SupportsTemperature", "temperature", static dialect => dialect with { SupportsTemperature = false });
            if (Refuses("top_p"))
                Change("SupportsTopP", "top_p", static dialect => dialect with { SupportsTopP = false });
        }
        if (_dialect.SeedName is { } seed && Refuses(seed))
            Change("SeedName", seed, "SeedName = null", static dialect => dialect with { SeedName = null });
        if (Refuses("stop"))
            Change("SupportsStop", "stop", static dialect => dialect with { SupportsStop = false });
        if (Refuses("frequency_penalty") || Refuses("presence_penalty"))
        {
            Change(
                "SupportsPenalties",
                Refuses("presence_penalty") ? "presence_penalty" : "frequency_penalty",
                static dialect => dialect with { SupportsPenalties = false }
            );
        }
        if (Refuses("logprobs") || Refuses("top_logprobs"))
            Change("SupportsLogProbs", "logprobs", static dialect => dialect with { SupportsLogProbs = false });
        if (Refuses("n"))
            Change("SupportsChoiceCount", "n", static dialect => dialect with { SupportsChoiceCount = false });
    }

    private void FindTools()
    {
        if (Refuses("parallel_tool_calls"))
            Change(
                "SupportsParallelToolCalls",
                "parallel_tool_calls",
                static dialect => dialect with { SupportsParallelToolCalls = false }
            );
        if (Refuses("strict"))
            Change("SupportsStrict", "strict", static dialect => dialect with { SupportsStrict = false });
        if (_sent.Has("tool_choice"))
            FindToolChoice();
        // Mistral's own API: Tool call id was ... but must be a-z, A-Z, 0-9, with a length of 9. Its template: Tool call IDs should be
        // alphanumeric strings with length 9!
        if (
            _refusal.Says("tool call id") && (_refusal.NumberAfter("length of") ?? _refusal.NumberAfter("with length")) is { } exact and > 0
        )
        {
            Change(
                "ToolCallIdLength",
                "messages[].tool_calls[].id",
                $"ToolCallIdLength = {exact}",
                dialect => dialect with { ToolCallIdLength = exact }
            );
        }
        // OpenAI: Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40.
        else if (
            _refusal.Says("tool_call")
            && _refusal.Says("string too long")
            && _refusal.NumberAfter("maximum length") is { } most and >= 27
        )
        {
            Change(
                "MaxToolCallIdLength",
                "messages[].tool_calls[].id",
                $"MaxToolCallIdLength = {most}",
                dialect => dialect with { MaxToolCallIdLength = most }
            );
        }
    }

    private void FindToolChoice()
    {
        bool isNamed = _sent.Contains("\"tool_choice\":{"u8);
        bool isRequired = _sent.Contains("\"tool_choice\":\"required\""u8);
        bool isRefused = _refusal.Refuses("tool_choice");
        // DeepSeek: Thinking mode does not support this tool_choice; Moonshot: tool_choice 'required' is incompatible with thinking
        // enabled.
        if ((isNamed || isRequired) && _refusal.Says("thinking") && (isRefused || _refusal.Says("tool_choice", "incompatible")))
        {
            Change(
                "SupportsForcedToolCallsWhileThinking",
                "tool_choice",
                static dialect => dialect with { SupportsForcedToolCallsWhileThinking = false }
            );
        }
        // Mistral, and servers that copy it: Input should be 'auto', 'none' or 'any'.
        else if (isRequired && _refusal.Says("tool_choice", "'any'"))
            Change(
                "RequiredToolChoice",
                "tool_choice",
                "RequiredToolChoice = \"any\"",
                static dialect => dialect with { RequiredToolChoice = "any" }
            );
        else if (isNamed && (_refusal.Says("tool_choice", "valid string") || _refusal.Says("tool_choice", "expected a string")))
            Change("SupportsNamedToolChoice", "tool_choice", static dialect => dialect with { SupportsNamedToolChoice = false });
        else if (isRefused && _sent.Contains("\"tool_choice\":\"none\""u8))
            Change("SupportsToolChoiceNone", "tool_choice", static dialect => dialect with { SupportsToolChoiceNone = false });
        else if (isRefused)
            Change("SupportsToolChoice", "tool_choice", static dialect => dialect with { SupportsToolChoice = false });
    }

    private void FindThinking()
    {
        if (_sent.Has("reasoning_effort"))
            FindEffort();
        foreach (
            string name in (ReadOnlySpan<string>)["chat_template_kwargs", "enable_thinking", "thinking_budget", "thinking", "reasoning"]
        )
        {
            // A message may have a member of the same name.
            if (Refuses(name) && !_refusal.Says("messages"))
            {
                Change(
                    "ThinkingStyle",
                    name,
                    "ThinkingStyle = ThinkingStyle.None",
                    static dialect => dialect with { ThinkingStyle = ThinkingStyle.None }
                );
                break;
            }
        }
        if (_dialect.IncludeReasoningName is { } include && Refuses(include))
            Change(
                "IncludeReasoningName",
                include,
                "IncludeReasoningName = null",
                static dialect => dialect with { IncludeReasoningName = null }
            );
    }

    private void FindEffort()
    {
        string? model = _sent.Request.Model;
        bool isKnown = _dialect.ThinkingStyle is ThinkingStyle.ReasoningEffort or ThinkingStyle.ThinkingObjectAndEffort;
        // OpenAI, 2026: Function tools with reasoning_effort are not supported for this model in /v1/chat/completions.
        if (isKnown && _refusal.Says("tools with reasoning_effort"))
        {
            Change(
                "EffortsBesideTools",
                "reasoning_effort",
                expression: null,
                dialect => dialect with { EffortsBesideTools = ModelPatterns.With(dialect.EffortsBesideTools, model, "none") }
            );
            return;
        }
        string efforts = string.Join(' ', _refusal.Supported().FindAll(ModelPatterns.IsEffort));
        if (isKnown && efforts.Length > 0 && (_refusal.Refuses("reasoning_effort") || _refusal.Says("effort")))
        {
            Change(
                "EffortsByModel",
                "reasoning_effort",
                expression: null,
                dialect => dialect with { EffortsByModel = ModelPatterns.With(dialect.EffortsByModel, model, efforts) }
            );
        }
        else if (_refusal.Refuses("reasoning_effort"))
        {
            Change(
                "ThinkingStyle",
                "reasoning_effort",
                "ThinkingStyle = ThinkingStyle.None",
                static dialect => dialect with { ThinkingStyle = ThinkingStyle.None }
            );
        }
    }

    private void FindMessages()
    {
        if (_dialect.ReasoningName is { } reasoning && Refuses(reasoning))
            Change(
                "ReasoningName",
                $"messages[].{reasoning}",
                "ReasoningName = null",
                static dialect => dialect with { ReasoningName = null }
            );
        else if (_dialect.ReasoningByModel is not null && Refuses("reasoning_content"))
        {
            Change(
                "ReasoningByModel",
                "messages[].reasoning_content",
                expression: null,
                static dialect => dialect with { ReasoningByModel = null }
            );
        }
        foreach (
            string name in (ReadOnlySpan<string>)
                ["reasoning_details", "reasoning", "extra_content", "thinking_blocks", "annotations", "refusal"]
        )
        {
            if (name != _dialect.ReasoningName && _refusal.Says("messages") && Refuses(name))
            {
                Change("AcceptsUnknownMembers", $"messages[].{name}", static dialect => dialect with { AcceptsUnknownMembers = false });
                break;
            }
        }
        if (_refusal.Says("messages") && Refuses("name"))
        {
            if (HasNames(_sent.Request))
                Change("SupportsMessageNames", "messages[].name", static dialect => dialect with { SupportsMessageNames = false });
            if (_dialect.SendsToolResultName)
                Change("SendsToolResultName", "messages[].name", static dialect => dialect with { SendsToolResultName = false });
        }
        // Mistral: Assistant message must have either content or tool_calls, but not none.
        if (_refusal.Says("must have either content or tool_calls"))
            Change("AcceptsEmptyAnswers", "messages[]", static dialect => dialect with { AcceptsEmptyAnswers = false });
        FindContent();
    }

    // Pydantic: messages.1.content: Input should be a valid string; Rust servers: invalid type: null, expected a string; Cloudflare: Type
    // mismatch of '/messages/1/content', 'string' not in 'null'.
    private void FindContent()
    {
        if (
            !_refusal.Says("content")
            || !(_refusal.Says("valid string") || _refusal.Says("expected a string") || _refusal.Says("'string' not in"))
        )
            return;
        if (_sent.Contains("\"content\":null"u8))
            Change("AcceptsNullContent", "messages[].content", static dialect => dialect with { AcceptsNullContent = false });
        if (_sent.Contains("\"content\":[{\"type\":\"text\""u8))
            Change("AcceptsTextParts", "messages[].content", static dialect => dialect with { AcceptsTextParts = false });
    }

    private void FindRest()
    {
        if (_sent.Has("stream_options"))
        {
            if (_refusal.Refuses("include_obfuscation"))
                Change(
                    "Obfuscation",
                    "stream_options.include_obfuscation",
                    "Obfuscation = null",
                    static dialect => dialect with { Obfuscation = null }
                );
            else if (_refusal.Refuses("stream_options") || _refusal.Refuses("include_usage"))
                Change("RequestsStreamUsage", "stream_options", static dialect => dialect with { RequestsStreamUsage = false });
        }
        // Unexpected role 'user' after role 'tool'.
        if (!_refusal.Says("role") && Refuses("user"))
            Change("SupportsUser", "user", static dialect => dialect with { SupportsUser = false });
        if (Refuses("encoding_format"))
            Change("RequestsBase64Embeddings", "encoding_format", static dialect => dialect with { RequestsBase64Embeddings = false });
        if (!_sent.Has("response_format") || _refusal.Refuses("strict"))
            return;
        // LM Studio: 'response_format.type' must be 'json_schema' or 'text'.
        if (_sent.Contains("\"type\":\"json_object\""u8))
        {
            if (_refusal.Says("response_format") && _refusal.Says("must be 'json_schema'"))
                Change("SupportsJsonObject", "response_format", static dialect => dialect with { SupportsJsonObject = false });
        }
        // DeepSeek: This response_format type is unavailable now; Volcengine: invalid value: `json_schema`, supported values are:
        // `json_object` and `text`.
        else if (
            _sent.Contains("\"type\":\"json_schema\""u8)
            && (
                _refusal.Refuses("response_format")
                || _refusal.Refuses("json_schema")
                || _refusal.Says("response_format", "unavailable")
                || _refusal.Says("response_format", "invalid value")
                || _refusal.Says("response_format", "must be")
                || _refusal.Says("invalid value: 'json_schema'")
                || _refusal.Says("invalid value: `json_schema`")
                || _refusal.Says("unknown variant `json_schema`")
            )
        )
        {
            Change("SupportsJsonSchema", "response_format", static dialect => dialect with { SupportsJsonSchema = false });
        }
    }

    private bool Refuses(string name) => _sent.Has(name) && _refusal.Refuses(name);

    private void Join() => Change("AcceptsRepeatedRoles", Roles, static dialect => dialect with { AcceptsRepeatedRoles = false });

    private void MoveInstructions() =>
        Change("SupportsLaterSystemMessages", Roles, static dialect => dialect with { SupportsLaterSystemMessages = false });

    private void SendInstructionsAsUser()
    {
        Change("SystemRole", Roles, "SystemRole = \"user\"", static dialect => dialect with { SystemRole = "user" });
        Join();
    }

    private static bool IsAlternating(ChatRequest request)
    {
        var previous = string.IsNullOrEmpty(request.System) ? (Role?)null : Role.System;
        foreach (var message in request.Messages)
        {
            if (message.Role == previous && message.Role != Role.Tool || message.Role == Role.System && previous is not null)
                return false;
            previous = message.Role;
        }
        return true;
    }

    private static bool HasNames(ChatRequest request)
    {
        foreach (var message in request.Messages)
        {
            if (message.Name is not null)
                return true;
        }
        return false;
    }

    private void Change(string setting, string place, Func<ChatCompletionsProtocol, ChatCompletionsProtocol> apply) =>
        Change(setting, place, $"{setting} = false", apply);

    private void Change(string setting, string place, string? expression, Func<ChatCompletionsProtocol, ChatCompletionsProtocol> apply)
    {
        if (!_changes.Exists(change => change.Setting == setting))
            _changes.Add(new DialectChange(setting, place, expression, dialect => apply((ChatCompletionsProtocol)dialect)));
    }
}
