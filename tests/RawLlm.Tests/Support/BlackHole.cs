using System.Net;
using System.Net.Sockets;

namespace RawLlm.Tests.Support;

/// <summary>
/// An address that neither accepts nor refuses connections, like one whose packets are dropped: the queue of its listener is full.
/// </summary>
internal sealed class BlackHole : IDisposable
{
    private readonly Socket _listener;
    private readonly List<Socket> _waiting = [];
    private readonly List<Task> _connecting = [];

    public BlackHole(IPAddress address, int port = 0)
    {
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen(0);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        for (int i = 0; i < 8; i++)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _waiting.Add(socket);
            _connecting.Add(socket.ConnectAsync(EndPoint));
        }
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Whether connections to it still neither succeed nor fail.</summary>
    public bool IsSilent => _connecting.Any(task => !task.IsCompleted) && !_connecting.Any(task => task.IsFaulted);

    public void Dispose()
    {
        foreach (var socket in _waiting)
            socket.Dispose();
        _listener.Dispose();
        foreach (var task in _connecting)
            _ = task.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
    }
}
