namespace RawLlm.Protocols;

/// <summary>The function calls of one choice, and the rules by which a fragment finds the one that it belongs to. A struct to be kept in one place: copies share the list.</summary>
/// <remarks>
/// <para>
/// Which call a fragment belongs to is told by an id, a number or a name, of which services leave out, repeat, share or change
/// each. The order of resolution below gives the right calls for all dialects that have been seen:
/// </para>
/// <list type="number">
/// <item><description>a known id: its call; but a new one (two calls with one id) where a name comes with other arguments than those of a finished call, or is another one under another number;</description></item>
/// <item><description>an unknown id with a name: a new call, whatever the number; but the call of this number where that has neither yet;</description></item>
/// <item><description>an unknown id without a name: the call of this number, else the latest, else a new one;</description></item>
/// <item><description>no id: the latest call of this number; if there is none and a name is given, a new one;</description></item>
/// <item><description>neither: the call that began at this place of a list of several, else the latest.</description></item>
/// </list>
/// <para>What says nothing at all begins no call.</para>
/// </remarks>
internal readonly struct AssembledCalls(int choice)
{
    /// <summary>All calls, in the order in which they began.</summary>
    public List<AssembledCall> All { get; } = [];

    private static CallPlaces Places => ToolCallAssembler.Places;

    private AssembledCall? Latest => All.Count > 0 ? All[^1] : null;

    /// <summary>The call that belongs to what an event says; null where it says nothing of any.</summary>
    /// <param name="delta">What it says.</param>
    /// <param name="assembler">Takes the pieces of a new one.</param>
    /// <param name="nextPart">The number of the answer's next part.</param>
    /// <param name="events">Takes quirks.</param>
    public AssembledCall? Resolve(in ToolCallDelta delta, ToolCallAssembler assembler, ref int nextPart, EventBuffer events)
    {
        if (delta.IsWhole)
            return delta.IsEmpty ? null : New(delta, assembler, ref nextPart, events);
        if (delta.Index < 0)
            events.Note(QuirkKind.ToolIndexMissing, "tool_calls[].index");
        var call = delta.Id.IsEmpty ? ResolveWithoutId(delta) : ResolveById(delta, events);
        if (call is null && delta.IsEmpty)
            return null;
        return call ?? New(delta, assembler, ref nextPart, events);
    }

    /// <summary>An id that no call has: this one, or one made from it.</summary>
    public string Unique(string id)
    {
        string unique = id;
        for (int i = 2; All.Exists(call => call.Id == unique); i++)
            unique = $"{id}_{i}";
        return unique;
    }

    /// <summary>Whether what an event says of arguments begins as an object.</summary>
    public static bool HoldsObject(in ToolCallDelta delta) =>
        delta.ArgumentsValue.IsEmpty ? delta.Arguments.Raw is [(byte)'{', ..] : delta.ArgumentsValue[0] == '{';

    /// <summary>Whether it says the arguments of a call once more.</summary>
    // vLLM and gateways (2026) say a finished call once more with the finish reason, written anew: with other white space and other escapes.
    public static bool Repeats(in ToolCallDelta delta, AssembledCall known)
    {
        if (!delta.ArgumentsValue.IsEmpty)
            return SameJson.Is(delta.ArgumentsValue, known.Arguments.Span);
        if (delta.Arguments.Is(known.Arguments.Span))
            return true;
        if (known.IsCustom)
            return false;
        byte[] arguments = new byte[delta.Arguments.MaxLength];
        char pending = '\0';
        int length = delta.Arguments.CopyTo(arguments, ref pending, out _);
        return pending == 0 && SameJson.Is(arguments.AsSpan(0, length), known.Arguments.Span);
    }

    /// <summary>Refuses one more.</summary>
    /// <exception cref="LlmException">Always.</exception>
    public static void ThrowTooMany() =>
        throw AnswerErrors.TooMuch(LlmLimit.ToolCalls, "The answer holds more function calls, or higher numbers of them, than LlmLimits.ToolCalls allows.");

    private AssembledCall? ResolveById(in ToolCallDelta delta, EventBuffer events)
    {
        if (FindById(delta.Id) is { } known)
        {
            bool isRenamed = !delta.Name.IsEmpty && known.Name is not null && !known.IsNamed(delta.Name);
            bool isElsewhere = delta.Index >= 0 && known.WireIndex >= 0 && delta.Index != known.WireIndex;
            if (isRenamed && (isElsewhere || known.HasWholeArguments))
                return null;
            if (!delta.Name.IsEmpty && BeginsOther(delta, known))
                return null;
            if (isRenamed)
                events.Note(QuirkKind.ToolNameChanged, Places.Name);
            if (delta.Index >= 0 && delta.Index != known.WireIndex)
                events.Note(QuirkKind.ToolIndexChanged, "tool_calls[].index");
            events.Note(QuirkKind.ToolIdRepeated, Places.Id);
            return known;
        }
        // Arguments that came first wait for the id and the name of their call (reported of gateways, 2026).
        if (!delta.Name.IsEmpty)
            return (delta.Index >= 0 ? LatestAt(delta.Index) : Latest) is { Id: null, Name: null } nameless ? nameless : null;
        var here = delta.Index >= 0 ? LatestAt(delta.Index) : null;
        // A first delta that only names an unseen number and id begins a call whose name comes later; one that carries arguments goes on with the latest.
        if (here is null && (delta.Index < 0 || !delta.Arguments.IsEmpty || !delta.ArgumentsValue.IsEmpty))
            here = Latest;
        if (here?.Id is not null)
            events.Note(QuirkKind.ToolIdChanged, Places.Id);
        return here;
    }

    // Whole calls of one function under one id. What only repeats the arguments of the finished one is not another.
    private static bool BeginsOther(in ToolCallDelta delta, AssembledCall known) =>
        HoldsObject(delta) && known.HasWholeArguments && !Repeats(delta, known);

    private AssembledCall? ResolveWithoutId(in ToolCallDelta delta)
    {
        // Moonshot (2026), calls side by side without numbers: each list holds a piece of each of them, in the order in which they began.
        var call = delta.Index >= 0 ? LatestAt(delta.Index) : delta.Name.IsEmpty ? BegunAt(delta.Position) : null;
        if (call is null && (delta.Name.IsEmpty || delta.Index < 0))
            call = Latest;
        if (call is null || delta.Name.IsEmpty || call.Name is null)
            return call;
        // Whole calls without ids: the next one begins where a name comes with a call that is finished. A name that is only
        // repeated, or comes with arguments that were sent before, goes on with the call it names.
        bool begins = call.HasWholeArguments && !(call.IsNamed(delta.Name) && delta.ArgumentsValue.IsEmpty && (delta.Arguments.IsEmpty || Repeats(delta, call)));
        bool differs = !call.IsNamed(delta.Name) && delta.Index < 0;
        return begins || differs ? null : call;
    }

    private AssembledCall New(in ToolCallDelta delta, ToolCallAssembler assembler, ref int nextPart, EventBuffer events)
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
        if (!delta.Id.IsEmpty)
        {
            bool isShared = FindById(delta.Id) is not null;
            call.Identify(delta.Id);
            if (isShared)
            {
                events.Note(QuirkKind.ToolIdShared, Places.Id);
                // Fragments that name the id still belong to this call, the latest that has it; only what the caller sees is made unique.
                call.Id = Unique(call.Id!);
            }
        }
        return call;
    }

    private AssembledCall? FindById(in JsonText id)
    {
        for (int i = All.Count - 1; i >= 0; i--)
        {
            if (All[i].WireId is { } known && id.Is(known))
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
