using System.Net;
using System.Net.Sockets;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

/// <summary>Hosts with several addresses, some of which do not answer.</summary>
public sealed class TcpConnectionTests : IDisposable
{
    private static readonly IPAddress Good = IPAddress.Loopback;
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");

    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromMinutes(4));
    private readonly TcpListener _listener = new(Good, 0);

    public TcpConnectionTests() => _listener.Start();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _watchdog.Dispose();
    }

    [Fact]
    [Case(10)]
    public async Task ConnectAsync_FirstAddressDoesNotAnswer_UsesNext()
    {
        using var hole = new BlackHole(Other, Port);
        using var socket = await TcpConnection.ConnectAsync([Other, Good], Port, _watchdog.Token);
        Assert.Equal(new IPEndPoint(Good, Port), socket.RemoteEndPoint);
        Assert.True(hole.IsSilent);
    }

    [Fact]
    [Case(10)]
    public async Task ConnectAsync_FirstAddressRefuses_UsesNext()
    {
        using var socket = await TcpConnection.ConnectAsync([Other, Good], Port, _watchdog.Token);
        Assert.Equal(new IPEndPoint(Good, Port), socket.RemoteEndPoint);
    }

    [Fact]
    [Case(3)]
    public async Task ConnectAsync_AllAddressesRefuse_ThrowsConnectionRefused()
    {
        var error = await Assert.ThrowsAsync<SocketException>(() =>
            TcpConnection.ConnectAsync([Other, IPAddress.Parse("127.0.0.3")], Port, _watchdog.Token)
        );
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    [Case(4, 143)]
    public async Task ConnectAsync_CanceledWhileNoAddressAnswers_EndsImmediately()
    {
        using var hole = new BlackHole(Other, Port);
        using var another = new BlackHole(IPAddress.Parse("127.0.0.3"), Port);
        using var source = new CancellationTokenSource();
        var connecting = TcpConnection.ConnectAsync([Other, IPAddress.Parse("127.0.0.3")], Port, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(_watchdog.Token));
        Assert.True(hole.IsSilent && another.IsSilent && !_watchdog.IsCancellationRequested);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 100)]
    [InlineData(2, 600)]
    [Case(4, 10)]
    public async Task ConnectAsync_NoAddressAnswersInTime_ThrowsConnectTimeout(int addresses, int milliseconds)
    {
        using var hole = new BlackHole(Other, Port);
        using var another = new BlackHole(IPAddress.Parse("127.0.0.3"), Port);
        var options = FaultRun.Once with { Timeouts = new() { Connect = TimeSpan.FromMilliseconds(milliseconds) } };
        using var handler = HttpExchange.CreateHandler(new Uri("http://127.0.0.1:9/"), options);
        IPAddress[] silent = [.. new[] { Other, IPAddress.Parse("127.0.0.3") }.Take(addresses)];
        handler.ConnectCallback = async (_, token) => new TcpStream(await TcpConnection.ConnectAsync(silent, Port, token));
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new LlmClient(FaultWire.Compatible(), "m", options, http);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", _watchdog.Token));
        Assert.Equal((LlmErrorKind.ConnectTimeout, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
    }

    [Theory]
    [InlineData(false, LlmErrorKind.ConnectFailed)]
    [InlineData(true, LlmErrorKind.ConnectTimeout)]
    [Case(3, 4)]
    public async Task ConnectAsync_IPv6AddressFails_ErrorDoesNotBlameProxy(bool isSilent, LlmErrorKind kind)
    {
        if (!ClosedPort.CanBind(IPAddress.IPv6Loopback))
            return;
        using var hole = isSilent ? new BlackHole(IPAddress.IPv6Loopback) : null;
        using var closed = new ClosedPort(IPAddress.IPv6Loopback);
        int port = hole?.EndPoint.Port ?? closed.Number;
        using var client = new LlmClient(
            Providers.OpenAICompatible($"http://[::1]:{port}/v1/", apiKey: null),
            "m",
            FaultRun.Once with
            {
                Timeouts = new() { Connect = TimeSpan.FromMilliseconds(isSilent ? 100 : 60_000) },
            }
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", _watchdog.Token));
        Assert.Equal((kind, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
        Assert.DoesNotContain("proxy", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Case(143)]
    public async Task ConnectAsync_Canceled_ContinuesOnOtherThread(int addresses)
    {
        using var hole = new BlackHole(Other, Port);
        using var another = new BlackHole(IPAddress.Parse("127.0.0.3"), Port);
        IPAddress[] silent = [.. new[] { Other, IPAddress.Parse("127.0.0.3") }.Take(addresses)];
        using var source = new CancellationTokenSource();
        int canceller = 0;
        bool isInline = false;
        var ended = TcpConnection
            .ConnectAsync(silent, Port, source.Token)
            .ContinueWith(
                _ => isInline = Volatile.Read(ref canceller) == Environment.CurrentManagedThreadId,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        Volatile.Write(ref canceller, Environment.CurrentManagedThreadId);
        source.Cancel();
        Volatile.Write(ref canceller, 0);
        await ended.WaitAsync(_watchdog.Token);
        Assert.False(isInline);
    }

    [Theory]
    [InlineData("192.0.2.1", 45_000)]
    [InlineData("2001:db8::1", 45_000)]
    [InlineData("127.0.0.1", 0)]
    [Case(5)]
    public void Socket_ToRemoteHost_HasUserTimeoutAndKeepAlive(string address, int milliseconds)
    {
        if (!OperatingSystem.IsLinux() || (address.Contains(':', StringComparison.Ordinal) && !Socket.OSSupportsIPv6))
            return;
        using var socket = TcpConnection.Create(IPAddress.Parse(address));
        byte[] value = new byte[sizeof(int)];
        // IPPROTO_TCP, TCP_USER_TIMEOUT.
        Assert.Equal(sizeof(int), socket.GetRawSocketOption(6, 18, value));
        Assert.Equal(milliseconds, BitConverter.ToInt32(value));
        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
    }

    [Fact]
    [Case(1)]
    public async Task ConnectAsync_NoAddress_ThrowsHostNotFound()
    {
        var error = await Assert.ThrowsAsync<SocketException>(() => TcpConnection.ConnectAsync([], Port, _watchdog.Token));
        Assert.Equal(SocketError.HostNotFound, error.SocketErrorCode);
    }
}
