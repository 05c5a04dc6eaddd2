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

    /// <summary>What it takes, in the service's own words in lower case, such as <c>text</c> and <c>image</c>; empty when the service said nothing.</summary>
    public IReadOnlyList<string> InputModalities { get; init; } = [];

    /// <summary>What it gives, in the service's own words in lower case; empty when the service said nothing.</summary>
    public IReadOnlyList<string> OutputModalities { get; init; } = [];

    /// <summary>The members that a request for it may have, as the service names them; empty when the service said nothing.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];

    /// <summary>What it costs; null when the service said nothing, or not in dollars for tokens.</summary>
    public Price? Price { get; init; }

    /// <summary>What it can do, as far as the service said; the limits are in it as well.</summary>
    public Capabilities Capabilities { get; init; } = Capabilities.Unknown;

    /// <summary>The entry as the service sent it.</summary>
    public RawJson Json { get; init; }

    /// <summary>True when the service says that the model can do it; false when it says that it cannot, or says nothing.</summary>
    public bool Supports(Capability capability) => Capabilities.Supports(capability) == true;
}
