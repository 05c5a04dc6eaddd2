namespace RawLlm.Protocols;

/// <summary>What is known of one candidate: its open text, its function calls, and why it ended.</summary>
internal sealed class GeminiCandidate(int index) : IDisposable
{
    private const string TextPlace = "candidates[].content.parts[].text";

    private static readonly CallPlaces Places = new(
        "candidates[].content.parts[].functionCall.id",
        "candidates[].content.parts[].functionCall.name",
        "candidates[].content.parts[].functionCall.args");

    private TextRun? _run;
    private bool _isInRun;
    private GeminiSources? _sources;
    private int _nextPart;

    // The sound that the next piece may go on with; null where there is none.
    private string? _soundType;
    private StopReason _reason;
    private string? _stopMessage;

    // Calls whose arguments come in pieces, and the ids of those that have ended; null in most answers, of which a stream that waits holds nothing then.
    private List<GeminiOpenCall>? _open;
    private List<string>? _ended;
    private GeminiOpenCall? _spare;

    public int Index => index;

    /// <summary>Why the candidate ended, in the service's own words; null while it goes on.</summary>
    public string? Finish { get; private set; }

    /// <summary>The number of the latest text; 0 while there is none.</summary>
    public int TextPart { get; private set; }

    public CallBlocks Calls { get; } = new(index, Places);

    /// <summary>The number of a part that stands alone: it ends the text before it.</summary>
    public int NewPart(EventBuffer events)
    {
        EndRun(events);
        _soundType = null;
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        return _nextPart++;
    }

    /// <summary>The number of the part that a picture or sound belongs to.</summary>
    /// <param name="type">Its media type.</param>
    /// <param name="goesOn">True for sound that comes in pieces: they follow each other in one part.</param>
    /// <param name="events">Takes what the part before had held back.</param>
    public int MediaPart(JsonText type, bool goesOn, EventBuffer events)
    {
        if (goesOn && _soundType is not null && type.Is(_soundType))
            return _nextPart - 1;
        int part = NewPart(events);
        _soundType = goesOn ? KnownText.Get(type) : null;
        return part;
    }

    /// <summary>
    /// The number of the part that a piece of text belongs to. Pieces follow each other in one part until something else comes
    /// between them.
    /// </summary>
    /// <param name="kind">Text or reasoning.</param>
    /// <param name="isNew">True when the piece begins a part.</param>
    /// <param name="events">Takes what the part before had held back.</param>
    public int ContinueRun(StreamEventKind kind, out bool isNew, EventBuffer events)
    {
        isNew = !_isInRun || _run!.Kind != kind;
        if (!isNew)
            return _run!.Part;
        int part = NewPart(events);
        if (kind == StreamEventKind.Text)
            TextPart = part;
        if (_run is null)
            _run = new TextRun(kind, index, part, TextPlace);
        else
            _run.Restart(kind, part);
        _isInRun = true;
        return part;
    }

    public void Give(JsonText text, EventBuffer events) => _run!.Add(text, events);

    /// <summary>The text has ended: whatever comes next is another part.</summary>
    public void EndRun(EventBuffer events)
    {
        if (_isInRun)
            _run!.Flush(events);
        _isInRun = false;
    }

    /// <summary>The call that a part without a name, or with the id of one, goes on with: one whose arguments still come in pieces.</summary>
    /// <param name="id">The id that the part says.</param>
    /// <param name="name">The name that it says; empty where it says none.</param>
    /// <returns>Null where it is no such call's.</returns>
    public GeminiOpenCall? FindOpen(JsonText id, JsonText name)
    {
        if (_open is null)
            return null;
        // What does not say which call it means belongs to the one that was written last.
        int found = -1;
        for (int i = 0; i < _open.Count; i++)
        {
            var open = _open[i];
            if (!id.IsEmpty && open.Id is not null && id.Is(open.Id) && (name.IsEmpty || name.Is(open.Call.Name!)))
            {
                found = i;
                break;
            }
            if (name.IsEmpty && (id.IsEmpty || open.Id is null))
                found = i;
        }
        if (found < 0)
            return null;
        var call = _open[found];
        _open.RemoveAt(found);
        _open.Add(call);
        return call;
    }

    /// <summary>Whether a call of this id came in pieces and has ended.</summary>
    public bool HasEnded(JsonText id)
    {
        foreach (string ended in _ended ?? [])
        {
            if (id.Is(ended))
                return true;
        }
        return false;
    }

    /// <summary>The arguments come whole behind some of their pieces.</summary>
    public void Settle(GeminiOpenCall open, ReadOnlySpan<byte> json, EventBuffer events)
    {
        Calls.SettleValue(open.Call, json, events);
        open.IsSettled = true;
    }

    /// <summary>The call's arguments will come in pieces.</summary>
    public GeminiOpenCall Open(CallBlock call, in GeminiCall said, bool hasRest)
    {
        var open = _spare ?? new GeminiOpenCall();
        _spare = null;
        open.Begin(call, said, hasRest);
        (_open ??= []).Add(open);
        return open;
    }

    /// <summary>No more pieces will come: the JSON text is closed, unless a piece is missing.</summary>
    public void End(GeminiOpenCall open, EventBuffer events)
    {
        _open!.Remove(open);
        if (open.Id is not null)
            (_ended ??= []).Add(open.Id);
        _spare ??= open;
        if (!open.IsSettled)
            Calls.Append(open.Call, open.Partial.Close(open.Call.Arguments.Span), events);
        if (open is { IsSettled: false, Partial.IsBroken: true } && open.Call.Arguments.Length == 0)
        {
            // Without any text it would pass for a call that has no arguments.
            open.Call.IsCut = true;
            events.Note(QuirkKind.ToolArgumentsInvalid, Places.Arguments);
        }
        if (_spare != open)
            open.Dispose();
    }

    /// <summary>Another call begins, or the answer ends: only pieces that name their call could still belong to one before.</summary>
    public void EndCalls(bool all, EventBuffer events)
    {
        for (int i = 0; i < _open?.Count;)
        {
            if (all || _open[i].Id is null)
                End(_open[i], events);
            else
                i++;
        }
    }

    /// <summary>Gives the sources that a <c>groundingMetadata</c> names.</summary>
    // Beside the sources it tells what was searched for, and how that is to be shown: the frame holds it.
    public void GiveGrounding(ReadOnlySpan<byte> metadata, EventBuffer events)
    {
        events.Add(StreamEventKind.Other, index, name: "groundingMetadata");
        if (CitationReader.IsObject(metadata, "candidates[].groundingMetadata", events))
            (_sources ??= new(index)).GiveGrounding(metadata, TextPart, events);
    }

    /// <summary>Gives the sources that a <c>citationMetadata</c> names.</summary>
    public void GiveCitations(ReadOnlySpan<byte> metadata, EventBuffer events)
    {
        events.Add(StreamEventKind.Other, index, name: "citationMetadata");
        if (CitationReader.IsObject(metadata, "candidates[].citationMetadata", events))
            (_sources ??= new(index)).GiveCitations(metadata, TextPart, events);
    }

    /// <summary>Takes the word for why the candidate ends.</summary>
    /// <param name="word">The service's own; empty where there is none.</param>
    /// <param name="isNumber">True for a number in its place.</param>
    /// <param name="events">Takes quirks.</param>
    /// <returns>True where it says what was not said before.</returns>
    public bool TryFinish(JsonText word, bool isNumber, EventBuffer events)
    {
        // Absent, empty and "unspecified" all mean: not finished. The same word on every event is this wire's way; another one replaces it.
        if (IsUnspecified(word.Raw) || (Finish is { } before && word.Is(before)))
            return false;
        string finish = Finish = KnownText.Get(word);
        if (isNumber)
            events.Note(QuirkKind.UnexpectedType, "candidates[].finishReason");
        _reason = isNumber ? ReadNumber(finish) : StopWords.Read(finish);
        if (_reason == StopReason.Unknown && finish is not ("OTHER" or "NO_IMAGE" or "IMAGE_OTHER" or "ESCALATION"))
            events.Note(QuirkKind.UnknownFinishReason, "candidates[].finishReason");
        return true;
    }

    /// <summary>Takes what the service says of why the candidate ends; the last counts.</summary>
    /// <returns>True where it says anything.</returns>
    public bool TryExplain(JsonText message)
    {
        if (message.IsEmpty)
            return false;
        _stopMessage = message.ToString();
        return true;
    }

    /// <summary>Gives the sources that waited for the end.</summary>
    public void GiveSources(EventBuffer events) => _sources?.GiveWaiting(events);

    /// <summary>The answer has ended: gives what was held back, and the calls that are whole.</summary>
    /// <param name="blockReason">Why the service blocked the prompt; null where it did not.</param>
    /// <param name="events">Takes the events.</param>
    public void Complete(string? blockReason, EventBuffer events)
    {
        EndRun(events);
        EndCalls(all: true, events);
        GiveSources(events);
        Calls.Complete(IsBlocked(blockReason) || StopWords.IsCut(_reason), events);
    }

    /// <summary>Gives why it ended.</summary>
    /// <param name="blockReason">Why the service blocked the prompt; null where it did not.</param>
    /// <param name="blockMessage">What it says of that.</param>
    /// <param name="events">Takes the events.</param>
    public void GiveStop(string? blockReason, string? blockMessage, EventBuffer events)
    {
        if (IsBlocked(blockReason))
        {
            if (Finish is not null)
                events.Note(QuirkKind.FailureMasked, "promptFeedback.blockReason");
            events.Stop(index, StopReason.ContentFilter, blockReason, blockMessage);
            return;
        }
        if (Finish is null)
            events.Note(QuirkKind.NoFinishReason, "candidates[].finishReason");
        events.Stop(index, StopWords.Effective(_reason, Calls.Count > 0, hasRefusal: false), Finish, _stopMessage);
    }

    /// <summary>Whether a value of an enumeration says nothing.</summary>
    public static bool IsUnspecified(ReadOnlySpan<byte> word) => word.IsEmpty || word.EndsWith("_UNSPECIFIED"u8) || word.SequenceEqual("0"u8);

    public void Dispose()
    {
        Calls.Dispose();
        foreach (var open in _open ?? [])
            open.Dispose();
        _spare?.Dispose();
    }

    // Some clients of Vertex pass enumerations on as numbers. From 5 on, the numbers of Vertex and of the Gemini API differ.
    private static StopReason ReadNumber(string number) => number switch
    {
        "1" => StopReason.EndTurn,
        "2" => StopReason.MaxTokens,
        "3" or "4" => StopReason.ContentFilter,
        _ => StopReason.Unknown,
    };

    // A candidate may say "STOP" before the block comes.
    private bool IsBlocked(string? blockReason) => blockReason is not null && (Finish is null || _reason == StopReason.EndTurn);
}
