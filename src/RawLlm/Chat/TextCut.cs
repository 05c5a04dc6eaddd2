namespace RawLlm;

/// <summary>The beginning of a text, which ends in no half of a surrogate pair.</summary>
internal static class TextCut
{
    /// <summary>The text, cut where it is longer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most UTF-16 units that it may have; at least 1.</param>
    public static string Of(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
}
