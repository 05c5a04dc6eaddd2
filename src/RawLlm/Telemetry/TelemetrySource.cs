using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>What the library tells to whoever listens, under one name.</summary>
internal static class TelemetrySource
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RawLlm";

    /// <summary>Where the activities come from.</summary>
    public static readonly ActivitySource Activities = new(Name);

    /// <summary>Whether anybody listens to anything.</summary>
    public static bool IsObserved => Activities.HasListeners() || (TelemetrySwitch.MeasuresToo && Instruments.AreObserved);
}
