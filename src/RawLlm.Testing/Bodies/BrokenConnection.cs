using System.Net.Sockets;

namespace RawLlm.Testing;

/// <summary>The exceptions that .NET throws when a connection breaks.</summary>
internal static class BrokenConnection
{
    /// <summary>The peer reset the connection while a body was read.</summary>
    public static Exception Reset() =>
        new IOException(
            "Unable to read data from the transport connection: Connection reset by peer.",
            new SocketException((int)SocketError.ConnectionReset)
        );

    /// <summary>The peer closed the connection in the middle of a body.</summary>
    public static Exception Closed() => new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.");

    /// <summary>The connection was refused.</summary>
    public static HttpRequestException Refused() =>
        new(HttpRequestError.ConnectionError, "Connection refused.", new SocketException((int)SocketError.ConnectionRefused));

    /// <summary>The peer reset the connection instead of sending a response.</summary>
    public static HttpRequestException ResetBeforeHead() =>
        new(HttpRequestError.Unknown, "An error occurred while sending the request.", Reset());
}
