using System.Text.Json;

namespace RawLlm.Benchmarks;

/// <summary>What one would write by hand: the text of the first choice, and nothing of whatever stands behind it.</summary>
internal static class ContentReader
{
    /// <summary>The text as it stands on the wire, escapes and all; empty when the chunk has none.</summary>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return !json.SequenceEqual("[DONE]"u8) && Find(ref reader) ? reader.ValueSpan : [];
    }

    /// <summary>The text; null when the chunk has none.</summary>
    public static string? ReadString(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (json.SequenceEqual("[DONE]"u8) || !Find(ref reader))
            return null;
        // The reader refuses half a surrogate pair; it is passed over, so that no exceptions are measured.
        return reader.ValueIsEscaped && reader.ValueSpan.IndexOf("\\ud"u8) >= 0 ? null : reader.GetString();
    }

    private static bool Find(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            // choices[].delta.content
            if (reader.CurrentDepth == 4 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("content"u8))
                return reader.Read() && reader.TokenType == JsonTokenType.String;
        }
        return false;
    }
}
