namespace RawLlm.Protocols;

/// <summary>
/// Finds the entry for a model in a list. Each line contains a pattern, in which * stands for anything, and the words for the models that
/// match it.
/// </summary>
internal static class ModelPatterns
{
    // On any service, because the three words are part of the models' own prompt format.
    private const string Everywhere = "gpt-oss* low medium high";

    /// <summary>Returns the words of the first line that matches; empty if none does.</summary>
    /// <param name="lines">The lines; may be null.</param>
    /// <param name="model">The model, with or without its vendor before a slash.</param>
    public static ReadOnlySpan<char> Find(string? lines, string? model)
    {
        var name = model.AsSpan(model is null ? 0 : model.LastIndexOf('/') + 1);
        foreach (var line in lines.AsSpan().EnumerateLines())
        {
            int end = line.IndexOf(' ');
            if (end > 0 && Fits(name, line[..end]))
                return line[(end + 1)..];
        }
        return default;
    }

    /// <summary>Returns the words for the efforts that a model supports; empty if they are unknown and all are accepted.</summary>
    public static ReadOnlySpan<char> FindEfforts(string? lines, string? model) =>
        Find(Everywhere, model) is { IsEmpty: false } words ? words : Find(lines, model);

    /// <summary>
    /// Returns the word for an effort: its own, otherwise that of the next higher effort, otherwise that of the next lower one. Null if no
    /// effort can be requested.
    /// </summary>
    /// <param name="words">The result of <see cref="FindEfforts"/>.</param>
    /// <param name="asked">The requested effort.</param>
    /// <param name="isSame">Whether the word means the requested effort.</param>
    public static string? Nearest(ReadOnlySpan<char> words, ThinkingEffort asked, out bool isSame)
    {
        isSame = true;
        if (words.IsEmpty)
            return EffortScale.Word(asked);
        string? best = null;
        var bestStep = ThinkingEffort.None;
        foreach (var range in words.Split(' '))
        {
            if (Read(words[range]) is not { } word)
                continue;
            bool isNearer =
                best is null || (word.Step >= asked ? bestStep < asked || word.Step < bestStep : bestStep < asked && word.Step > bestStep);
            if (isNearer)
                (best, bestStep) = (word.Text, word.Step);
        }
        // "Max" is the highest effort of the model, whatever its word is.
        isSame = best is not null && (bestStep == asked || (asked == ThinkingEffort.Max && bestStep == ThinkingEffort.ExtraHigh));
        return best;
    }

    /// <summary>Returns the pattern for a single model; one for all if its name cannot be a pattern.</summary>
    public static string PatternOf(string? model) =>
        model is null || model.AsSpan().ContainsAny(" *\r\n") ? "*" : model[(model.LastIndexOf('/') + 1)..];

    /// <summary>Returns the lines with these words for a model; the same lines if it has them already.</summary>
    public static string? With(string? lines, string? model, string words) =>
        Find(lines, model).SequenceEqual(words) ? lines : $"{PatternOf(model)} {words}\n{lines}";

    /// <summary>Whether a word is one for an effort.</summary>
    public static bool IsEffort(string word) => Read(word) is not null;

    private static (string Text, ThinkingEffort Step)? Read(ReadOnlySpan<char> word) =>
        word switch
        {
            "none" => ("none", ThinkingEffort.None),
            "minimal" => ("minimal", ThinkingEffort.Minimal),
            "low" => ("low", ThinkingEffort.Low),
            "medium" => ("medium", ThinkingEffort.Medium),
            "default" => ("default", ThinkingEffort.Medium),
            "high" => ("high", ThinkingEffort.High),
            "xhigh" => ("xhigh", ThinkingEffort.ExtraHigh),
            "max" => ("max", ThinkingEffort.Max),
            _ => null,
        };

    private static bool Fits(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        int star = pattern.IndexOf('*');
        if (star < 0)
            return name.Equals(pattern, StringComparison.OrdinalIgnoreCase);
        if (!name.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase))
            return false;
        name = name[star..];
        pattern = pattern[(star + 1)..];
        while (!pattern.IsEmpty)
        {
            star = pattern.IndexOf('*');
            var piece = star < 0 ? pattern : pattern[..star];
            if (star < 0)
                return name.EndsWith(piece, StringComparison.OrdinalIgnoreCase);
            int at = name.IndexOf(piece, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return false;
            name = name[(at + piece.Length)..];
            pattern = pattern[(star + 1)..];
        }
        return true;
    }
}
