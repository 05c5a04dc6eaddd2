namespace RawLlm.Comparisons.Results;

/// <summary>Orders figures once and gives those at a share of their number.</summary>
internal sealed class Percentiles
{
    private readonly double[] _sorted;

    /// <exception cref="ArgumentException">There is no figure.</exception>
    public Percentiles(IEnumerable<double> values)
    {
        _sorted = [.. values];
        if (_sorted.Length == 0)
            throw new ArgumentException("There is nothing to take a percentile of.", nameof(values));
        Array.Sort(_sorted);
    }

    public int Count => _sorted.Length;

    public double Least => _sorted[0];

    public double Median => At(50);

    /// <summary>The smallest figure that at least so many of a hundred do not exceed (the nearest rank): always one that was measured.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 100.</exception>
    public double At(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        // In binary, 99.9 of a hundred of 1,000 is a little more than 999.
        int rank = (int)Math.Ceiling((decimal)percent / 100 * _sorted.Length);
        return _sorted[Math.Max(rank, 1) - 1];
    }
}
