namespace RawLlm.Protocols;

/// <summary>The members of one choice in one body. Any of them may be missing, and they arrive in any order.</summary>
internal ref struct ChoiceFields
{
    /// <summary>The index; -1 if there is none.</summary>
    public int Index;

    public bool HasDelta;
    public MessageParts Delta;

    /// <summary>A whole message, instead of a delta or beside one.</summary>
    public ReadOnlySpan<byte> Message;

    public JsonText Finish;

    /// <summary>The finish reason of the service behind a gateway.</summary>
    public JsonText Native;

    /// <summary>The stop sequence that ended the choice.</summary>
    public JsonText StopSequence;

    /// <summary>The text of plain completions.</summary>
    public JsonText Text;

    public ReadOnlySpan<byte> LogProbs;

    /// <summary>Sets a missing index to 0, and one that another choice has to a free one.</summary>
    public void SettleIndex(int free, EventBuffer events)
    {
        if (Index >= 0 && Index == free)
            return;
        // Copilot (2025) sends the text and the tool calls of one answer as two choices without an index.
        Index = Math.Max(0, free);
        events.Note(QuirkKind.ChoiceIndexMissing, "choices[].index");
    }

    /// <summary>Drops a value that is not a finish reason.</summary>
    // Absent, null and "" all mean that the answer has not ended. So does null as a text.
    public void SettleFinish(EventBuffer events)
    {
        if (!Finish.Raw.SequenceEqual("null"u8))
            return;
        Finish = default;
        events.Note(QuirkKind.UnexpectedType, "choices[].finish_reason");
    }
}
