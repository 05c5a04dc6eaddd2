using System.Globalization;

namespace RawLlm;

/// <summary>
/// A spending limit that calls share, such as those of a session, a day or a program. Thread-safe; several clients, chains and loops may
/// share one.
/// </summary>
/// <remarks>
/// Before an attempt is sent, the most that it may cost is reserved; afterwards, what it actually cost is counted instead. If too little is
/// left for an attempt, it fails with <see cref="LlmErrorKind.BudgetExceeded"/>.
/// </remarks>
public sealed class Budget : ISpendingSource
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan? _window;
    private long _start;
    private decimal _cost;
    private decimal _reservedCost;
    private long _tokens;
    private long _reservedTokens;
    private long _unknown;

    /// <summary>Creates a budget of which nothing is spent.</summary>
    /// <param name="limits">How much may be spent.</param>
    /// <param name="window">The interval after which the budget resets, repeated from its creation; null never resets. A call counts in the
    /// window in which it ends.</param>
    /// <param name="time">The clock of the windows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is not above zero.</exception>
    public Budget(BudgetLimits limits, TimeSpan? window = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (window <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(window),
                "The window must be positive; leave it out for a budget that never resets."
            );
        }

        Limits = limits;
        _window = window;
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
    }

    /// <summary>How much may be spent.</summary>
    public BudgetLimits Limits { get; }

    /// <summary>The known cost so far, in US dollars; if <see cref="UnknownCosts"/> is above zero, more was spent.</summary>
    public decimal KnownCost => Read(static budget => budget._cost);

    /// <summary>The number of attempts whose cost is not known.</summary>
    public long UnknownCosts => Read(static budget => budget._unknown);

    /// <summary>The output tokens so far, including reasoning.</summary>
    public long OutputTokens => Read(static budget => budget._tokens);

    /// <summary>The cost that is reserved for calls in progress, in US dollars.</summary>
    public decimal ReservedCost => Read(static budget => budget._reservedCost);

    /// <summary>The output tokens that are reserved for calls in progress.</summary>
    public long ReservedOutputTokens => Read(static budget => budget._reservedTokens);

    /// <summary>
    /// Adds what was spent elsewhere: before a program was restarted, or by calls that no budget covers, such as those for embeddings.
    /// </summary>
    /// <param name="cost">The cost, in US dollars.</param>
    /// <param name="outputTokens">The output tokens.</param>
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

    /// <summary>Describes what is spent and reserved.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            StartWindowIfDue();
            return FormattableString.Invariant(
                $"{Dollars(_cost)} and {_tokens} output tokens spent, {Dollars(_reservedCost)} and {_reservedTokens} output tokens reserved, {_unknown} costs unknown"
            );
        }
    }

    Spending ISpendingSource.Join(Spending? around) => BudgetSet.Join(this, around);

    /// <summary>Reserves an amount and returns null; if it may exceed the limits, reserves nothing and returns the reason.</summary>
    /// <param name="cost">The known part of the cost, in US dollars.</param>
    /// <param name="tokens">The known part of the answer's tokens.</param>
    /// <param name="isMoreCost">Whether it may cost more than that, by an unknown amount.</param>
    /// <param name="isMoreTokens">Whether the answer may have more tokens than that.</param>
    internal string? TryReserve(decimal cost, long tokens, bool isMoreCost = false, bool isMoreTokens = false)
    {
        lock (_lock)
        {
            StartWindowIfDue();
            // An unknown amount is not reserved, but it is refused if nothing is left.
            if (
                Limits.MaxCost is { } mostCost
                && Sum(Sum(_cost, _reservedCost), cost) is var allCost
                && (allCost > mostCost || (isMoreCost && allCost == mostCost))
            )
            {
                return $"{Dollars(Math.Max(0, mostCost - _cost - _reservedCost))} of {Dollars(mostCost)} are left (BudgetLimits.MaxCost): {Dollars(_cost)} spent, {Dollars(_reservedCost)} reserved for calls in progress";
            }

            if (
                Limits.MaxOutputTokens is { } mostTokens
                && Sum(Sum(_tokens, _reservedTokens), tokens) is var allTokens
                && (allTokens > mostTokens || (isMoreTokens && allTokens == mostTokens))
            )
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Math.Max(0, mostTokens - _tokens - _reservedTokens)} of {mostTokens} output tokens are left (BudgetLimits.MaxOutputTokens): {_tokens} spent, {_reservedTokens} reserved for calls in progress"
                );
            }

            _reservedCost = Sum(_reservedCost, cost);
            _reservedTokens = Sum(_reservedTokens, tokens);
            return null;
        }
    }

    /// <summary>Counts what was spent instead of what was reserved for it.</summary>
    /// <param name="reservedCost">The cost that was reserved.</param>
    /// <param name="reservedTokens">The tokens that were reserved.</param>
    /// <param name="cost">The cost; null if it is not known.</param>
    /// <param name="tokens">The answer's tokens.</param>
    internal void Settle(decimal reservedCost, long reservedTokens, decimal? cost, long tokens)
    {
        lock (_lock)
        {
            StartWindowIfDue();
            _reservedCost = Math.Max(0, _reservedCost - reservedCost);
            _reservedTokens = Math.Max(0, _reservedTokens - reservedTokens);
            // A custom wire or a price table may report anything: nothing ever gives credit.
            if (cost is { } known)
                _cost = Sum(_cost, Math.Max(0, known));
            else
                _unknown++;
            _tokens = Sum(_tokens, Math.Max(0, tokens));
        }
    }

    /// <summary>Formats an amount for messages.</summary>
    internal static string Dollars(decimal amount) => "$" + amount.ToString("0.######", CultureInfo.InvariantCulture);

    // Services may report anything: no sum may throw in the middle of an answer. Neither number is negative.
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
        // The windows follow each other from the beginning, whether or not the budget was read.
        _start = now - (long)((passed.Ticks % window.Ticks) * ((double)_time.TimestampFrequency / TimeSpan.TicksPerSecond));
        (_cost, _tokens, _unknown) = (0, 0, 0);
    }
}
