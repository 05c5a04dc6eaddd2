namespace RawLlm.Protocols;

/// <summary>Writes a user message for chat completions.</summary>
internal readonly struct ChatQuestionWriter(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private const string Place = "messages[].content";

    private ChatCacheMarks Marks => new(dialect, json);

    private ChatPartWriter Parts => new(dialect, json);

    /// <summary>Writes the message without its tool results.</summary>
    /// <param name="message">The message.</param>
    /// <param name="count">The number of its parts that are not tool results.</param>
    public void Write(Message message, int count)
    {
        var parts = message.Parts;
        json.StartObject();
        json.WriteMember("role"u8, "user"u8);
        json.WriteName("content"u8);
        if (parts.Count == 0)
        {
            json.WriteText(""u8);
        }
        else if (count == 1 && SingleText(parts) is { } text)
        {
            json.WriteText(text.Text, Place);
            Marks.LeaveOut(text);
        }
        else if (!dialect.AcceptsTextParts && HasTextAlone(parts))
        {
            WriteJoinedText(parts);
        }
        else
        {
            json.StartArray();
            for (int i = 0; i < parts.Count; i++)
                Parts.Write(parts[i]);
            json.EndArray();
        }
        new MessageNameWriter(dialect, json).Write(message);
        json.EndObject();
    }

    private TextPart? SingleText(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            // Text with data to send back, or with a cache mark, needs the form that has room for them.
            if (parts[i] is TextPart text)
            {
                return new OwnData(json, dialect.Name).Is(text.WireData) || text.Cache is not null && dialect.SupportsCacheMarks
                    ? null
                    : text;
            }
        }
        return null;
    }

    private static bool HasTextAlone(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not (ToolResultPart or TextPart { WireData: null }))
                return false;
        }
        return true;
    }

    private void WriteJoinedText(IReadOnlyList<Part> parts)
    {
        json.Wire.Note(QuirkKind.Adapted, Place);
        json.StartText();
        bool isFirst = true;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not TextPart text)
                continue;
            if (!isFirst)
                json.AppendText("\n", Place);
            isFirst = false;
            json.AppendText(text.Text, Place);
            Marks.LeaveOut(text);
        }
        json.EndText();
    }
}
