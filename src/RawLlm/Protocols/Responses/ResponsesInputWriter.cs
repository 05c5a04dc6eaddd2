using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>input</c> of the Responses wire: a list of items, of which a message is one kind.</summary>
internal sealed class ResponsesInputWriter(ResponsesProtocol dialect, JsonWriter json, WireRequest wire, CallNames names, bool isStored)
{
    private const string ContentPlace = "input[].content[]";
    private const int MostIdCharacters = 64;

    /// <summary>True while the content of a message is being written.</summary>
    private bool _isOpen;

    /// <summary>The ids of calls of custom tools, whose results have a type of their own.</summary>
    private HashSet<string>? _customCalls;

    /// <summary>Writes the array.</summary>
    public void Write(IReadOnlyList<Message> messages)
    {
        json.StartArray();
        var kept = json.Keep(KeptList.Messages);
        for (int i = 0; i < messages.Count; i++)
        {
            if (kept.Covers(messages, i, i + 1, isStored ? 1 : 0))
                continue;
            var message = messages[i];
            if (message?.Parts is null)
                RequestErrors.Throw("A message of the request, or its list of parts, is null.");
            if (message.Name is not null)
                wire.Note(QuirkKind.LeftOut, "input[].name");
            switch (message.Role)
            {
                case Role.System:
                    WriteSystem(message.Parts);
                    break;
                case Role.User:
                    WriteUser(message.Parts);
                    break;
                case Role.Assistant:
                    WriteAssistant(message.Parts, messages, i);
                    break;
                case Role.Tool:
                    WriteResults(message.Parts);
                    break;
                default:
                    RequestErrors.Throw($"The role {message.Role} is not known.");
                    break;
            }
            kept.Close();
        }
        kept.Finish();
        json.EndArray();
    }

    private void WriteSystem(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not TextPart text)
            {
                RequestErrors.ThrowPart(parts[i], "a message of instructions");
                return;
            }
            NoteForeign(text, ContentPlace);
            Open(dialect.SystemRole);
            WriteText("input_text"u8, text.Text);
        }
        Close();
    }

    private void WriteUser(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case ToolResultPart result:
                    Close();
                    WriteResult(result);
                    break;
                case OpaquePart opaque:
                    WriteItem(opaque, "input[]");
                    break;
                default:
                    Open("user");
                    WriteContent(parts[i], "a message of the user");
                    break;
            }
        }
        if (parts.Count == 0)
        {
            Open("user");
            WriteText("input_text"u8, "");
        }
        Close();
    }

    // The order of the items is kept: a call stands between the words before and after it, and reasoning right before what it led to.
    private void WriteAssistant(IReadOnlyList<Part> parts, IReadOnlyList<Message> messages, int position)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case TextPart when !_isOpen && PlainEnd(parts, i) is var end && end > i:
                    WritePlain(parts, i, end);
                    i = end - 1;
                    break;
                case TextPart text:
                    WriteSaid(text, text.Text, "output_text"u8, "text"u8);
                    break;
                case RefusalPart refusal:
                    WriteSaid(refusal, refusal.Text, "refusal"u8, "refusal"u8);
                    break;
                case ReasoningPart or OpaquePart when IsOwn(parts[i].WireData) && LacksFollower(parts[i].WireData!, messages, position, i):
                    wire.Note(QuirkKind.LeftOut, "input[]");
                    break;
                case ReasoningPart or OpaquePart:
                    WriteItem(parts[i], "input[]");
                    break;
                case ToolCallPart call:
                    Close();
                    WriteCall(call);
                    break;
                case ImagePart or FilePart:
                    // The wire has no place for what the model of another wire drew or recorded.
                    wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], "a message of the model");
                    break;
            }
        }
        Close();
    }

    private void WriteResults(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case ToolResultPart result:
                    WriteResult(result);
                    break;
                case OpaquePart opaque:
                    WriteItem(opaque, "input[]");
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], "a message of the role Tool, which holds results of functions");
                    break;
            }
        }
    }

    // Where the texts end that stand in no message of the service's. A refusal behind them, or a text that goes on with their message, needs a list.
    private int PlainEnd(IReadOnlyList<Part> parts, int start)
    {
        int end = start;
        while (end < parts.Count && parts[end] is TextPart text && !IsOwn(text.WireData))
            end++;
        bool isList = end < parts.Count && (parts[end] is RefusalPart || (parts[end] is TextPart { WireData: { } data } && SaidMembers.Read(data.Json.Utf8).IsOfTextAlone));
        return isList ? start : end;
    }

    // A list of what was said is taken of a message with an id alone by servers that check requests by OpenAI's own types (vLLM and SGLang, 2026); a text is taken by all.
    private void WritePlain(IReadOnlyList<Part> parts, int start, int end)
    {
        bool isAny = false;
        for (int i = start; i < end; i++)
        {
            NoteForeign(parts[i], ContentPlace);
            isAny |= ((TextPart)parts[i]).Text is not "";
        }
        if (!isAny)
            return;
        json.StartObject();
        json.WriteMember("type"u8, "message"u8);
        json.WriteMember("role"u8, "assistant"u8);
        json.WriteName("content"u8);
        json.StartText();
        for (int i = start; i < end; i++)
            json.AppendText(((TextPart)parts[i]).Text, ContentPlace);
        json.EndText();
        json.EndObject();
    }

    private void WriteSaid(Part part, string text, ReadOnlySpan<byte> type, ReadOnlySpan<byte> member)
    {
        NoteForeign(part, ContentPlace);
        bool isOwn = IsOwn(part.WireData);
        if (text is "" && !isOwn)
            return;
        var said = isOwn ? SaidMembers.Read(part.WireData!.Json.Utf8) : default;
        // Id and phase belong to the message, and stand with its first piece of text.
        if (isOwn && !said.IsOfTextAlone)
            Close();
        Open("assistant", isOwn ? part.WireData : null);
        json.StartObject();
        json.WriteMember("type"u8, type);
        json.WriteMember(member, text, ContentPlace);
        if (part is TextPart)
        {
            json.WriteName(ItemMembers.Annotations);
            json.WriteRaw(said.Annotations.IsEmpty ? "[]"u8 : said.Annotations);
        }
        json.EndObject();
    }

    private void Open(string role, WireData? data = null)
    {
        if (_isOpen)
            return;
        _isOpen = true;
        json.StartObject();
        json.WriteMember("type"u8, "message"u8);
        json.WriteMember("role"u8, role, "input[].role");
        WriteOfMessage(data);
        json.WriteName("content"u8);
        json.StartArray();
    }

    private void Close()
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        json.EndArray();
        json.EndObject();
    }

    private void WriteContent(Part? part, string where)
    {
        switch (part)
        {
            case TextPart text:
                WriteText("input_text"u8, text.Text);
                break;
            case ImagePart image:
                WriteImage(image.Url, image.MediaType, image.Data.Span, image.Detail);
                break;
            case FilePart file when FileTypes.IsImage(file.MediaType):
                WriteImage(null, file.MediaType, file.Data.Span, detail: null);
                break;
            case FilePart file:
                WriteFile(file);
                break;
            default:
                RequestErrors.ThrowPart(part, where);
                break;
        }
        NoteForeign(part!, ContentPlace);
    }

    private void WriteText(ReadOnlySpan<byte> type, string text)
    {
        json.StartObject();
        json.WriteMember("type"u8, type);
        json.WriteMember("text"u8, text, ContentPlace);
        json.EndObject();
    }

    private void WriteImage(Uri? url, string? mediaType, ReadOnlySpan<byte> data, string? detail)
    {
        json.StartObject();
        json.WriteMember("type"u8, "input_image"u8);
        json.WriteName("image_url"u8);
        if (url is not null)
            json.WriteText(Address(url), "input[].content[].image_url");
        else
            WriteDataUrl(mediaType!, data);
        // The default, which servers that check requests by OpenAI's own types want to read (vLLM and SGLang, 2026).
        json.WriteMember("detail"u8, detail ?? "auto", "input[].content[].detail");
        json.EndObject();
    }

    private void WriteFile(FilePart file)
    {
        if (file.MediaType is { } media && media.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
            RequestErrors.Throw("This wire takes no sound. Give the recording to a service that speaks chat completions, or its transcript as text.");
        json.StartObject();
        json.WriteMember("type"u8, "input_file"u8);
        if (file.FileId is { } id)
        {
            json.WriteMember("file_id"u8, id, "input[].content[].file_id");
        }
        else if (file.Url is { } url)
        {
            json.WriteMember("file_url"u8, Address(url), "input[].content[].file_url");
        }
        else
        {
            // Bytes without a name are refused; the name also tells the service the kind of file.
            json.WriteMember("filename"u8, file.Name ?? DefaultName(file.MediaType!), "input[].content[].filename");
            json.WriteName("file_data"u8);
            WriteDataUrl(file.MediaType!, file.Data.Span);
        }
        json.EndObject();
    }

    private string DefaultName(string mediaType)
    {
        wire.Note(QuirkKind.Adapted, "input[].content[].filename");
        return FileTypes.NameOf(mediaType);
    }

    private void WriteDataUrl(string mediaType, ReadOnlySpan<byte> data)
    {
        json.StartText();
        json.Append("data:"u8);
        json.AppendText(mediaType, ContentPlace);
        json.Append(";base64,"u8);
        json.AppendBase64(data);
        json.EndText();
    }

    private static string Address(Uri url)
    {
        if (!url.IsAbsoluteUri || url.IsFile)
            RequestErrors.Throw("An image or a file is given by an address that the service cannot open. Addresses are passed on and never opened here: read the file and give its bytes.");
        return url.OriginalString;
    }

    private void WriteCall(ToolCallPart part)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.Throw("A function call of the request is null.");
        bool isCustom = IsCustom(part.WireData);
        json.StartObject();
        // What the service itself gave says it among its members.
        if (!isCustom)
            json.WriteMember("type"u8, "function_call"u8);
        else if (!IsOwn(part.WireData))
            json.WriteMember("type"u8, "custom_tool_call"u8);
        WriteId(call.Id);
        json.WriteMember("name"u8, names.Of(call.Name, "input[].name"), "input[].name");
        if (isCustom)
        {
            (_customCalls ??= []).Add(call.Id);
            // Written each time, so that its result finds it.
            wire.Written?.Spoil();
            json.WriteMember("input"u8, call.Arguments, "input[].input");
        }
        else
        {
            WriteArguments(call.Arguments);
        }
        WriteOwn(part.WireData, "input[]");
        json.EndObject();
    }

    // Servers that run the model themselves refuse what is no object: vLLM (2026).
    private void WriteArguments(string arguments)
    {
        const string Place = "input[].arguments";
        json.WriteName("arguments"u8);
        if (string.IsNullOrWhiteSpace(arguments))
        {
            json.WriteText("{}"u8);
        }
        else if (CallArguments.IsObject(arguments))
        {
            json.WriteText(arguments, Place);
        }
        else
        {
            wire.Note(QuirkKind.Adapted, Place);
            json.WriteText(CallArguments.Invalid(arguments, Place), Place);
        }
    }

    private void WriteResult(ToolResultPart result)
    {
        if (result.Content is null)
            RequestErrors.Throw("The content of a function's result is null.");
        wire.Written?.Depend();
        bool isCustom = _customCalls is not null && _customCalls.Contains(result.CallId);
        json.StartObject();
        json.WriteMember("type"u8, isCustom ? "custom_tool_call_output"u8 : "function_call_output"u8);
        WriteId(result.CallId);
        json.WriteName("output"u8);
        if (IsText(result.Content))
        {
            json.StartText();
            for (int i = 0; i < result.Content.Count; i++)
                json.AppendText(((TextPart)result.Content[i]).Text, "input[].output");
            json.EndText();
        }
        else
        {
            json.StartArray();
            for (int i = 0; i < result.Content.Count; i++)
            {
                if (result.Content[i] is OpaquePart opaque && !IsOwn(opaque.WireData))
                    wire.Note(QuirkKind.LeftOut, "input[].output[]");
                else if (result.Content[i] is OpaquePart own)
                    json.WriteRaw(own.WireData!.Json);
                else
                    WriteContent(result.Content[i], "the result of a function");
            }
            json.EndArray();
        }
        WriteOwn(result.WireData, "input[]");
        json.EndObject();
    }

    private void WriteId(string id)
    {
        if (id is not null && id.Length > MostIdCharacters)
        {
            wire.Note(QuirkKind.Adapted, "input[].call_id");
            id = CallIds.Another(id);
        }
        json.WriteMember("call_id"u8, id!, "input[].call_id");
    }

    private static bool IsText(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is not TextPart)
                return false;
        }
        return true;
    }

    /// <summary>Writes an item that goes back whole, byte for byte but for what services show and refuse.</summary>
    private void WriteItem(Part part, string place)
    {
        if (!IsOwn(part.WireData) || (!isStored && IsOnlyReference(part.WireData.Json.Utf8)))
        {
            wire.Note(QuirkKind.LeftOut, place);
            return;
        }
        Close();
        if (!OutputOnlyMembers.AreIn(part.WireData.Json))
            json.WriteRaw(part.WireData.Json);
        else if (OutputOnlyMembers.WriteWithout(json, part.WireData.Json))
            wire.Note(QuirkKind.Adapted, place);
    }

    // Reasoning that was neither stored nor sent encrypted nor shown in full is a bare id, and the service answers 404 to it (OpenAI, 2025).
    private static bool IsOnlyReference(ReadOnlySpan<byte> item)
    {
        var reader = new Utf8JsonReader(item, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        bool isReasoning = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref reader, "type"u8);
            bool isEncrypted = WireJson.Is(ref reader, "encrypted_content"u8);
            bool isContent = WireJson.Is(ref reader, "content"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                isReasoning = WireJson.Is(ref reader, "reasoning"u8);
            if (isEncrypted && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
                return false;
            if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.EndArray)
                    return false;
            }
            else
            {
                reader.Skip();
            }
        }
        return isReasoning;
    }

    // "Item 'rs_…' of type 'reasoning' was provided without its required following item" (OpenAI, 2025): what follows must be what came after it,
    // which a text that was edited is not, and where the answer ended in its thoughts nothing is.
    private bool LacksFollower(WireData data, IReadOnlyList<Message> messages, int position, int place)
    {
        if (!IsNamedReasoning(data))
            return false;
        for (int i = position; i < messages.Count && messages[i] is { Role: Role.Assistant, Parts: { } parts }; i++)
        {
            for (int j = i == position ? place + 1 : 0; j < parts.Count; j++)
            {
                bool isOwn = IsOwn(parts[j].WireData);
                string said = parts[j] switch { TextPart text => text.Text, RefusalPart refusal => refusal.Text, _ => "" };
                if (parts[j] is ToolCallPart || said is not "" || (isOwn && !IsNamedReasoning(parts[j].WireData!)))
                    return said is not "" && !isOwn;
            }
            // What comes later is no part of what is checked of kept bytes.
            wire.Written?.Spoil();
        }
        return true;
    }

    // One without an id is not looked for by its follower, and who shows the thoughts as they are (open weights) has no such rule.
    private static bool IsNamedReasoning(WireData data)
    {
        var reader = new Utf8JsonReader(data.Json.Utf8, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        bool isReasoning = false;
        bool isNamed = false;
        bool isShown = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref reader, "type"u8);
            bool isId = WireJson.Is(ref reader, "id"u8);
            bool isContent = WireJson.Is(ref reader, "content"u8);
            reader.Read();
            isReasoning |= isType && reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "reasoning"u8);
            isNamed |= isId && reader.TokenType == JsonTokenType.String;
            isShown |= isContent && reader.TokenType == JsonTokenType.StartArray && WireJson.SkipRaw(ref reader, data.Json.Utf8).Length > 2;
            reader.Skip();
        }
        return isReasoning && isNamed && !isShown;
    }

    // It says what was called, and so holds whoever gave it.
    private bool IsCustom(WireData? data)
    {
        if (data is null || data.Protocol != dialect.Name)
            return false;
        var reader = new Utf8JsonReader(data.Json.Utf8, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref reader, "type"u8);
            reader.Read();
            if (isType)
                return reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "custom_tool_call"u8);
            reader.Skip();
        }
        return false;
    }

    // But for the sources of its first text, which belong to that.
    private void WriteOfMessage(WireData? data)
    {
        if (data is null || SaidMembers.Read(data.Json.Utf8).Annotations.IsEmpty)
        {
            WriteOwn(data, "input[]");
            return;
        }
        var reader = new Utf8JsonReader(data.Json.Utf8, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isOfText = SaidMembers.IsAnnotations(ref reader);
            var name = reader.ValueSpan;
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, data.Json.Utf8);
            if (isOfText)
                continue;
            json.WriteName(name);
            json.WriteRaw(value);
        }
    }

    /// <summary>Writes what this wire wants back beside the part's own members; what belongs to another wire or service is left out.</summary>
    private void WriteOwn(WireData? data, string place)
    {
        if (data is not null && !(IsOwn(data) && json.WriteMembers(data.Json)))
            wire.Note(QuirkKind.LeftOut, place);
    }

    private void NoteForeign(Part part, string place)
    {
        if (part.WireData is { } data && !IsOwn(data))
            wire.Note(QuirkKind.LeftOut, place);
    }

    private bool IsOwn([NotNullWhen(true)] WireData? data) => wire.Owns(data, dialect.Name);
}
