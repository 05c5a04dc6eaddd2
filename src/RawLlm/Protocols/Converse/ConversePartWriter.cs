namespace RawLlm.Protocols;

/// <summary>Writes the parts of messages as content blocks of the Converse wire.</summary>
internal sealed class ConversePartWriter(ConverseProtocol dialect, ConverseModel model, JsonWriter json, ChatRequest request)
{
    private const string Place = "messages[].content[]";
    private const string IdPlace = "messages[].content[].toolUseId";
    private const int MaxIdCharacters = 64;

    private readonly CallIds _ids = new(request.Messages, json.Wire, IdPlace, MaxIdCharacters);
    private readonly ConverseMediaWriter _media = new(json);
    private bool _hasText;

    /// <summary>Whether the turn contains a document and no text.</summary>
    public bool HasDocumentAlone => _media.HasDocument && !_hasText;

    private OwnData Own => new(json, ConverseProtocol.ProtocolName);

    /// <summary>Starts a turn, after the tool results in it.</summary>
    public void StartTurn() => _hasText = _media.HasDocument = false;

    /// <summary>Writes a text; one with only white space is left out.</summary>
    public void WriteText(Part part, string text, string place)
    {
        // Models return blocks that are empty or blank; the service rejects them, also in tool results (2025, 2026).
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            json.Wire.Note(QuirkKind.Adapted, place);
            return;
        }
        json.StartObject();
        if (Own.Is(part.WireData))
        {
            json.WriteName("citationsContent"u8);
            json.StartObject();
            json.WriteName("content"u8);
            json.StartArray();
            json.StartObject();
            json.WriteMember("text"u8, text!, place);
            json.EndObject();
            json.EndArray();
            WriteOwn(part);
            json.EndObject();
        }
        else
        {
            json.WriteMember("text"u8, text!, place);
            WriteOwn(part);
            _hasText = true;
        }
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
                WriteText(text, text.Text, Place);
                break;
            case RefusalPart refusal:
                WriteText(refusal, refusal.Text, Place);
                break;
            case ReasoningPart reasoning:
                WriteReasoning(reasoning);
                break;
            case ToolCallPart call:
                WriteCall(call, message, place);
                break;
            case OpaquePart opaque:
                Own.Write(opaque, Place);
                break;
            case FilePart { Transcript.Length: > 0 } sound:
                json.Wire.Note(QuirkKind.Adapted, Place);
                WriteText(sound, sound.Transcript, Place);
                break;
            case ImagePart image when Own.Is(image.WireData):
                json.WriteRaw(image.WireData.Json);
                break;
            case ImagePart or FilePart:
                // The wire has no place for images or recordings by the model, except in the form in which they arrived.
                json.Wire.Note(QuirkKind.LeftOut, Place);
                break;
            default:
                RequestErrors.ThrowPart(part, Role.Assistant);
                break;
        }
    }

    /// <summary>Writes a part of a message with any role other than the model's, except for tool results.</summary>
    public void WriteUserPart(Part part, Role role)
    {
        switch (part)
        {
            case TextPart text when role == Role.User:
                WriteText(text, text.Text, "messages[].content[].text");
                break;
            case ImagePart image when role == Role.User:
                _media.Write(image);
                break;
            case FilePart file when role == Role.User:
                _media.Write(file);
                break;
            case OpaquePart opaque:
                Own.Write(opaque, Place);
                break;
            default:
                RequestErrors.ThrowPart(part, role);
                break;
        }
    }

    /// <summary>Writes a tool result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="turn">The index of the first message in its turn.</param>
    public void WriteResult(ToolResultPart result, int turn)
    {
        var content = result.Content;
        if (content is null)
            RequestErrors.ThrowNoContent();
        json.StartObject();
        json.WriteName("toolResult"u8);
        json.StartObject();
        json.WriteMember("toolUseId"u8, _ids.OfResult(result.CallId, turn), IdPlace);
        json.WriteName("content"u8);
        json.StartArray();
        bool saysFailure = result.IsError && !model.SupportsResultStatus;
        int failure = saysFailure ? FirstText(content) : -1;
        if (saysFailure)
            json.Wire.Note(QuirkKind.Adapted, "messages[].content[].toolResult.status");
        if (saysFailure && failure < 0)
            WriteStandIn("(failed)"u8);
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is not (TextPart or ImagePart or FilePart or OpaquePart))
                RequestErrors.ThrowPartOfResult(content[i]);
            if (i == failure && content[i] is TextPart text && !text.Text.StartsWith("error", StringComparison.OrdinalIgnoreCase))
                WriteText(text, "Error: " + text.Text, "messages[].content[].text");
            else
                WriteUserPart(content[i], Role.User);
            if (content[i].Cache is not null)
                json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].toolResult.content[].cachePoint");
        }
        if (!saysFailure && IsEmpty(content))
        {
            // The service rejects a result without content, or with only white space.
            json.Wire.Note(QuirkKind.Adapted, "messages[].content[].toolResult.content");
            WriteStandIn("(empty)"u8);
        }
        json.EndArray();
        if (result.IsError && !saysFailure)
            json.WriteMember("status"u8, "error"u8);
        WriteOwn(result);
        json.EndObject();
        json.EndObject();
    }

    /// <summary>Whether nothing would be left of the parts.</summary>
    public bool IsEmpty(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (
                content[i] is TextPart text
                    ? !string.IsNullOrWhiteSpace(text.Text)
                    : content[i] is not OpaquePart opaque || Own.Is(opaque.WireData)
            )
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Writes a placeholder text if the service requires a text and there is none.</summary>
    public void WriteStandIn(ReadOnlySpan<byte> text)
    {
        json.StartObject();
        json.WriteMember("text"u8, text);
        json.EndObject();
    }

    private static int FirstText(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is TextPart text && !string.IsNullOrWhiteSpace(text.Text))
                return i;
        }
        return -1;
    }

    // The service checks reasoning against its signature, so it must be sent back unchanged. Reasoning of other services has no signature.
    private void WriteReasoning(ReasoningPart part)
    {
        if (!Own.Is(part.WireData) && !dialect.ReturnsUnsignedThinking)
        {
            json.Wire.Note(QuirkKind.LeftOut, Place);
            return;
        }
        json.StartObject();
        json.WriteName("reasoningContent"u8);
        json.StartObject();
        json.WriteName("reasoningText"u8);
        json.StartObject();
        json.WriteMember("text"u8, part.Text, "messages[].content[].reasoningContent.reasoningText.text");
        WriteOwn(part);
        json.EndObject();
        json.EndObject();
        json.EndObject();
    }

    private void WriteCall(ToolCallPart part, int message, int place)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.ThrowNoCall();
        json.StartObject();
        json.WriteName("toolUse"u8);
        json.StartObject();
        json.WriteMember("toolUseId"u8, _ids.OfCall(call.Id, message, place), IdPlace);
        json.WriteMember(
            "name"u8,
            new CallNames(request.Tools, json.Wire).Of(call.Name, "messages[].content[].toolUse.name"),
            "messages[].content[].toolUse.name"
        );
        json.WriteName("input"u8);
        CallArguments.Write(json, call.Arguments, "messages[].content[].toolUse.input");
        WriteOwn(part);
        json.EndObject();
        json.EndObject();
    }

    private void WriteOwn(Part part) => Own.WriteMembers(part.WireData, Place);
}
