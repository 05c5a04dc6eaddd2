namespace RawLlm.Protocols;

/// <summary>
/// The tool calls of one choice, and the rules that decide to which call a fragment belongs. Keep this struct in one place: copies share
/// the list.
/// </summary>
/// <remarks>
/// <para>
/// An ID, an index or a name tells to which call a fragment belongs, but services omit, repeat, share or change each of them. The following
/// order of resolution gives the right calls for all dialects seen so far:
/// </para>
/// <list type="number">
/// <item><description>A known id: its call, if several share it, the one of this index. But a new call (two calls with one ID) if the
/// call is finished and a name comes with other arguments, or if the name is different and the call is finished or has a different
/// index.</description></item>
/// <item><description>An unknown ID with a name: a new call, whatever the index. But the call of this index if that has neither ID nor name
/// yet.</description></item>
/// <item><description>An unknown ID without a name: the call of this index, otherwise the latest, otherwise a new one.</description></item>
/// <item><description>No id: the latest call of this index. If there is none and a name is present, a new call; also if that call began in
/// the same list.</description></item>
/// <item><description>In both cases, a new call if the ID and the name of the call were repeated under this index before, and its arguments
/// cannot continue with these.</description></item>
/// <item><description>Neither: the call that began at this position of a list of several, otherwise the latest.</description></item>
/// </list>
/// <para>An empty delta begins no call.</para>
/// </remarks>
internal readonly struct AssembledCalls(int choice)
{
    /// <summary>All calls, in the order in which they began.</summary>
    public List<AssembledCall> All { get; } = [];

    private static CallPlaces Places => ToolCallAssembler.Places;

    private AssembledCall? Latest => All.Count > 0 ? All[^1] : null;

    /// <summary>Returns the call that a delta belongs to; null if the delta is empty and belongs to none.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="assembler">Receives the pieces of a new call.</param>
    /// <param name="nextPart">The number of the answer's next part.</param>
    /// <param name="events">Receives quirks.</param>
    public AssembledCall? Resolve(in ToolCallDelta delta, ToolCallAssembler assembler, ref int nextPart, EventBuffer events)
    {
        if (delta.IsWhole)
            return delta.IsEmpty ? null : New(delta, assembler, ref nextPart, events);
        if (delta.Index < 0)
            events.Note(QuirkKind.ToolIndexMissing, "tool_calls[].index");
        var call = delta.Id.IsEmpty ? ResolveWithoutId(delta) : ResolveById(delta, events);
        if (call is null && delta.IsEmpty)
            return null;
        if (call is not null && !BeginsTwin(delta, call))
            return call;
        return New(delta, assembler, ref nextPart, events, twin: call);
    }

    /// <summary>Returns an ID that no call has: this one, or one made from it.</summary>
    public string Unique(string id)
    {
        // The calls that share it have taken as many of the numbers, so these are not tried again for each further one.
        int shared = 0;
        foreach (var call in All)
            shared += call.WireId == id ? 1 : 0;
        string unique = id;
        for (int i = Math.Max(2, shared); All.Exists(call => call.Id == unique); i++)
            unique = $"{id}_{i}";
        return unique;
    }

    /// <summary>Whether the arguments of a delta begin like an object.</summary>
    public static bool StartsObject(in ToolCallDelta delta) =>
        delta.ArgumentsValue.IsEmpty ? delta.Arguments.Raw is [(byte)'{', ..] : delta.ArgumentsValue[0] == '{';

    /// <summary>Whether a delta repeats the arguments of a call.</summary>
    // vLLM and gateways (2026) repeat a finished call together with the finish reason, serialized differently: with other white space and
    // other escapes.
    public static bool Repeats(in ToolCallDelta delta, AssembledCall known)
    {
        if (!delta.ArgumentsValue.IsEmpty)
            return known.MatchesArguments(delta.ArgumentsValue);
        if (delta.Arguments.Is(known.Arguments.Span))
            return true;
        if (known.IsCustom)
            return false;
        byte[] arguments = new byte[delta.Arguments.MaxLength];
        char pending = '\0';
        int length = delta.Arguments.CopyTo(arguments, ref pending, out _);
        return pending == 0 && known.MatchesArguments(arguments.AsSpan(0, length));
    }

    /// <summary>Throws because there are too many calls.</summary>
    /// <exception cref="LlmException">Always.</exception>
    public static void ThrowTooMany() =>
        throw AnswerErrors.LimitExceeded(
            LlmLimit.ToolCalls,
            "The answer contains more tool calls than LlmLimits.ToolCalls allows, or a tool call index that is negative or too high."
        );

    private AssembledCall? ResolveById(in ToolCallDelta delta, EventBuffer events)
    {
        if (FindById(delta.Id, delta.Index) is { } known)
        {
            bool isRenamed = !delta.Name.IsEmpty && known.Name is not null && !known.IsNamed(delta.Name);
            bool isElsewhere = delta.Index >= 0 && known.WireIndex >= 0 && delta.Index != known.WireIndex;
            if (isRenamed && (isElsewhere || known.HasWholeArguments))
                return null;
            if (!delta.Name.IsEmpty && BeginsOther(delta, known))
                return null;
            if (isRenamed)
                events.Note(QuirkKind.ToolNameChanged, Places.Name);
            else if (isElsewhere && delta is { Name.IsEmpty: false, Arguments.IsEmpty: true, ArgumentsValue.IsEmpty: true })
                AddIndex(known, delta.Index);
            if (delta.Index >= 0 && delta.Index != known.WireIndex)
                events.Note(QuirkKind.ToolIndexChanged, "tool_calls[].index");
            events.Note(QuirkKind.ToolIdRepeated, Places.Id);
            return known;
        }
        // Arguments that arrived first wait for the ID and the name of their call (reported for gateways, 2026).
        if (!delta.Name.IsEmpty)
            return (delta.Index >= 0 ? LatestAt(delta.Index) : Latest) is { Id: null, Name: null } nameless ? nameless : null;
        var here = delta.Index >= 0 ? LatestAt(delta.Index) : null;
        // A first delta that contains only an unseen index and ID begins a call whose name comes later; one with arguments continues the
        // latest call.
        if (here is null && (delta.Index < 0 || !delta.Arguments.IsEmpty || !delta.ArgumentsValue.IsEmpty))
            here = Latest;
        if (here?.Id is not null)
            events.Note(QuirkKind.ToolIdChanged, Places.Id);
        return here;
    }

    // Complete calls of one tool under one ID. A delta that only repeats the arguments of the finished call is not another call.
    private static bool BeginsOther(in ToolCallDelta delta, AssembledCall known) =>
        StartsObject(delta) && known.HasWholeArguments && !Repeats(delta, known);

    // Two calls of one tool under one ID whose arguments follow their starts (2026). A call that only changes its index goes on with them.
    private static bool BeginsTwin(in ToolCallDelta delta, AssembledCall known) =>
        known.OtherIndexes?.Contains(delta.Index) == true
        && StartsObject(delta)
        && !known.AcceptsObject
        && !(known.HasWholeArguments && Repeats(delta, known));

    private static void AddIndex(AssembledCall call, int index)
    {
        call.OtherIndexes ??= [];
        if (!call.OtherIndexes.Contains(index))
            call.OtherIndexes.Add(index);
    }

    private AssembledCall? ResolveWithoutId(in ToolCallDelta delta)
    {
        // Moonshot (2026) sends parallel calls without indexes: each list contains a piece of each call, in the order in which they began.
        var call =
            delta.Index >= 0 ? LatestAt(delta.Index) ?? RepeatedAt(delta.Index)
            : delta.Name.IsEmpty ? BegunAt(delta.Position)
            : null;
        if (call is null && (delta.Name.IsEmpty || delta.Index < 0))
            call = Latest;
        if (call is null || delta.Name.IsEmpty || call.Name is null)
            return call;
        // A list does not contain a call twice: calls without IDs may have the same name and arguments. But two entries under one index may
        // be its beginning and its arguments.
        if (All.LastIndexOf(call) >= delta.ListStart && (delta.Index < 0 || call.Arguments.Length > 0))
            return null;
        // Complete calls without IDs: the next one begins when a name arrives and the current call is finished. A name that is only
        // repeated, or arrives with arguments that were sent before, continues the call that it names.
        bool begins =
            call.HasWholeArguments
            && !(call.IsNamed(delta.Name) && delta.ArgumentsValue.IsEmpty && (delta.Arguments.IsEmpty || Repeats(delta, call)));
        bool differs = !call.IsNamed(delta.Name) && delta.Index < 0;
        return begins || differs ? null : call;
    }

    private AssembledCall New(
        in ToolCallDelta delta,
        ToolCallAssembler assembler,
        ref int nextPart,
        EventBuffer events,
        AssembledCall? twin = null
    )
    {
        if (All.Count >= events.Options.Limits.ToolCalls)
            ThrowTooMany();
        if (delta.Index >= 0)
        {
            if (LatestAt(delta.Index) is not null)
                events.Note(QuirkKind.ToolIndexReused, "tool_calls[].index");
            else if (delta.Index != All.Count)
                events.Note(QuirkKind.ToolIndexSparse, "tool_calls[].index");
        }
        var call = new AssembledCall(assembler, choice, nextPart++) { WireIndex = delta.Index, Position = delta.Position };
        All.Add(call);
        var sharing = twin ?? (delta.Id.IsEmpty ? null : FindById(delta.Id, index: -1));
        call.Name = twin?.Name;
        if (sharing is not null)
        {
            events.Note(QuirkKind.ToolIdShared, Places.Id);
            // Fragments with this ID still belong to this call, the latest that has it; only the ID that the caller sees is made unique.
            call.WireId = sharing.WireId;
            call.Id = Unique(sharing.WireId!);
        }
        else if (!delta.Id.IsEmpty)
        {
            call.Identify(delta.Id);
        }
        return call;
    }

    // Of several calls that share an ID, the one with the index, otherwise the one that was repeated under it, otherwise the latest.
    private AssembledCall? FindById(in JsonText id, int index)
    {
        AssembledCall? repeated = null;
        AssembledCall? latest = null;
        for (int i = All.Count - 1; i >= 0; i--)
        {
            if (All[i].WireId is not { } known || !id.Is(known))
                continue;
            if (index < 0 || All[i].WireIndex == index)
                return All[i];
            latest ??= All[i];
            if (All[i].OtherIndexes?.Contains(index) == true)
                repeated ??= All[i];
        }
        return repeated ?? latest;
    }

    private AssembledCall? RepeatedAt(int index)
    {
        for (int i = All.Count - 1; i >= 0; i--)
        {
            if (All[i].OtherIndexes?.Contains(index) == true)
                return All[i];
        }
        return null;
    }

    private AssembledCall? LatestAt(int index)
    {
        for (int i = All.Count - 1; i >= 0; i--)
        {
            if (All[i].WireIndex == index)
                return All[i];
        }
        return null;
    }

    private AssembledCall? BegunAt(int position)
    {
        for (int i = All.Count - 1; i >= 0 && position >= 0; i--)
        {
            if (All[i].Position == position)
                return All[i];
        }
        return null;
    }
}
