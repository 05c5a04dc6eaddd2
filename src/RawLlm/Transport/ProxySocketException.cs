using System.Net;
using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>A failed connection to a proxy: the host that did not answer is not the service's own.</summary>
internal sealed class ProxySocketException(SocketError error, DnsEndPoint proxy) : SocketException((int)error)
{
    /// <summary>The host and port of the proxy, and nothing else of its URL.</summary>
    public string Authority { get; } = AuthorityOf(proxy.Host, proxy.Port);

    /// <summary>Returns a host and port as they are written in a URL.</summary>
    public static string AuthorityOf(string host, int port) =>
        host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]:{port}" : $"{host}:{port}";
}
