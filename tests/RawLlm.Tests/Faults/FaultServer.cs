using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawLlm.Tests.Faults;

/// <summary>A server on this machine whose connections follow scripts over real sockets, with TLS if it has a certificate.</summary>
internal sealed class FaultServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<Script> _scripts;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromMinutes(4));
    private readonly ConcurrentBag<Task> _running = [];
    private readonly Task _accepting;

    public FaultServer(IEnumerable<Script> scripts, X509Certificate2? certificate = null)
    {
        _scripts = new(scripts);
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri BaseUrl => new($"{(_certificate is null ? "http" : "https")}://localhost:{Port}/v1/");

    public CancellationToken Token => _watchdog.Token;

    /// <summary>The number of request bytes that arrived, after TLS.</summary>
    public long Received { get; private set; }

    /// <summary>The requests that arrived whole, as text.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>When the client closed, for each connection that waited for it.</summary>
    public ConcurrentQueue<long> Closed { get; } = [];

    /// <summary>Creates a certificate for localhost.</summary>
    /// <param name="days">The number of days from now for which it is valid; negative for an expired one.</param>
    public static X509Certificate2 SelfSigned(int days = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(days));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        await _watchdog.CancelAsync();
        await Task.WhenAll(_running);
        _watchdog.Dispose();
        _listener.Dispose();
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
            if (_scripts.TryDequeue(out var script))
                _running.Add(RunAsync(socket, script));
            else
                socket.Dispose();
        }
    }

    private async Task RunAsync(Socket socket, Script script)
    {
        await Task.Yield();
        socket.NoDelay = true;
        try
        {
            using var network = new NetworkStream(socket, ownsSocket: true);
            Stream stream = network;
            if (_certificate is not null)
            {
                var tls = new SslStream(network, leaveInnerStreamOpen: true);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificate = _certificate },
                    _watchdog.Token
                );
                stream = tls;
            }
            foreach (var act in script.Acts)
            {
                switch (act)
                {
                    case Act.Request:
                        await RequestAsync(stream);
                        break;
                    case Act.Send send:
                        await stream.WriteAsync(send.Bytes, _watchdog.Token);
                        break;
                    case Act.Do(var action):
                        action();
                        break;
                    case Act.Wait(var until):
                        await until.WaitAsync(_watchdog.Token);
                        break;
                    case Act.Stall:
                        await WaitForCloseAsync(stream);
                        return;
                    case Act.Fin:
                        // Bypasses TLS, which would announce the end.
                        socket.Shutdown(SocketShutdown.Send);
                        await WaitForCloseAsync(network);
                        return;
                    case Act.Rst:
                        socket.LingerState = new LingerOption(true, 0);
                        socket.Close();
                        return;
                    default:
                        throw new NotSupportedException(act.ToString());
                }
            }
            await WaitForCloseAsync(stream);
        }
        catch (Exception e)
            when (e
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or ObjectDisposedException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            Closed.Enqueue(Stopwatch.GetTimestamp());
        }
    }

    private async Task RequestAsync(Stream stream)
    {
        var bytes = new MemoryStream();
        byte[] buffer = new byte[8192];
        while (true)
        {
            string text = System.Text.Encoding.Latin1.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
            int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head >= 0)
            {
                int at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
                int length =
                    at < 0 ? 0 : int.Parse(text[(at + 16)..text.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture);
                if (bytes.Length >= head + 4 + length)
                {
                    Requests.Enqueue(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
                    return;
                }
            }
            int count = await stream.ReadAsync(buffer, _watchdog.Token);
            if (count == 0)
                throw new IOException("The client left.");
            Received += count;
            bytes.Write(buffer, 0, count);
        }
    }

    private async Task WaitForCloseAsync(Stream stream)
    {
        byte[] buffer = new byte[1024];
        while (await stream.ReadAsync(buffer, _watchdog.Token) > 0) { }
        Closed.Enqueue(Stopwatch.GetTimestamp());
    }
}
