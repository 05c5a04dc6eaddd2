namespace RawLlm;

/// <summary>Cuts texts without splitting a surrogate pair.</summary>
internal static class TextCut
{
    /// <summary>Returns the text, cut if it is longer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The maximum number of UTF-16 code units; at least 1.</param>
    public static string Of(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
}
