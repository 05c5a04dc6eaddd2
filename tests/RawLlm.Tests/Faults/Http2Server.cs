using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace RawLlm.Tests.Faults;

/// <summary>
/// An HTTP/2 server over TLS on this machine that sends exactly the frames of a test; each connection follows the next script.
/// </summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private const int MaxStreams = 1000;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<Func<Http2Connection, Task>> _scripts;
    private readonly ConcurrentBag<Task> _running = [];
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromMinutes(4));
    private readonly Task _accepting;

    public Http2Server(params Func<Http2Connection, Task>[] scripts)
    {
        _scripts = new(scripts);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public X509Certificate2 Certificate { get; } = FaultServer.SelfSigned();

    public Uri BaseUrl => new($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/");

    /// <summary>Ends a test that hangs.</summary>
    public CancellationToken Token => _watchdog.Token;

    /// <summary>The connections that were made, in order.</summary>
    public ConcurrentQueue<Http2Connection> Connections { get; } = [];

    /// <summary>Fails if a script failed or was not used, or if there was a connection without a script.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isLate = _watchdog.IsCancellationRequested;
        _listener.Stop();
        await _accepting;
        await _watchdog.CancelAsync();
        var failures = new List<Exception>();
        foreach (var task in _running)
        {
            try
            {
                await task;
            }
            catch (OperationCanceledException) when (!isLate)
            {
                // The script was still waiting when the test ended.
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }
        _watchdog.Dispose();
        _listener.Dispose();
        Certificate.Dispose();
        Assert.Empty(failures);
        Assert.True(_scripts.IsEmpty, $"{_scripts.Count} connections were expected and did not come.");
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_watchdog.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            _running.Add(RunAsync(socket));
        }
    }

    private async Task RunAsync(Socket socket)
    {
        await Task.Yield();
        using var network = new NetworkStream(socket, ownsSocket: true);
        if (!_scripts.TryDequeue(out var script))
            throw new InvalidOperationException("A connection came that was not expected.");
        socket.NoDelay = true;
        await using var tls = new SslStream(network);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = Certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] },
            _watchdog.Token
        );
        var connection = new Http2Connection(tls, _watchdog.Token);
        await connection.StartAsync(MaxStreams);
        Connections.Enqueue(connection);
        var reading = connection.ReadAsync();
        try
        {
            await script(connection);
        }
        finally
        {
            // A script that ends closes its connection.
            network.Close();
            try
            {
                await reading;
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
