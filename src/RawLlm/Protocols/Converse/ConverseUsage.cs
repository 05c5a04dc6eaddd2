using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The usage that the Converse wire reports.</summary>
internal struct ConverseUsage
{
    private UsageCounter _counter;
    private TokenNumber _cachedCount;
    private TokenNumber _cacheWriteCount;

    public readonly Usage? ToUsage()
    {
        var usage = _counter;
        usage.CachedInput = usage.CachedInput.Or(_cachedCount);
        usage.CacheWrite = usage.CacheWrite.Or(_cacheWriteCount);
        return usage.ToUsage();
    }

    /// <summary>Fills in counts that the wire does not report from those that the transporting service adds.</summary>
    public void FillIn(in InvocationReport report) => report.FillIn(ref _counter);

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "usage", events);
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "inputTokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Input, "usage.inputTokens", events);
            else if (WireJson.Is(ref reader, "outputTokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Output, "usage.outputTokens", events);
            else if (WireJson.Is(ref reader, "totalTokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Total, "usage.totalTokens", events);
            else if (WireJson.Is(ref reader, "cacheReadInputTokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "usage.cacheReadInputTokens", events);
            else if (WireJson.Is(ref reader, "cacheWriteInputTokens"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CacheWrite, "usage.cacheWriteInputTokens", events);
            // The older names were used alone at first, then together with the newer ones (2025, 2026).
            else if (WireJson.Is(ref reader, "cacheReadInputTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _cachedCount, "usage.cacheReadInputTokenCount", events);
            else if (WireJson.Is(ref reader, "cacheWriteInputTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _cacheWriteCount, "usage.cacheWriteInputTokenCount", events);
            else if (WireJson.Is(ref reader, "cacheDetails"u8))
                ReadCacheDetails(ref reader, events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    // [{"ttl": "1h", "inputTokens": 12}, {"ttl": "5m", "inputTokens": 3}]
    private void ReadCacheDetails(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, "usage.cacheDetails", events);
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                WireJson.SkipUnexpected(ref reader, "usage.cacheDetails[]", events);
                continue;
            }
            bool isOneHour = false;
            TokenNumber count = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (WireJson.Is(ref reader, "ttl"u8))
                {
                    reader.Read();
                    isOneHour = reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "1h"u8);
                    reader.Skip();
                }
                else if (WireJson.Is(ref reader, "inputTokens"u8))
                {
                    UsageCounter.ReadNext(ref reader, ref count, "usage.cacheDetails[].inputTokens", events);
                }
                else
                {
                    WireJson.SkipValue(ref reader);
                }
            }
            if (isOneHour && count.HasValue)
                _counter.CacheWriteOneHour = count;
        }
    }
}
