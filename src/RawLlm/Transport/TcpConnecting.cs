using System.Net;
using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>
/// One socket's connection attempt; disposed when it has ended, whereas .NET keeps its own object as long as the connection.
/// </summary>
internal sealed class TcpConnecting(EndPoint to) : SocketAsyncEventArgs(true)
{
    // Continuations run where completion is reported: on a pool thread, whether the attempt succeeded, failed or was canceled.
    private readonly TaskCompletionSource _ended = new();

    /// <summary>Completes when the attempt has ended, whatever its outcome.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to connect; returns false if that has completed at once.</summary>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public bool Begin(Socket socket, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RemoteEndPoint = to;
        return socket.ConnectAsync(this);
    }

    /// <summary>Cancels the attempt.</summary>
    public void Cancel() => Socket.CancelConnectAsync(this);

    /// <summary>Throws if the attempt has failed.</summary>
    /// <exception cref="SocketException">There is no connection.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public void ThrowIfFailed(CancellationToken cancellationToken)
    {
        if (SocketError == SocketError.Success)
            return;
        if (SocketError == SocketError.OperationAborted)
            cancellationToken.ThrowIfCancellationRequested();
        throw new SocketException((int)SocketError);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => _ended.TrySetResult();
}
