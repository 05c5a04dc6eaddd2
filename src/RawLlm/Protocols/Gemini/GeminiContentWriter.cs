using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as <c>systemInstruction</c> and <c>contents</c>.</summary>
internal sealed class GeminiContentWriter(GeminiProtocol dialect, JsonWriter json, WireRequest wire, CallNames names, bool isUnsignedCallTaken)
{
    private const string PartPlace = "contents[].parts[]";

    /// <summary>True while a content is being written.</summary>
    private bool _isOpen;

    private OwnData Own => new(json, wire, dialect.Name);

    /// <summary>Writes the instructions, wherever in the conversation they stand: the wire has one place for them.</summary>
    public void WriteSystem(ChatRequest request)
    {
        bool hasSystem = false;
        bool isLate = false;
        if (!string.IsNullOrEmpty(request.System))
            WriteInstruction(request.System, ref hasSystem);
        for (int i = 0; i < request.Messages.Count; i++)
        {
            var message = request.Messages[i];
            if (message?.Parts is null)
                RequestErrors.ThrowNoMessage();
            if (message.Role != Role.System)
            {
                isLate = true;
                continue;
            }
            if (isLate)
                wire.Note(QuirkKind.Adapted, "contents[].role");
            for (int j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is TextPart text)
                    WriteInstruction(text.Text, ref hasSystem);
                else
                    RequestErrors.ThrowPart(message.Parts[j], "a system message");
            }
        }
        if (hasSystem)
        {
            json.EndArray();
            json.EndObject();
        }
    }

    public void WriteContents(ChatRequest request)
    {
        var messages = request.Messages;
        bool isEmpty = true;
        json.WriteName("contents"u8);
        json.StartArray();
        var kept = json.Keep(KeptList.Messages);
        for (int i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Role == Role.System || message.Parts.Count == 0)
                continue;
            isEmpty = false;
            // The service wants the results of all calls of a turn in one content.
            int end = i + 1;
            while (message.Role == Role.Tool && end < messages.Count && messages[end].Role == Role.Tool)
                end++;
            if (kept.Covers(messages, i, end))
            {
                i = end - 1;
                continue;
            }
            // A content without parts is refused: where nothing is left of an answer, there is none.
            if (message.Role != Role.Assistant)
                Open("user"u8);
            WriteParts(message, messages, i);
            while (i + 1 < end)
                WriteParts(messages[++i], messages, i);
            if (message.Role == Role.User && IsEmpty(message.Parts))
            {
                // "contents.parts must not be empty."
                wire.Note(QuirkKind.Adapted, PartPlace);
                WriteText("(empty)", data: null);
            }
            Close();
            kept.Close();
        }
        kept.Finish();
        json.EndArray();
        if (isEmpty)
            RequestErrors.ThrowNoMessages();
    }

    private bool IsEmpty(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not (TextPart { Text: "" } or OpaquePart) || Own.Is(parts[i].WireData))
                return false;
        }
        return true;
    }

    private void WriteInstruction(string text, ref bool hasSystem)
    {
        if (!hasSystem)
        {
            json.WriteName("systemInstruction"u8);
            json.StartObject();
            json.WriteName("parts"u8);
            json.StartArray();
        }
        hasSystem = true;
        json.StartObject();
        json.WriteMember("text"u8, text, "systemInstruction.parts[].text");
        json.EndObject();
    }

    private void Open(ReadOnlySpan<byte> role)
    {
        _isOpen = true;
        json.StartObject();
        json.WriteMember("role"u8, role);
        json.WriteName("parts"u8);
        json.StartArray();
    }

    private void Close()
    {
        if (!_isOpen)
        {
            wire.Note(QuirkKind.LeftOut, "contents[]");
            return;
        }
        _isOpen = false;
        json.EndArray();
        json.EndObject();
    }

    // Only what the model said may be left without any part.
    private void StartPart()
    {
        if (!_isOpen)
            Open("model"u8);
    }

    private void WriteParts(Message message, IReadOnlyList<Message> messages, int position)
    {
        if (message.Name is not null)
            wire.Note(QuirkKind.LeftOut, "contents[].name");
        bool isSigned = isUnsignedCallTaken || dialect.ForeignCallSignature is null || HasOwnCall(message.Parts);
        for (int i = 0; i < message.Parts.Count; i++)
        {
            var part = message.Parts[i];
            switch (part)
            {
                case ToolResultPart result when message.Role is Role.Tool or Role.User:
                    WriteResult(result, messages, position);
                    break;
                case not null when message.Role == Role.Tool:
                    RequestErrors.ThrowPart(part, "a message of the role Tool, which holds results of functions");
                    break;
                case ToolCallPart call when message.Role == Role.Assistant:
                    WriteCall(call, !isSigned);
                    // Only the first call of a turn has to be signed.
                    isSigned = true;
                    break;
                case ReasoningPart reasoning when message.Role == Role.Assistant:
                    // The wire's own thoughts come with what marks them; those of others would be taken for something that was said.
                    if (Own.Is(reasoning.WireData))
                        WriteText(reasoning.Text, reasoning.WireData);
                    else
                        wire.Note(QuirkKind.LeftOut, PartPlace);
                    break;
                case RefusalPart refusal when message.Role == Role.Assistant:
                    wire.Note(QuirkKind.Adapted, PartPlace);
                    if (refusal.Text is not "" || Own.Is(refusal.WireData))
                        WriteText(refusal.Text, refusal.WireData);
                    break;
                case TextPart text:
                    // An empty text is refused unless something hangs on it.
                    if (text.Text is not "" || Own.Is(text.WireData))
                        WriteText(text.Text, text.WireData);
                    break;
                case ImagePart image:
                    StartPart();
                    json.StartObject();
                    WriteImage(image);
                    WriteOwn(image.WireData);
                    json.EndObject();
                    break;
                case FilePart file:
                    StartPart();
                    json.StartObject();
                    WriteFile(file);
                    WriteOwn(file.WireData);
                    json.EndObject();
                    break;
                case OpaquePart opaque:
                    if (!Own.Is(opaque.WireData))
                    {
                        wire.Note(QuirkKind.LeftOut, PartPlace);
                        break;
                    }
                    StartPart();
                    json.WriteRaw(opaque.WireData.Json);
                    break;
                default:
                    RequestErrors.ThrowPart(part, message.Role == Role.Assistant ? "a message of the model" : "a message of the user");
                    break;
            }
        }
    }

    private void WriteText(string text, WireData? data)
    {
        StartPart();
        json.StartObject();
        json.WriteMember("text"u8, text, "contents[].parts[].text");
        WriteOwn(data);
        json.EndObject();
    }

    private void WriteCall(ToolCallPart part, bool signs)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.ThrowNoCall();
        var own = Own.Is(part.WireData) ? part.WireData.Json.Utf8 : [];
        StartPart();
        json.StartObject();
        json.WriteName("functionCall"u8);
        json.StartObject();
        json.WriteMember("name"u8, names.Of(call.Name, "contents[].parts[].functionCall.name"), "contents[].parts[].functionCall.name");
        json.WriteName("args"u8);
        // A call that is left out takes its result along: the service counts both, and refuses the request where they differ (2025).
        CallArguments.Write(json, wire, call.Arguments, "contents[].parts[].functionCall.args");
        WriteMembers(Member(own, "functionCall"u8), skipped: []);
        json.EndObject();
        WriteMembers(own, "functionCall"u8);
        if (part.WireData is not null && own.IsEmpty)
            wire.Note(QuirkKind.LeftOut, PartPlace);
        if (signs)
        {
            wire.Note(QuirkKind.Adapted, "contents[].parts[].thoughtSignature");
            json.WriteMember("thoughtSignature"u8, dialect.ForeignCallSignature!, "contents[].parts[].thoughtSignature");
        }
        json.EndObject();
    }

    private void WriteResult(ToolResultPart result, IReadOnlyList<Message> messages, int position)
    {
        if (result.Content is null)
            RequestErrors.ThrowNoContent();
        var call = CalledFunctions.FindAnswered(messages, position, result.CallId);
        wire.Written?.Depend();
        string? name = string.IsNullOrEmpty(result.Name) ? call?.Call.Name : result.Name;
        if (name is null)
        {
            RequestErrors.Throw("The result of a function names no function, and the call that it answers is not in the conversation. Set ToolResultPart.Name.");
            return;
        }
        json.StartObject();
        json.WriteName("functionResponse"u8);
        json.StartObject();
        var id = call is not null && Own.Is(call.WireData) ? Member(Member(call.WireData.Json.Utf8, "functionCall"u8), "id"u8) : [];
        if (!id.IsEmpty)
        {
            json.WriteName("id"u8);
            json.WriteRaw(id);
        }
        json.WriteMember("name"u8, names.Of(name, "contents[].parts[].functionResponse.name"), "contents[].parts[].functionResponse.name");
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
            json.WriteMember(result.IsError ? "error"u8 : "output"u8, text, "contents[].parts[].functionResponse.response");
            json.EndObject();
        }
        WriteResultMedia(result);
        WriteOwn(result.WireData);
        json.EndObject();
        json.EndObject();
    }

    // Gemini 3 (2025) takes pictures and documents beside the result.
    private void WriteResultMedia(ToolResultPart result)
    {
        bool hasMedia = false;
        for (int i = 0; i < result.Content.Count; i++)
        {
            var part = result.Content[i];
            if (part is TextPart)
                continue;
            if (part is not (ImagePart or FilePart))
                RequestErrors.ThrowPart(part, "the result of a function");
            if (!hasMedia)
            {
                json.WriteName("parts"u8);
                json.StartArray();
            }
            hasMedia = true;
            json.StartObject();
            if (part is ImagePart image)
                WriteImage(image);
            else
                WriteFile((FilePart)part);
            json.EndObject();
        }
        if (hasMedia)
            json.EndArray();
    }

    private void WriteImage(ImagePart image)
    {
        if (image.Detail is not null)
            wire.Note(QuirkKind.LeftOut, "contents[].parts[].detail");
        if (image.Url is { } url)
            WriteUrl(url, image.MediaType);
        else
            WriteInline(image.MediaType!, image.Data.Span);
    }

    private void WriteFile(FilePart file)
    {
        if (file.FileId is { } id)
            WriteFileUri(id, file.MediaType);
        else if (file.Url is { } url)
            WriteUrl(url, file.MediaType);
        else
            WriteInline(file.MediaType!, file.Data.Span);
        if (file.Name is not null)
            wire.Note(QuirkKind.LeftOut, "contents[].parts[].name");
    }

    private void WriteUrl(Uri url, string? mediaType)
    {
        string text = MediaAddress.Of(url);
        if (!string.Equals(url.Scheme, "data", StringComparison.OrdinalIgnoreCase))
        {
            WriteFileUri(text, mediaType);
            return;
        }
        var address = text.AsSpan("data:".Length);
        int comma = address.IndexOf(',');
        const string Base64 = ";base64";
        if (comma < 0 || !address[..comma].EndsWith(Base64, StringComparison.OrdinalIgnoreCase))
            RequestErrors.Throw("A data: address must hold base64, as in data:image/png;base64,…; or give the bytes.");
        json.WriteName("inlineData"u8);
        json.StartObject();
        json.WriteMember("mimeType"u8, TypeOf(address[..(comma - Base64.Length)].ToString()), "contents[].parts[].inlineData.mimeType");
        json.WriteMember("data"u8, address[(comma + 1)..].ToString(), "contents[].parts[].inlineData.data");
        json.EndObject();
    }

    private void WriteFileUri(string uri, string? mediaType)
    {
        json.WriteName("fileData"u8);
        json.StartObject();
        // Vertex refuses a file without its type.
        if ((mediaType ?? FileTypes.OfName(uri)) is { } type)
            json.WriteMember("mimeType"u8, TypeOf(type), "contents[].parts[].fileData.mimeType");
        json.WriteMember("fileUri"u8, uri, "contents[].parts[].fileData.fileUri");
        json.EndObject();
    }

    // The rate of sound without a head of its own stands in a parameter: audio/L16;codec=pcm;rate=24000.
    private static string TypeOf(string mediaType) => mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) ? mediaType : FileTypes.Essence(mediaType);

    private void WriteInline(string mediaType, ReadOnlySpan<byte> data)
    {
        json.WriteName("inlineData"u8);
        json.StartObject();
        json.WriteMember("mimeType"u8, TypeOf(mediaType), "contents[].parts[].inlineData.mimeType");
        json.WriteName("data"u8);
        json.StartText();
        json.AppendBase64(data);
        json.EndText();
        json.EndObject();
    }

    private void WriteOwn(WireData? data) => Own.WriteMembers(data, PartPlace);

    private void WriteMembers(ReadOnlySpan<byte> source, ReadOnlySpan<byte> skipped)
    {
        if (source.IsEmpty)
            return;
        var reader = new Utf8JsonReader(source);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSkipped = !skipped.IsEmpty && WireJson.Is(ref reader, skipped);
            int start = (int)reader.TokenStartIndex;
            reader.Read();
            reader.Skip();
            if (!isSkipped)
                json.WriteRaw(source[start..(int)reader.BytesConsumed]);
        }
    }

    /// <summary>The value of a member of an object; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> source, ReadOnlySpan<byte> name)
    {
        if (source.IsEmpty)
            return [];
        var reader = new Utf8JsonReader(source);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isWanted = WireJson.Is(ref reader, name);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isWanted)
                return source[start..(int)reader.BytesConsumed];
        }
        return [];
    }

    private bool HasOwnCall(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart call && Own.Is(call.WireData))
                return true;
        }
        return false;
    }
}
