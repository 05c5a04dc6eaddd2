namespace RawLlm.Protocols;

/// <summary>Writes a request for the Converse wire in one pass. The same request always gives the same bytes.</summary>
internal readonly ref struct ConverseWriter
{
    private readonly ConverseProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly MemberWriter _members;
    private readonly ConverseModel _model;
    private readonly ClaudeVersion? _version;
    private readonly ConverseMessageWriter _messages;
    private readonly ConverseToolWriter _tools;
    private readonly ConverseThinkingWriter _thinking;

    private ConverseWriter(ConverseProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _members = new MemberWriter(_json, request.Extra.Count > 0);
        _model = ConverseModel.Of(dialect, request.Model);
        _version = ClaudeVersion.Of(request.Model);
        var turns = new MessageTurns(
            wire,
            ConverseProtocol.ProtocolName,
            dialect.ReturnsUnsignedThinking,
            static (part, _, _, _, _) => ConverseReasoning.Is(part.WireData!.Json) ? TurnPart.Thought : TurnPart.Sent
        );
        var marks = new CacheMarks(request, areNested: false, turns);
        _messages = new(dialect, _model, _json, request, turns, marks);
        _tools = new(dialect, _model, request, _members, marks);
        _thinking = new(_model, _version, request, turns, _members);
    }

    /// <summary>Writes the body of a request, streamed or not; the protocol sets the URL and the headers.</summary>
    public static void Write(ConverseProtocol dialect, ChatRequest request, WireRequest wire)
    {
        RequestErrors.Check(request);
        // A prompt that is stored at AWS contains its own messages.
        if (!request.Extra.ContainsKey("promptVariables"))
            RequestErrors.CheckMessages(request);
        new ConverseWriter(dialect, request, wire).Write();
    }

    /// <summary>Writes the body of a request that only counts tokens, without the settings that do not affect the prompt.</summary>
    public static void WriteCount(ConverseProtocol dialect, ChatRequest request, WireRequest wire)
    {
        RequestErrors.Check(request);
        RequestErrors.CheckMessages(request);
        new ConverseWriter(dialect, request, wire).WriteCount();
    }

    private void Write()
    {
        _json.StartObject();
        WritePrompt();
        var asked = _thinking.Read();
        WriteInference(asked);
        _tools.Write(thinks: Thinks(asked));
        WriteFormat();
        _thinking.Write(asked);
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
        var asked = _thinking.Read();
        _tools.Write(thinks: Thinks(asked));
        _thinking.Write(asked);
        _json.EndObject();
        _json.EndObject();
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

    // Whether the model is asked to think in the form of Anthropic's models.
    private bool Thinks(in RequestedThinking asked) => _model.HasThinkingObject && asked.IsOn;

    private void WriteInference(in RequestedThinking thinking)
    {
        var accepted = AcceptedInference(thinking);
        if (accepted == default)
            return;
        _members.Name("inferenceConfig");
        _json.StartObject();
        if (accepted.MaxTokens is { } maxTokens)
        {
            _json.WriteName("maxTokens"u8);
            _json.WriteNumber(maxTokens);
        }
        if (accepted.Temperature is { } temperature)
        {
            _json.WriteName("temperature"u8);
            _json.WriteNumber(temperature, "inferenceConfig.temperature");
        }
        if (accepted.TopP is { } topP)
        {
            _json.WriteName("topP"u8);
            _json.WriteNumber(topP, "inferenceConfig.topP");
        }
        if (accepted.HasStop)
        {
            _json.WriteName("stopSequences"u8);
            _json.WriteTexts(_request.Stop, "inferenceConfig.stopSequences[]");
        }
        _json.EndObject();
    }

    // Returns the settings that the model accepts, and records the others.
    private ConverseInference AcceptedInference(in RequestedThinking thinking)
    {
        // Anthropic's models reject a temperature other than 1 together with thinking, and a top_p below 0.95 (extended thinking, feature
        // compatibility).
        bool thinks = Thinks(thinking);
        // With the highest effort, Amazon's models accept no temperature, top_p or token limit (Nova 2, 2025).
        bool isMost = _model.Thinking == ConverseThinking.ReasoningConfig && thinking.Effort == ThinkingEffort.High;
        bool takesAny = !isMost && _model.SupportsSampling && _version is not { RejectsSampling: true };
        bool takesBoth = _version is not { RejectsTemperatureWithTopP: true };
        double? temperature = _request.Temperature;
        if (temperature is not null && (!takesAny || (thinks && temperature != 1)))
        {
            _wire.Note(QuirkKind.LeftOut, "inferenceConfig.temperature");
            temperature = null;
        }
        double? topP = _request.TopP;
        if (topP is not null && (!takesAny || (!takesBoth && temperature is not null) || (thinks && topP is not (>= 0.95 and <= 1))))
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
        if (hasStop && !_model.SupportsStopSequences)
        {
            _wire.Note(QuirkKind.LeftOut, "inferenceConfig.stopSequences");
            hasStop = false;
        }
        return new(maxTokens, temperature, topP, hasStop);
    }

    // Source: docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html (2026). The schema is sent as text.
    private void WriteFormat()
    {
        if (_request.Format is not { Kind: not ReplyFormatKind.Text } format)
            return;
        // The wire supports only schemas; JSON without a schema must be requested in the prompt.
        if (format.Kind != ReplyFormatKind.JsonSchema || !_dialect.SupportsJsonSchema)
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
        var closed = ClosedSchema.Of(format.Schema);
        if (closed.Utf8.Length > format.Schema.Utf8.Length)
            _wire.Note(QuirkKind.Adapted, "outputConfig.textFormat.structure.jsonSchema.schema");
        _json.WriteMember("schema"u8, closed.ToString(), "outputConfig.textFormat.structure.jsonSchema.schema");
        _json.WriteMember("name"u8, format.Name!, "outputConfig.textFormat.structure.jsonSchema.name");
        if (format.Description is { Length: > 0 } description)
            _json.WriteMember("description"u8, description, "outputConfig.textFormat.structure.jsonSchema.description");
        _json.EndObject();
        _json.EndObject();
        _json.EndObject();
        _json.EndObject();
    }

    private void NoteOthers()
    {
        RefusedMembers.NoteSampling(_request, _wire);
        if (_request.User is not null)
            _wire.Note(QuirkKind.LeftOut, "user");
    }

    private void WriteExtra()
    {
        foreach (var (name, value) in _request.Extra)
        {
            if (name != ConverseThinkingWriter.Member)
                _members.Extra(name, value);
        }
    }
}
