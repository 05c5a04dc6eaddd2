using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawLlm.Transport;

namespace RawLlm.Cli.Doctor;

/// <summary>Checks the layers below HTTP: whether the host can be reached, and its TLS.</summary>
internal sealed class NetworkProbe : IDisposable
{
    private readonly TcpClient _client = new();

    /// <summary>The proxy through which the client connects to an address; null if it connects directly.</summary>
    public static Uri? ProxyFor(Uri address, IWebProxy proxy) =>
        address.IsLoopback || proxy.IsBypassed(address) || proxy.GetProxy(address) is not { } found || found == address ? null : found;

    /// <summary>Opens a connection to a host.</summary>
    public async Task<Finding> ReachAsync(Uri address, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            await _client.ConnectAsync(address.IdnHost, address.Port, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            return new Finding(Checks.Reach, Verdict.Fails, $"{address.Authority}: {e.SocketErrorCode}; {NextStep(e.SocketErrorCode)}");
        }
        return new Finding(
            Checks.Reach,
            Verdict.Works,
            $"{Peer(_client.Client.RemoteEndPoint) ?? address.Authority} in {Duration.Text(Stopwatch.GetElapsedTime(start))}"
        );
    }

    /// <summary>Performs the TLS handshake on the open connection. The certificate is validated as in every call of the client.</summary>
    public async Task<Finding> SecureAsync(Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme != Uri.UriSchemeHttps)
            return new Finding(Checks.Tls, Verdict.Skipped, "plain http");
        var tls = new SslStream(_client.GetStream(), leaveInnerStreamOpen: true);
        await using (tls.ConfigureAwait(false))
        {
            try
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.IdnHost }, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                return new Finding(Checks.Tls, Verdict.Fails, HttpFailure.OfHandshake(e));
            }
            string until = tls.RemoteCertificate is X509Certificate2 certificate
                ? $", certificate until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}"
                : "";
            return new Finding(Checks.Tls, Verdict.Works, $"{tls.SslProtocol}{until}");
        }
    }

    public void Dispose() => _client.Dispose();

    // The socket is for both versions of IP, so that it shows IPv4 addresses as IPv6.
    private static string? Peer(EndPoint? peer) =>
        peer is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
            ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString()
            : peer?.ToString();

    private static string NextStep(SocketError error) =>
        error switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "check the host name in --base-url, and the network",
            SocketError.ConnectionRefused => "check that the server is running, and the port in --base-url",
            _ => "check --base-url, the network, and whether a firewall is in between",
        };
}
