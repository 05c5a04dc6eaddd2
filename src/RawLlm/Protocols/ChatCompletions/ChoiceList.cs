namespace RawLlm.Protocols;

/// <summary>The parallel answers of a service (choices), in the order in which they arrived.</summary>
/// <remarks>A linked list: there is usually only one choice, for which a list would need two more objects.</remarks>
internal struct ChoiceList
{
    private ChoiceState? _first;

    public readonly bool IsEmpty => _first is null;

    /// <summary>Whether a choice has no finish reason yet.</summary>
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

    /// <summary>Returns the index, or the next that no choice has.</summary>
    public readonly int Free(int index)
    {
        while (Has(index))
            index++;
        return index;
    }

    /// <summary>Returns the choice with an index; creates it on first use.</summary>
    /// <param name="index">The index.</param>
    /// <param name="seed">As in <see cref="ToolCallAssembler.Add"/>.</param>
    /// <param name="dialect">Describes how the service formats content.</param>
    /// <param name="events">Provides the limits.</param>
    /// <exception cref="LlmException">There are more choices than <see cref="LlmLimits.Choices"/> allows, or the index is higher than
    /// that.</exception>
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

    /// <summary>Ends the answer: emits what was held back, the complete tool calls, and the stop of each choice.</summary>
    /// <param name="sources">The citations of the answer, which are emitted with its first choice.</param>
    /// <param name="events">Receives the events.</param>
    public readonly void Complete(AnswerCitations? sources, EventBuffer events)
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
            choice.Complete(choice == _first ? sources : null, events);
        for (var choice = _first; choice is not null; choice = choice.Next)
        {
            if (choice.Finish is null)
                events.Note(QuirkKind.NoFinishReason, "choices[].finish_reason");
            choice.EmitStop(events);
        }
    }

    /// <summary>Emits the citations of an answer that breaks off.</summary>
    /// <inheritdoc cref="Complete"/>
    public readonly void EmitCitations(AnswerCitations? sources, EventBuffer events)
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
            choice.EmitCitations(choice == _first ? sources : null, events);
    }

    /// <summary>
    /// Emits the stop of each choice that has one. A stop that arrived before an error is not lost, but the answer is incomplete, and Done
    /// is not emitted.
    /// </summary>
    public readonly void EmitStops(EventBuffer events)
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
        {
            if (choice.Finish is not null)
                choice.EmitStop(events);
        }
    }

    public readonly void Dispose()
    {
        for (var choice = _first; choice is not null; choice = choice.Next)
            choice.Dispose();
    }

    private readonly bool Has(int index)
    {
        var choice = _first;
        while (choice is not null && choice.Index != index)
            choice = choice.Next;
        return choice is not null;
    }

    private static void ThrowTooMany() =>
        throw AnswerErrors.LimitExceeded(
            LlmLimit.Choices,
            "The answer has more choices, or a higher choice index, than LlmLimits.Choices allows."
        );
}
