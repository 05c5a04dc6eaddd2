using System.Buffers;
using System.Text;

namespace RawLlm.Cli.Output;

/// <summary>Text of a model or a server on its way to a terminal: what would steer the terminal is made visible.</summary>
internal static class SafeText
{
    private static readonly SearchValues<char> Steering = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(c => (char)c).Where(c => c is not ('\n' or '\t'))]);

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

    /// <summary>The text on one line.</summary>
    public static string Line(string text) => Lines(text).ReplaceLineEndings(" ");
}
