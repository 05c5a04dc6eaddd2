using System.Net;
using System.Net.Sockets;

namespace RawLlm.Tests.Support;

/// <summary>A port that refuses connections and that no other code can take meanwhile: it is bound, but does not listen.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket;

    public ClosedPort(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(new IPEndPoint(address, 0));
    }

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Whether this machine has the address; a supported address family may have no address that can be bound.</summary>
    public static bool CanBind(IPAddress address)
    {
        try
        {
            new ClosedPort(address).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();
}
