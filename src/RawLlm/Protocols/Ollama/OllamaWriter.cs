namespace RawLlm.Protocols;

/// <summary>Writes a request for <c>/api/chat</c> in one pass. The same request always gives the same bytes.</summary>
internal sealed class OllamaWriter
{
    private readonly OllamaProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly MemberWriter _members;

    private OllamaWriter(OllamaProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
    }

    /// <summary>Writes the body of a request; the protocol sets the URL and the headers.</summary>
    public static void Write(OllamaProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        RequestErrors.Check(request);
        new OllamaWriter(dialect, request, wire).Write(stream);
    }

    private void Write(bool stream)
    {
        _json.StartObject();
        if (_request.Model is { } model)
            _members.Text("model", model);
        _members.Name("messages");
        new OllamaMessageWriter(_json).Write(_request);
        WriteTools();
        WriteFormat();
        WriteThinking();
        if (_request.TopLogProbs is { } count)
        {
            _members.Boolean("logprobs", true);
            if (count != 0)
                _members.Number("top_logprobs", count);
        }
        WriteOptions();
        // The server streams by default.
        _members.Boolean("stream", stream);
        if (_request.ChoiceCount is not (null or 1))
            _wire.Note(QuirkKind.LeftOut, "n");
        if (_request.User is not null)
            _wire.Note(QuirkKind.LeftOut, "user");
        WriteExtra();
        _json.EndObject();
    }

    private void WriteTools()
    {
        var tools = _request.Tools;
        var choice = _request.ToolChoice;
        if (tools.Count == 0)
        {
            if (!_request.Extra.ContainsKey("tools"))
                RequestErrors.CheckChoiceOfNone(choice);
            return;
        }
        if (choice is { Kind: ToolChoiceKind.None })
        {
            _wire.Note(QuirkKind.Adapted, "tools");
            return;
        }
        _members.Name("tools");
        _json.StartArray();
        var run = new UnkeptTools(tools, _json);
        while (run.MoveNext())
            WriteTool(run.Current);
        _json.EndArray();
        if (choice is { Kind: not ToolChoiceKind.Auto })
            _wire.Note(QuirkKind.LeftOut, "tool_choice");
        if (_request.ParallelToolCalls is not null)
            _wire.Note(QuirkKind.LeftOut, "parallel_tool_calls");
    }

    private void WriteTool(ToolDefinition tool)
    {
        _json.StartObject();
        _json.WriteMember("type"u8, "function"u8);
        _json.WriteName("function"u8);
        _json.StartObject();
        _json.WriteMember("name"u8, tool.Name, "tools[].function.name");
        if (tool.Description is { } description)
            _json.WriteMember("description"u8, description, "tools[].function.description");
        _json.WriteName("parameters"u8);
        ToolSchema.Write(_json, tool, isStrict: false);
        if (tool.Strict == true)
            _wire.Note(QuirkKind.LeftOut, "tools[].function.strict");
        _json.EndObject();
        _json.EndObject();
    }

    private void WriteFormat()
    {
        if (_request.Format is not { Kind: not ReplyFormatKind.Text } format)
            return;
        _members.Name("format");
        if (format.Kind == ReplyFormatKind.Json)
            _json.WriteText("json"u8);
        else
            _json.WriteRaw(format.Schema);
    }

    private void WriteThinking()
    {
        if (_request.Thinking is not { } thinking)
            return;
        // Reasoning is always shown if there is any.
        if (thinking.Include == false)
            _wire.Note(QuirkKind.LeftOut, "think");
        if (thinking.Effort is { } effort)
        {
            if (effort != ThinkingEffort.None && thinking.BudgetTokens is not null)
                _wire.Note(QuirkKind.LeftOut, "think");
            _members.Name("think");
            WriteEffort(effort);
        }
        else if (thinking.BudgetTokens is not null || thinking.Include == true)
        {
            if (thinking.BudgetTokens is not null)
                _wire.Note(QuirkKind.Adapted, "think");
            _members.Boolean("think", true);
        }
    }

    private void WriteEffort(ThinkingEffort effort)
    {
        bool isOn = effort != ThinkingEffort.None;
        if (!isOn || !_dialect.SupportsLevels(_request.Model))
        {
            if (isOn && effort != ThinkingEffort.Medium)
                _wire.Note(QuirkKind.Adapted, "think");
            _json.WriteBoolean(isOn);
            return;
        }
        if (effort is ThinkingEffort.Minimal or ThinkingEffort.ExtraHigh or ThinkingEffort.Max)
            _wire.Note(QuirkKind.Adapted, "think");
        _json.WriteText(
            effort switch
            {
                ThinkingEffort.Minimal or ThinkingEffort.Low => "low"u8,
                ThinkingEffort.Medium => "medium"u8,
                _ => "high"u8,
            }
        );
    }

    private void WriteOptions()
    {
        var options = new InnerObject(_json, "options", MemberWriter.Is);
        if (_request.MaxTokens is { } maxTokens)
            options.Number("num_predict", maxTokens);
        if (_request.Temperature is { } temperature)
            options.Number("temperature", temperature);
        if (_request.TopP is { } topP)
            options.Number("top_p", topP);
        if (_request.Seed is { } seed)
            options.Number("seed", seed);
        if (_request.Stop.Count > 0)
            options.Texts("stop", _request.Stop);
        if (_request.FrequencyPenalty is { } frequency)
            options.Number("frequency_penalty", frequency);
        if (_request.PresencePenalty is { } presence)
            options.Number("presence_penalty", presence);
        foreach (var (name, value) in _request.Extra)
        {
            if (MemberWriter.Is(name, "options"))
                options.WriteExtra(value);
        }
        options.Close();
    }

    private void WriteExtra()
    {
        foreach (var (name, value) in _request.Extra)
        {
            // Options were merged by WriteOptions.
            if (!MemberWriter.Is(name, "options"))
                _members.Extra(name, value, "model");
        }
    }
}
