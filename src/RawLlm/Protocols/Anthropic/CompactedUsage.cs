using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The usage of the service for summarizing a conversation that had grown too long. It is billed with the
/// answer, but not included in the answer's own counts.
/// </summary>
/// <remarks>Source: platform.claude.com/docs, "Compaction", usage (2026): the sum over <c>usage.iterations</c> is what is billed.</remarks>
internal struct CompactedUsage
{
    private long _input;
    private long _output;
    private long _cached;
    private long _cacheWrite;

    /// <summary>Reads the list of iterations in the property that the reader is on; a later list replaces an earlier one.</summary>
    public void ReadNext(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        this = default;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                Read(ref reader, events);
            else
                reader.Skip();
        }
    }

    /// <summary>Returns the counts; null if nothing was summarized.</summary>
    public readonly Usage? ToUsage() =>
        (_input | _output | _cached | _cacheWrite) == 0
            ? null
            : new Usage
            {
                InputTokens = _input,
                OutputTokens = _output,
                CachedInputTokens = _cached,
                CacheWriteTokens = _cacheWrite,
            };

    // Such a large sum can only be an error, and must not overflow to a negative number.
    private static long Sum(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;

    private void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        bool isCompaction = false;
        TokenNumber input = default;
        TokenNumber output = default;
        TokenNumber cached = default;
        TokenNumber cacheWrite = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("type"u8))
            {
                reader.Read();
                isCompaction = reader.TokenType == JsonTokenType.String && WireJson.Name(ref reader).SequenceEqual("compaction"u8);
                reader.Skip();
            }
            else if (name.SequenceEqual("input_tokens"u8))
            {
                UsageCounter.ReadNext(ref reader, ref input, "usage.iterations[].input_tokens", events);
            }
            else if (name.SequenceEqual("output_tokens"u8))
            {
                UsageCounter.ReadNext(ref reader, ref output, "usage.iterations[].output_tokens", events);
            }
            else if (name.SequenceEqual("cache_read_input_tokens"u8))
            {
                UsageCounter.ReadNext(ref reader, ref cached, "usage.iterations[].cache_read_input_tokens", events);
            }
            else if (name.SequenceEqual("cache_creation_input_tokens"u8))
            {
                UsageCounter.ReadNext(ref reader, ref cacheWrite, "usage.iterations[].cache_creation_input_tokens", events);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
        if (!isCompaction)
            return;
        _input = Sum(_input, input.Value ?? 0);
        _output = Sum(_output, output.Value ?? 0);
        _cached = Sum(_cached, cached.Value ?? 0);
        _cacheWrite = Sum(_cacheWrite, cacheWrite.Value ?? 0);
    }
}
