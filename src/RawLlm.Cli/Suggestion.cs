namespace RawLlm.Cli;

/// <summary>Finds the name that a mistyped one was probably meant to be.</summary>
internal static class Suggestion
{
    private const int MostEdits = 2;

    // Of shorter names, too many others are as close.
    private const int ShortestWord = 3;

    /// <summary>Returns the question <c>Did you mean …?</c> with a space before it; empty if no name is close.</summary>
    public static string Question(string word, IEnumerable<string> names) => Of(word, names) is { } name ? $" Did you mean {name}?" : "";

    /// <summary>Returns the closest name; null if none is close.</summary>
    internal static string? Of(string word, IEnumerable<string> names)
    {
        string given = word.Trim('-').ToLowerInvariant();
        if (given.Length < ShortestWord)
            return null;
        string? closest = null;
        int least = Math.Min(MostEdits, given.Length / 2) + 1;
        foreach (string name in names)
        {
            string known = name.Trim('-').ToLowerInvariant();
            // A shortened name is closer than any that needs a correction.
            int edits = known.StartsWith(given, StringComparison.Ordinal) ? 0 : Edits(given, known);
            if (edits < least)
                (closest, least) = (name, edits);
        }
        return closest;
    }

    // Letters that are added, missing, replaced or swapped with their neighbor.
    private static int Edits(string one, string other)
    {
        var edits = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }
                int replaced = edits[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }
        return edits[one.Length, other.Length];
    }
}
