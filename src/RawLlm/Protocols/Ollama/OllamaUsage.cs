using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What Ollama's wire says of usage: members of its last line.</summary>
internal struct OllamaUsage
{
    private UsageCounter _counter;

    public readonly Usage? ToUsage() => _counter.ToUsage();

    /// <summary>Reads a member that the reader stands on; false where it is no count.</summary>
    public bool TryRead(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        // Absent while the prompt lies in the server's cache.
        if (WireJson.Is(ref reader, "prompt_eval_count"u8))
            UsageCounter.ReadNext(ref reader, ref _counter.Input, "prompt_eval_count", events);
        // Of those (0.33, 2026).
        else if (WireJson.Is(ref reader, "prompt_eval_cached_count"u8))
            UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "prompt_eval_cached_count", events);
        else if (WireJson.Is(ref reader, "eval_count"u8))
            UsageCounter.ReadNext(ref reader, ref _counter.Output, "eval_count", events);
        else
            return false;
        return true;
    }
}
