using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>The source of all telemetry, under one name.</summary>
internal static class TelemetrySource
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RawLlm";

    /// <summary>The source of the activities.</summary>
    public static readonly ActivitySource Activities = new(Name);

    /// <summary>Whether anything listens to activities or measurements.</summary>
    public static bool IsObserved => Activities.HasListeners() || (TelemetrySwitch.MeasuresToo && Instruments.AreObserved);
}
