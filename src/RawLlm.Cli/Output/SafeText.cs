using System.Buffers;
using System.Text;

namespace RawLlm.Cli.Output;

/// <summary>Makes text of a model or server safe for a terminal: control characters become visible.</summary>
internal static class SafeText
{
    // These change the order in which text is displayed: embeddings, overrides and isolates of Unicode's bidirectional algorithm.
    private const string Turning = "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069";

    private static readonly SearchValues<char> Steering = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(c => (char)c).Where(c => c is not ('\n' or '\t')),
        .. Turning,
    ]);

    /// <summary>Keeps line ends and tabs, and replaces every other control character.</summary>
    public static string Lines(string text)
    {
        if (!text.AsSpan().ContainsAny(Steering))
            return text;
        var safe = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                continue;
            if (!Steering.Contains(c))
                safe.Append(c);
            else if (c < 0x20)
                safe.Append((char)(0x2400 + c)); // the Unicode symbol of the control character
            else
                safe.Append('\uFFFD');
        }
        return safe.ToString();
    }

    /// <summary>
    /// Does the same for text in pieces. A carriage return at the end of a piece is held back until the next piece shows whether it
    /// belongs to a line end.
    /// </summary>
    /// <param name="text">The piece.</param>
    /// <param name="isHeld">Whether a carriage return is held back; false before the first piece.</param>
    public static string Lines(string text, ref bool isHeld)
    {
        if (text.Length == 0)
            return text;
        if (isHeld)
            text = "\r" + text;
        isHeld = text[^1] == '\r';
        return Lines(isHeld ? text[..^1] : text);
    }

    /// <summary>Puts the text on one line.</summary>
    public static string Line(string text) => Lines(text).ReplaceLineEndings(" ");
}
