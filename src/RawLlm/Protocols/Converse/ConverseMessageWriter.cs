namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>system</c> and the <c>messages</c> of the Converse wire.</summary>
/// <remarks>
/// The wire has two roles. Tool results belong to the user. Consecutive messages of one role are written as one, with the tool results
/// first, because the service requires all results of a turn in the message right after it.
/// </remarks>
internal readonly struct ConverseMessageWriter
{
    private const string Place = "messages[].content[]";

    private readonly ConverseModel _model;
    private readonly JsonWriter _json;
    private readonly ChatRequest _request;
    private readonly CacheMarks _marks;
    private readonly MessageTurns _turns;
    private readonly ConversePartWriter _parts;

    public ConverseMessageWriter(
        ConverseProtocol dialect,
        ConverseModel model,
        JsonWriter json,
        ChatRequest request,
        MessageTurns turns,
        CacheMarks marks
    )
    {
        _model = model;
        _json = json;
        _request = request;
        _marks = marks;
        _turns = turns;
        _parts = new(dialect, model, json, request);
    }

    /// <summary>Writes <c>system</c>.</summary>
    public void WriteSystem()
    {
        _json.StartArray();
        _marks.StartSystem();
        if (!string.IsNullOrEmpty(_request.System))
        {
            _json.StartObject();
            _json.WriteMember("text"u8, _request.System, "system[].text");
            _json.EndObject();
        }
        var instructions = new Instructions(_request.Messages, _json.Wire, "system");
        while (instructions.MoveNext())
        {
            var text = instructions.Current;
            _parts.WriteText(text, text.Text, "system[].text");
            WriteCache(text.Cache, "system[].cachePoint");
        }
        _json.EndArray();
    }

    /// <summary>Writes <c>messages</c>.</summary>
    public void Write()
    {
        _json.StartArray();
        var turns = new UnkeptTurns(_request.Messages, _turns, _marks, _json);
        while (turns.MoveNext())
            WriteTurn(turns.Start, turns.End, turns.IsAssistant);
        _json.EndArray();
    }

    private void WriteTurn(int start, int end, bool isAssistant)
    {
        _json.StartObject();
        _json.WriteMember("role"u8, isAssistant ? "assistant"u8 : "user"u8);
        _json.WriteName("content"u8);
        _json.StartArray();
        if (!isAssistant)
            WriteResults(start, end);
        _parts.StartTurn();
        if (!isAssistant && IsEmpty(start, end))
        {
            // "The content field in the Message object at messages.0 is empty."
            _json.Wire.Note(QuirkKind.Adapted, Place);
            _parts.WriteStandIn("(empty)"u8);
        }
        for (int i = start; i < end; i++)
        {
            var message = _request.Messages[i];
            if (_turns.IsPassedOver(_request.Messages, i))
            {
                if (message.Role == Role.Assistant)
                    _json.Wire.Note(QuirkKind.LeftOut, "messages[]");
                continue;
            }
            if (message.Name is not null)
                _json.Wire.Note(QuirkKind.LeftOut, "messages[].name");
            for (int j = 0; j < message.Parts.Count; j++)
            {
                var part = message.Parts[j];
                if (part is ToolResultPart && !isAssistant)
                    continue;
                if (isAssistant && part is ReasoningPart or OpaquePart && _turns.IsDropped(part, _request.Messages, i, j))
                    _json.Wire.Note(QuirkKind.LeftOut, Place);
                else if (isAssistant)
                    _parts.WriteAssistantPart(part, i, j);
                else
                    _parts.WriteUserPart(part, message.Role);
                WriteCache(part.Cache, "messages[].content[].cachePoint");
            }
        }
        if (_parts.HasDocumentAlone)
        {
            // "A text block must be included when using documents."
            _json.Wire.Note(QuirkKind.Adapted, Place);
            _parts.WriteStandIn("(document)"u8);
        }
        _json.EndArray();
        _json.EndObject();
    }

    private bool IsEmpty(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            if (!_turns.IsPassedOver(_request.Messages, i) && !_parts.IsEmpty(_request.Messages[i].Parts))
                return false;
        }
        return true;
    }

    private void WriteResults(int start, int end)
    {
        var results = _turns.Results(_request.Messages, start, end);
        while (results.MoveNext())
        {
            _parts.WriteResult(results.Current, start);
            WriteCache(results.Current.Cache, "messages[].content[].cachePoint");
        }
    }

    private void WriteCache(PromptCache? cache, string place) =>
        CachePoint.Write(
            _json,
            cache,
            isTaken: !_marks.DropsNext(cache) && _model.SupportsCacheMarks,
            _model.SupportsOneHourCacheMarks,
            place
        );
}
