using System.Text;

namespace RawLlm.Protocols;

/// <summary>Unique names for the documents of one request, in the characters that the service accepts.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, DocumentBlock: letters, digits, single spaces, hyphens, parentheses, square
/// brackets, at most 200 characters. "Messages can't contain duplicate document names" (2026).
/// </remarks>
internal sealed class DocumentNames
{
    private const int MaxCharacters = 200;

    private readonly HashSet<string> _reserved = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns a name that is similar to the wanted one.</summary>
    /// <param name="wanted">The file's name; null if it has none.</param>
    /// <param name="format">The document's format, which is removed from the end of the name.</param>
    public string Reserve(string? wanted, string format)
    {
        string name = Clean(
            wanted is null ? ""
            : wanted.EndsWith("." + format, StringComparison.OrdinalIgnoreCase) ? wanted[..^(format.Length + 1)]
            : wanted
        );
        if (name.Length == 0)
            name = "document";
        string unique = name;
        for (int i = 2; !_reserved.Add(unique); i++)
            unique = $"{name[..Math.Min(name.Length, MaxCharacters - 8)]}-{i}";
        return unique;
    }

    private static string Clean(string wanted)
    {
        var name = new StringBuilder(wanted.Length);
        foreach (char c in wanted)
        {
            if (char.IsWhiteSpace(c))
            {
                if (name.Length > 0 && name[^1] != ' ')
                    name.Append(' ');
            }
            else
            {
                name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '(' or ')' or '[' or ']' ? c : '-');
            }
        }
        string clean = name.ToString(0, Math.Min(name.Length, MaxCharacters)).Trim();
        // A name in another script becomes nothing but hyphens, which are of no use.
        return clean.AsSpan().ContainsAnyExcept("-() []") ? clean : "";
    }
}
