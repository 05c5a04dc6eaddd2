using System.Net;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Catalog;

public sealed class TokenCountTests
{
    private static readonly ChatRequest Request = Conversations.Ask with
    {
        Tools = [new ToolDefinition("f")],
        Extra = new Dictionary<string, RawJson> { ["logit_bias"] = "{}" },
    };

    [Fact]
    public async Task CountTokensAsync_OpenAI_UsesResponsesWire()
    {
        using var service = new SequencedService("""{"object":"response.input_tokens","input_tokens":42}""");
        using var client = service.Client(Providers.OpenAI);

        Assert.Equal(new TokenCount(42, IsEstimate: false), await client.CountTokensAsync(Request));

        Assert.Equal("POST https://api.openai.com/v1/responses/input_tokens", Assert.Single(service.Lines));
        Assert.DoesNotContain("logit_bias", service.Bodies[0]);
        Assert.DoesNotContain("temperature", service.Bodies[0]);
    }

    [Fact]
    public async Task CountTokensAsync_LlamaCpp_UsesMessagesWire()
    {
        using var service = new SequencedService("""{"input_tokens":17}""");
        using var client = service.Client(Providers.LlamaCpp);

        Assert.Equal(new TokenCount(17, IsEstimate: false), await client.CountTokensAsync("Hello"));

        Assert.Equal("POST http://localhost:8080/v1/messages/count_tokens", Assert.Single(service.Lines));
        JsonAssert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hello"}]}""", service.Bodies[0]);
    }

    [Fact]
    public async Task CountTokensAsync_Vllm_UsesTokenizeEndpoint()
    {
        using var service = new SequencedService("""{"count":9,"max_model_len":40960,"tokens":[1,2,3]}""");
        using var client = service.Client(Providers.Vllm);

        Assert.Equal(new TokenCount(9, IsEstimate: false), await client.CountTokensAsync(Request));

        Assert.Equal("POST http://localhost:8000/tokenize", Assert.Single(service.Lines));
        JsonAssert.Equal(
            """{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}""",
            service.Bodies[0]
        );
    }

    [Theory]
    [InlineData("mistral")]
    [InlineData("xai-responses")]
    [InlineData("ollama")]
    public async Task CountTokensAsync_UnsupportedByService_ReturnsEstimate(string name)
    {
        using var service = new SequencedService();
        using var client = service.Client(Providers.Get(name));

        var count = await client.CountTokensAsync(Request);

        Assert.True(count.IsEstimate);
        Assert.InRange(count.Tokens, 5, 500);
        Assert.Equal($"~{count.Tokens}", count.ToString());
        Assert.Empty(service.Lines);
    }

    [Fact]
    public async Task CountTokensAsync_EndpointIsNotFound_ReturnsEstimate()
    {
        using var service = MockService.Json("""{"error":{"message":"not found"}}""", HttpStatusCode.NotFound);
        using var client = new LlmClient(Providers.AnthropicCompatible("http://127.0.0.1:9000"), "m", null, service.Http);

        Assert.True((await client.CountTokensAsync("Hello")).IsEstimate);
        Assert.StartsWith("POST http://127.0.0.1:9000/v1/messages/count_tokens", service.Head);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, """{"error":{"message":"no such model","code":"model_not_found"}}""")]
    [InlineData(HttpStatusCode.Unauthorized, """{"error":{"message":"who?"}}""")]
    public async Task CountTokensAsync_OtherError_ThrowsLlmException(HttpStatusCode status, string body)
    {
        using var service = MockService.Json(body, status);
        using var client = service.Client(Providers.OpenAI, "m");

        await Assert.ThrowsAsync<LlmException>(() => client.CountTokensAsync("Hello"));
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("Hello, world!", 3, 5)]
    [InlineData("The quick brown fox jumps over the lazy dog.", 9, 11)]
    [InlineData("1234567890", 3, 5)]
    [InlineData("日本語のテキスト", 5, 10)]
    [InlineData("привет мир", 3, 6)]
    public void Estimate_OfText_IsNearTokenizerCount(string text, long least, long most) =>
        Assert.InRange(TokenCount.Estimate(text).Tokens, least, most);

    [Fact]
    public void Estimate_LongerText_IsNeverLower()
    {
        string text = string.Concat(Enumerable.Range(0, 300).Select(i => $"{(char)(32 + (i % 900))}{i}"));
        long last = 0;
        for (int length = 0; length <= text.Length; length++)
        {
            long tokens = TokenCount.Estimate(text[..length]).Tokens;
            Assert.True(tokens >= last, $"{length}");
            last = tokens;
        }
    }

    [Fact]
    public void Characters_OfAnyRequest_AreAtLeastTokenEstimate()
    {
        ChatRequest[] requests =
        [
            Conversations.Ask,
            Conversations.AskWithTools,
            Conversations.Look,
            Conversations.Structured,
            Request,
            ChatRequest.Ask("!?!?日本語ж 1 2 3"),
            new() { Messages = [Message.User("")] },
        ];

        Assert.All(requests, request => Assert.True(TokenEstimate.Characters(request) >= TokenEstimate.Of(request, TokenShape.Usual)));
    }
}
