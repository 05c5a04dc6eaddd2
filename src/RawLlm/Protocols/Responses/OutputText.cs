using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One text of an item: a content part, or a part of the summary of the thoughts.</summary>
internal sealed class OutputText(StreamEventKind kind, bool isSummary, int index)
{
    // How many of the sources were given.
    private int _citationsGiven;

    public StreamEventKind Kind => kind;

    public bool IsSummary => isSummary;

    /// <summary>The wire's number of the text within the item.</summary>
    public int Index => index;

    /// <summary>The number of the part that it is given as; -1 as long as it has no text.</summary>
    public int Part = -1;

    public TextRun? Run;
    public bool IsDone;

    /// <summary>True once all of it was said at its end.</summary>
    public bool IsCompared;

    /// <summary>What was said of it as it began, as it stands in JSON; it counts when nothing else comes.</summary>
    public byte[] Kept = [];
    public bool IsKeptEscaped;

    /// <summary>True when the first event of the item said it, and not that of the part.</summary>
    public bool IsKeptOfItem;

    /// <summary>True once it was said how likely its tokens were.</summary>
    public bool HasLogProbs;

    /// <summary>The sources that it cites; null as long as there is none.</summary>
    public List<Citation>? Citations;

    /// <summary>True when one of them has not gone into what the service wants back.</summary>
    public bool HasNewCitations;

    public bool HasText => Part >= 0;

    /// <summary>Compares it with what is said of it at its end: what the deltas did not say behind their end is given; what they left out elsewhere cannot be any more.</summary>
    public void Compare(JsonText whole, EventBuffer events)
    {
        var run = Run!;
        char pending = '\0';
        var text = SaidAgain.Unescape(whole, ref pending, events);
        var counted = run.Counted!;
        if (counted.MayBe(text))
            return;
        bool goesOn = counted.MayBegin(text);
        events.Note(QuirkKind.DeltaMissing, goesOn ? "delta" : "text");
        if (!goesOn)
            return;
        // Half of a surrogate pair that waits for the other one is whole here.
        run.Pending = pending;
        text = text[(int)counted.Length..];
        counted.Add(text.Length, text);
        events.Add(run.Kind, run.Choice, run.Part, text, name: run.Name);
    }

    /// <summary>Takes a source that the text cites. It is given behind the text.</summary>
    /// <param name="number">The wire's number of the citation within the text; -1 when there is none.</param>
    /// <param name="annotation">What was said: an object.</param>
    /// <param name="retained">Bounds what is kept.</param>
    /// <param name="events">Tells the limits.</param>
    public void Cite(int number, ReadOnlySpan<byte> annotation, ref RetainedBytes retained, EventBuffer events)
    {
        // The number alone does not tell that it came before: it may be another one's.
        if (Citations is not { } known || (uint)number >= (uint)known.Count || !known[number].Json.Utf8.SequenceEqual(annotation))
            Cite(annotation, ref retained, events);
    }

    /// <summary>Takes the sources that a part lists, but for those that came before, in these words or in others.</summary>
    public void CiteAll(ReadOnlySpan<byte> annotations, ref RetainedBytes retained, EventBuffer events)
    {
        // Most lists are empty, and most others come whole.
        HashSet<RawJson>? known = Citations is { } cited ? [.. cited.Select(static citation => citation.Json)] : null;
        // As many of those that are not among them as came before and are not listed.
        int reworded = (Citations?.Count ?? 0) - CountOf(annotations, known, events);
        var list = WireJson.Reader(annotations, events.Options);
        list.Read();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            var annotation = WireJson.SkipRaw(ref list, annotations);
            if (CitationReader.IsObject(annotation, "content[].annotations[]", events) && !IsAmong(known, annotation) && --reworded < 0)
                Cite(annotation, ref retained, events);
        }
        if (IsDone)
            GiveCitations(events);
    }

    /// <summary>Gives the sources that were not given yet.</summary>
    public void GiveCitations(EventBuffer events)
    {
        for (; HasText && _citationsGiven < Citations?.Count; _citationsGiven++)
        {
            HasNewCitations = true;
            events.Cite(0, Part, Citations[_citationsGiven]);
        }
    }

    private void Cite(ReadOnlySpan<byte> annotation, ref RetainedBytes retained, EventBuffer events)
    {
        retained.AddCitation(annotation.Length, events);
        (Citations ??= []).Add(CitationReader.Read(annotation, CitedUnit.Characters));
    }

    private static int CountOf(ReadOnlySpan<byte> annotations, HashSet<RawJson>? known, EventBuffer events)
    {
        int count = 0;
        if (known is null)
            return count;
        var list = WireJson.Reader(annotations, events.Options);
        list.Read();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            if (IsAmong(known, WireJson.SkipRaw(ref list, annotations)))
                count++;
        }
        return count;
    }

    private static bool IsAmong(HashSet<RawJson>? known, ReadOnlySpan<byte> annotation) => known?.Contains(RawJson.FromChecked(annotation.ToArray())) == true;
}
