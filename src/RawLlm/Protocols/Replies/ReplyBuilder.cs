namespace RawLlm.Protocols;

/// <summary>Collects the events of an answer, streamed or whole, into a <see cref="ChatReply"/>.</summary>
/// <remarks>Use it to print an answer as it arrives and keep the whole: add every event, then build. Not thread-safe.</remarks>
public sealed class ReplyBuilder
{
    // The maximum length of a string. Each invalid UTF-8 byte becomes three bytes, so a stream within its own limit can exceed this.
    private const int MaxPartBytes = 0x3FFFFFDF;

    private readonly int _maxPartBytes;
    private readonly List<ChoiceBuilder> _choices = [];
    private string? _id;
    private string? _model;
    private Usage? _usage;
    private bool _isDone;
    private List<StreamSwitch>? _switches;

    /// <summary>Creates a builder without events.</summary>
    public ReplyBuilder()
        : this(MaxPartBytes) { }

    internal ReplyBuilder(int mostPartBytes) => _maxPartBytes = mostPartBytes;

    /// <summary>Whether any content was added.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <exception cref="LlmException">A part of the answer exceeds the maximum length of a string, 1 GiB
    /// (<see cref="LlmErrorKind.LimitExceeded"/>).</exception>
    /// <exception cref="ArgumentException">A custom event of kind <see cref="StreamEventKind.Media"/> does not contain base64, or its name
    /// is not a media type.</exception>
    public void Add(in StreamEvent e)
    {
        switch (e.Kind)
        {
            case StreamEventKind.Text
            or StreamEventKind.Reasoning
            or StreamEventKind.Refusal
            or StreamEventKind.ToolCallStarted
            or StreamEventKind.ToolArguments
            or StreamEventKind.ToolCall
            or StreamEventKind.WireData
            or StreamEventKind.Media
            or StreamEventKind.Transcript:
                HasContent = true;
                Choice(e.Choice).Add(e, _maxPartBytes);
                break;
            case StreamEventKind.Citation when e.Citation is { } citation:
                Choice(e.Choice).Cite(citation, e.Index);
                break;
            case StreamEventKind.LogProbs when e.LogProbs is { } logProbs:
                Choice(e.Choice).Add(logProbs);
                break;
            case StreamEventKind.Stop:
                var choice = Choice(e.Choice);
                choice.StopReason = e.StopReason;
                choice.RawStopReason = e.RawStopReason;
                choice.StopMessage = e.StopMessage;
                choice.StopSequence = e.StopSequence;
                break;
            case StreamEventKind.Usage:
                _usage = e.Usage;
                break;
            case StreamEventKind.Switched when e.Switch is { } seam:
                Switch(seam);
                break;
            case StreamEventKind.Done:
                _id = e.Id;
                _model = e.Name;
                _isDone = true;
                break;
        }
    }

    /// <summary>Builds the answer so far; <see cref="ChatReply.IsComplete"/> tells whether it is complete.</summary>
    public ChatReply Build()
    {
        var choices = new List<ChatChoice>(Math.Max(1, _choices.Count));
        foreach (var choice in _choices)
            choices.Add(choice.Build());
        if (choices.Count == 0)
            choices.Add(new ChatChoice(0, new Message(Role.Assistant, []), StopReason.Unknown, null));
        return new ChatReply(_id, _model, choices, _usage)
        {
            IsComplete = _isDone,
            Switches = _switches is null ? [] : _switches.ToArray(),
        };
    }

    /// <summary>
    /// Builds the answer so far, with what its stream knows in addition to its events: quirks, cost, rate limits, request ID, provider,
    /// failed attempts, and counts that no event contained.
    /// </summary>
    /// <param name="stream">The stream whose events were added. It may have ended or failed, but must not be disposed yet.</param>
    public ChatReply Build(ChatStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reply = Build();
        return stream.Describe(reply with { Usage = reply.Usage ?? stream.Usage });
    }

    private void Switch(StreamSwitch seam)
    {
        (_switches ??= []).Add(seam);
        _usage = null;
        if (seam.IsContinued)
            return;
        _choices.Clear();
        HasContent = false;
    }

    private ChoiceBuilder Choice(int index)
    {
        foreach (var choice in _choices)
        {
            if (choice.Index == index)
                return choice;
        }
        var added = new ChoiceBuilder(index);
        int place = _choices.Count;
        while (place > 0 && _choices[place - 1].Index > index)
            place--;
        _choices.Insert(place, added);
        return added;
    }
}
