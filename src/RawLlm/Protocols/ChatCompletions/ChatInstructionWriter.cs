namespace RawLlm.Protocols;

/// <summary>Writes instructions as chat completions messages.</summary>
internal readonly struct ChatInstructionWriter(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private const string Place = "messages[].content";

    private ChatCacheMarks Marks => new(dialect, json);

    /// <summary>Writes a message that contains only a text.</summary>
    public void Write(string text)
    {
        Start();
        json.WriteText(text, Place);
        json.EndObject();
    }

    /// <summary>Writes a message of the conversation.</summary>
    public void Write(Message message)
    {
        var parts = message.Parts;
        bool isMarked = Marks.AreIn(parts);
        Start();
        StartContent(isMarked);
        for (int i = 0; i < parts.Count; i++)
            WriteText(TextOf(parts[i]), isMarked);
        EndContent(isMarked);
        new MessageNameWriter(dialect, json).Write(message);
        json.EndObject();
    }

    /// <summary>Writes the instructions that are sent as one message, with a blank line between them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="instructions">Which instructions to join.</param>
    public void WriteJoined(ChatRequest request, ChatInstructions instructions)
    {
        var messages = request.Messages;
        bool isMarked = false;
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { } message || !instructions.Includes(message, i))
                continue;
            if (message.Parts is null)
                RequestErrors.ThrowNoMessage();
            isMarked |= Marks.AreIn(message.Parts);
            if (instructions.IsMoved(i))
                json.Wire.Note(QuirkKind.Adapted, "messages[].role");
            if (message.Name is not null)
                json.Wire.Note(QuirkKind.LeftOut, "messages[].name");
        }
        Start();
        StartContent(isMarked);
        bool isFirst = true;
        if (!string.IsNullOrEmpty(request.System))
            WriteNext(new TextPart(request.System), isMarked, ref isFirst, isNext: true);
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { } message || !instructions.Includes(message, i))
                continue;
            bool isNext = true;
            for (int j = 0; j < message.Parts.Count; j++)
                isNext = !WriteNext(TextOf(message.Parts[j]), isMarked, ref isFirst, isNext) && isNext;
        }
        // Services without schema support refuse to write JSON unless the prompt contains the word.
        if (instructions.IncludesSchema)
        {
            WriteNext(
                new TextPart("Answer with one JSON object and nothing else. It must fit this JSON schema:\n" + request.Format!.Schema),
                isMarked,
                ref isFirst,
                isNext: true
            );
        }

        EndContent(isMarked);
        json.EndObject();
    }

    private void Start()
    {
        json.StartObject();
        json.WriteMember("role"u8, dialect.SystemRole, "messages[].role");
        json.WriteName("content"u8);
    }

    private void StartContent(bool isMarked)
    {
        if (isMarked)
            json.StartArray();
        else
            json.StartText();
    }

    private void EndContent(bool isMarked)
    {
        if (isMarked)
            json.EndArray();
        else
            json.EndText();
    }

    private static TextPart TextOf(Part part)
    {
        if (part is TextPart text)
            return text;
        RequestErrors.ThrowPart(part, Role.System);
        return null;
    }

    // Returns whether it wrote anything: an empty text needs no blank line before it.
    private bool WriteNext(TextPart text, bool isMarked, ref bool isFirst, bool isNext)
    {
        if (text.Text is "")
        {
            Marks.LeaveOut(text);
            return false;
        }
        if (isNext && !isFirst && !isMarked)
            json.AppendText("\n\n", Place);
        isFirst = false;
        WriteText(text, isMarked);
        return true;
    }

    private void WriteText(TextPart text, bool isMarked)
    {
        if (isMarked)
        {
            new ChatPartWriter(dialect, json).Write(text);
            return;
        }
        json.AppendText(text.Text, Place);
        Marks.LeaveOut(text);
    }
}
