namespace RawLlm;

/// <summary>The spending limits of a call, or of several that belong together. Immutable and thread-safe.</summary>
internal abstract class Spending
{
    /// <summary>Combines the limits that options set with those of the surrounding call; null if there are none.</summary>
    /// <param name="shared">The limits that calls share.</param>
    /// <param name="each">The limits of each call.</param>
    /// <param name="around">The limits of the call that this one is part of.</param>
    public static Spending? Of(ISpendingSource? shared, ISpendingSource? each, Spending? around)
    {
        if (shared is not null)
            around = shared.Join(around);
        return each is null ? around : each.Join(around);
    }

    /// <summary>Begins to apply the limits to a client's call.</summary>
    public abstract CallSpending Begin(LlmClient client, ChatRequest request);
}
