using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

/// <summary>Connections that write at once what the system takes at once.</summary>
public sealed class TcpStreamTests : IDisposable
{
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromMinutes(4));
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TcpStreamTests() => _listener.Start();

    public void Dispose()
    {
        _listener.Dispose();
        _watchdog.Dispose();
    }

    [Fact]
    public async Task Write_MoreThanTheSystemTakes_ComesWhole()
    {
        byte[] sent = RandomNumberGenerator.GetBytes(24 << 20);
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        using var other = peer;
        // The first one is on its way before the other side reads at all.
        var writing = stream.WriteAsync(sent, _watchdog.Token);
        Assert.False(writing.IsCompleted);
        using var received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[100_000];
        for (int rest = sent.Length; rest > 0;)
        {
            int count = await other.ReceiveAsync(buffer.AsMemory(0, Math.Min(rest, buffer.Length)), _watchdog.Token);
            Assert.NotEqual(0, count);
            received.AppendData(buffer, 0, count);
            rest -= count;
        }
        await writing;
        Assert.Equal(SHA256.HashData(sent), received.GetHashAndReset());
        // And what follows comes behind it.
        await stream.WriteAsync("end"u8.ToArray(), _watchdog.Token);
        Assert.Equal(3, await other.ReceiveAsync(buffer, _watchdog.Token));
    }

    [Fact]
    public async Task Write_TheOtherSideIsGone_IsAnErrorOfTheConnection()
    {
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        var error = await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (!_watchdog.IsCancellationRequested)
                await stream.WriteAsync(new byte[1000], _watchdog.Token);
        });
        Assert.IsType<SocketException>(error.InnerException);
    }

    [Fact]
    public async Task Write_TokenIsCancelled_SendsNothing()
    {
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        using var other = peer;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.WriteAsync("x"u8.ToArray(), new CancellationToken(canceled: true)));
        await stream.WriteAsync("y"u8.ToArray(), _watchdog.Token);
        byte[] buffer = new byte[10];
        Assert.Equal(1, await other.ReceiveAsync(buffer, _watchdog.Token));
        Assert.Equal((byte)'y', buffer[0]);
    }

    [Fact]
    public async Task Write_StreamIsDisposed_IsRefused()
    {
        var (stream, peer) = await ConnectAsync();
        using var other = peer;
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.WriteAsync("x"u8.ToArray(), _watchdog.Token));
    }

    private async Task<(TcpStream Stream, Socket Peer)> ConnectAsync()
    {
        var socket = await TcpConnection.ConnectAsync([IPAddress.Loopback], ((IPEndPoint)_listener.LocalEndpoint).Port, _watchdog.Token);
        return (new TcpStream(socket), await _listener.AcceptSocketAsync(_watchdog.Token));
    }
}
