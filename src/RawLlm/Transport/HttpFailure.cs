using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>Translates exceptions that .NET throws during sending and reading into this library's exception.</summary>
internal static class HttpFailure
{
    private const string CheckTls = "Check that the server speaks TLS on this port (use http:// if it does not).";
    private const string BrokenHandshake = $"The connection to the service broke during the TLS handshake. {CheckTls}";

    /// <summary>Returns the error for an exception of the transport; null for one that must be thrown unchanged.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="phase">The phase in which it was thrown.</param>
    /// <param name="isHandedIn">Whether the HTTP client was passed in, so that its settings are not the library's.</param>
    public static LlmException? Read(Exception e, LlmPhase phase, bool isHandedIn = false) =>
        e switch
        {
            LlmException => null,
            HttpRequestException http => Read(http, phase, isHandedIn),
            HttpIOException { HttpRequestError: var error } => Make(KindOf(error, LlmErrorKind.ConnectionLost), phase, e),
            AuthenticationException => Make(LlmErrorKind.TlsFailed, phase, e),
            SocketException or IOException => Make(LlmErrorKind.ConnectionLost, phase, e),
            // .NET wraps its own timeouts in a cancellation (measured on .NET 10.0.12): that of the HttpClient as a whole contains another
            // cancellation.
            OperationCanceledException { InnerException: TimeoutException { InnerException: OperationCanceledException } } => Make(
                LlmErrorKind.HeadersTimeout,
                phase,
                e
            ),
            OperationCanceledException { InnerException: TimeoutException { InnerException: ProxySocketException proxy } } => ProxyTimeout(
                proxy.Authority
            ),
            OperationCanceledException { InnerException: TimeoutException } => Make(
                LlmErrorKind.ConnectTimeout,
                LlmPhase.Connect,
                e,
                isHandedIn
            ),
            ArgumentException or InvalidOperationException or OutOfMemoryException => null,
            // A handler or HttpClient that was passed in may fail in its own ways. Its message is not shown; it is in the inner exception.
            _ => new LlmException(LlmErrorKind.ConnectionLost, $"The HTTP client failed with {e.GetType().Name}.", e) { Phase = phase },
        };

    /// <summary>
    /// Returns what to throw: the caller's cancellation as it is, a reached limit as its own error, and anything else as what it means.
    /// </summary>
    public static Exception Translate(
        Exception e,
        LlmPhase phase,
        Watchdog? watchdog,
        CancellationToken cancellationToken,
        bool isHandedIn = false
    )
    {
        // The body is closed during a read that ignores its token, and that read reports it in its own way.
        if (
            cancellationToken.IsCancellationRequested
            && e is (OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException)
        )
        {
            return new OperationCanceledException(cancellationToken);
        }

        if (watchdog?.Expired is not null && e is not LlmException)
            return watchdog.Failure();
        if (watchdog is { IsClosed: true } && e is not LlmException)
            return new ObjectDisposedException(null, "The client was disposed while it waited for an answer.");
        return Read(e, phase, isHandedIn) ?? e;
    }

    /// <summary>
    /// Returns the error for a connection through a proxy that took too long: whether the proxy or the service is silent is not known.
    /// </summary>
    public static LlmException ProxyTimeout(string authority) =>
        new(
            LlmErrorKind.ConnectTimeout,
            $"Connecting to the service through the proxy {authority} took too long. Check that the proxy runs and can reach the service, and check the setting that names it, such as the environment variable HTTPS_PROXY."
        )
        {
            Phase = LlmPhase.Connect,
            IsRetryable = true,
        };

    private static LlmException Read(HttpRequestException e, LlmPhase phase, bool isHandedIn)
    {
        // A handler that was passed in checked the status itself.
        if (e is { HttpRequestError: HttpRequestError.Unknown, StatusCode: { } status } && (int)status >= 300)
            return (int)status < 400 ? ErrorReader.ReadRedirect((int)status, [], asked: null) : ErrorReader.Read((int)status, [], []);
        if (DeadProxy(e) is { } proxy)
            return Unreachable(proxy);
        var kind = KindOf(e.HttpRequestError, Unnamed(e));
        if (kind == LlmErrorKind.TlsFailed && IsBroken(e))
        {
            return new(LlmErrorKind.ConnectFailed, BrokenHandshake) { Phase = LlmPhase.Connect, IsRetryable = true };
        }
        bool isConnect =
            kind
            is LlmErrorKind.NameResolution
                or LlmErrorKind.ConnectFailed
                or LlmErrorKind.ConnectTimeout
                or LlmErrorKind.TlsFailed
                or LlmErrorKind.ProxyFailed;
        return Make(kind, isConnect ? LlmPhase.Connect : phase, e, isHandedIn);
    }

    // .NET reports a connection that was reset or closed during the handshake like an untrusted certificate. Nothing was sent.
    private static bool IsBroken(HttpRequestException e)
    {
        bool isBroken = false;
        for (Exception? cause = e.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
                return false;
            isBroken |= cause is IOException or SocketException;
        }
        return isBroken;
    }

    // Only without a connection is it certain that nothing was sent.
    private static LlmErrorKind Unnamed(HttpRequestException e)
    {
        for (Exception? cause = e.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException { SocketErrorCode: var code })
            {
                return code switch
                {
                    SocketError.ConnectionRefused => LlmErrorKind.ConnectFailed,
                    SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => LlmErrorKind.NameResolution,
                    _ => LlmErrorKind.ConnectionLost,
                };
            }
        }
        return LlmErrorKind.ConnectionLost;
    }

    private static ProxySocketException? DeadProxy(HttpRequestException e)
    {
        Exception? cause = e.InnerException;
        while (cause is not (null or ProxySocketException))
            cause = cause.InnerException;
        return (ProxySocketException?)cause;
    }

    private static LlmException Unreachable(ProxySocketException e) =>
        new(
            LlmErrorKind.ProxyFailed,
            $"Could not connect to the proxy {e.Authority} ({e.SocketErrorCode.ToString()}). Check that it runs, and check the setting that names it, such as the environment variable HTTPS_PROXY."
        )
        {
            Phase = LlmPhase.Connect,
            // As for the service's own host.
            IsRetryable = e.SocketErrorCode != SocketError.HostNotFound,
        };

    private static LlmErrorKind KindOf(HttpRequestError error, LlmErrorKind otherwise) =>
        error switch
        {
            HttpRequestError.NameResolutionError => LlmErrorKind.NameResolution,
            HttpRequestError.ConnectionError => LlmErrorKind.ConnectFailed,
            HttpRequestError.SecureConnectionError => LlmErrorKind.TlsFailed,
            HttpRequestError.ProxyTunnelError => LlmErrorKind.ProxyFailed,
            HttpRequestError.HttpProtocolError or HttpRequestError.ResponseEnded => LlmErrorKind.ConnectionLost,
            HttpRequestError.InvalidResponse or HttpRequestError.VersionNegotiationError or HttpRequestError.ExtendedConnectNotSupported =>
                LlmErrorKind.ProtocolViolation,
            HttpRequestError.ConfigurationLimitExceeded => LlmErrorKind.LimitExceeded,
            _ => otherwise,
        };

    // .NET's own message may contain the host, but neither key nor query (measured); the inner exception is still not attached.
    private static LlmException Make(LlmErrorKind kind, LlmPhase phase, Exception e, bool isHandedIn = false) =>
        new(kind, Text(kind, e, isHandedIn))
        {
            Phase = phase,
            // A name that does not exist will not exist a second later either; a resolver that has no answer yet may have one.
            IsRetryable =
                kind
                    is LlmErrorKind.ConnectFailed
                        or LlmErrorKind.ConnectTimeout
                        or LlmErrorKind.ConnectionLost
                        or LlmErrorKind.HeadersTimeout
                || (kind == LlmErrorKind.NameResolution && e.InnerException is SocketException { SocketErrorCode: SocketError.TryAgain }),
            ProviderCode = Http2Code(e),
            Limit = kind == LlmErrorKind.LimitExceeded ? LlmLimit.ResponseHeaders : null,
        };

    private static string? Http2Code(Exception e) =>
        (e as HttpProtocolException ?? e.InnerException as HttpProtocolException) is { ErrorCode: var code }
            ? string.Create(CultureInfo.InvariantCulture, $"h2:{code}")
            : null;

    private static string Text(LlmErrorKind kind, Exception e, bool isHandedIn)
    {
        string detail = e.InnerException is SocketException { SocketErrorCode: var code } ? $" ({code.ToString()})" : "";
        return kind switch
        {
            LlmErrorKind.NameResolution => $"The service's host name could not be resolved{detail}. Check the base URL and the network.",
            LlmErrorKind.ConnectFailed => $"Could not connect to the service{detail}. Check that it runs and that the base URL is right.",
            LlmErrorKind.HeadersTimeout =>
                "No response arrived within the Timeout of the HttpClient that was passed in. Set that to Timeout.InfiniteTimeSpan, because LlmTimeouts sets the limits.",
            LlmErrorKind.ConnectTimeout when isHandedIn =>
                "Could not connect to the service within the ConnectTimeout of the handler that was passed in. Check that the service runs, the base URL and the network.",
            LlmErrorKind.ConnectTimeout =>
                "Could not connect to the service within LlmTimeouts.Connect. Check that the service runs, the base URL and the network.",
            LlmErrorKind.TlsFailed => TlsText((e as AuthenticationException ?? e.InnerException as AuthenticationException)?.Message),
            LlmErrorKind.ProxyFailed => ProxyText((int?)(e as HttpRequestException)?.StatusCode),
            LlmErrorKind.ProtocolViolation => "The server's response violates the HTTP protocol.",
            LlmErrorKind.LimitExceeded when isHandedIn =>
                "The response's headers are larger than the MaxResponseHeadersLength of the handler that was passed in allows.",
            LlmErrorKind.LimitExceeded => "The response's headers are larger than LlmLimits.ResponseHeaderBytes allows.",
            _ => $"The connection to the service broke{detail}.",
        };
    }

    /// <summary>Returns what the exception of a failed TLS handshake means.</summary>
    public static string OfHandshake(Exception e) => e is AuthenticationException ? TlsText(e.Message) : BrokenHandshake;

    private static string TlsText(string? platform)
    {
        if (platform is not null && CertificateProblem.NamesIn(platform) is { } problems)
            return $"The secure connection was refused: the certificate is not valid ({problems}). If you trust the server, install its issuer's certificate in the operating system.";
        // The response does not begin with a TLS record (measured on .NET 10.0.12). The message contains this word with and without .NET's
        // resources.
        if (platform?.Contains("frame", StringComparison.Ordinal) == true)
            return $"The secure connection failed: the server does not speak TLS. {CheckTls}";
        return "The secure connection was refused: the certificate is not trusted or the handshake failed. If you trust the server, install its issuer's certificate in the operating system.";
    }

    private static string ProxyText(int? status) =>
        status == 407
            ? $"The proxy requires authentication (status 407). {ErrorMessageText.ProxyAdvice}"
            : $"The proxy refused the connection to the service{(status is { } number ? string.Create(CultureInfo.InvariantCulture, $" (status {number})") : "")}. Check that the proxy is allowed to reach the service.";
}
