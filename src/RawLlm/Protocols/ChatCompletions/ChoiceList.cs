namespace RawLlm.Protocols;

/// <summary>The answers side by side, in the order in which they came.</summary>
/// <remarks>Linked: there is one as a rule, for which a list would be two objects more.</remarks>
internal struct ChoiceList
{
    private ChoiceState? _first;

    public readonly bool IsEmpty => _first is null;

    /// <summary>True while one has no finish reason.</summary>
    public readonly bool HasOpen
    {
        get
        {
            for (var choice = _first; choice is not null; choice = choice.Next)
            {
                if (choice.Finish is null)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The choice of a number, which begins with the first that is said of it.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="seed">As in <see cref="ToolCallAssembler.Add"/>.</param>
    /// <param name="dialect">How the service gives the content.</param>
    /// <param name="events">Tells the limits.</param>
    /// <exception cref="LlmException">They are more than <see cref="LlmLimits.Choices"/>, or its number is.</exception>
    public ChoiceState Get(int index, uint seed, ChatCompletionsProtocol dialect, EventBuffer events)
    {
        ref var next = ref _first;
        int count = 0;
        for (; next is not null; next = ref next.Next)
        {
            if (next.Index == index)
                return next;
            count++;
        }
        if (count >= events.Options.Limits.Choices || index >= events.Options.Limits.Choices)
            ThrowTooMany();
        return next = new ChoiceState(index, seed, dialect);
    }

    /// <summary>The answer has ended: gives what was held back, the calls that are whole, and how each choice ended.</summary>
    /// <param name="sources">The sources of the answer, which are given with its first choice.</param>
    /// <param name="events">Takes the events.</param>
    public readonly void Complete(AnswerSources? sources, EventBuffer events)
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
            choice.Complete(choice == _first ? sources : null, events);
        for (var choice = _first; choice is not null; choice = choice.Next)
        {
            if (choice.Finish is null)
                events.Note(QuirkKind.NoFinishReason, "choices[].finish_reason");
            choice.GiveStop(events);
        }
    }

    /// <summary>The answer breaks off: gives the sources that came.</summary>
    /// <inheritdoc cref="Complete"/>
    public readonly void GiveSources(AnswerSources? sources, EventBuffer events)
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
            choice.GiveSources(choice == _first ? sources : null, events);
    }

    /// <summary>Gives the ends of those that have one. What was said of an end before an error is not lost; the answer is not whole all the same, and Done does not come.</summary>
    public readonly void GiveStops(EventBuffer events)
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
        {
            if (choice.Finish is not null)
                choice.GiveStop(events);
        }
    }

    public readonly void Dispose()
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
            choice.Dispose();
    }

    private static void ThrowTooMany() =>
        throw AnswerErrors.TooMuch(LlmLimit.Choices, "The answer holds more choices, or higher numbers of them, than LlmLimits.Choices allows.");
}
