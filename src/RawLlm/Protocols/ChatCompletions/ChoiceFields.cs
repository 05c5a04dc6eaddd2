namespace RawLlm.Protocols;

/// <summary>What one body says of one choice; every member may be missing, and they come in any order.</summary>
internal ref struct ChoiceFields
{
    /// <summary>-1 when there is none.</summary>
    public int Index;

    public bool HasDelta;
    public MessageParts Delta;

    /// <summary>A whole message, in place of a delta or beside one.</summary>
    public ReadOnlySpan<byte> Message;

    public JsonText Finish;

    /// <summary>Why the service behind a gateway ended the answer.</summary>
    public JsonText Native;

    /// <summary>The text of plain completions.</summary>
    public JsonText Text;

    public ReadOnlySpan<byte> LogProbs;

    /// <summary>Takes 0 for a number that is missing.</summary>
    public void SettleIndex(EventBuffer events)
    {
        if (Index >= 0)
            return;
        // Copilot (2025) sends the words and the calls of one answer as two choices without numbers.
        Index = 0;
        events.Note(QuirkKind.ChoiceIndexMissing, "choices[].index");
    }

    /// <summary>Drops what is no reason for an end.</summary>
    // Absent, null and "" all mean: not finished. So does null as a text.
    public void SettleFinish(EventBuffer events)
    {
        if (!Finish.Raw.SequenceEqual("null"u8))
            return;
        Finish = default;
        events.Note(QuirkKind.UnexpectedType, "choices[].finish_reason");
    }
}
