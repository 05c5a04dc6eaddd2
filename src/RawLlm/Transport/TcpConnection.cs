using System.Net.Http;
using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>Makes connections that notice when the other side is gone without a word, as behind address translation.</summary>
internal static class TcpConnection
{
    private const int SecondsBeforeProbe = 30;
    private const int SecondsBetweenProbes = 5;

    /// <summary>Connects to the first address of the host that answers.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            // Only now: up to net9.0 a socket that was given options connects to no name that may have several addresses (seen on Linux, 2026).
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SecondsBeforeProbe);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, SecondsBetweenProbes);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
