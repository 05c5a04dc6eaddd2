using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RawLlm.Transport;

/// <summary>
/// Opens connections: to whichever of a host's addresses answers first, and so that they detect a peer that has disappeared silently, as
/// behind address translation.
/// </summary>
internal static class TcpConnection
{
    private const int SecondsBeforeProbe = 30;
    private const int SecondsBetweenProbes = 5;

    // Linux does not probe while sent data is unacknowledged, and gives up on that only after a quarter of an hour: a request on a
    // connection whose peer has vanished would wait for its own timeout. This is as long as keep-alive takes: 30 s and three probes.
    private const int MillisecondsUnacknowledged = 45_000;
    private const int LinuxTcp = 6;
    private const int LinuxTcpUserTimeout = 18;

    // RFC 8305, section 5: the head start of one address before the next is tried in parallel. .NET tries one after the other, and
    // an address that never answers would use up the whole connect timeout.
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects to the host of a request; its name is looked up again each time.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket;
        try
        {
            var host = context.DnsEndPoint;
            IPAddress[] addresses = IPAddress.TryParse(host.Host, out var address)
                ? [address]
                : await Dns.GetHostAddressesAsync(host.Host, cancellationToken).ConfigureAwait(false);
            socket = await ConnectAsync(addresses, host.Port, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (IsProxy(context))
        {
            throw new ProxySocketException(e.SocketErrorCode, context.DnsEndPoint);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && IsProxy(context))
        {
            // .NET turns this into its own timeout exception, with this one inside (measured on .NET 10.0.12).
            throw new ProxySocketException(SocketError.TimedOut, context.DnsEndPoint);
        }
        try
        {
            return new TcpStream(socket);
        }
        catch
        {
            // The peer may already be gone.
            socket.Dispose();
            throw;
        }
    }

    // .NET asks a proxy for a tunnel with a request of its own, and sends plain HTTP to it unchanged.
    private static bool IsProxy(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage is { RequestUri: { } url } request
        && (
            request.Method == HttpMethod.Connect
            || url.Port != context.DnsEndPoint.Port
            || !IsSameHost(url.IdnHost, context.DnsEndPoint.Host)
        );

    // .NET writes an IPv6 address with brackets in one place and without them in the other (measured on .NET 10.0.12).
    private static bool IsSameHost(ReadOnlySpan<char> host, ReadOnlySpan<char> other) =>
        host.TrimStart('[').TrimEnd(']').Equals(other.TrimStart('[').TrimEnd(']'), StringComparison.OrdinalIgnoreCase);

    /// <summary>Connects to the first of several addresses that answers; in their order, each with a head start.</summary>
    /// <exception cref="SocketException">None of them answers, or there is none; the error is that of the first one.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static async Task<Socket> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        if (addresses.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        if (addresses.Length == 1)
            return await ConnectAsync(addresses[0], port, cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = new List<Task>(addresses.Length);
        Exception? failure = null;
        int next = 0;
        try
        {
            while (true)
            {
                if (next < addresses.Length)
                    attempts.Add(ConnectAsync(addresses[next++], port, stop.Token));
                var headStart = next < addresses.Length ? Task.Delay(HeadStart, stop.Token) : null;
                if (headStart is not null)
                    attempts.Add(headStart);
                var ended = await Task.WhenAny(CollectionsMarshal.AsSpan(attempts)).ConfigureAwait(false);
                if (headStart is not null)
                    attempts.Remove(headStart);
                if (ended == headStart)
                    continue;
                attempts.Remove(ended);
                try
                {
                    return await ((Task<Socket>)ended).ConfigureAwait(false);
                }
                catch (SocketException e)
                {
                    failure ??= e;
                }
                if (attempts.Count == 0 && next == addresses.Length)
                    throw failure;
            }
        }
        catch (OperationCanceledException)
        {
            // .NET recognizes its own connect timeout by its token, which is not that of the attempts.
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        finally
        {
            stop.Cancel();
            foreach (var attempt in attempts)
                Drop(attempt);
        }
    }

    private static async Task<Socket> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = Create(address);
        try
        {
            using var connecting = new TcpConnecting(new IPEndPoint(address, port));
            if (connecting.Begin(socket, cancellationToken))
            {
                using (cancellationToken.UnsafeRegister(static connecting => ((TcpConnecting)connecting!).Cancel(), connecting))
                    await connecting.Ended.ConfigureAwait(false);
            }
            connecting.ThrowIfFailed(cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Creates a socket for an address, not yet connected.</summary>
    internal static Socket Create(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SecondsBeforeProbe);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, SecondsBetweenProbes);
            // A peer on the local machine does not vanish, and a server that is busy with another request may leave a large one unread for
            // longer.
            if (OperatingSystem.IsLinux() && !IPAddress.IsLoopback(address))
                LimitUnacknowledged(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void LimitUnacknowledged(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(value, MillisecondsUnacknowledged);
        try
        {
            socket.SetRawSocketOption(LinuxTcp, LinuxTcpUserTimeout, value);
        }
        catch (SocketException)
        {
            // Not every system that calls itself Linux supports it. Keep-alive remains.
        }
    }

    // It may still connect at the same moment as the one that was chosen.
    private static void Drop(Task attempt) =>
        attempt.ContinueWith(
            static attempt =>
            {
                if (attempt.IsCompletedSuccessfully)
                    ((Task<Socket>)attempt).Result.Dispose();
                else
                    _ = attempt.Exception;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
}
