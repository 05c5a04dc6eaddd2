using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The tool calls of one choice on a wire with blocks or items: each call begins once with its ID and name, and its fragments refer to it.
/// Wires that do not state which call a fragment belongs to use <see cref="ToolCallAssembler"/>.
/// </summary>
/// <remarks>
/// Begin a call, append to it, and complete all calls with the closing events of the answer. A fragment allocates nothing once the buffers
/// have grown.
/// </remarks>
internal sealed class CallBlocks(int choice, CallPlaces places) : IDisposable
{
    private readonly List<CallBlock> _calls = [];
    private int _argumentBytes;

    /// <summary>The number of calls.</summary>
    public int Count => _calls.Count;

    /// <summary>
    /// Whether a fragment belonged to no known call. It may belong to a call without arguments, so such a call does not count as complete.
    /// </summary>
    public bool HasLoss { get; set; }

    /// <summary>Whether there is a call that the service has not run itself.</summary>
    public bool HasUnanswered
    {
        get
        {
            foreach (var call in _calls)
            {
                if (!call.IsAnswered)
                    return true;
            }
            return false;
        }
    }

    /// <summary>Records that the service ran a call itself and sent its result.</summary>
    public void Answer(JsonText id)
    {
        foreach (var call in _calls)
            call.IsAnswered |= call.Id is { } known && id.Is(known);
    }

    /// <summary>Begins a call and emits its start.</summary>
    /// <param name="part">The number of its part.</param>
    /// <param name="id">Its ID; if it is empty, one is created.</param>
    /// <param name="name">The name of the tool.</param>
    /// <param name="seed">A number that differs from answer to answer (<see cref="GeneratedId.Seed"/>).</param>
    /// <param name="events">Receives the event.</param>
    /// <param name="hasIds">False for a wire whose calls have no IDs, so that a missing ID is not a quirk.</param>
    /// <param name="isText">Whether the input of the call is plain text and not JSON.</param>
    public CallBlock Begin(int part, JsonText id, JsonText name, uint seed, EventBuffer events, bool hasIds = true, bool isText = false)
    {
        if (_calls.Count >= events.Options.Limits.ToolCalls)
            ThrowTooMany();
        if (id.IsEmpty && hasIds)
            events.Note(QuirkKind.ToolIdMissing, places.Id);
        string wanted = id.IsEmpty ? GeneratedId.Create(seed, choice, part) : id.ToString();
        string unique = Unique(wanted);
        if (!id.IsEmpty && !ReferenceEquals(unique, wanted))
            events.Note(QuirkKind.ToolIdShared, places.Id);
        if (name.IsEmpty)
            events.Note(QuirkKind.ToolNameMissing, places.Name);
        var call = new CallBlock(this, choice, part)
        {
            Id = unique,
            WireId = wanted,
            Name = StringCache.Get(name),
            IsText = isText,
        };
        _calls.Add(call);
        events.Add(StreamEventKind.ToolCallStarted, choice, part, call.Id, call.Name);
        return call;
    }

    /// <summary>Adds a fragment of the arguments' text and emits it.</summary>
    public void Append(CallBlock call, JsonText fragment, EventBuffer events)
    {
        if (fragment.IsEmpty)
            return;
        events.Trace?.RecordPiece(call, fragment.Raw);
        int length = fragment.CopyTo(call.Arguments.Reserve(fragment.MaxLength), ref call.Pending, out var flaw);
        if (flaw != QuirkKind.None)
            events.Note(flaw, places.Arguments);
        Emit(call, length, events);
    }

    /// <summary>Adds a fragment that is already in the buffer, without adding an event. Returns false if a limit forbids it.</summary>
    public bool TryAppend(CallBlock call, int length, EventBuffer events)
    {
        var limits = events.Options.Limits;
        if (!ArgumentBounds.AreWithin(call.Arguments.Length + (long)length, _argumentBytes + (long)length, limits))
            return false;
        int before = call.Arguments.Length;
        call.Arguments.Commit(length);
        _argumentBytes += length;
        if (length > 0)
            call.RecordFragment(before);
        return true;
    }

    /// <summary>Adds a fragment that is already valid UTF-8 and emits it.</summary>
    public void Append(CallBlock call, ReadOnlySpan<byte> fragment, EventBuffer events)
    {
        fragment.CopyTo(call.Arguments.Reserve(fragment.Length));
        Emit(call, fragment.Length, events);
    }

    /// <summary>Adds arguments that are a JSON value on the wire, without the white space between its tokens, and emits them.</summary>
    /// <param name="call">The call.</param>
    /// <param name="json">The value, already validated by a reader.</param>
    /// <param name="events">Receives the event.</param>
    public void AppendValue(CallBlock call, ReadOnlySpan<byte> json, EventBuffer events)
    {
        bool isFirst = call.Arguments.Length == 0;
        Emit(call, WireJson.Compact(json, call.Arguments.Reserve(json.Length)), events);
        if (isFirst)
            call.MarkComplete();
    }

    /// <summary>Adds arguments that arrived complete: as a JSON value, or as a string that contains one, which is a quirk.</summary>
    public void AppendWhole(CallBlock call, ReadOnlySpan<byte> json, EventBuffer events)
    {
        var reader = WireJson.Reader(json, events.Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            events.Note(QuirkKind.ToolArgumentsAsText, places.Arguments);
            Append(call, JsonText.Read(ref reader), events);
        }
        else
        {
            AppendValue(call, json, events);
        }
    }

    /// <summary>Adds the arguments with which a call began, unless others followed.</summary>
    public void AppendStart(CallBlock call, ReadOnlySpan<byte> json, EventBuffer events)
    {
        if (json.IsEmpty || !call.HasEmptyArguments)
            return;
        if (call.Arguments.Length > 0)
        {
            events.Note(QuirkKind.ToolArgumentsRepeated, places.Arguments);
            Clear(call);
        }
        AppendWhole(call, json, events);
    }

    /// <summary>
    /// Reads the complete arguments that the wire sends at the end of a call, and returns what the fragments did not contain.
    /// </summary>
    /// <returns>True if the fragments contained less, or something else.</returns>
    /// <remarks>If the fragments contain something else, which happens when a stream was resumed in the middle, the complete arguments
    /// count.</remarks>
    public bool Settle(CallBlock call, JsonText whole, EventBuffer events)
    {
        if (whole.IsEmpty)
            return false;
        char pending = '\0';
        var room = call.Arguments.Reserve(whole.MaxLength);
        int length = whole.CopyTo(room, ref pending, out var flaw);
        if (pending != 0)
        {
            flaw = QuirkKind.LoneSurrogate;
            "\uFFFD"u8.CopyTo(room[length..]);
            length += 3;
        }
        if (flaw != QuirkKind.None)
            events.Note(flaw, places.Arguments);
        return Settle(call, room[..length], events);
    }

    /// <summary>Reads the complete arguments as a JSON value.</summary>
    /// <inheritdoc cref="Settle(CallBlock, JsonText, EventBuffer)" path="/remarks"/>
    public bool SettleValue(CallBlock call, ReadOnlySpan<byte> json, EventBuffer events)
    {
        var room = call.Arguments.Reserve(json.Length);
        return Settle(call, room[..WireJson.Compact(json, room)], events);
    }

    /// <summary>Ends the answer: emits each complete call, in order of appearance.</summary>
    /// <param name="isCut">Whether the answer was cut off (<see cref="StopWords.IsCut"/>), so that no call counts as complete.</param>
    /// <param name="events">Receives the events.</param>
    public void Complete(bool isCut, EventBuffer events)
    {
        foreach (var call in _calls)
        {
            if (call.Pending != 0)
            {
                call.Pending = '\0';
                events.Note(QuirkKind.LoneSurrogate, places.Arguments);
                "\uFFFD"u8.CopyTo(call.Arguments.Reserve(3));
                Emit(call, 3, events);
            }
            if (isCut || call.IsCut || call.IsAnswered || call.Name!.Length == 0)
                continue;
            bool isNothing = !call.IsText && GrowingCall.IsNothing(call.Arguments.Span, places.Arguments, events);
            if (isNothing && !HasLoss)
                events.Add(StreamEventKind.ToolCall, choice, call.Part, "{}"u8, call.Id, call.Name);
            else if (call.IsText || (!isNothing && call.TrySettle(places.Arguments, events)))
                events.Lend(StreamEventKind.ToolCall, choice, call.Part, call.Arguments, call.Id, call.Name);
            else
                events.Note(QuirkKind.ToolArgumentsInvalid, places.Arguments);
        }
    }

    /// <summary>Marks all calls so far as incomplete, whatever follows.</summary>
    public void CutAll()
    {
        foreach (var call in _calls)
            call.IsCut = true;
    }

    public void Dispose()
    {
        foreach (var call in _calls)
            call.Arguments.Return();
    }

    // The complete arguments are in the same buffer after the fragments, not counted yet.
    private bool Settle(CallBlock call, ReadOnlySpan<byte> whole, EventBuffer events)
    {
        var known = call.Arguments.Span;
        call.Pending = '\0';
        if (whole.SequenceEqual(known))
            return false;
        // Gateways send this if they did not assemble the pieces.
        if (!call.IsText && WireJson.IsEmpty(whole.Trim(WireJson.WhiteSpace)) && !call.HasEmptyArguments)
        {
            events.Note(QuirkKind.ToolArgumentsRepeated, places.Arguments);
            return false;
        }
        bool goesOn = whole.StartsWith(known);
        int rest = goesOn ? whole.Length - known.Length : whole.Length;
        if (!goesOn)
            Clear(call);
        whole[^rest..].CopyTo(call.Arguments.Reserve(rest));
        if (goesOn)
        {
            Emit(call, rest, events);
            return true;
        }
        call.Arguments.Commit(rest);
        Bound(call, rest, events);
        return true;
    }

    private void Clear(CallBlock call)
    {
        _argumentBytes -= call.Arguments.Length;
        call.ClearArguments();
    }

    private void Bound(CallBlock call, int added, EventBuffer events)
    {
        _argumentBytes += added;
        ArgumentBounds.Check(call.Arguments.Length, _argumentBytes, events.Options.Limits);
    }

    private void Emit(CallBlock call, int length, EventBuffer events)
    {
        int before = call.Arguments.Length;
        call.Arguments.Commit(length);
        if (length > 0)
            call.RecordFragment(before);
        Bound(call, length, events);
        events.Add(StreamEventKind.ToolArguments, choice, call.Part, call.Arguments.Span[before..], call.Id, call.Name);
    }

    private string Unique(string id)
    {
        // The calls that share it have taken as many of the numbers, so these are not tried again for each further one.
        int shared = 0;
        foreach (var call in _calls)
            shared += call.WireId == id ? 1 : 0;
        string unique = id;
        for (int i = Math.Max(2, shared); IsTaken(unique); i++)
            unique = $"{id}_{i}";
        return unique;
    }

    private bool IsTaken(string id)
    {
        foreach (var call in _calls)
        {
            if (call.Id == id)
                return true;
        }
        return false;
    }

    private static void ThrowTooMany() =>
        throw AnswerErrors.LimitExceeded(LlmLimit.ToolCalls, "The answer contains more tool calls than LlmLimits.ToolCalls allows.");
}
