using System.Net.Sockets;

namespace RawLlm.Testing;

/// <summary>What the platform throws where a connection breaks.</summary>
internal static class BrokenConnection
{
    /// <summary>The other side sent a reset while a body was read.</summary>
    public static Exception Reset() => new IOException("Unable to read data from the transport connection: Connection reset by peer.", new SocketException((int)SocketError.ConnectionReset));

    /// <summary>The other side closed the connection in the middle of a body.</summary>
    public static Exception Closed() => new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.");

    /// <summary>Nobody listens.</summary>
    public static HttpRequestException Refused() => new(HttpRequestError.ConnectionError, "Connection refused.", new SocketException((int)SocketError.ConnectionRefused));

    /// <summary>The other side sent a reset in place of a response.</summary>
    public static HttpRequestException ResetBeforeHead() => new(HttpRequestError.Unknown, "An error occurred while sending the request.", Reset());
}
