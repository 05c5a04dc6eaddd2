using System.Text.Json;

namespace RawLlm.Benchmarks;

/// <summary>The JSON documents in a stream, for benchmarks without framing and for checking results.</summary>
internal static class Documents
{
    /// <summary>Locates each document; the end mark is not one.</summary>
    public static List<Range> Find(ReadOnlySpan<byte> stream)
    {
        var found = new List<Range>();
        int start = 0;
        foreach (var line in stream.Split((byte)'\n'))
        {
            var (lineStart, length) = line.GetOffsetAndLength(stream.Length);
            start = lineStart + "data: ".Length;
            var text = stream.Slice(lineStart, length);
            if (text.StartsWith("data: {"u8))
                found.Add(start..(lineStart + text.TrimEnd((byte)'\r').Length));
        }
        return found;
    }

    /// <summary>Counts the documents that have text.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="halves">Whether to count text that contains half a surrogate pair, or a whole one, as escapes.</param>
    public static int CountTexts(ReadOnlyMemory<byte> stream, bool halves)
    {
        int count = 0;
        foreach (var range in Find(stream.Span))
        {
            using var document = JsonDocument.Parse(stream[range]);
            if (
                document.RootElement.GetProperty("choices") is { } choices
                && choices.GetArrayLength() == 1
                && choices[0].GetProperty("delta").TryGetProperty("content", out var content)
                && content.ValueKind == JsonValueKind.String
            )
            {
                string raw = content.GetRawText();
                count += raw.Length > 2 && (halves || !raw.Contains("\\ud", StringComparison.Ordinal)) ? 1 : 0;
            }
        }
        return count;
    }
}
