namespace RawLlm;

/// <summary>The call that a client's call is a part of.</summary>
internal class WiderCall
{
    /// <summary>What bounds the spending of all its parts; null as a rule.</summary>
    public Spending? Spending { get; init; }

    /// <summary>One that has bounds and nothing else; null without.</summary>
    public static WiderCall? Of(Spending? spending) => spending is null ? null : new() { Spending = spending };
}
