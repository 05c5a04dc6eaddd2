using System.Text.Json;

namespace RawLlm.Benchmarks;

/// <summary>Hand-written code that reads the text of the first choice and nothing after it.</summary>
internal static class ContentReader
{
    /// <summary>Reads the text as it is on the wire, with its escapes; empty if the chunk has none.</summary>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return !json.SequenceEqual("[DONE]"u8) && Find(ref reader) ? reader.ValueSpan : [];
    }

    /// <summary>Reads the text; null if the chunk has none.</summary>
    public static string? ReadString(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (json.SequenceEqual("[DONE]"u8) || !Find(ref reader))
            return null;
        // The reader throws for half a surrogate pair; such text is skipped, so that no exceptions are measured.
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
