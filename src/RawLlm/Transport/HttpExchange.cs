using System.Net;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>Carries a <see cref="WireRequest"/> to a service and gives back the head of the response. Follows no redirect, keeps no cookie.</summary>
internal sealed class HttpExchange : IDisposable
{
    /// <summary>The name under which a handler finds the number of the attempt in <see cref="HttpRequestMessage.Options"/>.</summary>
    public static readonly HttpRequestOptionsKey<int> AttemptKey = new("RawLlm.Attempt");

    private readonly HttpClient _http;
    private readonly bool _ownsHttp;
    private readonly LlmClientOptions _options;
    private readonly CancellationTokenSource _closed = new();

    public HttpExchange(HttpClient? http, Uri baseUrl, LlmClientOptions options)
    {
        _options = options;
        _ownsHttp = http is null;
        // Taken once: the source's own property throws after its end.
        Closed = _closed.Token;
        _http = http ?? new HttpClient(CreateHandler(baseUrl, options)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Cancelled when the client is disposed, so that no stream outlives it.</summary>
    public CancellationToken Closed { get; }

    /// <summary>Sends once.</summary>
    /// <param name="wire">The request.</param>
    /// <param name="callStart">When the whole call began, with all its attempts.</param>
    /// <param name="cancellationToken">Cancels the sending and the reading of the answer.</param>
    /// <param name="stop">Cancels the sending alone.</param>
    /// <param name="attempt">Which attempt of the call this is.</param>
    /// <exception cref="LlmException">No response came, or not in time.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public async Task<HttpAnswer> SendAsync(WireRequest wire, long callStart, CancellationToken cancellationToken, CancellationToken stop, int attempt)
    {
        var watchdog = new Watchdog(_options.Timeouts, _options.Time, wire.IsStream, cancellationToken, callStart, Closed);
        HttpResponseMessage? response = null;
        try
        {
            using var sending = stop.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(watchdog.Token, stop) : null;
            var token = sending?.Token ?? watchdog.Token;
            var request = CreateRequest(wire, attempt);
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
            if (HeadCheck.Check(response, wire.Url!) is { } failure)
                throw failure;
            var body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            watchdog.HeadersCame();
            return new HttpAnswer(response, Unpacked(response, body), watchdog, cancellationToken, _options.StreamAbandoned) { WasSentAgain = request.Content is WireContent { Writes: > 1 } };
        }
        catch (Exception e)
        {
            response?.Dispose();
            watchdog.Dispose();
            if (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is not LlmException)
                throw new OperationCanceledException(stop);
            throw HttpFailure.Translate(e, LlmPhase.AwaitHeaders, watchdog, cancellationToken);
        }
    }

    public void Dispose()
    {
        _closed.Cancel();
        if (_ownsHttp)
            _http.Dispose();
    }

    private Stream Unpacked(HttpResponseMessage response, Stream body) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var encodings)
            ? UnpackedBody.Wrap(body, encodings, _options.Limits.DecompressionRatio) : body;

    private static HttpRequestMessage CreateRequest(WireRequest wire, int attempt)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(wire.Method), wire.Url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = wire.ContentType is null ? null : new WireContent(wire),
        };
        // For handlers below that would send again as well: they can see that it is done here.
        request.Options.Set(AttemptKey, attempt);
        request.Headers.TryAddWithoutValidation("Accept", wire.Accept);
        if (wire.IsStream)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        foreach (var (name, value) in wire.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>The handler of a client's own. Every default that it changes was measured to be wrong for streams of a model: see docs/reliability.md.</summary>
    internal static SocketsHttpHandler CreateHandler(Uri baseUrl, LlmClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // The platform would send even this machine's own addresses to a proxy.
        UseProxy = !baseUrl.IsLoopback,
        ConnectCallback = TcpConnection.ConnectAsync,
        ConnectTimeout = options.Timeouts.Connect,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        ResponseDrainTimeout = TimeSpan.Zero,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = Math.Max(1, options.Limits.ResponseHeaderBytes >> 10),
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };
}
