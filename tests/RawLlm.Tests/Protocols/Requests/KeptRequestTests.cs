using System.Text;

namespace RawLlm.Tests.Protocols.Requests;

/// <summary>Kept bytes as a client uses them.</summary>
public sealed class KeptRequestTests
{
    private const string Reply =
        """{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}""";

    [Fact]
    public async Task SendAsync_GrowingConversation_SendsSameBodiesAsWithoutKeptBytes()
    {
        using var kept = new Recording();
        using var plain = new Recording();
        using var client = Client(kept, LlmClientOptions.Default);
        using var other = Client(plain, LlmClientOptions.Default with { KeptRequestBytes = 0 });
        List<Message> messages = [Message.System(new string('s', 3000))];
        for (int turn = 0; turn < 10; turn++)
        {
            messages.Add(Message.User($"turn {turn}"));
            var reply = await client.SendAsync(new ChatRequest { Messages = [.. messages] });
            await other.SendAsync(new ChatRequest { Messages = [.. messages] });
            messages.Add(Message.Assistant(reply.Text));
        }

        Assert.Equal(plain.Bodies, kept.Bodies);
        Assert.True(client.KeptBodies!.Cost > 0);
        Assert.Null(other.KeptBodies);
    }

    [Fact]
    public async Task SendAsync_RetryAfterFailure_SendsSameBytes()
    {
        using var handler = new Recording { Failures = 1 };
        using var client = Client(
            handler,
            LlmClientOptions.Default with
            {
                Retries = LlmRetries.Default with { BaseDelay = TimeSpan.Zero },
            }
        );
        Message[] messages = [Message.User(new string('u', 5000)), Message.Assistant("a"), Message.User("b")];
        await client.SendAsync(new ChatRequest { Messages = messages });

        handler.Failures = 1;
        await client.SendAsync(new ChatRequest { Messages = messages });

        Assert.Equal(4, handler.Bodies.Count);
        Assert.Single(handler.Bodies.Distinct());
    }

    [Fact]
    public async Task Dispose_AfterRequest_ReleasesKeptBytes()
    {
        using var handler = new Recording();
        var client = Client(handler, LlmClientOptions.Default);
        await client.SendAsync(new string('u', 5000));
        Assert.True(client.KeptBodies!.Cost > 0);

        client.Dispose();

        Assert.Equal(0, client.KeptBodies.Cost);
    }

    [Fact]
    public void KeptRequestBytes_Negative_ThrowsArgumentOutOfRangeException() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LlmClientOptions.Default with { KeptRequestBytes = -1 });

    private static LlmClient Client(Recording handler, LlmClientOptions options) =>
        new(Providers.OpenAICompatible("http://127.0.0.1/v1/", "k"), "m", options, new HttpClient(handler, disposeHandler: false));

    private sealed class Recording : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public int Failures { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            bool fails = Failures-- > 0;
            return new HttpResponseMessage(fails ? System.Net.HttpStatusCode.ServiceUnavailable : System.Net.HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StringContent(fails ? "{}" : Reply, Encoding.UTF8, "application/json"),
            };
        }
    }
}
