namespace RawLlm.Protocols;

/// <summary>Writes tool results with the images and files in them.</summary>
/// <param name="dialect">What the service accepts.</param>
/// <param name="json">Receives the results.</param>
/// <param name="names">The names of tools on the wire.</param>
/// <param name="nestsMedia">Whether the model accepts images and files within results, as models since Gemini 3 (2025) do.</param>
internal readonly struct GeminiResultWriter(GeminiProtocol dialect, JsonWriter json, CallNames names, bool nestsMedia)
{
    private const string Place = "contents[].parts[].functionResponse";

    private OwnData Own => new(json, dialect.Name);

    /// <summary>Writes a result as a part.</summary>
    /// <param name="result">The result.</param>
    /// <param name="messages">The conversation that contains the result's call.</param>
    /// <param name="position">The index of the message that contains the result.</param>
    public void Write(ToolResultPart result, IReadOnlyList<Message> messages, int position)
    {
        if (result.Content is null)
            RequestErrors.ThrowNoContent();
        var call = CalledTools.FindAnswered(messages, position, result.CallId);
        json.Wire.Written?.MarkDependent();
        string? name = NameOf(result, call);
        if (name is null)
        {
            RequestErrors.Throw("A tool result names no tool, and its tool call is not in the conversation. Set ToolResultPart.Name.");
            return;
        }
        json.StartObject();
        json.WriteName("functionResponse"u8);
        json.StartObject();
        var id = call is not null && Own.Is(call.WireData) ? GeminiCallData.Id(call.WireData.Json.Utf8) : [];
        if (!id.IsEmpty)
        {
            json.WriteName("id"u8);
            json.WriteRaw(id);
        }
        json.WriteMember("name"u8, names.Of(name, Place + ".name"), Place + ".name");
        json.WriteName("response"u8);
        string text = result.Text;
        if (!result.IsError && !string.IsNullOrWhiteSpace(text) && CallArguments.TryRead(text, out var response))
        {
            json.WriteRaw(response);
        }
        else
        {
            // The names that the service itself looks for.
            json.StartObject();
            json.WriteMember(result.IsError ? "error"u8 : "output"u8, text, Place + ".response");
            json.EndObject();
        }
        WriteNested(result);
        Own.WriteMembers(result.WireData, "contents[].parts[]");
        json.EndObject();
        json.EndObject();
    }

    /// <summary>Writes the images and files of results in a user content after them, for models that accept none within results.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">The index of the first message with results.</param>
    /// <param name="end">The index after the last one.</param>
    // Within results: "`function_response.parts` is not supported for this model." Beside them in their content: "Please ensure that the
    // number of function response parts is equal to the number of function call parts of the function call turn." (Gemini 2.5, 2026)
    public void WriteMediaBehind(IReadOnlyList<Message> messages, int start, int end)
    {
        bool isOpen = false;
        for (int i = start; i < end; i++)
        {
            var parts = messages[i].Parts;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is ToolResultPart result && ResultMedia.AreIn(result.Content))
                {
                    if (!isOpen)
                        Open();
                    isOpen = true;
                    WriteMedia(result, NameOf(result, CalledTools.FindAnswered(messages, i, result.CallId)));
                }
            }
        }
        if (isOpen)
        {
            json.EndArray();
            json.EndObject();
        }
    }

    private static string? NameOf(ToolResultPart result, ToolCallPart? call) =>
        string.IsNullOrEmpty(result.Name) ? call?.Call.Name : result.Name;

    private void Open()
    {
        json.Wire.Note(QuirkKind.Adapted, Place + ".parts");
        json.StartObject();
        json.WriteMember("role"u8, "user"u8);
        json.WriteName("parts"u8);
        json.StartArray();
    }

    private void WriteMedia(ToolResultPart result, string? name)
    {
        json.StartObject();
        json.WriteMember("text"u8, $"Of the result of {name}:", "contents[].parts[].text");
        json.EndObject();
        for (int i = 0; i < result.Content.Count; i++)
        {
            if (result.Content[i] is not TextPart)
                WriteMedia(result.Content[i]);
        }
    }

    private void WriteNested(ToolResultPart result)
    {
        bool isOpen = false;
        for (int i = 0; i < result.Content.Count; i++)
        {
            var part = result.Content[i];
            if (part is TextPart)
                continue;
            if (part is not (ImagePart or FilePart))
                RequestErrors.ThrowPartOfResult(part);
            if (!nestsMedia)
                continue;
            if (!isOpen)
            {
                json.WriteName("parts"u8);
                json.StartArray();
            }
            isOpen = true;
            WriteMedia(part);
        }
        if (isOpen)
            json.EndArray();
    }

    private void WriteMedia(Part part)
    {
        json.StartObject();
        new GeminiMediaWriter(json).Write(part);
        json.EndObject();
    }
}
