using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The usage that the Messages wire reports.</summary>
internal struct AnthropicUsage
{
    private UsageCounter _counter;
    private CompactedUsage _compacted;

    public readonly Usage? ToUsage() =>
        _counter.ToUsage() is { } usage
            ? _compacted.ToUsage() is { } compacted
                ? usage with
                {
                    Compaction = compacted,
                }
                : usage
            : null;

    /// <summary>Whether any usage has been reported so far.</summary>
    public readonly bool IsReported => _counter.ToUsage() is not null;

    /// <summary>Fills in counts that the wire does not report from those that the transporting service adds.</summary>
    public void FillIn(in InvocationReport report) => report.FillIn(ref _counter);

    /// <summary>Reads the object that the reader is on.</summary>
    // Later numbers win: message_delta repeats and corrects those of message_start, and nothing is added up.
    public void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "usage", events);
            return;
        }
        var before = _counter;
        _counter.Input = _counter.CachedInput = _counter.CacheWrite = _counter.CacheWriteOneHour = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Input, "usage.input_tokens", events);
            else if (name.SequenceEqual("output_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Output, "usage.output_tokens", events);
            else if (name.SequenceEqual("cache_read_input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "usage.cache_read_input_tokens", events);
            else if (name.SequenceEqual("cache_creation_input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CacheWrite, "usage.cache_creation_input_tokens", events);
            else if (name.SequenceEqual("cache_creation"u8))
            {
                ReadUsageDetail(
                    ref reader,
                    "ephemeral_1h_input_tokens"u8,
                    ref _counter.CacheWriteOneHour,
                    "usage.cache_creation.ephemeral_1h_input_tokens",
                    events
                );
            }
            else if (name.SequenceEqual("output_tokens_details"u8))
            {
                ReadUsageDetail(
                    ref reader,
                    "thinking_tokens"u8,
                    ref _counter.Reasoning,
                    "usage.output_tokens_details.thinking_tokens",
                    events
                );
            }
            else if (name.SequenceEqual("server_tool_use"u8))
            {
                // "Web search is billed per use" (platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool, 2026-10).
                ReadUsageDetail(
                    ref reader,
                    "web_search_requests"u8,
                    ref _counter.WebSearches,
                    "usage.server_tool_use.web_search_requests",
                    events
                );
            }
            else if (name.SequenceEqual("iterations"u8))
                _compacted.ReadNext(ref reader, events);
            // OpenRouter (2026), in US dollars.
            else if (name.SequenceEqual("cost"u8))
                _counter.ReadNextCost(ref reader, scale: 1);
            else
                WireJson.SkipValue(ref reader);
        }
        // A message_delta may report 0 for a prompt that message_start counted (2026): the earlier count stays. Beside cached tokens, a 0
        // is a real count.
        bool isTakenBack = IsWithoutPrompt(_counter) && !IsWithoutPrompt(before);
        if (isTakenBack && _counter.Input.Or(_counter.CachedInput).Or(_counter.CacheWrite).HasValue)
            events.Note(QuirkKind.UsageInconsistent, "usage.input_tokens");
        _counter.Input = isTakenBack ? before.Input : _counter.Input.Or(before.Input);
        _counter.CachedInput = isTakenBack ? before.CachedInput : _counter.CachedInput.Or(before.CachedInput);
        _counter.CacheWrite = isTakenBack ? before.CacheWrite : _counter.CacheWrite.Or(before.CacheWrite);
        _counter.CacheWriteOneHour = isTakenBack ? before.CacheWriteOneHour : _counter.CacheWriteOneHour.Or(before.CacheWriteOneHour);
    }

    private static bool IsWithoutPrompt(in UsageCounter counter) =>
        counter is { Input.Value: null or 0, CachedInput.Value: null or 0, CacheWrite.Value: null or 0 };

    private static void ReadUsageDetail(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> name,
        ref TokenNumber field,
        string place,
        EventBuffer events
    )
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Name(ref reader).SequenceEqual(name))
                UsageCounter.ReadNext(ref reader, ref field, place, events);
            else
                WireJson.SkipValue(ref reader);
        }
    }
}
