using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The usage on the Responses wire.</summary>
internal struct ResponsesUsage
{
    private static readonly OutputDetailPlaces OutputDetails = new(
        "usage.output_tokens_details.reasoning_tokens",
        "usage.output_tokens_details.audio_tokens",
        "usage.output_tokens_details.accepted_prediction_tokens",
        "usage.output_tokens_details.rejected_prediction_tokens"
    );

    private UsageCounter _counter;

    /// <summary>Whether counts arrived, and all of them are zero.</summary>
    public readonly bool IsZero =>
        (_counter.Input.Value ?? _counter.Output.Value ?? _counter.Total.Value) is not null
        && _counter.Input.Value is null or 0
        && _counter.Output.Value is null or 0
        && _counter.Total.Value is null or 0;

    public readonly Usage? ToUsage() => _counter.ToUsage();

    /// <summary>Emits the usage with the closing events, if there is any.</summary>
    public readonly void Emit(EventBuffer events) => _counter.Emit("usage", events);

    /// <summary>Reads the usage object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "response.usage", events);
            return;
        }
        bool isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            // Servers that translate from chat completions keep its names.
            if (WireJson.Is(ref reader, "input_tokens"u8) || WireJson.Is(ref reader, "prompt_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Input, "usage.input_tokens", events);
            else if (WireJson.Is(ref reader, "output_tokens"u8) || WireJson.Is(ref reader, "completion_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Output, "usage.output_tokens", events);
            else if (WireJson.Is(ref reader, "total_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Total, "usage.total_tokens", events);
            else if (WireJson.Is(ref reader, "input_tokens_details"u8) || WireJson.Is(ref reader, "prompt_tokens_details"u8))
                ReadInputDetails(ref reader, events);
            else if (WireJson.Is(ref reader, "output_tokens_details"u8) || WireJson.Is(ref reader, "completion_tokens_details"u8))
                _counter.ReadOutputDetails(ref reader, OutputDetails, events);
            // SGLang (2026) has it beside the counts in whole answers.
            else if (WireJson.Is(ref reader, "reasoning_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Reasoning, "usage.reasoning_tokens", events);
            else if (WireJson.Is(ref reader, "cost"u8))
                _counter.ReadNextCost(ref reader, scale: 1);
            // One tick is 1e-10 US dollars (xAI, 2026).
            else if (WireJson.Is(ref reader, "cost_in_usd_ticks"u8))
                _counter.ReadNextCost(ref reader, scale: 1e-10m);
            else
                WireJson.SkipValue(ref reader);
        }
        if (isEmpty)
            events.Note(QuirkKind.UsageEmpty, "response.usage");
    }

    /// <summary>Reads what the service's own tools did, in the property that the reader is on, beside the usage object (OpenAI,
    /// 2026).</summary>
    public void ReadTools(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "web_search"u8))
                UsageCounter.ReadWithin(
                    ref reader,
                    "num_requests"u8,
                    ref _counter.WebSearches,
                    "response.tool_usage.web_search.num_requests",
                    events
                );
            else
                WireJson.SkipValue(ref reader);
        }
    }

    private void ReadInputDetails(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        GatewayCacheCounts gateway = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "cached_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "usage.input_tokens_details.cached_tokens", events);
            // The second name is Perplexity's (2026).
            else if (WireJson.Is(ref reader, "cache_write_tokens"u8) || WireJson.Is(ref reader, "cache_creation_input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CacheWrite, "usage.input_tokens_details.cache_write_tokens", events);
            else if (WireJson.Is(ref reader, "audio_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.AudioInput, "usage.input_tokens_details.audio_tokens", events);
            else if (!gateway.TryRead(ref reader, events))
                WireJson.SkipValue(ref reader);
        }
        gateway.AddTo(ref _counter);
    }
}
