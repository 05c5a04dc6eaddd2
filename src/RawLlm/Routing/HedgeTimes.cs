namespace RawLlm;

/// <summary>How long clients took to begin, and how long to wait for them. Thread-safe.</summary>
internal abstract class HedgeTimes
{
    /// <summary>The number of calls of each client and model that count.</summary>
    public const int Window = 128;

    /// <summary>Returns how long to wait for a client; null while too little is known.</summary>
    public abstract TimeSpan? Delay(LlmClient client, string model, bool isStream);

    /// <summary>Records how long a call took to begin, or how long it was awaited in vain.</summary>
    public abstract void Add(LlmClient client, string model, bool isStream, TimeSpan time);
}
