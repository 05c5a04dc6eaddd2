using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The service's feedback on the prompt.</summary>
internal ref struct GeminiFeedback
{
    /// <summary>Why the service blocked the prompt; absent if it did not.</summary>
    public JsonText Reason;

    public JsonText Message;

    /// <summary>Reads the value that the reader is on, and discards an earlier value.</summary>
    public void Read(scoped ref Utf8JsonReader reader)
    {
        this = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isReason = WireJson.Is(ref reader, "blockReason"u8);
            bool isMessage = WireJson.Is(ref reader, "blockReasonMessage"u8);
            reader.Read();
            if (
                isReason
                && reader.TokenType is JsonTokenType.String or JsonTokenType.Number
                && !GeminiCandidate.IsUnspecified(reader.ValueSpan)
            )
            {
                Reason = JsonText.Read(ref reader);
            }
            else if (isMessage && reader.TokenType == JsonTokenType.String)
                Message = JsonText.Read(ref reader);
            else
                reader.Skip();
        }
    }
}
