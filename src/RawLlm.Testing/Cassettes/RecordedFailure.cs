using System.Net.Sockets;

namespace RawLlm.Testing;

/// <summary>How a connection failed, as far as it can be recorded and thrown again.</summary>
/// <param name="Http">.NET's error code; null if there was none.</param>
/// <param name="Socket">The socket's error code; null if there was none.</param>
internal sealed record RecordedFailure(HttpRequestError? Http, SocketError? Socket)
{
    public static RecordedFailure Of(Exception e)
    {
        HttpRequestError? http = e switch
        {
            HttpRequestException request => request.HttpRequestError,
            HttpIOException body => body.HttpRequestError,
            _ => null,
        };
        SocketError? socket = null;
        for (Exception? cause = e; cause is not null && socket is null; cause = cause.InnerException)
            socket = (cause as SocketException)?.SocketErrorCode;
        return new(http, socket);
    }

    /// <summary>Creates the exception for a failure before a response.</summary>
    // .NET wraps the failure of an open connection in one more exception than a failure to connect.
    public HttpRequestException OfRequest() =>
        new(
            Http ?? HttpRequestError.Unknown,
            "The recorded request failed.",
            Socket is null || Http is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                ? Inner()
                : new IOException("The recorded connection broke.", Inner())
        );

    /// <summary>Creates the exception for a failure inside a body.</summary>
    public Exception OfBody() =>
        Http is { } http
            ? new HttpIOException(http, "The recorded body broke off.", Inner())
            : new IOException("The recorded body broke off.", Inner());

    private SocketException? Inner() => Socket is { } socket ? new SocketException((int)socket) : null;
}
