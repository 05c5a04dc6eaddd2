namespace RawLlm.Protocols;

/// <summary>Writes tool results. On chat completions, each is a separate message that contains only text.</summary>
internal readonly struct ChatResultWriter(
    ChatCompletionsProtocol dialect,
    JsonWriter json,
    CallNames names,
    IReadOnlyList<Message> messages
)
{
    private const string ContentPlace = "messages[].content";

    private OwnData Own => new(json, dialect.Name);

    /// <summary>Writes the results in a message with the role Tool, which contains nothing else.</summary>
    public void WriteAll(IReadOnlyList<Part> parts, int position)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolResultPart result)
                Write(result, position);
            else
                RequestErrors.ThrowPart(parts[i], Role.Tool);
        }
    }

    /// <summary>Writes a result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="position">The index of its message.</param>
    public void Write(ToolResultPart result, int position)
    {
        if (result.Content is null)
            RequestErrors.ThrowNoContent();
        json.StartObject();
        json.WriteMember("role"u8, "tool"u8);
        new ChatCallIds(dialect, json).Write("tool_call_id"u8, result.CallId);
        if (dialect.SendsToolResultName && (result.Name ?? FindName(position, result.CallId)) is { } name)
            json.WriteMember("name"u8, names.Of(name, "messages[].name"), "messages[].name");
        json.WriteName("content"u8);
        WriteText(result.Content);
        new ChatCacheMarks(dialect, json).LeaveOut(result);
        Own.WriteMembers(result.WireData, "messages[]");
        json.EndObject();
    }

    private void WriteText(IReadOnlyList<Part> content)
    {
        json.StartText();
        bool isEmpty = true;
        for (int i = 0; i < content.Count; i++)
        {
            isEmpty &= content[i] is not TextPart { Text: not "" };
            switch (content[i])
            {
                case TextPart text:
                    json.AppendText(text.Text, ContentPlace);
                    break;
                case ImagePart or FilePart:
                    // Images and files follow after all results (ChatResultMedia).
                    break;
                case OpaquePart opaque when !Own.Is(opaque.WireData):
                    json.Wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPartOfResult(content[i]);
                    break;
            }
        }
        if (isEmpty && ResultMedia.AreIn(content))
            json.Append("It follows behind the results."u8);
        json.EndText();
    }

    private string? FindName(int position, string callId)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: Role.Assistant, Parts: { } parts })
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is not ToolCallPart { Call: { } call } || call.Id != callId)
                    continue;
                if (i < position)
                    json.Wire.Written?.MarkDependent();
                else
                    json.Wire.Written?.MarkUnreusable();
                return call.Name;
            }
        }
        // A later message may name it.
        json.Wire.Written?.MarkUnreusable();
        return null;
    }
}
