using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RawLlm.Tests.Faults;

/// <summary>The platform's own server, with HTTP/2 only, over TLS on this machine: it behaves like a front end of a model.</summary>
internal sealed class KestrelServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromMinutes(4));
    private readonly IHost _host;

    private KestrelServer(IHost host, X509Certificate2 certificate, ConcurrentDictionary<string, int> connections)
    {
        _host = host;
        Certificate = certificate;
        Connections = connections;
        string address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        BaseUrl = new Uri($"https://localhost:{new Uri(address).Port}/v1/");
    }

    public X509Certificate2 Certificate { get; }

    public Uri BaseUrl { get; }

    /// <summary>The number of requests on each connection.</summary>
    public ConcurrentDictionary<string, int> Connections { get; }

    /// <summary>Ends a test that hangs.</summary>
    public CancellationToken Token => _watchdog.Token;

    public static async Task<KestrelServer> StartAsync(RequestDelegate answer)
    {
        var certificate = FaultServer.SelfSigned();
        var connections = new ConcurrentDictionary<string, int>();
        var host = new HostBuilder()
            .ConfigureWebHost(web =>
                web.UseKestrel(options =>
                        options.Listen(
                            IPAddress.Loopback,
                            0,
                            listen =>
                            {
                                listen.Protocols = HttpProtocols.Http2;
                                // With thousands of calls at once on two cores, a handshake may take long.
                                listen.UseHttps(certificate, https => https.HandshakeTimeout = TimeSpan.FromMinutes(4));
                            }
                        )
                    )
                    .Configure(app =>
                        app.Run(context =>
                        {
                            Assert.Equal("HTTP/2", context.Request.Protocol);
                            connections.AddOrUpdate(context.Connection.Id, 1, (_, count) => count + 1);
                            return answer(context);
                        })
                    )
            )
            .Build();
        await host.StartAsync();
        return new KestrelServer(host, certificate, connections);
    }

    /// <summary>Begins a graceful shutdown, as before a deployment; completes when the last stream has ended.</summary>
    public Task StopAsync() => _host.StopAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await _watchdog.CancelAsync();
        // At once: what is still open is cut off.
        await _host.StopAsync(_watchdog.Token);
        _host.Dispose();
        _watchdog.Dispose();
        Certificate.Dispose();
    }
}
