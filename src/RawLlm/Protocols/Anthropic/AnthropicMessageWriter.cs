using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>system</c> and the <c>messages</c> of the Messages wire.</summary>
/// <remarks>
/// The wire knows two speakers. Results of functions are the user's; messages of one speaker that follow each other are written as
/// one, with the results first, because the service wants all results of a turn in the message right after it.
/// </remarks>
internal sealed class AnthropicMessageWriter(AnthropicProtocol dialect, JsonWriter json, WireRequest wire, ChatRequest request)
{
    private const string Place = "messages[].content[]";

    private readonly CallIds _ids = new(request.Messages, int.MaxValue);
    private readonly MessageTurns _turns = new(AnthropicProtocol.ProtocolName, dialect.ReturnsUnsignedThinking);

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

    /// <summary>Whether thinking up to a budget would be refused.</summary>
    public bool LacksThoughts => _turns.EndInCallsWithoutThoughts(request.Messages, "redacted_thinking"u8);

    /// <summary>Writes <c>system</c>: a text, or blocks where there are several texts or a mark for the cache.</summary>
    public void WriteSystem()
    {
        var messages = request.Messages;
        if (SingleSystem() is { } text)
        {
            json.WriteText(text, "system");
            return;
        }
        json.StartArray();
        if (!string.IsNullOrEmpty(request.System))
        {
            json.StartObject();
            json.WriteMember("type"u8, "text"u8);
            json.WriteMember("text"u8, request.System, "system[].text");
            json.EndObject();
        }
        bool isLeading = true;
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: Role.System } message)
            {
                isLeading = false;
                continue;
            }
            // Instructions in the middle of a conversation have no place of their own.
            if (!isLeading)
                wire.Note(QuirkKind.Adapted, "system");
            for (int j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is TextPart part)
                    WriteText(part, "system[].text");
                else
                    RequestErrors.ThrowPart(message.Parts[j], "a system message");
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
            if (end > 0 && !kept.Covers(messages, i, end))
            {
                WriteTurn(i, end, isAssistant);
                kept.Close();
            }
            i = Math.Max(end, i + 1);
        }
        kept.Finish();
        json.EndArray();
    }

    /// <summary>Writes a mark for the service's prompt cache; five minutes are its default.</summary>
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/prompt-caching.</remarks>
    public static void WriteCache(AnthropicProtocol dialect, JsonWriter json, WireRequest wire, PromptCache? cache, string place)
    {
        if (cache is not { } kept)
            return;
        if (!dialect.TakesCacheMarks)
        {
            wire.Note(QuirkKind.LeftOut, place);
            return;
        }
        json.WriteName("cache_control"u8);
        json.StartObject();
        json.WriteMember("type"u8, "ephemeral"u8);
        if (kept == PromptCache.OneHour)
            json.WriteMember("ttl"u8, "1h"u8);
        json.EndObject();
    }

    // The only text, when it is one and carries no mark; null otherwise.
    private string? SingleSystem()
    {
        string? single = string.IsNullOrEmpty(request.System) ? null : request.System;
        bool isLeading = true;
        for (int i = 0; i < request.Messages.Count; i++)
        {
            if (request.Messages[i] is not { Role: Role.System, Parts: { } parts })
            {
                isLeading = false;
                continue;
            }
            for (int j = 0; j < parts.Count; j++)
            {
                if (single is not null || !isLeading || parts[j] is not TextPart { Text.Length: > 0, Cache: null, WireData: null } text)
                    return null;
                single = text.Text;
            }
        }
        return single;
    }

    private void WriteTurn(int start, int end, bool isAssistant)
    {
        json.StartObject();
        json.WriteMember("role"u8, isAssistant ? "assistant"u8 : "user"u8);
        json.WriteName("content"u8);
        if (SingleText(start, end) is { } text)
        {
            json.WriteText(text, "messages[].content");
        }
        else
        {
            json.StartArray();
            if (!isAssistant)
                WriteResults(start, end);
            for (int i = start; i < end; i++)
            {
                var message = request.Messages[i];
                if (_turns.IsPassedOver(message))
                    continue;
                for (int j = 0; j < message.Parts.Count; j++)
                {
                    if (isAssistant)
                        WriteAssistantPart(message.Parts[j], i, j);
                    else if (message.Parts[j] is not ToolResultPart)
                        WriteUserPart(message.Parts[j], message.Role);
                }
            }
            json.EndArray();
        }
        json.EndObject();
        for (int i = start; i < end; i++)
        {
            if (request.Messages[i].Name is not null)
                wire.Note(QuirkKind.LeftOut, "messages[].name");
            if (_turns.IsEmpty(request.Messages[i]))
                wire.Note(QuirkKind.LeftOut, "messages[]");
        }
    }

    private string? SingleText(int start, int end)
    {
        string? single = null;
        for (int i = start; i < end; i++)
        {
            var message = request.Messages[i];
            if (_turns.IsPassedOver(message))
                continue;
            for (int j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is OpaquePart opaque && AnthropicContainer.Is(opaque))
                    continue;
                if (single is not null || message.Role == Role.Tool || message.Parts[j] is not TextPart { Text: not null, Cache: null, WireData: null } text)
                    return null;
                single = text.Text;
            }
        }
        return single ?? "";
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
            }
        }
    }

    private void WriteResult(ToolResultPart result, int turn)
    {
        var content = result.Content;
        if (content is null)
            RequestErrors.Throw("The content of a function's result is null.");
        json.StartObject();
        json.WriteMember("type"u8, "tool_result"u8);
        WriteId("tool_use_id"u8, result.CallId, _ids.OfResult(IdOf(result.CallId), turn));
        if (content is [TextPart { Cache: null, WireData: null } single])
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
                    RequestErrors.ThrowPart(content[i], "the result of a function");
            }
            json.EndArray();
        }
        if (result.IsError)
            json.WriteMember("is_error"u8, true);
        WriteOwn(result);
        WriteCache(result.Cache);
        json.EndObject();
    }

    private void WriteUserPart(Part part, Role role)
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
                RequestErrors.ThrowPart(part, role == Role.Tool ? "a message of the role Tool, which holds results of functions" : "a message of the user");
                break;
        }
    }

    private void WriteAssistantPart(Part part, int message, int place)
    {
        switch (part)
        {
            case TextPart text:
                WriteSaid(text, text.Text);
                break;
            case RefusalPart refusal:
                WriteSaid(refusal, refusal.Text);
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
                // The wire has no place for what the model itself drew or recorded.
                wire.Note(QuirkKind.LeftOut, Place);
                break;
            default:
                RequestErrors.ThrowPart(part, "a message of the model");
                break;
        }
    }

    // The service gives blocks of white space alone, and refuses them when they come back (2025).
    private void WriteSaid(Part part, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            wire.Note(QuirkKind.Adapted, Place);
            return;
        }
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteMember("text"u8, text, "messages[].content[].text");
        WriteOwn(part);
        WriteCache(part.Cache);
        json.EndObject();
    }

    private void WriteText(TextPart part, string place)
    {
        // An empty block is refused.
        if (part.Text is "")
        {
            wire.Note(QuirkKind.Adapted, place);
            return;
        }
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteMember("text"u8, part.Text, place);
        WriteOwn(part);
        WriteCache(part.Cache);
        json.EndObject();
    }

    // Thoughts are checked against their signature and must go back unchanged; those of other services have none.
    private void WriteThoughts(ReasoningPart part)
    {
        bool isOwn = IsOwn(part.WireData);
        if (!isOwn && !dialect.ReturnsUnsignedThinking)
        {
            wire.Note(QuirkKind.LeftOut, Place);
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
            wire.Note(QuirkKind.LeftOut, "messages[].content[].cache_control");
        json.EndObject();
    }

    private void WriteCall(ToolCallPart part, int message, int place)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.Throw("A function call of the request is null.");
        json.StartObject();
        json.WriteMember("type"u8, "tool_use"u8);
        WriteId("id"u8, call.Id, _ids.OfCall(IdOf(call.Id), message, place));
        json.WriteMember("name"u8, call.Name, "messages[].content[].name");
        json.WriteName("input"u8);
        WriteInput(call.Arguments);
        WriteOwn(part);
        WriteCache(part.Cache);
        json.EndObject();
    }

    // Which form an id takes depends on the calls before.
    private string IdOf(string? id)
    {
        if (string.IsNullOrEmpty(id))
            RequestErrors.Throw("The id of a function call is empty. Give the result the id that the call came with.");
        wire.Written?.Depend();
        return id;
    }

    private void WriteId(ReadOnlySpan<byte> member, string own, string sent)
    {
        if (!ReferenceEquals(own, sent))
            wire.Note(QuirkKind.Adapted, "messages[].content[].id");
        json.WriteMember(member, sent, "messages[].content[].id");
    }

    private void WriteInput(string arguments)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            json.StartObject();
            json.EndObject();
            return;
        }
        byte[] utf8 = Encoding.UTF8.GetBytes(arguments);
        if (utf8.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && WireJson.IsWhole(utf8))
        {
            json.WriteRaw(RawJson.FromChecked(utf8));
            return;
        }
        // The wire takes an object only. What the model wrote is sent in one, as the service's page on fine-grained tool streaming advises (2025).
        wire.Note(QuirkKind.Adapted, "messages[].content[].input");
        json.StartObject();
        json.WriteMember("INVALID_JSON"u8, arguments, "messages[].content[].input");
        json.EndObject();
    }

    private void WriteOpaque(OpaquePart part)
    {
        if (!IsOwn(part.WireData))
        {
            wire.Note(QuirkKind.LeftOut, Place);
            return;
        }
        // It has a place of its own, above the conversation.
        if (AnthropicContainer.Is(part))
            return;
        json.WriteRaw(part.WireData.Json);
        if (part.Cache is not null)
            wire.Note(QuirkKind.LeftOut, "messages[].content[].cache_control");
    }

    private void WriteImage(ImagePart image)
    {
        if (image.Detail is not null)
            wire.Note(QuirkKind.LeftOut, "messages[].content[].detail");
        json.StartObject();
        json.WriteMember("type"u8, "image"u8);
        json.WriteName("source"u8);
        if (image.Url is { } url)
            WriteUrl(url);
        else
            WriteBytes(image.Data.Span, image.MediaType!);
        WriteOwn(image);
        WriteCache(image.Cache);
        json.EndObject();
    }

    // Documents are PDF and plain text. Source: platform.claude.com/docs/en/build-with-claude/pdf-support, .../citations.
    private void WriteFile(FilePart file)
    {
        bool isImage = file.MediaType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true;
        json.StartObject();
        json.WriteMember("type"u8, isImage ? "image"u8 : "document"u8);
        json.WriteName("source"u8);
        if (file.Url is { } url)
        {
            WriteUrl(url);
        }
        else if (file.FileId is { } id)
        {
            // Wants files-api-2025-04-14 among AnthropicProtocol.Betas.
            json.StartObject();
            json.WriteMember("type"u8, "file"u8);
            json.WriteMember("file_id"u8, id, "messages[].content[].source.file_id");
            json.EndObject();
        }
        else if (isImage || string.Equals(file.MediaType, "application/pdf", StringComparison.OrdinalIgnoreCase))
        {
            WriteBytes(file.Data.Span, file.MediaType!);
        }
        else if (file.MediaType!.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
        {
            if (!string.Equals(file.MediaType, "text/plain", StringComparison.OrdinalIgnoreCase))
                wire.Note(QuirkKind.Adapted, "messages[].content[].source.media_type");
            if (!Utf8.IsValid(file.Data.Span))
                wire.Note(QuirkKind.Adapted, "messages[].content[].source.data");
            json.StartObject();
            json.WriteMember("type"u8, "text"u8);
            json.WriteMember("media_type"u8, "text/plain"u8);
            json.WriteMember("data"u8, Encoding.UTF8.GetString(file.Data.Span), "messages[].content[].source.data");
            json.EndObject();
        }
        else
        {
            RequestErrors.Throw($"A file of the type {file.MediaType} cannot be sent on this wire, which takes PDF, plain text and pictures. Convert it, or give its text.");
        }
        if (file.Name is { } name && !isImage)
            json.WriteMember("title"u8, name, "messages[].content[].title");
        WriteOwn(file);
        WriteCache(file.Cache);
        json.EndObject();
    }

    private void WriteBytes(ReadOnlySpan<byte> data, string mediaType)
    {
        json.StartObject();
        json.WriteMember("type"u8, "base64"u8);
        json.WriteMember("media_type"u8, mediaType, "messages[].content[].source.media_type");
        json.WriteName("data"u8);
        json.StartText();
        json.AppendBase64(data);
        json.EndText();
        json.EndObject();
    }

    // The wire has no data: addresses; what stands in one is sent as the bytes that it is.
    private void WriteUrl(Uri url)
    {
        string text = url.OriginalString;
        json.StartObject();
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            string head = comma < 0 ? "" : text[5..comma];
            if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) || head.StartsWith(';'))
                RequestErrors.Throw("A data: address needs a media type and base64, as in data:image/png;base64,…. Give the bytes instead.");
            json.WriteMember("type"u8, "base64"u8);
            json.WriteMember("media_type"u8, head[..^7].Split(';')[0], "messages[].content[].source.media_type");
            json.WriteMember("data"u8, text[(comma + 1)..], "messages[].content[].source.data");
        }
        else
        {
            if (!dialect.TakesUrls)
                RequestErrors.Throw("The service opens no address of a picture or file. Give the bytes.");
            if (!url.IsAbsoluteUri || url.IsFile)
                RequestErrors.Throw("An image or a file is given by an address that the service cannot open. Addresses are passed on and never opened here: read the file and give its bytes.");
            json.WriteMember("type"u8, "url"u8);
            json.WriteMember("url"u8, text, "messages[].content[].source.url");
        }
        json.EndObject();
    }

    /// <summary>Writes what this wire wants back, byte for byte; what belongs to another wire is left out.</summary>
    private void WriteOwn(Part part)
    {
        if (part.WireData is { } data && !(IsOwn(data) && json.WriteMembers(data.Json)))
            wire.Note(QuirkKind.LeftOut, Place);
    }

    private void WriteCache(PromptCache? cache) => WriteCache(dialect, json, wire, cache, "messages[].content[].cache_control");

    private static bool IsOwn([NotNullWhen(true)] WireData? data) => data is { Protocol: AnthropicProtocol.ProtocolName };
}
