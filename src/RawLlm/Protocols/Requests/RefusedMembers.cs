using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>
/// Finds what a service rejects for certain models, in a list whose lines each contain a pattern (<see cref="ModelPatterns"/>) and the
/// names of members.
/// </summary>
/// <remarks>
/// With <c>temperature=1</c>, only other values are rejected, and 1 also applies without the member. Members after <c>if-asked</c> are
/// rejected if the request asks the model to think; members after <c>unless-off</c>, unless the request turns thinking off.
/// </remarks>
internal static class RefusedMembers
{
    /// <summary>Whether a member is rejected.</summary>
    /// <param name="lines">The lines; may be null.</param>
    /// <param name="model">The model, with or without its vendor before a slash.</param>
    /// <param name="effort">The word for the effort in the request; null if it names none.</param>
    /// <param name="name">The member.</param>
    public static bool Contains(string? lines, string? model, string? effort, string name) =>
        Contains(lines, model, effort, name, double.NaN, out _);

    /// <summary>Whether a member with a value is rejected.</summary>
    /// <param name="lines">The lines; may be null.</param>
    /// <param name="model">The model, with or without its vendor before a slash.</param>
    /// <param name="effort">The word for the effort in the request; null if it names none.</param>
    /// <param name="name">The member.</param>
    /// <param name="value">The value.</param>
    /// <param name="isKept">Whether the value also applies without the member.</param>
    public static bool Contains(string? lines, string? model, string? effort, string name, double value, out bool isKept)
    {
        isKept = false;
        var words = ModelPatterns.Find(lines, model);
        foreach (var range in words.Split(' '))
        {
            var word = words[range];
            if ((word is "if-asked" && effort is null or "none") || (word is "unless-off" && effort is "none"))
                return false;
            int end = word.IndexOf('=');
            if (!name.AsSpan().SequenceEqual(end < 0 ? word : word[..end]))
                continue;
            isKept = end >= 0 && double.Parse(word[(end + 1)..], CultureInfo.InvariantCulture) == value;
            return true;
        }
        return false;
    }

    /// <summary>Returns the lines with one more member that is rejected for a model; the same lines if it always is.</summary>
    public static string? With(string? lines, string? model, string name) =>
        Contains(lines, model, effort: "none", name)
            ? lines
            // Of the lines that match, only the first counts.
            : ModelPatterns.With(lines, model, $"{name} {ModelPatterns.Find(lines, model)}".TrimEnd());

    /// <summary>Records the settings for which neither Messages nor Converse has a member.</summary>
    public static void NoteSampling(ChatRequest request, WireRequest wire)
    {
        if (request.Seed is not null)
            wire.Note(QuirkKind.LeftOut, "seed");
        if (request.FrequencyPenalty is not null)
            wire.Note(QuirkKind.LeftOut, "frequency_penalty");
        if (request.PresencePenalty is not null)
            wire.Note(QuirkKind.LeftOut, "presence_penalty");
        if (request.TopLogProbs is not null)
            wire.Note(QuirkKind.LeftOut, "logprobs");
        if (request.ChoiceCount is > 1)
            wire.Note(QuirkKind.LeftOut, "n");
    }
}
