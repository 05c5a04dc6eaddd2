using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

/// <summary>Connections that write immediately as much as the system takes.</summary>
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
    public async Task WriteAsync_MoreThanSocketBuffer_SendsAllBytes()
    {
        byte[] sent = RandomNumberGenerator.GetBytes(24 << 20);
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        using var other = peer;
        // The write begins before the other side reads anything.
        var writing = stream.WriteAsync(sent, _watchdog.Token);
        Assert.False(writing.IsCompleted);
        using var received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[100_000];
        for (int rest = sent.Length; rest > 0; )
        {
            int count = await other.ReceiveAsync(buffer.AsMemory(0, Math.Min(rest, buffer.Length)), _watchdog.Token);
            Assert.NotEqual(0, count);
            received.AppendData(buffer, 0, count);
            rest -= count;
        }
        await writing;
        Assert.Equal(SHA256.HashData(sent), received.GetHashAndReset());
        // Later bytes follow in order.
        await stream.WriteAsync("end"u8.ToArray(), _watchdog.Token);
        Assert.Equal(3, await other.ReceiveAsync(buffer, _watchdog.Token));
    }

    [Fact]
    public async Task WriteAsync_PeerClosed_ThrowsIOException()
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
    public async Task WriteAsync_TokenIsCanceled_SendsNothing()
    {
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        using var other = peer;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await stream.WriteAsync("x"u8.ToArray(), new CancellationToken(canceled: true))
        );
        await stream.WriteAsync("y"u8.ToArray(), _watchdog.Token);
        byte[] buffer = new byte[10];
        Assert.Equal(1, await other.ReceiveAsync(buffer, _watchdog.Token));
        Assert.Equal((byte)'y', buffer[0]);
    }

    [Fact]
    public async Task WriteAsync_StreamIsDisposed_Throws()
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

    [Fact]
    public async Task WriteAndRead_Synchronous_WaitForPeer()
    {
        byte[] sent = RandomNumberGenerator.GetBytes(24 << 20);
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        using var other = peer;
        var echo = Task.Run(
            () =>
            {
                stream.Write(sent);
                byte[] buffer = new byte[3];
                return (stream.Read(buffer, 0, 3), stream.Read(buffer.AsSpan()), buffer);
            },
            _watchdog.Token
        );
        using var received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[100_000];
        for (int rest = sent.Length; rest > 0; )
        {
            int count = await other.ReceiveAsync(buffer.AsMemory(0, Math.Min(rest, buffer.Length)), _watchdog.Token);
            Assert.NotEqual(0, count);
            received.AppendData(buffer, 0, count);
            rest -= count;
        }
        Assert.Equal(SHA256.HashData(sent), received.GetHashAndReset());
        await other.SendAsync("x"u8.ToArray(), _watchdog.Token);
        other.Shutdown(SocketShutdown.Send);
        var (first, second, read) = await echo.WaitAsync(_watchdog.Token);
        Assert.Equal((1, 0, (byte)'x'), (first, second, read[0]));
    }

    [Fact]
    public async Task Read_SynchronousWithTimeout_ThrowsTimedOut()
    {
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        using var other = peer;
        stream.ReadTimeout = 1;
        var error = Assert.Throws<IOException>(() => stream.Read(new byte[1]));
        Assert.Equal(SocketError.TimedOut, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task CreateHandler_WithOwnHttpClient_SupportsSynchronousSend()
    {
        using var http = new HttpClient(LlmClient.CreateHandler());
        string address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";
        var asking = Task.Run(
            () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(new byte[100]) };
                using var response = http.Send(request, _watchdog.Token);
                using var reader = new StreamReader(response.Content.ReadAsStream(_watchdog.Token));
                return reader.ReadToEnd();
            },
            _watchdog.Token
        );
        using var peer = await _listener.AcceptSocketAsync(_watchdog.Token);
        byte[] buffer = new byte[10_000];
        Assert.NotEqual(0, await peer.ReceiveAsync(buffer, _watchdog.Token));
        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"u8.ToArray(), _watchdog.Token);
        await peer.SendAsync("ok"u8.ToArray(), _watchdog.Token);
        Assert.Equal("ok", await asking.WaitAsync(_watchdog.Token));
    }
}
