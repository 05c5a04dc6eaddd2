using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>Anthropic's models on Vertex AI: the URL contains the model and whether to stream, the body contains the version.</summary>
public sealed class VertexContractTests
{
    private const string Model = "claude-sonnet-4-5@20250929";
    private const string Folder = "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/anthropic/models/";
    private const string Answer = """
        {"id":"msg_vrtx_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"thinking","thinking":"Hm.","signature":"EqQB+/=="},{"type":"text","text":"Blue."}],
         "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":2,"output_tokens":5} }
        """;

    private static readonly Provider Vertex = Providers.AnthropicVertexIn("p-1");

    [Fact]
    public async Task Send_NonStreamingAnswer_SendsModelOnlyInUrl()
    {
        using var service = MockService.Json(Answer);
        using var client = service.Client(Vertex, Model);

        var reply = await client.SendAsync(
            new ChatRequest
            {
                System = "Be brief.",
                Messages = [Message.User("Why?")],
                MaxTokens = 9,
            }
        );

        service.AssertRequest(
            $"""
            POST {Folder}claude-sonnet-4-5@20250929:rawPredict
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":"Why?"}]}"""
        );
        Assert.Equal(("Blue.", "msg_vrtx_1"), (reply.Text, reply.Id));
        Assert.Empty(reply.Quirks);
        Assert.NotNull(reply.Cost);
    }

    [Fact]
    public async Task Stream_Answer_UsesStreamingUrl()
    {
        var (body, mediaType) = Answers.Stream(new AnthropicProtocol());
        using var service = MockService.OfBytes(body, mediaType);
        using var client = service.Client(
            Vertex with
            {
                Protocol = (AnthropicProtocol)Vertex.Protocol with { Betas = ["context-1m-2025-08-07"] },
            },
            Model
        );

        await using var stream = await client.StreamAsync(ChatRequest.Ask("Why?") with { MaxTokens = 9 });
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            $"""
            POST {Folder}claude-sonnet-4-5@20250929:streamRawPredict
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            anthropic-beta: context-1m-2025-08-07
            """,
            """{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"Why?"}],"stream":true}"""
        );
        Assert.Equal("Blue.", reply.Text);
    }

    [Fact]
    public async Task CountTokens_Request_SendsModelInBody()
    {
        using var service = MockService.Json("""{"input_tokens":14}""");
        using var client = service.Client(Vertex, Model);

        Assert.Equal(new TokenCount(14, IsEstimate: false), await client.CountTokensAsync("Why?"));

        service.AssertRequest(
            $"""
            POST {Folder}count-tokens:rawPredict
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """{"anthropic_version":"vertex-2023-10-16","model":"claude-sonnet-4-5@20250929","messages":[{"role":"user","content":"Why?"}]}"""
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reasoning_BetweenVertexAndAnthropic_IsSentBack(bool isFromAnthropic)
    {
        using var first = MockService.Json(Answer);
        using var second = MockService.Json(Answer);
        using var asked = first.Client(isFromAnthropic ? Providers.Anthropic : Vertex, Model);
        using var other = second.Client(isFromAnthropic ? Vertex : Providers.Anthropic, Model);
        var said = (await asked.SendAsync("Why?")).Message;

        await other.SendAsync(new ChatRequest { Messages = [Message.User("Why?"), said, Message.User("Go on.")] });

        Assert.Contains("""{"type":"thinking","thinking":"Hm.","signature":"EqQB+/=="}""", second.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListModels_Vertex_ThrowsUnsupported()
    {
        using var service = MockService.Json("{}");
        using var client = service.Client(Vertex, Model);
        Assert.Equal(LlmErrorKind.Unsupported, (await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync())).Kind);
        Assert.Equal(LlmErrorKind.Unsupported, (await Assert.ThrowsAsync<LlmException>(() => client.GetModelAsync())).Kind);
    }

    [Theory]
    [InlineData("..", "..")]
    [InlineData("a/../b", "a%2F..%2Fb")]
    [InlineData("a?b#c", "a%3Fb%23c")]
    public void Model_WithUrlSyntax_IsEscapedOrRejected(string model, string written)
    {
        using var wire = new WireRequest { BaseUrl = Vertex.BaseUrl };
        void Write() => Vertex.Protocol.WriteRequest(ChatRequest.Ask("Why?") with { Model = model }, stream: false, wire);
        if (model == "..")
        {
            Assert.Throws<ArgumentException>(Write);
            return;
        }
        Write();
        Assert.Equal($"{Folder}{written}:rawPredict", wire.Url!.AbsoluteUri);
    }

    [Theory]
    [InlineData("global", "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/")]
    [InlineData("eu", "https://aiplatform.eu.rep.googleapis.com/v1/projects/p-1/locations/eu/")]
    [InlineData("us", "https://aiplatform.us.rep.googleapis.com/v1/projects/p-1/locations/us/")]
    [InlineData("us-east5", "https://us-east5-aiplatform.googleapis.com/v1/projects/p-1/locations/us-east5/")]
    public void Region_OfVertex_DeterminesHost(string region, string expected) =>
        Assert.Equal(expected, Providers.AnthropicVertexIn("p-1", region).BaseUrl.AbsoluteUri);

    [Theory]
    [InlineData("p/1", "global")]
    [InlineData("..", "global")]
    [InlineData("P", "global")]
    [InlineData("", "global")]
    [InlineData("p", "eu.example.org/")]
    [InlineData("p", "")]
    [InlineData("p", "EUROPE-WEST1")]
    [InlineData("p", "a234567890123456789012345678901234567890123456789012345678901234")]
    [Case(107)]
    public void ProjectOrRegion_Invalid_ThrowsArgumentException(string project, string region) =>
        Assert.Throws<ArgumentException>(() => Providers.AnthropicVertexIn(project, region));

    [Theory]
    [InlineData(
        "ANTHROPIC_VERTEX_PROJECT_ID=a;GOOGLE_CLOUD_PROJECT=b;CLOUD_ML_REGION=us-east5;GOOGLE_CLOUD_LOCATION=eu",
        "https://us-east5-aiplatform.googleapis.com/v1/projects/a/locations/us-east5/"
    )]
    [InlineData(
        "GOOGLE_CLOUD_PROJECT=example.org:b;GOOGLE_CLOUD_LOCATION=eu",
        "https://aiplatform.eu.rep.googleapis.com/v1/projects/example.org:b/locations/eu/"
    )]
    [InlineData(
        "ANTHROPIC_VERTEX_PROJECT_ID= ;GOOGLE_CLOUD_PROJECT=b",
        "https://aiplatform.googleapis.com/v1/projects/b/locations/global/"
    )]
    [InlineData("", "https://aiplatform.googleapis.com/v1/projects/your-project/locations/global/")]
    public void Vertex_EnvironmentVariables_DetermineUrl(string environment, string expected) =>
        Assert.Equal(expected, CloudEnvironment.AnywhereInVertex(Read(environment)).BaseUrl.AbsoluteUri);

    [Fact]
    public void Vertex_InvalidRegionInEnvironment_IsReportedWhenClientIsCreated()
    {
        var provider = CloudEnvironment.AnywhereInVertex(Read("GOOGLE_CLOUD_PROJECT=b;CLOUD_ML_REGION=us_east5"));
        Assert.Contains(
            "CLOUD_ML_REGION does not contain a region",
            Assert.Throws<LlmException>(() => new LlmClient(provider, "m")).Message,
            StringComparison.Ordinal
        );
    }

    private static Func<string, string?> Read(string environment)
    {
        var variables = environment
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return name => variables.GetValueOrDefault(name);
    }
}
