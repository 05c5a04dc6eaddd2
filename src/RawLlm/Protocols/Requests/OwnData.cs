using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Sends data that came with a service's answers back to it byte for byte. Data of another wire or service is left out.</summary>
/// <param name="json">Receives the data.</param>
/// <param name="protocol">The wire's name.</param>
internal readonly struct OwnData(JsonWriter json, string protocol)
{
    /// <summary>Whether the data came from this service, as far as that is known.</summary>
    public bool Is([NotNullWhen(true)] WireData? data) => json.Wire.Owns(data, protocol);

    /// <summary>Writes the data among the members of the part that it came with.</summary>
    public void WriteMembers(WireData? data, string place)
    {
        if (data is not null && !(Is(data) && json.WriteMembers(data.Json)))
            json.Wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Writes a part that consists only of such data.</summary>
    public void Write(OpaquePart part, string place)
    {
        if (Is(part.WireData))
            json.WriteRaw(part.WireData.Json);
        else
            json.Wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Records that a part is sent without its data if that is not this service's.</summary>
    public void NoteForeign(Part part, string place)
    {
        if (part.WireData is { } data && !Is(data))
            json.Wire.Note(QuirkKind.LeftOut, place);
    }
}
