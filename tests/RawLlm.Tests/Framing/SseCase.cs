namespace RawLlm.Tests.Framing;

/// <summary>A stream and what it gives; in all strings, each char is a byte.</summary>
internal sealed record SseCase(string Wire, params (string Data, string Type, string Id)[] Events)
{
    /// <summary>The data of the event that the input ends in; null if none is given.</summary>
    public string? Last { get; init; }

    public bool IsCut { get; init; }

    public long? Retry { get; init; }
}
