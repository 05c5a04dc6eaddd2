using System.Buffers.Binary;
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

    // The latest list, as it arrived, and its sources. An event without a list may refer to it, so it is read only once.
    private byte[] _list = [];
    private readonly List<GroundingEntry> _listed = [];

    // All sources and passages so far, and the sources that wait for the end of the answer.
    private readonly Dictionary<byte[], GroundingEntry> _entries = new(ByteArrayComparer.Instance);
    private readonly List<GroundingEntry> _waiting = [];

    // The numbers of each source and passage that were emitted together. This recognizes a repeated pair without its JSON: very many short
    // passages can refer to one long source, and one passage to a source very often.
    private readonly HashSet<byte[]> _pairs = new(ByteArrayComparer.Instance);

    /// <summary>Emits the citations of a <c>groundingMetadata</c> object.</summary>
    /// <param name="metadata">The object.</param>
    /// <param name="part">The number of the candidate's latest text part.</param>
    /// <param name="events">Receives the events.</param>
    public void EmitGrounding(ReadOnlySpan<byte> metadata, int part, EventBuffer events)
    {
        Find(metadata, "groundingChunks"u8, default, out var chunks, events);
        Find(metadata, "groundingSupports"u8, default, out var supports, events);
        var json = new PooledBytes();
        try
        {
            if (WireJson.HasElements(chunks))
                Store(chunks, ref json, part, events);
            var list = WireJson.Elements(supports, events.Options);
            while (list.Read() && list.TokenType != JsonTokenType.EndArray)
            {
                var indices = list;
                var support = WireJson.SkipRaw(ref list, supports);
                if (CitationReader.IsObject(support, SupportsPlace, events))
                    EmitSupport(ref indices, support, ref json, part, events);
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
    public void EmitPending(EventBuffer events)
    {
        var json = new PooledBytes();
        try
        {
            foreach (var chunk in _waiting)
            {
                if (!chunk.IsCited)
                    Emit(chunk, support: null, ref json, chunk.Part, events);
            }
        }
        finally
        {
            _waiting.Clear();
            json.Return();
        }
    }

    /// <summary>Emits the citations of a <c>citationMetadata</c> object.</summary>
    /// <inheritdoc cref="EmitGrounding"/>
    public void EmitCitations(ReadOnlySpan<byte> metadata, int part, EventBuffer events)
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

    private void EmitSupport(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> support,
        ref PooledBytes json,
        int part,
        EventBuffer events
    )
    {
        bool isAny = false;
        var passage = Find(support, ref json, part, events);
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
                if (WireJson.TryReadIndex(ref reader, out int index) && index < _listed.Count)
                {
                    isAny = true;
                    var chunk = _listed[index];
                    chunk.IsCited = true;
                    Emit(chunk, passage, ref json, part, events);
                }
                else
                {
                    events.Note(QuirkKind.UnexpectedType, SupportsPlace + ".groundingChunkIndices[]");
                    reader.Skip();
                }
            }
        }
        if (!isAny)
            Emit(chunk: null, passage, ref json, part, events);
    }

    // The lists replace each other, so only the latest counts.
    private void Store(ReadOnlySpan<byte> chunks, ref PooledBytes json, int part, EventBuffer events)
    {
        if (chunks.SequenceEqual(_list))
            return;
        default(RetainedBytes).Add(chunks.Length, events);
        _list = chunks.ToArray();
        _listed.Clear();
        var list = WireJson.Elements(chunks, events.Options);
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            var chunk = WireJson.SkipRaw(ref list, chunks);
            if (_listed.Count >= events.Options.Limits.ContentBlocks)
            {
                throw AnswerErrors.LimitExceeded(
                    LlmLimit.ContentBlocks,
                    "The answer lists more sources at once than LlmLimits.ContentBlocks allows."
                );
            }
            bool isSource = CitationReader.IsObject(chunk, ChunksPlace, events);
            var entry = Find(chunk, ref json, part, events);
            _listed.Add(entry);
            if (entry.IsListed)
                continue;
            entry.IsListed = true;
            events.CountCitation();
            if (isSource)
                _waiting.Add(entry);
        }
    }

    private GroundingEntry Find(ReadOnlySpan<byte> value, ref PooledBytes json, int part, EventBuffer events)
    {
        json.Clear();
        Append(value, ref json);
        byte[] own = json.Span.ToArray();
        if (_entries.TryGetValue(own, out var known))
            return known;
        _known.Count(own.Length, events);
        var entry = new GroundingEntry(_entries.Count, own, part);
        _entries.Add(own, entry);
        return entry;
    }

    private void Emit(GroundingEntry? chunk, GroundingEntry? support, ref PooledBytes json, int part, EventBuffer events)
    {
        byte[] pair = new byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(pair, chunk?.Number ?? -1);
        BinaryPrimitives.WriteInt32LittleEndian(pair.AsSpan(sizeof(int)), support?.Number ?? -1);
        if (!_pairs.Add(pair))
            return;
        json.Clear();
        json.Append("{"u8);
        if (chunk is not null)
        {
            json.Append("\"groundingChunk\":"u8);
            json.Append(chunk.Json);
        }
        if (support is not null)
        {
            json.Append(chunk is null ? "\"groundingSupport\":"u8 : ",\"groundingSupport\":"u8);
            json.Append(support.Json);
        }
        json.Append("}"u8);
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
