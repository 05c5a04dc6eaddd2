namespace RawLlm.Protocols;

/// <summary>A function call of a wire that itself says to which call a fragment belongs; one of the calls of <see cref="CallBlocks"/>.</summary>
internal sealed class CallBlock
{
    /// <summary>The number of the call's part within the choice.</summary>
    public required int Part { get; init; }

    /// <summary>The call's id: the service's, or one made here.</summary>
    public required string Id { get; init; }

    /// <summary>The function's name; empty when the service gave none.</summary>
    public required string Name { get; init; }

    public PooledBytes Arguments;

    public char Pending;
}
