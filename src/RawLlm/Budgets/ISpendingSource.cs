namespace RawLlm;

/// <summary>Something that limits what calls may spend.</summary>
// Calls refer to budgets only by this interface and Spending, so that a program without budgets can trim them and the prices.
internal interface ISpendingSource
{
    /// <summary>Adds these limits to those of the surrounding call.</summary>
    Spending Join(Spending? around);
}
