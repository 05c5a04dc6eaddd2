namespace RawLlm.Testing;

/// <summary>Splits content into the pieces of a stream.</summary>
internal static class AnswerPieces
{
    private const int FragmentLength = 8;

    /// <summary>Returns the words of a text, each with the white space after it.</summary>
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

    /// <summary>Returns the arguments in fragments; at least one.</summary>
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
        } while (start < arguments.Length);
    }
}
