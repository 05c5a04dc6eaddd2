using System.Net;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>
/// Sends a <see cref="WireRequest"/> to a service and returns the head of the response. Follows no redirects and keeps no cookies.
/// </summary>
internal sealed class HttpExchange : IDisposable
{
    /// <summary>The key under which a handler finds the number of the attempt in <see cref="HttpRequestMessage.Options"/>.</summary>
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
        // Read once: the source's own property throws after its disposal.
        Closed = _closed.Token;
        _http = http ?? Create(_handler = CreateHandler(baseUrl, options), options);
    }

    /// <summary>Canceled when the client is disposed, so that no stream outlives it.</summary>
    public CancellationToken Closed { get; }

    /// <summary>The calls in progress.</summary>
    public OpenCalls Calls => _calls;

    /// <summary>Whether the handler is the client's own, so that no other code sees what is sent.</summary>
    public bool OwnsHttp => _ownsHttp;

    /// <summary>Sends the request once; errors surface when the head is awaited.</summary>
    /// <param name="wire">The request.</param>
    /// <param name="callStart">When the whole call began, with all its attempts.</param>
    /// <param name="start">When this attempt begins: now.</param>
    /// <param name="cancellationToken">Cancels the sending and the reading of the answer.</param>
    /// <param name="stop">Cancels only the sending.</param>
    /// <param name="attempt">The number of this attempt in the call.</param>
    public HttpSending Send(
        WireRequest wire,
        long callStart,
        long start,
        CancellationToken cancellationToken,
        CancellationToken stop,
        int attempt
    )
    {
        // The client's own handler takes the request and waits elsewhere, so the watchdog can begin while the request is on its way. A
        // handler that was passed in or put in front of it may block before it returns its task, and a custom clock may advance, or fail,
        // at any moment.
        bool beginsLate = _ownsHttp && _options.Before is null && ReferenceEquals(_options.Time, TimeProvider.System);
        var watchdog = new Watchdog(
            _options.Timeouts,
            _options.Time,
            wire.IsStream,
            cancellationToken,
            callStart,
            _calls,
            start,
            hasBody: wire.ContentType is not null,
            begins: !beginsLate
        );
        HttpRequestMessage? request = null;
        CancellationTokenSource? joined = null;
        Task<HttpResponseMessage> response;
        try
        {
            joined = stop.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(watchdog.Token, stop) : null;
            request = CreateRequest(wire, attempt);
            var token = joined?.Token ?? watchdog.Token;
            response = _http is HttpClient client
                ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token)
                : _http.SendAsync(request, token);
        }
        catch (Exception e)
        {
            response = Task.FromException<HttpResponseMessage>(e);
        }
        if (beginsLate)
            watchdog.Begin();
        // A handler that was passed in may ignore tokens. The generic wait would add a class for every type of task to a native program: 10
        // KB.
        Task head = response;
        if (!_ownsHttp)
            head = head.WaitAsync(joined?.Token ?? watchdog.Token);
        return new HttpSending(this, wire, request, response, head, watchdog, joined, cancellationToken);
    }

    /// <summary>Creates the answer whose head has arrived.</summary>
    public HttpAnswer ToAnswer(
        HttpResponseMessage response,
        in ContentHead about,
        Stream body,
        Watchdog watchdog,
        bool wasSentAgain,
        CancellationToken cancellationToken
    )
    {
        var unpacked = about.Encodings.Count > 0 ? DecompressedBody.Wrap(body, about.Encodings, _options.Limits.DecompressionRatio) : body;
        var known = about.KnownMediaType;
        // An error response says by its status what happened.
        if (known == KnownMediaType.None && response.IsSuccessStatusCode && CharsetCheckedBody.CharsetOf(response.Content) is { } charset)
            unpacked = new CharsetCheckedBody(unpacked, charset);
        var answer = new HttpAnswer(response, unpacked, watchdog, cancellationToken, _options.OnStreamAbandoned)
        {
            KnownMediaType = known,
            WasSentAgain = wasSentAgain,
            OwnsContent = _ownsHttp,
        };
        answer.CloseWhenStopped();
        return answer;
    }

    /// <summary>
    /// Returns the host and port of the proxy through which the client's own handler reaches a URL; null if there is none.
    /// </summary>
    public string? ProxyOf(Uri url)
    {
        if (_handler is not { UseProxy: true } handler)
            return null;
        var proxy = handler.Proxy ?? HttpClient.DefaultProxy;
        return !proxy.IsBypassed(url) && proxy.GetProxy(url) is { } address && address != url
            ? ProxySocketException.AuthorityOf(address.IdnHost, address.Port)
            : null;
    }

    /// <summary>Returns the request as a curl command.</summary>
    /// <param name="wire">The signed request.</param>
    /// <param name="credential">The credential that signed it.</param>
    /// <param name="variable">The environment variable that contains the key; null if none is known.</param>
    /// <exception cref="ArgumentException">No shell command can contain the body.</exception>
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

    // Not an HttpClient: what it adds, a linked token and a state machine, is for settings that are not used here.
    private static HttpMessageInvoker Create(HttpMessageHandler handler, LlmClientOptions options) =>
        new(options.Before?.Invoke(handler) ?? handler);

    private HttpRequestMessage CreateRequest(WireRequest wire, int attempt)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(wire.Method), wire.Url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            // Without content, .NET sends a lost request three more times for each attempt (measured on .NET 10.0.12). A handler that was
            // passed in may not accept content here, and has its own behavior.
            Content = wire.ContentType is null && !_ownsHttp ? null : new WireContent(wire),
        };
        // For lower handlers that also retry: they can see that it is done here. The client's own has none.
        if (!_ownsHttp)
            request.Options.Set(AttemptKey, attempt);
        request.Headers.TryAddWithoutValidation("Accept", wire.Accept);
        bool hasEncoding = false;
        foreach (var (name, value) in wire.Headers)
        {
            // .NET accepts headers of the body, such as Content-Language, nowhere else. Without a body they mean nothing.
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            else if (name.Length == AcceptEncoding.Length && name.Equals(AcceptEncoding, StringComparison.OrdinalIgnoreCase))
                hasEncoding = true;
        }
        if (wire.IsStream && !hasEncoding)
            request.Headers.TryAddWithoutValidation(AcceptEncoding, "identity");
        return request;
    }

    /// <summary>Creates a client's own handler.</summary>
    // .NET would send even requests to the local machine through a proxy.
    internal static SocketsHttpHandler CreateHandler(Uri baseUrl, LlmClientOptions options) =>
        CreateHandler(useProxy: !baseUrl.IsLoopback, options);

    /// <summary>
    /// Creates the handler of any client. Every default that it changes was measured to be wrong for streamed answers: see
    /// docs/reliability.md.
    /// </summary>
    internal static SocketsHttpHandler CreateHandler(bool useProxy, LlmClientOptions options) =>
        new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = useProxy,
            ConnectCallback = TcpConnection.ConnectAsync,
            // .NET accepts no more milliseconds than fit in an int.
            ConnectTimeout =
                options.Timeouts.Connect.TotalMilliseconds > int.MaxValue ? Timeout.InfiniteTimeSpan : options.Timeouts.Connect,
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
