using System.Net;
using System.Net.Sockets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Demo;

/// <summary>
/// A chat completions server on the loopback interface, without a model, so that a first call needs neither an API key nor a network.
/// </summary>
/// <remarks>Real HTTP/1.1 over a real socket, with only what a client needs: a web framework would not be worth its size.</remarks>
internal sealed class DemoServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeSpan _pause;
    private readonly Task _acceptLoop;

    private DemoServer(TcpListener listener, TimeSpan pause)
    {
        _listener = listener;
        _pause = pause;
        BaseUrl = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1/");
        _acceptLoop = AcceptAsync();
    }

    /// <summary>The base URL of the server.</summary>
    public Uri BaseUrl { get; }

    /// <summary>Starts a server on a free port.</summary>
    /// <param name="pause">The pause between two pieces of an answer.</param>
    public static DemoServer Start(TimeSpan pause)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new DemoServer(listener, pause);
    }

    /// <summary>Creates the provider that asks this server.</summary>
    public Provider CreateProvider() =>
        new("demo", BaseUrl, new ChatCompletionsProtocol(), Credential.None)
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
        await _acceptLoop.ConfigureAwait(false);
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
            // A stopped listener throws one of these.
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
                // The client disconnected, or the program is ending.
            }
        }
    }
}
