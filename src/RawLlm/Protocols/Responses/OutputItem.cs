using System.Text;

namespace RawLlm.Protocols;

/// <summary>An item of an answer on its way: what is known of it so far.</summary>
internal sealed class OutputItem
{
    /// <summary>The wire's number of the item; -1 when it gave none.</summary>
    public int OutputIndex = -1;

    /// <summary>Another number under which its last events come (vLLM and SGLang, 2025 to 2026); -1 as long as there is none.</summary>
    public int LateIndex = -1;

    public byte[] Id = [];
    public OutputItemKind Kind;
    public CallBlock? Call;

    /// <summary>The phase of a message (<see cref="TextPart.Phase"/>); null where it says none, or does so later.</summary>
    public string? Phase { get; private set; }

    /// <summary>The one part of reasoning, of a call, or of what is kept whole; -1 as long as there is none.</summary>
    public int Part = -1;

    /// <summary>True once its own first event came; an item can be known from its deltas alone.</summary>
    public bool IsAdded;
    public bool IsDone;

    /// <summary>True once the list at the end of the answer has named it.</summary>
    public bool IsListed;
    public bool HasWireData;

    /// <summary>The entry of the list at the end that was found to repeat it before it was its turn; -1 as long as there is none.</summary>
    public int Entry = -1;

    /// <summary>True when nothing but its kind and its place among the others tells that the entry repeats it.</summary>
    public bool IsGuessed;

    /// <summary>True as long as no entry of the list at the end repeats it.</summary>
    public bool IsLeft => !IsListed && Entry < 0;

    /// <summary>What was said of a call before it was named, or is given; null as long as there is nothing.</summary>
    public EarlyCall? Early;

    /// <summary>True where a piece of a call's arguments could not be read, and their whole has not come since.</summary>
    public bool LacksPiece;

    /// <summary>Arguments that stood in the item's first event, as they stand in JSON; they count when nothing else comes.</summary>
    public byte[] KeptArguments = [];
    public bool AreKeptArgumentsEscaped;

    /// <summary>The numbers of the content parts that were announced; null when none was.</summary>
    public HashSet<int>? AnnouncedParts;

    public List<OutputText> Texts { get; } = [];

    public bool IsCall => Kind is OutputItemKind.FunctionCall or OutputItemKind.CustomCall;

    /// <summary>True for a call whose id is known.</summary>
    public bool HasCallId => Call is not null || Early is { Id.Length: > 0 };

    /// <summary>True for a call that has an id and a name, given or not.</summary>
    public bool HasNamedCall => Call is not null || Early is { IsNamed: true };

    /// <summary>What a text of the item is that does not say it.</summary>
    public StreamEventKind UsualKind => Kind == OutputItemKind.Reasoning ? StreamEventKind.Reasoning : StreamEventKind.Text;

    /// <summary>True when something of it was given or kept.</summary>
    public bool HasContent => Call is not null || Early is not null || Part >= 0 || Texts.Count > 0;

    /// <summary>True when a summary of thoughts was given.</summary>
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

    /// <summary>Takes the id, where none is known yet, and the kind that an event says.</summary>
    public void Identify(JsonText id, OutputItemKind kind)
    {
        if (Id.Length == 0 && !id.IsEmpty)
            Id = id.IsEscaped ? Encoding.UTF8.GetBytes(id.ToString()) : id.Raw.ToArray();
        if (kind != OutputItemKind.Unknown)
            Kind = kind;
    }

    /// <summary>Takes the phase of a message: its texts have it from here on.</summary>
    public void Take(JsonText phase)
    {
        if (phase.IsEmpty || Kind != OutputItemKind.Message)
            return;
        Phase = KnownText.Get(phase);
        foreach (var text in Texts)
        {
            if (text is { Kind: StreamEventKind.Text, Run: { } run })
                run.Name = Phase;
        }
    }

    /// <summary>True unless both kinds are known and differ.</summary>
    public bool MayBe(OutputItemKind kind) =>
        Kind == kind || Kind == OutputItemKind.Unknown || kind == OutputItemKind.Unknown || (IsCall && kind is OutputItemKind.FunctionCall or OutputItemKind.CustomCall);

    /// <summary>True unless both are calls whose ids are known and differ.</summary>
    public bool MayBeCall(JsonText callId) =>
        callId.IsEmpty || (Call is null && Early is { Id.Length: > 0 } early ? callId.Raw.SequenceEqual(early.Id) : Call?.Id is not { Length: > 0 } id || callId.Is(id));

    /// <summary>True unless both are calls whose names are known and differ.</summary>
    public bool MayCall(JsonText name) => name.IsEmpty || Call?.Name is not { Length: > 0 } known || name.Is(known);

    /// <summary>True unless both ids are known and differ.</summary>
    public bool MayBe(JsonText id) => id.IsEmpty || Id.Length == 0 || id.Is(Id);

    public bool IsNamed(JsonText id) => Id.Length > 0 && !id.IsEmpty && id.Is(Id);

    /// <summary>The text of a number; without a number the latest that is still open.</summary>
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

    /// <summary>The same, but where its parts are announced a number that was not is no part of its own.</summary>
    // vLLM (2026) counts the deltas there.
    public OutputText? Find(StreamEventKind kind, bool isSummary, int index, bool isDone, EventBuffer events)
    {
        if (Find(kind, isSummary, index, isDone) is { } text)
            return text;
        if (isSummary || index < 0 || AnnouncedParts is null || AnnouncedParts.Contains(index) || Find(kind, isSummary, -1, isDone) is not { } latest)
            return null;
        events.Note(QuirkKind.EventOrder, "content_index");
        return latest;
    }

    /// <summary>The first text that was given as a part of its own; null when there is none.</summary>
    public OutputText? FirstSaid()
    {
        foreach (var text in Texts)
        {
            if (text.HasText && text.Kind != StreamEventKind.Reasoning)
                return text;
        }
        return null;
    }

    /// <summary>Keeps the arguments that its first event said.</summary>
    public void KeepArguments(in OutputItemFields fields, ref RetainedBytes retained, EventBuffer events)
    {
        bool isValue = !fields.ArgumentsValue.IsEmpty;
        if (KeptArguments.Length > 0 || (isValue ? WireJson.IsEmpty(fields.ArgumentsValue) : fields.Arguments.IsEmpty))
            return;
        var json = isValue ? fields.ArgumentsValue : fields.Arguments.Raw;
        retained.Add(json.Length, events);
        KeptArguments = json.ToArray();
        AreKeptArgumentsEscaped = !isValue && fields.Arguments.IsEscaped;
    }

    /// <summary>Its call was the service's own: it is not given.</summary>
    // Perplexity's agents (2026) announce what they call themselves as a call that is whole, and end that item as what came of it.
    public void Answer()
    {
        if (Call is { } call)
        {
            call.IsAnswered = true;
            Call = null;
            Part = -1;
        }
        Early = null;
        KeptArguments = [];
    }

    /// <summary>Gives the sources of its texts that were not given yet.</summary>
    /// <returns>True where there were some.</returns>
    public bool GiveCitations(EventBuffer events)
    {
        bool hasNews = false;
        foreach (var text in Texts)
        {
            text.GiveCitations(events);
            hasNews |= text.HasNewCitations;
            text.HasNewCitations = false;
        }
        return hasNews;
    }
}
