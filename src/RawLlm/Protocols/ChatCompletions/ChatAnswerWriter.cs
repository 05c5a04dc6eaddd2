namespace RawLlm.Protocols;

/// <summary>Writes a message of the model for chat completions.</summary>
internal readonly struct ChatAnswerWriter(
    ChatCompletionsProtocol dialect,
    JsonWriter json,
    ReturnedReasoning reasoning,
    ChatCallWriter calls
)
{
    private const string ContentPlace = "messages[].content";
    private const string RefusalPlace = "messages[].refusal";
    private const string ReasoningPlace = "messages[].reasoning";

    private ChatOwnData Own => new(dialect, json);

    private ChatGeneratedMedia Made => new(dialect, json);

    // If the service rejects or ignores the member, the refusal is sent as text.
    private bool SupportsRefusals => dialect.AcceptsUnknownMembers && dialect.AcceptsEmptyAnswers;

    /// <summary>Writes the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isInToolTurn">Whether the message comes after the user's last question.</param>
    public void Write(Message message, bool isInToolTurn)
    {
        var parts = message.Parts;
        var sound = Made.FindAudio(parts, out int audioIndex);
        Inspect(parts, audioIndex, out bool hasText, out bool hasRefusal, out bool hasThoughts, out bool hasCalls, out bool hasImages);
        json.StartObject();
        json.WriteMember("role"u8, "assistant"u8);
        json.WriteName("content"u8);
        bool isList = Own.HasContent(parts);
        if (isList)
            Own.WriteContent(parts, ContentPlace);
        else if (!hasText && (hasRefusal ? SupportsRefusals : hasCalls || !sound.IsEmpty) && dialect.AcceptsNullContent)
            json.WriteNull();
        else
            WriteText(parts, audioIndex);
        if (hasRefusal)
            WriteRefusal(parts);
        if (!isList && (isInToolTurn || !dialect.ReturnsReasoningInToolTurnsOnly) && (hasCalls || !reasoning.WithCallsOnly))
            WriteReasoning(parts, hasThoughts);
        if (reasoning.Name is null && hasThoughts && hasCalls && !HasOwnData(parts))
            json.Wire.Note(QuirkKind.LeftOut, ReasoningPlace);
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not (ToolCallPart or ImagePart or FilePart))
                Own.WriteBesideContent(parts[i].WireData, parts[i] is ReasoningPart ? ReasoningPlace : ContentPlace);
        }
        if (!sound.IsEmpty)
            Made.WriteAudio(sound);
        if (hasImages)
            Made.WriteImages(parts);
        if (hasCalls)
            calls.Write(parts);
        new MessageNameWriter(dialect, json).Write(message);
        json.EndObject();
    }

    private void Inspect(
        IReadOnlyList<Part> parts,
        int audioIndex,
        out bool hasText,
        out bool hasRefusal,
        out bool hasThoughts,
        out bool hasCalls,
        out bool hasImages
    )
    {
        hasText = hasRefusal = hasThoughts = hasCalls = hasImages = false;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is { } marked)
                new ChatCacheMarks(dialect, json).LeaveOut(marked);
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
                case ReasoningPart thought:
                    hasThoughts |= thought.Text is not "";
                    break;
                case OpaquePart:
                    break;
                case ImagePart image when Made.Is(image):
                    hasImages = true;
                    break;
                case FilePart when i == audioIndex:
                    // The service has the audio already, under its ID.
                    break;
                case FilePart { Transcript.Length: > 0 }:
                    json.Wire.Note(QuirkKind.Adapted, ContentPlace);
                    hasText = true;
                    break;
                case ImagePart or FilePart:
                    // The wire has no place for images or audio from another service's model.
                    json.Wire.Note(QuirkKind.LeftOut, ContentPlace);
                    break;
                default:
                    RequestErrors.ThrowPart(parts[i], Role.Assistant);
                    break;
            }
        }
    }

    private void WriteText(IReadOnlyList<Part> parts, int audioIndex)
    {
        json.StartText();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is TextPart text)
                json.AppendText(text.Text, ContentPlace);
            else if (parts[i] is RefusalPart refusal && !SupportsRefusals)
                json.AppendText(refusal.Text, ContentPlace);
            else if (parts[i] is FilePart { Transcript: { } transcript } && i != audioIndex)
                json.AppendText(transcript, ContentPlace);
        }
        json.EndText();
    }

    private void WriteRefusal(IReadOnlyList<Part> parts)
    {
        if (!SupportsRefusals)
        {
            json.Wire.Note(QuirkKind.Adapted, RefusalPlace);
            return;
        }
        json.WriteName("refusal"u8);
        json.StartText();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is RefusalPart refusal)
                json.AppendText(refusal.Text, RefusalPlace);
        }
        json.EndText();
    }

    private void WriteReasoning(IReadOnlyList<Part> parts, bool hasThoughts)
    {
        if (reasoning.Name is not { } name || (!hasThoughts && (reasoning.Missing is null || IsBeginning(parts))))
            return;
        json.WriteName(name, ReasoningPlace);
        json.StartText();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ReasoningPart thought)
                json.AppendText(thought.Text, ReasoningPlace);
        }
        if (!hasThoughts && reasoning.Missing is { Length: > 0 } missing)
        {
            json.Wire.Note(QuirkKind.Adapted, ReasoningPlace);
            json.AppendText(missing, ReasoningPlace);
        }
        json.EndText();
    }

    // Own data contains the reasoning as well, or its signature.
    private bool HasOwnData(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (Own.Is(parts[i].WireData))
                return true;
        }
        return false;
    }

    // Beside the beginning of an answer, the member would be the beginning of its reasoning (DeepSeek's beta).
    private bool IsBeginning(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (Own.IsBeginning(parts[i].WireData))
                return true;
        }
        return false;
    }
}
