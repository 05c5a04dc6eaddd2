namespace RawLlm.Protocols;

/// <summary>The texts of one choice, in which the positions of its citations are found.</summary>
internal sealed class CitedText
{
    // A passage that names its source is short; searching all text for each of many citations would take hours.
    private const int LongestName = 4096;

    private readonly List<TextOfPart> _texts = [];

    /// <summary>Adds the text of a part.</summary>
    /// <param name="part">The part's number in the message.</param>
    /// <param name="text">Its text.</param>
    /// <param name="utf8">The bytes from which the text was made.</param>
    public void Add(int part, string text, ReadOnlyMemory<byte> utf8)
    {
        int start = _texts.Count > 0 ? _texts[^1].End : 0;
        _texts.Add(new TextOfPart(part, text, utf8, start));
    }

    /// <summary>Returns the citation with the position that is known.</summary>
    /// <param name="citation">The citation.</param>
    /// <param name="part">The number in the message of the part that it arrived for; null if there is none.</param>
    public Citation Place(Citation citation, int? part)
    {
        var own = part is { } number ? Find(number) : null;
        var place = citation.Place;
        var (text, start, end) = place.Unit switch
        {
            CitedUnit.Part when own is not null => (own, 0, own.Text.Length),
            CitedUnit.Characters when own is not null => InCharacters(own, place, citation),
            CitedUnit.Bytes => InBytes(own, place),
            // For a citation that does not come from a wire.
            CitedUnit.None when own is not null && citation is { Start: { } from, End: { } to } => (own, from, to),
            _ => (own, -1, -1),
        };
        bool isFound = text is not null && start >= 0 && start < end && end <= text.Text.Length;
        return citation with
        {
            // Without any text, the number of the event is not that of a cited part.
            PartIndex =
                isFound ? text!.Part
                : own is null && place.Unit != CitedUnit.Part ? null
                : part,
            Start = isFound ? start : null,
            End = isFound ? end : null,
            Place = default,
        };
    }

    // The wire says "characters". After an emoji these may be UTF-16 units or whole characters, and only the cited passage shows which:
    // usually it is a link in brackets that contains the URL, or it ends with the file's name (OpenAI and xAI, 2025).
    private static (TextOfPart Text, int Start, int End) InCharacters(TextOfPart own, in CitedPlace place, Citation citation)
    {
        int start = own.Positions.FromCharacter(place.Start);
        int end = own.Positions.FromCharacter(place.End);
        if (start == place.Start && end == place.End)
            return (own, start, end);
        if (place.Passage is { } passage)
        {
            return own.HasPassageAt(passage, start, end) ? (own, start, end)
                : own.HasPassageAt(passage, place.Start, place.End) ? (own, place.Start, place.End)
                : (own, -1, -1);
        }

        int characters = MatchRank(own.Text, start, end, citation);
        int units = MatchRank(own.Text, place.Start, place.End, citation);
        if (characters == units)
            return (own, -1, -1);
        return characters > units ? (own, start, end) : (own, place.Start, place.End);
    }

    // 0 if the passage does not name the source, 1 if it does, 2 if it ends with the name, 3 for a link in brackets.
    private static int MatchRank(string text, int start, int end, Citation citation)
    {
        if (start < 0 || start >= end || end > text.Length || end - start > LongestName)
            return 0;
        var passage = text.AsSpan(start, end - start);
        return Math.Max(MatchRank(passage, citation.Url), MatchRank(passage, citation.Title));
    }

    private static int MatchRank(ReadOnlySpan<char> passage, string? name)
    {
        if (name is null || !passage.Contains(name, StringComparison.Ordinal))
            return 0;
        if (passage[0] is '(' or '[' && passage[^1] is ')' or ']')
            return 3;
        return passage.EndsWith(name, StringComparison.Ordinal) ? 2 : 1;
    }

    // Google counts over all text of the answer, without reasoning. If it sends a part number, that may be the number of a chunk of the
    // stream.
    private (TextOfPart? Text, int Start, int End) InBytes(TextOfPart? own, in CitedPlace place)
    {
        if (FindByte(place.Start) is { } found)
        {
            var (start, end) = found.Between(place.Start - found.Start, place.End - found.Start);
            if (start >= 0 && end >= 0 && (place.Passage is null ? !place.IsInLaterPart : found.HasPassageAt(place.Passage, start, end)))
                return (found, start, end);
        }
        if (own is not null && place.Passage is not null)
        {
            var (start, end) = own.Between(place.Start, place.End);
            if (start >= 0 && end >= 0 && own.HasPassageAt(place.Passage, start, end))
                return (own, start, end);
        }
        return (own, -1, -1);
    }

    private TextOfPart? Find(int part)
    {
        int low = 0;
        for (int high = _texts.Count - 1; low <= high; )
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
        for (int high = _texts.Count - 1; low <= high; )
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

        /// <summary>How many bytes of text come before this part, and up to its end.</summary>
        public int Start => start;

        public int End => start + utf8.Length;

        public TextPositions Positions => field ??= new TextPositions(utf8);

        public (int Start, int End) Between(int from, int to) => (Positions.FromByte(from), Positions.FromByte(to));

        public bool HasPassageAt(string passage, int from, int to) =>
            from >= 0 && to <= text.Length && from <= to && text.AsSpan(from, to - from).SequenceEqual(passage);
    }
}
