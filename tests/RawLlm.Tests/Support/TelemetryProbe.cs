using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RawLlm.Tests.Support;

/// <summary>Listens to the library's telemetry for this test only: activities below one of its own, and measurements of one port.</summary>
/// <remarks>Tests run concurrently: a listener for everything would cause activities to be created, and headers to be sent, in other
/// tests.</remarks>
internal sealed class TelemetryProbe : IDisposable
{
    private const string Name = "RawLlm.Tests";

    private static readonly ActivitySource Source = new(Name);

    // Nothing listens there, but the probes' clients do not connect to them.
    private static int _lastPort = 100;

    private readonly ActivityListener _activities;
    private readonly MeterListener? _meters;
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly ConcurrentQueue<Measurement> _measurements = new();

    public TelemetryProbe(bool measures = false)
    {
        Activity? root = null;
        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "RawLlm" or "System.Net.Http" or Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Source.Name == Name || (root is not null && options.Parent.TraceId == root.TraceId)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                if (root is not null && activity.TraceId == root.TraceId)
                    _stopped.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_activities);
        Activity.Current = null;
        Root = root = Source.StartActivity("root")!;
        if (!measures)
            return;
        _meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "RawLlm")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.Start();
    }

    /// <summary>The caller's own activity, which is current.</summary>
    public Activity Root { get; }

    /// <summary>The port that identifies the test's measurements.</summary>
    public int Port { get; } = Interlocked.Increment(ref _lastPort);

    /// <summary>The library's activities that have ended, in the order in which they ended.</summary>
    public IReadOnlyList<Activity> Activities => [.. _stopped.Where(activity => activity.Source.Name == "RawLlm")];

    /// <summary>The activities of the platform's HTTP client.</summary>
    public IReadOnlyList<Activity> Http => [.. _stopped.Where(activity => activity.Source.Name == "System.Net.Http")];

    /// <summary>The measurements, in order.</summary>
    public IReadOnlyList<Measurement> Measurements => [.. _measurements];

    /// <summary>Moves a service to the probe's port.</summary>
    public Provider Service(Provider provider) =>
        provider with
        {
            BaseUrl = new Uri($"http://127.0.0.1:{Port}{provider.BaseUrl.AbsolutePath}"),
        };

    public void Dispose()
    {
        _meters?.Dispose();
        _activities.Dispose();
        Root.Stop();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = new Dictionary<string, object?>();
        foreach (var (name, tag) in tags)
            all.Add(name, tag);
        if (all.GetValueOrDefault("server.port") is int port && port == Port)
            _measurements.Enqueue(new(instrument.Name, instrument.Unit, value, all));
    }

    public sealed record Measurement(string Name, string? Unit, double Value, IReadOnlyDictionary<string, object?> Tags);
}
