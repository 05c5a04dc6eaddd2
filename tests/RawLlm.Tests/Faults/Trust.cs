using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawLlm.Transport;

namespace RawLlm.Tests.Faults;

/// <summary>HTTP clients with the library's own profile that trust a test's certificate, and check it as usual.</summary>
internal static class Trust
{
    public static HttpClient In(X509Certificate2 certificate, Action<SocketsHttpHandler>? change = null)
    {
        var handler = HttpExchange.CreateHandler(new Uri("https://localhost/"), LlmClientOptions.Default);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(certificate);
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        // The profile's real timeouts are tested by their values; a loaded machine must not reach them here.
        handler.ConnectTimeout = Timeout.InfiniteTimeSpan;
        handler.KeepAlivePingDelay = Timeout.InfiniteTimeSpan;
        change?.Invoke(handler);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>A chat completions server with a key.</summary>
    public static Provider Provider(Uri url) =>
        Providers.OpenAICompatible(url) with
        {
            Credential = Credential.Bearer("test-key-0123456789"),
        };
}
