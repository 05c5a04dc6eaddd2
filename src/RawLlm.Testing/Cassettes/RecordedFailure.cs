using System.Net.Sockets;

namespace RawLlm.Testing;

/// <summary>How a connection failed, as far as it can be written down and thrown again.</summary>
/// <param name="Http">The platform's word for it; null where it gave none.</param>
/// <param name="Socket">The system's word for it; null where there was none.</param>
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

    /// <summary>The same failure in place of a response.</summary>
    // The platform wraps what happened to a connection once more than what kept it from coming about.
    public HttpRequestException OfRequest() =>
        new(Http ?? HttpRequestError.Unknown, "The recorded request failed.", Socket is null || Http is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError ? Inner() : new IOException("The recorded connection broke.", Inner()));

    /// <summary>The same failure inside a body.</summary>
    public Exception OfBody() => Http is { } http ? new HttpIOException(http, "The recorded body broke off.", Inner()) : new IOException("The recorded body broke off.", Inner());

    private SocketException? Inner() => Socket is { } socket ? new SocketException((int)socket) : null;
}
