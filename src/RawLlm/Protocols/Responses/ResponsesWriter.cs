namespace RawLlm.Protocols;

/// <summary>Writes a request of the Responses wire in one pass. The same request always gives the same bytes.</summary>
internal readonly ref struct ResponsesWriter
{
    private readonly ResponsesProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly MemberWriter _members;

    private ResponsesWriter(ResponsesProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
    }

    /// <summary>Writes the body of a request; the protocol sets the URL and the headers.</summary>
    public static void Write(ResponsesProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        Check(request);
        new ResponsesWriter(dialect, request, wire).Write(stream);
    }

    /// <summary>Writes the body of a request that only counts the tokens of a prompt: what affects them, and nothing else.</summary>
    public static void WriteCount(ResponsesProtocol dialect, ChatRequest request, WireRequest wire)
    {
        Check(request);
        var writer = new ResponsesWriter(dialect, request, wire);
        writer._json.StartObject();
        writer.WritePrompt();
        writer.WriteTools();
        writer.WriteFormat();
        writer.WriteThinking();
        writer.WriteExtra(isCount: true);
        writer._json.EndObject();
    }

    private static void Check(ChatRequest request)
    {
        RequestErrors.Check(request);
        if (request.Messages.Count == 0 && string.IsNullOrEmpty(request.System) && !request.Extra.ContainsKey("input"))
        {
            RequestErrors.Throw(
                "The request contains neither a message nor system instructions. Add a message, such as Message.User(\"…\")."
            );
        }
    }

    private void Write(bool stream)
    {
        _json.StartObject();
        WritePrompt();
        WriteSampling();
        WriteTools();
        WriteFormat();
        bool thinks = WriteThinking();
        if (_dialect.Store is { } store && !IsExtra("store"))
            _members.Boolean("store", store);
        WriteInclude(_dialect.EncryptedReasoning ?? ((thinks || ThinksUnasked) && _dialect.Store == false));
        LeaveOut(_request.User is not null && !_dialect.AcceptsUnknownMembers, _dialect.UserIdName);
        if (_request.User is { } user && _dialect.AcceptsUnknownMembers)
            _members.Text(_dialect.UserIdName, user);
        if (stream)
            WriteStream();
        WriteExtra(isCount: false);
        _json.EndObject();
    }

    private void WritePrompt()
    {
        if (_request.Model is { } model)
            _members.Text("model", model);
        if (!string.IsNullOrEmpty(_request.System))
            _members.Text("instructions", _request.System);
        if (_request.Messages.Count > 0 || !IsExtra("input"))
        {
            _members.Name("input");
            // A stored item stays known by its ID. A caller who sets "store" as an extra member knows whether it is stored.
            bool isStored = _dialect.Store != false || IsExtra("store");
            new ResponsesInputWriter(_dialect, _json, new(_request.Tools, _wire), isStored).Write(_request.Messages);
        }
    }

    private void WriteSampling()
    {
        if (_request.MaxTokens is { } maxTokens)
            _members.Number("max_output_tokens", maxTokens);
        WriteSampling("temperature", _request.Temperature);
        WriteSampling("top_p", _request.TopP);
        if (_request.TopLogProbs is not null && RefusesLogProbs())
            _wire.Note(QuirkKind.LeftOut, "logprobs");
        else if (_request.TopLogProbs is { } count and not 0)
            _members.Number("top_logprobs", count);
        LeaveOut(_request.Seed is not null, "seed");
        LeaveOut(_request.Stop.Count > 0, "stop");
        LeaveOut(_request.FrequencyPenalty is not null, "frequency_penalty");
        LeaveOut(_request.PresencePenalty is not null, "presence_penalty");
        LeaveOut(_request.ChoiceCount is not (null or 1), "n");
    }

    private void WriteSampling(string name, double? asked)
    {
        if (asked is not { } value)
            return;
        if (
            _dialect.RefusedByModel is not { } lines
            || !RefusedMembers.Contains(lines, _request.Model, SentEffort(), name, value, out bool isKept)
        )
        {
            _members.Number(name, value);
        }
        else if (!isKept)
            _wire.Note(QuirkKind.LeftOut, name);
    }

    private bool RefusesLogProbs() =>
        _dialect.RefusedByModel is { } lines && RefusedMembers.Contains(lines, _request.Model, SentEffort(), "logprobs");

    // Returns the effort that the request sends, empty for an extra member other than "none"; null if it sends no effort.
    private string? SentEffort()
    {
        if (_request.Extra.TryGetValue("reasoning", out var own))
            return own.Utf8.IndexOf("\"none\""u8) >= 0 ? "none" : "";
        return EffortScale.RequestedEffort(_request.Thinking) is { } asked ? ModelPatterns.Nearest(Efforts, asked, out _) : null;
    }

    private void LeaveOut(bool isAsked, string name)
    {
        if (isAsked)
            _wire.Note(QuirkKind.LeftOut, name);
    }

    private void WriteTools()
    {
        var tools = _request.Tools;
        var choice = _request.ToolChoice;
        bool isOwn = tools.Count > 0 || _dialect.HostedTools.Count > 0;
        if (!isOwn && !IsExtra("tools"))
        {
            RequestErrors.CheckChoiceOfNone(choice);
            return;
        }
        if (isOwn)
        {
            _members.Name("tools");
            _json.StartArray();
            var run = new UnkeptTools(tools, _json);
            while (run.MoveNext())
                WriteTool(run.Current);
            for (int i = 0; i < _dialect.HostedTools.Count; i++)
                _json.WriteRaw(_dialect.HostedTools[i]);
            _members.JoinTools(_request);
            _json.EndArray();
        }
        if (choice is not null)
            WriteToolChoice(choice);
        if (_request.ParallelToolCalls is { } parallel)
            _members.Boolean("parallel_tool_calls", parallel);
    }

    private void WriteTool(ToolDefinition tool)
    {
        _json.StartObject();
        _json.WriteMember("type"u8, "function"u8);
        _json.WriteMember("name"u8, tool.Name, "tools[].name");
        if (tool.Description is { } description)
            _json.WriteMember("description"u8, description, "tools[].description");
        _json.WriteName("parameters"u8);
        ToolSchema.Write(_json, tool, isStrict: tool.Strict == true);
        // Without the member, OpenAI assumes true and rewrites the schema so that every property is required.
        _json.WriteMember("strict"u8, tool.Strict ?? false);
        _json.EndObject();
    }

    private void WriteToolChoice(ToolChoice choice)
    {
        if (choice.Kind != ToolChoiceKind.Named)
        {
            _members.Text(
                "tool_choice",
                choice.Kind switch
                {
                    ToolChoiceKind.Auto => "auto",
                    ToolChoiceKind.None => "none",
                    _ => "required",
                }
            );
            return;
        }
        _members.Name("tool_choice");
        _json.StartObject();
        if (_dialect.AcceptsUnknownMembers)
            _json.WriteMember("type"u8, "function"u8);
        _json.WriteMember("name"u8, choice.Name!, "tool_choice.name");
        _json.EndObject();
    }

    private void WriteFormat()
    {
        if (_request.Format is not { } format)
            return;
        if (_dialect.SendsResponseFormat)
        {
            WriteResponseFormat(format);
            return;
        }
        _members.Name("text");
        _json.StartObject();
        _json.WriteName("format"u8);
        _json.StartObject();
        switch (format.Kind)
        {
            case ReplyFormatKind.Text:
                _json.WriteMember("type"u8, "text"u8);
                break;
            case ReplyFormatKind.Json:
                _json.WriteMember("type"u8, "json_object"u8);
                break;
            default:
                _json.WriteMember("type"u8, "json_schema"u8);
                _json.WriteMember("name"u8, format.Name!, "text.format.name");
                if (format.Description is { } description)
                    _json.WriteMember("description"u8, description, "text.format.description");
                _json.WriteName("schema"u8);
                _json.WriteRaw(format.Schema);
                if (format.Strict is { } strict)
                    _json.WriteMember("strict"u8, strict);
                break;
        }
        _json.EndObject();
        _json.EndObject();
    }

    // Text is the default. JSON without a schema is an object with any members.
    private void WriteResponseFormat(ReplyFormat format)
    {
        if (format.Kind == ReplyFormatKind.Text)
            return;
        bool isAny = format.Kind == ReplyFormatKind.Json;
        if (isAny)
            _wire.Note(QuirkKind.Adapted, "response_format");
        _members.Name("response_format");
        _json.StartObject();
        _json.WriteMember("type"u8, "json_schema"u8);
        _json.WriteName("json_schema"u8);
        _json.StartObject();
        _json.WriteMember("name"u8, isAny ? "object" : format.Name!, "response_format.json_schema.name");
        if (format.Description is { } description)
            _json.WriteMember("description"u8, description, "response_format.json_schema.description");
        _json.WriteName("schema"u8);
        if (isAny)
            _json.WriteRaw("{\"type\":\"object\"}"u8);
        else
            _json.WriteRaw(format.Schema);
        if (format.Strict is { } strict)
            _json.WriteMember("strict"u8, strict);
        _json.EndObject();
        _json.EndObject();
    }

    /// <summary>Writes the thinking settings; returns true if the request asks to think at all.</summary>
    private bool WriteThinking()
    {
        if (_request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return false;
        // The wire accepts only words.
        if (thinking.BudgetTokens is not null)
            _wire.Note(thinking.Effort is null ? QuirkKind.Adapted : QuirkKind.LeftOut, "thinking.budget_tokens");
        string? word = null;
        var effort = EffortScale.RequestedEffort(thinking);
        if (effort is { } asked)
        {
            word = ModelPatterns.Nearest(Efforts, asked, out bool isSame);
            if (!isSame)
                _wire.Note(word is null ? QuirkKind.LeftOut : QuirkKind.Adapted, "reasoning.effort");
        }
        // "Unsupported parameter: 'reasoning.summary' is not supported with this model." (2025)
        bool canThink = Efforts is not "-";
        bool isShown = thinking.Include == true;
        bool canShow = canThink && _dialect.AcceptsUnknownMembers;
        if (isShown && !canShow)
            _wire.Note(QuirkKind.LeftOut, "reasoning.summary");
        isShown &= canShow;
        if (word is not null || isShown)
        {
            _members.Name("reasoning");
            _json.StartObject();
            if (word is not null)
                _json.WriteMember("effort"u8, word, "reasoning.effort");
            if (isShown)
                _json.WriteMember("summary"u8, _dialect.ReasoningSummary, "reasoning.summary");
            _json.EndObject();
        }
        return canThink && word != "none" && (word is not null || effort != ThinkingEffort.None);
    }

    // In that case, the reasoning can go back only encrypted.
    private bool ThinksUnasked =>
        _request.Thinking is null or { Effort: null, BudgetTokens: null, Include: null }
        && ModelPatterns.Find(_dialect.EncryptedReasoningByModel, _request.Model) is "encrypted";

    private ReadOnlySpan<char> Efforts => ModelPatterns.FindEfforts(_dialect.EffortsByModel, _request.Model);

    private void WriteInclude(bool isReasoningAsked)
    {
        bool areLogProbsAsked = _request.TopLogProbs is not null && !RefusesLogProbs();
        if ((!isReasoningAsked && !areLogProbsAsked) || IsExtra("include"))
            return;
        _members.Name("include");
        _json.StartArray();
        if (isReasoningAsked)
            _json.WriteText("reasoning.encrypted_content"u8);
        if (areLogProbsAsked)
            _json.WriteText("message.output_text.logprobs"u8);
        _json.EndArray();
    }

    private void WriteStream()
    {
        _members.Boolean("stream", true);
        if (_dialect.Obfuscation is not { } obfuscation || IsExtra("stream_options"))
            return;
        _members.Name("stream_options");
        _json.StartObject();
        _json.WriteMember("include_obfuscation"u8, obfuscation);
        _json.EndObject();
    }

    private void WriteExtra(bool isCount)
    {
        foreach (var (name, value) in _request.Extra)
        {
            if (
                !isCount
                || name
                    is "conversation"
                        or "input"
                        or "previous_response_id"
                        or "prompt"
                        or "reasoning"
                        or "text"
                        or "tools"
                        or "truncation"
            )
            {
                _members.Extra(name, value, "model", "stream");
            }
        }
    }

    private bool IsExtra(string name) => MemberWriter.Names(_request, name);
}
