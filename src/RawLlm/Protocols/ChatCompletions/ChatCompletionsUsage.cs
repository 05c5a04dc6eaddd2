using System.Buffers.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The usage of a chat completions answer. Created when the first count arrives, usually at the end of a stream, so that waiting streams
/// hold none.
/// </summary>
internal sealed class ChatCompletionsUsage
{
    private static readonly OutputDetailPlaces OutputDetails = new(
        "usage.completion_tokens_details.reasoning_tokens",
        "usage.completion_tokens_details.audio_tokens",
        "usage.completion_tokens_details.accepted_prediction_tokens",
        "usage.completion_tokens_details.rejected_prediction_tokens"
    );

    private UsageCounter _counter;

    // Counts under other names, used if those under the wire's own names are missing.
    private TokenNumber _otherInput;
    private TokenNumber _otherOutput;
    private TokenNumber _otherCachedInput;
    private TokenNumber _otherCacheWrite;
    private TokenNumber _otherReasoning;

    public Usage? ToUsage() => Joined().ToUsage();

    /// <summary>Emits the usage with the closing events, if there is any.</summary>
    public void Emit(EventBuffer events) => Joined().Emit("usage", events);

    /// <summary>Reads the usage object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        bool isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            if (WireJson.Is(ref reader, "prompt_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Input, "usage.prompt_tokens", events);
            else if (WireJson.Is(ref reader, "completion_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Output, "usage.completion_tokens", events);
            else if (WireJson.Is(ref reader, "total_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Total, "usage.total_tokens", events);
            // DeepSeek and Moonshot report at the top level what others report in the details.
            else if (WireJson.Is(ref reader, "prompt_cache_hit_tokens"u8) || WireJson.Is(ref reader, "cached_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "usage.prompt_cache_hit_tokens", events);
            // Databricks, LiteLLM, Mistral and GigaChat (2026): their own names, beside the details or instead of them.
            else if (
                WireJson.Is(ref reader, "cache_read_input_tokens"u8)
                || WireJson.Is(ref reader, "num_cached_tokens"u8)
                || WireJson.Is(ref reader, "precached_prompt_tokens"u8)
            )
            {
                UsageCounter.ReadNext(ref reader, ref _otherCachedInput, "usage.cache_read_input_tokens", events);
            }
            else if (WireJson.Is(ref reader, "cache_creation_input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _otherCacheWrite, "usage.cache_creation_input_tokens", events);
            else if (WireJson.Is(ref reader, "input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _otherInput, "usage.input_tokens", events);
            else if (WireJson.Is(ref reader, "output_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _otherOutput, "usage.output_tokens", events);
            else if (WireJson.Is(ref reader, "reasoning_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Reasoning, "usage.reasoning_tokens", events);
            // The second name is DeepInfra's.
            else if (WireJson.Is(ref reader, "cost"u8) || WireJson.Is(ref reader, "estimated_cost"u8))
                _counter.ReadNextCost(ref reader, scale: 1);
            else if (WireJson.Is(ref reader, "cost_in_usd_ticks"u8))
                _counter.ReadNextCost(ref reader, scale: 1e-10m);
            else if (WireJson.Is(ref reader, "prompt_tokens_details"u8))
                ReadInputDetails(ref reader, events);
            else if (WireJson.Is(ref reader, "completion_tokens_details"u8))
                _counter.ReadOutputDetails(ref reader, OutputDetails, events);
            // The names of Responses, beside the wire's own or instead of them (2026).
            else if (WireJson.Is(ref reader, "input_tokens_details"u8) || WireJson.Is(ref reader, "output_tokens_details"u8))
                ReadOtherDetails(ref reader, events);
            // Anthropic's object, through gateways.
            else if (WireJson.Is(ref reader, "server_tool_use"u8))
            {
                UsageCounter.ReadWithin(
                    ref reader,
                    "web_search_requests"u8,
                    ref _counter.WebSearches,
                    "usage.server_tool_use.web_search_requests",
                    events
                );
            }
            // Tokens cached for an hour cost more: Anthropic's object through gateways, and new-api's own name (2026).
            else if (WireJson.Is(ref reader, "cache_creation"u8))
                ReadCacheWrites(ref reader, events);
            else if (WireJson.Is(ref reader, "claude_cache_creation_1_h_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CacheWriteOneHour, "usage.claude_cache_creation_1_h_tokens", events);
            else
                WireJson.SkipValue(ref reader);
        }
        if (isEmpty)
            events.Note(QuirkKind.UsageEmpty, "usage");
    }

    /// <summary>Reads a cost in US dollars that is stated outside of the usage object.</summary>
    public void ReadCost(JsonText cost)
    {
        if (Utf8Parser.TryParse(cost.Raw, out decimal dollars, out int length) && length == cost.Raw.Length && dollars >= 0)
            _counter.Cost = dollars;
    }

    /// <summary>Takes such a cost that was already read.</summary>
    public void SetCost(decimal dollars) => _counter.Cost = dollars;

    private UsageCounter Joined()
    {
        var joined = _counter;
        joined.Input = joined.Input.Or(_otherInput);
        joined.Output = joined.Output.Or(_otherOutput);
        joined.CachedInput = joined.CachedInput.Or(_otherCachedInput);
        joined.CacheWrite = joined.CacheWrite.Or(_otherCacheWrite);
        joined.Reasoning = joined.Reasoning.Or(_otherReasoning);
        return joined;
    }

    private void ReadInputDetails(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        GatewayCacheCounts gateway = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "cached_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "usage.prompt_tokens_details.cached_tokens", events);
            // The names of LiteLLM, Alibaba and new-api.
            else if (
                WireJson.Is(ref reader, "cache_creation_tokens"u8)
                || WireJson.Is(ref reader, "cache_creation_input_tokens"u8)
                || WireJson.Is(ref reader, "cached_creation_tokens"u8)
            )
            {
                UsageCounter.ReadNext(ref reader, ref _otherCacheWrite, "usage.prompt_tokens_details.cache_creation_tokens", events);
            }
            else if (WireJson.Is(ref reader, "cache_write_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CacheWrite, "usage.prompt_tokens_details.cache_write_tokens", events);
            else if (WireJson.Is(ref reader, "cache_creation"u8) || WireJson.Is(ref reader, "cache_creation_token_details"u8))
                ReadCacheWrites(ref reader, events);
            else if (WireJson.Is(ref reader, "audio_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.AudioInput, "usage.prompt_tokens_details.audio_tokens", events);
            else if (!gateway.TryRead(ref reader, events))
                WireJson.SkipValue(ref reader);
        }
        gateway.AddTo(ref _counter);
    }

    private void ReadOtherDetails(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "cached_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _otherCachedInput, "usage.input_tokens_details.cached_tokens", events);
            else if (WireJson.Is(ref reader, "cache_write_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _otherCacheWrite, "usage.input_tokens_details.cache_write_tokens", events);
            else if (WireJson.Is(ref reader, "reasoning_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _otherReasoning, "usage.output_tokens_details.reasoning_tokens", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    private void ReadCacheWrites(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "ephemeral_1h_input_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CacheWriteOneHour, "usage.cache_creation.ephemeral_1h_input_tokens", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }
}
