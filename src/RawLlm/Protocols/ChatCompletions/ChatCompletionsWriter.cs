namespace RawLlm.Protocols;

/// <summary>Writes a request for chat completions in one pass. The same request always gives the same bytes.</summary>
internal sealed class ChatCompletionsWriter
{
    private const string EffortName = "reasoning_effort";

    private readonly ChatCompletionsProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly MemberWriter _members;

    private ChatCompletionsWriter(ChatCompletionsProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
    }

    public static void Write(ChatCompletionsProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        Check(request);
        wire.Url = wire.KnownUrl ?? dialect.ChatUrl(wire.BaseUrl, request.Model);
        wire.IsStream = stream;
        wire.IsGathered = !stream && IsGathered(dialect, request);
        stream |= wire.IsGathered;
        wire.Accept = stream ? "text/event-stream" : "application/json";
        new ChatCompletionsWriter(dialect, request, wire).Write(stream);
    }

    private static void Check(ChatRequest request)
    {
        if (request.Messages is null || request.Tools is null || request.Stop is null || request.Extra is null)
            RequestErrors.Throw("A list of the request is null; leave it empty instead.");
        if (request.Messages.Count == 0 && string.IsNullOrEmpty(request.System))
            RequestErrors.Throw("The request holds neither a message nor a system text. Add a message, as in Message.User(\"…\").");
    }

    private static bool IsGathered(ChatCompletionsProtocol dialect, ChatRequest request) =>
        dialect.MostWholeTokens > 0 && request.MaxTokens > dialect.MostWholeTokens
        // Models that think unless they are told not to.
        || dialect.ThinkingStyle == ThinkingStyle.EnableThinking && request.Thinking?.Effort != ThinkingEffort.None;

    private void Write(bool stream)
    {
        _json.StartObject();
        if (_request.Model is { } model)
            _members.Text("model", model);
        _members.Name("messages");
        new ChatMessageWriter(_dialect, _json, _wire).Write(_request);
        WriteSampling();
        bool hasTools = WriteTools();
        WriteFormat();
        WriteThinking();
        if (_request.User is not null && !_dialect.TakesUser)
            _wire.Note(QuirkKind.LeftOut, "user");
        else if (_request.User is { } user)
            _members.Text("user", user);
        if (stream)
            WriteStream(hasTools);
        foreach (var (name, value) in _request.Extra)
            _members.Extra(name, value, "model", "messages", "stream");
        _json.EndObject();
    }

    private void WriteSampling()
    {
        if (_request.MaxTokens is { } maxTokens)
            _members.Number(MaxTokensName, maxTokens);
        WriteSampling("temperature", _request.Temperature);
        WriteSampling("top_p", _request.TopP, _request.TopP is not >= 1 || _dialect.TakesWholeTopP);
        if (_request.Seed is { } seed)
        {
            if (_dialect.SeedName is { } seedName)
                _members.Number(seedName, seed);
            else
                _wire.Note(QuirkKind.LeftOut, "seed");
        }
        if (_request.Stop.Count > 0 && Refuses("stop"))
        {
            _wire.Note(QuirkKind.LeftOut, "stop");
        }
        else if (_request.Stop.Count > 0)
        {
            _members.Name("stop");
            _json.StartArray();
            for (int i = 0; i < _request.Stop.Count; i++)
                _json.WriteText(_request.Stop[i], "stop[]");
            _json.EndArray();
        }
        WriteSampling("frequency_penalty", _request.FrequencyPenalty, _dialect.TakesPenalties);
        WriteSampling("presence_penalty", _request.PresencePenalty, _dialect.TakesPenalties);
        if (_request.TopLogProbs is not null && (!_dialect.TakesLogProbs || Refuses("logprobs")))
        {
            _wire.Note(QuirkKind.LeftOut, "logprobs");
        }
        else if (_request.TopLogProbs is { } count)
        {
            _members.Boolean("logprobs", true);
            if (count != 0)
                _members.Number("top_logprobs", count);
        }
        if (_request.ChoiceCount is not (null or 1) && (!_dialect.TakesChoiceCount || Refuses("n")))
            _wire.Note(QuirkKind.LeftOut, "n");
        else if (_request.ChoiceCount is { } choices)
            _members.Number("n", choices);
    }

    private void WriteSampling(string name, double? asked, bool isTaken = true)
    {
        if (asked is not { } value)
            return;
        bool isKept = false;
        if (isTaken && !(_dialect.RefusedByModel is { } lines && RefusedMembers.Contain(lines, _request.Model, SaidEffort(), name, value, out isKept)))
            _members.Number(name, value);
        else if (!isKept)
            _wire.Note(QuirkKind.LeftOut, name);
    }

    private bool Refuses(string name) => _dialect.RefusedByModel is { } lines && RefusedMembers.Contain(lines, _request.Model, SaidEffort(), name);

    // The word for the effort that goes out, be it an extra member; null where none does.
    private string? SaidEffort()
    {
        if (_request.Extra.TryGetValue(EffortName, out var own))
            return own.Utf8.SequenceEqual("\"none\""u8) ? "none" : "";
        return Effort(EffortScale.Asked(_request.Thinking), out _);
    }

    private string MaxTokensName => ModelWords.Find(_dialect.MaxTokensNameByModel, _request.Model) switch
    {
        "max_tokens" => "max_tokens",
        "max_completion_tokens" => "max_completion_tokens",
        _ => _dialect.MaxTokensName,
    };

    /// <summary>Writes the functions and what goes only with them; false when the model is offered none.</summary>
    private bool WriteTools()
    {
        var tools = _request.Tools;
        var choice = _request.ToolChoice;
        bool hasExtraTools = _request.Extra.ContainsKey("tools");
        if (tools.Count == 0 && !hasExtraTools)
        {
            if (choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named })
                RequestErrors.Throw("The tool choice asks for a function, but the request offers none. Add it to ChatRequest.Tools.");
            WriteToolsOfHistory();
            return false;
        }
        // Where a choice cannot be sent, functions that the model may not call are not shown to it.
        if (choice is { Kind: ToolChoiceKind.None } && !_dialect.TakesToolChoice && !hasExtraTools)
        {
            _wire.Note(QuirkKind.Adapted, "tools");
            return false;
        }
        if (tools.Count > 0)
        {
            _members.Name("tools");
            _json.StartArray();
            var kept = _json.Keep(KeptList.Tools);
            for (int i = 0; i < tools.Count; i++)
            {
                if (kept.Covers(tools[i], i))
                    continue;
                WriteTool(tools[i]);
                kept.Close();
            }
            kept.Finish();
            _json.EndArray();
        }
        if (choice is not null)
            WriteToolChoice(choice);
        if (_request.ParallelToolCalls is { } parallel)
        {
            if (_dialect.TakesParallelToolCalls && !Refuses("parallel_tool_calls"))
                _members.Boolean("parallel_tool_calls", parallel);
            else
                _wire.Note(QuirkKind.LeftOut, "parallel_tool_calls");
        }
        return true;
    }

    // Nothing keeps the model from calling them: a choice of none is refused where the gateway's service knows none, such as Bedrock.
    private void WriteToolsOfHistory()
    {
        if (_dialect.HistoryToolsModels is not { } models || _request.Model?.Contains(models, StringComparison.OrdinalIgnoreCase) != true || !CalledFunctions.IsAnyIn(_request.Messages))
            return;
        var names = CalledFunctions.NamesIn(_request.Messages, new(_request.Tools, _wire), "tools[].function.name");
        if (names.Count == 0)
            return;
        _wire.Note(QuirkKind.Adapted, "tools");
        _members.Name("tools");
        _json.StartArray();
        foreach (string name in names)
            WriteTool(new ToolDefinition(name));
        _json.EndArray();
    }

    private void WriteTool(ToolDefinition tool)
    {
        if (tool is null)
            RequestErrors.Throw("One of the request's functions is null.");
        _json.StartObject();
        _json.WriteMember("type"u8, "function"u8);
        _json.WriteName("function"u8);
        _json.StartObject();
        _json.WriteMember("name"u8, tool.Name, "tools[].function.name");
        if (tool.Description is { } description)
            _json.WriteMember("description"u8, description, "tools[].function.description");
        _json.WriteName("parameters"u8);
        // Services differ over a function without this member; all take the empty object.
        if (tool.Parameters.IsEmpty)
            _json.WriteRaw(EmptySchema.Of(tool.Strict == true && _dialect.TakesStrict));
        else
            _json.WriteRaw(tool.Parameters);
        WriteStrict(tool.Strict, "tools[].function.strict");
        _json.EndObject();
        _json.EndObject();
    }

    private void WriteStrict(bool? strict, string place)
    {
        if (strict is not { } value)
            return;
        if (_dialect.TakesStrict)
            _json.WriteMember("strict"u8, value);
        else
            _wire.Note(QuirkKind.LeftOut, place);
    }

    private void WriteToolChoice(ToolChoice choice)
    {
        if (!_dialect.TakesToolChoice)
        {
            if (choice.Kind != ToolChoiceKind.Auto)
                _wire.Note(QuirkKind.LeftOut, "tool_choice");
            return;
        }
        if (choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named && !_dialect.TakesForcedCallsWhileThinking && MayThink())
            choice = WhileThinking(choice);
        if (choice.Kind == ToolChoiceKind.Named && _dialect.TakesNamedToolChoice)
        {
            _members.Name("tool_choice");
            _json.StartObject();
            _json.WriteMember("type"u8, "function"u8);
            _json.WriteName("function"u8);
            _json.StartObject();
            _json.WriteMember("name"u8, choice.Name!, "tool_choice.function.name");
            _json.EndObject();
            _json.EndObject();
            return;
        }
        if (choice.Kind == ToolChoiceKind.Named)
            _wire.Note(QuirkKind.Adapted, "tool_choice");
        _members.Text("tool_choice", choice.Kind switch
        {
            ToolChoiceKind.Auto => "auto",
            ToolChoiceKind.None => "none",
            _ => _dialect.RequiredToolChoice,
        });
    }

    // "Thinking mode does not support this tool_choice." Kimi since K3, which has efforts, takes "required", but no named function (2026-08).
    private ToolChoice WhileThinking(ToolChoice choice)
    {
        var nearest = _dialect.ThinkingStyle == ThinkingStyle.ThinkingObject && Switch == ThinkingSwitch.Effort ? ToolChoice.Required : ToolChoice.Auto;
        if (choice.Kind != nearest.Kind)
            _wire.Note(QuirkKind.Adapted, "tool_choice");
        return nearest;
    }

    // Who says it by an extra member knows what the service takes with it.
    private bool MayThink() => !_request.Extra.ContainsKey("thinking") && (_request.Thinking?.Effort != ThinkingEffort.None || _dialect.ThinkingStyle == ThinkingStyle.ThinkingObject && Switch != ThinkingSwitch.Object);

    // How a model is asked where most are switched: some have efforts, and some cannot be asked ("only type=enabled is allowed for this model", 2026-06).
    private ThinkingSwitch Switch => ModelWords.FindEfforts(_dialect.EffortsByModel, _request.Model) switch
    {
        "" or "switch" => ThinkingSwitch.Object,
        "-" => ThinkingSwitch.Nothing,
        _ => ThinkingSwitch.Effort,
    };

    private void WriteFormat()
    {
        if (_request.Format is not { } format)
            return;
        if (_dialect.SendsSchemaAsValue)
        {
            WriteSchemaAsValue(format);
            return;
        }
        _members.Name("response_format");
        _json.StartObject();
        if (format.Kind == ReplyFormatKind.Text)
        {
            _json.WriteMember("type"u8, "text"u8);
        }
        else if (format.Kind == ReplyFormatKind.Json || !_dialect.TakesJsonSchema)
        {
            if (format.Kind == ReplyFormatKind.JsonSchema)
                _wire.Note(QuirkKind.Adapted, "response_format");
            if (_dialect.TakesJsonObject)
                _json.WriteMember("type"u8, "json_object"u8);
            else
                WriteSchemaOfAnyObject();
        }
        else
        {
            _json.WriteMember("type"u8, "json_schema"u8);
            _json.WriteName("json_schema"u8);
            _json.StartObject();
            _json.WriteMember("name"u8, format.Name!, "response_format.json_schema.name");
            if (format.Description is { } description)
                _json.WriteMember("description"u8, description, "response_format.json_schema.description");
            _json.WriteName("schema"u8);
            _json.WriteRaw(format.Schema);
            WriteStrict(format.Strict, "response_format.json_schema.strict");
            _json.EndObject();
        }
        _json.EndObject();
    }

    // Text is what is given anyway, and of any JSON the server knows nothing: a schema without "properties" is refused, and one with none gives "{}".
    private void WriteSchemaAsValue(ReplyFormat format)
    {
        if (format.Kind == ReplyFormatKind.Json)
            _wire.Note(QuirkKind.LeftOut, "response_format");
        if (format.Kind != ReplyFormatKind.JsonSchema)
            return;
        _members.Name("response_format");
        _json.StartObject();
        _json.WriteMember("type"u8, "json"u8);
        _json.WriteName("value"u8);
        _json.WriteRaw(format.Schema);
        _json.EndObject();
    }

    private void WriteSchemaOfAnyObject()
    {
        _wire.Note(QuirkKind.Adapted, "response_format");
        _json.WriteMember("type"u8, "json_schema"u8);
        _json.WriteName("json_schema"u8);
        _json.StartObject();
        _json.WriteMember("name"u8, "object"u8);
        _json.WriteName("schema"u8);
        _json.StartObject();
        _json.WriteMember("type"u8, "object"u8);
        _json.EndObject();
        _json.EndObject();
    }

    private void WriteThinking()
    {
        if (_request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
        {
            if (_dialect.ThinkingStyle == ThinkingStyle.ReasoningEffort && !_request.Extra.ContainsKey(EffortName))
                WriteEffort(asked: null);
            return;
        }
        switch (_dialect.ThinkingStyle)
        {
            case ThinkingStyle.None:
                _wire.Note(QuirkKind.LeftOut, "thinking");
                break;
            case ThinkingStyle.ReasoningObject:
                WriteReasoningObject(thinking);
                break;
            case ThinkingStyle.ReasoningEffort:
                WriteEffort(thinking);
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.EffortSwitch:
                if (IsOn(thinking, ThinkingEffort.High) is { } isHigh)
                    _members.Text(EffortName, isHigh ? "high" : "none");
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.ThinkingObject when Switch == ThinkingSwitch.Effort:
                WriteEffort(thinking);
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.ThinkingObject when Switch == ThinkingSwitch.Nothing:
                _wire.Note(QuirkKind.LeftOut, "thinking");
                break;
            case ThinkingStyle.ThinkingObject:
                WriteThinkingObject(IsOn(thinking, ThinkingEffort.Medium));
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.ThinkingObjectAndEffort:
                bool isOff = thinking.Effort == ThinkingEffort.None;
                WriteThinkingObject(thinking is { Effort: null, BudgetTokens: null } ? null : !isOff);
                if (!isOff)
                    WriteEffort(thinking);
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.TemplateArguments when Switch == ThinkingSwitch.Effort:
                WriteTemplateEffort(thinking);
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.TemplateArguments when Switch == ThinkingSwitch.Nothing:
                if (thinking is not { Effort: null, BudgetTokens: null })
                    _wire.Note(QuirkKind.LeftOut, "thinking");
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.TemplateArguments:
                if (IsOn(thinking, ThinkingEffort.Medium) is { } isEnabled)
                {
                    _members.Name("chat_template_kwargs");
                    _json.StartObject();
                    _json.WriteMember("enable_thinking"u8, isEnabled);
                    _json.EndObject();
                }
                WriteInclude(thinking.Include);
                break;
            case ThinkingStyle.EnableThinking:
                WriteEnableThinking(thinking);
                WriteInclude(thinking.Include);
                break;
            default:
                RequestErrors.Throw($"The thinking style {_dialect.ThinkingStyle} is not known.");
                break;
        }
    }

    /// <summary>On or off, for services that know no more; null when neither was asked for.</summary>
    /// <param name="thinking">What was asked for.</param>
    /// <param name="on">The effort that "on" stands for; any other is noted as changed.</param>
    private bool? IsOn(Thinking thinking, ThinkingEffort on)
    {
        if (thinking.Effort == ThinkingEffort.None)
            return false;
        if (thinking is { Effort: null, BudgetTokens: null })
            return null;
        if (thinking.Effort != on || thinking.BudgetTokens is not null)
            _wire.Note(QuirkKind.Adapted, "thinking");
        return true;
    }

    private void WriteThinkingObject(bool? isOn)
    {
        if (isOn is not { } value)
            return;
        _members.Name("thinking");
        _json.StartObject();
        _json.WriteMember("type"u8, value ? "enabled"u8 : "disabled"u8);
        _json.EndObject();
    }

    private void WriteEnableThinking(Thinking thinking)
    {
        if (thinking is { Effort: null, BudgetTokens: null })
            return;
        bool isOn = thinking.Effort != ThinkingEffort.None && thinking.BudgetTokens is null or > 0;
        _members.Boolean("enable_thinking", isOn);
        if (isOn && thinking.BudgetTokens is { } budget)
            _members.Number("thinking_budget", budget);
        else if (isOn && thinking.Effort != ThinkingEffort.Medium)
            _wire.Note(QuirkKind.Adapted, "thinking");
    }

    // Where the model has a format of its own the member counts (vLLM, SGLang), else the template's argument: llama.cpp read no member before b10434 (2026-08).
    private void WriteTemplateEffort(Thinking thinking)
    {
        if (WriteEffort(thinking) is not { } word)
            return;
        _members.Name("chat_template_kwargs");
        _json.StartObject();
        _json.WriteMember("reasoning_effort"u8, word, "chat_template_kwargs.reasoning_effort");
        _json.EndObject();
    }

    // Gives the word, where one was written.
    private string? WriteEffort(Thinking thinking)
    {
        if (thinking.BudgetTokens is not null)
            _wire.Note(thinking.Effort is null ? QuirkKind.Adapted : QuirkKind.LeftOut, "thinking.budget_tokens");
        return WriteEffort(EffortScale.Asked(thinking));
    }

    private string? WriteEffort(ThinkingEffort? asked)
    {
        string? word = Effort(asked, out var quirk);
        if (quirk != QuirkKind.None)
            _wire.Note(quirk, EffortName);
        if (word is not null)
            _members.Text(EffortName, word);
        return word;
    }

    private bool HasTools => _request.Tools.Count > 0 || _request.Extra.ContainsKey("tools");

    /// <summary>The word that goes out for an effort, null for none; and what is to be told of it.</summary>
    private string? Effort(ThinkingEffort? asked, out QuirkKind quirk)
    {
        quirk = QuirkKind.None;
        var besideTools = HasTools ? ModelWords.Find(_dialect.EffortsBesideTools, _request.Model) : default;
        if (asked is not { } effort)
        {
            // The model's own effort is refused as well.
            if (besideTools is not "none")
                return null;
            quirk = QuirkKind.Adapted;
            return "none";
        }
        string? word = ModelWords.Nearest(besideTools.IsEmpty ? ModelWords.FindEfforts(_dialect.EffortsByModel, _request.Model) : besideTools, effort, out bool isSame);
        quirk = word is null ? QuirkKind.LeftOut : isSame ? QuirkKind.None : QuirkKind.Adapted;
        return word;
    }

    private void WriteReasoningObject(Thinking thinking)
    {
        _members.Name("reasoning");
        _json.StartObject();
        if (thinking.Effort == ThinkingEffort.None && ModelWords.Find(_dialect.LeastEffortByModel, _request.Model) is { IsEmpty: false } least)
        {
            _wire.Note(QuirkKind.Adapted, "reasoning.enabled");
            _json.WriteMember("effort"u8, least.ToString(), "reasoning.effort");
        }
        else if (thinking.Effort == ThinkingEffort.None)
        {
            _json.WriteMember("enabled"u8, false);
        }
        else if (thinking.BudgetTokens is { } budget)
        {
            // One or the other, not both; the number says more.
            if (thinking.Effort is not null)
                _wire.Note(QuirkKind.LeftOut, "reasoning.effort");
            _json.WriteName("max_tokens"u8);
            _json.WriteNumber(budget);
        }
        else if (thinking.Effort is { } effort)
        {
            _json.WriteMember("effort"u8, EffortScale.Word(effort), "reasoning.effort");
        }
        if (thinking.Include is { } include)
            _json.WriteMember("exclude"u8, !include);
        _json.EndObject();
    }

    private void WriteInclude(bool? include)
    {
        if (include is not { } value)
            return;
        if (_dialect.IncludeReasoningName is { } name)
            _members.Boolean(name, value);
        else
            _wire.Note(QuirkKind.LeftOut, "thinking.include");
    }

    private void WriteStream(bool hasTools)
    {
        _members.Boolean("stream", true);
        if (_dialect.AsksStreamUsage)
        {
            _members.Name("stream_options");
            _json.StartObject();
            _json.WriteMember("include_usage"u8, true);
            if (_dialect.Obfuscation is { } obfuscation)
                _json.WriteMember("include_obfuscation"u8, obfuscation);
            _json.EndObject();
        }
        if (hasTools && _dialect.AsksToolStream)
            _members.Boolean("tool_stream", true);
    }
}
