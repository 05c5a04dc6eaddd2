using System.Globalization;

namespace RawLlm;

/// <summary>What is reserved on budgets for one attempt until its cost is known. Thread-safe; settled once.</summary>
internal sealed class Reservation
{
    // Estimates of prompts are inexact (docs/tokens.md), most of all those of short prompts, because services add to them: this many more
    // tokens are reserved, plus a quarter.
    private const int MoreTokens = 200;

    private readonly Lock _lock = new();
    private readonly Budget[] _budgets;
    private readonly LlmClient _client;
    private readonly string _model;
    private readonly Price? _price;
    private readonly long _prompt;
    private decimal _cost;
    private long _tokens;
    private bool _isSettled;

    private Reservation(Budget[] budgets, LlmClient client, string model, Price? price, long prompt, decimal cost, long tokens)
    {
        _budgets = budgets;
        _client = client;
        _model = model;
        _price = price;
        _prompt = prompt;
        _cost = cost;
        _tokens = tokens;
    }

    /// <summary>Reserves the most that an attempt may cost.</summary>
    /// <exception cref="LlmException">That may exceed a budget, or is not known (<see cref="LlmErrorKind.BudgetExceeded"/>).</exception>
    public static Reservation Make(Budget[] budgets, LlmClient client, ChatRequest request, LlmException? after)
    {
        string model = request.Model ?? client.Model;
        bool boundsCost = Array.Exists(budgets, static budget => budget.Limits.MaxCost is not null);
        var price = boundsCost ? client.Options.Prices.Find(client.Provider, model) : null;
        long? longest = LongestAnswer(client, request, model);
        long prompt = price is null ? 0 : TokenCount.Estimate(request, client.Provider).Tokens;
        decimal cost = price is null
            ? 0
            : Math.Max(0, CostCeiling.Of(price, prompt + (prompt / 4) + MoreTokens, longest ?? 0, CachesForAnHour(request)));
        long tokens = longest ?? 0;
        for (int i = 0; i < budgets.Length; i++)
        {
            string? problem = Unknown(budgets[i].Limits, client, model, price, longest);
            if (
                problem is null
                && budgets[i].TryReserve(cost, tokens, isMoreCost: price is null || longest is null, isMoreTokens: longest is null)
                    is { } refusal
            )
            {
                problem =
                    $"The budget does not cover another attempt with {model} at {client.Provider.Title}, which may take {Most(price, cost, prompt, longest)}: {refusal}. Set a lower ChatRequest.MaxTokens, or a higher limit";
            }

            if (problem is null)
                continue;
            for (int held = 0; held < i; held++)
                budgets[held].Settle(cost, tokens, cost: 0, tokens: 0);
            throw new LlmException(
                LlmErrorKind.BudgetExceeded,
                $"{problem}. Nothing was sent{(after is null ? "" : " again after the previous failure")}.",
                after
            )
            {
                Provider = client.Provider.Name,
                Model = model,
                Phase = LlmPhase.Configure,
            };
        }
        return new Reservation(budgets, client, model, price, prompt, cost, tokens);
    }

    /// <summary>
    /// Whether the part of an answer that has arrived is covered, either by what is reserved, or by what is left, which is then reserved
    /// too.
    /// </summary>
    /// <param name="seen">An estimate of the tokens that have arrived.</param>
    public bool Covers(double seen)
    {
        // Estimates of answers are inexact as well: an answer is ended only if it surely exceeds the budget.
        long tokens = (long)(seen * 0.8);
        lock (_lock)
        {
            if (_isSettled)
                return true;
            decimal cost = _price is null ? 0 : CostCeiling.Of(_price, _prompt, tokens, keepsForAnHour: false);
            if (cost <= _cost && tokens <= _tokens)
                return true;
            var more = (Cost: Math.Max(0, cost - _cost), Tokens: Math.Max(0, tokens - _tokens));
            for (int i = 0; i < _budgets.Length; i++)
            {
                if (_budgets[i].TryReserve(more.Cost, more.Tokens) is null)
                    continue;
                for (int held = 0; held < i; held++)
                    _budgets[held].Settle(more.Cost, more.Tokens, cost: 0, tokens: 0);
                return false;
            }
            _cost += more.Cost;
            _tokens += more.Tokens;
            return true;
        }
    }

    /// <summary>Returns the error for an answer that exceeds what is left.</summary>
    /// <param name="seen">An estimate of the tokens that have arrived.</param>
    // The stream adds the provider and what else it knows.
    public static LlmException Exceeded(double seen) =>
        new(
            LlmErrorKind.BudgetExceeded,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The answer was ended after about {(long)seen} tokens, because they use up the budget (BudgetLimits). Set ChatRequest.MaxTokens, so that the answer ends earlier, or a higher limit."
            )
        )
        {
            Phase = LlmPhase.Streaming,
        };

    /// <summary>Counts a whole answer.</summary>
    public void Settle(Usage? usage, Cost? cost) =>
        End(cost?.Amount, usage is null ? null : CostSum.OutputTokens(usage, _client.Provider.Protocol.UsageConvention), seen: 0);

    /// <summary>Counts a whole answer that was streamed.</summary>
    public void Settle(Usage? usage, string? answered, decimal? reported, double seen)
    {
        var cost = _client.CostOf(usage, answered, _model, reported);
        End(cost?.Amount, usage is null ? null : CostSum.OutputTokens(usage, _client.Provider.Protocol.UsageConvention), seen);
    }

    /// <summary>Counts an attempt whose usage is not known.</summary>
    /// <param name="seenTokens">An estimate of the answer's tokens that had arrived.</param>
    public void SettleUnknown(double seenTokens) => End(cost: null, tokens: null, seenTokens);

    /// <summary>Counts nothing.</summary>
    public void Release() => End(cost: 0, tokens: 0, seen: 0);

    private void End(decimal? cost, long? tokens, double seen)
    {
        lock (_lock)
        {
            if (_isSettled)
                return;
            _isSettled = true;
        }
        long estimated = (long)Math.Ceiling(seen);
        foreach (var budget in _budgets)
        {
            var policy = budget.Limits.UnknownUsage;
            decimal? counted =
                cost
                ?? (
                    _price is null
                        ? null
                        : policy switch
                        {
                            UnknownUsage.AsReserved => _cost,
                            UnknownUsage.AsEstimated => CostCeiling.Of(_price, _prompt, estimated, keepsForAnHour: false),
                            _ => null,
                        }
                );
            long countedTokens =
                tokens
                ?? policy switch
                {
                    UnknownUsage.AsReserved => Math.Max(_tokens, estimated),
                    UnknownUsage.AsEstimated => estimated,
                    _ => 0,
                };
            budget.Settle(_cost, _tokens, counted, countedTokens);
        }
    }

    private static long? LongestAnswer(LlmClient client, ChatRequest request, string model)
    {
        long? known = client.Provider.CapabilitiesOf(model).MaxOutputTokens;
        long? longest = request.MaxTokens is { } asked ? Math.Min(asked, known ?? asked) : known;
        // The built-in wires refuse a negative limit; a custom wire may not.
        return longest is { } one ? Math.Max(0, one) * Math.Max(1, request.ChoiceCount ?? 1) : null;
    }

    private static string? Unknown(BudgetLimits limits, LlmClient client, string model, Price? price, long? longest)
    {
        if (limits.AllowUnknown)
            return null;
        if (limits.MaxCost is not null && price is null)
            return $"The price of {model} at {client.Provider.Title} is not known, so BudgetLimits.MaxCost cannot be enforced. Add the price to LlmClientOptions.Prices (PriceTable.With), or set BudgetLimits.AllowUnknown";
        if (limits is not { MaxCost: null, MaxOutputTokens: null } && longest is null)
            return $"The maximum length of an answer of {model} at {client.Provider.Title} is not known, so the budget cannot be enforced. Set ChatRequest.MaxTokens, or BudgetLimits.AllowUnknown";
        return null;
    }

    private static string Most(Price? price, decimal cost, long prompt, long? longest)
    {
        string answer = longest is { } known
            ? string.Create(CultureInfo.InvariantCulture, $"{known} output tokens")
            : "an answer of any length";
        return price is null
            ? answer
            : string.Create(CultureInfo.InvariantCulture, $"{Budget.Dollars(cost)} (a prompt of about {prompt} tokens and {answer})");
    }

    private static bool CachesForAnHour(ChatRequest request)
    {
        foreach (var message in request.Messages)
        {
            foreach (var part in message.Parts)
            {
                if (part.Cache == PromptCache.OneHour)
                    return true;
            }
        }
        foreach (var tool in request.Tools)
        {
            if (tool.Cache == PromptCache.OneHour)
                return true;
        }
        return false;
    }
}
