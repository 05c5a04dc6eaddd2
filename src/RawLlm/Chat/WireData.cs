namespace RawLlm;

/// <summary>What a service wants back unchanged together with a <see cref="Part"/>: signatures, encrypted reasoning, ids.</summary>
/// <param name="Protocol">The <c>WireProtocol.Name</c> of the wire that said it; no other wire sends it.</param>
/// <param name="Json">
/// A JSON object. For an <see cref="OpaquePart"/> it is the whole block; for every other part its members are written beside
/// the part's own.
/// </param>
/// <exception cref="ArgumentException">There is no JSON.</exception>
public sealed record WireData(string Protocol, RawJson Json)
{
    /// <inheritdoc cref="WireData" path="/param[@name='Json']"/>
    /// <exception cref="ArgumentException">There is none.</exception>
    public RawJson Json { get; init => field = Checked(value, Protocol); } = Checked(Json, Protocol);

    /// <summary>
    /// The <c>Provider.Origin</c> of the service that said it, which no other service of the wire can verify; null where that is not known, as in what was made by
    /// hand or stored before there was an origin: every service of the wire then gets it.
    /// </summary>
    public string? Origin { get; init; }

    private static RawJson Checked(RawJson json, string protocol) =>
        json.IsEmpty ? throw new ArgumentException($"What '{protocol}' wants back holds no JSON.", nameof(json)) : json;
}
