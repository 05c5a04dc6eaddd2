using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The lists of citations beside the choices, under any service's name for them.</summary>
/// <remarks>
/// <c>citations</c>, of URLs (Perplexity, xAI) or of objects (Cohere's, through LiteLLM); <c>search_results</c>, with more detail on the
/// same sources (Perplexity, Qianfan); <c>web_search</c> (GLM); <c>references</c> (Doubao's applications);
/// <c>search_info.search_results</c> (Hunyuan, DashScope); <c>venice_parameters.web_search_citations</c> (Venice). Perplexity (2025)
/// repeats its two lists in every chunk from the first one on: the last lists that are not empty count, and are emitted after the text.
/// </remarks>
internal sealed class AnswerCitations : IDisposable
{
    // In the order in which they are emitted: the lists with more detail on a source come first.
    private static readonly string[] Places =
    [
        "search_results[]",
        "web_search[]",
        "references[]",
        "search_info.search_results[]",
        "citations[]",
        "venice_parameters.web_search_citations[]",
    ];

    private readonly PooledBytes[] _lists = new PooledBytes[Places.Length];

    /// <summary>Whether a member beside the choices is such a list.</summary>
    public static bool IsMember(ReadOnlySpan<byte> name) => name.Length is >= 9 and <= 17 && KindOf(name) >= 0;

    /// <summary>Reads the list of the property that the reader is on.</summary>
    /// <returns>False if the list is empty or the same as the one before, and so changes nothing.</returns>
    public bool Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, EventBuffer events)
    {
        int kind = KindOf(name);
        reader.Read();
        var value = reader;
        if (
            (kind == 3 && !WireJson.TryFindMember(ref value, "search_results"u8))
            || (kind == 5 && !WireJson.TryFindMember(ref value, "web_search_citations"u8))
        )
        {
            reader.Skip();
            return false;
        }
        if (value.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref value, Places[kind][..^2], events);
            reader.Skip();
            return false;
        }
        reader.Skip();
        ref var kept = ref _lists[kind];
        var list = WireJson.SkipRaw(ref value, data);
        if (list.SequenceEqual(kept.Span) || list[1..^1].Trim(WireJson.WhiteSpace).IsEmpty)
            return false;
        // A list replaces the one before, so they are not counted together.
        default(RetainedBytes).Add(list.Length, events);
        kept.Clear();
        kept.Append(list);
        return true;
    }

    /// <summary>Emits the citations, except those whose URL is among the choice's own citations. A second call emits none.</summary>
    public void Emit(int choice, int part, ChoiceCitations? own, EventBuffer events)
    {
        var known = new CitationList();
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        var citations = new List<Citation>();
        for (int kind = 0; kind < Places.Length; kind++)
            Read(_lists[kind].Span, Places[kind], known, citations, events);
        Dispose();
        foreach (var citation in citations)
        {
            // A citation with a position in the text is emitted even if its URL is known.
            if (citation.Url is not { } url || citation.Place.Unit != CitedUnit.None || (addresses.Add(url) && own?.Has(url) != true))
                events.Cite(choice, part, citation);
        }
    }

    public void Dispose()
    {
        for (int kind = 0; kind < Places.Length; kind++)
            _lists[kind].Return();
    }

    private static int KindOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("citations"u8))
            return 4;
        if (name.SequenceEqual("search_results"u8))
            return 0;
        if (name.SequenceEqual("web_search"u8))
            return 1;
        if (name.SequenceEqual("references"u8))
            return 2;
        if (name.SequenceEqual("venice_parameters"u8))
            return 5;
        return name.SequenceEqual("search_info"u8) ? 3 : -1;
    }

    private static void Read(ReadOnlySpan<byte> list, string place, CitationList known, List<Citation> citations, EventBuffer events)
    {
        if (list.IsEmpty)
            return;
        var reader = WireJson.Reader(list, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isAddress = reader.TokenType == JsonTokenType.String;
            var json = WireJson.SkipRaw(ref reader, list);
            if (isAddress || CitationReader.IsObject(json, place, events))
                known.AddAll(json, CitedUnit.Characters, citations, events);
        }
    }
}
