using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One text of an item: a content part, or a part of the reasoning summary.</summary>
internal sealed class OutputText(StreamEventKind kind, bool isSummary, int index)
{
    // How many citations were emitted.
    private int _emittedCitations;

    // The JSON of the citations that were there when the latest list arrived, and their number; null before.
    private HashSet<RawJson>? _known;
    private int _knownCount;

    public StreamEventKind Kind => kind;

    public bool IsSummary => isSummary;

    /// <summary>The wire's index of the text within the item.</summary>
    public int Index => index;

    /// <summary>The number of the part as which it is emitted; -1 while it has no text.</summary>
    public int Part = -1;

    public TextRun? Run;
    public bool IsDone;

    /// <summary>True once the whole text arrived at its end.</summary>
    public bool IsCompared;

    /// <summary>The text at its beginning, as raw JSON text; it counts if nothing else arrives.</summary>
    public byte[] InitialText = [];
    public bool IsInitialTextEscaped;

    /// <summary>Whether the first event of the item contained it, and not that of the part.</summary>
    public bool IsInitialTextOfItem;

    /// <summary>True once log probabilities arrived.</summary>
    public bool HasLogProbs;

    /// <summary>The citations in it; null while there are none.</summary>
    public List<Citation>? Citations;

    /// <summary>Whether one of them is not yet in the data that goes back.</summary>
    public bool HasNewCitations;

    public bool HasText => Part >= 0;

    /// <summary>
    /// Compares the text with the whole text at its end: what the deltas lack at the end is emitted; what they lack elsewhere can no longer
    /// be.
    /// </summary>
    public void Compare(JsonText whole, EventBuffer events)
    {
        var run = Run!;
        char pending = '\0';
        var text = Repetitions.Unescape(whole, ref pending, events);
        var counted = run.Counted!;
        if (counted.MayBe(text))
            return;
        bool goesOn = counted.MayBegin(text);
        events.Note(QuirkKind.DeltaMissing, goesOn ? "delta" : "text");
        if (!goesOn)
            return;
        // Half of a surrogate pair that waits for the other half is whole here.
        run.Pending = pending;
        text = text[(int)counted.Length..];
        counted.Add(text.Length, text);
        events.Add(run.Kind, run.Choice, run.Part, text, name: run.Name);
    }

    /// <summary>Takes a citation in the text. It is emitted after the text.</summary>
    /// <param name="number">The wire's index of the citation within the text; -1 if there is none.</param>
    /// <param name="annotation">The citation, an object.</param>
    /// <param name="retained">Limits what is kept.</param>
    /// <param name="events">Provides the limits.</param>
    public void Cite(int number, ReadOnlySpan<byte> annotation, ref RetainedBytes retained, EventBuffer events)
    {
        // The index alone does not prove a repetition: it may be that of another citation.
        if (Citations is not { } known || (uint)number >= (uint)known.Count || !known[number].Json.Utf8.SequenceEqual(annotation))
            Cite(annotation, ref retained, events);
    }

    /// <summary>Takes the citations that a part lists, except those that arrived before, in the same words or in others.</summary>
    public void CiteAll(ReadOnlySpan<byte> annotations, ref RetainedBytes retained, EventBuffer events)
    {
        // Most lists are empty, and most others arrive whole.
        if (WireJson.HasElements(annotations))
            CiteNew(annotations, ref retained, events);
        if (IsDone)
            EmitCitations(events);
    }

    /// <summary>Emits the citations that were not emitted yet.</summary>
    public void EmitCitations(EventBuffer events)
    {
        for (; HasText && _emittedCitations < Citations?.Count; _emittedCitations++)
        {
            HasNewCitations = true;
            events.Cite(0, Part, Citations[_emittedCitations]);
        }
    }

    private void CiteNew(ReadOnlySpan<byte> annotations, ref RetainedBytes retained, EventBuffer events)
    {
        for (; _knownCount < Citations?.Count; _knownCount++)
            (_known ??= []).Add(Citations[_knownCount].Json);
        // The earlier citations that the list does not repeat verbatim: as many of its unknown ones are taken for rewordings.
        int reworded = _knownCount - CountOf(annotations, _known, events);
        var list = WireJson.Reader(annotations, events.Options);
        list.Read();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            var annotation = WireJson.SkipRaw(ref list, annotations);
            if (CitationReader.IsObject(annotation, "content[].annotations[]", events) && !IsAmong(_known, annotation) && --reworded < 0)
                Cite(annotation, ref retained, events);
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

    private static bool IsAmong(HashSet<RawJson>? known, ReadOnlySpan<byte> annotation) =>
        known?.Contains(RawJson.FromChecked(annotation.ToArray())) == true;
}
