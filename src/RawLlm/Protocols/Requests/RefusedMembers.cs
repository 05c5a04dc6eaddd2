using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>Finds what a service refuses of single models in a list: lines of a pattern (<see cref="ModelWords"/>), and of names of members behind it.</summary>
/// <remarks>
/// <c>temperature=1</c> is refused with other values; that one says what holds anyway. What stands behind <c>if-asked</c> is refused where the request asks
/// the model to think, what stands behind <c>unless-off</c> wherever it does not ask it not to.
/// </remarks>
internal static class RefusedMembers
{
    /// <summary>Whether a member is refused.</summary>
    /// <param name="lines">The lines; may be null.</param>
    /// <param name="model">The model, with or without its maker before a slash.</param>
    /// <param name="effort">The word for the effort that the request names; null where it names none.</param>
    /// <param name="name">The member.</param>
    public static bool Contain(string? lines, string? model, string? effort, string name) => Contain(lines, model, effort, name, double.NaN, out _);

    /// <summary>Whether a member is refused with a value.</summary>
    /// <param name="lines">The lines; may be null.</param>
    /// <param name="model">The model, with or without its maker before a slash.</param>
    /// <param name="effort">The word for the effort that the request names; null where it names none.</param>
    /// <param name="name">The member.</param>
    /// <param name="value">The value.</param>
    /// <param name="isKept">Whether the value holds without the member as well.</param>
    public static bool Contain(string? lines, string? model, string? effort, string name, double value, out bool isKept)
    {
        isKept = false;
        var words = ModelWords.Find(lines, model);
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

    /// <summary>Notes what a request asks for and neither Messages nor Converse has a member for.</summary>
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
