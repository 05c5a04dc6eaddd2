namespace RawLlm.Protocols;

/// <summary>The texts of one choice, in which the places of its citations are found.</summary>
internal sealed class CitedText
{
    // A passage that names its source is short; to search all text for each of many citations would take hours.
    private const int LongestName = 4096;

    private readonly List<TextOfPart> _texts = [];

    /// <summary>Adds the text of a part.</summary>
    /// <param name="part">The part's number in the message.</param>
    /// <param name="text">Its text.</param>
    /// <param name="utf8">The bytes that the text was made of.</param>
    public void Add(int part, string text, ReadOnlyMemory<byte> utf8)
    {
        int start = _texts.Count > 0 ? _texts[^1].End : 0;
        _texts.Add(new TextOfPart(part, text, utf8, start));
    }

    /// <summary>The citation with what is known of its place.</summary>
    /// <param name="citation">What was said.</param>
    /// <param name="part">The number in the message of the part that it came for; null where that is none.</param>
    public Citation Place(Citation citation, int? part)
    {
        var own = part is { } number ? Find(number) : null;
        var place = citation.Place;
        var (text, start, end) = place.Unit switch
        {
            CitedUnit.Part when own is not null => (own, 0, own.Text.Length),
            CitedUnit.Characters when own is not null => InCharacters(own, place, citation),
            CitedUnit.Bytes => InBytes(own, place),
            // Of one that no wire gave.
            CitedUnit.None when own is not null && citation is { Start: { } from, End: { } to } => (own, from, to),
            _ => (own, -1, -1),
        };
        bool isFound = text is not null && start >= 0 && start < end && end <= text.Text.Length;
        return citation with
        {
            // The number that the event bore where there is no text at all is that of no cited part.
            PartIndex = isFound ? text!.Part : own is null && place.Unit != CitedUnit.Part ? null : part,
            Start = isFound ? start : null,
            End = isFound ? end : null,
            Place = default,
        };
    }

    // The wire says "characters". Behind an emoji that may be the string's units or whole characters, of which only the cited passage itself
    // tells the right one: as a rule it is a link in brackets that holds the address, or it ends with the file's name (OpenAI and xAI, 2025).
    private static (TextOfPart Text, int Start, int End) InCharacters(TextOfPart own, in CitedPlace place, Citation citation)
    {
        int start = own.Positions.FromCharacter(place.Start);
        int end = own.Positions.FromCharacter(place.End);
        if (start == place.Start && end == place.End)
            return (own, start, end);
        if (place.Passage is { } passage)
            return own.Says(passage, start, end) ? (own, start, end) : own.Says(passage, place.Start, place.End) ? (own, place.Start, place.End) : (own, -1, -1);
        int characters = Fit(own.Text, start, end, citation);
        int units = Fit(own.Text, place.Start, place.End, citation);
        if (characters == units)
            return (own, -1, -1);
        return characters > units ? (own, start, end) : (own, place.Start, place.End);
    }

    // 0 where the passage does not name the source, 1 where it does, 2 where it ends with the name, 3 for a link in its brackets.
    private static int Fit(string text, int start, int end, Citation citation)
    {
        if (start < 0 || start >= end || end > text.Length || end - start > LongestName)
            return 0;
        var passage = text.AsSpan(start, end - start);
        return Math.Max(Fit(passage, citation.Url), Fit(passage, citation.Title));
    }

    private static int Fit(ReadOnlySpan<char> passage, string? name)
    {
        if (name is null || !passage.Contains(name, StringComparison.Ordinal))
            return 0;
        if (passage[0] is '(' or '[' && passage[^1] is ')' or ']')
            return 3;
        return passage.EndsWith(name, StringComparison.Ordinal) ? 2 : 1;
    }

    // Google counts on over all text of the answer, without thoughts; the number of a part, where it says one, may be that of a piece of the stream.
    private (TextOfPart? Text, int Start, int End) InBytes(TextOfPart? own, in CitedPlace place)
    {
        if (FindByte(place.Start) is { } found)
        {
            var (start, end) = found.Between(place.Start - found.Start, place.End - found.Start);
            if (start >= 0 && end >= 0 && (place.Passage is null ? !place.IsInLaterPart : found.Says(place.Passage, start, end)))
                return (found, start, end);
        }
        if (own is not null && place.Passage is not null)
        {
            var (start, end) = own.Between(place.Start, place.End);
            if (start >= 0 && end >= 0 && own.Says(place.Passage, start, end))
                return (own, start, end);
        }
        return (own, -1, -1);
    }

    private TextOfPart? Find(int part)
    {
        int low = 0;
        for (int high = _texts.Count - 1; low <= high;)
        {
            int middle = (low + high) / 2;
            if (_texts[middle].Part == part)
                return _texts[middle];
            if (_texts[middle].Part < part)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    private TextOfPart? FindByte(int offset)
    {
        int low = 0;
        for (int high = _texts.Count - 1; low <= high;)
        {
            int middle = (low + high) / 2;
            var text = _texts[middle];
            if (offset < text.Start)
                high = middle - 1;
            else if (offset >= text.End)
                low = middle + 1;
            else
                return text;
        }
        return null;
    }

    private sealed class TextOfPart(int part, string text, ReadOnlyMemory<byte> utf8, int start)
    {
        public int Part => part;

        public string Text => text;

        /// <summary>How many bytes of text stand before it, and with it.</summary>
        public int Start => start;

        public int End => start + utf8.Length;

        public TextPositions Positions => field ??= new TextPositions(utf8);

        public (int Start, int End) Between(int from, int to) => (Positions.FromByte(from), Positions.FromByte(to));

        public bool Says(string passage, int from, int to) => from >= 0 && to <= text.Length && from <= to && text.AsSpan(from, to - from).SequenceEqual(passage);
    }
}
