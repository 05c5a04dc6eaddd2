namespace RawLlm;

/// <summary>Data that a service requires back unchanged with a <see cref="Part"/>: signatures, encrypted reasoning, IDs.</summary>
/// <param name="Protocol">The <c>WireProtocol.Name</c> of the wire that the data came from; no other wire sends it.</param>
/// <param name="Json">
/// A JSON object. For an <see cref="OpaquePart"/> it is the whole block; for every other part, its members are written next to those of the
/// part.
/// </param>
/// <exception cref="ArgumentException">There is no JSON.</exception>
public sealed record WireData(string Protocol, RawJson Json)
{
    /// <inheritdoc cref="WireData" path="/param[@name='Json']"/>
    /// <exception cref="ArgumentException">There is no JSON.</exception>
    public RawJson Json
    {
        get;
        init => field = Checked(value, Protocol);
    } = Checked(Json, Protocol);

    /// <summary>
    /// The <c>Provider.Origin</c> of the service that the data came from; no other service of the wire can verify it. Null if it is
    /// unknown, as for data that was created manually or stored before there was an origin: it is then sent to every service of the wire.
    /// </summary>
    public string? Origin { get; init; }

    private static RawJson Checked(RawJson json, string protocol) =>
        json.IsEmpty ? throw new ArgumentException($"The wire data of '{protocol}' contains no JSON.", nameof(json)) : json;
}
