using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>One piece of a <see cref="Message"/>; an immutable record of one of the kinds of this library.</summary>
[JsonConverter(typeof(PartConverter<Part>))]
public abstract record Part
{
    private protected Part()
    {
    }

    /// <summary>What the service that gave this part wants back unchanged with it; kept by whoever sends the answer back.</summary>
    public WireData? WireData { get; init; }

    /// <summary>Asks the service to keep the prompt up to and including this part; services without the feature ignore it.</summary>
    public PromptCache? Cache { get; init; }
}
