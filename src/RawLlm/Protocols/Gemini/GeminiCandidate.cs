namespace RawLlm.Protocols;

/// <summary>The state of one candidate: its open text, its tool calls, and its finish reason.</summary>
internal sealed class GeminiCandidate(int index) : IDisposable
{
    private const string TextPlace = "candidates[].content.parts[].text";

    private static readonly CallPlaces Places = new(
        "candidates[].content.parts[].functionCall.id",
        "candidates[].content.parts[].functionCall.name",
        "candidates[].content.parts[].functionCall.args"
    );

    private TextRun? _run;
    private bool _isInRun;
    private GeminiCitations? _citations;
    private int _nextPart;

    // The type of the audio that the next piece may continue; null if there is none.
    private string? _soundType;
    private StopReason _reason;
    private string? _stopMessage;

    // Calls with partial arguments, and the IDs of those that have ended; null in most answers, so that a waiting stream keeps no lists.
    private List<GeminiOpenCall>? _open;
    private List<string>? _ended;
    private GeminiOpenCall? _spare;

    public int Index => index;

    /// <summary>The finish reason, in the service's own words; null if there is none yet.</summary>
    public string? Finish { get; private set; }

    /// <summary>The number of the latest text part; 0 if there is none yet.</summary>
    public int TextPart { get; private set; }

    public CallBlocks Calls { get; } = new(index, Places);

    /// <summary>Returns the number of a new, separate part, which ends the text before it.</summary>
    public int NewPart(EventBuffer events)
    {
        EndRun(events);
        _soundType = null;
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        return _nextPart++;
    }

    /// <summary>Returns the number of the part that an image or audio belongs to.</summary>
    /// <param name="type">The media type.</param>
    /// <param name="goesOn">Whether this is audio in pieces, which form one part if they follow each other.</param>
    /// <param name="events">Receives what was held back of the previous part.</param>
    public int MediaPart(JsonText type, bool goesOn, EventBuffer events)
    {
        if (goesOn && _soundType is not null && type.Is(_soundType))
            return _nextPart - 1;
        int part = NewPart(events);
        _soundType = goesOn ? StringCache.Get(type) : null;
        return part;
    }

    /// <summary>
    /// Returns the number of the part that a piece of text belongs to. Consecutive pieces form one part until something else comes
    /// between them.
    /// </summary>
    /// <param name="kind">Text or reasoning.</param>
    /// <param name="isNew">Whether the piece starts a part.</param>
    /// <param name="events">Receives what was held back of the previous part.</param>
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

    public void AddText(JsonText text, EventBuffer events) => _run!.Add(text, events);

    /// <summary>Ends the open text: whatever comes next is another part.</summary>
    public void EndRun(EventBuffer events)
    {
        if (_isInRun)
            _run!.Flush(events);
        _isInRun = false;
    }

    /// <summary>Finds the open call, one with partial arguments, that a part without a name or with the call's ID continues.</summary>
    /// <param name="id">The ID in the part.</param>
    /// <param name="name">The name in the part; empty if it has none.</param>
    /// <returns>Null if the part continues no open call.</returns>
    public GeminiOpenCall? FindOpen(JsonText id, JsonText name)
    {
        if (_open is null)
            return null;
        // A part that does not identify its call belongs to the one that was written last.
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

    /// <summary>Whether a call with this ID had partial arguments and has ended.</summary>
    public bool HasEnded(JsonText id)
    {
        foreach (string ended in _ended ?? [])
        {
            if (id.Is(ended))
                return true;
        }
        return false;
    }

    /// <summary>Processes complete arguments that arrive after partial ones.</summary>
    public void Settle(GeminiOpenCall open, ReadOnlySpan<byte> json, EventBuffer events)
    {
        Calls.SettleValue(open.Call, json, events);
        open.IsSettled = true;
    }

    /// <summary>Opens a call with partial arguments.</summary>
    public GeminiOpenCall Open(CallBlock call, in GeminiCall fields, bool hasRest)
    {
        var open = _spare ?? new GeminiOpenCall();
        _spare = null;
        open.Begin(call, fields, hasRest);
        (_open ??= []).Add(open);
        return open;
    }

    /// <summary>Ends a call with partial arguments: closes its JSON text, unless a piece is missing.</summary>
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
            // Without any text, it would look like a call without arguments.
            open.Call.IsCut = true;
            events.Note(QuirkKind.ToolArgumentsInvalid, Places.Arguments);
        }
        if (_spare != open)
            open.Dispose();
    }

    /// <summary>
    /// Ends open calls when another call starts or the answer ends: only pieces that name their call can still belong to an earlier one.
    /// </summary>
    public void EndCalls(bool all, EventBuffer events)
    {
        for (int i = 0; i < _open?.Count; )
        {
            if (all || _open[i].Id is null)
                End(_open[i], events);
            else
                i++;
        }
    }

    /// <summary>Emits the citations of a <c>groundingMetadata</c> object.</summary>
    // The object also contains the search queries and how to display them, which are in the event's frame.
    public void EmitGrounding(ReadOnlySpan<byte> metadata, EventBuffer events)
    {
        events.Add(StreamEventKind.Other, index, name: "groundingMetadata");
        if (CitationReader.IsObject(metadata, "candidates[].groundingMetadata", events))
            (_citations ??= new(index)).EmitGrounding(metadata, TextPart, events);
    }

    /// <summary>Emits the citations of a <c>citationMetadata</c> object.</summary>
    public void EmitCitations(ReadOnlySpan<byte> metadata, EventBuffer events)
    {
        events.Add(StreamEventKind.Other, index, name: "citationMetadata");
        if (CitationReader.IsObject(metadata, "candidates[].citationMetadata", events))
            (_citations ??= new(index)).EmitCitations(metadata, TextPart, events);
    }

    /// <summary>Processes the finish reason.</summary>
    /// <param name="word">The service's own word; empty if there is none.</param>
    /// <param name="isNumber">Whether it is a number instead.</param>
    /// <param name="events">Receives quirks.</param>
    /// <returns>True if the finish reason is new.</returns>
    public bool TryFinish(JsonText word, bool isNumber, EventBuffer events)
    {
        // Absent, empty and "unspecified" all mean: not finished. This wire may repeat the same word on every event; another word replaces
        // it.
        if (IsUnspecified(word.Raw) || (Finish is { } before && word.Is(before)))
            return false;
        string finish = Finish = StringCache.Get(word);
        if (isNumber)
            events.Note(QuirkKind.UnexpectedType, "candidates[].finishReason");
        _reason = isNumber ? ReadNumber(finish) : StopWords.Read(finish);
        if (_reason == StopReason.Unknown && finish is not ("OTHER" or "NO_IMAGE" or "IMAGE_OTHER" or "ESCALATION"))
            events.Note(QuirkKind.UnknownFinishReason, "candidates[].finishReason");
        return true;
    }

    /// <summary>Processes the service's explanation of the finish reason; the last one counts.</summary>
    /// <returns>True if there is an explanation.</returns>
    public bool TryExplain(JsonText message)
    {
        if (message.IsEmpty)
            return false;
        _stopMessage = message.ToString();
        return true;
    }

    /// <summary>Emits the citations that waited for the end of the answer.</summary>
    public void EmitPendingCitations(EventBuffer events) => _citations?.EmitPending(events);

    /// <summary>Handles the end of the answer: emits what was held back, and the complete tool calls.</summary>
    /// <param name="blockReason">Why the service blocked the prompt; null if it did not.</param>
    /// <param name="events">Receives the events.</param>
    public void Complete(string? blockReason, EventBuffer events)
    {
        EndRun(events);
        EndCalls(all: true, events);
        EmitPendingCitations(events);
        Calls.Complete(IsBlocked(blockReason) || StopWords.IsCut(_reason), events);
    }

    /// <summary>Emits the stop reason.</summary>
    /// <param name="blockReason">Why the service blocked the prompt; null if it did not.</param>
    /// <param name="blockMessage">The service's message about the block.</param>
    /// <param name="events">Receives the events.</param>
    public void EmitStop(string? blockReason, string? blockMessage, EventBuffer events)
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

    /// <summary>Whether the value of an enumeration is unspecified.</summary>
    public static bool IsUnspecified(ReadOnlySpan<byte> word) =>
        word.IsEmpty || word.EndsWith("_UNSPECIFIED"u8) || word.SequenceEqual("0"u8);

    public void Dispose()
    {
        Calls.Dispose();
        foreach (var open in _open ?? [])
            open.Dispose();
        _spare?.Dispose();
    }

    // Some clients of Vertex send enumerations as numbers. From 5 on, the numbers of Vertex and of the Gemini API differ.
    private static StopReason ReadNumber(string number) =>
        number switch
        {
            "1" => StopReason.EndTurn,
            "2" => StopReason.MaxTokens,
            "3" or "4" => StopReason.ContentFilter,
            _ => StopReason.Unknown,
        };

    // A candidate may report "STOP" before the block arrives.
    private bool IsBlocked(string? blockReason) => blockReason is not null && (Finish is null || _reason == StopReason.EndTurn);
}
