namespace RawLlm.Protocols;

/// <summary>Assembles the tool calls of one choice from fragments (<see cref="AssembledCalls"/> decides which belong together).</summary>
/// <remarks>
/// <para>Whether a call is complete is decided only at the end of the answer: arguments that happen to be valid JSON may still
/// continue.</para>
/// </remarks>
internal sealed class ToolCallAssembler(int choice) : IDisposable
{
    /// <summary>The wire's names for the parts of a call.</summary>
    public static readonly CallPlaces Places = new("tool_calls[].id", "tool_calls[].function.name", "tool_calls[].function.arguments");

    private const int LargestIndex = 4095;

    // A name that arrives in pieces is joined up to this length; services accept names of 64 to 128 characters.
    private const int MaxJoinedName = 256;

    private readonly AssembledCalls _calls = new(choice);
    private int _argumentBytes;

    /// <summary>The number of calls.</summary>
    public int Count => _calls.All.Count;

    /// <summary>Adds what one event contains about a call.</summary>
    /// <param name="delta">What the event contains.</param>
    /// <param name="seed">A number that differs from answer to answer, from which missing IDs are made.</param>
    /// <param name="nextPart">The number of the answer's next part.</param>
    /// <param name="events">Receives the events.</param>
    /// <returns>The number of the call's part; -1 if there is none yet.</returns>
    public int Add(in ToolCallDelta delta, uint seed, ref int nextPart, EventBuffer events)
    {
        if (delta.Index > LargestIndex)
            AssembledCalls.ThrowTooMany();
        int count = Count;
        if (_calls.Resolve(delta, this, ref nextPart, events) is not { } call)
        {
            events.Note(QuirkKind.ToolNameMissing, "tool_calls[]");
            return -1;
        }
        if (Count > count)
            StartNamed(count, seed, events);
        call.IsCustom |= delta.IsCustom;
        if (call.Id is null && !delta.Id.IsEmpty && !call.IsStarted)
            call.Identify(delta.Id);
        if (call.Name is null && !delta.Name.IsEmpty)
        {
            if (call.Arguments.Length > 0 || call.Id is not null && !delta.IsWhole && !delta.Id.IsPresent)
                events.Note(QuirkKind.ToolNameLate, Places.Name);
            SetName(call, delta.Name);
        }
        else if (delta.Name.IsPresent && (delta.Name.IsEmpty || !call.IsNamed(delta.Name)))
        {
            events.Note(QuirkKind.ToolNameChanged, Places.Name);
            // A name in pieces (Kimi, 2026): the first piece has not been returned yet, and no arguments have arrived.
            if (
                !delta.Name.IsEmpty
                && call.Name!.Length <= MaxJoinedName
                && !call.IsStarted
                && call.Arguments.Length == 0
                && delta.Index >= 0
            )
            {
                Join(call, delta.Name);
            }
        }
        // Which call a fragment belongs to depends on the arguments so far only if the fragment has a name, or if the start of the call was
        // repeated under another index.
        if (call is { IsStarted: true, OtherIndexes: null } && !delta.Name.IsPresent && delta.ArgumentsValue.IsEmpty)
            events.Trace?.RecordPiece(call, delta.Arguments.Raw);
        else
            events.Trace?.Reject();
        if (
            !delta.Name.IsEmpty
            && AssembledCalls.StartsObject(delta)
            && call is { IsCustom: false, HasWholeArguments: true }
            && AssembledCalls.Repeats(delta, call)
        )
        {
            events.Note(QuirkKind.ToolArgumentsRepeated, Places.Arguments);
        }
        else
            AppendArguments(call, delta, events);
        Emit(call, seed, isSettled: delta.IsWhole && call.Id is not null, events);
        return call.Part;
    }

    /// <summary>Adds a fragment to a call that has begun, and emits it.</summary>
    public void Append(AssembledCall call, JsonText fragment, EventBuffer events)
    {
        if (fragment.IsEmpty)
            return;
        int before = call.Arguments.Length;
        AppendText(call, fragment, events);
        Settle(call, before, events);
        Emit(call, seed: 0, isSettled: false, events);
    }

    /// <summary>
    /// Adds a fragment that simply continues the others and is already in the buffer, without adding an event. Returns false if it may be
    /// something else.
    /// </summary>
    public bool TryAppend(AssembledCall call, int length, EventBuffer events)
    {
        int before = call.Arguments.Length;
        var limits = events.Options.Limits;
        if (
            !call.IsStarted
            || call.EmittedLength < before
            || !ArgumentBounds.AreWithin(before + (long)length, _argumentBytes + (long)length, limits)
        )
            return false;
        // A fragment as long as all before, or longer and quoted, may be a repetition of the arguments.
        if (length >= before && before > 0 && (length == before || call.Arguments.Reserve(length)[0] == (byte)'"'))
            return false;
        call.Arguments.Commit(length);
        _argumentBytes += length;
        if (length > 0)
            call.RecordFragment(before);
        call.EmittedLength = before + length;
        return true;
    }

    /// <summary>Ends the answer: emits each complete call, in order of appearance.</summary>
    /// <param name="isCut">Whether the answer was cut off, so that no call counts as complete.</param>
    /// <param name="seed">As in <see cref="Add"/>.</param>
    /// <param name="events">Receives the events.</param>
    public void Complete(bool isCut, uint seed, EventBuffer events)
    {
        StartNamed(Count, seed, events);
        foreach (var call in _calls.All)
        {
            if (call.Pending != 0)
            {
                call.Pending = '\0';
                events.Note(QuirkKind.LoneSurrogate, Places.Arguments);
                call.Arguments.Append("\uFFFD"u8);
            }
            bool isNamed = call.Name is not null;
            if (!isNamed)
            {
                events.Note(QuirkKind.ToolNameMissing, Places.Name);
                call.Name = "";
            }
            Emit(call, seed, isSettled: true, events);
            // It is sent back to the service as a custom call.
            if (call.IsCustom)
                events.Add(StreamEventKind.WireData, choice, call.Part, "{\"type\":\"custom\"}"u8, name: "chat-completions");
            if (isCut || !isNamed)
                continue;
            if (call.IsCustom)
                events.Lend(StreamEventKind.ToolCall, choice, call.Part, call.Arguments, call.Id, call.Name);
            else if (GrowingCall.IsNothing(call.Arguments.Span, Places.Arguments, events))
                events.Add(StreamEventKind.ToolCall, choice, call.Part, "{}"u8, call.Id, call.Name);
            else if (call.TrySettle(Places.Arguments, events))
                events.Lend(StreamEventKind.ToolCall, choice, call.Part, call.Arguments, call.Id, call.Name);
            else
                events.Note(QuirkKind.ToolArgumentsInvalid, Places.Arguments);
        }
    }

    public void Dispose()
    {
        foreach (var call in _calls.All)
            call.Arguments.Return();
    }

    private void AppendArguments(AssembledCall call, in ToolCallDelta delta, EventBuffer events)
    {
        int before = call.Arguments.Length;
        if (!delta.ArgumentsValue.IsEmpty)
        {
            events.Note(QuirkKind.ToolArgumentsAsObject, Places.Arguments);
            call.Arguments.Commit(WireJson.Compact(delta.ArgumentsValue, call.Arguments.Reserve(delta.ArgumentsValue.Length)));
        }
        else if (!delta.Arguments.IsEmpty)
        {
            AppendText(call, delta.Arguments, events);
        }
        Settle(call, before, events);
    }

    private static void AppendText(AssembledCall call, JsonText fragment, EventBuffer events)
    {
        int length = fragment.CopyTo(call.Arguments.Reserve(fragment.MaxLength), ref call.Pending, out var flaw);
        if (flaw != QuirkKind.None)
            events.Note(flaw, Places.Arguments);
        call.Arguments.Commit(length);
    }

    // Removes a repetition of what was there, and checks the rest against the limits.
    private void Settle(AssembledCall call, int before, EventBuffer events)
    {
        int added = call.Arguments.Length - before;
        if (
            added > 0
            && before > 0
            && !call.IsCustom
            && GrowingCall.IsRepetition(call.Arguments.Span[..before], call.Arguments.Span[before..])
        )
        {
            events.Note(QuirkKind.ToolArgumentsRepeated, Places.Arguments);
            call.Arguments.Commit(-added);
            return;
        }
        if (added > 0)
            call.RecordFragment(before);
        _argumentBytes += added;
        ArgumentBounds.Check(call.Arguments.Length, _argumentBytes, events.Options.Limits);
    }

    // The start is held back until the name is certainly complete: until the arguments begin, another call begins, or the answer ends.
    private void Emit(AssembledCall call, uint seed, bool isSettled, EventBuffer events)
    {
        if (!call.IsStarted)
        {
            if (call.Name is null || (call.Arguments.Length == 0 && !isSettled))
                return;
            if (call.Id is null)
            {
                events.Note(QuirkKind.ToolIdMissing, Places.Id);
                call.Id = _calls.Unique(GeneratedId.Create(seed, choice, call.Part));
            }
            call.IsStarted = true;
            events.Add(StreamEventKind.ToolCallStarted, choice, call.Part, call.Id, call.Name);
        }
        if (call.EmittedLength < call.Arguments.Length)
        {
            events.Add(StreamEventKind.ToolArguments, choice, call.Part, call.Arguments.Span[call.EmittedLength..], call.Id, call.Name);
            call.EmittedLength = call.Arguments.Length;
        }
    }

    // Starts calls that wait for arguments, which may never arrive.
    private void StartNamed(int count, uint seed, EventBuffer events)
    {
        for (int i = 0; i < count; i++)
        {
            if (_calls.All[i] is { IsStarted: false, Id: not null, Name: not null } waiting)
                Emit(waiting, seed, isSettled: true, events);
        }
    }

    private static void SetName(AssembledCall call, in JsonText name)
    {
        call.Name = StringCache.Get(name);
    }

    // The next piece of the name, or everything so far repeated.
    private static void Join(AssembledCall call, in JsonText name)
    {
        string text = name.ToString();
        call.Name = text.StartsWith(call.Name!, StringComparison.Ordinal) ? text : call.Name + text;
    }
}
