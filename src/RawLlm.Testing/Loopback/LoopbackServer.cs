using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace RawLlm.Testing;

/// <summary>Serves a <see cref="ScriptedServer"/>, a <see cref="WireReplayer"/> or any other handler at a local address, for programs that
/// accept only an address.</summary>
/// <remarks>
/// It speaks HTTP/1.1 with one request per connection. Each read of a body is sent separately, and connection faults happen to a real
/// connection: a body that is reset ends with a TCP reset, which may overtake the bytes before it; a body that is closed ends without its
/// last chunk. If the script has no answer, or the handler throws before it answers, the response has the status 500 and a text that says
/// so.
/// </remarks>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpMessageInvoker _handler;
    private readonly Task _acceptLoop;
    private int _isDisposed;
    private Exception? _failure;

    /// <summary>Starts to listen.</summary>
    /// <param name="handler">The handler that answers; it is not disposed with the server.</param>
    public LoopbackServer(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = new HttpMessageInvoker(handler, disposeHandler: false);
        _listener.Start();
        Url = new Uri($"http://{_listener.LocalEndpoint}/");
        _acceptLoop = AcceptAsync();
    }

    /// <summary>The address, such as <c>http://127.0.0.1:41234/</c>; every path below it is answered.</summary>
    public Uri Url { get; }

    /// <summary>Stops listening and closes open connections.</summary>
    /// <exception cref="Exception">The first exception that the handler threw, apart from broken connections and an
    /// <see cref="InvalidOperationException"/> of the handler itself, such as that of a script without an answer.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _acceptLoop.ConfigureAwait(false);
        _handler.Dispose();
        _stopping.Dispose();
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token).ConfigureAwait(false);
                connections.RemoveAll(static connection => connection.IsCompleted);
                connections.Add(
                    new LoopbackConnection(socket, Url, _handler, e => Interlocked.CompareExchange(ref _failure, e, null)).RunAsync(
                        _stopping.Token
                    )
                );
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
    }
}
