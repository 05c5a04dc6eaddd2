namespace RawLlm.Protocols;

/// <summary>What is known of one of several answers side by side.</summary>
internal sealed class ChoiceState(int index) : IDisposable
{
    private Run _text = new(StreamEventKind.Text);
    private Run _reasoning = new(StreamEventKind.Reasoning);
    private Run _refusal = new(StreamEventKind.Refusal);

    public int Index => index;

    /// <summary>The number of the next part; parts are numbered as they first appear.</summary>
    public int NextPart;

    /// <summary>The last finish reason that was not empty, as the service wrote it.</summary>
    public string? Finish;
    public byte[] FinishUtf8 = [];

    public bool HasDelta;
    public bool HasPlainReasoning;
    public ToolCallAssembler? Calls;
    public ReasoningDetails? Details;

    public bool HasRefusal => _refusal.Part >= 0;

    /// <summary>The part that holds the thoughts; -1 when there are none.</summary>
    public int ReasoningPart => _reasoning.Part;

    /// <summary>Gives a piece of one of the three kinds of text; each kind is one part on this wire.</summary>
    public void Give(StreamEventKind kind, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        ref var run = ref Of(kind);
        if (run.Part < 0)
            run.Part = NextPart++;
        int length = text.CopyTo(events.Reserve(text.MaxLength), ref run.Pending, out var flaw);
        if (flaw != QuirkKind.None)
            events.Note(flaw, "choices[].delta");
        events.Commit(kind, index, run.Part, length);
    }

    /// <summary>Gives what was held back: half a surrogate pair whose other half never came.</summary>
    public void Flush(EventBuffer events)
    {
        Flush(ref _reasoning, events);
        Flush(ref _text, events);
        Flush(ref _refusal, events);
    }

    public void Dispose()
    {
        Calls?.Dispose();
        Details?.Dispose();
    }

    private ref Run Of(StreamEventKind kind)
    {
        if (kind == StreamEventKind.Text)
            return ref _text;
        if (kind == StreamEventKind.Reasoning)
            return ref _reasoning;
        return ref _refusal;
    }

    private void Flush(ref Run run, EventBuffer events)
    {
        if (run.Pending == 0)
            return;
        run.Pending = '\0';
        events.Note(QuirkKind.LoneSurrogate, "choices[].delta");
        events.Add(run.Kind, index, run.Part, "\uFFFD"u8);
    }

    private struct Run(StreamEventKind kind)
    {
        public readonly StreamEventKind Kind = kind;
        public int Part = -1;
        public char Pending;
    }
}
