using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Copies the members of objects unchanged, except for some that are left out.</summary>
internal static class RawMembers
{
    /// <summary>Writes an object without one of its members.</summary>
    /// <param name="json">Receives the object.</param>
    /// <param name="reader">Is on the start of the object; afterwards on its end.</param>
    /// <param name="data">The bytes that the reader reads.</param>
    /// <param name="name">The name of the member to leave out.</param>
    /// <returns>True if the member was present and not null.</returns>
    public static bool WriteWithout(JsonWriter json, scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name)
    {
        bool isAny = false;
        json.StartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            isAny |= Write(json, ref reader, data, isLeftOut: WireJson.Is(ref reader, name));
        json.EndObject();
        return isAny;
    }

    /// <summary>Writes the member whose name the reader is on, or skips it.</summary>
    /// <param name="json">Receives the member.</param>
    /// <param name="reader">Is on the name; afterwards on the end of the value.</param>
    /// <param name="data">The bytes that the reader reads.</param>
    /// <param name="isLeftOut">Whether to skip the member.</param>
    /// <returns>True if the member was left out and not null.</returns>
    public static bool Write(JsonWriter json, scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool isLeftOut)
    {
        var name = reader.ValueSpan;
        reader.Read();
        var value = WireJson.SkipRaw(ref reader, data);
        if (isLeftOut)
            return !value.SequenceEqual("null"u8);
        json.WriteName(name);
        json.WriteRaw(value);
        return false;
    }
}
