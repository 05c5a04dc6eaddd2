using System.Text;

namespace RawLlm.Protocols;

/// <summary>A list of phrases as bytes, one per line: a native program stores them compactly and creates no strings.</summary>
internal static class PhraseList
{
    // No phrase in any list is longer.
    private const int LongestPhrase = 128;

    /// <summary>Whether a message begins with one of the phrases, ignoring case.</summary>
    public static bool Begins(ReadOnlySpan<char> message, ReadOnlySpan<byte> lines) => BeginningLength(message, lines) > 0;

    /// <summary>Returns the length of the phrase that the message begins with; 0 if there is none.</summary>
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
