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

    public bool HasRefusal => _refusal is not null;

    /// <summary>The part that holds the thoughts; -1 when there are none.</summary>
    public int ReasoningPart => _reasoning?.Part ?? -1;

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

    /// <summary>Gives what was held back: half a surrogate pair whose other half never came.</summary>
    public void Flush(EventBuffer events)
    {
        _reasoning?.Flush(events);
        _text?.Flush(events);
        _refusal?.Flush(events);
    }

    /// <summary>Gives what goes back with the thoughts, whatever of it there is, as one object.</summary>
    public void WriteThoughts(EventBuffer events)
    {
        if (Returned is null)
            return;
        var json = Returned.ToJson();
        if (json.Length == 0)
            return;
        events.Add(StreamEventKind.WireData, index, ReasoningPart >= 0 ? ReasoningPart : NextPart++, json.Span, name: "chat-completions");
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
