namespace RawLlm.Protocols;

/// <summary>What is known of one of several answers side by side.</summary>
internal sealed class ChoiceState(int index) : IDisposable
{
    private const string Place = "choices[].delta";

    private TextRun? _text;
    private TextRun? _reasoning;
    private TextRun? _refusal;

    public int Index => index;

    /// <summary>The choice that came after this one.</summary>
    public ChoiceState? Next;

    /// <summary>The number of the next part; parts are numbered as they first appear.</summary>
    public int NextPart;

    /// <summary>The last finish reason that was not empty, as the service wrote it.</summary>
    public string? Finish;

    /// <summary>True once a delta gave some of the content.</summary>
    public bool HasDelta;
    public bool HasPlainReasoning;
    public ToolCallAssembler? Calls;

    /// <summary>What goes back with the thoughts; null where nothing does, as in most answers.</summary>
    public ReturnedThoughts? Returned;

    /// <summary>True once something of the answer was given.</summary>
    public bool HasContent => _text is not null || Calls is { Count: > 0 } || _reasoning is not null || _refusal is not null;

    /// <summary>Gives a piece of one of the three kinds of text; each kind is one part on this wire.</summary>
    public void Give(StreamEventKind kind, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        ref var run = ref Of(kind);
        run ??= new TextRun(kind, index, NextPart++, Place);
        run.Add(text, events);
    }

    /// <summary>Forgets what goes back with the thoughts: a whole message says all of it again.</summary>
    public void ForgetThoughts()
    {
        Returned?.Dispose();
        Returned = null;
    }

    /// <summary>The answer has ended: gives what was held back, the calls that are whole, and what goes back with the thoughts.</summary>
    public void Complete(uint seed, EventBuffer events)
    {
        _reasoning?.Flush(events);
        _text?.Flush(events);
        _refusal?.Flush(events);
        Calls?.Complete(StopWords.IsCut(StopWords.Read(Finish)), seed, events);
        WriteThoughts(events);
    }

    /// <summary>Gives the choice's end.</summary>
    public void GiveStop(EventBuffer events) =>
        events.Stop(index, StopWords.Effective(StopWords.Read(Finish), Calls is { Count: > 0 }, _refusal is not null), Finish);

    // Whatever there is of them, as one object.
    private void WriteThoughts(EventBuffer events)
    {
        if (Returned is null)
            return;
        var json = Returned.ToJson();
        if (json.Length == 0)
            return;
        events.Add(StreamEventKind.WireData, index, _reasoning?.Part ?? NextPart++, json.Span, name: "chat-completions");
        json.Return();
    }

    public void Dispose()
    {
        Calls?.Dispose();
        Returned?.Dispose();
    }

    private ref TextRun? Of(StreamEventKind kind)
    {
        if (kind == StreamEventKind.Text)
            return ref _text;
        if (kind == StreamEventKind.Reasoning)
            return ref _reasoning;
        return ref _refusal;
    }
}
