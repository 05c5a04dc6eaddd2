using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The citations of one candidate: those of <c>groundingMetadata</c>, which lists the sources and, separately, the passages that
/// they support, and those of <c>citationMetadata</c>.
/// </summary>
/// <remarks>
/// Source: ai.google.dev/api/generate-content. A later event may repeat an earlier one; each citation is returned once. An event may also
/// refer to the list of an earlier one, so a source without a passage is held back until the end of the answer.
/// </remarks>
internal sealed class GeminiCitations(int candidate)
{
    private const string ChunksPlace = "candidates[].groundingMetadata.groundingChunks[]";
    private const string SupportsPlace = "candidates[].groundingMetadata.groundingSupports[]";

    private readonly CitationList _known = new();

    // Counts within one event: very many short passages can refer to one long source, and repeated citations are counted nowhere else.
    private RetainedBytes _composed;

    // The latest list, as it arrived, and the sources that support no passage yet, with the text part that they arrived for.
    private byte[] _chunks = [];
    private readonly List<(RawJson Chunk, int Part)> _waiting = [];
    private readonly Dictionary<RawJson, bool> _isBorne = [];

    /// <summary>Emits the citations of a <c>groundingMetadata</c> object.</summary>
    /// <param name="metadata">The object.</param>
    /// <param name="part">The number of the candidate's latest text part.</param>
    /// <param name="events">Receives the events.</param>
    public void GiveGrounding(ReadOnlySpan<byte> metadata, int part, EventBuffer events)
    {
        Find(metadata, "groundingChunks"u8, default, out var chunks, events);
        Find(metadata, "groundingSupports"u8, default, out var supports, events);
        _composed = default;
        if (WireJson.HasElements(chunks))
            Keep(chunks, events);
        else if (WireJson.HasElements(supports))
            chunks = _chunks;
        var listed = new GroundingChunks(chunks, events);
        var json = new PooledBytes();
        try
        {
            var list = WireJson.Elements(supports, events.Options);
            while (list.Read() && list.TokenType != JsonTokenType.EndArray)
            {
                var indices = list;
                var support = WireJson.SkipRaw(ref list, supports);
                if (CitationReader.IsObject(support, SupportsPlace, events))
                    GiveSupport(ref indices, support, listed, ref json, part, events);
            }
            for (int i = 0; i < listed.Count; i++)
            {
                var chunk = listed.Read(i, out bool isBorne);
                if (CitationReader.IsObject(chunk, ChunksPlace, events))
                    Wait(chunk, isBorne, ref json, part, events);
            }
        }
        finally
        {
            json.Return();
        }
    }

    /// <summary>
    /// Handles the end of the answer, complete or broken off: emits the sources that support no passage. A second call emits none.
    /// </summary>
    public void GiveWaiting(EventBuffer events)
    {
        var json = new PooledBytes();
        try
        {
            foreach (var (chunk, part) in _waiting)
            {
                _composed = default;
                if (!_isBorne[chunk])
                    Give(chunk.Utf8, default, ref json, part, events);
            }
        }
        finally
        {
            _waiting.Clear();
            json.Return();
        }
    }

    /// <summary>Emits the citations of a <c>citationMetadata</c> object.</summary>
    /// <inheritdoc cref="GiveGrounding"/>
    public void GiveCitations(ReadOnlySpan<byte> metadata, int part, EventBuffer events)
    {
        // The first name is that of Vertex, the second that of the Gemini API.
        Find(metadata, "citations"u8, "citationSources"u8, out var array, events);
        var list = WireJson.Elements(array, events.Options);
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            var json = WireJson.SkipRaw(ref list, array);
            if (
                CitationReader.IsObject(json, "candidates[].citationMetadata.citations[]", events)
                && _known.Add(json, CitedUnit.Bytes, events) is { } citation
            )
            {
                events.Cite(candidate, part, citation);
            }
        }
    }

    private void GiveSupport(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> support,
        GroundingChunks listed,
        ref PooledBytes json,
        int part,
        EventBuffer events
    )
    {
        bool isAny = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIndices = WireJson.Name(ref reader).SequenceEqual("groundingChunkIndices"u8);
            reader.Read();
            if (!isIndices || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (WireJson.TryReadIndex(ref reader, out int index) && index < listed.Count)
                {
                    isAny = true;
                    Give(listed.Use(index), support, ref json, part, events);
                }
                else
                {
                    events.Note(QuirkKind.UnexpectedType, SupportsPlace + ".groundingChunkIndices[]");
                    reader.Skip();
                }
            }
        }
        if (!isAny)
            Give(default, support, ref json, part, events);
    }

    private void Keep(ReadOnlySpan<byte> chunks, EventBuffer events)
    {
        if (chunks.SequenceEqual(_chunks))
            return;
        // The lists replace each other, so only the latest counts.
        default(RetainedBytes).Add(chunks.Length, events);
        _chunks = chunks.ToArray();
    }

    private void Wait(ReadOnlySpan<byte> chunk, bool isBorne, ref PooledBytes json, int part, EventBuffer events)
    {
        json.Clear();
        Append(chunk, ref json);
        var own = RawJson.FromChecked(json.Span.ToArray());
        if (_isBorne.TryAdd(own, isBorne))
        {
            _known.Count(json.Length, events);
            events.CountCitation();
            if (!isBorne)
                _waiting.Add((own, part));
        }
        else if (isBorne)
        {
            _isBorne[own] = true;
        }
    }

    private void Give(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> support, ref PooledBytes json, int part, EventBuffer events)
    {
        json.Clear();
        json.Append("{"u8);
        if (!chunk.IsEmpty)
        {
            json.Append("\"groundingChunk\":"u8);
            Append(chunk, ref json);
        }
        if (!support.IsEmpty)
        {
            json.Append(chunk.IsEmpty ? "\"groundingSupport\":"u8 : ",\"groundingSupport\":"u8);
            Append(support, ref json);
        }
        json.Append("}"u8);
        _composed.Add(json.Length, events);
        if (_known.Add(json.Span, CitedUnit.Bytes, events) is { } citation)
            events.Cite(candidate, part, citation);
    }

    // The service inserts line breaks in whole answers, but not in streams.
    private static void Append(ReadOnlySpan<byte> value, ref PooledBytes json) =>
        json.Commit(WireJson.Compact(value, json.Reserve(value.Length)));

    private static void Find(
        ReadOnlySpan<byte> metadata,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> otherName,
        out ReadOnlySpan<byte> array,
        EventBuffer events
    )
    {
        array = default;
        var reader = WireJson.Reader(metadata, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = WireJson.Name(ref reader);
            bool isIt = found.SequenceEqual(name) || (!otherName.IsEmpty && found.SequenceEqual(otherName));
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.StartArray)
                array = WireJson.SkipRaw(ref reader, metadata);
            else
                reader.Skip();
        }
    }
}
