using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one element in a list of tool calls.</summary>
internal ref struct InvokedCall
{
    public JsonText Id;
    public JsonText Name;

    /// <summary>The arguments as JSON.</summary>
    public ReadOnlySpan<byte> Parameters;

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "name"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref Name);
            }
            else if (WireJson.Is(ref reader, "id"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref Id);
            }
            else if (WireJson.Is(ref reader, "parameters"u8))
            {
                reader.Read();
                Parameters = WireJson.SkipRaw(ref reader, data);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }
}
