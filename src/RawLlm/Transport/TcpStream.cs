using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>A connection that hands over at once what the system takes at once, as it does with nearly all requests.</summary>
/// <remarks>The platform's own way makes an object for it that stays as long as the connection: 0.4 KiB for each stream that waits on HTTP/1.1.</remarks>
internal sealed class TcpStream : NetworkStream
{
    public TcpStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
        // Only now: the platform makes no stream of one that does not block. Reading is always asynchronous here.
        socket.Blocking = false;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        int sent = Socket.Send(buffer.Span, SocketFlags.None, out var error);
        // Where no room is, the platform's own way waits for it.
        if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable))
            return ValueTask.FromException(Failure(error));
        return sent == buffer.Length ? ValueTask.CompletedTask : base.WriteAsync(buffer[sent..], cancellationToken);
    }

    // As the platform says it.
    private static IOException Failure(SocketError error)
    {
        var cause = new SocketException((int)error);
        return new IOException(cause.Message, cause);
    }
}
