namespace RawLlm;

/// <summary>One of the answers that a service gave side by side.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Message">What the model said.</param>
/// <param name="StopReason">Why it ended; <see cref="StopReason.ToolUse"/> where functions were called.</param>
/// <param name="RawStopReason">The service's own word for it.</param>
public sealed record ChatChoice(int Index, Message Message, StopReason StopReason, string? RawStopReason)
{
    /// <summary>All text of the choice, joined.</summary>
    public string Text => Message.Text;

    /// <summary>All thoughts of the choice, joined.</summary>
    public string Reasoning => Message.Join(Message.Parts, static part => (part as ReasoningPart)?.Text);

    /// <summary>The words with which the model declined; empty when it did not.</summary>
    public string Refusal => Message.Join(Message.Parts, static part => (part as RefusalPart)?.Text);

    /// <summary>The sources that the choice cites, in the order in which the service gave them.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>The function calls, complete or not, in order of appearance.</summary>
    public IReadOnlyList<ToolCall> ToolCalls
    {
        get
        {
            var calls = new List<ToolCall>();
            foreach (var part in Message.Parts)
            {
                if (part is ToolCallPart { Call: var call })
                    calls.Add(call);
            }
            return calls;
        }
    }
}
