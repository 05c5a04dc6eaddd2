namespace RawLlm;

/// <summary>The call that a client's call is part of.</summary>
internal class OuterCall
{
    /// <summary>The limits on the spending of all its parts; usually null.</summary>
    public Spending? Spending { get; init; }

    /// <summary>Returns a call that has only spending limits; null if there are none.</summary>
    public static OuterCall? Of(Spending? spending) => spending is null ? null : new() { Spending = spending };
}
