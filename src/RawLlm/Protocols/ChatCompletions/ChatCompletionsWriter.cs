namespace RawLlm.Protocols;

/// <summary>Writes a request for chat completions in one pass. The same request always gives the same bytes.</summary>
internal readonly ref struct ChatCompletionsWriter
{
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

    private ChatThinkingWriter Thinking => new(_dialect, _request, _members);

    /// <summary>Writes the body of a request; the protocol sets the URL and the headers.</summary>
    public static void Write(ChatCompletionsProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        Check(request);
        if (InstructionsAsUser.AreUsedBy(dialect))
            request = InstructionsAsUser.Rewrite(request, wire);
        new ChatCompletionsWriter(dialect, request, wire).Write(stream);
    }

    private static void Check(ChatRequest request)
    {
        RequestErrors.Check(request);
        if (request.Messages.Count == 0 && string.IsNullOrEmpty(request.System))
        {
            RequestErrors.Throw(
                "The request contains neither a message nor system instructions. Add a message, such as Message.User(\"…\")."
            );
        }
    }

    private void Write(bool stream)
    {
        _json.StartObject();
        if (_request.Model is { } model)
            _members.Text("model", model);
        _members.Name("messages");
        new ChatMessageWriter(_dialect, _request, _json).Write();
        WriteSampling();
        bool hasTools = new ChatToolWriter(_dialect, _request, _members, Thinking).Write();
        if (hasTools)
            WriteParallelCalls();
        if (_request.Format is { } format)
            new ChatFormatWriter(_dialect, _members).Write(format);
        Thinking.Write();
        if (_request.User is not null && !_dialect.SupportsUser)
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
            _members.Number(_dialect.MaxTokensNameOf(_request.Model), maxTokens);
        WriteSampling("temperature", _request.Temperature, _dialect.SupportsTemperature);
        WriteSampling("top_p", _request.TopP, AcceptsTopP);
        if (_request.Seed is { } seed)
        {
            if (_dialect.SeedName is { } seedName)
                _members.Number(seedName, seed);
            else
                _wire.Note(QuirkKind.LeftOut, "seed");
        }
        if (_request.Stop.Count > 0 && (!_dialect.SupportsStop || Refuses("stop")))
        {
            _wire.Note(QuirkKind.LeftOut, "stop");
        }
        else if (_request.Stop.Count > 0)
        {
            _members.Name("stop");
            _json.WriteTexts(_request.Stop, "stop[]");
        }
        WriteSampling("frequency_penalty", _request.FrequencyPenalty, _dialect.SupportsPenalties);
        WriteSampling("presence_penalty", _request.PresencePenalty, _dialect.SupportsPenalties);
        if (_request.TopLogProbs is not null && (!_dialect.SupportsLogProbs || Refuses("logprobs")))
        {
            _wire.Note(QuirkKind.LeftOut, "logprobs");
        }
        else if (_request.TopLogProbs is { } count)
        {
            _members.Boolean("logprobs", true);
            if (count != 0)
                _members.Number("top_logprobs", count);
        }
        if (_request.ChoiceCount is not (null or 1) && (!_dialect.SupportsChoiceCount || Refuses("n")))
            _wire.Note(QuirkKind.LeftOut, "n");
        else if (_request.ChoiceCount is { } choices)
            _members.Number("n", choices);
    }

    private bool AcceptsTopP =>
        _dialect.SupportsTopP
        && (_request.TopP is not >= 1 || _dialect.AcceptsTopPOfOne)
        && (_request.Temperature is null || _dialect.AcceptsTopPWithTemperature);

    private void WriteSampling(string name, double? asked, bool isTaken)
    {
        if (asked is not { } value)
            return;
        bool isKept = false;
        if (
            isTaken
            && !(
                _dialect.RefusedByModel is { } lines
                && RefusedMembers.Contains(lines, _request.Model, Thinking.SentEffort(), name, value, out isKept)
            )
        )
        {
            _members.Number(name, value);
        }
        else if (!isKept)
            _wire.Note(QuirkKind.LeftOut, name);
    }

    private bool Refuses(string name) =>
        _dialect.RefusedByModel is { } lines && RefusedMembers.Contains(lines, _request.Model, Thinking.SentEffort(), name);

    private void WriteParallelCalls()
    {
        if (_request.ParallelToolCalls is not { } parallel)
            return;
        if (_dialect.SupportsParallelToolCalls && !Refuses("parallel_tool_calls"))
            _members.Boolean("parallel_tool_calls", parallel);
        else
            _wire.Note(QuirkKind.LeftOut, "parallel_tool_calls");
    }

    private void WriteStream(bool hasTools)
    {
        _members.Boolean("stream", true);
        if (_dialect.RequestsStreamUsage)
        {
            _members.Name("stream_options");
            _json.StartObject();
            _json.WriteMember("include_usage"u8, true);
            if (_dialect.Obfuscation is { } obfuscation)
                _json.WriteMember("include_obfuscation"u8, obfuscation);
            _json.EndObject();
        }
        if (hasTools && _dialect.RequestsToolStream)
            _members.Boolean("tool_stream", true);
    }
}
