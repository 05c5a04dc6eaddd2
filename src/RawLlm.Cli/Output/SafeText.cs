using System.Buffers;
using System.Text;

namespace RawLlm.Cli.Output;

/// <summary>Text of a model or a server on its way to a terminal: what would steer the terminal is made visible.</summary>
internal static class SafeText
{
    // They make text read otherwise than it stands: embeddings, overrides and isolates of Unicode's bidirectional algorithm.
    private const string Turning = "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069";

    private static readonly SearchValues<char> Steering = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(c => (char)c).Where(c => c is not ('\n' or '\t')), .. Turning]);

    /// <summary>The text with line ends and tabs, without any other control character.</summary>
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
                safe.Append((char)(0x2400 + c)); // the pictures of the control characters
            else
                safe.Append('\uFFFD');
        }
        return safe.ToString();
    }

    /// <summary>The same for text that comes in pieces: a carriage return at the end of one is held back until the next shows whether it ends a line.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="isHeld">True when a carriage return was held back; before the first piece false.</param>
    public static string Lines(string text, ref bool isHeld)
    {
        if (text.Length == 0)
            return text;
        if (isHeld)
            text = "\r" + text;
        isHeld = text[^1] == '\r';
        return Lines(isHeld ? text[..^1] : text);
    }

    /// <summary>The text on one line.</summary>
    public static string Line(string text) => Lines(text).ReplaceLineEndings(" ");
}
