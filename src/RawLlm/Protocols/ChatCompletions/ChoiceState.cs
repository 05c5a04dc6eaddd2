using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The state of one of several parallel answers.</summary>
internal sealed class ChoiceState(int index, uint seed, ChatCompletionsProtocol dialect) : IDisposable
{
    private const string Place = "choices[].delta";

    private TextRun? _text;
    private TextRun? _reasoning;
    private TextRun? _refusal;
    private ToolCallAssembler? _calls;
    private ReasoningData? _returned;
    private RareContent? _rare = dialect.ReasoningTag is { } tag ? new RareContent { Tags = new(tag) } : null;
    private bool _isEnded;
    private bool _hasFailed;

    // Why the answer was cut off, if a plain end followed.
    private StopReason _cut = StopReason.Unknown;

    // Parts are numbered in order of appearance.
    private int _nextPart;

    public int Index => index;

    /// <summary>The next choice of the list.</summary>
    public ChoiceState? Next;

    /// <summary>The last finish reason that was not empty, in the service's words.</summary>
    public string? Finish { get; private set; }

    /// <summary>True once a delta delivered content.</summary>
    public bool HasDelta;

    /// <summary>True while the latest content is reasoning inside the content member (<see cref="TaggedReasoning"/>).</summary>
    public bool IsThinking;

    /// <summary>The data that goes back with the reasoning; created on demand, because most answers have none.</summary>
    public ReasoningData Returned => _returned ??= new();

    /// <summary>True once data arrived that goes back with the reasoning.</summary>
    public bool HasReturned => _returned is not null;

    /// <summary>True once something of the answer was emitted.</summary>
    public bool HasContent =>
        _text is not null || _calls is { Count: > 0 } || _reasoning is not null || _refusal is not null || HasImages || HasAudio;

    public bool HasText => _text is not null;

    /// <summary>True once reasoning arrived as a text of its own.</summary>
    public bool HasReasoning { get; private set; }

    /// <summary>True once reasoning arrived in a member of its own.</summary>
    public bool HasOwnReasoning { get; private set; }

    /// <summary>True once reasoning arrived in any form.</summary>
    public bool HasThoughts => _reasoning is not null;

    public bool HasRefusal => _refusal is not null;

    public bool HasCalls => CallCount > 0;

    /// <summary>The number of tool calls so far.</summary>
    public int CallCount => _calls?.Count ?? 0;

    public bool HasImages => _rare?.Media is { HasImages: true };

    public bool HasAudio => _rare?.Media is { HasAudio: true };

    /// <summary>The images and the audio; created on demand.</summary>
    public AnswerMedia Media => Rare.Media ??= new(this);

    public bool HasCitations => _rare?.Citations is not null;

    /// <summary>Returns the number of a new part that is neither text nor a tool call.</summary>
    public int NewPart(EventBuffer events)
    {
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        NoteAfterFinish(events);
        return _nextPart++;
    }

    /// <summary>Emits a piece of the content: of the text, or of the reasoning before it.</summary>
    public void EmitContent(JsonText text, EventBuffer events)
    {
        if (_rare?.Tags is { IsPassed: false } tags)
        {
            // The next piece must be searched for tags, too.
            events.Trace?.Reject();
            tags.Emit(text, this, events);
            return;
        }
        if (_text is null && HasOwnReasoning)
            NoteRepeated(text, events);
        Emit(ref _text, StreamEventKind.Text, text, events);
    }

    /// <summary>Emits a piece of the text, without a search for tags.</summary>
    public void EmitText(JsonText text, EventBuffer events) => Emit(ref _text, StreamEventKind.Text, text, events);

    /// <summary>Emits a piece of a refusal.</summary>
    public void EmitRefusal(JsonText text, EventBuffer events) => Emit(ref _refusal, StreamEventKind.Refusal, text, events);

    /// <summary>Emits a piece of the reasoning.</summary>
    public void EmitReasoning(JsonText text, EventBuffer events)
    {
        HasReasoning = HasOwnReasoning = true;
        Emit(ref _reasoning, StreamEventKind.Reasoning, text, events);
    }

    /// <summary>Emits a piece of the reasoning in the content, if reasoning has no member of its own.</summary>
    // MiniMax and Mistral through gateways (2026) send it in both.
    public void EmitReasoningInContent(JsonText text, EventBuffer events)
    {
        if (HasOwnReasoning)
        {
            events.Trace?.Ignore(text);
            return;
        }
        HasReasoning = true;
        Emit(ref _reasoning, StreamEventKind.Reasoning, text, events);
    }

    /// <summary>Emits a piece of reasoning from the data that goes back with it, if reasoning arrived in no other way.</summary>
    public void EmitReasoningIfNone(JsonText text, EventBuffer events)
    {
        if (!HasReasoning)
            Emit(ref _reasoning, StreamEventKind.Reasoning, text, events);
    }

    /// <summary>Emits the log probabilities of the text or of a refusal.</summary>
    /// <param name="logProbs"><c>{"content":[…],"refusal":[…]}</c>.</param>
    /// <param name="events">Receives the events.</param>
    public void EmitLogProbs(ReadOnlySpan<byte> logProbs, EventBuffer events)
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
                LogProbReader.Emit(tokens, index, (isText ? _text : _refusal)?.Part ?? 0, events);
        }
    }

    /// <summary>Takes the citations of a message or delta.</summary>
    /// <inheritdoc cref="ChoiceCitations.Add"/>
    public bool Annotate(ReadOnlySpan<byte> sources, string place, EventBuffer events) =>
        (Rare.Citations ??= new()).Add(sources, place, events);

    /// <summary>Takes a citation that is a part of the content.</summary>
    public void AddCitation(ReadOnlySpan<byte> part, EventBuffer events) => (Rare.Citations ??= new()).AddOne(part, events);

    /// <summary>Adds a fragment of a tool call.</summary>
    /// <returns>As in <see cref="ToolCallAssembler.Add"/>.</returns>
    public int AddCall(in ToolCallDelta call, EventBuffer events)
    {
        NoteAfterFinish(events);
        _calls ??= new ToolCallAssembler(index);
        return _calls.Add(call, seed, ref _nextPart, events);
    }

    /// <summary>Takes the finish reason, which may arrive again with another value.</summary>
    /// <param name="reason">The wire's own reason.</param>
    /// <param name="native">The reason of the service behind a gateway, if there is one.</param>
    /// <param name="events">Receives the quirks.</param>
    public void SetFinishReason(JsonText reason, JsonText native, EventBuffer events)
    {
        // OpenRouter (2026) sends "stop" for an answer whose service sent "network_error".
        if (
            !native.IsEmpty
            && !_hasFailed
            && StopWords.Read(reason.ToString()) == StopReason.EndTurn
            && StopWords.Read(native.ToString()) == StopReason.Error
        )
        {
            _hasFailed = true;
            events.Note(QuirkKind.FailureMasked, "choices[].native_finish_reason");
        }
        if (Finish is not null)
            events.Note(QuirkKind.RepeatedFinishReason, "choices[].finish_reason");
        if (Finish is not null && reason.Is(Finish))
            return;
        var before = Stated;
        Finish = StringCache.Get(reason);
        // A plain end does not override a failure that arrived before.
        _cut =
            StopWords.IsCut(before) && StopWords.Read(Finish) is StopReason.EndTurn or StopReason.StopSequence
                ? before
                : StopReason.Unknown;
        if (_cut != StopReason.Unknown && !_hasFailed)
            events.Note(QuirkKind.FailureMasked, "choices[].finish_reason");
        if (StopWords.Read(Finish) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, "choices[].finish_reason");
    }

    /// <summary>Takes the stop sequence that ended the choice.</summary>
    // The member's name is also that of a stop reason on other wires ("end_turn"). A stop sequence may be "END".
    public void SetStopSequence(JsonText sequence)
    {
        if (
            sequence.IsEmpty
            || sequence.Is(Finish ?? "")
            || StopWords.Read(Finish ?? "") is not (StopReason.EndTurn or StopReason.StopSequence)
        )
            return;
        string text = sequence.ToString();
        if (text is not ("completed" or "COMPLETE") && (!text.Contains('_') || StopWords.Read(text) == StopReason.Unknown))
            Rare.StopSequence = text;
    }

    /// <summary>Emits a whole message.</summary>
    public void Emit(ReadOnlySpan<byte> message, EventBuffer events)
    {
        var parts = Read(message, events);
        if (parts.HasReturned)
            ClearReasoning();
        parts.EmitTo(this, isWhole: true, events);
    }

    /// <summary>
    /// Emits from a whole message the kinds of content of which nothing arrived yet. For a kind that did arrive, only its deltas count: to
    /// compare them would cost time for every delta.
    /// </summary>
    public void EmitMissing(ReadOnlySpan<byte> message, EventBuffer events)
    {
        var parts = Read(message, events);
        parts.Drop(this);
        parts.EmitTo(this, isWhole: true, events);
    }

    /// <summary>Keeps a whole message that arrived among the deltas, to emit at the end what they did not deliver.</summary>
    /// <returns>False if it is the same as the one before.</returns>
    public bool StoreMessage(ReadOnlySpan<byte> message, EventBuffer events)
    {
        ref var kept = ref Rare.Message;
        if (message.SequenceEqual(kept.Span))
            return false;
        // A message replaces the one before, so they are not counted together.
        default(RetainedBytes).Add(message.Length, events);
        kept.Clear();
        kept.Append(message);
        return true;
    }

    /// <summary>
    /// Ends the answer: emits what was held back, the citations, the complete tool calls, and the data that goes back with the reasoning.
    /// </summary>
    public void Complete(AnswerCitations? sources, EventBuffer events)
    {
        _isEnded = true;
        if (_rare is { Message.Length: > 0 })
            EmitMissing(_rare.Message.Span, events);
        _rare?.Tags?.Flush(this, events);
        _reasoning?.Flush(events);
        _text?.Flush(events);
        _refusal?.Flush(events);
        _rare?.Media?.Complete(events);
        EmitCitations(sources, events);
        _calls?.Complete(StopWords.IsCut(Stated), seed, events);
        WriteReasoning(events);
    }

    /// <summary>Emits the citations that arrived.</summary>
    public void EmitCitations(AnswerCitations? sources, EventBuffer events)
    {
        _rare?.Citations?.Emit(index, _text?.Part ?? 0, events);
        sources?.Emit(index, _text?.Part ?? 0, _rare?.Citations, events);
    }

    /// <summary>Emits the stop of the choice.</summary>
    public void EmitStop(EventBuffer events) =>
        events.Stop(
            index,
            StopWords.Effective(Stated, _calls is { Count: > 0 }, _refusal is not null),
            Finish,
            sequence: _rare?.StopSequence
        );

    private RareContent Rare => _rare ??= new();

    private StopReason Stated =>
        _hasFailed ? StopReason.Error
        : _cut != StopReason.Unknown ? _cut
        : StopWords.Read(Finish);

    // All of the data, as one object.
    private void WriteReasoning(EventBuffer events)
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

    // A whole message repeats all of it.
    private void ClearReasoning()
    {
        _returned?.Dispose();
        _returned = null;
    }

    // MiniMax does this unless it is asked to separate the two (2026). They are not compared: the text stays as it is.
    private static void NoteRepeated(JsonText text, EventBuffer events)
    {
        if (TagText.LengthOf("<think>"u8, text.Raw) > 0)
            events.Note(QuirkKind.ReasoningRepeated, "choices[].delta.content");
    }

    private void NoteAfterFinish(EventBuffer events)
    {
        if (Finish is not null && !_isEnded)
            events.Note(QuirkKind.ContentAfterFinish, Place);
    }

    // On this wire, each kind of text is one part.
    private void Emit(ref TextRun? run, StreamEventKind kind, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        NoteAfterFinish(events);
        run ??= new TextRun(kind, index, _nextPart++, Place);
        run.Add(text, events);
    }
}
