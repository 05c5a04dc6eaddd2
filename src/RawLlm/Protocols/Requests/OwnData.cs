using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>What a service gave beside its answers goes back to it byte for byte; what belongs to another wire or service is left out.</summary>
/// <param name="json">Where it is written.</param>
/// <param name="protocol">The wire's name.</param>
internal readonly struct OwnData(JsonWriter json, string protocol)
{
    /// <summary>Whether this service gave it, as far as that is known.</summary>
    public bool Is([NotNullWhen(true)] WireData? data) => json.Wire.Owns(data, protocol);

    /// <summary>Writes it among the members of the part that it came with.</summary>
    public void WriteMembers(WireData? data, string place)
    {
        if (data is not null && !(Is(data) && json.WriteMembers(data.Json)))
            json.Wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Writes a part that is nothing else.</summary>
    public void Write(OpaquePart part, string place)
    {
        if (Is(part.WireData))
            json.WriteRaw(part.WireData.Json);
        else
            json.Wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Says that a part goes out without it where it is not this service's.</summary>
    public void NoteForeign(Part part, string place)
    {
        if (part.WireData is { } data && !Is(data))
            json.Wire.Note(QuirkKind.LeftOut, place);
    }
}
