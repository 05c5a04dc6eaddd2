namespace RawLlm;

/// <summary>The budgets that apply to a call, each of them once.</summary>
internal sealed class BudgetSet : Spending
{
    private readonly Budget[] _budgets;

    private BudgetSet(Budget[] budgets) => _budgets = budgets;

    /// <summary>Adds a budget to those of the surrounding call.</summary>
    public static Spending Join(Budget budget, Spending? around) =>
        around is not BudgetSet set ? new BudgetSet([budget])
        // A budget shared by a chain and its clients is charged once.
        : Array.IndexOf(set._budgets, budget) >= 0 ? set
        : new BudgetSet([.. set._budgets, budget]);

    public override CallSpending Begin(LlmClient client, ChatRequest request) => new BudgetedCall(_budgets, client, request);
}
