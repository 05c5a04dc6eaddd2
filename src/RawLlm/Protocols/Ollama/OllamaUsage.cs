using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The usage on Ollama's wire: members of the last line.</summary>
internal struct OllamaUsage
{
    private UsageCounter _counter;

    public readonly Usage? ToUsage() => _counter.ToUsage();

    /// <summary>Reads the member that the reader is on; returns false if it is not a count.</summary>
    public bool TryRead(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        // Absent while the prompt is in the server's cache.
        if (WireJson.Is(ref reader, "prompt_eval_count"u8))
            UsageCounter.ReadNext(ref reader, ref _counter.Input, "prompt_eval_count", events);
        // A part of that count (0.33, 2026).
        else if (WireJson.Is(ref reader, "prompt_eval_cached_count"u8))
            UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "prompt_eval_cached_count", events);
        else if (WireJson.Is(ref reader, "eval_count"u8))
            UsageCounter.ReadNext(ref reader, ref _counter.Output, "eval_count", events);
        else
            return false;
        return true;
    }
}
