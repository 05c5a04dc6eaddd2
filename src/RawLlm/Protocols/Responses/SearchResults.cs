using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The search results of the service's own tools, which are items beside the text. They wait for its end, because it may cite them.
/// </summary>
internal sealed class SearchResults
{
    private readonly CitationList _known = new();
    private readonly List<Citation> _citations = [];

    /// <summary>Reads the results in an item: an array, or nothing.</summary>
    public void Read(ReadOnlySpan<byte> results, EventBuffer events)
    {
        if (results.IsEmpty)
            return;
        var reader = WireJson.Reader(results, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var json = WireJson.SkipRaw(ref reader, results);
            if (CitationReader.IsObject(json, "item.results[]", events))
                _known.AddAll(json, CitedUnit.Characters, _citations, events);
        }
    }

    /// <summary>Emits each URL once, except those that a text cites. A second call emits none.</summary>
    public void Emit(ReadOnlySpan<OutputItem> items, EventBuffer events)
    {
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        int part = -1;
        foreach (var item in items)
        {
            foreach (var text in item.Texts)
            {
                if (part < 0 && text is { HasText: true, Kind: StreamEventKind.Text })
                    part = text.Part;
                foreach (var cited in text.Citations ?? [])
                    addresses.Add(cited.Url ?? "");
            }
        }
        foreach (var citation in _citations)
        {
            if (citation.Url is not { } url || addresses.Add(url))
                events.Cite(0, Math.Max(0, part), citation);
        }
        _citations.Clear();
    }
}
