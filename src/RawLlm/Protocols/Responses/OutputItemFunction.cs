using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The <c>function</c> object of a tool call in the form of chat completions.</summary>
internal ref struct OutputItemFunction
{
    public JsonText Name;
    public JsonText Arguments;
    public ReadOnlySpan<byte> ArgumentsValue;

    /// <summary>Reads the value of the property that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "name"u8))
                WireJson.ReadIdIfAny(ref reader, ref Name);
            else if (WireJson.Is(ref reader, "arguments"u8))
                ResponsesEvent.ReadArguments(ref reader, data, ref Arguments, ref ArgumentsValue);
            else
                WireJson.SkipValue(ref reader);
        }
    }
}
