using System.Net;

namespace RawLlm.Comparisons.Loopback;

/// <summary>Makes every request HTTP/2, which clients do not choose by themselves where there is no TLS.</summary>
internal sealed class VersionHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return base.SendAsync(request, cancellationToken);
    }
}
