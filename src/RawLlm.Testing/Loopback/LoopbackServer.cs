using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace RawLlm.Testing;

/// <summary>Puts a <see cref="ScriptedServer"/>, a <see cref="WireReplayer"/> or any other handler behind an address of this machine, for programs that take an address alone.</summary>
/// <remarks>
/// HTTP/1.1, one request for each connection. Each read of a body goes out by itself, and what happens to a connection happens to a real one: a body that is reset is ended with a
/// reset, which may overtake what was sent before it, and one that is closed without its last chunk. Where the script has no answer, or the handler throws before it answers, the
/// response is a 500 whose text says so.
/// </remarks>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpMessageInvoker _handler;
    private readonly Task _accepting;
    private int _isDisposed;
    private Exception? _failure;

    /// <summary>Begins to listen.</summary>
    /// <param name="handler">What answers; it is not disposed with the server.</param>
    public LoopbackServer(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = new HttpMessageInvoker(handler, disposeHandler: false);
        _listener.Start();
        Url = new Uri($"http://{_listener.LocalEndpoint}/");
        _accepting = AcceptAsync();
    }

    /// <summary>The address, such as <c>http://127.0.0.1:41234/</c>, at which every path is answered.</summary>
    public Uri Url { get; }

    /// <summary>Stops listening, and ends the connections that are open.</summary>
    /// <exception cref="Exception">What the handler threw first, besides connections that break and an <see cref="InvalidOperationException"/> of its own, such as that of a script at its end.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
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
                connections.Add(new LoopbackConnection(socket, Url, _handler, e => Interlocked.CompareExchange(ref _failure, e, null)).RunAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
    }
}
