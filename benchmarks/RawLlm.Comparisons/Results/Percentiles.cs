namespace RawLlm.Comparisons.Results;

/// <summary>Sorts figures once and returns percentiles.</summary>
internal sealed class Percentiles
{
    private readonly double[] _sorted;

    /// <exception cref="ArgumentException">There are no values.</exception>
    public Percentiles(IEnumerable<double> values)
    {
        _sorted = [.. values];
        if (_sorted.Length == 0)
            throw new ArgumentException("Percentiles need at least one value.", nameof(values));
        Array.Sort(_sorted);
    }

    public int Count => _sorted.Length;

    public double Least => _sorted[0];

    public double Median => At(50);

    /// <summary>The percentile by nearest rank, which is always a measured figure.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The percentage is not from 0 to 100.</exception>
    public double At(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        // In binary floating point, 99.9 % of 1,000 is slightly more than 999.
        int rank = (int)Math.Ceiling((decimal)percent / 100 * _sorted.Length);
        return _sorted[Math.Max(rank, 1) - 1];
    }
}
