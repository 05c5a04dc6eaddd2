using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What gateways say of the cache under names of their own, among the details of what was read.</summary>
/// <remarks>
/// Bifrost (2026): <c>cached_read_tokens</c> and <c>cached_write_tokens</c>, whose sum may stand at <c>cached_tokens</c> as well
/// (maximhq/bifrost, issues 4816 and 4906). Requesty (2026): <c>caching_tokens</c>.
/// </remarks>
internal struct GatewayCacheCounts
{
    private TokenNumber _read;
    private TokenNumber _written;
    private TokenNumber _otherWritten;
    private TokenNumber _oneHour;

    /// <summary>Reads a member that the reader stands on; false where it is none of them.</summary>
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

    /// <summary>Puts what was said where it belongs.</summary>
    public readonly void GiveTo(ref UsageCounter counter)
    {
        // The sum is no count of what was read: what was written is taken out of it.
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
