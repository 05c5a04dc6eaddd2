using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of a whole answer of the Converse wire. All are optional and may come in any order.</summary>
internal ref struct ConverseAnswer
{
    public Utf8JsonReader Message;
    public bool HasMessage;
    public JsonText StopReason;

    /// <summary>Whether there is a member that errors have and answers do not need.</summary>
    public bool LooksLikeError;

    /// <summary>Reads the object that the reader is on; the usage is processed immediately.</summary>
    public void Read(scoped ref Utf8JsonReader reader, scoped ref ConverseUsage usage, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "output"u8))
            {
                reader.Read();
                HasMessage |= TryFind(ref reader, "message"u8, out Message);
            }
            else if (WireJson.Is(ref reader, "stopReason"u8))
            {
                WireJson.TryReadText(ref reader, ref StopReason, "stopReason", events);
            }
            else if (WireJson.Is(ref reader, "usage"u8))
            {
                reader.Read();
                usage.Read(ref reader, events);
            }
            else
            {
                LooksLikeError |=
                    WireJson.Is(ref reader, "message"u8)
                    || WireJson.Is(ref reader, "Message"u8)
                    || WireJson.Is(ref reader, "error"u8)
                    || WireJson.Is(ref reader, "__type"u8)
                    || WireJson.Is(ref reader, "Output"u8);
                WireJson.SkipValue(ref reader);
            }
        }
    }

    /// <summary>
    /// Finds an object inside the one that the reader is on. Leaves the reader at the end of the whole value, and
    /// <paramref name="found"/> on the start of the inner object.
    /// </summary>
    public static bool TryFind(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, out Utf8JsonReader found)
    {
        found = default;
        bool isFound = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = WireJson.Is(ref reader, name);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.StartObject)
            {
                found = reader;
                isFound = true;
            }
            reader.Skip();
        }
        return isFound;
    }
}
