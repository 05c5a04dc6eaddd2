namespace RawLlm.Protocols;

/// <summary>A count that may be missing. Half as large as a nullable number, and each stream has a dozen.</summary>
internal readonly struct TokenNumber
{
    // The complement of a count is never zero.
    private readonly long _complement;

    private TokenNumber(long value) => _complement = ~value;

    public long? Value => _complement == 0 ? null : ~_complement;

    public bool HasValue => _complement != 0;

    /// <summary>Creates a count, which must not be negative.</summary>
    public static TokenNumber Of(long value) => new(value);

    /// <summary>Returns this count, or another one if this is missing.</summary>
    public TokenNumber Or(TokenNumber other) => HasValue ? this : other;
}
