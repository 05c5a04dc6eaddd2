namespace RawLlm.Protocols;

/// <summary>Writes a request for the Converse wire in one pass. The same request always gives the same bytes.</summary>
internal sealed class ConverseWriter
{
    private const string ModelFields = "additionalModelRequestFields";

    private readonly ConverseProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly ConverseMessageWriter _messages;
    private readonly MemberWriter _members;
    private readonly ClaudeVersion? _version;
    private readonly ConverseModel _model;
    private readonly CacheMarks _marks;

    private ConverseWriter(ConverseProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _marks = new CacheMarks(request, areNested: false);
        _model = ConverseModel.Of(dialect, request.Model);
        _messages = new ConverseMessageWriter(dialect, _model, _json, wire, request, _marks);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
        _version = ClaudeVersion.Of(request.Model);
    }

    /// <summary>Writes the body of a request, streamed or not; address and headers are the protocol's.</summary>
    public static void Write(ConverseProtocol dialect, ChatRequest request, WireRequest wire)
    {
        Check(request);
        new ConverseWriter(dialect, request, wire).Write();
    }

    /// <summary>Writes the body of a request that only counts its tokens: what has no part in the prompt is not in it.</summary>
    public static void WriteCount(ConverseProtocol dialect, ChatRequest request, WireRequest wire)
    {
        Check(request);
        new ConverseWriter(dialect, request, wire).WriteCount();
    }

    private static void Check(ChatRequest request)
    {
        if (request.Messages is null || request.Tools is null || request.Stop is null || request.Extra is null)
            RequestErrors.Throw("A list of the request is null; leave it empty instead.");
    }

    private void Write()
    {
        _json.StartObject();
        WritePrompt();
        var thinking = AskedThinking();
        WriteInference(thinking);
        WriteTools(thinking);
        WriteFormat();
        WriteModelFields(thinking);
        NoteOthers();
        WriteExtra();
        _json.EndObject();
    }

    private void WriteCount()
    {
        _json.StartObject();
        _json.WriteName("input"u8);
        _json.StartObject();
        _json.WriteName("converse"u8);
        _json.StartObject();
        WritePrompt();
        var thinking = AskedThinking();
        WriteTools(thinking);
        WriteModelFields(thinking);
        _json.EndObject();
        _json.EndObject();
        _json.EndObject();
    }

    private void WritePrompt()
    {
        if (_messages.HasSystem)
        {
            _members.Name("system");
            _messages.WriteSystem();
        }
        _members.Name("messages");
        _messages.Write();
    }

    private void WriteInference(in Asked thinking)
    {
        // Anthropic's models refuse a temperature beside thinking, and a top_p below 0.95 (extended thinking, feature compatibility).
        double? temperature = _request.Temperature;
        // The highest effort of Amazon's models leaves no place for a temperature, top_p and a limit (Nova 2, 2025).
        bool isMost = _model.Thinking == ConverseThinking.ReasoningConfig && thinking.Effort is ThinkingEffort.High or ThinkingEffort.Max;
        bool takesAny = !isMost && _model.TakesSampling && _version is not { TakesNoSampling: true };
        if (temperature is not null && (!takesAny || (thinking.HasObject && temperature != 1)))
        {
            _wire.Note(QuirkKind.LeftOut, "inferenceConfig.temperature");
            temperature = null;
        }
        double? topP = _request.TopP;
        bool takesBoth = _version is not { TakesOneOfSampling: true };
        if (topP is not null && (!takesAny || (!takesBoth && temperature is not null) || (thinking.HasObject && topP is not (>= 0.95 and <= 1))))
        {
            _wire.Note(QuirkKind.LeftOut, "inferenceConfig.topP");
            topP = null;
        }
        int? maxTokens = _request.MaxTokens;
        if (maxTokens is not null && isMost)
        {
            _wire.Note(QuirkKind.LeftOut, "inferenceConfig.maxTokens");
            maxTokens = null;
        }
        bool hasStop = _request.Stop.Count > 0;
        if (hasStop && !_model.TakesStopSequences)
        {
            _wire.Note(QuirkKind.LeftOut, "inferenceConfig.stopSequences");
            hasStop = false;
        }
        if (maxTokens is null && temperature is null && topP is null && !hasStop)
            return;
        _members.Name("inferenceConfig");
        _json.StartObject();
        if (maxTokens is { } limit)
        {
            _json.WriteName("maxTokens"u8);
            _json.WriteNumber(limit);
        }
        if (temperature is { } warmth)
        {
            _json.WriteName("temperature"u8);
            _json.WriteNumber(warmth, "inferenceConfig.temperature");
        }
        if (topP is { } share)
        {
            _json.WriteName("topP"u8);
            _json.WriteNumber(share, "inferenceConfig.topP");
        }
        if (hasStop)
        {
            _json.WriteName("stopSequences"u8);
            _json.StartArray();
            for (int i = 0; i < _request.Stop.Count; i++)
                _json.WriteText(_request.Stop[i], "inferenceConfig.stopSequences[]");
            _json.EndArray();
        }
        _json.EndObject();
    }

    // The service demands toolConfig where the conversation holds a call or a result, and has no word for "call nothing".
    private void WriteTools(in Asked thinking)
    {
        var tools = _request.Tools;
        var choice = _request.ToolChoice;
        if (_request.ParallelToolCalls is not null)
            _wire.Note(QuirkKind.LeftOut, "toolConfig.parallel");
        if (tools.Count == 0)
        {
            if (_request.Extra.ContainsKey("toolConfig"))
                return;
            if (choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named })
                RequestErrors.Throw("The tool choice asks for a function, but the request offers none. Add it to ChatRequest.Tools.");
            WriteToolsOfHistory();
            return;
        }
        bool isForbidden = choice is { Kind: ToolChoiceKind.None };
        if (isForbidden && !CalledFunctions.IsAnyIn(_request.Messages))
        {
            _wire.Note(QuirkKind.Adapted, "toolConfig");
            return;
        }
        _members.Name("toolConfig");
        _json.StartObject();
        _json.WriteName("tools"u8);
        _json.StartArray();
        var kept = _json.Keep(KeptList.Tools);
        _marks.StartTools();
        for (int i = 0; i < tools.Count; i++)
        {
            bool isUnmarked = _marks.Drops(tools[i]?.Cache);
            if (kept.Covers(tools[i], i, isUnmarked ? 1 : 0))
                continue;
            WriteTool(tools[i], isUnmarked);
            kept.Close();
        }
        kept.Finish();
        _json.EndArray();
        if (isForbidden)
            _wire.Note(QuirkKind.LeftOut, "toolConfig.toolChoice");
        else if (choice is not null)
            WriteChoice(choice, thinking);
        _json.EndObject();
    }

    private void WriteChoice(ToolChoice choice, in Asked thinking)
    {
        bool isForced = choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named;
        // "This model doesn't support the toolConfig.toolChoice.any field." Some refuse "auto" as well, which is what holds without a word.
        if (!_model.TakesForcedCalls)
        {
            if (isForced)
                _wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            return;
        }
        // Anthropic's models: "Thinking may not be enabled when tool_choice forces tool use."
        if (thinking.HasObject && isForced)
        {
            _wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            choice = ToolChoice.Auto;
        }
        else if (choice.Kind == ToolChoiceKind.Named && !_model.TakesNamedCalls)
        {
            _wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            choice = ToolChoice.Required;
        }
        _json.WriteName("toolChoice"u8);
        _json.StartObject();
        _json.WriteName(choice.Kind switch
        {
            ToolChoiceKind.Required => "any"u8,
            ToolChoiceKind.Named => "tool"u8,
            _ => "auto"u8,
        });
        _json.StartObject();
        if (choice is { Kind: ToolChoiceKind.Named, Name: { } name })
            _json.WriteMember("name"u8, name, "toolConfig.toolChoice.tool.name");
        _json.EndObject();
        _json.EndObject();
    }

    private void WriteTool(ToolDefinition tool, bool isUnmarked)
    {
        if (tool is null)
            RequestErrors.Throw("One of the request's functions is null.");
        StartTool(tool.Name);
        if (tool.Description is { Length: > 0 } description)
            _json.WriteMember("description"u8, description, "toolConfig.tools[].toolSpec.description");
        _json.WriteName("inputSchema"u8);
        _json.StartObject();
        _json.WriteName("json"u8);
        if (tool.Parameters.IsEmpty)
            _json.WriteRaw(EmptySchema.Of(tool.Strict == true && _dialect.TakesStrict));
        else
            _json.WriteRaw(tool.Parameters);
        _json.EndObject();
        if (tool.Strict is { } strict)
        {
            if (_dialect.TakesStrict)
                _json.WriteMember("strict"u8, strict);
            else
                _wire.Note(QuirkKind.LeftOut, "toolConfig.tools[].toolSpec.strict");
        }
        _json.EndObject();
        _json.EndObject();
        ConverseMessageWriter.WriteCache(_model, _json, _wire, tool.Cache, isUnmarked || !_model.TakesCacheMarksOnTools, "toolConfig.tools[].cachePoint");
    }

    private void WriteToolsOfHistory()
    {
        var names = CalledFunctions.NamesIn(_request.Messages, new(_request.Tools, _wire), "toolConfig.tools[].toolSpec.name");
        if (names.Count == 0)
            return;
        _wire.Note(QuirkKind.Adapted, "toolConfig.tools");
        _members.Name("toolConfig");
        _json.StartObject();
        _json.WriteName("tools"u8);
        _json.StartArray();
        foreach (string name in names)
        {
            StartTool(name);
            _json.WriteName("inputSchema"u8);
            _json.StartObject();
            _json.WriteName("json"u8);
            _json.WriteRaw(EmptySchema.Of(isStrict: false));
            _json.EndObject();
            _json.EndObject();
            _json.EndObject();
        }
        _json.EndArray();
        _json.EndObject();
    }

    private void StartTool(string name)
    {
        _json.StartObject();
        _json.WriteName("toolSpec"u8);
        _json.StartObject();
        _json.WriteMember("name"u8, name, "toolConfig.tools[].toolSpec.name");
    }

    // Source: docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html (2026). The schema goes as text.
    private void WriteFormat()
    {
        if (_request.Format is not { Kind: not ReplyFormatKind.Text } format)
            return;
        // The wire knows schemas only; "some JSON" has to be asked for in the prompt.
        if (format.Kind != ReplyFormatKind.JsonSchema || !_dialect.TakesJsonSchema)
        {
            _wire.Note(QuirkKind.LeftOut, "outputConfig.textFormat");
            return;
        }
        _members.Name("outputConfig");
        _json.StartObject();
        _json.WriteName("textFormat"u8);
        _json.StartObject();
        _json.WriteMember("type"u8, "json_schema"u8);
        _json.WriteName("structure"u8);
        _json.StartObject();
        _json.WriteName("jsonSchema"u8);
        _json.StartObject();
        _json.WriteMember("schema"u8, format.Schema.ToString(), "outputConfig.textFormat.structure.jsonSchema.schema");
        _json.WriteMember("name"u8, format.Name!, "outputConfig.textFormat.structure.jsonSchema.name");
        if (format.Description is { Length: > 0 } description)
            _json.WriteMember("description"u8, description, "outputConfig.textFormat.structure.jsonSchema.description");
        _json.EndObject();
        _json.EndObject();
        _json.EndObject();
        _json.EndObject();
    }

    private Asked AskedThinking()
    {
        if (_request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return default;
        if (_model.Thinking == ConverseThinking.None)
        {
            _wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        bool isObject = _model.Thinking is ConverseThinking.ThinkingObject or ConverseThinking.ThinkingBudget;
        bool isReasoning = _model.Thinking == ConverseThinking.ReasoningObject;
        if (thinking.Include is not null && ((!isObject && !isReasoning) || thinking is { Effort: null or ThinkingEffort.None, BudgetTokens: null }))
            _wire.Note(QuirkKind.LeftOut, "thinking.display");
        if (thinking.Effort == ThinkingEffort.None)
            return isObject ? AskedNone() : new Asked { IsOff = !_model.ThinksOnlyIfAsked };
        if (thinking is { Effort: null, BudgetTokens: null })
            return default;
        if (isObject && _version is { CannotThink: true })
        {
            _wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        bool isBudget = _model.Thinking == ConverseThinking.ThinkingBudget
            || (_model.Thinking == ConverseThinking.ThinkingObject && (_version is { TakesOnlyBudget: true } || (thinking.BudgetTokens is not null && _version is not { TakesOnlyEffort: true })));
        if (isBudget)
        {
            int? budget = thinking.BudgetTokens is not { } asked ? EffortScale.Budget(thinking.Effort!.Value, _request.MaxTokens)
                : _version is null ? asked : ClaudeVersion.TakenBudget(asked, IsInterleaved ? null : _request.MaxTokens);
            if (budget is null || _messages.LacksThoughts)
            {
                _wire.Note(QuirkKind.LeftOut, "thinking");
                return default;
            }
            if (thinking.BudgetTokens != budget)
                _wire.Note(QuirkKind.Adapted, "thinking.budget_tokens");
            if (thinking is { Effort: not null, BudgetTokens: not null })
                _wire.Note(QuirkKind.LeftOut, "thinking.effort");
            return new Asked { Budget = budget, HasObject = true };
        }
        if (thinking.BudgetTokens is not null || thinking.Effort == ThinkingEffort.Minimal || (!isObject && !isReasoning && thinking.Effort == ThinkingEffort.Max))
            _wire.Note(QuirkKind.Adapted, "thinking.effort");
        return new Asked { Effort = thinking.Effort ?? EffortScale.Step(thinking.BudgetTokens!.Value), HasObject = isObject };
    }

    // Models that do not know the member refuse it: "extraneous key is not permitted" (Nova).
    private Asked AskedNone()
    {
        if (_version is { CannotThink: true })
            return default;
        if (_version is { AlwaysThinks: true })
        {
            _wire.Note(QuirkKind.Adapted, "thinking");
            return new Asked { Effort = ThinkingEffort.Low, IsUnsaid = true };
        }
        bool isClaude = _request.Model?.Contains("claude", StringComparison.OrdinalIgnoreCase) == true;
        if (isClaude || _model.Thinking == ConverseThinking.ThinkingBudget)
            return new Asked { IsOff = true };
        _wire.Note(QuirkKind.LeftOut, "thinking");
        return default;
    }

    // Thoughts between calls may take more tokens than one answer may have.
    private bool IsInterleaved => _request.Extra.TryGetValue(ModelFields, out var extra) && extra.Utf8.IndexOf("interleaved-thinking"u8) >= 0;

    private void WriteModelFields(in Asked thinking)
    {
        bool hasExtra = _request.Extra.TryGetValue(ModelFields, out var extra);
        if (!thinking.IsAny && !hasExtra)
            return;
        if (hasExtra && !extra.Utf8.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            RequestErrors.Throw($"The extra member '{ModelFields}' must be a JSON object.");
        if (hasExtra && thinking.IsAny && Repeats(extra))
            RequestErrors.Throw($"The extra member '{ModelFields}' names what ChatRequest.Thinking says already. Leave one of them out.");
        _members.Name(ModelFields);
        _json.StartObject();
        switch (_model.Thinking)
        {
            case ConverseThinking.ThinkingObject or ConverseThinking.ThinkingBudget:
                WriteThinkingObject(thinking);
                break;
            case ConverseThinking.ReasoningConfig when thinking.IsOff || thinking.Effort is not null:
                _json.WriteName("reasoningConfig"u8);
                _json.StartObject();
                _json.WriteMember("type"u8, thinking.IsOff ? "disabled"u8 : "enabled"u8);
                if (thinking.Effort is { } most)
                    _json.WriteMember("maxReasoningEffort"u8, EffortScale.ShortWord(most, hasMax: false));
                _json.EndObject();
                break;
            case ConverseThinking.ReasoningObject when thinking.IsAny:
                _json.WriteName("reasoning"u8);
                _json.StartObject();
                _json.WriteMember("effort"u8, thinking.Effort is { } step ? EffortScale.ShortWord(step, hasMax: true) : "none"u8);
                if (!thinking.IsOff && _request.Thinking!.Include == true)
                    _json.WriteMember("summary"u8, "auto"u8);
                _json.EndObject();
                break;
            case ConverseThinking.ReasoningEffort when thinking.IsOff:
                // The models that take the word cannot be kept from thinking; "low" is the least.
                _wire.Note(QuirkKind.Adapted, "reasoning_effort");
                _json.WriteMember("reasoning_effort"u8, "low"u8);
                break;
            case ConverseThinking.ReasoningEffort when thinking.Effort is { } effort:
                _json.WriteMember("reasoning_effort"u8, EffortScale.ShortWord(effort, hasMax: false));
                break;
        }
        if (hasExtra)
            _json.WriteMembers(extra);
        _json.EndObject();
    }

    private void WriteThinkingObject(in Asked thinking)
    {
        if (!thinking.IsAny)
            return;
        if (!thinking.IsUnsaid)
            WriteThinkingMember(thinking);
        if (thinking.Effort is { } effort)
        {
            _json.WriteName("output_config"u8);
            _json.StartObject();
            _json.WriteMember("effort"u8, EffortScale.ShortWord(effort, hasMax: true));
            _json.EndObject();
        }
    }

    private void WriteThinkingMember(in Asked thinking)
    {
        _json.WriteName("thinking"u8);
        _json.StartObject();
        if (thinking.IsOff)
        {
            _json.WriteMember("type"u8, "disabled"u8);
        }
        else if (thinking.Budget is { } budget)
        {
            _json.WriteMember("type"u8, "enabled"u8);
            _json.WriteName("budget_tokens"u8);
            _json.WriteNumber(budget);
        }
        else
        {
            _json.WriteMember("type"u8, "adaptive"u8);
        }
        if (!thinking.IsOff && _request.Thinking!.Include is { } include)
            _json.WriteMember("display"u8, include ? "summarized"u8 : "omitted"u8);
        _json.EndObject();
    }

    private bool Repeats(RawJson extra)
    {
        string[] own = _model.Thinking switch
        {
            ConverseThinking.ReasoningConfig => ["reasoningConfig"],
            ConverseThinking.ReasoningEffort => ["reasoning_effort"],
            ConverseThinking.ReasoningObject => ["reasoning"],
            _ => ["thinking", "output_config"],
        };
        var reader = new System.Text.Json.Utf8JsonReader(extra.Utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == System.Text.Json.JsonTokenType.PropertyName)
        {
            if (Array.IndexOf(own, System.Text.Encoding.UTF8.GetString(WireJson.Name(ref reader))) >= 0)
                return true;
            reader.Read();
            reader.Skip();
        }
        return false;
    }

    private void NoteOthers()
    {
        if (_request.Seed is not null)
            _wire.Note(QuirkKind.LeftOut, "seed");
        if (_request.FrequencyPenalty is not null)
            _wire.Note(QuirkKind.LeftOut, "frequency_penalty");
        if (_request.PresencePenalty is not null)
            _wire.Note(QuirkKind.LeftOut, "presence_penalty");
        if (_request.TopLogProbs is not null)
            _wire.Note(QuirkKind.LeftOut, "logprobs");
        if (_request.ChoiceCount is > 1)
            _wire.Note(QuirkKind.LeftOut, "n");
        if (_request.User is not null)
            _wire.Note(QuirkKind.LeftOut, "user");
    }

    private void WriteExtra()
    {
        foreach (var (name, value) in _request.Extra)
        {
            if (name != ModelFields)
                _members.Extra(name, value);
        }
    }

    /// <summary>What is asked of thinking, in the form in which it is sent.</summary>
    private readonly record struct Asked
    {
        public bool IsOff { get; init; }

        public int? Budget { get; init; }

        public ThinkingEffort? Effort { get; init; }

        public bool IsAny => IsOff || Budget is not null || Effort is not null;

        /// <summary>True for thinking as Anthropic's models do it.</summary>
        public bool HasObject { get; init; }

        /// <summary>True where only the effort is said, since the model thinks anyway.</summary>
        public bool IsUnsaid { get; init; }
    }
}
