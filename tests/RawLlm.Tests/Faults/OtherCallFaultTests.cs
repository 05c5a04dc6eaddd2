using RawLlm.Protocols;

namespace RawLlm.Tests.Faults;

/// <summary>What applies to answers also applies to embeddings, model lists, model descriptions and token counts.</summary>
public sealed class OtherCallFaultTests
{
    private const string Vectors =
        """{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":2,"total_tokens":2}}""";
    private const string Models = """{"object":"list","data":[{"id":"m1","object":"model"}]}""";
    private const string Model = """{"id":"m1","object":"model"}""";
    private const string Count = """{"input_tokens":7}""";

    public static TheoryData<string> Calls => new("embed", "models", "model", "count");

    [Theory]
    [MemberData(nameof(Calls))]
    [Case(155)]
    public async Task Response_ConnectionLostInBody_IsRetried(string call)
    {
        string body = Body(call);
        foreach (
            var broken in (Script[])
                [
                    Script.OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 500").Send(body[..9]).Fin(),
                    Script.OnRequest.Answer(200, "application/json", "", "Connection: close").Fin(),
                ]
        )
        {
            using var wire = new FaultWire(broken, Script.OnRequest.Answer(200, "application/json", body));
            await Run(call, wire);
            Assert.Equal(2, wire.Requests.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Response_ConnectionLostEachTime_ThrowsErrorWithAllAttempts(string call)
    {
        string body = Body(call);
        using var wire = new FaultWire([
            .. Enumerable
                .Range(3, 3)
                .Select(bytes =>
                    Script
                        .OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 500", "x-request-id: r1")
                        .Send(body[..bytes])
                        .Fin()
                ),
        ]);
        var error = await Assert.ThrowsAsync<LlmException>(() => Run(call, wire));
        Assert.Equal((LlmErrorKind.ConnectionLost, 3, "r1"), (error.Kind, error.Attempts.Count, error.RequestId));
        Assert.Equal((Service(call).Name, "m"), (error.Provider, error.Model));
    }

    [Theory]
    [InlineData("models")]
    [InlineData("model")]
    [InlineData("count")]
    public async Task Response_ErrorWithSuccessStatus_ReportsErrorOfService(string call)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Answer(
                200,
                "application/json",
                """{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}"""
            )
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => Run(call, wire));
        Assert.Equal((LlmErrorKind.Authentication, "invalid_api_key"), (error.Kind, error.ProviderCode));
        Assert.Contains("Incorrect API key provided", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("count")]
    public async Task Response_UnexpectedJson_ThrowsMalformedResponse(string call)
    {
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", """{"object":"thing"}"""));
        Assert.Equal(LlmErrorKind.MalformedResponse, (await Assert.ThrowsAsync<LlmException>(() => Run(call, wire))).Kind);
    }

    [Fact]
    public async Task ListModels_ManyPages_ShareOneByteLimit()
    {
        using var wire = new FaultWire(Page(1), Page(2), Page(3)) { AllowsUnused = true };
        var options = FaultRun.Once with { Limits = LlmLimits.Default with { ReplyBytes = 2500 } };
        var error = await Assert.ThrowsAsync<LlmException>(() => wire.Client(options, Service("models")).ListModelsAsync(wire.Token));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ReplyBytes), (error.Kind, error.Limit));
    }

    [Fact]
    public async Task ListModels_ManyPages_ShareOneDeadline()
    {
        using var wire = new FaultWire(Page(1, 50), Page(2, 50), Page(3, 50)) { AllowsUnused = true };
        var options = FaultRun.Once with { Timeouts = LlmTimeouts.Default with { ReplyDeadline = TimeSpan.FromSeconds(120) } };
        var error = await Assert.ThrowsAsync<LlmException>(() => wire.Client(options, Service("models")).ListModelsAsync(wire.Token));
        Assert.Equal(LlmErrorKind.DeadlineExceeded, error.Kind);
    }

    [Fact]
    public async Task Embed_ManyBatches_ShareOneDeadline()
    {
        var batch = Script.OnRequest.Pass(50).Answer(200, "application/json", Vectors, "Connection: close").Fin();
        using var wire = new FaultWire(batch, batch, batch) { AllowsUnused = true };
        var options = FaultRun.Once with { Timeouts = LlmTimeouts.Default with { ReplyDeadline = TimeSpan.FromSeconds(120) } };
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            wire.Client(options).EmbedAsync(new EmbeddingRequest(["a", "b", "c"]) { BatchSize = 1 }, wire.Token)
        );
        Assert.Equal((LlmErrorKind.DeadlineExceeded, 3), (error.Kind, wire.Requests.Count));
    }

    [Fact]
    public async Task Embed_CostInHeaders_IsSumOfBatches()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Answer(200, "application/json", Vectors, "x-litellm-response-cost: 0.25")
                .Again()
                .Answer(200, "application/json", Vectors, "x-litellm-response-cost: 0.5")
        );
        var vectors = await wire.Client().EmbedAsync(new EmbeddingRequest(["a", "b"]) { BatchSize = 1 }, wire.Token);
        Assert.Equal((0.75m, CostSource.Reported), (vectors.Cost?.Amount, vectors.Cost?.Source));
    }

    [Fact]
    public async Task Stream_CostInHeader_IsReported()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse("x-litellm-response-cost: 0.25").Chunk(Answers.All).LastChunk());
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal((0.25m, 0.25m), (stream.Cost?.Amount, reply.Cost?.Amount));
    }

    private static Script Page(int number, double seconds = 0) =>
        Script
            .OnRequest.Pass(seconds)
            .Answer(
                200,
                "application/json",
                $$"""{"data":[{"id":"m{{number}}","display_name":"{{new string('x', 1000)}}"}],"has_more":true,"last_id":"m{{number}}"}""",
                "Connection: close"
            )
            .Fin();

    private static string Body(string call) =>
        call switch
        {
            "embed" => Vectors,
            "models" => Models,
            "model" => Model,
            _ => Count,
        };

    private static Provider Service(string call) =>
        call is "count" or "models"
            ? Providers.Anthropic with
            {
                BaseUrl = new Uri("http://127.0.0.1:9/v1/"),
                Credential = Credential.Header("x-api-key", "test-key-0123456789"),
            }
            : FaultWire.Compatible();

    private static async Task Run(string call, FaultWire wire)
    {
        var client = wire.Client(provider: Service(call));
        switch (call)
        {
            case "embed":
                Assert.Equal(2, (await client.EmbedAsync(["a"], wire.Token)).Dimensions);
                break;
            case "models":
                Assert.Equal("m1", Assert.Single(await client.ListModelsAsync(wire.Token)).Id);
                break;
            case "model":
                Assert.Equal("m1", (await client.GetModelAsync(cancellationToken: wire.Token)).Id);
                break;
            default:
                Assert.Equal(7, (await client.CountTokensAsync("Hi", wire.Token)).Tokens);
                break;
        }
    }
}
