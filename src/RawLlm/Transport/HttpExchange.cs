using System.Net;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>Carries a <see cref="WireRequest"/> to a service and gives back the head of the response. Follows no redirect, keeps no cookie.</summary>
internal sealed class HttpExchange : IDisposable
{
    /// <summary>The name under which a handler finds the number of the attempt in <see cref="HttpRequestMessage.Options"/>.</summary>
    public static readonly HttpRequestOptionsKey<int> AttemptKey = new("RawLlm.Attempt");

    private const string AcceptEncoding = "Accept-Encoding";

    private readonly HttpMessageInvoker _http;
    private readonly SocketsHttpHandler? _handler;
    private readonly bool _ownsHttp;
    private readonly LlmClientOptions _options;
    private readonly CancellationTokenSource _closed = new();
    private readonly OpenCalls _calls = new();

    public HttpExchange(HttpClient? http, Uri baseUrl, LlmClientOptions options)
    {
        _options = options;
        _ownsHttp = http is null;
        // Taken once: the source's own property throws after its end.
        Closed = _closed.Token;
        _http = http ?? Create(_handler = CreateHandler(baseUrl, options), options);
    }

    /// <summary>Cancelled when the client is disposed, so that no stream outlives it.</summary>
    public CancellationToken Closed { get; }

    /// <summary>The calls that are under way.</summary>
    public OpenCalls Calls => _calls;

    /// <summary>True where the handler is the client's own, so that nobody else sees what is sent.</summary>
    public bool OwnsHttp => _ownsHttp;

    /// <summary>Sends once; what goes wrong is told where the head is awaited.</summary>
    /// <param name="wire">The request.</param>
    /// <param name="callStart">When the whole call began, with all its attempts.</param>
    /// <param name="start">When this attempt begins: now.</param>
    /// <param name="cancellationToken">Cancels the sending and the reading of the answer.</param>
    /// <param name="stop">Cancels the sending alone.</param>
    /// <param name="attempt">Which attempt of the call this is.</param>
    public HttpSending Send(WireRequest wire, long callStart, long start, CancellationToken cancellationToken, CancellationToken stop, int attempt)
    {
        // The client's own handler hands the request over and waits elsewhere, so that the watchdog can begin while it is on its way. One that was handed in
        // or put before it may wait before it gives its task, and a clock of somebody's own may go on, or fail, at any moment.
        bool beginsLate = _ownsHttp && _options.Before is null && ReferenceEquals(_options.Time, TimeProvider.System);
        var watchdog = new Watchdog(_options.Timeouts, _options.Time, wire.IsStream, cancellationToken, callStart, _calls, start, hasBody: wire.ContentType is not null, begins: !beginsLate);
        HttpRequestMessage? request = null;
        CancellationTokenSource? joined = null;
        Task<HttpResponseMessage> response;
        try
        {
            joined = stop.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(watchdog.Token, stop) : null;
            request = CreateRequest(wire, attempt);
            var token = joined?.Token ?? watchdog.Token;
            response = _http is HttpClient client ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token) : _http.SendAsync(request, token);
        }
        catch (Exception e)
        {
            response = Task.FromException<HttpResponseMessage>(e);
        }
        if (beginsLate)
            watchdog.Begin();
        // A handler that was handed in need not heed a token.
        Task head = _ownsHttp ? response : response.WaitAsync(joined?.Token ?? watchdog.Token);
        return new HttpSending(this, wire, request, response, head, watchdog, joined, cancellationToken);
    }

    /// <summary>An answer whose head has come.</summary>
    public HttpAnswer ToAnswer(HttpResponseMessage response, in ContentHead about, Stream body, Watchdog watchdog, bool wasSentAgain, CancellationToken cancellationToken)
    {
        var unpacked = about.Encodings.Count > 0 ? UnpackedBody.Wrap(body, about.Encodings, _options.Limits.DecompressionRatio) : body;
        var known = about.KnownMediaType;
        // What is refused tells by its status what happened.
        if (known == KnownMediaType.None && response.IsSuccessStatusCode && LabelledBody.CharsetOf(response.Content) is { } charset)
            unpacked = new LabelledBody(unpacked, charset);
        var answer = new HttpAnswer(response, unpacked, watchdog, cancellationToken, _options.StreamAbandoned) { KnownMediaType = known, WasSentAgain = wasSentAgain, OwnsContent = _ownsHttp };
        answer.CloseWhenStopped();
        return answer;
    }

    /// <summary>Host and port of the proxy over which the client's own handler asks an address; null where there is none.</summary>
    public string? ProxyOf(Uri url)
    {
        if (_handler is not { UseProxy: true } handler)
            return null;
        var proxy = handler.Proxy ?? HttpClient.DefaultProxy;
        return !proxy.IsBypassed(url) && proxy.GetProxy(url) is { } address && address != url ? ProxySocketException.AuthorityOf(address.IdnHost, address.Port) : null;
    }

    /// <summary>The request as a command for curl.</summary>
    /// <param name="wire">The request, signed.</param>
    /// <param name="credential">What has signed it.</param>
    /// <param name="variable">The environment variable that holds the key; null where none is known.</param>
    /// <exception cref="ArgumentException">No shell can hold the body.</exception>
    public string ToCurl(WireRequest wire, Credential credential, string? variable)
    {
        using var request = CreateRequest(wire, attempt: 1);
        return CurlCommand.Write(request, wire, credential, variable);
    }

    public void Dispose()
    {
        _calls.Close();
        _closed.Cancel();
        if (_ownsHttp)
            _http.Dispose();
    }

    // Not an HttpClient: what that adds, a token linked to its own and a state machine, is for settings that are not used here.
    private static HttpMessageInvoker Create(HttpMessageHandler handler, LlmClientOptions options) => new(options.Before?.Invoke(handler) ?? handler);

    private HttpRequestMessage CreateRequest(WireRequest wire, int attempt)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(wire.Method), wire.Url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            // Without a content the platform sends a request that is lost three times more for each attempt (measured on .NET 10.0.12). A handler that
            // was handed in may not take one here, and has its own ways.
            Content = wire.ContentType is null && !_ownsHttp ? null : new WireContent(wire),
        };
        // For handlers below that would send again as well: they can see that it is done here. The client's own has none.
        if (!_ownsHttp)
            request.Options.Set(AttemptKey, attempt);
        request.Headers.TryAddWithoutValidation("Accept", wire.Accept);
        bool hasEncoding = false;
        foreach (var (name, value) in wire.Headers)
        {
            // The platform takes headers of the body, such as Content-Language, nowhere else. Without a body they say nothing.
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            else if (name.Length == AcceptEncoding.Length && name.Equals(AcceptEncoding, StringComparison.OrdinalIgnoreCase))
                hasEncoding = true;
        }
        if (wire.IsStream && !hasEncoding)
            request.Headers.TryAddWithoutValidation(AcceptEncoding, "identity");
        return request;
    }

    /// <summary>The handler of a client's own.</summary>
    // The platform would send even this machine's own addresses to a proxy.
    internal static SocketsHttpHandler CreateHandler(Uri baseUrl, LlmClientOptions options) => CreateHandler(useProxy: !baseUrl.IsLoopback, options);

    /// <summary>The handler of any client. Every default that it changes was measured to be wrong for streams of a model: see docs/reliability.md.</summary>
    internal static SocketsHttpHandler CreateHandler(bool useProxy, LlmClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = useProxy,
        ConnectCallback = TcpConnection.ConnectAsync,
        // The platform takes no more milliseconds than an int holds.
        ConnectTimeout = options.Timeouts.Connect.TotalMilliseconds > int.MaxValue ? Timeout.InfiniteTimeSpan : options.Timeouts.Connect,
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
