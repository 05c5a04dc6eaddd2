namespace RawLlm.Protocols;

/// <summary>Emits the content of an answer's items: each text and each tool call once, however often the wire repeats it.</summary>
internal sealed class OutputContent : IDisposable
{
    private static readonly CallPlaces Places = new("item.call_id", "item.name", "item.arguments");

    private readonly CallBlocks _calls = new(choice: 0, Places);
    private SearchResults? _sources;
    private RetainedBytes _retained;
    private long _earlyBytes;
    private uint _seed;
    private int _nextPart;
    private int _textCount;
    private int _announcedCount;
    private bool _isSeeded;

    /// <summary>Whether the answer arrived whole, without earlier events.</summary>
    public bool IsWhole { get; set; }

    public bool HasCalls => _calls.HasUnanswered;

    public bool HasRefusal { get; private set; }

    /// <summary>Takes the seed for the IDs of calls that have none: the first bytes of the answer.</summary>
    public void Seed(ReadOnlySpan<byte> data)
    {
        if (_isSeeded)
            return;
        _isSeeded = true;
        _seed = GeneratedId.Seed(data);
    }

    /// <summary>Takes an item in its state at the beginning.</summary>
    public void Begin(OutputItem item, in OutputItemFields fields, EventBuffer events)
    {
        item.IsAdded = true;
        item.Identify(fields.Id, fields.Kind);
        item.SetPhase(fields.Phase);
        if (item.IsCall)
        {
            item.StoreInitialArguments(fields, ref _retained, events);
            if (fields.Status.Is("completed"u8) && item is { Call: null, InitialArguments.Length: > 0 })
                (item.Early ??= new EarlyCall()).Identify(fields.CallId, fields.Name);
            else
                Name(item, fields.CallId, fields.Name, events);
        }
        else if (item.Kind is OutputItemKind.Message or OutputItemKind.Reasoning)
        {
            StoreInitialText(item, fields.Content, isSummary: false, events);
            StoreInitialText(item, fields.Summary, isSummary: true, events);
        }
    }

    /// <summary>
    /// Takes an item in its state at its end, or in the final list: emits what was not emitted yet, and the data that must go back.
    /// </summary>
    public void Complete(OutputItem item, in OutputItemFields fields, EventBuffer events)
    {
        if (fields.Kind == OutputItemKind.Opaque && item is { IsCall: true, IsDone: false })
            item.Answer();
        item.Identify(fields.Id, fields.Kind);
        item.SetPhase(fields.Phase);
        if (fields.Kind == OutputItemKind.Opaque)
            item.RecordAwaited(fields);
        if (fields.IsFound)
            (_sources ??= new()).Read(fields.Results, events);
        if (fields.IsNested || !fields.Type.IsPresent)
            events.Note(QuirkKind.UnexpectedType, "item.type");
        switch (item.Kind)
        {
            case OutputItemKind.Message:
                Fill(item, fields.Content, isSummary: false, events);
                break;
            case OutputItemKind.Reasoning:
                Fill(item, fields.Summary, isSummary: true, events);
                Fill(item, fields.Content, isSummary: false, events);
                break;
            case OutputItemKind.FunctionCall or OutputItemKind.CustomCall:
                var call = item.Call ?? BeginCall(item, fields, events);
                item.LacksPiece &= WireJson.IsEmpty(fields.Arguments.Raw) && WireJson.IsEmpty(fields.ArgumentsValue);
                if (!Repetitions.IsSettled(item, call))
                    Settle(call, fields.Arguments, fields.ArgumentsValue, events);
                call.IsCut |= fields.Status.Is("incomplete"u8);
                break;
            case OutputItemKind.Opaque when fields.IsResult && !fields.CallId.IsEmpty:
                // Agents behind this wire (hermes-agent and MLflow's, 2026) show the tool calls that they ran themselves, with their
                // results.
                _calls.Answer(fields.CallId);
                break;
            case OutputItemKind.Echo:
                events.Note(QuirkKind.RoleInvalid, "item.role");
                item.IsDone = true;
                return;
        }
        Flush(item, events);
        EmitInitialTexts(item, events);
        bool hasNews = item.EmitCitations(events);
        item.IsDone = true;
        if (item.HasWireData && !hasNews)
            return;
        item.HasWireData = true;
        if (item.TryBeginWireData())
            EmitWireData(item, fields, events);
        else
            item.DeferData(fields.Raw, ref _retained, events);
    }

    /// <summary>Ends the answer: emits what waits for the end of an item.</summary>
    public void End(OutputItem item, EventBuffer events)
    {
        Flush(item, events);
        if (item is { Call: null, Early: not null })
            BeginCall(item, new OutputItemFields { Id = JsonText.Of(item.Id, isEscaped: false) }, events);
        if (!item.IsDone)
            EmitInitialTexts(item, events);
        if (item is { LacksPiece: true, Call: { } call })
            call.IsCut = true;
        item.EmitCitations(events);
        if (item.DeferredData.Length > 0)
            EmitDeferredData(item, events);
        if (item is { IsCall: true, Call: null })
            events.Note(QuirkKind.ToolNameMissing, Places.Name);
    }

    /// <summary>
    /// Begins a tool call that was whole when announced, and was held to see whether the service runs it; null if there is none.
    /// </summary>
    public CallBlock? BeginEarlyCall(OutputItem item, EventBuffer events) =>
        item is { Call: null, Early.IsNamed: true } ? BeginCall(item, default, events) : null;

    /// <summary>Emits the search results of the service's own tools that no text cites.</summary>
    public void EmitCitations(ReadOnlySpan<OutputItem> items, EventBuffer events) => _sources?.Emit(items, events);

    /// <summary>Emits reasoning that belongs to no item.</summary>
    public void EmitReasoning(JsonText thoughts, EventBuffer events)
    {
        NoteNoDeltas(events);
        var run = new TextRun(StreamEventKind.Reasoning, choice: 0, NewPart(events), "response.reasoning");
        run.Add(thoughts, events);
        run.Flush(events);
    }

    /// <summary>Ends the answer: emits its tool calls.</summary>
    /// <inheritdoc cref="CallBlocks.Complete"/>
    public void CompleteCalls(bool isCut, EventBuffer events) => _calls.Complete(isCut, events);

    /// <summary>Emits a piece of a text.</summary>
    /// <returns>True if some of the text was emitted before.</returns>
    public bool Emit(OutputItem item, StreamEventKind kind, bool isSummary, int index, JsonText piece, EventBuffer events)
    {
        if (item.Kind == OutputItemKind.Echo)
            return false;
        var text = item.Find(kind, isSummary, index, isDone: false, events);
        bool isKnown = text is { HasText: true };
        text ??= Add(item, kind, isSummary, index, events);
        Emit(item, text, piece, events);
        return isKnown;
    }

    /// <summary>Ends a text, and emits what was not emitted before.</summary>
    public void Fill(OutputItem item, StreamEventKind kind, bool isSummary, int index, JsonText whole, EventBuffer events)
    {
        if (item.Kind == OutputItemKind.Echo)
            return;
        var text = item.Find(kind, isSummary, index, isDone: true, events) ?? Add(item, kind, isSummary, index, events);
        if (!text.HasText && !whole.IsEmpty)
        {
            NoteNoDeltas(events);
            Emit(item, text, whole, events);
        }
        else if (!whole.IsEmpty && !text.IsCompared && !IsWhole)
        {
            text.Compare(whole, events);
        }
        text.IsCompared |= !whole.IsEmpty;
        text.IsDone = true;
        text.Run?.Flush(events);
        text.EmitCitations(events);
    }

    /// <summary>Takes a citation in a text. It is emitted after the text.</summary>
    /// <param name="item">The message.</param>
    /// <param name="index">The wire's index of the text.</param>
    /// <param name="number">The wire's index of the citation within the text; -1 if there is none.</param>
    /// <param name="annotation">The citation, an object.</param>
    /// <param name="events">Provides the limits.</param>
    public void Cite(OutputItem item, int index, int number, ReadOnlySpan<byte> annotation, EventBuffer events)
    {
        var text =
            item.Find(StreamEventKind.Text, isSummary: false, index, isDone: true, events)
            ?? Add(item, StreamEventKind.Text, isSummary: false, index, events);
        text.Cite(number, annotation, ref _retained, events);
    }

    /// <summary>Takes the citations that a part lists, except those that arrived before, in the same words or in others.</summary>
    public void CiteAll(OutputItem item, int index, ReadOnlySpan<byte> annotations, EventBuffer events)
    {
        if (!annotations.IsEmpty && item.Find(StreamEventKind.Text, isSummary: false, index, isDone: true) is { } text)
            text.CiteAll(annotations, ref _retained, events);
    }

    /// <summary>Emits the log probabilities of a text: with its deltas, or with its end if they had none.</summary>
    public static void EmitLogProbs(OutputItem item, int index, ReadOnlySpan<byte> logProbs, bool isDelta, EventBuffer events)
    {
        if (
            !LogProbReader.HasTokens(logProbs)
            || item.Find(StreamEventKind.Text, isSummary: false, index, isDone: true) is not { HasText: true } text
            || (text.HasLogProbs && !isDelta)
        )
        {
            return;
        }

        text.HasLogProbs = true;
        LogProbReader.Emit(logProbs, choice: 0, text.Part, events);
    }

    /// <summary>Ends reasoning that the service labels as text.</summary>
    // LiteLLM (2026) labels reasoning as "output_text" at the end of its item, after it sent it as a summary.
    public void FillMisnamed(OutputItem item, bool isSummary, int index, JsonText whole, EventBuffer events)
    {
        events.Note(QuirkKind.UnexpectedType, "content[].type");
        if (IsWhole || isSummary || !item.HasSummary || item.Find(StreamEventKind.Reasoning, isSummary, index, isDone: true) is not null)
            Fill(item, StreamEventKind.Reasoning, isSummary, index, whole, events);
    }

    /// <summary>Records a content part that begins.</summary>
    public void Announce(OutputItem item, int index, EventBuffer events)
    {
        if (index >= 0 && (item.AnnouncedParts ??= []).Add(index) && ++_announcedCount > events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
    }

    /// <summary>Keeps a text from the beginning of an item or a part: it usually arrives again, so it waits for the item's end.</summary>
    public void StoreInitialText(
        OutputItem item,
        StreamEventKind kind,
        bool isSummary,
        int index,
        JsonText whole,
        bool isOfItem,
        EventBuffer events
    )
    {
        if (whole.IsEmpty || item.Kind == OutputItemKind.Echo)
            return;
        var text = item.Find(kind, isSummary, index, isDone: true) ?? Add(item, kind, isSummary, index, events);
        if (text.HasText || text.InitialText.Length > 0)
            return;
        _retained.Add(whole.Raw.Length, events);
        text.InitialText = whole.Raw.ToArray();
        text.IsInitialTextEscaped = whole.IsEscaped;
        text.IsInitialTextOfItem = isOfItem;
    }

    /// <summary>Begins a tool call once its ID and its name are known, which may take one event or two.</summary>
    public void Name(OutputItem item, JsonText id, JsonText name, EventBuffer events)
    {
        if (item.Call is not null || (id.IsEmpty && name.IsEmpty))
            return;
        if (item.Early is null && !id.IsEmpty && !name.IsEmpty)
        {
            BeginCall(item, new OutputItemFields { CallId = id, Name = name }, events);
            return;
        }
        var early = item.Early ??= new EarlyCall();
        early.Identify(id, name);
        if (early.Id.Length > 0 && early.Name.Length > 0)
            BeginCall(item, default, events);
    }

    /// <summary>Keeps a piece of the arguments of a tool call that is not named yet.</summary>
    public void StoreEarlyPiece(OutputItem item, JsonText piece, EventBuffer events)
    {
        if (piece.IsEmpty)
            return;
        var early = item.Early ??= new EarlyCall();
        int before = early.Arguments.Length;
        if (early.Add(piece) is not QuirkKind.None and var flaw)
            events.Note(flaw, Places.Arguments);
        _earlyBytes += early.Arguments.Length - before;
        ArgumentBounds.Check(early.Arguments.Length, _earlyBytes, events.Options.Limits);
    }

    /// <summary>Keeps the whole arguments of a tool call that is not named yet.</summary>
    public void StoreEarlyArguments(OutputItem item, JsonText whole, ReadOnlySpan<byte> value, EventBuffer events)
    {
        bool isValue = !value.IsEmpty;
        if (!isValue && whole.IsEmpty)
            return;
        var early = item.Early ??= new EarlyCall();
        early.Whole = (isValue ? value : whole.Raw).ToArray();
        (early.IsWholeValue, early.IsWholeEscaped) = (isValue, whole.IsEscaped);
        _retained.Add(early.Whole.Length, events);
    }

    /// <summary>Takes the whole arguments of a tool call, and emits what their pieces did not contain.</summary>
    public void Settle(CallBlock call, JsonText whole, ReadOnlySpan<byte> value, EventBuffer events)
    {
        if (!value.IsEmpty)
            events.Note(QuirkKind.ToolArgumentsAsObject, Places.Arguments);
        if (value.IsEmpty ? _calls.Settle(call, whole, events) : _calls.SettleValue(call, value, events))
            NoteNoDeltas(events);
    }

    /// <summary>Returns the part number of an item, for events that emit none of its content; 0 while it has none.</summary>
    public int PartOf(OutputItem item, EventBuffer events)
    {
        if (item is { Kind: OutputItemKind.Opaque, Part: < 0 })
            item.Part = NewPart(events);
        return Math.Max(0, item.Part >= 0 ? item.Part : item.FirstEmitted()?.Part ?? 0);
    }

    public void Dispose() => _calls.Dispose();

    private CallBlock BeginCall(OutputItem item, in OutputItemFields fields, EventBuffer events)
    {
        var early = item.Early;
        item.Early = null;
        var id = fields.CallId;
        var name = fields.Name;
        if (early is not null && id.IsEmpty)
            id = JsonText.Of(early.Id, early.IsIdEscaped);
        if (early is not null && name.IsEmpty)
            name = JsonText.Of(early.Name, early.IsNameEscaped);
        if (id.IsEmpty && !fields.Id.IsEmpty)
        {
            events.Note(QuirkKind.ToolIdMissing, Places.Id);
            id = fields.Id;
        }
        item.Part = NewPart(events);
        item.Call = _calls.Begin(item.Part, id, name, _seed, events, isText: item.Kind == OutputItemKind.CustomCall);
        if (early is not null)
            EmitEarly(item.Call, early, fields.Arguments, fields.ArgumentsValue, events);
        return item.Call;
    }

    private void EmitEarly(CallBlock call, EarlyCall early, JsonText whole, ReadOnlySpan<byte> value, EventBuffer events)
    {
        bool isDone = early.Whole.Length > 0;
        if (isDone)
        {
            whole = early.IsWholeValue ? default : JsonText.Of(early.Whole, early.IsWholeEscaped);
            value = early.IsWholeValue ? early.Whole : default;
        }
        // No caller has seen the pieces yet. If the whole arguments differ, as after a stream was resumed, only they are emitted.
        if (!early.Arguments.IsEmpty && Repetitions.AddsNothing(early.Arguments, call.IsText, whole, value, events))
        {
            _calls.Append(call, early.Arguments, events);
            call.Pending = early.Pending;
        }
        if (isDone)
            Settle(call, whole, value, events);
    }

    private void StoreInitialText(OutputItem item, ContentList list, bool isSummary, EventBuffer events)
    {
        for (int index = 0; list.TryRead(item.Kind, events, out var part); index++)
        {
            if (part.Kind != StreamEventKind.None)
                StoreInitialText(item, part.Kind, isSummary, index, part.Text, isOfItem: true, events);
        }
    }

    private void EmitInitialTexts(OutputItem item, EventBuffer events)
    {
        // If the indexes disagree, what was emitted is the text from the item's beginning.
        bool hasGiven = false;
        foreach (var text in item.Texts)
            hasGiven |= text.HasText;
        foreach (var text in item.Texts)
        {
            if (text.HasText || text.InitialText.Length == 0 || (hasGiven && text.IsInitialTextOfItem))
                continue;
            NoteNoDeltas(events);
            Emit(item, text, JsonText.Of(text.InitialText, text.IsInitialTextEscaped), events);
            text.Run?.Flush(events);
        }
        if (
            item.Call is { Arguments.Length: 0 } call
            && item.InitialArguments.Length > 0
            && _calls.Settle(call, JsonText.Of(item.InitialArguments, item.AreInitialArgumentsEscaped), events)
        )
        {
            NoteNoDeltas(events);
        }
    }

    private void Fill(OutputItem item, ContentList list, bool isSummary, EventBuffer events)
    {
        var all = list;
        var (asked, given) = (0u, 0u);
        for (int index = 0; list.TryRead(item.Kind, events, out var part); index++)
        {
            if (part.Kind == StreamEventKind.None)
                continue;
            if (part.IsMisnamed)
                FillMisnamed(item, isSummary, index, part.Text, events);
            else if (Repetitions.IsRepeated(item, part, isSummary, index, events))
                continue;
            else if (
                IsWhole
                || item.Find(part.Kind, isSummary, index, isDone: true) is not null
                || !Repetitions.AreAllEmitted(item, part.Kind, isSummary, all, ref asked, ref given, events)
            )
            {
                Fill(item, part.Kind, isSummary, index, part.Text, events);
            }

            if (part.Kind != StreamEventKind.Text)
                continue;
            EmitLogProbs(item, index, part.LogProbs, isDelta: false, events);
            CiteAll(item, index, part.Annotations, events);
        }
    }

    private OutputText Add(OutputItem item, StreamEventKind kind, bool isSummary, int index, EventBuffer events)
    {
        if (++_textCount > events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        if (index < 0)
        {
            index = 0;
            foreach (var other in item.Texts)
                index += other.IsSummary == isSummary ? 1 : 0;
        }
        var text = new OutputText(kind, isSummary, index);
        item.Texts.Add(text);
        return text;
    }

    private void Emit(OutputItem item, OutputText text, JsonText piece, EventBuffer events)
    {
        if (piece.IsEmpty)
            return;
        if (text.Part < 0)
        {
            // All reasoning of an item goes back as one, so it is one part.
            text.Part =
                text.Kind != StreamEventKind.Reasoning ? NewPart(events)
                : item.Part >= 0 ? item.Part
                : item.Part = NewPart(events);
            HasRefusal |= text.Kind == StreamEventKind.Refusal;
        }
        text.Run ??= new TextRun(text.Kind, choice: 0, text.Part, "delta")
        {
            Counted = new TextCount(),
            Name = text.Kind == StreamEventKind.Text ? item.Phase : null,
        };
        text.Run.Add(piece, events);
    }

    private void EmitDeferredData(OutputItem item, EventBuffer events)
    {
        var fields = new OutputItemFields();
        var reader = WireJson.Reader(item.DeferredData, events.Options);
        reader.Read();
        fields.Read(ref reader, item.DeferredData, events);
        EmitWireData(item, fields, events);
    }

    private void EmitWireData(OutputItem item, in OutputItemFields fields, EventBuffer events)
    {
        if (item.Kind == OutputItemKind.Unknown)
        {
            events.Note(QuirkKind.UnexpectedType, "item.type");
            return;
        }
        if (item.IsCall)
        {
            ItemMembers.Emit(item.Part, item.Kind, fields.Raw, null, events);
        }
        else if (item.Kind == OutputItemKind.Message && item.FirstEmitted() is { } firstText)
        {
            ItemMembers.Emit(firstText.Part, item.Kind, fields.Raw, firstText.Citations, events);
            foreach (var text in item.Texts)
            {
                if (text != firstText && text is { HasText: true, Citations: { } citations })
                    ItemMembers.Emit(text.Part, item.Kind, "{}"u8, citations, events);
            }
        }
        else
        {
            // These go back whole: reasoning with its texts, what only the service understands, and a message without text, which stored
            // reasoning requires.
            if (item.Part < 0)
                item.Part = NewPart(events);
            if (fields.IsImage && TryReadImage(fields, out var picture))
            {
                picture.Emit(choice: 0, item.Part, events);
                ItemMembers.Emit(item.Part, item.Kind, fields.Raw, null, events);
                return;
            }
            events.Add(StreamEventKind.WireData, 0, item.Part, fields.Raw, name: ResponsesProtocol.WireName);
        }
    }

    // OpenRouter (2026) documents a URL instead of the bytes.
    private static bool TryReadImage(in OutputItemFields fields, out GeneratedMedia picture) =>
        GeneratedMedia.TryReadAddress(fields.Result, out picture)
        || GeneratedMedia.TryRead(fields.Result, type: default, Type(fields.Format), out picture);

    private static string Type(JsonText format) =>
        format.Is("webp"u8) ? "image/webp"
        : format.Is("jpeg"u8) ? "image/jpeg"
        : "image/png";

    private static void Flush(OutputItem item, EventBuffer events)
    {
        foreach (var text in item.Texts)
            text.Run?.Flush(events);
    }

    private int NewPart(EventBuffer events)
    {
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        return _nextPart++;
    }

    // In a stream the deltas come first; a server that omits all or some of them sends the content only at the end.
    private void NoteNoDeltas(EventBuffer events)
    {
        if (!IsWhole)
            events.Note(QuirkKind.DeltaMissing, "delta");
    }
}
