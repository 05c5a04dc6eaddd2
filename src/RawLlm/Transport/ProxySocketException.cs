using System.Net;
using System.Net.Sockets;

namespace RawLlm.Transport;

/// <summary>No connection to a proxy: the host that did not answer is not the service's own.</summary>
internal sealed class ProxySocketException(SocketError error, DnsEndPoint proxy) : SocketException((int)error)
{
    /// <summary>Host and port of the proxy, and nothing else of its address.</summary>
    public string Authority { get; } = AuthorityOf(proxy.Host, proxy.Port);

    /// <summary>Host and port as they stand in an address.</summary>
    public static string AuthorityOf(string host, int port) => host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]:{port}" : $"{host}:{port}";
}
