using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of a <c>toolUse</c>.</summary>
internal ref struct ConverseCall
{
    public JsonText Id;
    public JsonText Name;

    /// <summary>The input, if it is complete at once.</summary>
    public ReadOnlySpan<byte> Input;

    /// <summary>
    /// Whether this is a call of the service's own tools (<c>"type": "server_tool_use"</c>), which the caller does not run.
    /// </summary>
    public bool IsOfService;

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "toolUseId"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref Id);
            }
            else if (WireJson.Is(ref reader, "name"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref Name);
            }
            else if (WireJson.Is(ref reader, "input"u8))
            {
                reader.Read();
                Input = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "type"u8))
            {
                reader.Read();
                // For the caller's tools, some models send "tool_use" (2026).
                IsOfService = reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "server_tool_use"u8);
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }
}
