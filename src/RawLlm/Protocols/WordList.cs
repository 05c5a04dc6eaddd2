using System.Text;

namespace RawLlm.Protocols;

/// <summary>A list of words as bytes with spaces or line ends between them: a native program holds and makes no string of any before one is asked for.</summary>
internal static class WordList
{
    /// <summary>Whether a word is in a list; letters' case does not matter.</summary>
    public static bool Holds(ReadOnlySpan<byte> words, ReadOnlySpan<char> word)
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
