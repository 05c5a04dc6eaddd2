using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Telemetry;

/// <summary>Whether a program has telemetry at all, whoever listens.</summary>
internal static class TelemetrySwitch
{
    // Looked up once: the lookup takes longer than to see that nobody listens.
    private static readonly bool IsOn = !AppContext.TryGetSwitch("RawLlm.Telemetry", out bool isOn) || isOn;
    private static readonly bool HasMeters = !AppContext.TryGetSwitch("System.Diagnostics.Metrics.Meter.IsSupported", out bool isOn) || isOn;

    /// <summary>False where a program has switched it off, so that a native one need not hold any of it.</summary>
    [FeatureSwitchDefinition("RawLlm.Telemetry")]
    public static bool IsSupported => IsOn;

    /// <summary>False where a program has switched off the platform's meters (<c>MetricsSupport</c>).</summary>
    [FeatureSwitchDefinition("System.Diagnostics.Metrics.Meter.IsSupported")]
    public static bool MeasuresToo => HasMeters;
}
