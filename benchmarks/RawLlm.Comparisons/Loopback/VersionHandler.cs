using System.Net;

namespace RawLlm.Comparisons.Loopback;

/// <summary>Sends every request over HTTP/2, which clients do not choose by themselves without TLS.</summary>
internal sealed class VersionHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return base.SendAsync(request, cancellationToken);
    }
}
