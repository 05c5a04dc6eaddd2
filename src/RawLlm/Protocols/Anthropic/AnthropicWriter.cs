namespace RawLlm.Protocols;

/// <summary>Writes a request for the Messages wire in one pass. The same request always gives the same bytes.</summary>
internal readonly ref struct AnthropicWriter
{
    private readonly AnthropicProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly MemberWriter _members;
    private readonly AnthropicMessageWriter _messages;
    private readonly ClaudeVersion? _version;
    private readonly CacheMarks _marks;

    private AnthropicWriter(AnthropicProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
        _marks = new CacheMarks(request, areNested: true);
        _messages = new AnthropicMessageWriter(dialect, _json, request, _marks);
        _version = ClaudeVersion.Of(request.Model);
    }

    /// <summary>Writes the body of a request; address and headers are the protocol's.</summary>
    public static void Write(AnthropicProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        RequestErrors.CheckLists(request);
        RequestErrors.CheckMessages(request);
        new AnthropicWriter(dialect, request, wire).Write(stream);
    }

    /// <summary>Writes the body of a request that only counts its tokens: what has no part in the prompt is not in it.</summary>
    public static void WriteCount(AnthropicProtocol dialect, ChatRequest request, WireRequest wire)
    {
        RequestErrors.CheckLists(request);
        RequestErrors.CheckMessages(request);
        new AnthropicWriter(dialect, request, wire).WriteCount();
    }

    private void Write(bool stream)
    {
        _json.StartObject();
        if (_dialect.BodyVersion is { } version)
            _members.Text("anthropic_version", version);
        else if (_request.Model is { } model)
            _members.Text("model", model);
        var thinking = AskedThinking();
        _members.Number("max_tokens", _request.MaxTokens ?? _dialect.DefaultMaxTokens + thinking.Tokens);
        WritePrompt();
        WriteTools(thinking);
        WriteThinking(thinking);
        WriteOutput(thinking);
        WriteSampling(thinking);
        if (_request.User is { } user)
        {
            _members.Name("metadata");
            _json.StartObject();
            _json.WriteMember("user_id"u8, user, "metadata.user_id");
            _json.EndObject();
        }
        WriteContainer();
        if (stream && _dialect.WritesStream)
            _members.Boolean("stream", true);
        foreach (var (name, value) in _request.Extra)
            _members.Extra(name, value, "model", "stream");
        _json.EndObject();
    }

    private void WriteCount()
    {
        _json.StartObject();
        // Vertex names the model in the address of an answer, and here in the body all the same.
        if (_dialect.BodyVersion is { } version)
            _members.Text("anthropic_version", version);
        if (_request.Model is { } model)
            _members.Text("model", model);
        var thinking = AskedThinking();
        WritePrompt();
        WriteTools(thinking);
        WriteThinking(thinking);
        WriteOutput(thinking);
        _json.EndObject();
    }

    private void WritePrompt()
    {
        if (MessageTurns.HaveInstructions(_request))
        {
            _members.Name("system");
            _messages.WriteSystem();
        }
        _members.Name("messages");
        _messages.Write();
    }

    private void WriteSampling(in Asked thinking)
    {
        // "Thinking isn't compatible with temperature or top_k modifications"; top_p may be 0.95 to 1 (extended thinking, feature compatibility).
        bool takesAny = _version is not { TakesNoSampling: true };
        bool hasTemperature = false;
        if (_request.Temperature is { } temperature)
        {
            hasTemperature = takesAny && (!thinking.IsOn || temperature == 1);
            if (hasTemperature)
                _members.Number("temperature", temperature);
            else
                _wire.Note(QuirkKind.LeftOut, "temperature");
        }
        if (_request.TopP is { } topP)
        {
            bool isTaken = takesAny && !(hasTemperature && _version is { TakesOneOfSampling: true });
            if (isTaken && (!thinking.IsOn || topP is >= 0.95 and <= 1))
                _members.Number("top_p", topP);
            else
                _wire.Note(QuirkKind.LeftOut, "top_p");
        }
        if (_request.Stop.Count > 0)
        {
            _members.Name("stop_sequences");
            _json.StartArray();
            for (int i = 0; i < _request.Stop.Count; i++)
                _json.WriteText(_request.Stop[i], "stop_sequences[]");
            _json.EndArray();
        }
        RefusedMembers.NoteSampling(_request, _wire);
    }

    // "container_id is required when there are pending tool uses generated by code execution with tools" (2025).
    private void WriteContainer()
    {
        foreach (var (name, _) in _request.Extra)
        {
            if (MemberWriter.Is(name, "container"))
                return;
        }
        var id = AnthropicContainer.LatestIn(_request.Messages, _wire);
        if (id.IsEmpty)
            return;
        // Neither AWS Bedrock nor Vertex runs code, and both refuse members that they do not know.
        if (_dialect.BodyVersion is not null)
            _wire.Note(QuirkKind.LeftOut, "container");
        else
            _members.Text("container", id.ToString());
    }

    private void WriteTools(in Asked thinking)
    {
        var tools = _request.Tools;
        var choice = _request.ToolChoice;
        bool hasTools = tools.Count + _dialect.ServerTools.Count > 0 || MemberWriter.HasTools(_request);
        if (hasTools)
        {
            _members.Name("tools");
            _json.StartArray();
            var run = new ToolRun(tools, _json, _marks);
            while (run.MoveNext())
                WriteTool(run.Current, run.IsUnmarked);
            for (int i = 0; i < _dialect.ServerTools.Count; i++)
                _json.WriteRaw(_dialect.ServerTools[i]);
            _members.JoinTools(_request);
            _json.EndArray();
        }
        else
        {
            RequestErrors.CheckChoiceOfNone(choice);
            WriteToolsOfHistory();
            return;
        }
        // "Thinking may not be enabled when tool_choice forces tool use."; some models take none of these, thinking or not.
        if ((thinking.IsOn || _version is { TakesForcedCalls: false }) && choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named })
        {
            _wire.Note(QuirkKind.Adapted, "tool_choice");
            choice = ToolChoice.Auto;
        }
        if (choice is null && _request.ParallelToolCalls is null)
            return;
        _members.Name("tool_choice");
        _json.StartObject();
        _json.WriteMember("type"u8, choice?.Kind switch
        {
            ToolChoiceKind.None => "none"u8,
            ToolChoiceKind.Required => "any"u8,
            ToolChoiceKind.Named => "tool"u8,
            _ => "auto"u8,
        });
        if (choice is { Kind: ToolChoiceKind.Named, Name: { } name })
            _json.WriteMember("name"u8, name, "tool_choice.name");
        if (_request.ParallelToolCalls is { } parallel && choice is not { Kind: ToolChoiceKind.None })
            _json.WriteMember("disable_parallel_tool_use"u8, !parallel);
        _json.EndObject();
    }

    // The service demands tools where the conversation holds a call or a result; the model is kept from calling them.
    private void WriteToolsOfHistory()
    {
        var tools = CalledFunctions.DefineFor(_request.Messages, _wire, "tools[].name");
        if (tools.Count == 0)
            return;
        _wire.Note(QuirkKind.Adapted, "tools");
        _members.Name("tools");
        _json.StartArray();
        foreach (var tool in tools)
            WriteTool(tool);
        _json.EndArray();
        if (_request.Extra.ContainsKey("tool_choice"))
            return;
        _members.Name("tool_choice");
        _json.StartObject();
        _json.WriteMember("type"u8, "none"u8);
        _json.EndObject();
    }

    private void WriteTool(ToolDefinition tool, bool isUnmarked = false)
    {
        _json.StartObject();
        _json.WriteMember("name"u8, tool.Name, "tools[].name");
        if (tool.Description is { } description)
            _json.WriteMember("description"u8, description, "tools[].description");
        _json.WriteName("input_schema"u8);
        FunctionSchema.Write(_json, tool, isStrict: tool.Strict == true && _dialect.TakesStrict);
        FunctionSchema.WriteStrict(_json, tool.Strict, _dialect.TakesStrict, "tools[].strict");
        CacheControl.Write(_json, tool.Cache, isTaken: !isUnmarked && _dialect.TakesCacheMarks, "tools[].cache_control");
        _json.EndObject();
    }

    private Asked AskedThinking()
    {
        if (_request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return default;
        if (_dialect.Thinking == AnthropicThinking.None)
        {
            _wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        if (thinking.Effort == ThinkingEffort.None)
            return AskedNone();
        if (thinking is { Effort: null, BudgetTokens: null })
        {
            // Whether to show thoughts can be said only where thinking is asked for.
            _wire.Note(QuirkKind.LeftOut, "thinking.display");
            return default;
        }
        if (_version is { CannotThink: true })
        {
            _wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        var form = _dialect.Thinking != AnthropicThinking.AsAsked ? _dialect.Thinking
            : _version is { TakesOnlyBudget: true } ? AnthropicThinking.Budget
            : _version is { TakesOnlyEffort: true } || thinking.BudgetTokens is null ? AnthropicThinking.Effort
            : AnthropicThinking.Budget;
        if (form == AnthropicThinking.Budget)
        {
            int? budget = thinking.BudgetTokens is { } asked ? Taken(asked) : EffortScale.Budget(thinking.Effort!.Value, _request.MaxTokens);
            if (budget is null || _messages.LacksThoughts)
            {
                _wire.Note(QuirkKind.LeftOut, "thinking");
                return default;
            }
            if (thinking.BudgetTokens != budget)
                _wire.Note(QuirkKind.Adapted, "thinking.budget_tokens");
            // Models of the time between the two forms (Claude Opus 4.5 and 4.6) take an effort beside the budget.
            bool takesEffort = _dialect.Thinking == AnthropicThinking.AsAsked && _version is null or { TakesEffortBesideBudget: true } && thinking.BudgetTokens is not null;
            if (thinking is { Effort: not null, BudgetTokens: not null } && !takesEffort)
                _wire.Note(QuirkKind.LeftOut, "output_config.effort");
            return new Asked { Budget = budget, Effort = takesEffort ? Taken(thinking.Effort) : null };
        }
        if (thinking.BudgetTokens is not null)
            _wire.Note(QuirkKind.Adapted, "output_config.effort");
        if (thinking.Effort == ThinkingEffort.Minimal)
            _wire.Note(QuirkKind.Adapted, "output_config.effort");
        return new Asked { Effort = Taken(thinking.Effort) ?? EffortScale.Step(thinking.BudgetTokens!.Value) };
    }

    private Asked AskedNone()
    {
        if (_version is { CannotThink: true })
            return default;
        if (_version is not { AlwaysThinks: true })
            return new Asked { IsOff = true };
        _wire.Note(QuirkKind.Adapted, "thinking");
        return new Asked { Effort = ThinkingEffort.Low, IsUnsaid = true };
    }

    private ThinkingEffort? Taken(ThinkingEffort? effort)
    {
        bool isTaken = effort switch
        {
            ThinkingEffort.ExtraHigh => _version is { TakesExtraHighEffort: true },
            ThinkingEffort.Max => _version is not { LacksMaxEffort: true },
            _ => true,
        };
        if (isTaken)
            return effort;
        _wire.Note(QuirkKind.Adapted, "output_config.effort");
        return ThinkingEffort.High;
    }

    private int? Taken(int budget)
    {
        if (_version is null)
            return budget;
        return ClaudeVersion.TakenBudget(budget, IsInterleaved() ? null : _request.MaxTokens);
    }

    // Thoughts between calls may take more tokens than one answer may have.
    private bool IsInterleaved()
    {
        const string Beta = "interleaved-thinking";
        for (int i = 0; i < _dialect.Betas.Count; i++)
        {
            if (_dialect.Betas[i].Contains(Beta, StringComparison.Ordinal))
                return true;
        }
        if (_request.Headers is not { } headers)
            return false;
        foreach (var (name, value) in headers)
        {
            if (MemberWriter.Is(name, "anthropic-beta") && value?.Contains(Beta, StringComparison.Ordinal) == true)
                return true;
        }
        return false;
    }

    private void WriteThinking(in Asked thinking)
    {
        if (thinking.IsOff)
        {
            _members.Name("thinking");
            _json.StartObject();
            _json.WriteMember("type"u8, _version is { TakesBetweenTools: true } ? "between_tools"u8 : "disabled"u8);
            _json.EndObject();
        }
        if (!thinking.IsOn)
            return;
        _members.Name("thinking");
        _json.StartObject();
        if (thinking.Budget is { } budget)
        {
            _json.WriteMember("type"u8, "enabled"u8);
            _json.WriteName("budget_tokens"u8);
            _json.WriteNumber(budget);
        }
        else
        {
            _json.WriteMember("type"u8, "adaptive"u8);
        }
        if (_request.Thinking!.Include is { } include)
            _json.WriteMember("display"u8, include ? "summarized"u8 : "omitted"u8);
        _json.EndObject();
    }

    private void WriteOutput(in Asked thinking)
    {
        var format = _request.Format is { Kind: not ReplyFormatKind.Text } asked ? asked : null;
        // The wire knows schemas only; "some JSON" has to be asked for in the prompt.
        if (format is not null && (format.Kind != ReplyFormatKind.JsonSchema || _dialect.Format == AnthropicFormat.None))
        {
            _wire.Note(QuirkKind.LeftOut, "output_config.format");
            format = null;
        }
        bool isApart = _dialect.Format == AnthropicFormat.OutputFormat;
        if (format is not null && isApart)
        {
            _members.Name("output_format");
            WriteSchema(format);
        }
        bool isInside = format is not null && !isApart;
        if (thinking.Effort is null && !isInside)
            return;
        _members.Name("output_config");
        _json.StartObject();
        if (thinking.Effort is { } effort)
            _json.WriteMember("effort"u8, EffortScale.ShortWord(effort, goesAboveHigh: true));
        if (isInside)
        {
            _json.WriteName("format"u8);
            WriteSchema(format!);
        }
        _json.EndObject();
    }

    private void WriteSchema(ReplyFormat format)
    {
        _json.StartObject();
        _json.WriteMember("type"u8, "json_schema"u8);
        _json.WriteName("schema"u8);
        var closed = ClosedSchema.Of(format.Schema);
        if (closed.Utf8.Length > format.Schema.Utf8.Length)
            _wire.Note(QuirkKind.Adapted, "output_config.format.schema");
        _json.WriteRaw(closed);
        _json.EndObject();
    }

    /// <summary>What is asked of thinking, in the form in which it is sent.</summary>
    private readonly record struct Asked
    {
        public bool IsOff { get; init; }

        public int? Budget { get; init; }

        public ThinkingEffort? Effort { get; init; }

        /// <summary>True where only the effort is said, since the model thinks anyway.</summary>
        public bool IsUnsaid { get; init; }

        public bool IsOn => !IsUnsaid && (Budget is not null || Effort is not null);

        /// <summary>How many tokens it may take; thoughts count towards the limit of an answer.</summary>
        public int Tokens => Budget ?? (Effort is { } effort ? EffortScale.Budget(effort) : 0);
    }
}
