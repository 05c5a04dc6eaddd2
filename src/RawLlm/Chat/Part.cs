using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>One part of a <see cref="Message"/>: an immutable record of one of this library's types.</summary>
[JsonConverter(typeof(PartConverter<Part>))]
public abstract record Part
{
    private protected Part() { }

    /// <summary>
    /// What the service that sent this part requires back unchanged with it; null if there is nothing. Code that sends the answer back must
    /// keep it.
    /// </summary>
    public WireData? WireData { get; init; }

    /// <summary>Asks the service to cache the prompt up to and including this part; services without prompt caching ignore it.</summary>
    public PromptCache? Cache { get; init; }
}
