using System.Text;

namespace RawLlm.Protocols;

/// <summary>
/// A list of words as bytes, separated by spaces or line ends: a native program stores them compactly and creates no strings.
/// </summary>
internal static class WordList
{
    /// <summary>Whether a list contains a word, ignoring case.</summary>
    public static bool Contains(ReadOnlySpan<byte> words, ReadOnlySpan<char> word)
    {
        while (!words.IsEmpty)
        {
            int end = words.IndexOfAny((byte)' ', (byte)'\n');
            if (Ascii.EqualsIgnoreCase(end < 0 ? words : words[..end], word))
                return true;
            words = end < 0 ? [] : words[(end + 1)..];
        }
        return false;
    }
}
