using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawLlm.Tests.Support;
using RawLlm.Transport;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>What only real sockets can show: TLS, resets, and how soon the server notices that no one reads.</summary>
public sealed class TcpFaultTests(ITestOutputHelper output)
{
    [Fact]
    [Case(6)]
    public async Task Tls_HandshakeWithoutAnswer_ThrowsConnectTimeout()
    {
        // The server does not speak TLS: it reads the first bytes and sends nothing.
        await using var server = new FaultServer([Script.Accept.Stall()]);
        using var client = new LlmClient(
            Trust.Provider(new Uri($"https://localhost:{server.Port}/v1/")),
            "m",
            FaultRun.Once with
            {
                Timeouts = new() { Connect = TimeSpan.FromMilliseconds(100) },
            }
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Equal((LlmErrorKind.ConnectTimeout, LlmPhase.Connect), (error.Kind, error.Phase));
    }

    [Fact]
    [Case(7, 14)]
    public async Task Tls_CertificateIsUntrusted_SendsNothing()
    {
        using var certificate = FaultServer.SelfSigned();
        await using var server = new FaultServer(
            [Script.OnRequest.Answer(200, "application/json", Answers.Whole), Answers.WholeAnswer],
            certificate
        );
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m");
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Equal((LlmErrorKind.TlsFailed, LlmPhase.Connect, false), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Empty(error.Attempts);
        Assert.Equal(0, server.Received);
        Assert.Equal(
            $"The secure connection was refused: the certificate is not valid (UntrustedRoot). If you trust the server, install its issuer's certificate in the operating system. The address is localhost:{server.Port}.",
            error.Message
        );
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [Case(7)]
    public async Task Tls_ServerDoesNotSupportIt_ErrorSuggestsHttp(string greeting)
    {
        await using var server = new FaultServer([Script.Accept.Send(greeting).Stall()]);
        using var client = new LlmClient(Trust.Provider(new Uri($"https://localhost:{server.Port}/v1/")), "m", FaultRun.Once);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Equal((LlmErrorKind.TlsFailed, LlmPhase.Connect, false), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Contains(
            "Check that the server speaks TLS on this port (use http:// if it does not).",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("certificate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(14)]
    public void CertificateProblem_PlatformFlagsInMessage_ReturnsOnlyTheirNames()
    {
        string[] names = [.. Enum.GetNames<X509ChainStatusFlags>(), .. Enum.GetNames<SslPolicyErrors>()];
        foreach (string name in names.Except(["NoError", "None"]))
            Assert.Equal(name, CertificateProblem.NamesIn($"The certificate of api.secret.example is wrong: {name}"));
        Assert.Equal(
            "NotTimeValid, UntrustedRoot",
            CertificateProblem.NamesIn("net_ssl_io_cert_chain_validation, NotTimeValid, UntrustedRoot")
        );
        Assert.Null(CertificateProblem.NamesIn("Some words and NotUntrustedRoot"));
    }

    [Theory]
    [InlineData("localhost", 1, null)]
    [InlineData("localhost", -1, "(NotTimeValid)")]
    [InlineData("127.0.0.1", 1, "(RemoteCertificateNameMismatch)")]
    [Case(7, 14)]
    public async Task Tls_TrustedCertificateExpiredOrForOtherHost_SendsNothing(string host, int days, string? problem)
    {
        using var certificate = FaultServer.SelfSigned(days);
        await using var server = new FaultServer([Answers.WholeAnswer], certificate);
        using var http = Trust.In(certificate);
        using var client = new LlmClient(Trust.Provider(new Uri($"https://{host}:{server.Port}/v1/")), "m", null, http);
        if (problem is null)
        {
            Assert.Equal("Hi you", (await client.SendAsync("Hi", server.Token)).Text);
            return;
        }
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Equal((LlmErrorKind.TlsFailed, LlmPhase.Connect, false), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Received);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Case(5)]
    public async Task Tls_ConnectionLostInHandshake_ThrowsRetryableConnectFailed(bool isReset)
    {
        await using var server = new FaultServer([isReset ? Script.Accept.Rst() : Script.Accept.Fin()]);
        using var client = new LlmClient(Trust.Provider(new Uri($"https://localhost:{server.Port}/v1/")), "m", FaultRun.Once);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Equal((LlmErrorKind.ConnectFailed, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
        // A reset may arrive before the kernel has reported the connection.
        if (!isReset)
            Assert.Contains("(use http:// if it does not)", error.Message, StringComparison.Ordinal);
        Assert.Contains($"localhost:{server.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(8)]
    public async Task Tls_VersionTooOld_ThrowsTlsFailed()
    {
        // The alert protocol_version, as a server that only supports TLS 1.0 sends it.
        await using var server = new FaultServer([Script.Accept.Send([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]).Fin()]);
        using var client = new LlmClient(Trust.Provider(new Uri($"https://localhost:{server.Port}/v1/")), "m", FaultRun.Once);
        Assert.Equal(LlmErrorKind.TlsFailed, (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token))).Kind);
    }

    [Theory]
    [InlineData(true, LlmErrorKind.ConnectionLost)]
    [InlineData(false, LlmErrorKind.StreamTruncated)]
    [Case(9)]
    public async Task Tls_EndsWithoutCloseNotify_IsNeverComplete(bool isChunked, LlmErrorKind kind)
    {
        using var certificate = FaultServer.SelfSigned();
        var script = isChunked
            ? Script.OnRequest.Sse().Chunk(Answers.Hi)
            : Script.OnRequest.Head(200, "Content-Type: text/event-stream").Send(Answers.Hi);
        await using var server = new FaultServer([script.Fin()], certificate);
        using var http = Trust.In(certificate);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", FaultRun.Once, http);
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
            await (await client.StreamAsync("Hi", server.Token)).ReplyAsync(server.Token)
        );
        Assert.Equal((kind, "Hi"), (error.Kind, error.Partial?.Text));
    }

    [Fact]
    [Case(10)]
    public async Task HostName_OneAddressDoesNotAnswer_ConnectsToOtherAddress()
    {
        // On most machines localhost is ::1 first, and the server listens only on 127.0.0.1.
        await using var server = new FaultServer([Answers.WholeAnswer]);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", FaultRun.Once);
        Assert.Equal("Hi you", (await client.SendAsync("Hi", server.Token)).Text);
    }

    [Theory]
    [InlineData("407 Proxy Authentication Required", true, "(status 407). Add a user name and password")]
    [InlineData("407 Proxy Authentication Required", false, "(status 407). Add a user name and password")]
    [InlineData("502 Bad Gateway", true, "refused the connection to the service (status 502).")]
    [InlineData("502 Bad Gateway", false, "refused the connection to the service (status 502).")]
    [Case(13)]
    public async Task Proxy_RefusesConnection_ThrowsProxyFailedWithoutPassword(string status, bool isHandedIn, string said)
    {
        var refusal = Script.OnRequest.Send(
            $"HTTP/1.1 {status}\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
        );
        await using var server = new FaultServer([refusal.Fin(), refusal.Fin(), refusal.Fin()]);
        using var handler = WithProxy(
            HttpExchange.CreateHandler(new Uri("https://api.example.org/"), FaultRun.Once),
            $"127.0.0.1:{server.Port}"
        );
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var options = FaultRun.Once with { Before = own => WithProxy((SocketsHttpHandler)own, $"127.0.0.1:{server.Port}") };
        var provider = Trust.Provider(new Uri("https://api.example.org/v1/"));
        using var client = isHandedIn ? new LlmClient(provider, "m", FaultRun.Once, http) : new LlmClient(provider, "m", options);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        // The proxy of a supplied HttpClient is known only from a text that contains the password.
        Assert.Equal(!isHandedIn, error.Message.EndsWith($" The proxy is 127.0.0.1:{server.Port}.", StringComparison.Ordinal));
        Assert.Equal((LlmErrorKind.ProxyFailed, LlmPhase.Connect), (error.Kind, error.Phase));
        Assert.DoesNotContain("proxy-password", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://api.example.org/v1/")]
    [InlineData("http://api.example.org/v1/")]
    [Case(13)]
    public async Task Proxy_NotListening_IsNamedInError(string service)
    {
        using var closed = new ClosedPort();
        int port = closed.Number;
        using var handler = HttpExchange.CreateHandler(new Uri(service), FaultRun.Once);
        handler.Proxy = new WebProxy($"http://user:proxy-password@127.0.0.1:{port}");
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new LlmClient(Trust.Provider(new Uri(service)), "m", FaultRun.Once with { AllowKeyOverPlainHttp = true }, http);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal((LlmErrorKind.ProxyFailed, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Contains($"the proxy 127.0.0.1:{port} (ConnectionRefused)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy-password", error.ToString(), StringComparison.Ordinal);
    }

    // For a supplied HttpClient, the proxy is known only if no tunnel is used.
    [Theory]
    [InlineData("https://api.example.org/v1/", false)]
    [InlineData("http://api.example.org/v1/", false)]
    [InlineData("http://api.example.org/v1/", true)]
    [Case(13)]
    public async Task Proxy_DropsPackets_IsNamedInTimeout(string service, bool isHandedIn)
    {
        using var hole = new BlackHole(IPAddress.Parse("127.0.0.4"));
        string proxy = hole.EndPoint.ToString();
        var options = FaultRun.Once with
        {
            AllowKeyOverPlainHttp = true,
            Timeouts = new() { Connect = TimeSpan.FromMilliseconds(100) },
            Before = handler => WithProxy((SocketsHttpHandler)handler, proxy),
        };
        using var handler = WithProxy(HttpExchange.CreateHandler(new Uri(service), options), proxy);
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = isHandedIn
            ? new LlmClient(Trust.Provider(new Uri(service)), "m", options with { Before = null }, http)
            : new LlmClient(Trust.Provider(new Uri(service)), "m", options);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        Assert.Equal((LlmErrorKind.ConnectTimeout, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Contains($"through the proxy {proxy} took too long", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy-password", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Case(13)]
    public async Task Proxy_AcceptsConnectionWithoutAnswering_IsNamedInTimeout()
    {
        await using var server = new FaultServer([Script.Accept.Stall()]);
        var options = FaultRun.Once with
        {
            Timeouts = new() { Connect = TimeSpan.FromMilliseconds(100) },
            Before = handler => WithProxy((SocketsHttpHandler)handler, $"127.0.0.1:{server.Port}"),
        };
        using var client = new LlmClient(Trust.Provider(new Uri("https://api.example.org/v1/")), "m", options);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));

        Assert.Equal((LlmErrorKind.ConnectTimeout, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Contains($"through the proxy 127.0.0.1:{server.Port} took too long", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy-password", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(15, 16)]
    public async Task Stream_TruncatedByRstOrFin_IsNeverComplete(bool isReset)
    {
        byte[] body =
        [
            .. Script
                .Accept.Chunk(Answers.Role)
                .Chunk(Answers.Hi)
                .Chunk(Answers.You)
                .Chunk(Answers.Stop)
                .Acts.SelectMany(act => ((Act.Send)act).Bytes),
        ];
        int cuts = (int)LongRun.Count("RAWLLM_CUTS", usual: 100, atLength: 1000);
        var random = new SplitMix64(isReset ? 2u : 1u);
        int[] lengths = [.. Enumerable.Range(0, cuts).Select(_ => random.Below(body.Length + 1))];
        await using var server = new FaultServer(
            lengths.Select(length =>
                isReset ? Script.OnRequest.Sse().Send(body[..length]).Rst() : Script.OnRequest.Sse().Send(body[..length]).Fin()
            )
        );
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", FaultRun.Once);
        foreach (int length in lengths)
        {
            string text = "";
            var error = await Assert.ThrowsAsync<LlmException>(async () =>
            {
                await foreach (string piece in client.StreamTextAsync("Hi", server.Token))
                    text += piece;
            });
            Assert.True(
                error.Kind == LlmErrorKind.ConnectionLost && "Hi you".StartsWith(text, StringComparison.Ordinal),
                $"cut at {length}: {error.Kind} '{text}'"
            );
        }
        output.WriteLine($"{cuts} cuts with {(isReset ? "RST" : "FIN")}, 0 false successes");
    }

    [Fact]
    [Case(145)]
    public async Task StreamTextAsync_LoopLeftEarly_ClosesConnectionAtServer()
    {
        const int Runs = 30;
        await using var server = new FaultServer(Enumerable.Repeat(Script.OnRequest.Sse().Chunk(Answers.Hi).Stall(), Runs));
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", FaultRun.Once);
        for (int i = 0; i < Runs; i++)
        {
            await foreach (string _ in client.StreamTextAsync("Hi", server.Token))
                break;
            while (!server.Closed.TryDequeue(out _))
            {
                server.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    private static SocketsHttpHandler WithProxy(SocketsHttpHandler handler, string authority)
    {
        handler.Proxy = new WebProxy($"http://user:proxy-password@{authority}");
        return handler;
    }
}
