namespace RawLlm.Cli.Targets;

/// <summary>HTTP to this machine itself, which never goes through a proxy: the platform would send even loopback addresses to one.</summary>
internal static class LoopbackHttp
{
    private static readonly Lazy<HttpClient> s_http = new(() => new HttpClient(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = LlmTimeouts.Default.Connect,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    });

    /// <summary>The client for a service of this machine; null for any other, which the library's own suits.</summary>
    public static HttpClient? For(Provider provider) => provider.BaseUrl.IsLoopback ? s_http.Value : null;
}
