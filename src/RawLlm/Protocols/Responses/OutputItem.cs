namespace RawLlm.Protocols;

/// <summary>The state of an item while its answer arrives.</summary>
internal sealed class OutputItem
{
    /// <summary>The wire's index of the item; -1 if it has none.</summary>
    public int OutputIndex = -1;

    /// <summary>Another index under which its last events arrive (vLLM and SGLang, 2025 to 2026); -1 until there is one.</summary>
    public int LateIndex = -1;

    public byte[] Id = [];
    public OutputItemKind Kind;
    public CallBlock? Call;

    /// <summary>The phase of a message (<see cref="TextPart.Phase"/>); null if it has none, or none yet.</summary>
    public string? Phase { get; private set; }

    /// <summary>The one part of reasoning, of a tool call, or of an item that is kept whole; -1 until there is one.</summary>
    public int Part = -1;

    /// <summary>True once its own first event arrived; an item may be known only from its deltas.</summary>
    public bool IsAdded;
    public bool IsDone;

    /// <summary>Whether the model waits for the client's answer to it (<see cref="OutputItemFields.AsksClient"/>).</summary>
    public bool AsksClient;

    /// <summary>Whether it is such an answer, from the service itself.</summary>
    public bool AnswersForClient;

    /// <summary>The ID of the call, of an item that asks the client or answers for it; empty if it has none.</summary>
    public byte[] AskedId = [];

    /// <summary>True once the final list repeated it.</summary>
    public bool IsListed;
    public bool HasWireData;

    /// <summary>The latest bytes of an item whose data goes back at the end of the answer; empty if there is none.</summary>
    public byte[] DeferredData = [];

    // How often that data was returned, and how many citations it contained the last time.
    private int _wireDataCount;
    private int _citationCount;

    /// <summary>The index of the entry in the final list that was found to repeat it before its turn; -1 until there is one.</summary>
    public int Entry = -1;

    /// <summary>Whether only its kind and its order tell that the entry repeats it.</summary>
    public bool IsGuessed;

    /// <summary>Whether no entry of the final list repeats it yet.</summary>
    public bool IsLeft => !IsListed && Entry < 0;

    /// <summary>What is known of a tool call before it has a name, or is emitted; null if there is nothing.</summary>
    public EarlyCall? Early;

    /// <summary>Whether a piece of a call's arguments could not be read, and their whole has not arrived since.</summary>
    public bool LacksPiece;

    /// <summary>The arguments in the item's first event, as raw JSON; they count if no others arrive.</summary>
    public byte[] InitialArguments = [];
    public bool AreInitialArgumentsEscaped;

    /// <summary>The indexes of the content parts that were announced; null if none were.</summary>
    public HashSet<int>? AnnouncedParts;

    private int _idHash;

    public List<OutputText> Texts { get; } = [];

    public bool IsCall => Kind is OutputItemKind.FunctionCall or OutputItemKind.CustomCall;

    /// <summary>Whether this is a tool call whose ID is known.</summary>
    public bool HasCallId => Call is not null || Early is { Id.Length: > 0 };

    /// <summary>Whether this is a tool call with an ID and a name, emitted or not.</summary>
    public bool HasNamedCall => Call is not null || Early is { IsNamed: true };

    /// <summary>Whether any of it was emitted or kept.</summary>
    public bool HasContent => Call is not null || Early is not null || Part >= 0 || Texts.Count > 0;

    /// <summary>Whether a summary of reasoning was emitted.</summary>
    public bool HasSummary
    {
        get
        {
            foreach (var text in Texts)
            {
                if (text is { IsSummary: true, HasText: true })
                    return true;
            }
            return false;
        }
    }

    public bool HasOpenText
    {
        get
        {
            foreach (var text in Texts)
            {
                if (!text.IsDone)
                    return true;
            }
            return false;
        }
    }

    /// <summary>Takes the ID from an event, if none is known yet, and the kind.</summary>
    public void Identify(JsonText id, OutputItemKind kind)
    {
        if (Id.Length == 0 && !id.IsEmpty)
        {
            Id = id.Plain().Raw.ToArray();
            _idHash = HashOf(Id);
        }
        if (kind != OutputItemKind.Unknown)
            Kind = kind;
    }

    /// <summary>Takes the phase of a message, which its texts have from then on.</summary>
    public void SetPhase(JsonText phase)
    {
        if (phase.IsEmpty || Kind != OutputItemKind.Message)
            return;
        Phase = StringCache.Get(phase);
        foreach (var text in Texts)
        {
            if (text is { Kind: StreamEventKind.Text, Run: { } run })
                run.Name = Phase;
        }
    }

    /// <summary>True unless both kinds are known and differ.</summary>
    public bool MayBe(OutputItemKind kind) =>
        Kind == kind
        || Kind == OutputItemKind.Unknown
        || kind == OutputItemKind.Unknown
        || (IsCall && kind is OutputItemKind.FunctionCall or OutputItemKind.CustomCall);

    /// <summary>True unless both are calls whose IDs are known and differ.</summary>
    public bool MayBeCall(JsonText callId) =>
        callId.IsEmpty
        || (
            Call is null && Early is { Id.Length: > 0 } early
                ? callId.Raw.SequenceEqual(early.Id)
                : Call?.Id is not { Length: > 0 } id || callId.Is(id)
        );

    /// <summary>True unless both are calls whose names are known and differ.</summary>
    public bool MayCall(JsonText name) => name.IsEmpty || Call?.Name is not { Length: > 0 } known || name.Is(known);

    /// <summary>True unless both IDs are known and differ.</summary>
    public bool MayBe(JsonText id) => id.IsEmpty || Id.Length == 0 || id.Is(Id);

    public bool IsNamed(JsonText id) => Id.Length > 0 && !id.IsEmpty && id.Is(Id);

    /// <summary>The same, with the hash of the ID (<see cref="HashOf"/>): long IDs may differ only at their end.</summary>
    public bool IsNamed(JsonText id, int hash) => hash == _idHash && IsNamed(id);

    /// <summary>Returns the hash of an ID, so that it can be compared with those of many items.</summary>
    public static int HashOf(ReadOnlySpan<byte> id)
    {
        var hash = new HashCode();
        hash.AddBytes(id);
        return hash.ToHashCode();
    }

    /// <summary>Returns the text with an index; without an index, the latest that is still open.</summary>
    public OutputText? Find(StreamEventKind kind, bool isSummary, int index, bool isDone)
    {
        for (int i = Texts.Count - 1; i >= 0; i--)
        {
            var text = Texts[i];
            if (text.Kind == kind && text.IsSummary == isSummary && (index >= 0 ? text.Index == index : isDone || !text.IsDone))
                return text;
        }
        return null;
    }

    /// <summary>The same, but if the item's parts are announced, an index that was not announced is not a part of its own.</summary>
    // vLLM (2026) counts the deltas there.
    public OutputText? Find(StreamEventKind kind, bool isSummary, int index, bool isDone, EventBuffer events)
    {
        if (Find(kind, isSummary, index, isDone) is { } text)
            return text;
        if (
            isSummary
            || index < 0
            || AnnouncedParts is null
            || AnnouncedParts.Contains(index)
            || Find(kind, isSummary, -1, isDone) is not { } latest
        )
        {
            return null;
        }

        events.Note(QuirkKind.EventOrder, "content_index");
        return latest;
    }

    /// <summary>Returns the first text that was emitted as a part of its own; null if there is none.</summary>
    public OutputText? FirstEmitted()
    {
        foreach (var text in Texts)
        {
            if (text.HasText && text.Kind != StreamEventKind.Reasoning)
                return text;
        }
        return null;
    }

    /// <summary>Keeps the arguments in the item's first event.</summary>
    public void StoreInitialArguments(in OutputItemFields fields, ref RetainedBytes retained, EventBuffer events)
    {
        bool isValue = !fields.ArgumentsValue.IsEmpty;
        if (InitialArguments.Length > 0 || (isValue ? WireJson.IsEmpty(fields.ArgumentsValue) : fields.Arguments.IsEmpty))
            return;
        var json = isValue ? fields.ArgumentsValue : fields.Arguments.Raw;
        retained.Add(json.Length, events);
        InitialArguments = json.ToArray();
        AreInitialArgumentsEscaped = !isValue && fields.Arguments.IsEscaped;
    }

    /// <summary>Records that the service runs the call itself: it is not emitted.</summary>
    // Perplexity's agents (2026) announce their own calls as whole tool calls, and end those items as their results.
    public void Answer()
    {
        if (Call is { } call)
        {
            call.IsAnswered = true;
            Call = null;
            Part = -1;
        }
        Early = null;
        InitialArguments = [];
    }

    /// <summary>Whether to return the data that goes back with the item now; if so, counts the return.</summary>
    // It contains all citations, so after a few times only when their number has doubled: otherwise, an item that ends again with each
    // further citation would return all of them each time.
    public bool TryBeginWireData()
    {
        int count = 0;
        foreach (var text in Texts)
            count += text.Citations?.Count ?? 0;
        if (++_wireDataCount > 4 && count < 2 * _citationCount)
            return false;
        _citationCount = count;
        DeferredData = [];
        return true;
    }

    /// <summary>Keeps the item's bytes, because the data that goes back waits for the end of the answer.</summary>
    public void DeferData(ReadOnlySpan<byte> item, ref RetainedBytes retained, EventBuffer events)
    {
        retained.Add(item.Length, events);
        DeferredData = item.ToArray();
    }

    /// <summary>Records whether the model waits for the client's answer to it, or whether it is one.</summary>
    public void RecordAwaited(in OutputItemFields fields)
    {
        AsksClient = fields.AsksClient;
        AnswersForClient = fields.AnswersForClient;
        if ((AsksClient || AnswersForClient) && AskedId.Length == 0 && !fields.CallId.IsEmpty)
            AskedId = fields.CallId.Plain().Raw.ToArray();
    }

    /// <summary>Whether it answers an earlier item.</summary>
    public bool Answers(OutputItem asking) =>
        AnswersForClient && (AskedId.Length == 0 || asking.AskedId.Length == 0 || AskedId.AsSpan().SequenceEqual(asking.AskedId));

    /// <summary>Emits the citations of its texts that were not emitted yet.</summary>
    /// <returns>True if there were any.</returns>
    public bool EmitCitations(EventBuffer events)
    {
        bool hasNews = false;
        foreach (var text in Texts)
        {
            text.EmitCitations(events);
            hasNews |= text.HasNewCitations;
            text.HasNewCitations = false;
        }
        return hasNews;
    }
}
