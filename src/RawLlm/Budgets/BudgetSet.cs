namespace RawLlm;

/// <summary>The budgets that a call is held to, each of them once.</summary>
internal sealed class BudgetSet : Spending
{
    private readonly Budget[] _budgets;

    private BudgetSet(Budget[] budgets) => _budgets = budgets;

    /// <summary>The budgets around, and one more.</summary>
    public static Spending Join(Budget budget, Spending? around) =>
        around is not BudgetSet set ? new BudgetSet([budget])
        // Whoever shares a budget between a chain and its clients pays once.
        : Array.IndexOf(set._budgets, budget) >= 0 ? set
        : new BudgetSet([.. set._budgets, budget]);

    public override CallSpending Begin(LlmClient client, ChatRequest request) => new BudgetedCall(_budgets, client, request);
}
