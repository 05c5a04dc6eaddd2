using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>input</c> of the Responses wire: a list of items, of which a message is one kind.</summary>
internal sealed class ResponsesInputWriter(ResponsesProtocol dialect, JsonWriter json, CallNames names, bool isStored)
{
    private const string ContentPlace = "input[].content[]";

    private readonly ResponsesCallWriter _calls = new(dialect, json, names);

    /// <summary>True while the content of a message is being written.</summary>
    private bool _isOpen;

    private ResponsesContentWriter Content => new(dialect, json);

    private OwnData Own => new(json, dialect.Name);

    /// <summary>Writes the array.</summary>
    public void Write(IReadOnlyList<Message> messages)
    {
        json.StartArray();
        var kept = json.BeginKeptList(KeptList.Messages);
        for (int i = 0; i < messages.Count; i++)
        {
            if (kept.TryReuse(messages, i, i + 1, isStored ? 1 : 0))
                continue;
            var message = messages[i];
            if (message?.Parts is null)
                RequestErrors.ThrowNoMessage();
            if (message.Name is not null)
                json.Wire.Note(QuirkKind.LeftOut, "input[].name");
            switch (message.Role)
            {
                case Role.System:
                    WriteSystem(message.Parts);
                    break;
                case Role.User:
                    WriteUser(message.Parts);
                    break;
                case Role.Assistant when !dialect.AcceptsUnknownMembers:
                    WriteBare(message.Parts);
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
                RequestErrors.ThrowPart(parts[i], Role.System);
                return;
            }
            Own.NoteForeign(text, ContentPlace);
            Open(dialect.SystemRole);
            Content.WriteText(text.Text);
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
                    _calls.Write(result);
                    break;
                case OpaquePart opaque:
                    WriteItem(opaque);
                    break;
                default:
                    Open("user");
                    Content.Write(parts[i], isResult: false);
                    break;
            }
        }
        if (parts.Count == 0)
        {
            Open("user");
            Content.WriteText("");
        }
        Close();
    }

    // The order of the items is kept: a tool call goes between the texts before and after it, and reasoning directly before what it led to.
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
                    WriteModelText(text, text.Text, "output_text"u8, "text"u8);
                    break;
                case RefusalPart refusal:
                    WriteModelText(refusal, refusal.Text, "refusal"u8, "refusal"u8);
                    break;
                case ReasoningPart or OpaquePart when Own.Is(parts[i].WireData) && LacksFollower(parts[i].WireData!, messages, position, i):
                    json.Wire.Note(QuirkKind.LeftOut, "input[]");
                    break;
                case ReasoningPart or OpaquePart:
                    WriteItem(parts[i]);
                    break;
                case ToolCallPart call:
                    Close();
                    _calls.Write(call);
                    break;
                case ImagePart image when Own.Is(image.WireData):
                    Close();
                    WriteDrawn(image, image.WireData.Json);
                    break;
                case FilePart { Transcript.Length: > 0 } sound:
                    json.Wire.Note(QuirkKind.Adapted, ContentPlace);
                    Close();
                    WritePlain([new TextPart(sound.Transcript) { WireData = sound.WireData }], 0, 1);
                    break;
                case ImagePart or FilePart:
                    // The wire has no place for images or audio from another wire's model.
                    json.Wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], Role.Assistant);
                    break;
            }
        }
        Close();
    }

    // For a service that takes back only texts, tool calls and results. It does not need the rest of its own answer, such as an ID or a
    // citation.
    private void WriteBare(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case TextPart:
                    int end = i + 1;
                    while (end < parts.Count && parts[end] is TextPart)
                        end++;
                    WritePlain(parts, i, end);
                    i = end - 1;
                    break;
                case RefusalPart refusal:
                    json.Wire.Note(QuirkKind.Adapted, ContentPlace);
                    WritePlain([new TextPart(refusal.Text) { WireData = refusal.WireData }], 0, 1);
                    break;
                case ToolCallPart call:
                    _calls.Write(call);
                    break;
                case FilePart { Transcript.Length: > 0 } sound:
                    json.Wire.Note(QuirkKind.Adapted, ContentPlace);
                    WritePlain([new TextPart(sound.Transcript) { WireData = sound.WireData }], 0, 1);
                    break;
                case ReasoningPart or OpaquePart or ImagePart or FilePart:
                    json.Wire.Note(QuirkKind.LeftOut, "input[]");
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], Role.Assistant);
                    break;
            }
        }
    }

    private void WriteResults(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case ToolResultPart result:
                    _calls.Write(result);
                    break;
                case OpaquePart opaque:
                    WriteItem(opaque);
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], Role.Tool);
                    break;
            }
        }
    }

    // Returns the end of the texts that belong to no message of the service. A refusal after them, or a text that continues their message,
    // requires a list.
    private int PlainEnd(IReadOnlyList<Part> parts, int start)
    {
        int end = start;
        while (end < parts.Count && parts[end] is TextPart text && !Own.Is(text.WireData))
            end++;
        bool isList =
            end < parts.Count
            && (
                parts[end] is RefusalPart
                || (parts[end] is TextPart { WireData: { } data } && TextMembers.Read(data.Json.Utf8).IsOfTextAlone)
            );
        return isList ? start : end;
    }

    // Servers that validate requests with OpenAI's own types accept a list only in a message with an ID (vLLM and SGLang, 2026); all accept
    // a text.
    private void WritePlain(IReadOnlyList<Part> parts, int start, int end)
    {
        bool isAny = false;
        for (int i = start; i < end; i++)
        {
            Own.NoteForeign(parts[i], ContentPlace);
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

    private void WriteModelText(Part part, string text, ReadOnlySpan<byte> type, ReadOnlySpan<byte> member)
    {
        Own.NoteForeign(part, ContentPlace);
        bool isOwn = Own.Is(part.WireData);
        if (text is "" && !isOwn)
            return;
        var members = isOwn ? TextMembers.Read(part.WireData!.Json.Utf8) : default;
        // Id and phase belong to the message, and go with its first text.
        if (isOwn && !members.IsOfTextAlone)
            Close();
        Open("assistant", isOwn ? part.WireData : null);
        json.StartObject();
        json.WriteMember("type"u8, type);
        json.WriteMember(member, text, ContentPlace);
        if (part is TextPart)
        {
            json.WriteName(ItemMembers.Annotations);
            json.WriteRaw(members.Annotations.IsEmpty ? "[]"u8 : members.Annotations);
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

    /// <summary>Writes an item that goes back whole, byte for byte except for members that services include but reject.</summary>
    private void WriteItem(Part part)
    {
        if (!Own.Is(part.WireData) || (!isStored && ReasoningItem.IsOnlyReference(part.WireData.Json.Utf8)))
        {
            json.Wire.Note(QuirkKind.LeftOut, "input[]");
            return;
        }
        Close();
        if (!OutputOnlyMembers.AreIn(part.WireData.Json))
            json.WriteRaw(part.WireData.Json);
        else if (OutputOnlyMembers.WriteWithout(json, part.WireData.Json))
            json.Wire.Note(QuirkKind.Adapted, "input[]");
    }

    // The output of the service's own tool: its item, with the image in it.
    private void WriteDrawn(ImagePart image, RawJson item)
    {
        json.StartObject();
        if (OutputOnlyMembers.WriteMembersWithout(json, item))
            json.Wire.Note(QuirkKind.Adapted, "input[]");
        json.WriteName("result"u8);
        if (image.Url is { } url)
        {
            json.WriteText(url.OriginalString, "input[].result");
        }
        else
        {
            json.StartText();
            json.AppendBase64(image.Data.Span);
            json.EndText();
        }
        json.EndObject();
    }

    // "Item 'rs_…' of type 'reasoning' was provided without its required following item" (OpenAI, 2025): the original next item must
    // follow. An edited text is not that item, and an answer that ended in its reasoning has none.
    private bool LacksFollower(WireData data, IReadOnlyList<Message> messages, int position, int place)
    {
        if (!ReasoningItem.IsLookedFor(data.Json.Utf8))
            return false;
        for (int i = position; i < messages.Count && messages[i] is { Role: Role.Assistant, Parts: { } parts }; i++)
        {
            for (int j = i == position ? place + 1 : 0; j < parts.Count; j++)
            {
                bool isOwn = Own.Is(parts[j].WireData);
                string itemText = parts[j] switch
                {
                    TextPart text => text.Text,
                    RefusalPart refusal => refusal.Text,
                    _ => "",
                };
                if (parts[j] is ToolCallPart || itemText is not "" || (isOwn && !ReasoningItem.IsLookedFor(parts[j].WireData!.Json.Utf8)))
                    return itemText is not "" && !isOwn;
            }
            // The check of kept bytes does not cover later messages.
            json.Wire.Written?.MarkUnreusable();
        }
        return true;
    }

    // Without the citations of the message's first text, which belong to that text.
    private void WriteOfMessage(WireData? data)
    {
        if (data is null || TextMembers.Read(data.Json.Utf8).Annotations.IsEmpty)
        {
            Own.WriteMembers(data, "input[]");
            return;
        }
        var reader = WireJson.DeepReader(data.Json.Utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isOfText = TextMembers.IsAnnotations(ref reader);
            var name = reader.ValueSpan;
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, data.Json.Utf8);
            if (isOfText)
                continue;
            json.WriteName(name);
            json.WriteRaw(value);
        }
    }
}
