namespace RawLlm;

/// <summary>A model as its service lists it; null where the service said nothing.</summary>
/// <param name="Id">The name by which requests ask for it.</param>
public sealed record ModelInfo(string Id)
{
    /// <summary>What people call it.</summary>
    public string? Title { get; init; }

    /// <summary>The most tokens of prompt and answer together.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>The most tokens of an answer.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Who offers it.</summary>
    public string? Owner { get; init; }

    /// <summary>The entry as the service sent it.</summary>
    public RawJson Json { get; init; }
}
