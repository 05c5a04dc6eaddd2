using System.Globalization;

namespace RawLlm;

/// <summary>What calls may spend together: those of a session, a day or a program. Thread-safe; several clients, chains and loops may share one.</summary>
/// <remarks>
/// Before an attempt is sent, the most that it may cost is held on the budget; afterwards what it did cost is counted in its place. An attempt for which not
/// enough is left is refused, with <see cref="LlmErrorKind.BudgetExceeded"/>.
/// </remarks>
public sealed class Budget : ISpendingSource
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan? _window;
    private long _start;
    private decimal _cost;
    private decimal _heldCost;
    private long _tokens;
    private long _heldTokens;
    private long _unknown;

    /// <summary>Makes a budget of which nothing is spent.</summary>
    /// <param name="limits">How much may be spent.</param>
    /// <param name="window">After how long what was spent is forgotten, again and again from now on; null never forgets. A call counts in the window in which it ends.</param>
    /// <param name="time">The clock of the windows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is not above zero.</exception>
    public Budget(BudgetLimits limits, TimeSpan? window = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (window <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(window), "A window must be above zero; leave it out for a budget that forgets nothing.");
        Limits = limits;
        _window = window;
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
    }

    /// <summary>How much may be spent.</summary>
    public BudgetLimits Limits { get; }

    /// <summary>What is known to be spent, in US dollars; where <see cref="UnknownCosts"/> is above zero, more was.</summary>
    public decimal KnownCost => Read(static budget => budget._cost);

    /// <summary>How many attempts have cost nobody knows what.</summary>
    public long UnknownCosts => Read(static budget => budget._unknown);

    /// <summary>The tokens of answers, thoughts included.</summary>
    public long OutputTokens => Read(static budget => budget._tokens);

    /// <summary>What is held for calls under way, in US dollars.</summary>
    public decimal HeldCost => Read(static budget => budget._heldCost);

    /// <summary>The tokens of answers that are held for calls under way.</summary>
    public long HeldOutputTokens => Read(static budget => budget._heldTokens);

    /// <summary>Counts what was spent elsewhere: before a program began anew, or by calls that no budget holds, such as those for vectors.</summary>
    /// <param name="cost">US dollars.</param>
    /// <param name="outputTokens">Tokens of answers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public void Add(decimal cost, long outputTokens = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cost);
        ArgumentOutOfRangeException.ThrowIfNegative(outputTokens);
        lock (_lock)
        {
            StartWindowIfDue();
            _cost = Sum(_cost, cost);
            _tokens = Sum(_tokens, outputTokens);
        }
    }

    /// <summary>What is spent and held, in words.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            StartWindowIfDue();
            return FormattableString.Invariant($"{Dollars(_cost)} and {_tokens} tokens of answers spent, {Dollars(_heldCost)} and {_heldTokens} tokens held, {_unknown} costs unknown");
        }
    }

    Spending ISpendingSource.Join(Spending? around) => BudgetSet.Join(this, around);

    /// <summary>Holds an amount; where that may exceed the bounds, says why not.</summary>
    /// <param name="cost">US dollars: what is known of them.</param>
    /// <param name="tokens">Tokens of the answer: what is known of them.</param>
    /// <param name="isMoreCost">Whether it may cost more than that, nobody knows how much.</param>
    /// <param name="isMoreTokens">Whether its answer may have more tokens than that.</param>
    internal string? TryHold(decimal cost, long tokens, bool isMoreCost = false, bool isMoreTokens = false)
    {
        lock (_lock)
        {
            StartWindowIfDue();
            // What is not known is not held: where nothing is left it is refused all the same.
            if (Limits.MaxCost is { } mostCost && Sum(Sum(_cost, _heldCost), cost) is var allCost && (allCost > mostCost || (isMoreCost && allCost == mostCost)))
                return $"{Dollars(Math.Max(0, mostCost - _cost - _heldCost))} of {Dollars(mostCost)} are left (BudgetLimits.MaxCost): {Dollars(_cost)} are spent and {Dollars(_heldCost)} held for calls under way";
            if (Limits.MaxOutputTokens is { } mostTokens && Sum(Sum(_tokens, _heldTokens), tokens) is var allTokens && (allTokens > mostTokens || (isMoreTokens && allTokens == mostTokens)))
                return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, mostTokens - _tokens - _heldTokens)} of {mostTokens} tokens of answers are left (BudgetLimits.MaxOutputTokens): {_tokens} are spent and {_heldTokens} held for calls under way");
            _heldCost = Sum(_heldCost, cost);
            _heldTokens = Sum(_heldTokens, tokens);
            return null;
        }
    }

    /// <summary>Counts what was spent in place of what was held for it.</summary>
    /// <param name="heldCost">What was held.</param>
    /// <param name="heldTokens">What was held of tokens.</param>
    /// <param name="cost">What was spent; null where nobody knows.</param>
    /// <param name="tokens">Tokens of the answer.</param>
    internal void Settle(decimal heldCost, long heldTokens, decimal? cost, long tokens)
    {
        lock (_lock)
        {
            StartWindowIfDue();
            _heldCost -= heldCost;
            _heldTokens -= heldTokens;
            if (cost is { } known)
                _cost = Sum(_cost, known);
            else
                _unknown++;
            _tokens = Sum(_tokens, tokens);
        }
    }

    /// <summary>An amount as messages write it.</summary>
    internal static string Dollars(decimal amount) => "$" + amount.ToString("0.######", CultureInfo.InvariantCulture);

    // Services report what they like: no sum may throw in the middle of an answer.
    private static decimal Sum(decimal a, decimal b) => a > decimal.MaxValue - b ? decimal.MaxValue : a + b;

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private T Read<T>(Func<Budget, T> read)
    {
        lock (_lock)
        {
            StartWindowIfDue();
            return read(this);
        }
    }

    private void StartWindowIfDue()
    {
        if (_window is not { } window)
            return;
        long now = _time.GetTimestamp();
        var passed = _time.GetElapsedTime(_start, now);
        if (passed < window)
            return;
        // The windows follow each other from the beginning on, whether or not anybody looked.
        _start = now - (long)((passed.Ticks % window.Ticks) * ((double)_time.TimestampFrequency / TimeSpan.TicksPerSecond));
        (_cost, _tokens, _unknown) = (0, 0, 0);
    }
}
