using System.Net;
using System.Net.Sockets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Demo;

/// <summary>A server of chat completions on this machine's loopback, so that a first try needs neither key nor network. No model.</summary>
/// <remarks>Real HTTP/1.1 over a real socket, kept to what a client needs to see: no web framework is worth its size here.</remarks>
internal sealed class DemoServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeSpan _pause;
    private readonly Task _accepting;

    private DemoServer(TcpListener listener, TimeSpan pause)
    {
        _listener = listener;
        _pause = pause;
        BaseUrl = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1/");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri BaseUrl { get; }

    /// <summary>Starts on a free port.</summary>
    /// <param name="pause">How long to wait between two pieces of an answer.</param>
    public static DemoServer Start(TimeSpan pause)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new DemoServer(listener, pause);
    }

    /// <summary>The server as a service to ask.</summary>
    public Provider CreateProvider() => new("demo", BaseUrl, new ChatCompletionsProtocol(), Credential.None)
    {
        Title = "built-in demonstration, which is not a model",
        DefaultModel = DemoAnswer.Model,
        IsLocal = true,
    };

    /// <summary>Stops listening and ends every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token).ConfigureAwait(false);
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped: a listener that no longer listens says so in one of these ways.
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await new DemoConnection(client.GetStream(), _pause).RunAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client went away, or the program ends.
            }
        }
    }
}
