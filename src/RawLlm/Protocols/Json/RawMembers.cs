using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Members of objects that go out as they came, but for some.</summary>
internal static class RawMembers
{
    /// <summary>Writes an object without one of its members.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="reader">Stands on its beginning, and then on its end.</param>
    /// <param name="data">What the reader reads.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>True when the member was there and said something.</returns>
    public static bool WriteWithout(JsonWriter json, scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name)
    {
        bool isAny = false;
        json.StartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            isAny |= Write(json, ref reader, data, isLeftOut: WireJson.Is(ref reader, name));
        json.EndObject();
        return isAny;
    }

    /// <summary>Writes the member on whose name a reader stands, or passes over it.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="reader">Stands on the name, and then on the end of the value.</param>
    /// <param name="data">What the reader reads.</param>
    /// <param name="isLeftOut">Whether it is passed over.</param>
    /// <returns>True when it was left out and said something.</returns>
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
