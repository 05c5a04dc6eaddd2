using RawLlm.Protocols;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Calls;

/// <summary>Calls whose token is canceled before they begin: no handler sees a request, and no wire writes one.</summary>
public sealed class CanceledBeforehandTests
{
    [Theory]
    [InlineData("send")]
    [InlineData("typed")]
    [InlineData("stream")]
    [InlineData("text")]
    [InlineData("embed")]
    [InlineData("models")]
    [InlineData("model")]
    [InlineData("count")]
    [InlineData("chain")]
    [InlineData("hedged chain")]
    [InlineData("chain's stream")]
    [InlineData("chain's embeddings")]
    [InlineData("tools")]
    public async Task Call_TokenAlreadyCanceled_SendsNothing(string call)
    {
        var handler = new Recording();
        using var http = new HttpClient(handler);
        var signed = new Counting();
        using var client = new LlmClient(Providers.Anthropic with { Credential = signed }, "m", http: http);
        using var embedding = new LlmClient(Providers.OpenAI with { Credential = signed }, "m", http: http);
        var token = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(call, client, embedding, token));

        Assert.Equal((0, 0), (handler.Count, signed.Count));
    }

    private static async Task CallAsync(string call, LlmClient client, LlmClient embedding, CancellationToken token)
    {
        switch (call)
        {
            case "send":
                await client.SendAsync("Why?", token);
                break;
            case "typed":
                await client.SendAsync<Readme.Recipe>("Why?", token);
                break;
            case "stream":
                await client.StreamAsync("Why?", token);
                break;
            case "text":
                await foreach (string _ in client.StreamTextAsync("Why?", token)) { }
                break;
            case "embed":
                await embedding.EmbedAsync("Why?", token);
                break;
            case "models":
                await client.ListModelsAsync(token);
                break;
            case "model":
                await client.GetModelAsync("m", token);
                break;
            case "count":
                await client.CountTokensAsync("Why?", token);
                break;
            case "chain":
                await new FallbackChain([client, embedding]).SendAsync("Why?", token);
                break;
            case "hedged chain":
                await new FallbackChain([client, embedding], new() { HedgeAfter = TimeSpan.FromMinutes(1) }).SendAsync("Why?", token);
                break;
            case "chain's stream":
                await new FallbackChain([client, embedding]).StreamAsync("Why?", token);
                break;
            case "chain's embeddings":
                await new FallbackChain([embedding]).EmbedAsync("Why?", token);
                break;
            default:
                await new ToolLoop(client, []).RunAsync("Why?", cancellationToken: token);
                break;
        }
    }

    private sealed class Recording : HttpMessageHandler
    {
        public int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            return Task.FromResult(new HttpResponseMessage());
        }
    }

    private sealed class Counting : Credential
    {
        public int Count { get; private set; }

        public override void Sign(WireRequest request) => Count++;
    }
}
