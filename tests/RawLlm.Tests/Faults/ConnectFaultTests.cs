using System.Net.Sockets;
using RawLlm.Transport;

namespace RawLlm.Tests.Faults;

/// <summary>Section A in memory: faults before a request is sent.</summary>
public sealed class ConnectFaultTests
{
    [Fact]
    [Case(1)]
    public async Task HostName_DoesNotExist_IsNotRetried()
    {
        using var wire = new FaultWire(Script.Refuse(SocketError.HostNotFound));
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal((LlmErrorKind.NameResolution, LlmPhase.Connect, false), (error.Kind, error.Phase, error.IsRetryable));
        Assert.DoesNotContain("v1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(2)]
    public async Task HostName_ResolverFailsTemporarily_IsRetried()
    {
        using var wire = new FaultWire(Script.Refuse(SocketError.TryAgain), Answers.WholeAnswer);
        Assert.Equal("Hi you", (await wire.Client().SendAsync("Hi", wire.Token)).Text);
        Assert.Single(wire.Time.Waits);
        var none = Script.Refuse(SocketError.TryAgain);
        using var silent = new FaultWire(none, none, none);
        var error = await FaultRun.WholeFails(silent, LlmClientOptions.Default);
        Assert.Equal(
            (LlmErrorKind.NameResolution, LlmPhase.Connect, true, 3),
            (error.Kind, error.Phase, error.IsRetryable, error.Attempts.Count)
        );
    }

    [Fact]
    [Case(3)]
    public async Task Connection_Refused_IsRetriedWithoutUsingRetryBudget()
    {
        // If refused connections cost something, ten calls with two refusals each would cost twice the budget.
        var scripts = Enumerable
            .Range(0, 11)
            .SelectMany(_ =>
                new[]
                {
                    Script.Refuse(SocketError.ConnectionRefused),
                    Script.Refuse(SocketError.ConnectionRefused),
                    Answers.WholeAnswer.Fin(),
                }
            );
        using var wire = new FaultWire([.. scripts]);
        var client = wire.Client();
        for (int i = 0; i < 11; i++)
            Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
    }

    [Fact]
    [Case(3)]
    public async Task Connection_RefusedThreeTimes_ThrowsConnectFailedWithAllAttempts()
    {
        var refused = Script.Refuse(SocketError.ConnectionRefused);
        using var wire = new FaultWire(refused, refused, refused);
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal(
            (LlmErrorKind.ConnectFailed, LlmPhase.Connect, true, 3),
            (error.Kind, error.Phase, error.IsRetryable, error.Attempts.Count)
        );
    }

    [Fact]
    [Case(5)]
    public async Task Connection_ClosedBeforeFirstByte_IsRetried()
    {
        using var lost = new FaultWire(Script.OnRequest.Fin());
        var error = await FaultRun.WholeFails(lost);
        Assert.Equal((LlmErrorKind.ConnectionLost, LlmPhase.AwaitHeaders, true), (error.Kind, error.Phase, error.IsRetryable));
        using var wire = new FaultWire(Script.OnRequest.Rst(), Script.OnRequest.Fin(), Answers.WholeAnswer);
        Assert.Equal("Hi you", (await wire.Client().SendAsync("Hi", wire.Token)).Text);
        Assert.Equal(3, wire.Requests.Count);
        Assert.Single(wire.Requests.Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(5)]
    public async Task ListModels_ConnectionClosedBeforeFirstByte_IsAttemptedThreeTimes(bool isReset)
    {
        var script = isReset ? Script.OnRequest.Rst() : Script.OnRequest.Fin();
        using var wire = new FaultWire(script, script, script);
        var error = await Assert.ThrowsAsync<LlmException>(() => wire.Client().ListModelsAsync(wire.Token));
        Assert.Equal((LlmErrorKind.ConnectionLost, LlmPhase.AwaitHeaders, 3), (error.Kind, error.Phase, error.Attempts.Count));
        Assert.Equal(3, wire.Requests.Count);
        Assert.All(
            wire.Requests.Distinct(),
            request => Assert.StartsWith("GET /v1/models HTTP/1.1\r\n", request, StringComparison.Ordinal)
        );
        Assert.DoesNotContain("Content-Type", wire.Requests[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Case(4)]
    public async Task Connect_NoResponse_ThrowsConnectTimeout()
    {
        var options = new LlmClientOptions
        {
            Retries = LlmRetries.None,
            Timeouts = new() { Connect = TimeSpan.FromMilliseconds(30) },
        };
        using var handler = HttpExchange.CreateHandler(new Uri("http://127.0.0.1:9/"), options);
        handler.ConnectCallback = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new LlmClient(FaultWire.Compatible(), "m", options, http);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal((LlmErrorKind.ConnectTimeout, LlmPhase.Connect, true), (error.Kind, error.Phase, error.IsRetryable));
    }

    [Fact]
    public async Task Timeout_OfHttpClient_ErrorNamesSetting()
    {
        using var handler = HttpExchange.CreateHandler(new Uri("http://127.0.0.1:9/"), FaultRun.Once);
        handler.ConnectCallback = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMilliseconds(30) };
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal(LlmErrorKind.HeadersTimeout, error.Kind);
        Assert.Contains("Timeout.InfiniteTimeSpan", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(11)]
    public async Task Host_MovesToOtherAddress_IsUsedAfterConnectionLifetime()
    {
        // Two connections represent two addresses: a name is resolved when a connection is made.
        var before = Script.OnRequest.Answer(200, "application/json", Answers.Whole.Replace("Hi you", "before", StringComparison.Ordinal));
        for (int i = 0; i < 2000; i++)
            before = before.Again().Answer(200, "application/json", Answers.Whole.Replace("Hi you", "before", StringComparison.Ordinal));
        using var wire = new FaultWire(before, Answers.WholeAnswer);
        wire.OnHandler = handler =>
        {
            Assert.Equal(TimeSpan.FromMinutes(5), handler.PooledConnectionLifetime);
            handler.PooledConnectionLifetime = TimeSpan.FromMilliseconds(20);
        };
        var client = wire.Client();
        Assert.Equal("before", (await client.SendAsync("Hi", wire.Token)).Text);
        while ((await client.SendAsync("Hi", wire.Token)).Text == "before") { }
        Assert.Equal(2, wire.Connections.Count);
    }

    [Fact]
    [Case(11)]
    public async Task Connection_WithinLifetime_IsReused()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Answer(200, "application/json", Answers.Whole)
                .Again()
                .Answer(200, "application/json", Answers.Whole)
                .Again()
                .Answer(200, "application/json", Answers.Whole)
        );
        var client = wire.Client();
        for (int i = 0; i < 3; i++)
            Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
        Assert.Single(wire.Connections);
    }

    [Fact]
    public void Handler_UnlimitedConnectTimeout_HasInfiniteTimeout()
    {
        foreach (var limit in (TimeSpan[])[TimeSpan.FromDays(40), TimeSpan.MaxValue, Timeout.InfiniteTimeSpan])
        {
            using var handler = HttpExchange.CreateHandler(
                new Uri("https://api.example.org/v1/"),
                LlmClientOptions.Default with
                {
                    Timeouts = LlmTimeouts.Default with { Connect = limit },
                }
            );
            Assert.Equal(Timeout.InfiniteTimeSpan, handler.ConnectTimeout);
        }
    }

    [Fact]
    [Case(3)]
    public async Task Address_IPv6_IsShownInBrackets()
    {
        using var wire = new FaultWire(Script.Refuse(SocketError.ConnectionRefused));
        var client = wire.Client(FaultRun.Once, Trust.Provider(new Uri("http://[::1]:18999/v1/")));
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", wire.Token));
        Assert.EndsWith(" The address is [::1]:18999.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(11, 12, 34, 109)]
    public void CreateHandler_ForClient_HasExpectedSettings()
    {
        using var handler = HttpExchange.CreateHandler(new Uri("https://api.example.org/v1/"), LlmClientOptions.Default);
        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
        Assert.True(handler.UseProxy);
        Assert.Equal(System.Net.DecompressionMethods.None, handler.AutomaticDecompression);
        Assert.Equal(TimeSpan.FromSeconds(10), handler.ConnectTimeout);
        // Names are resolved again when a connection reaches this age, at the latest.
        Assert.Equal(TimeSpan.FromMinutes(5), handler.PooledConnectionLifetime);
        Assert.Equal(TimeSpan.FromSeconds(60), handler.PooledConnectionIdleTimeout);
        Assert.Equal(TimeSpan.Zero, handler.ResponseDrainTimeout);
        Assert.Equal(0, handler.MaxResponseDrainSize);
        Assert.Equal(64, handler.MaxResponseHeadersLength);
        Assert.True(handler.EnableMultipleHttp2Connections);
        Assert.Equal(
            (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15), HttpKeepAlivePingPolicy.WithActiveRequests),
            (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout, handler.KeepAlivePingPolicy)
        );
        Assert.NotNull(handler.ConnectCallback);
        // The operating system chooses the TLS versions and the trusted certificates.
        Assert.Null(handler.SslOptions.RemoteCertificateValidationCallback);
        Assert.Equal(System.Security.Authentication.SslProtocols.None, handler.SslOptions.EnabledSslProtocols);
        // docs/errors.md shows a handler that checks whether a certificate was revoked.
        Assert.Equal(
            System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
            handler.SslOptions.CertificateRevocationCheckMode
        );
        using var local = HttpExchange.CreateHandler(new Uri("http://localhost:11434/"), LlmClientOptions.Default);
        Assert.False(local.UseProxy);
    }

    [Fact]
    [Case(12)]
    public void CreateHandler_ForHttpClientOfCaller_HasExpectedSettingsAndBypassesLoopback()
    {
        using var handler = LlmClient.CreateHandler(
            LlmClientOptions.Default with
            {
                Timeouts = LlmTimeouts.Default with { Connect = TimeSpan.FromSeconds(3) },
            }
        );
        Assert.Equal((false, false, true), (handler.AllowAutoRedirect, handler.UseCookies, handler.UseProxy));
        Assert.Equal(
            (TimeSpan.Zero, 0, 64),
            (handler.ResponseDrainTimeout, handler.MaxResponseDrainSize, handler.MaxResponseHeadersLength)
        );
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5)), (handler.ConnectTimeout, handler.PooledConnectionLifetime));
        Assert.NotNull(handler.ConnectCallback);
        var proxy = Assert.IsAssignableFrom<System.Net.IWebProxy>(handler.Proxy);
        Assert.True(proxy.IsBypassed(new Uri("http://localhost:11434/")));
        Assert.Null(proxy.GetProxy(new Uri("http://127.0.0.1:8080/")));
        var elsewhere = new Uri("https://api.example.org/");
        Assert.Equal(HttpClient.DefaultProxy.IsBypassed(elsewhere), proxy.IsBypassed(elsewhere));
    }
}
