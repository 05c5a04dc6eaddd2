using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>messages</c> of chat completions.</summary>
internal sealed class ChatMessageWriter(ChatCompletionsProtocol dialect, JsonWriter json, WireRequest wire)
{
    private const string ContentPlace = "messages[].content";

    private ChatPartWriter Parts => new(dialect, json, wire);

    private ChatCallIds Ids => new(dialect, json, wire);

    private CallNames _names;

    /// <summary>Writes the array.</summary>
    public void Write(ChatRequest request)
    {
        var messages = request.Messages;
        _names = new CallNames(request.Tools, wire);
        int lastQuestion = dialect is { ReasoningName: not null, ReturnsReasoningInToolTurnsOnly: true } ? LastQuestion(messages) : -1;
        json.StartArray();
        var kept = json.Keep(KeptList.Messages);
        if (!string.IsNullOrEmpty(request.System) && !kept.Covers(request.System, 0))
        {
            json.StartObject();
            json.WriteMember("role"u8, dialect.SystemRole, "messages[].role");
            json.WriteMember("content"u8, request.System, ContentPlace);
            json.EndObject();
            kept.Close();
        }
        for (int i = 0; i < messages.Count; i++)
        {
            bool isInToolTurn = i > lastQuestion;
            if (kept.Covers(messages, i, i + 1, isInToolTurn ? 1 : 0))
                continue;
            var message = messages[i];
            if (message?.Parts is null)
                RequestErrors.Throw("A message of the request, or its list of parts, is null.");
            switch (message.Role)
            {
                case Role.System:
                    WriteSystem(message);
                    break;
                case Role.User:
                    WriteUser(message, messages, i);
                    break;
                case Role.Assistant:
                    WriteAssistant(message, isInToolTurn);
                    break;
                case Role.Tool:
                    WriteTool(message, messages, i);
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

    /// <summary>The last message in which the user says something, and does not merely hand in results; -1 when there is none.</summary>
    private static int LastQuestion(IReadOnlyList<Message> messages)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i] is not { Role: Role.User, Parts: { } parts })
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is not ToolResultPart)
                    return i;
            }
        }
        return -1;
    }

    private void WriteSystem(Message message)
    {
        json.StartObject();
        json.WriteMember("role"u8, dialect.SystemRole, "messages[].role");
        json.WriteName("content"u8);
        json.StartText();
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is TextPart text)
                json.AppendText(text.Text, ContentPlace);
            else
                RequestErrors.ThrowPart(message.Parts[i], "a system message");
        }
        json.EndText();
        WriteSpeaker(message);
        json.EndObject();
    }

    // Results of functions are messages of their own on this wire, and must follow the calls at once.
    private void WriteUser(Message message, IReadOnlyList<Message> messages, int position)
    {
        var parts = message.Parts;
        int results = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolResultPart result)
            {
                results++;
                WriteResult(result, messages, position);
            }
        }
        if (results > 0 && results == parts.Count)
            return;
        json.StartObject();
        json.WriteMember("role"u8, "user"u8);
        json.WriteName("content"u8);
        if (parts.Count == 0)
        {
            json.WriteText(""u8);
        }
        else if (parts.Count - results == 1 && SingleText(parts) is { } text)
        {
            json.WriteText(text, ContentPlace);
        }
        else
        {
            json.StartArray();
            for (int i = 0; i < parts.Count; i++)
                Parts.Write(parts[i]);
            json.EndArray();
        }
        WriteSpeaker(message);
        json.EndObject();
    }

    private string? SingleText(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            // What goes back with the text needs the form that has room for it.
            if (parts[i] is TextPart text)
                return Parts.IsOwn(text.WireData) ? null : text.Text;
        }
        return null;
    }

    private void WriteAssistant(Message message, bool isInToolTurn)
    {
        var parts = message.Parts;
        bool hasText = false;
        bool hasCalls = false;
        bool hasRefusal = false;
        bool hasReasoning = false;
        for (int i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case TextPart text:
                    hasText |= text.Text is not "";
                    break;
                case ToolCallPart:
                    hasCalls = true;
                    break;
                case RefusalPart:
                    hasRefusal = true;
                    break;
                case ReasoningPart reasoning:
                    hasReasoning |= reasoning.Text is not "";
                    break;
                case OpaquePart:
                    break;
                case ImagePart or FilePart:
                    // The wire has no place for what the model itself drew or recorded.
                    wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], "a message of the model");
                    break;
            }
        }
        json.StartObject();
        json.WriteMember("role"u8, "assistant"u8);
        json.WriteName("content"u8);
        bool isOwn = HasContentOfItsOwn(parts);
        if (isOwn)
        {
            WriteContentOfItsOwn(parts);
        }
        else if (!hasText && (hasCalls || hasRefusal))
        {
            json.WriteNull();
        }
        else
        {
            json.StartText();
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is TextPart text)
                    json.AppendText(text.Text, ContentPlace);
            }
            json.EndText();
        }
        if (hasRefusal)
        {
            json.WriteName("refusal"u8);
            json.StartText();
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is RefusalPart refusal)
                    json.AppendText(refusal.Text, "messages[].refusal");
            }
            json.EndText();
        }
        if (hasReasoning && !isOwn && dialect.ReasoningName is { } name && (isInToolTurn || !dialect.ReturnsReasoningInToolTurnsOnly))
        {
            json.WriteName(name, "messages[].reasoning");
            json.StartText();
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is ReasoningPart reasoning)
                    json.AppendText(reasoning.Text, "messages[].reasoning");
            }
            json.EndText();
        }
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart or ImagePart or FilePart)
                continue;
            if (TryReadContent(parts[i].WireData, out _, out int end))
                json.WriteMembers(RawJson.FromChecked(Rest(parts[i].WireData!.Json, end)));
            else
                Parts.WriteOwn(parts[i].WireData, parts[i] is ReasoningPart ? "messages[].reasoning" : ContentPlace);
        }
        if (hasCalls)
        {
            json.WriteName("tool_calls"u8);
            json.StartArray();
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is ToolCallPart call)
                    WriteCall(call);
            }
            json.EndArray();
        }
        WriteSpeaker(message);
        json.EndObject();
    }

    private void WriteCall(ToolCallPart part)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.Throw("A function call of the request is null.");
        json.StartObject();
        Ids.Write("id"u8, call.Id);
        if (Parts.IsOwn(part.WireData) && part.WireData.Json.Utf8.SequenceEqual("{\"type\":\"custom\"}"u8))
        {
            json.WriteMember("type"u8, "custom"u8);
            json.WriteName("custom"u8);
            json.StartObject();
            WriteName(call.Name, "messages[].tool_calls[].custom.name");
            json.WriteMember("input"u8, call.Arguments ?? "", "messages[].tool_calls[].custom.input");
            json.EndObject();
            json.EndObject();
            return;
        }
        json.WriteMember("type"u8, "function"u8);
        json.WriteName("function"u8);
        json.StartObject();
        WriteName(call.Name, "messages[].tool_calls[].function.name");
        WriteArguments(call.Arguments);
        json.EndObject();
        Parts.WriteOwn(part.WireData, "messages[].tool_calls[]");
        json.EndObject();
    }

    private void WriteName(string name, string place) => json.WriteMember("name"u8, _names.Of(name, place), place);

    // Servers read them for the model's template, and refuse the conversation where they are no object: vLLM, llama.cpp, DeepSeek (2025, 2026).
    private void WriteArguments(string arguments)
    {
        const string Place = "messages[].tool_calls[].function.arguments";
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

    private void WriteTool(Message message, IReadOnlyList<Message> messages, int position)
    {
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is ToolResultPart result)
                WriteResult(result, messages, position);
            else
                RequestErrors.ThrowPart(message.Parts[i], "a message of the role Tool, which holds results of functions");
        }
    }

    private void WriteResult(ToolResultPart result, IReadOnlyList<Message> messages, int position)
    {
        if (result.Content is null)
            RequestErrors.Throw("The content of a function's result is null.");
        json.StartObject();
        json.WriteMember("role"u8, "tool"u8);
        Ids.Write("tool_call_id"u8, result.CallId);
        if (dialect.SendsToolResultName && (result.Name ?? FindName(messages, position, result.CallId)) is { } name)
            WriteName(name, "messages[].name");
        json.WriteName("content"u8);
        json.StartText();
        for (int i = 0; i < result.Content.Count; i++)
        {
            switch (result.Content[i])
            {
                case TextPart text:
                    json.AppendText(text.Text, ContentPlace);
                    break;
                case ImagePart or FilePart:
                    RequestErrors.Throw("The result of a function holds an image or a file, and on this wire a result is text. Say so in the result's text, and give the image or file in a message of the user after all results.");
                    break;
                case OpaquePart opaque when !Parts.IsOwn(opaque.WireData):
                    wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPart(result.Content[i], "the result of a function");
                    break;
            }
        }
        json.EndText();
        Parts.WriteOwn(result.WireData, "messages[]");
        json.EndObject();
    }

    private string? FindName(IReadOnlyList<Message> messages, int position, string callId)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: Role.Assistant, Parts: { } parts })
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is not ToolCallPart { Call: { } call } || call.Id != callId)
                    continue;
                if (i < position)
                    wire.Written?.Depend();
                else
                    wire.Written?.Spoil();
                return call.Name;
            }
        }
        // A message to come may name it.
        wire.Written?.Spoil();
        return null;
    }

    private void WriteSpeaker(Message message)
    {
        if (message.Name is not { } name)
            return;
        if (dialect.TakesMessageNames)
            json.WriteMember("name"u8, name, "messages[].name");
        else
            wire.Note(QuirkKind.LeftOut, "messages[].name");
    }

    private bool HasContentOfItsOwn(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not ToolCallPart && TryReadContent(parts[i].WireData, out _, out _))
                return true;
        }
        return false;
    }

    // As it came: a list of the signed thoughts and the text.
    private void WriteContentOfItsOwn(IReadOnlyList<Part> parts)
    {
        json.StartArray();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is TextPart { Text: not "" } text)
            {
                json.StartObject();
                json.WriteMember("type"u8, "text"u8);
                json.WriteMember("text"u8, text.Text, ContentPlace);
                json.EndObject();
            }
            else if (parts[i] is not ToolCallPart && TryReadContent(parts[i].WireData, out var content, out _))
            {
                json.WriteRaw(content);
            }
        }
        json.EndArray();
    }

    // Databricks (2025): {"content":[{…}]}, with the one part of the thoughts (ReturnedThoughts.ToJson), and perhaps other members behind.
    private bool TryReadContent(WireData? data, out ReadOnlySpan<byte> part, out int end)
    {
        part = default;
        end = 0;
        if (!Parts.IsOwn(data))
            return false;
        var reader = new Utf8JsonReader(data.Json.Utf8, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !WireJson.Is(ref reader, "content"u8)
            || !reader.Read() || reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }
        part = WireJson.SkipRaw(ref reader, data.Json.Utf8);
        reader.Read();
        end = (int)reader.BytesConsumed;
        return true;
    }

    // The object without the first of its members.
    private static byte[] Rest(RawJson json, int end) => [(byte)'{', .. json.Utf8[end..].TrimStart(" \t\r\n,"u8)];
}
