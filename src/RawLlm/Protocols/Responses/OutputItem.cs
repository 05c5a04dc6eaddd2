namespace RawLlm.Protocols;

/// <summary>An item of an answer on its way: what is known of it so far.</summary>
internal sealed class OutputItem
{
    /// <summary>The wire's number of the item; -1 when it gave none.</summary>
    public int OutputIndex = -1;

    public byte[] Id = [];
    public OutputItemKind Kind;
    public CallBlock? Call;

    /// <summary>The one part of reasoning, of a call, or of what is kept whole; -1 as long as there is none.</summary>
    public int Part = -1;

    /// <summary>True once its own first event came; an item can be known from its deltas alone.</summary>
    public bool IsAdded;
    public bool IsDone;

    /// <summary>True once the list at the end of the answer has named it.</summary>
    public bool IsListed;
    public bool HasWireData;

    public List<OutputText> Texts { get; } = [];

    public bool IsCall => Kind is OutputItemKind.FunctionCall or OutputItemKind.CustomCall;

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
}
