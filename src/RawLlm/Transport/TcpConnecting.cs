using System.Net;
using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>The connecting of one socket; disposed when that is over, where the platform keeps its own as long as the connection.</summary>
internal sealed class TcpConnecting(EndPoint to) : SocketAsyncEventArgs(true)
{
    // Goes on where it is told of the end: on a thread of the pool, whether the connection came, failed or was given up.
    private readonly TaskCompletionSource _ended = new();

    /// <summary>Completes when the connecting has ended, however.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins; false where it has ended at once.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool Begin(Socket socket, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RemoteEndPoint = to;
        return socket.ConnectAsync(this);
    }

    /// <summary>Gives it up.</summary>
    public void Cancel() => Socket.CancelConnectAsync(this);

    /// <summary>Says how it has ended.</summary>
    /// <exception cref="SocketException">There is no connection.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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
