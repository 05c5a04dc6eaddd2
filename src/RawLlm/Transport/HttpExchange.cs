using System.Net;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>Carries a <see cref="WireRequest"/> to a service and gives back the head of the response. Follows no redirect, keeps no cookie.</summary>
internal sealed class HttpExchange : IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;
    private readonly LlmClientOptions _options;

    public HttpExchange(HttpClient? http, Uri baseUrl, LlmClientOptions options)
    {
        _options = options;
        _ownsHttp = http is null;
        _http = http ?? new HttpClient(CreateHandler(baseUrl, options)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends once.</summary>
    /// <exception cref="LlmException">No response came, or not in time.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public async Task<HttpAnswer> SendAsync(WireRequest wire, CancellationToken cancellationToken)
    {
        var request = CreateRequest(wire);
        var watchdog = new Watchdog(_options.Timeouts, _options.Time, wire.IsStream, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watchdog.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(watchdog.Token).ConfigureAwait(false);
            watchdog.HeadersCame();
            return new HttpAnswer(response, body, watchdog, cancellationToken);
        }
        catch (Exception e)
        {
            response?.Dispose();
            watchdog.Dispose();
            throw HttpFailure.Translate(e, LlmPhase.AwaitHeaders, watchdog, cancellationToken);
        }
    }

    public void Dispose()
    {
        if (_ownsHttp)
            _http.Dispose();
    }

    private static HttpRequestMessage CreateRequest(WireRequest wire)
    {
        var request = new HttpRequestMessage(new HttpMethod(wire.Method), wire.Url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = wire.ContentType is null ? null : new WireContent(wire),
        };
        request.Headers.TryAddWithoutValidation("Accept", wire.Accept);
        if (wire.IsStream)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        foreach (var (name, value) in wire.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    // Every default below was measured to be wrong for streams of a model: see docs/reliability.md.
    private static SocketsHttpHandler CreateHandler(Uri baseUrl, LlmClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // The platform would send even this machine's own addresses to a proxy.
        UseProxy = !baseUrl.IsLoopback,
        AutomaticDecompression = DecompressionMethods.None,
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
