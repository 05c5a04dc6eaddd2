namespace RawLlm;

/// <summary>A model as its service lists it. A property is null if the service did not send a value.</summary>
/// <param name="Id">The model's name in requests.</param>
public sealed record ModelInfo(string Id)
{
    /// <summary>The model's display name.</summary>
    public string? Title { get; init; }

    /// <summary>The maximum number of tokens in prompt and answer together.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>The maximum number of tokens in an answer.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>The organization that offers the model.</summary>
    public string? Owner { get; init; }

    /// <summary>
    /// What the model accepts, in the service's own words in lower case, such as <c>text</c> and <c>image</c>; empty if the service did not
    /// say.
    /// </summary>
    public IReadOnlyList<string> InputModalities { get; init; } = [];

    /// <summary>What the model returns, in the service's own words in lower case; empty if the service did not say.</summary>
    public IReadOnlyList<string> OutputModalities { get; init; } = [];

    /// <summary>The members that a request for the model may have, as the service names them; empty if the service did not say.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];

    /// <summary>The price; null if the service did not send one, or not in dollars for tokens.</summary>
    public Price? Price { get; init; }

    /// <summary>The model's capabilities and limits, as far as the service listed them.</summary>
    public Capabilities Capabilities { get; init; } = Capabilities.Unknown;

    /// <summary>The entry as the service sent it.</summary>
    public RawJson Json { get; init; }

    /// <summary>Whether the service says that the model has a capability; false if it says that it does not, or does not say.</summary>
    public bool Supports(Capability capability) => Capabilities.Supports(capability) == true;
}
