namespace RawLlm;

/// <summary>Cuts texts without splitting a surrogate pair.</summary>
internal static class TextCut
{
    /// <summary>Returns the text, cut if it is longer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">The maximum number of UTF-16 code units; at least 1.</param>
    public static string Of(string text, int maxLength) =>
        text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}
