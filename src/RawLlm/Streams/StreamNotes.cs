using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>What is known of a stream only once it was opened more than once, has a key of its own, is listened to, has failed, is at its end, or is a chain's and has begun: one of a single client that waits has none as a rule.</summary>
internal sealed class StreamNotes
{
    /// <summary>What ended the reading; every later read says the same.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The tries before the one that is read; null when there was none.</summary>
    public EarlierAttempts? Earlier { get; set; }

    /// <summary>Where a chain's later calls learn that the service wants to be left alone; null outside of one, before the answer has begun, and while a seam is tried.</summary>
    public EndpointHealth? Health { get; set; }

    /// <summary>Lets the stream go on where it breaks; null as a rule.</summary>
    public StreamSeams? Seams { get; set; }

    /// <summary>Whoever listens.</summary>
    public CallTelemetry? Telemetry { get => TelemetrySwitch.IsSupported ? field : null; set; }

    /// <summary>Keys that the request itself bore.</summary>
    public List<string>? Secrets { get; set; }

    /// <summary>Why the first choice ended.</summary>
    public StopReason StopReason { get; set; }

    /// <summary>The service's own word for it.</summary>
    public string? RawStopReason { get; set; }

    /// <summary>What the service says of it.</summary>
    public string? StopMessage { get; set; }

    /// <summary>The answer's id.</summary>
    public string? Id { get; set; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; set; }
}
