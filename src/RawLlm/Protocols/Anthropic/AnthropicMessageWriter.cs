namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>system</c> and the <c>messages</c> of the Messages wire.</summary>
/// <remarks>
/// Tool results belong to the user. Consecutive messages of one role are written as one, with the tool results first, because the service
/// requires all results of a turn in the message right after it. Later instructions are one message right after the user turn to which they
/// belong, because the service takes them nowhere else: "directly after a user turn", and last or before an answer
/// (platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages, 2026-10). It also takes them after an answer that ends
/// in the result of a server tool, which is not used.
/// </remarks>
internal readonly struct AnthropicMessageWriter(
    AnthropicProtocol dialect,
    JsonWriter json,
    ChatRequest request,
    MessageTurns turns,
    CacheMarks marks
)
{
    private const string Content = "messages[].content[]";

    /// <summary>What replaces a user message of which nothing is left: the service requires a text that is not blank.</summary>
    public static ReadOnlySpan<byte> StandIn => "(empty)"u8;

    private readonly CallIds _ids = new(request.Messages, json.Wire, "messages[].content[].id", int.MaxValue);
    private readonly MessageTurns _turns = turns;

    private AnthropicPartWriter Parts => new(dialect, json, _ids, new(request.Tools, json.Wire), marks);

    /// <summary>Whether the service would reject thinking with a budget.</summary>
    public bool LacksReasoning => _turns.EndInCallsWithoutReasoning(request.Messages);

    /// <summary>Writes <c>system</c>: a text, or blocks if there are several texts or a prompt caching mark.</summary>
    public void WriteSystem()
    {
        marks.StartSystem();
        if (SingleSystem() is { } text)
        {
            json.WriteText(text, "system");
            return;
        }
        json.StartArray();
        if (!string.IsNullOrEmpty(request.System))
        {
            json.StartObject();
            json.WriteMember("type"u8, "text"u8);
            json.WriteMember("text"u8, request.System, "system[].text");
            json.EndObject();
        }
        var instructions = new Instructions(request.Messages, json.Wire, "system", _turns);
        while (instructions.MoveNext())
            Parts.WriteText(instructions.Current, "system[].text");
        json.EndArray();
    }

    /// <summary>Writes <c>messages</c>.</summary>
    public void Write()
    {
        json.StartArray();
        var unkept = new UnkeptTurns(request.Messages, _turns, marks, json);
        while (unkept.MoveNext())
            WriteTurn(unkept.Start, unkept.End, unkept.IsAssistant);
        json.EndArray();
    }

    // Returns the text if there is only one and it has no mark; otherwise null.
    private string? SingleSystem()
    {
        string? single = string.IsNullOrEmpty(request.System) ? null : request.System;
        bool isLeading = true;
        for (int i = 0; i < request.Messages.Count; i++)
        {
            if (request.Messages[i] is not { Role: Role.System, Parts: { } parts })
            {
                isLeading = false;
                continue;
            }
            if (!isLeading && _turns.Keeps(request.Messages, i))
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (single is not null || !isLeading || parts[j] is not TextPart { Text.Length: > 0, Cache: null, WireData: null } text)
                    return null;
                single = text.Text;
            }
        }
        return single;
    }

    private void WriteTurn(int start, int end, bool isAssistant)
    {
        json.StartObject();
        json.WriteMember("role"u8, isAssistant ? "assistant"u8 : "user"u8);
        json.WriteName("content"u8);
        bool isEmpty = !isAssistant && IsEmpty(start, end);
        if (isEmpty)
            json.Wire.Note(QuirkKind.Adapted, Content);
        if (SingleText(start, end) is { } text)
        {
            if (isEmpty)
                json.WriteText(StandIn);
            else
                json.WriteText(text, "messages[].content");
        }
        else
        {
            json.StartArray();
            for (var results = _turns.Results(request.Messages, start, end); !isAssistant && results.MoveNext(); )
            {
                if (AnthropicFallback.DeclinesCall(results.Current.CallId, request.Messages, start))
                    json.Wire.Note(QuirkKind.LeftOut, Content);
                else
                    Parts.WriteResult(results.Current, CalledTools.FindAnswered(request.Messages, start, results.Current.CallId), start);
            }
            for (int i = start; i < end; i++)
            {
                var message = request.Messages[i];
                if (_turns.IsPassedOver(request.Messages, i))
                    continue;
                int fallback = isAssistant ? AnthropicFallback.In(message.Parts) : -1;
                for (int j = 0; j < message.Parts.Count; j++)
                {
                    if (
                        AnthropicFallback.Declines(message.Parts, fallback, j)
                        || (
                            isAssistant
                            && message.Parts[j] is ReasoningPart or OpaquePart
                            && _turns.IsDropped(message.Parts[j], request.Messages, i, j)
                        )
                    )
                    {
                        json.Wire.Note(QuirkKind.LeftOut, Content);
                    }
                    else if (isAssistant)
                        Parts.WriteAssistantPart(message.Parts[j], i, j);
                    else if (message.Parts[j] is not ToolResultPart)
                        Parts.WriteUserPart(message.Parts[j], message.Role);
                }
            }
            if (isEmpty)
                Parts.WriteStandIn();
            json.EndArray();
        }
        json.EndObject();
        if (!isAssistant)
            WriteLaterInstructions(start, end);
        for (int i = start; i < end; i++)
        {
            if (request.Messages[i].Name is not null)
                json.Wire.Note(QuirkKind.LeftOut, "messages[].name");
            if (_turns.IsEmpty(request.Messages, i))
                json.Wire.Note(QuirkKind.LeftOut, "messages[]");
        }
    }

    private void WriteLaterInstructions(int start, int end)
    {
        TextPart? first = null;
        bool isSingle = true;
        bool isMoved = false;
        for (int i = start; i < end; i++)
        {
            var message = request.Messages[i];
            if (!_turns.Keeps(request.Messages, i))
            {
                isMoved |= first is not null && !_turns.IsPassedOver(request.Messages, i);
                continue;
            }
            for (int j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is not TextPart text)
                    RequestErrors.ThrowPart(message.Parts[j], Role.System);
                else if (text.Text is { } said && string.IsNullOrWhiteSpace(said))
                    json.Wire.Note(QuirkKind.Adapted, "messages[].content[].text");
                else
                {
                    isSingle &= first is null && text is { Cache: null, WireData: null };
                    first ??= text;
                }
            }
        }
        if (first is null)
            return;
        if (isMoved)
            json.Wire.Note(QuirkKind.Adapted, "messages[].role");
        json.StartObject();
        json.WriteMember("role"u8, "system"u8);
        json.WriteName("content"u8);
        if (isSingle)
        {
            json.WriteText(first.Text, "messages[].content");
        }
        else
        {
            json.StartArray();
            for (int i = start; i < end; i++)
            {
                for (int j = 0; _turns.Keeps(request.Messages, i) && j < request.Messages[i].Parts.Count; j++)
                    Parts.WriteText((TextPart)request.Messages[i].Parts[j], "messages[].content[].text");
            }
            json.EndArray();
        }
        json.EndObject();
    }

    private bool IsEmpty(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            if (!_turns.IsPassedOver(request.Messages, i) && !Parts.IsBlank(request.Messages[i].Parts))
                return false;
        }
        return true;
    }

    private string? SingleText(int start, int end)
    {
        string? single = null;
        for (int i = start; i < end; i++)
        {
            var message = request.Messages[i];
            if (_turns.IsPassedOver(request.Messages, i))
                continue;
            for (int j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is OpaquePart opaque && AnthropicContainer.Is(opaque))
                    continue;
                if (
                    single is not null
                    || message.Role == Role.Tool
                    || message.Parts[j] is not TextPart { Text: not null, Cache: null, WireData: null } text
                )
                {
                    return null;
                }

                single = text.Text;
            }
        }
        return single ?? "";
    }
}
