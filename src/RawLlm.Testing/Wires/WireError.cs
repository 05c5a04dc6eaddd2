namespace RawLlm.Testing;

/// <summary>A refusal in a wire's own words.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
internal sealed record WireError(int Status, byte[] Body)
{
    /// <summary>The header in which the type of the error stands; null where the body says all.</summary>
    public (string Name, string Value)? Header { get; init; }
}
