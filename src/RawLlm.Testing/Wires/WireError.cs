namespace RawLlm.Testing;

/// <summary>A refusal in the format of a wire.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
internal sealed record WireError(int Status, byte[] Body)
{
    /// <summary>The header that contains the type of the error; null if the body contains it.</summary>
    public (string Name, string Value)? Header { get; init; }
}
