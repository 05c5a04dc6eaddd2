namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>messages</c> of chat completions.</summary>
internal readonly ref struct ChatMessageWriter
{
    // What the bytes of a message depend on beside the message (KeptPlace.Variant).
    private const int InToolTurn = 1;
    private const int BehindResults = 2;
    private const int EndsResults = 4;

    private readonly ChatCompletionsProtocol _dialect;
    private readonly JsonWriter _json;
    private readonly ChatRequest _request;
    private readonly ChatInstructions _instructions;
    private readonly ChatTurns _turns;
    private readonly ChatAnswerWriter _answers;
    private readonly ChatResultWriter _results;

    public ChatMessageWriter(ChatCompletionsProtocol dialect, ChatRequest request, JsonWriter json)
    {
        _dialect = dialect;
        _json = json;
        _request = request;
        _instructions = ChatInstructions.Of(dialect, request);
        _turns = new(dialect, _instructions, new(dialect, json), json.Wire);
        var names = new CallNames(request.Tools, json.Wire);
        var calls = new ChatCallWriter(dialect, json, names, ChatCallWriter.ForeignSignature(dialect, request.Model));
        _answers = new(dialect, json, ReturnedReasoning.Of(dialect, request.Model), calls);
        _results = new(dialect, json, names, request.Messages);
    }

    /// <summary>Writes the array.</summary>
    public void Write()
    {
        var messages = _request.Messages;
        int lastQuestion = _dialect is { ReasoningName: not null, ReturnsReasoningInToolTurnsOnly: true }
            ? ChatTurns.LastQuestion(messages)
            : -1;
        _json.StartArray();
        var instructions = new ChatInstructionWriter(_dialect, _json);
        // They depend on the format and on all messages, so they are written before any bytes are kept.
        if (_instructions.AreJoined)
            instructions.WriteJoined(_request, _instructions);
        var kept = _json.BeginKeptList(KeptList.Messages);
        if (!_instructions.AreJoined && !string.IsNullOrEmpty(_request.System) && !kept.TryReuse(_request.System, 0))
        {
            instructions.Write(_request.System);
            kept.Close();
        }
        bool isBehindResults = false;
        int firstResults = -1;
        bool hasMedia = false;
        for (int i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message?.Parts is null)
                RequestErrors.ThrowNoMessage();
            if (_instructions.Includes(message, i))
                continue;
            var holds = _turns.SentKinds(message);
            if ((holds & SentContentKinds.Results) != 0)
            {
                firstResults = firstResults < 0 ? i : firstResults;
                hasMedia |= ChatResultMedia.AreInResults(message.Parts);
            }
            bool endsResults = hasMedia && ((holds & SentContentKinds.Else) != 0 || !_turns.GoOnInResults(messages, i + 1));
            int variant = (i > lastQuestion ? InToolTurn : 0) | (isBehindResults ? BehindResults : 0) | (endsResults ? EndsResults : 0);
            int end = _turns.End(messages, i);
            if (!kept.TryReuse(messages, i, end, variant))
            {
                if (end > i + 1)
                    message = _turns.Join(messages, i, end);
                Write(message, i, firstResults, variant);
                kept.Close();
            }
            if (holds != SentContentKinds.Nothing)
                isBehindResults = holds == SentContentKinds.Results && !endsResults && !_dialect.AcceptsUserMessageAfterToolResults;
            if ((holds & SentContentKinds.Else) != 0 || endsResults)
                (firstResults, hasMedia) = (-1, false);
            i = end - 1;
        }
        kept.Finish();
        _json.EndArray();
    }

    private void Write(Message message, int position, int firstResults, int variant)
    {
        switch (message.Role)
        {
            case Role.System:
                if ((variant & BehindResults) != 0)
                    ChatBridge.Write(_json);
                new ChatInstructionWriter(_dialect, _json).Write(message);
                break;
            case Role.User:
                WriteUser(message, position, firstResults, variant);
                break;
            case Role.Assistant when _turns.IsLeftOut(message):
                _json.Wire.Note(QuirkKind.LeftOut, "messages[]");
                break;
            case Role.Assistant:
                _answers.Write(message, isInToolTurn: (variant & InToolTurn) != 0);
                break;
            case Role.Tool:
                _results.WriteAll(message.Parts, position);
                if ((variant & EndsResults) != 0)
                    WriteMedia(firstResults, position);
                break;
            default:
                RequestErrors.Throw($"The role {message.Role.ToString()} is not known.");
                break;
        }
    }

    // On this wire, tool results are separate messages and must follow the tool calls immediately.
    private void WriteUser(Message message, int position, int firstResults, int variant)
    {
        var parts = message.Parts;
        int others = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolResultPart result)
                _results.Write(result, position);
            else
                others++;
        }
        bool isQuestion = others > 0 || parts.Count == 0;
        if ((variant & EndsResults) != 0)
            WriteMedia(firstResults, position);
        else if (isQuestion && (others < parts.Count ? !_dialect.AcceptsUserMessageAfterToolResults : (variant & BehindResults) != 0))
            ChatBridge.Write(_json);
        if (isQuestion)
            new ChatQuestionWriter(_dialect, _json).Write(message, others);
    }

    private void WriteMedia(int firstResults, int position) =>
        new ChatResultMedia(_dialect, _json).Write(_request.Messages, firstResults, position);
}
