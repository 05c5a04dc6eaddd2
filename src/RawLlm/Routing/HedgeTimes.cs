namespace RawLlm;

/// <summary>How long clients took to begin, and how long they are waited for. Thread-safe.</summary>
internal abstract class HedgeTimes
{
    /// <summary>How many calls of each client and model count.</summary>
    public const int Window = 128;

    /// <summary>How long to wait for a client; null while too little is known.</summary>
    public abstract TimeSpan? Delay(LlmClient client, string model, bool isStream);

    /// <summary>Takes note of how long one took, or was waited for in vain.</summary>
    public abstract void Add(LlmClient client, string model, bool isStream, TimeSpan time);
}
