namespace RawLlm.Testing.Tests.Support;

/// <summary>Records every read of the response bodies, and reads each body to its end.</summary>
internal sealed class ReadTap(HttpMessageHandler inner, List<byte[]> reads) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(inner, disposeHandler: false);
        var response = await http.SendAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = new byte[64 << 10];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            reads.Add(buffer[..count]);
        var whole = new ByteArrayContent([.. reads.SelectMany(read => read)]);
        whole.Headers.ContentType = response.Content.Headers.ContentType;
        return new HttpResponseMessage(response.StatusCode) { Content = whole };
    }
}
