namespace RawLlm.Protocols;

/// <summary>Writes a conversation as <c>systemInstruction</c> and <c>contents</c>.</summary>
/// <param name="dialect">What the service accepts.</param>
/// <param name="json">Receives the members.</param>
/// <param name="names">The names of tools on the wire.</param>
/// <param name="isOld">Whether the model predates Gemini 3: such models accept calls without signatures, and no images within tool
/// results.</param>
internal sealed class GeminiContentWriter(GeminiProtocol dialect, JsonWriter json, CallNames names, bool isOld)
{
    private const string PartPlace = "contents[].parts[]";

    /// <summary>Whether a content object is open.</summary>
    private bool _isOpen;

    private OwnData Own => new(json, dialect.Name);

    /// <summary>Writes the instructions.</summary>
    public void WriteSystem(ChatRequest request)
    {
        bool hasSystem = false;
        if (!string.IsNullOrEmpty(request.System))
            WriteInstruction(request.System, ref hasSystem);
        var instructions = new Instructions(request.Messages, json.Wire, "contents[].role");
        while (instructions.MoveNext())
            WriteInstruction(instructions.Current.Text, ref hasSystem);
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
        var kept = json.BeginKeptList(KeptList.Messages);
        for (int i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Role == Role.System || message.Parts.Count == 0)
                continue;
            isEmpty = false;
            // The service requires the results of all calls of a turn in one content object.
            int end = ResultOrder.EndOf(messages, i);
            if (kept.TryReuse(messages, i, end))
            {
                i = end - 1;
                continue;
            }
            if (message.Role is Role.Tool or Role.User && HasResult(message.Parts))
            {
                WriteResults(messages, i, end);
                i = end - 1;
                // "[functionResponse, text]" in one content: 400, "Requests ending with a model turn are not supported." (Gemini 3.6,
                // 2026).
                if (message.Role == Role.User && !IsEmpty(message.Parts))
                    WriteContent(message);
            }
            else
            {
                WriteContent(message);
            }
            kept.Close();
        }
        kept.Finish();
        json.EndArray();
        if (isEmpty)
            RequestErrors.ThrowNoMessages();
    }

    private static bool HasResult(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolResultPart)
                return true;
        }
        return false;
    }

    private void WriteResults(IReadOnlyList<Message> messages, int start, int end)
    {
        var results = new GeminiResultWriter(dialect, json, names, nestsMedia: !isOld);
        Open("user"u8);
        for (int i = start; i < end; i++)
        {
            var parts = messages[i].Parts;
            // If a user content follows, the quirk is recorded there.
            if (messages[i].Name is not null && (messages[i].Role == Role.Tool || IsEmpty(parts)))
                json.Wire.Note(QuirkKind.LeftOut, "contents[].name");
        }
        // Without IDs, the service matches results and calls of one name by their position.
        var ordered = ResultOrder.Of(messages, start, end);
        for (int i = 0; i < ordered.Count; i++)
        {
            if (ordered[i] is ToolResultPart result)
                results.Write(result, messages, start);
            else if (messages[start].Role == Role.Tool)
                RequestErrors.ThrowPart(ordered[i], Role.Tool);
        }
        Close();
        if (isOld)
            results.WriteMediaBehind(messages, start, end);
    }

    // The service rejects a content without parts, so an answer of which nothing is left is omitted.
    private void WriteContent(Message message)
    {
        if (message.Role != Role.Assistant)
            Open("user"u8);
        WriteParts(message);
        if (message.Role == Role.User && IsEmpty(message.Parts))
        {
            // "contents.parts must not be empty."
            json.Wire.Note(QuirkKind.Adapted, PartPlace);
            WriteText("(empty)", data: null);
        }
        Close();
    }

    private bool IsEmpty(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            bool isWritten = parts[i] switch
            {
                // Tool results have a content object of their own.
                ToolResultPart => false,
                TextPart { Text: "" } or OpaquePart => Own.Is(parts[i].WireData),
                _ => true,
            };
            if (isWritten)
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
            json.Wire.Note(QuirkKind.LeftOut, "contents[]");
            return;
        }
        _isOpen = false;
        json.EndArray();
        json.EndObject();
    }

    // Only a message of the model may remain without any part.
    private void StartPart()
    {
        if (!_isOpen)
            Open("model"u8);
    }

    private void WriteParts(Message message)
    {
        if (message.Name is not null)
            json.Wire.Note(QuirkKind.LeftOut, "contents[].name");
        bool isSigned = isOld || dialect.ForeignCallSignature is null || HasSignedCall(message.Parts);
        for (int i = 0; i < message.Parts.Count; i++)
            WritePart(message.Parts[i], message.Role, ref isSigned);
    }

    private void WritePart(Part part, Role role, ref bool isSigned)
    {
        switch (part)
        {
            case ToolResultPart when role == Role.User:
                break;
            case not null when role == Role.Tool:
                RequestErrors.ThrowPart(part, Role.Tool);
                break;
            case ToolCallPart call when role == Role.Assistant:
                WriteCall(call, !isSigned);
                // Only the first call of a turn must be signed.
                isSigned = true;
                break;
            case ReasoningPart reasoning when role == Role.Assistant:
                // The wire's own reasoning includes the member that marks it; reasoning of other services would look like text of the
                // answer.
                if (Own.Is(reasoning.WireData))
                    WriteText(reasoning.Text, reasoning.WireData);
                else
                    json.Wire.Note(QuirkKind.LeftOut, PartPlace);
                break;
            case RefusalPart refusal when role == Role.Assistant:
                json.Wire.Note(QuirkKind.Adapted, PartPlace);
                WriteTextIfAny(refusal.Text, refusal.WireData);
                break;
            case TextPart text:
                WriteTextIfAny(text.Text, text.WireData);
                break;
            case ImagePart or FilePart:
                StartPart();
                json.StartObject();
                new GeminiMediaWriter(json).Write(part);
                WriteOwn(part.WireData);
                json.EndObject();
                break;
            case OpaquePart opaque when Own.Is(opaque.WireData):
                StartPart();
                json.WriteRaw(opaque.WireData.Json);
                break;
            case OpaquePart:
                json.Wire.Note(QuirkKind.LeftOut, PartPlace);
                break;
            default:
                RequestErrors.ThrowPart(part, role);
                break;
        }
    }

    // The service rejects an empty text without other data.
    private void WriteTextIfAny(string text, WireData? data)
    {
        if (text is not "" || Own.Is(data))
            WriteText(text, data);
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
        // If the call were omitted, its result would have to be omitted too: the service counts both, and rejects the request if they
        // differ (2025).
        CallArguments.Write(json, call.Arguments, "contents[].parts[].functionCall.args");
        GeminiCallData.WriteMembers(json, GeminiCallData.OfCall(own), skipped: []);
        json.EndObject();
        GeminiCallData.WriteMembers(json, own, skipped: "functionCall"u8);
        if (part.WireData is not null && own.IsEmpty)
            json.Wire.Note(QuirkKind.LeftOut, PartPlace);
        if (signs)
        {
            json.Wire.Note(QuirkKind.Adapted, "contents[].parts[].thoughtSignature");
            json.WriteMember("thoughtSignature"u8, dialect.ForeignCallSignature!, "contents[].parts[].thoughtSignature");
        }
        json.EndObject();
    }

    private void WriteOwn(WireData? data) => Own.WriteMembers(data, PartPlace);

    // Any data on a call marks it as the service's own, but only a signature is sufficient for all calls of the turn.
    private bool HasSignedCall(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart call && Own.Is(call.WireData) && !GeminiCallData.Signature(call.WireData.Json.Utf8).IsEmpty)
                return true;
        }
        return false;
    }
}
