using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Loopback;

/// <summary>The clients that are compared.</summary>
internal static class LoopbackClients
{
    public const string Socket = "bare socket";
    public const string Http = Names.Http;
    public const string Unbuffered = Names.HttpUnbuffered;
    public const string RawLlm = Names.RawLlm;
    public const string Parser = Names.Parser;
    public const string Sdk = Names.Sdk;

    /// <summary>Creates a client.</summary>
    /// <param name="name">The client's name.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="isHttp2">Whether to speak HTTP/2.</param>
    public static LoopbackClient Create(string name, string server, bool isHttp2 = false) =>
        name switch
        {
            Socket when !isHttp2 => new SocketClient(server),
            Http => new HttpLoopbackClient(name, server, isHttp2, HttpReading.Buffered),
            Unbuffered => new HttpLoopbackClient(name, server, isHttp2, HttpReading.Unbuffered),
            Parser => new HttpLoopbackClient(name, server, isHttp2, HttpReading.Parsed),
            RawLlm => new LibraryClient(server, isHttp2),
            Sdk => new SdkClient(server, isHttp2),
            _ => throw new ArgumentException($"There is no client '{name}'.", nameof(name)),
        };

    /// <summary>A handler with the platform's defaults, except for proxy and cookies.</summary>
    public static HttpMessageHandler CreateHandler(bool isHttp2)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = false,
        };
        return isHttp2 ? new VersionHandler(handler) : handler;
    }
}
