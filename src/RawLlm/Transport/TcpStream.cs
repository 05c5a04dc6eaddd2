using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>A connection that sends synchronously what the system accepts at once, as it does with nearly all requests.</summary>
/// <remarks>.NET's own implementation creates an object for it that stays as long as the connection: 0.4 KiB for each waiting stream on
/// HTTP/1.1.</remarks>
internal sealed class TcpStream : NetworkStream
{
    public TcpStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
        // Only now: .NET creates no stream for a non-blocking socket.
        socket.Blocking = false;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        int sent = Socket.Send(buffer.Span, SocketFlags.None, out var error);
        // If there is no room, .NET's own implementation waits for it.
        if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable))
            return ValueTask.FromException(Failure(error));
        return sent == buffer.Length ? ValueTask.CompletedTask : base.WriteAsync(buffer[sent..], cancellationToken);
    }

    // HttpClient.Send, with a handler of LlmClient.CreateHandler, reads and writes synchronously. The client itself never does.
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            int count = Socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success)
                return count;
            Wait(error, SelectMode.SelectRead, ReadTimeout);
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Socket.Send(buffer, SocketFlags.None, out var error);
            buffer = buffer[count..];
            if (error != SocketError.Success)
                Wait(error, SelectMode.SelectWrite, WriteTimeout);
        }
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    private void Wait(SocketError error, SelectMode mode, int milliseconds)
    {
        if (error is not (SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable))
            throw Failure(error);
        if (!Socket.Poll(TimeSpan.FromMilliseconds(milliseconds), mode))
            throw Failure(SocketError.TimedOut);
    }

    // Same form as .NET's own exceptions.
    private static IOException Failure(SocketError error)
    {
        var cause = new SocketException((int)error);
        return new IOException(cause.Message, cause);
    }
}
