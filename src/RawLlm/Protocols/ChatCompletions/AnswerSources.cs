using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The lists of sources beside the choices: <c>citations</c>, of addresses (Perplexity, xAI), and <c>search_results</c>, which tell more of the same (Perplexity).</summary>
/// <remarks>Perplexity (2025) repeats both in every chunk, from the first one on: the last lists that hold something count, and are given behind the text.</remarks>
internal sealed class AnswerSources : IDisposable
{
    private PooledBytes _citations;
    private PooledBytes _results;

    /// <summary>Takes the list of the property that the reader stands on.</summary>
    /// <returns>False where it is the same as the one before, or holds nothing, and changes nothing.</returns>
    public bool Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool isResults, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, isResults ? "search_results" : "citations", events);
            return false;
        }
        ref var kept = ref isResults ? ref _results : ref _citations;
        var list = WireJson.SkipRaw(ref reader, data);
        if (list.SequenceEqual(kept.Span) || list[1..^1].Trim(" \t\r\n"u8).IsEmpty)
            return false;
        // They replace each other.
        default(RetainedBytes).Add(list.Length, events);
        kept.Clear();
        kept.Append(list);
        return true;
    }

    /// <summary>Gives the sources, but for those whose address the choice's own citations have.</summary>
    public void Give(int choice, int part, ChoiceCitations? own, EventBuffer events)
    {
        var known = new CitationList();
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        Give(_results.Span, "search_results[]", choice, part, own, known, addresses, events);
        Give(_citations.Span, "citations[]", choice, part, own, known, addresses, events);
    }

    public void Dispose()
    {
        _citations.Return();
        _results.Return();
    }

    private static void Give(ReadOnlySpan<byte> list, string place, int choice, int part, ChoiceCitations? own, CitationList known, HashSet<string> addresses, EventBuffer events)
    {
        if (list.IsEmpty)
            return;
        var reader = WireJson.Reader(list, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isAddress = reader.TokenType == JsonTokenType.String;
            var json = WireJson.SkipRaw(ref reader, list);
            if ((isAddress || CitationReader.IsObject(json, place, events)) && known.Add(json, CitedUnit.None, events) is { } citation
                && (citation.Url is not { } url || (addresses.Add(url) && own?.Has(url) != true)))
            {
                events.Cite(choice, part, citation);
            }
        }
    }
}
