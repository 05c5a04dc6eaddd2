namespace RawLlm.Protocols;

/// <summary>The items of one answer, and the rules by which an event finds the item that it belongs to.</summary>
/// <remarks>
/// An event belongs to the item with its <c>output_index</c>; without one, to the item with its <c>item_id</c>; without either, to the
/// latest open item of its kind. The index comes before the ID because some servers send another ID with each event (2026). If no item has
/// the index, the ID counts: vLLM (2026) raises the index before an item's last events.
/// </remarks>
internal sealed class OutputItems
{
    private OutputItem[] _items = [];
    private int _count;

    /// <summary>Whether the service itself runs the calls that it labels as custom tool calls.</summary>
    public bool RunsCustomCalls { get; set; }

    /// <summary>All items, in the order in which they first appeared.</summary>
    public ReadOnlySpan<OutputItem> All => _items.AsSpan(0, _count);

    /// <summary>Returns the item with an index and an ID; null if none is known.</summary>
    /// <param name="outputIndex">The index; -1 if the event has none.</param>
    /// <param name="id">The ID, if there is one.</param>
    /// <param name="kind">The kind of item that the event names.</param>
    /// <param name="isDelta">True for an event that an item no longer gets once it is done.</param>
    // If no item has the index, the ID counts. If the items with the index are of other kinds, or done, it is another item (LiteLLM, 2026,
    // sends 0 everywhere).
    public OutputItem? Find(int outputIndex, JsonText id, OutputItemKind kind, bool isDelta)
    {
        OutputItem? found = null;
        OutputItem? named = null;
        OutputItem? late = null;
        for (int i = _count - 1; i >= 0; i--)
        {
            var item = _items[i];
            if (outputIndex >= 0 && item.OutputIndex == outputIndex)
            {
                if (item.IsNamed(id) || (item.MayBe(id) && (item.MayBe(kind) || id.IsEmpty)))
                    return item;
                if (item.MayBe(kind) && !(isDelta && item.IsDone))
                    found ??= item;
            }
            else if (item.IsNamed(id))
            {
                if (outputIndex < 0 || item.OutputIndex < 0)
                    return item;
                // If the indexes differ, a finished item is not meant: several items share the ID.
                if (item.MayBe(kind) && !item.IsDone)
                    named ??= item;
            }
            else if (!isDelta && outputIndex >= 0 && item.LateIndex == outputIndex && item.MayBe(kind) && !item.IsDone)
            {
                late ??= item;
            }
        }
        // Last events may have the index of the next item (vLLM, 2026), which already exists if they are late.
        return isDelta ? found ?? named : named ?? found ?? late;
    }

    /// <summary>
    /// Returns the reasoning item of an event that does not identify itself as reasoning; null if its item is of another kind.
    /// </summary>
    public OutputItem? FindReasoning(scoped in ResponsesEvent e, bool isDelta) =>
        Find(e.OutputIndex, e.ItemId, OutputItemKind.Unknown, isDelta) is { Kind: OutputItemKind.Reasoning } item && item.MayBe(e.ItemId)
            ? item
            : null;

    /// <summary>Returns the item that an event belongs to; a new one if the event is the first about it.</summary>
    public OutputItem Resolve(scoped in ResponsesEvent e, OutputItemKind kind, bool isDelta, EventBuffer events)
    {
        NoteMissing(e, events);
        var item = Find(e.OutputIndex, e.ItemId, kind, isDelta);
        if (item is null && e.OutputIndex < 0)
            item = LatestOpen(kind);
        else if (item is null && !isDelta)
            item = LatestUnsettled(kind, default);
        if (item is { IsCall: true } && !item.MayBeCall(e.CallId))
            item = OfCall(e.CallId) ?? (item.IsAdded ? item : null);
        if (item is not null)
        {
            NoteOther(e, item, events);
            if (!isDelta && HasOther(e, item))
                item.LateIndex = e.OutputIndex;
            return item;
        }
        item = AddSeen(e.OutputIndex, events);
        item.Identify(e.ItemId, kind);
        return item;
    }

    /// <summary>Returns the item that an event announces.</summary>
    public OutputItem ResolveAdded(scoped in ResponsesEvent e, in OutputItemFields fields, EventBuffer events)
    {
        NoteMissing(e, events);
        var known = Find(e.OutputIndex, fields.Id, fields.Kind, isDelta: false);
        if (known is null || HasOther(e, known))
            return AddSeen(e.OutputIndex, events);
        // Known only from its deltas, or announced twice. If it is done, or has another ID, this is a second item with the same index.
        if (!known.IsAdded || (!known.IsDone && known.MayBe(fields.Id)))
            return known;
        return AddSeen(e.OutputIndex, events);
    }

    /// <summary>Returns the item that an event ends.</summary>
    public OutputItem ResolveDone(scoped in ResponsesEvent e, in OutputItemFields fields, EventBuffer events)
    {
        NoteMissing(e, events);
        var item = Find(e.OutputIndex, fields.Id, fields.Kind, isDelta: false);
        // An item ends once, so another ID means a second item with the same index.
        if (item is { IsDone: true } && (!item.MayBe(fields.Id) || (fields.Id.IsEmpty && !item.MayBeCall(fields.CallId))))
            item = null;
        if (item is null || !(item.MayBe(fields.Id) || item.MayBeCall(fields.CallId)))
            item = OpenCall(fields.CallId) ?? item;
        item ??= e.OutputIndex < 0 ? LatestOpen(fields.Kind) : LatestUnsettled(fields.Kind, fields.Name);
        if (item is null)
            return AddSeen(e.OutputIndex, events);
        NoteOther(e, item, events);
        return item;
    }

    /// <summary>Returns the item that an entry of the final list names by its ID, or by the call's ID.</summary>
    public OutputItem? FindNamed(in OutputItemFields fields)
    {
        int hash = OutputItem.HashOf(fields.Id.Raw);
        foreach (var item in All)
        {
            if (item.IsLeft && item.IsNamed(fields.Id, hash) && item.MayBe(fields.Kind))
                return item;
        }
        if (fields.CallId.IsEmpty)
            return null;
        foreach (var item in All)
        {
            if (item.IsLeft && item.HasNamedCall && item.MayBeCall(fields.CallId))
                return item;
        }
        return null;
    }

    /// <summary>Returns the item that was found for an entry of the final list before its turn.</summary>
    public OutputItem? FindEntry(int index)
    {
        foreach (var item in All)
        {
            if (item.Entry == index)
                return item;
        }
        return null;
    }

    /// <summary>Whether the index alone identifies the item: every item has one, and only one has this.</summary>
    public bool IsIdentifiedByIndex(int outputIndex)
    {
        int count = 0;
        foreach (var item in All)
        {
            if (item.OutputIndex < 0)
                return false;
            count += item.OutputIndex == outputIndex ? 1 : 0;
        }
        return count == 1;
    }

    /// <summary>
    /// Whether the model waits for the client: an item asks it, and neither an answer from the service itself nor a text follows.
    /// </summary>
    public bool AskClient()
    {
        for (int i = _count - 1; i >= 0 && _items[i].FirstEmitted() is null; i--)
        {
            if (_items[i].AsksClient && !IsAnswered(i))
                return true;
        }
        return false;
    }

    private bool IsAnswered(int asking)
    {
        for (int i = asking + 1; i < _count; i++)
        {
            if (_items[i].Answers(_items[asking]))
                return true;
        }
        return false;
    }

    public OutputItem Add(int outputIndex, EventBuffer events)
    {
        if (_count >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        if (_count == _items.Length)
            Array.Resize(ref _items, Math.Max(4, 2 * _count));
        return _items[_count++] = new OutputItem { OutputIndex = outputIndex };
    }

    // mistral.rs (2026) announces no calls, and gives all of them one index: only the call's own ID distinguishes them.
    private OutputItem? OfCall(JsonText callId)
    {
        foreach (var item in All)
        {
            if (!item.IsDone && item.HasCallId && item.MayBeCall(callId))
                return item;
        }
        return null;
    }

    private OutputItem AddSeen(int outputIndex, EventBuffer events)
    {
        foreach (var item in All)
        {
            if (outputIndex >= 0 && item.OutputIndex == outputIndex)
                events.Note(QuirkKind.EventOrder, "output_index");
        }
        return Add(outputIndex, events);
    }

    private OutputItem? LatestOpen(OutputItemKind kind)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (!_items[i].IsDone && _items[i].Kind == kind)
                return _items[i];
        }
        return null;
    }

    // Several may be open at once: llama.cpp (2026) ends all calls after the last one, with neither indexes nor item IDs.
    private OutputItem? OpenCall(JsonText callId)
    {
        if (callId.IsEmpty)
            return null;
        foreach (var item in All)
        {
            if (!item.IsDone && item.HasNamedCall && item.MayBeCall(callId))
                return item;
        }
        return null;
    }

    // The item whose last events arrived under an unknown index and id: it still waits for them.
    private OutputItem? LatestUnsettled(OutputItemKind kind, JsonText name)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            var item = _items[i];
            if (item.IsDone || item.Kind != kind)
                continue;
            if (
                item.IsCall
                    ? item.HasNamedCall && (item.Call is not { } call || name.IsEmpty || name.Is(call.Name ?? ""))
                    : item.HasOpenText
            )
            {
                return item;
            }
        }
        return null;
    }

    private static bool HasOther(scoped in ResponsesEvent e, OutputItem item) =>
        e.OutputIndex >= 0 && item.OutputIndex >= 0 && item.OutputIndex != e.OutputIndex;

    private static void NoteOther(scoped in ResponsesEvent e, OutputItem item, EventBuffer events)
    {
        if (HasOther(e, item))
            events.Note(QuirkKind.EventOrder, "output_index");
    }

    private static void NoteMissing(scoped in ResponsesEvent e, EventBuffer events)
    {
        if (e.OutputIndex < 0)
            events.Note(QuirkKind.PartIndexMissing, "output_index");
    }
}
