using System.Diagnostics;
using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>
/// What a stream stores only once it was reopened, has a key of its own, has telemetry, has failed, has reached its end, or belongs to a
/// chain and has begun. A waiting stream of a single client usually has none.
/// </summary>
internal sealed class RareStreamState
{
    /// <summary>The error that ended reading; every later read throws it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The attempts before the current one; null if there were none.</summary>
    public EarlierAttempts? Earlier { get; set; }

    /// <summary>
    /// Where a chain's later calls learn that the service asked clients to back off; null outside a chain, before the answer has begun, and
    /// while a seam is attempted.
    /// </summary>
    public EndpointHealth? Health { get; set; }

    /// <summary>Continues the stream elsewhere if it breaks; usually null.</summary>
    public StreamSeams? Seams { get; set; }

    /// <summary>The telemetry of the call.</summary>
    public CallTelemetry? Telemetry
    {
        get => TelemetrySwitch.IsSupported ? field : null;
        set;
    }

    /// <summary>Keys that the request itself contained.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public List<string>? Secrets { get; set; }

    /// <summary>Whether the request has brought its own credential.</summary>
    public bool UsesRequestCredential { get; set; }

    /// <summary>Why the first choice ended.</summary>
    public StopReason StopReason { get; set; }

    /// <summary>The same in the service's own words.</summary>
    public string? RawStopReason { get; set; }

    /// <summary>The service's explanation of it.</summary>
    public string? StopMessage { get; set; }

    /// <summary>The stop sequence that ended it.</summary>
    public string? StopSequence { get; set; }

    /// <summary>The answer's ID.</summary>
    public string? Id { get; set; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; set; }
}
