namespace RawLlm.Protocols;

/// <summary>Writes a request for the Messages wire in one pass. The same request always gives the same bytes.</summary>
internal readonly ref struct AnthropicWriter
{
    private readonly AnthropicProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly MemberWriter _members;
    private readonly MessageTurns _turns;
    private readonly AnthropicMessageWriter _messages;
    private readonly AnthropicToolWriter _tools;
    private readonly AnthropicThinkingWriter _thinking;
    private readonly ClaudeVersion? _version;

    private AnthropicWriter(AnthropicProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
        _version = ClaudeVersion.Of(request.Model);
        _turns = new(
            wire,
            AnthropicProtocol.ProtocolName,
            dialect.ReturnsUnsignedThinking,
            static (part, messages, message, place, wire) => AnthropicBlock.RemainsOf(part, messages, message, place, wire),
            dialect.SupportsLaterSystemMessages ?? _version is { SupportsLaterSystemMessages: true }
        );
        var marks = new CacheMarks(request, areNested: true, _turns);
        _messages = new(dialect, _json, request, _turns, marks);
        _tools = new(dialect, _version, request, _members, marks);
        _thinking = new(dialect, _version, request, _members, _messages);
    }

    /// <summary>Writes the body of a request; the protocol sets the URL and the headers.</summary>
    public static void Write(AnthropicProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        RequestErrors.Check(request);
        RequestErrors.CheckMessages(request);
        new AnthropicWriter(dialect, request, wire).Write(stream);
    }

    /// <summary>Writes the body of a request that only counts tokens, without the settings that do not affect the prompt.</summary>
    public static void WriteCount(AnthropicProtocol dialect, ChatRequest request, WireRequest wire)
    {
        RequestErrors.Check(request);
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
        var thinking = _thinking.Read();
        _members.Number("max_tokens", _request.MaxTokens ?? _dialect.DefaultMaxTokens + (long)thinking.Tokens);
        WritePrompt();
        _tools.Write(thinks: thinking.IsOn);
        _thinking.Write(thinking);
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
        // Vertex has the model in the URL for an answer, but in the body for a count.
        if (_dialect.BodyVersion is { } version)
            _members.Text("anthropic_version", version);
        if (_request.Model is { } model)
            _members.Text("model", model);
        var thinking = _thinking.Read();
        WritePrompt();
        _tools.Write(thinks: thinking.IsOn);
        _thinking.Write(thinking);
        WriteOutput(thinking);
        _json.EndObject();
    }

    private void WritePrompt()
    {
        if (MessageTurns.HaveInstructions(_request, _turns))
        {
            _members.Name("system");
            _messages.WriteSystem();
        }
        _members.Name("messages");
        _messages.Write();
    }

    private void WriteSampling(in RequestedThinking thinking)
    {
        // "Thinking isn't compatible with temperature or top_k modifications"; top_p may be 0.95 to 1 (extended thinking, feature
        // compatibility).
        bool takesAny = _version is not { RejectsSampling: true } && !_dialect.IsStricter;
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
            bool isTaken = takesAny && !(hasTemperature && _version is { RejectsTemperatureWithTopP: true });
            if (isTaken && (!thinking.IsOn || topP is >= 0.95 and <= 1))
                _members.Number("top_p", topP);
            else
                _wire.Note(QuirkKind.LeftOut, "top_p");
        }
        if (_request.Stop.Count > 0)
        {
            _members.Name("stop_sequences");
            _json.WriteTexts(_request.Stop, "stop_sequences[]");
        }
        RefusedMembers.NoteSampling(_request, _wire);
    }

    // "container_id is required when there are pending tool uses generated by code execution with tools" (2025).
    private void WriteContainer()
    {
        if (MemberWriter.Names(_request, "container"))
            return;
        var id = AnthropicContainer.LatestIn(_request.Messages, _wire);
        if (id.IsEmpty)
            return;
        // Neither AWS Bedrock nor Vertex runs code, and both reject unknown members.
        if (_dialect.BodyVersion is not null)
            _wire.Note(QuirkKind.LeftOut, "container");
        else
            _members.Text("container", id.ToString());
    }

    private void WriteOutput(in RequestedThinking thinking)
    {
        var format = _request.Format is { Kind: not ReplyFormatKind.Text } asked ? asked : null;
        // The wire supports only schemas; JSON without a schema must be requested in the prompt.
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
}
