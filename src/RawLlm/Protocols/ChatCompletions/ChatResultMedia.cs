namespace RawLlm.Protocols;

/// <summary>
/// Writes the images and files of tool results: on chat completions they are sent in a user message after the last result.
/// </summary>
internal readonly struct ChatResultMedia(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private const string ContentPlace = "messages[].content";

    /// <summary>Whether a tool result among the parts contains any.</summary>
    public static bool AreInResults(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolResultPart { Content: { } content } && ResultMedia.AreIn(content))
                return true;
        }
        return false;
    }

    /// <summary>Writes the user message that contains them.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="first">The index of the first message with one of the results.</param>
    /// <param name="last">The index of the last one.</param>
    public void Write(IReadOnlyList<Message> messages, int first, int last)
    {
        // The bytes also depend on the messages of the other results.
        json.Wire.Written?.MarkUnreusable();
        json.Wire.Note(QuirkKind.Adapted, ContentPlace);
        if (!dialect.AcceptsUserMessageAfterToolResults)
            ChatBridge.Write(json);
        json.StartObject();
        json.WriteMember("role"u8, "user"u8);
        json.WriteName("content"u8);
        json.StartArray();
        for (int i = first; i <= last; i++)
        {
            if (messages[i]?.Parts is not { } parts)
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is ToolResultPart result)
                    Write(result);
            }
        }
        json.EndArray();
        json.EndObject();
    }

    private void Write(ToolResultPart result)
    {
        bool isFirst = true;
        for (int i = 0; i < result.Content.Count; i++)
        {
            if (result.Content[i] is not (ImagePart or FilePart))
                continue;
            if (isFirst)
                WriteOrigin(result.CallId);
            isFirst = false;
            if (
                result.Content[i] is FilePart file
                && !FileTypes.IsImage(file.MediaType)
                && MediaAddress.Open(file).Url is not null
                && !dialect.SupportsFileUrls
                && !dialect.SendsDocumentUrls
                && !(dialect.SupportsVideoUrls && FileTypes.IsVideo(file))
            )
            {
                json.Wire.Note(QuirkKind.LeftOut, ContentPlace);
            }
            else
                new ChatPartWriter(dialect, json).Write(result.Content[i]);
        }
    }

    private void WriteOrigin(string callId)
    {
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteName("text"u8);
        json.StartText();
        json.Append("Of the result of the call "u8);
        new ChatCallIds(dialect, json).Append(callId);
        json.Append(":"u8);
        json.EndText();
        json.EndObject();
    }
}
