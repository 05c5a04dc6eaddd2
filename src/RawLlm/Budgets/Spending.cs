namespace RawLlm;

/// <summary>What bounds the spending of a call, or of several that belong together. Immutable and thread-safe.</summary>
internal abstract class Spending
{
    /// <summary>The bounds that options set, and those of the call around; null where there are none.</summary>
    /// <param name="shared">The bound that calls share.</param>
    /// <param name="each">The bounds of each call by itself.</param>
    /// <param name="around">Those of the call that this one is a part of.</param>
    public static Spending? Of(ISpendingSource? shared, ISpendingSource? each, Spending? around)
    {
        if (shared is not null)
            around = shared.Join(around);
        return each is null ? around : each.Join(around);
    }

    /// <summary>Begins to hold a client's call to them.</summary>
    public abstract CallSpending Begin(LlmClient client, ChatRequest request);
}
