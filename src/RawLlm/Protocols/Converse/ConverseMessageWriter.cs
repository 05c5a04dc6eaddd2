using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>system</c> and the <c>messages</c> of the Converse wire.</summary>
/// <remarks>
/// The wire knows two speakers. Results of functions are the user's; messages of one speaker that follow each other are written as
/// one, with the results first, because the service wants all results of a turn in the message right after it.
/// </remarks>
internal sealed class ConverseMessageWriter(ConverseProtocol dialect, ConverseModel model, JsonWriter json, WireRequest wire, ChatRequest request, CacheMarks marks)
{
    private const string Place = "messages[].content[]";
    private const int MostIdCharacters = 64;

    private readonly CallIds _ids = new(request.Messages, MostIdCharacters);
    private readonly MessageTurns _turns = new(wire, ConverseProtocol.ProtocolName, dialect.ReturnsUnsignedThinking);
    private DocumentNames? _documents;
    private bool _hasText;
    private bool _hasDocument;

    /// <summary>Whether there are instructions above the conversation.</summary>
    public bool HasSystem
    {
        get
        {
            if (!string.IsNullOrEmpty(request.System))
                return true;
            for (int i = 0; i < request.Messages.Count; i++)
            {
                if (request.Messages[i] is { Role: Role.System, Parts.Count: > 0 })
                    return true;
            }
            return false;
        }
    }

    /// <summary>Whether Anthropic's models would refuse to think up to a budget.</summary>
    public bool LacksThoughts => _turns.EndInCallsWithoutThoughts(request.Messages, "reasoningContent"u8);

    /// <summary>Writes <c>system</c>.</summary>
    public void WriteSystem()
    {
        json.StartArray();
        marks.StartSystem();
        if (!string.IsNullOrEmpty(request.System))
        {
            json.StartObject();
            json.WriteMember("text"u8, request.System, "system[].text");
            json.EndObject();
        }
        bool isLeading = true;
        for (int i = 0; i < request.Messages.Count; i++)
        {
            if (request.Messages[i] is not { Role: Role.System, Parts: { } parts })
            {
                isLeading = false;
                continue;
            }
            // Instructions in the middle of a conversation have no place of their own.
            if (!isLeading)
                wire.Note(QuirkKind.Adapted, "system");
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is TextPart text)
                    WriteText(text, text.Text, "system[].text");
                else
                    RequestErrors.ThrowPart(parts[j], "a system message");
                WriteCache(parts[j].Cache, "system[].cachePoint");
            }
        }
        json.EndArray();
    }

    /// <summary>Writes <c>messages</c>.</summary>
    public void Write()
    {
        var messages = request.Messages;
        json.StartArray();
        var kept = json.Keep(KeptList.Messages);
        for (int i = 0; i < messages.Count;)
        {
            int end = _turns.End(messages, i, out bool isAssistant);
            if (end == 0 && isAssistant)
                wire.Note(QuirkKind.LeftOut, "messages[]");
            if (end > 0 && !kept.Covers(messages, i, end, marks.Start(i, end)))
            {
                WriteTurn(i, end, isAssistant);
                kept.Close();
            }
            i = Math.Max(end, i + 1);
        }
        kept.Finish();
        json.EndArray();
    }

    /// <summary>Writes a mark for the service's prompt cache, which stands behind what it marks; five minutes are its default.</summary>
    /// <remarks>Source: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html; one hour since 2026.</remarks>
    public static void WriteCache(in ConverseModel model, JsonWriter json, WireRequest wire, PromptCache? cache, bool isDropped, string place)
    {
        if (cache is not { } kept)
            return;
        // 403 "You invoked an unsupported model or your request did not allow prompt caching" (2025, 2026).
        if (isDropped || !model.TakesCacheMarks)
        {
            wire.Note(QuirkKind.LeftOut, place);
            return;
        }
        json.StartObject();
        json.WriteName("cachePoint"u8);
        json.StartObject();
        json.WriteMember("type"u8, "default"u8);
        if (kept == PromptCache.OneHour && model.TakesHourOfCache)
            json.WriteMember("ttl"u8, "1h"u8);
        else if (kept == PromptCache.OneHour)
            wire.Note(QuirkKind.Adapted, place);
        json.EndObject();
        json.EndObject();
    }

    private void WriteTurn(int start, int end, bool isAssistant)
    {
        json.StartObject();
        json.WriteMember("role"u8, isAssistant ? "assistant"u8 : "user"u8);
        json.WriteName("content"u8);
        json.StartArray();
        if (!isAssistant)
            WriteResults(start, end);
        (_hasText, _hasDocument) = (false, false);
        if (!isAssistant && IsEmpty(start, end))
        {
            // "The content field in the Message object at messages.0 is empty."
            wire.Note(QuirkKind.Adapted, Place);
            WriteStandIn("(empty)"u8);
        }
        for (int i = start; i < end; i++)
        {
            var message = request.Messages[i];
            if (_turns.IsPassedOver(message))
            {
                if (message.Role == Role.Assistant)
                    wire.Note(QuirkKind.LeftOut, "messages[]");
                continue;
            }
            if (message.Name is not null)
                wire.Note(QuirkKind.LeftOut, "messages[].name");
            for (int j = 0; j < message.Parts.Count; j++)
            {
                var part = message.Parts[j];
                if (part is ToolResultPart && !isAssistant)
                    continue;
                if (isAssistant)
                    WriteAssistantPart(part, i, j);
                else
                    WriteUserPart(part, message.Role);
                WriteCache(part.Cache, "messages[].content[].cachePoint");
            }
        }
        if (_hasDocument && !_hasText)
        {
            // "A text block must be included when using documents."
            wire.Note(QuirkKind.Adapted, Place);
            WriteStandIn("(document)"u8);
        }
        json.EndArray();
        json.EndObject();
    }

    private bool IsEmpty(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            if (!_turns.IsPassedOver(request.Messages[i]) && !IsEmpty(request.Messages[i].Parts))
                return false;
        }
        return true;
    }

    private void WriteResults(int start, int end)
    {
        bool isBehind = false;
        for (int i = start; i < end; i++)
        {
            var parts = request.Messages[i].Parts;
            if (_turns.IsPassedOver(request.Messages[i]))
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is not ToolResultPart result)
                {
                    isBehind = true;
                    continue;
                }
                if (isBehind)
                    wire.Note(QuirkKind.Adapted, Place);
                WriteResult(result, start);
                WriteCache(result.Cache, "messages[].content[].cachePoint");
            }
        }
    }

    private void WriteResult(ToolResultPart result, int turn)
    {
        var content = result.Content;
        if (content is null)
            RequestErrors.Throw("The content of a function's result is null.");
        json.StartObject();
        json.WriteName("toolResult"u8);
        json.StartObject();
        WriteId(result.CallId, _ids.OfResult(IdOf(result.CallId), turn));
        json.WriteName("content"u8);
        json.StartArray();
        bool saysFailure = result.IsError && !model.TakesResultStatus;
        int failure = saysFailure ? FirstText(content) : -1;
        if (saysFailure)
            wire.Note(QuirkKind.Adapted, "messages[].content[].toolResult.status");
        if (saysFailure && failure < 0)
            WriteStandIn("(failed)"u8);
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is not (TextPart or ImagePart or FilePart or OpaquePart))
                RequestErrors.ThrowPart(content[i], "the result of a function");
            if (i == failure && content[i] is TextPart text && !text.Text.StartsWith("error", StringComparison.OrdinalIgnoreCase))
                WriteText(text, "Error: " + text.Text, "messages[].content[].text");
            else
                WriteUserPart(content[i], Role.User);
            if (content[i].Cache is not null)
                wire.Note(QuirkKind.LeftOut, "messages[].content[].toolResult.content[].cachePoint");
        }
        if (!saysFailure && IsEmpty(content))
        {
            // A result without content is refused, and so is one of white space.
            wire.Note(QuirkKind.Adapted, "messages[].content[].toolResult.content");
            WriteStandIn("(empty)"u8);
        }
        json.EndArray();
        if (result.IsError && !saysFailure)
            json.WriteMember("status"u8, "error"u8);
        WriteOwn(result);
        json.EndObject();
        json.EndObject();
    }

    private bool IsEmpty(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is TextPart text ? !string.IsNullOrWhiteSpace(text.Text) : content[i] is not OpaquePart opaque || IsOwn(opaque.WireData))
                return false;
        }
        return true;
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

    private void WriteStandIn(ReadOnlySpan<byte> text)
    {
        json.StartObject();
        json.WriteMember("text"u8, text);
        json.EndObject();
    }

    private void WriteUserPart(Part part, Role role)
    {
        switch (part)
        {
            case TextPart text when role == Role.User:
                WriteText(text, text.Text, "messages[].content[].text");
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
                RequestErrors.ThrowPart(part, role == Role.Tool ? "a message of the role Tool, which holds results of functions" : "a message of the user");
                break;
        }
    }

    private void WriteAssistantPart(Part part, int message, int place)
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
                WriteThoughts(reasoning);
                break;
            case ToolCallPart call:
                WriteCall(call, message, place);
                break;
            case OpaquePart opaque:
                WriteOpaque(opaque);
                break;
            case ImagePart or FilePart:
                // The wire has no place for what the model itself drew or recorded, but in the form in which it came.
                wire.Note(QuirkKind.LeftOut, Place);
                break;
            default:
                RequestErrors.ThrowPart(part, "a message of the model");
                break;
        }
    }

    private void WriteText(Part part, string text, string place)
    {
        // Models give blocks that are empty or blank; the service refuses them, in results of functions too (2025, 2026).
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            wire.Note(QuirkKind.Adapted, place);
            return;
        }
        json.StartObject();
        if (IsOwn(part.WireData))
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

    // Thoughts are checked against their signature and must go back unchanged; those of other services have none.
    private void WriteThoughts(ReasoningPart part)
    {
        if (!IsOwn(part.WireData) && !dialect.ReturnsUnsignedThinking)
        {
            wire.Note(QuirkKind.LeftOut, Place);
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
            RequestErrors.Throw("A function call of the request is null.");
        json.StartObject();
        json.WriteName("toolUse"u8);
        json.StartObject();
        WriteId(call.Id, _ids.OfCall(IdOf(call.Id), message, place));
        json.WriteMember("name"u8, new CallNames(request.Tools, wire).Of(call.Name, "messages[].content[].toolUse.name"), "messages[].content[].toolUse.name");
        json.WriteName("input"u8);
        WriteInput(call.Arguments);
        WriteOwn(part);
        json.EndObject();
        json.EndObject();
    }

    private void WriteInput(string arguments)
    {
        if (CallArguments.TryRead(arguments, out var input))
        {
            json.WriteRaw(input);
            return;
        }
        wire.Note(QuirkKind.Adapted, "messages[].content[].toolUse.input");
        CallArguments.WriteInvalid(json, arguments, "messages[].content[].toolUse.input");
    }

    // Which form an id takes depends on the calls before.
    private string IdOf(string? id)
    {
        if (string.IsNullOrEmpty(id))
            RequestErrors.Throw("The id of a function call is empty. Give the result the id that the call came with.");
        wire.Written?.Depend();
        return id;
    }

    private void WriteId(string own, string sent)
    {
        if (!ReferenceEquals(own, sent))
            wire.Note(QuirkKind.Adapted, "messages[].content[].toolUseId");
        json.WriteMember("toolUseId"u8, sent, "messages[].content[].toolUseId");
    }

    private void WriteOpaque(OpaquePart part)
    {
        if (IsOwn(part.WireData))
            json.WriteRaw(part.WireData.Json);
        else
            wire.Note(QuirkKind.LeftOut, Place);
    }

    private void WriteImage(ImagePart image)
    {
        if (image.Detail is not null)
            wire.Note(QuirkKind.LeftOut, "messages[].content[].image.detail");
        if (image.Url is { } url)
            WriteAddress(url, name: null, image);
        else
            WriteBytes(image.Data.Span, image.MediaType!, name: null, image);
    }

    private void WriteFile(FilePart file)
    {
        if (file.Url is { } url)
            WriteAddress(url, file.Name, file);
        else if (file.FileId is not null)
            RequestErrors.Throw("This wire knows no ids of uploaded files. Give the bytes, or an address of the form s3://bucket/key.");
        else
            WriteBytes(file.Data.Span, file.MediaType!, file.Name, file);
    }

    private void WriteBytes(ReadOnlySpan<byte> data, string mediaType, string? name, Part part)
    {
        StartMedia(OfType(mediaType), name);
        json.WriteName("bytes"u8);
        json.StartText();
        json.AppendBase64(data);
        json.EndText();
        EndMedia(part);
    }

    // The service opens no addresses but those of its own store; what stands in a data: address is sent as the bytes that it is.
    private void WriteAddress(Uri url, string? name, Part part)
    {
        string text = url.OriginalString;
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            string head = comma < 0 ? "" : text[5..comma];
            if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) || head.Length == 7)
                RequestErrors.Throw("A data: address needs a media type and base64, as in data:image/png;base64,…. Give the bytes instead.");
            StartMedia(OfType(head[..^7].Split(';')[0]), name);
            json.WriteMember("bytes"u8, text[(comma + 1)..], "messages[].content[].source.bytes");
            EndMedia(part);
            return;
        }
        if (!text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
            RequestErrors.Throw("This wire opens no address of a picture or file but s3://bucket/key. Give the bytes.");
        string path = text.Split('?', '#')[0];
        var media = ConverseMedia.OfName(path);
        if (media is null)
            RequestErrors.Throw("The format of a file at an address is told by the end of its name, as in s3://bucket/report.pdf; this one ends in none that the wire takes.");
        StartMedia(media.Value, name ?? path[(path.LastIndexOf('/') + 1)..]);
        json.WriteName("s3Location"u8);
        json.StartObject();
        json.WriteMember("uri"u8, text, "messages[].content[].source.s3Location.uri");
        json.EndObject();
        EndMedia(part);
    }

    private static ConverseMedia OfType(string mediaType)
    {
        var media = ConverseMedia.OfType(mediaType);
        if (media is null)
            RequestErrors.Throw($"A file of the type {mediaType} cannot be sent on this wire, which takes PNG, JPEG, GIF and WebP, documents of the usual office formats, video and audio. Convert it, or give its text.");
        return media.Value;
    }

    private void StartMedia(ConverseMedia media, string? name)
    {
        json.StartObject();
        json.WriteName(media.Block, Place);
        json.StartObject();
        json.WriteMember("format"u8, media.Format, Place);
        if (media.Block == "document")
        {
            _hasDocument = true;
            // Its name depends on those before, and so is found each time.
            wire.Written?.Spoil();
            _documents ??= new DocumentNames();
            string given = _documents.Take(name, media.Format);
            if (name is not null && given != name)
                wire.Note(QuirkKind.Adapted, "messages[].content[].document.name");
            json.WriteMember("name"u8, given, Place);
        }
        json.WriteName("source"u8);
        json.StartObject();
    }

    private void EndMedia(Part part)
    {
        json.EndObject();
        WriteOwn(part);
        json.EndObject();
        json.EndObject();
    }

    /// <summary>Writes what this wire wants back, byte for byte; what belongs to another wire is left out.</summary>
    private void WriteOwn(Part part)
    {
        if (part.WireData is { } data && !(IsOwn(data) && json.WriteMembers(data.Json)))
            wire.Note(QuirkKind.LeftOut, Place);
    }

    private void WriteCache(PromptCache? cache, string place) => WriteCache(model, json, wire, cache, marks.Drops(cache), place);

    private bool IsOwn([NotNullWhen(true)] WireData? data) => wire.Owns(data, ConverseProtocol.ProtocolName);
}
