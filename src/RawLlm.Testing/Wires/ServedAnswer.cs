namespace RawLlm.Testing;

/// <summary>A scripted answer to one request.</summary>
/// <param name="Script">The scripted answer.</param>
/// <param name="Id">The ID of the answer.</param>
/// <param name="Model">The reported model.</param>
/// <param name="LeavesOutIndexes">Whether to omit the indexes that distinguish streamed parts.</param>
internal sealed record ServedAnswer(ScriptedAnswer Script, string Id, string Model, bool LeavesOutIndexes)
{
    /// <summary>The index of this choice.</summary>
    public int Index { get; init; }

    /// <summary>This choice and the others.</summary>
    public IEnumerable<ServedAnswer> Choices =>
        Script.OtherChoices.Select((other, i) => this with { Script = other, Index = i + 1 }).Prepend(this);

    public IReadOnlyList<Part> Parts => Script.Parts;

    /// <summary>Returns the citations of a part.</summary>
    public IReadOnlyList<Citation> CitationsOf(Part part) =>
        ReferenceEquals(part, Parts.LastOrDefault(static part => part is TextPart)) ? Script.Citations : [];

    public Usage? Usage => Script.Usage;

    /// <summary>Why the answer ends.</summary>
    public StopReason Stop => Script.StopReason ?? (HasCalls ? StopReason.ToolUse : StopReason.EndTurn);

    public bool HasCalls
    {
        get
        {
            foreach (var part in Parts)
            {
                if (part is ToolCallPart)
                    return true;
            }
            return false;
        }
    }

    /// <summary>All reasoning, for wires that have one place for it.</summary>
    public string Thoughts => Join<ReasoningPart>(static part => part.Text);

    /// <summary>All text, for wires that have one place for it.</summary>
    public string Text => Join<TextPart>(static part => part.Text);

    /// <summary>All text of the refusal, for wires that have one place for it.</summary>
    public string Refusal => Join<RefusalPart>(static part => part.Text);

    public IEnumerable<ToolCall> Calls => Parts.OfType<ToolCallPart>().Select(part => part.Call);

    /// <summary>Returns the stop reason on the wire: the script's own if it specifies one, otherwise the usual one.</summary>
    public string StopWordOr(string usual) => Script.RawStopReason ?? usual;

    /// <summary>Returns the total of the usage: the scripted one, otherwise the sum of the counts; null if there is no usage.</summary>
    public long? Total(long? more = 0) =>
        Usage is { } usage ? usage.TotalTokens ?? (usage.InputTokens ?? 0) + (usage.OutputTokens ?? 0) + (more ?? 0) : null;

    /// <exception cref="InvalidOperationException">The answer contains a refusal text.</exception>
    public void ForbidRefusal(string wire)
    {
        if (Refusal.Length > 0)
        {
            throw new InvalidOperationException(
                $"{wire} has no separate part for a refusal. Script its text as text, with StopReason.Refusal."
            );
        }
    }

    private string Join<T>(Func<T, string> text)
        where T : Part => string.Concat(Parts.OfType<T>().Select(text));
}
