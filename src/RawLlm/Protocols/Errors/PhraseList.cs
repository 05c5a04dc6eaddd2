using System.Text;

namespace RawLlm.Protocols;

/// <summary>A list of phrases as bytes, one on each line: a native program holds and makes no string of any.</summary>
internal static class PhraseList
{
    // No phrase of any list is longer.
    private const int LongestPhrase = 128;

    /// <summary>Whether a message begins with one of them; letters' case does not matter.</summary>
    public static bool Begins(ReadOnlySpan<char> message, ReadOnlySpan<byte> lines) => BeginningLength(message, lines) > 0;

    /// <summary>How many characters of a message are the phrase that it begins with; 0 for none.</summary>
    public static int BeginningLength(ReadOnlySpan<char> message, ReadOnlySpan<byte> lines)
    {
        Span<char> beginning = stackalloc char[LongestPhrase];
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            int length = Encoding.UTF8.GetChars(end < 0 ? lines : lines[..end], beginning);
            if (message.StartsWith(beginning[..length], StringComparison.OrdinalIgnoreCase))
                return length;
            lines = end < 0 ? [] : lines[(end + 1)..];
        }
        return 0;
    }
}
