using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a conversation as the <c>messages</c> of chat completions.</summary>
internal sealed class ChatMessageWriter(ChatCompletionsProtocol dialect, JsonWriter json, WireRequest wire)
{
    private const string ContentPlace = "messages[].content";

    // What a message's bytes depend on beside itself (KeptPlace.Variant).
    private const int InToolTurn = 1;
    private const int BehindResults = 2;
    private const int EndsResults = 4;

    private ReturnedReasoning _reasoning;
    private CallNames _names;
    private ChatInstructions _instructions;
    private string? _callSignature;

    private ChatPartWriter Parts => new(dialect, json, wire);

    private ChatCallIds Ids => new(dialect, json, wire);

    // Where the member is refused, or counts for nothing, it is the text.
    private bool TakesRefusals => dialect.TakesUnknownMembers && dialect.TakesEmptyAnswers;

    /// <summary>Writes the array.</summary>
    public void Write(ChatRequest request)
    {
        var messages = request.Messages;
        _names = new CallNames(request.Tools, wire);
        _reasoning = ReturnedReasoning.Of(dialect, request.Model);
        _callSignature = WantsSignedCalls(request.Model) ? dialect.ForeignCallSignature : null;
        int lastQuestion = dialect is { ReasoningName: not null, ReturnsReasoningInToolTurnsOnly: true } ? LastQuestion(messages) : -1;
        json.StartArray();
        bool isTold = request.Format is { Kind: ReplyFormatKind.JsonSchema } && !dialect.TakesJsonSchema;
        _instructions = ChatInstructions.Of(dialect, request, isTold);
        // They depend on the format and on all messages, so they are written before anything is kept.
        if (_instructions.AreJoined)
            WriteInstructions(request, isTold ? request.Format!.Schema : default(RawJson?));
        var kept = json.Keep(KeptList.Messages);
        if (!_instructions.AreJoined && !string.IsNullOrEmpty(request.System) && !kept.Covers(request.System, 0))
        {
            json.StartObject();
            json.WriteMember("role"u8, dialect.SystemRole, "messages[].role");
            json.WriteMember("content"u8, request.System, ContentPlace);
            json.EndObject();
            kept.Close();
        }
        bool isBehindResults = false;
        int firstResults = -1;
        bool hasMedia = false;
        for (int i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message?.Parts is null)
                RequestErrors.Throw("A message of the request, or its list of parts, is null.");
            if (_instructions.Hold(message, i))
                continue;
            var holds = Look(message);
            if ((holds & MessageHolding.Results) != 0)
            {
                firstResults = firstResults < 0 ? i : firstResults;
                hasMedia |= HasMedia(message.Parts);
            }
            // Pictures of results follow behind the last of them.
            bool endsResults = hasMedia && ((holds & MessageHolding.Else) != 0 || !GoOnInResults(messages, i + 1));
            int variant = (i > lastQuestion ? InToolTurn : 0) | (isBehindResults ? BehindResults : 0) | (endsResults ? EndsResults : 0);
            int end = dialect.TakesRepeatedRoles ? i + 1 : EndOfTurn(messages, i);
            if (!kept.Covers(messages, i, end, variant))
            {
                if (end > i + 1)
                    message = Join(messages, i, end);
                switch (message.Role)
                {
                    case Role.System:
                        WriteBridge(variant);
                        WriteSystem(message);
                        break;
                    case Role.User:
                        WriteUser(message, messages, i, firstResults, variant);
                        break;
                    case Role.Assistant when IsLeftOut(message):
                        wire.Note(QuirkKind.LeftOut, "messages[]");
                        break;
                    case Role.Assistant:
                        WriteAssistant(message, i > lastQuestion);
                        break;
                    case Role.Tool:
                        WriteTool(message, messages, i);
                        if (endsResults)
                            WriteMedia(messages, firstResults, i);
                        break;
                    default:
                        RequestErrors.Throw($"The role {message.Role} is not known.");
                        break;
                }
                kept.Close();
            }
            if (holds != MessageHolding.Nothing)
                isBehindResults = holds == MessageHolding.Results && !endsResults && !dialect.TakesQuestionBehindResults;
            if ((holds & MessageHolding.Else) != 0 || endsResults)
                (firstResults, hasMedia) = (-1, false);
            i = end - 1;
        }
        kept.Finish();
        json.EndArray();
    }

    // Results are messages of their own, and are joined with nothing.
    private int EndOfTurn(IReadOnlyList<Message> messages, int start)
    {
        int end = start + 1;
        if (Look(messages[start]) != MessageHolding.Else || messages[start].Role == Role.System)
            return end;
        for (int i = end; i < messages.Count && messages[i] is { Parts: not null } next; i++)
        {
            if (_instructions.Hold(next, i) || next.Role == Role.Assistant && IsLeftOut(next))
                continue;
            if (next.Role != messages[start].Role || Look(next) != MessageHolding.Else)
                break;
            end = i + 1;
        }
        return end;
    }

    private Message Join(IReadOnlyList<Message> messages, int start, int end)
    {
        var parts = new List<Part>();
        bool isText = true;
        bool hasText = false;
        string? name = messages[start].Name;
        for (int i = start; i < end; i++)
        {
            var message = messages[i];
            if (_instructions.Hold(message, i))
                continue;
            if (message.Role == Role.Assistant && IsLeftOut(message))
            {
                wire.Note(QuirkKind.LeftOut, "messages[]");
                continue;
            }
            if (message.Name != name)
                wire.Note(QuirkKind.LeftOut, "messages[].name");
            name = message.Name == name ? name : null;
            bool isNext = true;
            for (int j = 0; j < message.Parts.Count; j++)
            {
                var part = message.Parts[j];
                isText &= part is TextPart { WireData: null, Cache: null };
                if (part is TextPart { Text.Length: > 0 })
                {
                    if (isNext && hasText)
                        parts.Add(new TextPart("\n\n"));
                    (isNext, hasText) = (false, true);
                }
                parts.Add(part);
            }
        }
        if (isText)
            parts = [new TextPart(string.Concat(parts.ConvertAll(static part => ((TextPart)part).Text)))];
        return new Message(messages[start].Role, parts) { Name = name };
    }

    private bool GoOnInResults(IReadOnlyList<Message> messages, int position)
    {
        while (position < messages.Count)
        {
            var holds = messages[position] is { } message && _instructions.Hold(message, position) ? MessageHolding.Nothing : Look(messages[position]);
            if (holds != MessageHolding.Nothing)
                return (holds & MessageHolding.Results) != 0;
            position++;
        }
        return false;
    }

    private MessageHolding Look(Message? message)
    {
        if (message?.Parts is not { } parts)
            return MessageHolding.Nothing;
        if (message.Role is not (Role.User or Role.Tool))
            return message.Role == Role.Assistant && IsLeftOut(message) ? MessageHolding.Nothing : MessageHolding.Else;
        var holds = message.Role == Role.User && parts.Count == 0 ? MessageHolding.Else : MessageHolding.Nothing;
        for (int i = 0; i < parts.Count; i++)
            holds |= parts[i] is ToolResultPart ? MessageHolding.Results : MessageHolding.Else;
        return holds;
    }

    private bool IsLeftOut(Message message)
    {
        if (dialect.TakesEmptyAnswers)
            return false;
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is ToolCallPart or TextPart { Text: not "" } or RefusalPart { Text: not "" })
                return false;
            if (message.Parts[i] is null or ToolResultPart || TryReadContent(message.Parts[i].WireData, out _, out _))
                return false;
        }
        return true;
    }

    private void WriteInstructions(ChatRequest request, RawJson? schema)
    {
        var messages = request.Messages;
        bool isMarked = false;
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { } message || !_instructions.Hold(message, i))
                continue;
            if (message.Parts is null)
                RequestErrors.Throw("A message of the request, or its list of parts, is null.");
            isMarked |= dialect.TakesCacheMarks && HasMark(message.Parts);
            if (_instructions.Move(i))
                wire.Note(QuirkKind.Adapted, "messages[].role");
            if (message.Name is not null)
                wire.Note(QuirkKind.LeftOut, "messages[].name");
        }
        json.StartObject();
        json.WriteMember("role"u8, dialect.SystemRole, "messages[].role");
        json.WriteName("content"u8);
        if (isMarked)
            json.StartArray();
        else
            json.StartText();
        bool isFirst = true;
        if (!string.IsNullOrEmpty(request.System))
            WriteInstruction(new TextPart(request.System), isMarked, ref isFirst, isNext: true);
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { } message || !_instructions.Hold(message, i))
                continue;
            bool isNext = true;
            for (int j = 0; j < message.Parts.Count; j++)
            {
                if (message.Parts[j] is not TextPart text)
                {
                    RequestErrors.ThrowPart(message.Parts[j], "a system message");
                    return;
                }
                isNext = !WriteInstruction(text, isMarked, ref isFirst, isNext) && isNext;
            }
        }
        // The services that take no schema refuse to write JSON unless the prompt holds the word.
        if (schema is { } told)
            WriteInstruction(new TextPart("Answer with one JSON object and nothing else. It must fit this JSON schema:\n" + told), isMarked, ref isFirst, isNext: true);
        if (isMarked)
            json.EndArray();
        else
            json.EndText();
        json.EndObject();
    }

    // Gives whether it wrote anything: an empty text needs no blank line before it.
    private bool WriteInstruction(TextPart text, bool isMarked, ref bool isFirst, bool isNext)
    {
        if (text.Text is "")
        {
            LeaveMarkOut(text);
            return false;
        }
        if (isMarked)
        {
            Parts.Write(text);
            return true;
        }
        if (isNext && !isFirst)
            json.AppendText("\n\n", ContentPlace);
        isFirst = false;
        json.AppendText(text.Text, ContentPlace);
        LeaveMarkOut(text);
        return true;
    }

    // "Unexpected role 'user' after role 'tool'" (Mistral, code 3230).
    private void WriteBridge(int variant)
    {
        if ((variant & BehindResults) == 0)
            return;
        wire.Note(QuirkKind.Adapted, "messages[]");
        json.StartObject();
        json.WriteMember("role"u8, "assistant"u8);
        json.WriteMember("content"u8, "OK."u8);
        json.EndObject();
    }

    private static bool HasMedia(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolResultPart { Content: { } content } && HasMediaIn(content))
                return true;
        }
        return false;
    }

    private static bool HasMediaIn(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is ImagePart or FilePart)
                return true;
        }
        return false;
    }

    // A result is text on this wire: what else it holds the user gives, behind all results.
    private void WriteMedia(IReadOnlyList<Message> messages, int first, int last)
    {
        // It depends on the messages of the other results too.
        wire.Written?.Spoil();
        wire.Note(QuirkKind.Adapted, ContentPlace);
        if (!dialect.TakesQuestionBehindResults)
            WriteBridge(BehindResults);
        json.StartObject();
        json.WriteMember("role"u8, "user"u8);
        json.WriteName("content"u8);
        json.StartArray();
        for (int i = first; i <= last; i++)
        {
            if (messages[i]?.Parts is not { } parts)
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is ToolResultPart result)
                    WriteMedia(result);
            }
        }
        json.EndArray();
        json.EndObject();
    }

    private void WriteMedia(ToolResultPart result)
    {
        bool isFirst = true;
        for (int i = 0; i < result.Content.Count; i++)
        {
            if (result.Content[i] is not (ImagePart or FilePart))
                continue;
            if (isFirst)
            {
                json.StartObject();
                json.WriteMember("type"u8, "text"u8);
                json.WriteName("text"u8);
                json.StartText();
                json.Append("Of the result of the call "u8);
                Ids.Append(result.CallId);
                json.Append(":"u8);
                json.EndText();
                json.EndObject();
                isFirst = false;
            }
            if (result.Content[i] is FilePart { Url: not null } && !dialect.TakesFileUrls && !dialect.SendsDocumentUrls)
                wire.Note(QuirkKind.LeftOut, ContentPlace);
            else
                Parts.Write(result.Content[i]);
        }
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
        bool isMarked = dialect.TakesCacheMarks && HasMark(message.Parts);
        if (isMarked)
            json.StartArray();
        else
            json.StartText();
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is not TextPart text)
            {
                RequestErrors.ThrowPart(message.Parts[i], "a system message");
                return;
            }
            if (isMarked)
            {
                Parts.Write(text);
                continue;
            }
            json.AppendText(text.Text, ContentPlace);
            LeaveMarkOut(text);
        }
        if (isMarked)
            json.EndArray();
        else
            json.EndText();
        WriteSpeaker(message);
        json.EndObject();
    }

    // Results of functions are messages of their own on this wire, and must follow the calls at once.
    private void WriteUser(Message message, IReadOnlyList<Message> messages, int position, int firstResults, int variant)
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
        if ((variant & EndsResults) != 0)
            WriteMedia(messages, firstResults, position);
        else if (results < parts.Count || parts.Count == 0)
            WriteBridge(results > 0 && !dialect.TakesQuestionBehindResults ? BehindResults : variant);
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
            json.WriteText(text.Text, ContentPlace);
            LeaveMarkOut(text);
        }
        else if (!dialect.TakesTextParts && HasTextAlone(parts))
        {
            WriteJoinedText(parts);
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

    private TextPart? SingleText(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            // What goes back with the text, and a mark, need the form that has room for it.
            if (parts[i] is TextPart text)
                return Parts.IsOfService(text.WireData) || text.Cache is not null && dialect.TakesCacheMarks ? null : text;
        }
        return null;
    }

    private static bool HasTextAlone(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not (ToolResultPart or TextPart { WireData: null }))
                return false;
        }
        return true;
    }

    private void WriteJoinedText(IReadOnlyList<Part> parts)
    {
        wire.Note(QuirkKind.Adapted, ContentPlace);
        json.StartText();
        bool isFirst = true;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not TextPart text)
                continue;
            if (!isFirst)
                json.AppendText("\n", ContentPlace);
            isFirst = false;
            json.AppendText(text.Text, ContentPlace);
            LeaveMarkOut(text);
        }
        json.EndText();
    }

    private static bool HasMark(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is { Cache: not null })
                return true;
        }
        return false;
    }

    private void LeaveMarkOut(Part part)
    {
        if (part.Cache is not null)
            wire.Note(QuirkKind.LeftOut, "messages[].content[].cache_control");
    }

    // Beside the beginning of an answer the member is the beginning of its thoughts (DeepSeek's beta).
    private bool IsBeginning(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (Parts.IsBeginning(parts[i].WireData))
                return true;
        }
        return false;
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
            if (parts[i] is { } marked)
                LeaveMarkOut(marked);
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
        else if (!hasText && (hasRefusal ? TakesRefusals : hasCalls) && dialect.TakesNullContent)
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
                else if (parts[i] is RefusalPart refusal && !TakesRefusals)
                    json.AppendText(refusal.Text, ContentPlace);
            }
            json.EndText();
        }
        if (hasRefusal && !TakesRefusals)
        {
            wire.Note(QuirkKind.Adapted, "messages[].refusal");
        }
        else if (hasRefusal)
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
        if (_reasoning.Name is { } name && !isOwn && (isInToolTurn || !dialect.ReturnsReasoningInToolTurnsOnly) && (hasCalls || !_reasoning.WithCallsOnly) && (hasReasoning || _reasoning.Missing is not null && !IsBeginning(parts)))
        {
            json.WriteName(name, "messages[].reasoning");
            json.StartText();
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is ReasoningPart reasoning)
                    json.AppendText(reasoning.Text, "messages[].reasoning");
            }
            if (!hasReasoning && _reasoning.Missing is { Length: > 0 } missing)
            {
                wire.Note(QuirkKind.Adapted, "messages[].reasoning");
                json.AppendText(missing, "messages[].reasoning");
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
            // Only the first call of a turn has to be signed.
            bool isSigned = _callSignature is null || HasSignedCall(parts);
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is not ToolCallPart call)
                    continue;
                WriteCall(call, !isSigned);
                isSigned = true;
            }
            json.EndArray();
        }
        WriteSpeaker(message);
        json.EndObject();
    }

    private bool HasSignedCall(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart { WireData: { } data } && Parts.IsOwn(data) && data.Json.Utf8.IndexOf("\"extra_content\""u8) >= 0)
                return true;
        }
        return false;
    }

    // All but 1 and 2, and what is named after none, such as gemini-flash-latest.
    private static bool WantsSignedCalls(string? model)
    {
        if (model is null)
            return false;
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        return name.StartsWith("gemini-", StringComparison.OrdinalIgnoreCase) && name["gemini-".Length..] is not (['1' or '2'] or ['1' or '2', '.' or '-', ..]);
    }

    private void WriteCall(ToolCallPart part, bool signs)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.Throw("A function call of the request is null.");
        json.StartObject();
        Ids.Write("id"u8, call.Id);
        if (Parts.IsCustomCall(part.WireData))
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
        if (signs)
            WriteSignature(_callSignature!);
        json.EndObject();
    }

    private void WriteSignature(string signature)
    {
        wire.Note(QuirkKind.Adapted, "messages[].tool_calls[].extra_content");
        json.WriteName("extra_content"u8);
        json.StartObject();
        json.WriteName("google"u8);
        json.StartObject();
        json.WriteMember("thought_signature"u8, signature, "messages[].tool_calls[].extra_content");
        json.EndObject();
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
        bool isEmpty = true;
        for (int i = 0; i < result.Content.Count; i++)
        {
            isEmpty &= result.Content[i] is not TextPart { Text: not "" };
            switch (result.Content[i])
            {
                case TextPart text:
                    json.AppendText(text.Text, ContentPlace);
                    break;
                case ImagePart or FilePart:
                    // It follows behind all results.
                    break;
                case OpaquePart opaque when !Parts.IsOfService(opaque.WireData):
                    wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPart(result.Content[i], "the result of a function");
                    break;
            }
        }
        if (isEmpty && HasMediaIn(result.Content))
            json.Append("It follows behind the results."u8);
        json.EndText();
        LeaveMarkOut(result);
        Parts.WriteGiven(result.WireData, "messages[]");
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
