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
    private int _nextPart;
    private PartialArguments? _partial;

    public int Index => index;

    /// <summary>Why the candidate ended, in the service's own words; null while it goes on.</summary>
    public string? Finish;
    public StopReason Reason;

    public CallBlocks Calls { get; } = new(index, Places);

    /// <summary>The call whose arguments still come in pieces; null when there is none.</summary>
    public CallBlock? OpenCall { get; private set; }

    /// <summary>The number of a part that stands alone: it ends the text before it.</summary>
    public int NewPart(EventBuffer events)
    {
        EndRun(events);
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            ThrowTooManyParts();
        return _nextPart++;
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

    /// <summary>The call's arguments will come in pieces.</summary>
    public PartialArguments Open(CallBlock call)
    {
        OpenCall = call;
        _partial ??= new PartialArguments();
        _partial.Clear();
        return _partial;
    }

    public PartialArguments Partial => _partial!;

    /// <summary>No more pieces will come: the JSON text is closed, unless a piece is missing.</summary>
    public void EndCall(EventBuffer events)
    {
        if (OpenCall is not { } call)
            return;
        OpenCall = null;
        Calls.Append(call, Partial.Close(call.Arguments.Span), events);
    }

    public void Dispose()
    {
        Calls.Dispose();
        _partial?.Dispose();
    }

    private static void ThrowTooManyParts() =>
        throw new LlmException(LlmErrorKind.LimitExceeded, "The answer holds more parts than LlmLimits.ContentBlocks allows.") { Limit = LlmLimit.ContentBlocks, Phase = LlmPhase.Streaming };
}
