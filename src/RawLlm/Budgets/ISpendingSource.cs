namespace RawLlm;

/// <summary>Something that bounds what calls may spend.</summary>
// Calls know budgets by this and by Spending alone: what nobody makes is linked nowhere, and neither are its prices.
internal interface ISpendingSource
{
    /// <summary>What bounds the calls around, and this.</summary>
    Spending Join(Spending? around);
}
