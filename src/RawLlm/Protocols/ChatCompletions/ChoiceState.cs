using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What is known of one of several answers side by side.</summary>
internal sealed class ChoiceState(int index, uint seed, ChatCompletionsProtocol dialect) : IDisposable
{
    private const string Place = "choices[].delta";

    private TextRun? _text;
    private TextRun? _reasoning;
    private TextRun? _refusal;
    private ToolCallAssembler? _calls;
    private ReturnedThoughts? _returned;
    private RareContent? _rare = dialect.ThoughtTag is { } tag ? new RareContent { Tags = new(tag) } : null;
    private bool _isEnded;
    private bool _hasFailed;

    // Why it was cut off, where a plain end was said after that.
    private StopReason _cut = StopReason.Unknown;

    // Parts are numbered as they first appear.
    private int _nextPart;

    public int Index => index;

    /// <summary>The choice that came after this one.</summary>
    public ChoiceState? Next;

    /// <summary>The last finish reason that was not empty, as the service wrote it.</summary>
    public string? Finish { get; private set; }

    /// <summary>True once a delta gave some of the content.</summary>
    public bool HasDelta;

    /// <summary>True while what was said last are thoughts that stand in the content (<see cref="TaggedThoughts"/>).</summary>
    public bool IsThinking;

    /// <summary>What goes back with the thoughts; made when it is asked for, because in most answers nothing does.</summary>
    public ReturnedThoughts Returned => _returned ??= new();

    /// <summary>True once something came that goes back with the thoughts.</summary>
    public bool HasReturned => _returned is not null;

    /// <summary>True once something of the answer was given.</summary>
    public bool HasContent => _text is not null || _calls is { Count: > 0 } || _reasoning is not null || _refusal is not null || HasImages || HasSound;

    public bool HasText => _text is not null;

    /// <summary>True once thoughts came as a text of their own.</summary>
    public bool HasReasoning { get; private set; }

    /// <summary>True once thoughts came in a member of their own.</summary>
    public bool HasOwnReasoning { get; private set; }

    /// <summary>True once thoughts came, in whatever way.</summary>
    public bool HasThoughts => _reasoning is not null;

    public bool HasRefusal => _refusal is not null;

    public bool HasCalls => _calls is { Count: > 0 };

    public bool HasImages => _rare?.Media is { HasImages: true };

    public bool HasSound => _rare?.Media is { HasSound: true };

    /// <summary>The pictures and the sound; made when they are asked for.</summary>
    public AnswerMedia Media => Rare.Media ??= new(this);

    public bool HasCitations => _rare?.Citations is not null;

    /// <summary>The number of a part that is neither a text nor a call.</summary>
    public int NewPart(EventBuffer events)
    {
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        NoteAfterFinish(events);
        return _nextPart++;
    }

    /// <summary>Gives a piece of the content: of the text, or of the thoughts that stand before it.</summary>
    public void Say(JsonText text, EventBuffer events)
    {
        if (_rare?.Tags is { IsPassed: false } tags)
        {
            // The next one has to be looked into for tags too.
            events.Trace?.Reject();
            tags.Give(text, this, events);
            return;
        }
        if (_text is null && HasOwnReasoning)
            NoteRepeated(text, events);
        Give(ref _text, StreamEventKind.Text, text, events);
    }

    /// <summary>Gives a piece of the text, in which no tags are looked for.</summary>
    public void SayPlain(JsonText text, EventBuffer events) => Give(ref _text, StreamEventKind.Text, text, events);

    /// <summary>Gives a piece of a refusal.</summary>
    public void Refuse(JsonText text, EventBuffer events) => Give(ref _refusal, StreamEventKind.Refusal, text, events);

    /// <summary>Gives a piece of the thoughts.</summary>
    public void Reason(JsonText text, EventBuffer events)
    {
        HasReasoning = HasOwnReasoning = true;
        Give(ref _reasoning, StreamEventKind.Reasoning, text, events);
    }

    /// <summary>Gives a piece of the thoughts that stand in the content, where they have no member of their own.</summary>
    // MiniMax and Mistral through gateways (2026) say them in both.
    public void ReasonInContent(JsonText text, EventBuffer events)
    {
        if (HasOwnReasoning)
        {
            events.Trace?.Ignore(text);
            return;
        }
        HasReasoning = true;
        Give(ref _reasoning, StreamEventKind.Reasoning, text, events);
    }

    /// <summary>Gives a piece of the thoughts as it stands among what goes back with them, where they came in no other way.</summary>
    public void ReasonUnlessSaid(JsonText text, EventBuffer events)
    {
        if (!HasReasoning)
            Give(ref _reasoning, StreamEventKind.Reasoning, text, events);
    }

    /// <summary>Gives how likely the tokens of the text, or of a refusal, were.</summary>
    /// <param name="logProbs"><c>{"content":[…],"refusal":[…]}</c>.</param>
    /// <param name="events">Takes the events.</param>
    public void GiveLogProbs(ReadOnlySpan<byte> logProbs, EventBuffer events)
    {
        var reader = WireJson.Reader(logProbs, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = WireJson.Is(ref reader, "content"u8);
            bool isRefusal = WireJson.Is(ref reader, "refusal"u8);
            reader.Read();
            var tokens = WireJson.SkipRaw(ref reader, logProbs);
            if ((isText || isRefusal) && LogProbReader.HasTokens(tokens))
                LogProbReader.Give(tokens, index, (isText ? _text : _refusal)?.Part ?? 0, events);
        }
    }

    /// <summary>Takes sources that a message or delta names.</summary>
    /// <inheritdoc cref="ChoiceCitations.Add"/>
    public bool Annotate(ReadOnlySpan<byte> sources, string place, EventBuffer events) => (Rare.Citations ??= new()).Add(sources, place, events);

    /// <summary>Takes a source that stands as a part among the content.</summary>
    public void Refer(ReadOnlySpan<byte> part, EventBuffer events) => (Rare.Citations ??= new()).AddOne(part, events);

    /// <summary>Adds what was said of a call.</summary>
    /// <returns>As in <see cref="ToolCallAssembler.Add"/>.</returns>
    public int AddCall(in ToolCallDelta call, EventBuffer events)
    {
        NoteAfterFinish(events);
        _calls ??= new ToolCallAssembler(index);
        return _calls.Add(call, seed, ref _nextPart, events);
    }

    /// <summary>Takes the finish reason, which may come again, and be another one then.</summary>
    /// <param name="reason">The wire's own.</param>
    /// <param name="native">That of the service behind a gateway, if there is one.</param>
    /// <param name="events">Takes quirks.</param>
    public void End(JsonText reason, JsonText native, EventBuffer events)
    {
        // OpenRouter (2026) says "stop" of an answer whose service says "network_error".
        if (!native.IsEmpty && !_hasFailed && StopWords.Read(reason.ToString()) == StopReason.EndTurn && StopWords.Read(native.ToString()) == StopReason.Error)
        {
            _hasFailed = true;
            events.Note(QuirkKind.FailureMasked, "choices[].native_finish_reason");
        }
        if (Finish is not null)
            events.Note(QuirkKind.RepeatedFinishReason, "choices[].finish_reason");
        if (Finish is not null && reason.Is(Finish))
            return;
        var before = Stated;
        Finish = KnownText.Get(reason);
        // A plain end says nothing against what was said of a failure.
        _cut = StopWords.IsCut(before) && StopWords.Read(Finish) is StopReason.EndTurn or StopReason.StopSequence ? before : StopReason.Unknown;
        if (_cut != StopReason.Unknown && !_hasFailed)
            events.Note(QuirkKind.FailureMasked, "choices[].finish_reason");
        if (StopWords.Read(Finish) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, "choices[].finish_reason");
    }

    /// <summary>Gives a whole message.</summary>
    public void Give(ReadOnlySpan<byte> message, EventBuffer events)
    {
        var parts = Read(message, events);
        if (parts.HasReturned)
            ForgetThoughts();
        parts.GiveTo(this, isWhole: true, events);
    }

    /// <summary>Gives of a whole message the kinds of content of which nothing came. Of one that did come, only its deltas are believed: they are not counted, which would cost every one of them.</summary>
    public void GiveMissing(ReadOnlySpan<byte> message, EventBuffer events)
    {
        var parts = Read(message, events);
        parts.Drop(this);
        parts.GiveTo(this, isWhole: true, events);
    }

    /// <summary>Keeps a whole message that came among the deltas, for what they will not have said at the end.</summary>
    /// <returns>False where it is the same as the one before.</returns>
    public bool Keep(ReadOnlySpan<byte> message, EventBuffer events)
    {
        ref var kept = ref Rare.Message;
        if (message.SequenceEqual(kept.Span))
            return false;
        // They replace each other.
        default(RetainedBytes).Add(message.Length, events);
        kept.Clear();
        kept.Append(message);
        return true;
    }

    /// <summary>The answer has ended: gives what was held back, the sources, the calls that are whole, and what goes back with the thoughts.</summary>
    public void Complete(AnswerSources? sources, EventBuffer events)
    {
        _isEnded = true;
        if (_rare is { Message.Length: > 0 })
            GiveMissing(_rare.Message.Span, events);
        _rare?.Tags?.Flush(this, events);
        _reasoning?.Flush(events);
        _text?.Flush(events);
        _refusal?.Flush(events);
        _rare?.Media?.Complete(events);
        GiveSources(sources, events);
        _calls?.Complete(StopWords.IsCut(Stated), seed, events);
        WriteThoughts(events);
    }

    /// <summary>Gives the sources that came.</summary>
    public void GiveSources(AnswerSources? sources, EventBuffer events)
    {
        _rare?.Citations?.Give(index, _text?.Part ?? 0, events);
        sources?.Give(index, _text?.Part ?? 0, _rare?.Citations, events);
    }

    /// <summary>Gives the choice's end.</summary>
    public void GiveStop(EventBuffer events) =>
        events.Stop(index, StopWords.Effective(Stated, _calls is { Count: > 0 }, _refusal is not null), Finish);

    private RareContent Rare => _rare ??= new();

    private StopReason Stated => _hasFailed ? StopReason.Error : _cut != StopReason.Unknown ? _cut : StopWords.Read(Finish);

    // Whatever there is of them, as one object.
    private void WriteThoughts(EventBuffer events)
    {
        if (_returned is null)
            return;
        var json = _returned.ToJson();
        if (json.Length == 0)
            return;
        events.Add(StreamEventKind.WireData, index, _reasoning?.Part ?? _nextPart++, json.Span, name: "chat-completions");
        json.Return();
    }

    public void Dispose()
    {
        _calls?.Dispose();
        _returned?.Dispose();
        _rare?.Dispose();
    }

    private MessageParts Read(ReadOnlySpan<byte> message, EventBuffer events)
    {
        var reader = WireJson.Reader(message, events.Options);
        reader.Read();
        var parts = new MessageParts();
        parts.Read(ref reader, message, dialect, events);
        return parts;
    }

    // A whole message says all of it again.
    private void ForgetThoughts()
    {
        _returned?.Dispose();
        _returned = null;
    }

    // MiniMax, where it is not asked to split them (2026). Whether they are the same is not looked into: the text stays as it is.
    private static void NoteRepeated(JsonText text, EventBuffer events)
    {
        if (TagText.LengthOf("<think>"u8, text.Raw) > 0)
            events.Note(QuirkKind.ThoughtsRepeated, "choices[].delta.content");
    }

    private void NoteAfterFinish(EventBuffer events)
    {
        if (Finish is not null && !_isEnded)
            events.Note(QuirkKind.ContentAfterFinish, Place);
    }

    // Each kind of text is one part on this wire.
    private void Give(ref TextRun? run, StreamEventKind kind, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        NoteAfterFinish(events);
        run ??= new TextRun(kind, index, _nextPart++, Place);
        run.Add(text, events);
    }
}
