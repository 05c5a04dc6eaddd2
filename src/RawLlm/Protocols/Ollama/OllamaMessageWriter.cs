namespace RawLlm.Protocols;

/// <summary>
/// Writes a conversation as the <c>messages</c> of <c>/api/chat</c>: text, reasoning, images and tool calls each have one member.
/// </summary>
internal sealed class OllamaMessageWriter(JsonWriter json)
{
    private const string ContentPlace = "messages[].content";

    /// <summary>Writes the array.</summary>
    public void Write(ChatRequest request)
    {
        var messages = request.Messages;
        json.StartArray();
        var kept = json.BeginKeptList(KeptList.Messages);
        if (!string.IsNullOrEmpty(request.System) && !kept.TryReuse(request.System, 0))
        {
            json.StartObject();
            json.WriteMember("role"u8, "system"u8);
            json.WriteMember("content"u8, request.System, ContentPlace);
            json.EndObject();
            kept.Close();
        }
        for (int i = 0; i < messages.Count; i++)
        {
            // Models see the results without IDs, one after the other.
            int end = ResultOrder.EndOf(messages, i);
            if (!kept.TryReuse(messages, i, end))
            {
                for (int j = i; j < end; j++)
                {
                    if (messages[j]?.Parts is null)
                        RequestErrors.ThrowNoMessage();
                    if (messages[j].Name is not null)
                        json.Wire.Note(QuirkKind.LeftOut, "messages[].name");
                }
                var ordered = ResultOrder.Of(messages, i, end);
                WriteMessage(ReferenceEquals(ordered, messages[i].Parts) ? messages[i] : messages[i] with { Parts = ordered }, messages, i);
                kept.Close();
            }
            i = end - 1;
        }
        kept.Finish();
        json.EndArray();
    }

    private void WriteMessage(Message message, IReadOnlyList<Message> messages, int position)
    {
        var parts = message.Parts;
        if (!WriteResults(message, messages, position) || (message.Role == Role.Tool && parts.Count == 0))
            return;
        json.StartObject();
        json.WriteMember("role"u8, RoleOf(message.Role));
        json.WriteName("content"u8);
        json.StartText();
        var found = new OllamaContents();
        for (int i = 0; i < parts.Count; i++)
            AppendPart(parts[i], message.Role, ref found);
        json.EndText();
        if (found.HasThoughts)
            WriteReasoning(parts);
        if (found.HasImages)
            WriteImages(parts, message.Role == Role.Assistant);
        if (found.HasCalls)
            WriteCalls(parts);
        json.EndObject();
    }

    // Tool results are separate messages on this wire. Returns false if the message contains nothing else.
    private bool WriteResults(Message message, IReadOnlyList<Message> messages, int position)
    {
        bool hasOther = message.Parts.Count == 0;
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is ToolResultPart result && message.Role is Role.Tool or Role.User)
                WriteResult(result, messages, position);
            else
                hasOther = true;
        }
        return hasOther;
    }

    private static ReadOnlySpan<byte> RoleOf(Role role) =>
        role switch
        {
            Role.System => "system"u8,
            Role.User => "user"u8,
            Role.Assistant => "assistant"u8,
            _ => "tool"u8,
        };

    // Appends text to the content, and records what has a member of its own.
    private void AppendPart(Part part, Role role, ref OllamaContents found)
    {
        switch (part)
        {
            case ToolResultPart when role is Role.User:
                return;
            case TextPart text when role != Role.Tool:
                json.AppendText(text.Text, ContentPlace);
                break;
            case RefusalPart refusal when role == Role.Assistant:
                json.Wire.Note(QuirkKind.Adapted, ContentPlace);
                json.AppendText(refusal.Text, ContentPlace);
                break;
            case ReasoningPart reasoning when role == Role.Assistant:
                found.HasThoughts |= reasoning.Text is not "";
                break;
            case ToolCallPart when role == Role.Assistant:
                found.HasCalls = true;
                break;
            case FilePart { Transcript.Length: > 0 } sound when role == Role.Assistant:
                json.Wire.Note(QuirkKind.Adapted, ContentPlace);
                json.AppendText(sound.Transcript, ContentPlace);
                break;
            case ImagePart or FilePart when role == Role.Assistant && !IsInline(part):
                // The wire has no place for images or audio from another wire's model.
                json.Wire.Note(QuirkKind.LeftOut, "messages[]");
                return;
            case ImagePart or FilePart when role is Role.User or Role.Assistant:
                found.HasImages = true;
                break;
            case OpaquePart when role != Role.Tool:
                json.Wire.Note(QuirkKind.LeftOut, "messages[]");
                return;
            default:
                RequestErrors.ThrowPart(part, role);
                break;
        }
        // On this wire, no data goes back beside a part; any such data belongs to another wire.
        if (part.WireData is not null)
            json.Wire.Note(QuirkKind.LeftOut, "messages[]");
    }

    private void WriteReasoning(IReadOnlyList<Part> parts)
    {
        json.WriteName("thinking"u8);
        json.StartText();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ReasoningPart reasoning)
                json.AppendText(reasoning.Text, "messages[].thinking");
        }
        json.EndText();
    }

    // Whether the part is an image given as bytes, the only form that this wire carries.
    private static bool IsInline(Part part) =>
        part switch
        {
            ImagePart image => IsInline(image.Url),
            FilePart { FileId: null } file => FileTypes.IsImage(file.MediaType) && IsInline(file.Url),
            _ => false,
        };

    private static bool IsInline(Uri? url) => url is null || url.OriginalString.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    private void WriteImages(IReadOnlyList<Part> parts, bool isAnswer = false)
    {
        json.WriteName("images"u8);
        json.StartArray();
        for (int i = 0; i < parts.Count; i++)
        {
            if (isAnswer && !IsInline(parts[i]))
                continue;
            switch (parts[i])
            {
                case ImagePart image:
                    if (image.Detail is not null)
                        json.Wire.Note(QuirkKind.LeftOut, "messages[].images[].detail");
                    WriteImage(image.Url, image.Data.Span);
                    break;
                case FilePart { FileId: null } file when FileTypes.IsImage(file.MediaType):
                    WriteImage(file.Url, file.Data.Span);
                    break;
                case FilePart:
                    RequestErrors.Throw("This wire accepts no files other than images. Put the file's text into the message.");
                    break;
            }
        }
        json.EndArray();
    }

    private void WriteImage(Uri? url, ReadOnlySpan<byte> data)
    {
        if (url is null)
        {
            json.StartText();
            json.AppendBase64(data);
            json.EndText();
            return;
        }
        const string Base64 = ";base64,";
        string address = url.OriginalString;
        int start = address.IndexOf(Base64, StringComparison.OrdinalIgnoreCase);
        if (!address.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || start < 0)
        {
            RequestErrors.Throw(
                "An image is given by URL, but this wire accepts images only as bytes. RawLlm does not download images: fetch the image and pass its bytes."
            );
        }

        json.WriteText(address[(start + Base64.Length)..], "messages[].images[]");
    }

    private void WriteCalls(IReadOnlyList<Part> parts)
    {
        bool hasCalls = false;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not ToolCallPart part)
                continue;
            if (part.Call is not { } call)
            {
                RequestErrors.ThrowNoCall();
                return;
            }
            if (!hasCalls)
            {
                json.WriteName("tool_calls"u8);
                json.StartArray();
            }
            hasCalls = true;
            json.StartObject();
            json.WriteMember("id"u8, call.Id, "messages[].tool_calls[].id");
            json.WriteName("function"u8);
            json.StartObject();
            json.WriteMember("name"u8, call.Name, "messages[].tool_calls[].function.name");
            json.WriteName("arguments"u8);
            CallArguments.Write(json, call.Arguments, "messages[].tool_calls[].function.arguments");
            json.EndObject();
            json.EndObject();
        }
        if (hasCalls)
            json.EndArray();
    }

    private void WriteResult(ToolResultPart result, IReadOnlyList<Message> messages, int position)
    {
        if (result.Content is null)
            RequestErrors.ThrowNoContent();
        json.StartObject();
        json.WriteMember("role"u8, "tool"u8);
        json.WriteName("content"u8);
        json.StartText();
        bool hasImages = false;
        for (int i = 0; i < result.Content.Count; i++)
        {
            if (result.Content[i] is TextPart text)
                json.AppendText(text.Text, ContentPlace);
            else if (result.Content[i] is ImagePart or FilePart)
                hasImages = true;
            else
                RequestErrors.ThrowPartOfResult(result.Content[i]);
        }
        json.EndText();
        if (hasImages)
            WriteImages(result.Content);
        json.Wire.Written?.MarkDependent();
        if ((result.Name ?? CalledTools.FindAnswered(messages, position, result.CallId)?.Call.Name) is { } name)
            json.WriteMember("tool_name"u8, name, "messages[].tool_name");
        json.WriteMember("tool_call_id"u8, result.CallId, "messages[].tool_call_id");
        if (result.WireData is not null)
            json.Wire.Note(QuirkKind.LeftOut, "messages[]");
        json.EndObject();
    }
}
