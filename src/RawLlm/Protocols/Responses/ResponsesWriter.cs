using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Writes a request of the Responses wire in one pass. The same request always gives the same bytes.</summary>
internal sealed class ResponsesWriter
{
    private readonly ResponsesProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;

    /// <summary>The members written so far, kept only where extra members must not repeat them.</summary>
    private readonly List<string>? _written;

    private ResponsesWriter(ResponsesProtocol dialect, ChatRequest request, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _wire = wire;
        _json = new JsonWriter(wire);
        _written = request.Extra.Count > 0 ? [] : null;
    }

    public static void Write(ResponsesProtocol dialect, ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        Check(request);
        wire.Url = UrlPath.Join(wire.BaseUrl, dialect.RootPath, "responses");
        wire.IsStream = stream;
        wire.Accept = stream ? "text/event-stream" : "application/json";
        new ResponsesWriter(dialect, request, wire).Write(stream);
    }

    /// <summary>Writes the request that only counts the tokens of a prompt: what bears on them, and nothing else.</summary>
    public static void WriteCount(ResponsesProtocol dialect, ChatRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        Check(request);
        string responses = UrlPath.Join(wire.BaseUrl, dialect.RootPath, "responses").AbsoluteUri;
        wire.Url = new Uri(responses + "/input_tokens");
        var writer = new ResponsesWriter(dialect, request, wire);
        writer._json.StartObject();
        writer.WritePrompt();
        writer.WriteTools();
        writer.WriteFormat();
        writer.WriteThinking();
        if (writer._written is { } written)
            writer.WriteExtra(written, isCount: true);
        writer._json.EndObject();
    }

    private static void Check(ChatRequest request)
    {
        if (request.Messages is null || request.Tools is null || request.Stop is null || request.Extra is null)
            Throw("A list of the request is null; leave it empty instead.");
        if (request.Messages.Count == 0 && string.IsNullOrEmpty(request.System) && !request.Extra.ContainsKey("input"))
            Throw("The request holds neither a message nor a system text. Add a message, as in Message.User(\"…\").");
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
            Boolean("store", store);
        WriteInclude(_dialect.EncryptedReasoning ?? (thinks && _dialect.Store == false));
        if (_request.User is { } user)
            Text(_dialect.UserIdName, user);
        if (stream)
            WriteStream();
        if (_written is not null)
            WriteExtra(_written, isCount: false);
        _json.EndObject();
    }

    private void WritePrompt()
    {
        if (_request.Model is { } model)
            Text("model", model);
        if (!string.IsNullOrEmpty(_request.System))
            Text("instructions", _request.System);
        if (_request.Messages.Count > 0 || !IsExtra("input"))
        {
            Name("input");
            // What is stored stays known by its id. Whoever sets "store" himself knows whether it is.
            bool isStored = _dialect.Store != false || IsExtra("store");
            new ResponsesInputWriter(_dialect, _json, _wire, isStored).Write(_request.Messages);
        }
    }

    private void WriteSampling()
    {
        if (_request.MaxTokens is { } maxTokens)
            Number("max_output_tokens", maxTokens);
        if (_request.Temperature is { } temperature)
            Number("temperature", temperature);
        if (_request.TopP is { } topP)
            Number("top_p", topP);
        if (_request.TopLogProbs is { } count and not 0)
            Number("top_logprobs", count);
        LeaveOut(_request.Seed is not null, "seed");
        LeaveOut(_request.Stop.Count > 0, "stop");
        LeaveOut(_request.FrequencyPenalty is not null, "frequency_penalty");
        LeaveOut(_request.PresencePenalty is not null, "presence_penalty");
        LeaveOut(_request.ChoiceCount is not (null or 1), "n");
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
        bool isOwn = tools.Count > 0 || (_dialect.HostedTools.Count > 0 && !IsExtra("tools"));
        if (!isOwn && !IsExtra("tools"))
        {
            if (choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named })
                Throw("The tool choice asks for a function, but the request offers none. Add it to ChatRequest.Tools.");
            return;
        }
        if (isOwn)
        {
            Name("tools");
            _json.StartArray();
            for (int i = 0; i < tools.Count; i++)
                WriteTool(tools[i]);
            for (int i = 0; i < _dialect.HostedTools.Count; i++)
                _json.WriteRaw(_dialect.HostedTools[i]);
            _json.EndArray();
        }
        if (choice is not null)
            WriteToolChoice(choice);
        if (_request.ParallelToolCalls is { } parallel)
            Boolean("parallel_tool_calls", parallel);
    }

    private void WriteTool(ToolDefinition tool)
    {
        if (tool is null)
            Throw("One of the request's functions is null.");
        _json.StartObject();
        _json.WriteMember("type"u8, "function"u8);
        _json.WriteMember("name"u8, tool.Name, "tools[].name");
        if (tool.Description is { } description)
            _json.WriteMember("description"u8, description, "tools[].description");
        _json.WriteName("parameters"u8);
        if (tool.Parameters.IsEmpty)
        {
            _json.StartObject();
            _json.WriteMember("type"u8, "object"u8);
            _json.WriteName("properties"u8);
            _json.StartObject();
            _json.EndObject();
            _json.EndObject();
        }
        else
        {
            _json.WriteRaw(tool.Parameters);
        }
        if (tool.Strict is { } strict)
            _json.WriteMember("strict"u8, strict);
        _json.EndObject();
    }

    private void WriteToolChoice(ToolChoice choice)
    {
        if (choice.Kind != ToolChoiceKind.Named)
        {
            Text("tool_choice", choice.Kind switch
            {
                ToolChoiceKind.Auto => "auto",
                ToolChoiceKind.None => "none",
                _ => "required",
            });
            return;
        }
        Name("tool_choice");
        _json.StartObject();
        _json.WriteMember("type"u8, "function"u8);
        _json.WriteMember("name"u8, choice.Name!, "tool_choice.name");
        _json.EndObject();
    }

    private void WriteFormat()
    {
        if (_request.Format is not { } format)
            return;
        Name("text");
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

    /// <summary>Writes how much to think; true when the request asks to think at all.</summary>
    private bool WriteThinking()
    {
        if (_request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return false;
        var effort = thinking.Effort;
        if (thinking.BudgetTokens is { } budget)
        {
            // The wire takes words only.
            _wire.Note(effort is null ? QuirkKind.Adapted : QuirkKind.LeftOut, "thinking.budget_tokens");
            effort ??= EffortOf(budget);
        }
        bool isShown = thinking.Include == true;
        if (effort is not null || isShown)
        {
            Name("reasoning");
            _json.StartObject();
            if (effort is { } word)
                _json.WriteMember("effort"u8, EffortWord(word), "reasoning.effort");
            if (isShown)
                _json.WriteMember("summary"u8, _dialect.ReasoningSummary, "reasoning.summary");
            _json.EndObject();
        }
        return effort != ThinkingEffort.None;
    }

    private static string EffortWord(ThinkingEffort effort) => effort switch
    {
        ThinkingEffort.None => "none",
        ThinkingEffort.Minimal => "minimal",
        ThinkingEffort.Low => "low",
        ThinkingEffort.Medium => "medium",
        ThinkingEffort.High => "high",
        ThinkingEffort.Max => "xhigh",
        _ => throw new ArgumentException($"The thinking effort {effort} is not known.", "request"),
    };

    // The same steps as on chat completions, so that a budget means the same effort on both wires.
    private static ThinkingEffort EffortOf(int budget) => budget switch
    {
        <= 0 => ThinkingEffort.None,
        <= 1024 => ThinkingEffort.Low,
        <= 8192 => ThinkingEffort.Medium,
        _ => ThinkingEffort.High,
    };

    private void WriteInclude(bool isReasoningAsked)
    {
        bool areLogProbsAsked = _request.TopLogProbs is not null;
        if ((!isReasoningAsked && !areLogProbsAsked) || IsExtra("include"))
            return;
        Name("include");
        _json.StartArray();
        if (isReasoningAsked)
            _json.WriteText("reasoning.encrypted_content"u8);
        if (areLogProbsAsked)
            _json.WriteText("message.output_text.logprobs"u8);
        _json.EndArray();
    }

    private void WriteStream()
    {
        Boolean("stream", true);
        if (_dialect.Obfuscation is not { } obfuscation || IsExtra("stream_options"))
            return;
        Name("stream_options");
        _json.StartObject();
        _json.WriteMember("include_obfuscation"u8, obfuscation);
        _json.EndObject();
    }

    private void WriteExtra(List<string> written, bool isCount)
    {
        foreach (var (name, value) in _request.Extra)
        {
            if (isCount && name is not ("conversation" or "input" or "previous_response_id" or "prompt" or "reasoning" or "text" or "tools" or "truncation"))
                continue;
            // Servers written in Go match names without regard to case, so "Model" would replace the model.
            if (Is(name, "model") || Is(name, "stream") || written.Exists(other => Is(name, other)))
                Throw($"The extra member '{name}' names what the request says already. Set it through the request's own property, or leave that unset.");
            if (value.IsEmpty)
                Throw($"The extra member '{name}' has no value.");
            _json.WriteName(name, "extra");
            _json.WriteRaw(value);
        }
    }

    // What the dialect would add by itself gives way to what the request names.
    private bool IsExtra(string name)
    {
        if (_written is null)
            return false;
        foreach (string extra in _request.Extra.Keys)
        {
            if (Is(extra, name))
                return true;
        }
        return false;
    }

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    private void Name(string name)
    {
        _written?.Add(name);
        _json.WriteName(name, name);
    }

    private void Text(string name, string value)
    {
        Name(name);
        _json.WriteText(value, name);
    }

    private void Number(string name, long value)
    {
        Name(name);
        _json.WriteNumber(value);
    }

    private void Number(string name, double value)
    {
        Name(name);
        _json.WriteNumber(value, name);
    }

    private void Boolean(string name, bool value)
    {
        Name(name);
        _json.WriteBoolean(value);
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new ArgumentException(message, "request");
}
