namespace RawLlm.Testing;

/// <summary>Cuts content into the pieces in which it is streamed.</summary>
internal static class AnswerPieces
{
    private const int FragmentLength = 8;

    /// <summary>Words, each with the white space behind it.</summary>
    public static IEnumerable<string> Words(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int end = start;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
                end++;
            while (end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            yield return text[start..end];
            start = end;
        }
    }

    /// <summary>Fragments of arguments; at least one.</summary>
    public static IEnumerable<string> Fragments(string arguments)
    {
        int start = 0;
        do
        {
            int end = Math.Min(start + FragmentLength, arguments.Length);
            if (end < arguments.Length && char.IsLowSurrogate(arguments[end]))
                end++;
            yield return arguments[start..end];
            start = end;
        }
        while (start < arguments.Length);
    }
}
