namespace RawLlm.Testing;

/// <summary>Recognizes texts that are probably keys: by a known prefix, or because their characters look random.</summary>
internal static class SecretText
{
    private const int ShortestWithPrefix = 12;
    private const int Shortest = 16;
    private const int ShortestRun = 8;

    // Words and the names of models have runs of letters and digits up to about half this length.
    private const int LongRun = 24;

    private static readonly string[] Prefixes =
    [
        "sk-",
        "sk_",
        "pk-",
        "pk_",
        "rk_",
        "key-",
        "key_",
        "gsk_",
        "csk-",
        "xai-",
        "hf_",
        "r8_",
        "fw_",
        "tgp_",
        "pplx-",
        "nvapi-",
        "vck_",
        "AIza",
        "ya29.",
        "AKIA",
        "ASIA",
        "ABSK",
        "bedrock-api-key-",
        "eyJ",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "dapi",
    ];

    /// <summary>Whether a text is probably a key. A key that consists of words or of digits only is not recognized.</summary>
    public static bool IsLikely(string text)
    {
        foreach (string prefix in Prefixes)
        {
            if (
                text.Length >= ShortestWithPrefix
                && text.StartsWith(prefix, StringComparison.Ordinal)
                && HasMixedRun(text.AsSpan(prefix.Length))
            )
            {
                return true;
            }
        }
        return text.Length >= Shortest && IsLikelyRandom(text);
    }

    // Words and version numbers, as in key-value-v1, have none.
    private static bool HasMixedRun(ReadOnlySpan<char> text)
    {
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsAsciiLetterOrDigit(text[i]))
                continue;
            var run = text[start..i];
            if (run.Length >= ShortestRun && run.ContainsAnyInRange('0', '9') && run.ContainsAnyExceptInRange('0', '9'))
                return true;
            start = i + 1;
        }
        return false;
    }

    // In a random text of letters and digits, about every second character is of another kind (lowercase, uppercase, digit) than the one
    // before; in the name of a model, at most every fifth, and none in most words. A capital begins a word.
    private static bool IsLikelyRandom(string text)
    {
        int changes = 0;
        int run = 0;
        bool hasDigit = false;
        bool hasLetter = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (!char.IsAsciiLetterOrDigit(c))
            {
                if (c is not ('-' or '_' or '.' or '~' or '+' or '='))
                    return false;
                (run, hasDigit, hasLetter) = (0, false, false);
                continue;
            }
            bool isFirst = run++ == 0;
            hasDigit |= char.IsAsciiDigit(c);
            hasLetter |= !char.IsAsciiDigit(c);
            if (run >= LongRun && hasDigit && hasLetter)
                return true;
            if (!isFirst && KindOf(c) != KindOf(text[i - 1]) && !(run == 2 && char.IsAsciiLetterUpper(text[i - 1])))
                changes++;
        }
        return changes * 4 >= text.Length;
    }

    private static int KindOf(char c) =>
        char.IsAsciiDigit(c) ? 0
        : char.IsAsciiLetterUpper(c) ? 1
        : 2;
}
