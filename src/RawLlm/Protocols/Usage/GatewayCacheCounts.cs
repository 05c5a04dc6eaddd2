using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Cache counts that gateways report under their own names, among the details of the input.</summary>
/// <remarks>
/// Bifrost (2026): <c>cached_read_tokens</c> and <c>cached_write_tokens</c>, whose sum may also be in <c>cached_tokens</c>
/// (maximhq/bifrost, issues 4816 and 4906). Requesty (2026): <c>caching_tokens</c>.
/// </remarks>
internal struct GatewayCacheCounts
{
    private TokenNumber _read;
    private TokenNumber _written;
    private TokenNumber _otherWritten;
    private TokenNumber _oneHour;

    /// <summary>Reads the member that the reader is on; returns false if it is none of them.</summary>
    public bool TryRead(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        var name = WireJson.Name(ref reader);
        if (name.SequenceEqual("cached_read_tokens"u8))
            UsageCounter.ReadNext(ref reader, ref _read, "usage.prompt_tokens_details.cached_read_tokens", events);
        else if (name.SequenceEqual("cached_write_tokens"u8))
            UsageCounter.ReadNext(ref reader, ref _written, "usage.prompt_tokens_details.cached_write_tokens", events);
        else if (name.SequenceEqual("caching_tokens"u8))
            UsageCounter.ReadNext(ref reader, ref _otherWritten, "usage.prompt_tokens_details.caching_tokens", events);
        else if (name.SequenceEqual("cached_write_token_details"u8) || name.SequenceEqual("caching_token_details"u8))
            ReadTimes(ref reader, events);
        else
            return false;
        return true;
    }

    /// <summary>Adds the counts to the usage.</summary>
    public readonly void AddTo(ref UsageCounter counter)
    {
        // The sum is not the number of tokens read: the written ones are subtracted.
        if (_written.Value is { } written)
            counter.CachedInput = _read.Or(TokenNumber.Of(Math.Max(0, (counter.CachedInput.Value ?? 0) - written)));
        else
            counter.CachedInput = _read.Or(counter.CachedInput);
        counter.CacheWrite = _written.Or(_otherWritten).Or(counter.CacheWrite);
        counter.CacheWriteOneHour = _oneHour.Or(counter.CacheWriteOneHour);
    }

    private void ReadTimes(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "cached_write_tokens_1h"u8) || WireJson.Is(ref reader, "caching_1h_tokens"u8))
                UsageCounter.ReadNext(ref reader, ref _oneHour, "usage.prompt_tokens_details.cached_write_tokens_1h", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }
}
