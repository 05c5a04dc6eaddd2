using System.Net;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Transport;

public sealed class BodyReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task ErrorBody_LongerThanLimit_IsReadOnlyToLimit(int bound)
    {
        using var body = new CountingStream(100_000);
        using var http = new HttpClient(new Erring(body));
        using var client = new LlmClient(
            FaultWire.Compatible(),
            "m",
            FaultRun.Once with
            {
                Limits = new() { ErrorBodyBytes = bound },
            },
            http
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal((500, bound), (error.Status, body.Count));
    }

    private sealed class Erring(Stream body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.InternalServerError) { RequestMessage = request, Content = new StreamContent(body) }
            );
    }

    private sealed class CountingStream(int length) : MemoryStream(new byte[length])
    {
        public int Count { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await base.ReadAsync(buffer, cancellationToken);
            Count += count;
            return count;
        }
    }
}
