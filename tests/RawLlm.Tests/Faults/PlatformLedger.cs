using System.Diagnostics.Metrics;

namespace RawLlm.Tests.Faults;

/// <summary>The counters of the platform's HTTP client: open connections and requests in progress, in the whole process.</summary>
internal sealed class PlatformLedger : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _connections;
    private long _requests;
    private long _changes;

    public PlatformLedger()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "http.client.open_connections" or "http.client.active_requests")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) =>
            {
                Interlocked.Add(ref instrument.Name == "http.client.open_connections" ? ref _connections : ref _requests, value);
                Interlocked.Increment(ref _changes);
            }
        );
        _listener.Start();
    }

    /// <summary>The number of changes; zero means that the platform uses other names for its counters.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    public long Connections => Interlocked.Read(ref _connections);

    public long Requests => Interlocked.Read(ref _requests);

    public void Dispose() => _listener.Dispose();
}
