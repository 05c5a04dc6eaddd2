using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Telemetry;

/// <summary>Whether a program has telemetry at all, regardless of listeners.</summary>
internal static class TelemetrySwitch
{
    // Looked up once: a lookup takes longer than checking for listeners.
    private static readonly bool IsOn = !AppContext.TryGetSwitch("RawLlm.Telemetry", out bool isOn) || isOn;
    private static readonly bool HasMeters =
        !AppContext.TryGetSwitch("System.Diagnostics.Metrics.Meter.IsSupported", out bool isOn) || isOn;

    /// <summary>False if the program has switched telemetry off; native AOT then trims its code.</summary>
    [FeatureSwitchDefinition("RawLlm.Telemetry")]
    public static bool IsSupported => IsOn;

    /// <summary>False if the program has switched off .NET's meters (<c>MetricsSupport</c>).</summary>
    [FeatureSwitchDefinition("System.Diagnostics.Metrics.Meter.IsSupported")]
    public static bool MeasuresToo => HasMeters;
}
