namespace RawLlm.Testing;

/// <summary>A scripted answer on its way to one request.</summary>
/// <param name="Script">What it says.</param>
/// <param name="Id">The id of the answer.</param>
/// <param name="Model">The model that is said to answer.</param>
/// <param name="LeavesOutIndexes">True to leave out the indexes by which streamed parts are told apart.</param>
internal sealed record ServedAnswer(ScriptedAnswer Script, string Id, string Model, bool LeavesOutIndexes)
{
    /// <summary>Which of several answers side by side.</summary>
    public int Index { get; init; }

    /// <summary>This answer and those beside it.</summary>
    public IEnumerable<ServedAnswer> Choices => Script.OtherChoices.Select((other, i) => this with { Script = other, Index = i + 1 }).Prepend(this);

    public IReadOnlyList<Part> Parts => Script.Parts;

    /// <summary>The sources that a part cites.</summary>
    public IReadOnlyList<Citation> CitationsOf(Part part) => ReferenceEquals(part, Parts.LastOrDefault(static part => part is TextPart)) ? Script.Citations : [];

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

    /// <summary>All thoughts, for wires that have one place for them.</summary>
    public string Thoughts => Join<ReasoningPart>(static part => part.Text);

    /// <summary>All text, for wires that have one place for it.</summary>
    public string Text => Join<TextPart>(static part => part.Text);

    /// <summary>All words with which it declines, for wires that have one place for them.</summary>
    public string Refusal => Join<RefusalPart>(static part => part.Text);

    public IEnumerable<ToolCall> Calls => Parts.OfType<ToolCallPart>().Select(part => part.Call);

    /// <summary>The service's own word, where the script does not give another.</summary>
    public string Word(string usual) => Script.RawStopReason ?? usual;

    /// <summary>The sum of what was used, where the script gives none.</summary>
    public long? Total(long? more = 0) => Usage is { } usage ? usage.TotalTokens ?? (usage.InputTokens ?? 0) + (usage.OutputTokens ?? 0) + (more ?? 0) : null;

    /// <exception cref="InvalidOperationException">The answer declines in words.</exception>
    public void ForbidRefusal(string wire)
    {
        if (Refusal.Length > 0)
            throw new InvalidOperationException($"{wire} has no words of its own for a refusal. Script its text as text, with StopReason.Refusal.");
    }

    private string Join<T>(Func<T, string> say)
        where T : Part => string.Concat(Parts.OfType<T>().Select(say));
}
