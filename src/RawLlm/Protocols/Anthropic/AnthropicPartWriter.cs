namespace RawLlm.Protocols;

/// <summary>Writes the parts of messages as content blocks of the Messages wire.</summary>
internal readonly struct AnthropicPartWriter(AnthropicProtocol dialect, JsonWriter json, CallIds ids, CallNames names, CacheMarks marks)
{
    private const string Place = "messages[].content[]";

    private OwnData Own => new(json, AnthropicProtocol.ProtocolName);

    /// <summary>Writes a text; one with only white space is left out.</summary>
    public void WriteText(TextPart part, string place)
    {
        // "text content blocks must be non-empty", "must contain non-whitespace text".
        if (part.Text is { } text && string.IsNullOrWhiteSpace(text))
        {
            json.Wire.Note(QuirkKind.Adapted, place);
            return;
        }
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteMember("text"u8, part.Text, place);
        if (dialect.IsStricter && Own.Is(part.WireData) && AnthropicCitations.AreIn(part.WireData.Json))
            WriteUncited(part.WireData.Json);
        else
            WriteOwn(part);
        WriteCache(part.Cache);
        json.EndObject();
    }

    /// <summary>Writes a part of a message of the model.</summary>
    /// <param name="part">The part.</param>
    /// <param name="message">The index of its message.</param>
    /// <param name="place">Its index in the message.</param>
    public void WriteAssistantPart(Part part, int message, int place)
    {
        switch (part)
        {
            case TextPart text:
                WriteModelText(text, text.Text);
                break;
            case RefusalPart refusal:
                WriteModelText(refusal, refusal.Text);
                break;
            case ReasoningPart reasoning:
                WriteReasoning(reasoning);
                break;
            case ToolCallPart call:
                WriteCall(call, message, place);
                break;
            case OpaquePart opaque:
                WriteOpaque(opaque);
                break;
            case FilePart { Transcript.Length: > 0 } sound:
                json.Wire.Note(QuirkKind.Adapted, Place);
                WriteModelText(sound, sound.Transcript);
                break;
            case ImagePart or FilePart:
                // The wire has no place for images or recordings by the model itself.
                json.Wire.Note(QuirkKind.LeftOut, Place);
                break;
            default:
                RequestErrors.ThrowPart(part, Role.Assistant);
                break;
        }
    }

    /// <summary>Writes a part of a message with any other role, except for tool results.</summary>
    public void WriteUserPart(Part part, Role role)
    {
        switch (part)
        {
            case TextPart text when role == Role.User:
                WriteText(text, "messages[].content[].text");
                break;
            case ImagePart image when role == Role.User:
                WriteImage(image);
                break;
            case FilePart file when role == Role.User:
                WriteFile(file);
                break;
            case OpaquePart opaque:
                WriteOpaque(opaque);
                break;
            default:
                RequestErrors.ThrowPart(part, role);
                break;
        }
    }

    /// <summary>Writes a tool result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="call">The call that it answers; null if the conversation does not contain it.</param>
    /// <param name="turn">The index of the first message in its turn.</param>
    public void WriteResult(ToolResultPart result, ToolCallPart? call, int turn)
    {
        var content = result.Content;
        if (content is null)
            RequestErrors.ThrowNoContent();
        json.StartObject();
        json.WriteMember("type"u8, "tool_result"u8);
        json.WriteMember("tool_use_id"u8, ids.OfResult(result.CallId, turn), "messages[].content[].id");
        if (result.IsError && IsBlank(content))
        {
            // "content cannot be empty if `is_error` is true" (2025).
            json.Wire.Note(QuirkKind.Adapted, "messages[].content[].content");
            json.WriteMember("content"u8, "(failed)"u8);
        }
        else if (content is [TextPart { Cache: null, WireData: null } single])
        {
            json.WriteMember("content"u8, single.Text, "messages[].content[].content");
        }
        else if (content.Count > 0)
        {
            json.WriteName("content"u8);
            json.StartArray();
            for (int i = 0; i < content.Count; i++)
            {
                if (content[i] is TextPart or ImagePart or FilePart or OpaquePart)
                    WriteUserPart(content[i], Role.User);
                else
                    RequestErrors.ThrowPartOfResult(content[i]);
            }
            json.EndArray();
        }
        if (result.IsError)
            json.WriteMember("is_error"u8, true);
        WriteToolset(result, call);
        WriteOwn(result);
        WriteCache(result.Cache);
        json.EndObject();
    }

    /// <summary>Writes a placeholder text if the service requires a text and there is none.</summary>
    public void WriteStandIn()
    {
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteMember("text"u8, AnthropicMessageWriter.StandIn);
        json.EndObject();
    }

    /// <summary>Whether nothing would be left of the parts.</summary>
    public bool IsBlank(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (
                content[i] is TextPart { Text: { } text }
                    ? !string.IsNullOrWhiteSpace(text)
                    : content[i] is not OpaquePart opaque
                        || (Own.Is(opaque.WireData) && !AnthropicBlock.IsEmptySummary(opaque.WireData.Json))
            )
            {
                return false;
            }
        }
        return true;
    }

    // The service returns blocks with only white space, and rejects them when they are sent back (2025).
    private void WriteModelText(Part part, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            json.Wire.Note(QuirkKind.Adapted, Place);
            return;
        }
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteMember("text"u8, text, "messages[].content[].text");
        if (Own.Is(part.WireData) && AnthropicCitations.NameFiles(part.WireData.Json))
            WriteCited(part.WireData.Json);
        else
            WriteOwn(part);
        WriteCache(part.Cache);
        json.EndObject();
    }

    private void WriteCited(RawJson data)
    {
        if (AnthropicCitations.WriteWithoutFiles(json, data))
            json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].citations[].file_id");
    }

    private void WriteUncited(RawJson data)
    {
        if (AnthropicCitations.WriteWithoutAny(json, data))
            json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].citations");
    }

    // The service checks reasoning against its signature, so it must be sent back unchanged. Reasoning of
    // other services has none, or one that only they can verify.
    private void WriteReasoning(ReasoningPart part)
    {
        bool isOwn = Own.Is(part.WireData);
        if (!isOwn && !dialect.ReturnsUnsignedThinking)
        {
            json.Wire.Note(QuirkKind.LeftOut, Place);
            return;
        }
        json.StartObject();
        json.WriteMember("type"u8, "thinking"u8);
        json.WriteMember("thinking"u8, part.Text, "messages[].content[].thinking");
        if (isOwn)
            WriteOwn(part);
        else
            json.WriteMember("signature"u8, ""u8);
        if (part.Cache is not null)
            json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].cache_control");
        json.EndObject();
    }

    private void WriteCall(ToolCallPart part, int message, int place)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.ThrowNoCall();
        json.StartObject();
        json.WriteMember("type"u8, "tool_use"u8);
        json.WriteMember("id"u8, ids.OfCall(call.Id, message, place), "messages[].content[].id");
        json.WriteMember("name"u8, names.Of(call.Name, "messages[].content[].name"), "messages[].content[].name");
        json.WriteName("input"u8);
        CallArguments.Write(json, call.Arguments, "messages[].content[].input");
        WriteOwn(part);
        WriteCache(part.Cache);
        json.EndObject();
    }

    private void WriteOpaque(OpaquePart part)
    {
        bool isOwn = Own.Is(part.WireData);
        // The container has a place of its own, outside the conversation.
        if (isOwn && AnthropicContainer.Is(part))
            return;
        if (isOwn && AnthropicBlock.IsEmptySummary(part.WireData!.Json))
        {
            json.Wire.Note(QuirkKind.LeftOut, Place);
            return;
        }
        Own.Write(part, Place);
        if (isOwn && part.Cache is not null)
            json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].cache_control");
    }

    // The result of a member of a toolset names the toolset, as its call does (platform.claude.com/docs/en/agents-and-tools/tool-use,
    // "computer toolset", 2026-10). A result that names one itself keeps it.
    private void WriteToolset(ToolResultPart result, ToolCallPart? call)
    {
        if (call is null || !Own.Is(call.WireData) || (Own.Is(result.WireData) && NamesToolset(result.WireData.Json)))
            return;
        var data = call.WireData.Json;
        if (!NamesToolset(data))
            return;
        var reader = WireJson.DeepReader(data.Utf8);
        if (!reader.Read() || !WireJson.TryFindMember(ref reader, "toolset_name"u8))
            return;
        json.WriteName("toolset_name"u8);
        json.WriteRaw(WireJson.SkipRaw(ref reader, data.Utf8));
    }

    private static bool NamesToolset(RawJson data) => data.Utf8.IndexOf("\"toolset_name\""u8) >= 0;

    private void WriteImage(ImagePart image)
    {
        if (image.Detail is not null)
            json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].detail");
        json.StartObject();
        json.WriteMember("type"u8, "image"u8);
        json.WriteName("source"u8);
        new AnthropicSourceWriter(dialect, json).Write(image);
        WriteOwn(image);
        WriteCache(image.Cache);
        json.EndObject();
    }

    private void WriteFile(FilePart file)
    {
        bool isImage = FileTypes.IsImage(file.MediaType);
        json.StartObject();
        json.WriteMember("type"u8, isImage ? "image"u8 : "document"u8);
        json.WriteName("source"u8);
        new AnthropicSourceWriter(dialect, json).Write(file);
        if (file.Name is { } name && !isImage)
            json.WriteMember("title"u8, name, "messages[].content[].title");
        WriteOwn(file);
        WriteCache(file.Cache);
        json.EndObject();
    }

    private void WriteOwn(Part part) => Own.WriteMembers(part.WireData, Place);

    private void WriteCache(PromptCache? cache) =>
        CacheControl.Write(
            json,
            cache,
            isTaken: !marks.DropsNext(cache) && dialect.SupportsCacheMarks,
            "messages[].content[].cache_control"
        );
}
