using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Where a service is, which wire it speaks, and how one proves who one is. Data only; change a copy with <c>with { … }</c>.</summary>
/// <param name="Name">A short name, as in <c>openrouter</c>; it stands in errors and telemetry.</param>
/// <param name="BaseUrl">The address up to where the wire's own paths begin, with or without a slash at the end.</param>
/// <param name="Protocol">The wire and its dialect.</param>
/// <param name="Credential">What every request carries as proof.</param>
public sealed record Provider(string Name, Uri BaseUrl, WireProtocol Protocol, Credential Credential)
{
    /// <summary>What people call the service.</summary>
    public string Title { get; init; } = Name;

    /// <summary>Headers that go with every request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A model to begin with; null where there is no good guess, such as for a local server.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>True for a server that usually runs on the user's own machine.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Name and address; never a secret.</summary>
    public override string ToString() => $"{Name} ({BaseUrl.GetLeftPart(UriPartial.Path)})";
}
