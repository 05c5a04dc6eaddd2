using System.Net;
using System.Text;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Routing;

/// <summary>Embeddings from a fallback chain.</summary>
public sealed class FallbackEmbeddingTests
{
    private const string Busy = """{"error":{"message":"busy","code":"overloaded"}}""";

    [Fact]
    public async Task EmbedAsync_FirstServiceFails_SendsSameRequestToNext()
    {
        var first = new Service("a", (HttpStatusCode.ServiceUnavailable, Busy));
        var second = new Service("b", (HttpStatusCode.OK, Vectors([1, 2], [3, 4])));
        var vectors = await Chain(null, first, second).EmbedAsync(["one", "two"]);

        Assert.Equal(
            [
                [1, 2],
                [3, 4],
            ],
            vectors.Vectors
        );
        Assert.Equal("b", vectors.Provider);
        var attempt = Assert.Single(vectors.Attempts);
        Assert.Equal(("a:m", 503), (attempt.Endpoint, attempt.Status));
        foreach (var service in (Service[])[first, second])
            JsonAssert.Equal("""{"model":"m","input":["one","two"]}""", Assert.Single(service.Bodies));
    }

    [Fact]
    public async Task EmbedAsync_SecondBatchFails_AllVectorsAreFromNext()
    {
        var first = new Service("a", (HttpStatusCode.OK, Vectors([1, 2])), (HttpStatusCode.PaymentRequired, Busy));
        var second = new Service("b", (HttpStatusCode.OK, Vectors([5, 6])), (HttpStatusCode.OK, Vectors([7, 8])));
        var vectors = await Chain(null, first, second).EmbedAsync(new EmbeddingRequest(["one", "two"]) { BatchSize = 1 });

        Assert.Equal(
            [
                [5, 6],
                [7, 8],
            ],
            vectors.Vectors
        );
        Assert.Equal((2, 2), (first.Bodies.Count, second.Bodies.Count));
    }

    [Fact]
    public async Task EmbedAsync_EachBatchFailsOnce_CountsAttemptsPerBatch()
    {
        (HttpStatusCode Status, string Body) busy = (HttpStatusCode.ServiceUnavailable, Busy);
        (HttpStatusCode Status, string Body) given = (HttpStatusCode.OK, Vectors([1, 2]));
        var service = new Service("a", busy, given, busy, given, busy, busy, given, busy, busy, busy);
        var client = service.Client(
            "m",
            new LlmClientOptions
            {
                Retries = new() { BaseDelay = TimeSpan.Zero, MaxAttempts = 9 },
            }
        );
        var chain = new FallbackChain([client], new FallbackOptions { MaxAttempts = 3 });
        var vectors = await chain.EmbedAsync(new EmbeddingRequest(["one", "two", "three"]) { BatchSize = 1 });
        Assert.Equal((3, 4, 7), (vectors.Vectors.Count, vectors.Attempts.Count, service.Bodies.Count));

        // A batch that fails three times has used its three attempts.
        var e = await Assert.ThrowsAsync<LlmException>(() => chain.EmbedAsync(["four"]));
        Assert.Equal((LlmErrorKind.Overloaded, 3, 10), (e.Kind, e.Attempts.Count, service.Bodies.Count));
    }

    [Fact]
    public async Task EmbedAsync_BatchFailsAtAllServices_SharesMaxAttempts()
    {
        var first = new Service("a", (HttpStatusCode.OK, Vectors([1, 2])), (HttpStatusCode.ServiceUnavailable, Busy));
        var second = new Service("b", (HttpStatusCode.ServiceUnavailable, Busy));
        var e = await Assert.ThrowsAsync<LlmException>(() =>
            Chain(new FallbackOptions { MaxAttempts = 2 }, first, second, new Service("c"))
                .EmbedAsync(new EmbeddingRequest(["one", "two"]) { BatchSize = 1 })
        );
        Assert.Equal(["a:m", "b:m"], e.Attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task EmbedAsync_AnswerIsRejectedAfterRetry_CountsAllAttempts()
    {
        var first = new Service("a", (HttpStatusCode.InternalServerError, "{}"), (HttpStatusCode.OK, Vectors([1, 2, 3])));
        var client = first.Client("m", new LlmClientOptions { Retries = new() { BaseDelay = TimeSpan.Zero } });
        var second = new Service("b");
        var chain = new FallbackChain([client, second.Client("m")], new FallbackOptions { MaxAttempts = 2 });
        var e = await Assert.ThrowsAsync<LlmException>(() => chain.EmbedAsync(new EmbeddingRequest(["one"]) { Dimensions = 2 }));
        Assert.Equal([LlmErrorKind.ServerError, LlmErrorKind.MalformedResponse], e.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    public async Task EmbedAsync_ServiceSentRetryAfter_IsAskedLastNextTime()
    {
        var first = new Service(
            "a",
            (HttpStatusCode.TooManyRequests, """{"error":{"message":"Please retry after 30 seconds"}}"""),
            (HttpStatusCode.OK, Vectors([9, 9]))
        );
        var second = new Service("b", (HttpStatusCode.OK, Vectors([1, 2])), (HttpStatusCode.OK, Vectors([1, 2])));
        var chain = Chain(null, first, second);
        await chain.EmbedAsync("one");
        Assert.Equal("b", (await chain.EmbedAsync("one")).Provider);
        Assert.Single(first.Bodies);
    }

    [Fact]
    public async Task EmbedAsync_BadRequest_AsksNoOtherService()
    {
        var first = new Service("a", (HttpStatusCode.BadRequest, """{"error":{"message":"no"}}"""));
        var second = new Service("b");
        var e = await Assert.ThrowsAsync<LlmException>(() => Chain(null, first, second).EmbedAsync("one"));
        Assert.Equal((LlmErrorKind.BadRequest, "a"), (e.Kind, e.Provider));
        Assert.Empty(second.Bodies);
    }

    [Fact]
    public async Task EmbedAsync_AllServicesFail_ListsAllAttempts()
    {
        var e = await Assert.ThrowsAsync<LlmException>(() =>
            Chain(
                    new FallbackOptions { MaxAttempts = 2 },
                    new Service("a", (HttpStatusCode.NotFound, "")),
                    new Service("b", (HttpStatusCode.ServiceUnavailable, Busy)),
                    new Service("c")
                )
                .EmbedAsync("one")
        );
        Assert.Equal(LlmErrorKind.NotFound, e.Kind);
        Assert.Equal(["a:m", "b:m"], e.Attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task EmbedAsync_WireWithoutEmbeddings_AsksNext()
    {
        var second = new Service("b", (HttpStatusCode.OK, Vectors([1, 2])));
        using var mute = new LlmClient(Providers.Anthropic with { Credential = Credential.Bearer("test-key") }, "m");
        Assert.Equal("b", (await new FallbackChain([mute, second.Client("m")]).EmbedAsync("one")).Provider);
    }

    [Fact]
    public async Task EmbedAsync_DifferentModelNames_RequiresTreatEmbeddingsAsCompatible()
    {
        var first = new Service("a", (HttpStatusCode.ServiceUnavailable, Busy));
        var second = new Service("b", (HttpStatusCode.OK, Vectors([1, 2])));
        LlmClient[] clients = [first.Client("bge-m3"), second.Client("BAAI/bge-m3")];

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => new FallbackChain(clients).EmbedAsync("one"));
        Assert.Contains("(bge-m3, BAAI/bge-m3)", e.Message, StringComparison.Ordinal);
        Assert.Empty(first.Bodies);

        Assert.Equal(
            "b",
            (await new FallbackChain(clients, new FallbackOptions { TreatEmbeddingsAsCompatible = true }).EmbedAsync("one")).Provider
        );
        Assert.Contains("\"model\":\"bge-m3\"", Assert.Single(first.Bodies), StringComparison.Ordinal);
        Assert.Contains("\"model\":\"BAAI/bge-m3\"", Assert.Single(second.Bodies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmbedAsync_DimensionsDifferFromRequest_AsksNext()
    {
        var first = new Service("a", (HttpStatusCode.OK, Vectors([1, 2, 3])));
        var second = new Service("b", (HttpStatusCode.OK, Vectors([1, 2])));
        var vectors = await Chain(null, first, second).EmbedAsync(new EmbeddingRequest(["one"]) { Dimensions = 2 });

        Assert.Equal((2, "b"), (vectors.Dimensions, vectors.Provider));
        var attempt = Assert.Single(vectors.Attempts);
        Assert.True(attempt.MayBeBilled);
        Assert.Equal("m at a returned embeddings of 3 dimensions, but 2 were requested: they cannot be compared.", attempt.Message);
    }

    [Fact]
    public async Task EmbedAsync_DimensionsDifferFromEarlierCall_IsRejected()
    {
        var first = new Service("a", (HttpStatusCode.OK, Vectors([1, 2])), (HttpStatusCode.ServiceUnavailable, Busy));
        var second = new Service("b", (HttpStatusCode.OK, Vectors([1, 2, 3])));
        var chain = Chain(null, first, second);
        await chain.EmbedAsync("one");
        var e = await Assert.ThrowsAsync<LlmException>(() => chain.EmbedAsync("two"));

        Assert.Equal(["a:m", "b:m"], e.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Contains("those of this chain have 2", e.Attempts[1].Message, StringComparison.Ordinal);
    }

    // Regression: both batches arrived, but the error named no service and was not listed, as if nothing had been sent.
    [Fact]
    public async Task EmbedAsync_BatchesWithDifferentDimensions_IsMalformedResponse()
    {
        var request = new EmbeddingRequest(["one", "two"]) { BatchSize = 1 };
        Service Ragged() => new("a", (HttpStatusCode.OK, Vectors([1, 2])), (HttpStatusCode.OK, Vectors([1, 2, 3])));
        var e = await Assert.ThrowsAsync<LlmException>(() => Ragged().Client("m").EmbedAsync(request));
        Assert.Equal((LlmErrorKind.MalformedResponse, LlmPhase.Done, "a", "m"), (e.Kind, e.Phase, e.Provider, e.Model));

        var second = new Service("b", (HttpStatusCode.OK, Vectors([5, 6])), (HttpStatusCode.OK, Vectors([7, 8])));
        var vectors = await Chain(null, Ragged(), second).EmbedAsync(request);
        Assert.Equal(
            [
                [5, 6],
                [7, 8],
            ],
            vectors.Vectors
        );
        Assert.Equal(
            [("a:m", LlmErrorKind.MalformedResponse, true)],
            vectors.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled))
        );

        var nobody = new Service("b");
        e = await Assert.ThrowsAsync<LlmException>(() =>
            Chain(new FallbackOptions { MaxAttempts = 1 }, Ragged(), nobody).EmbedAsync(request)
        );
        Assert.Equal((LlmErrorKind.MalformedResponse, "a"), (e.Kind, e.Provider));
        Assert.Empty(nobody.Bodies);
    }

    [Fact]
    public async Task EmbedAsync_RequestWithModelOrHeaders_IsRejected()
    {
        var chain = Chain(
            new FallbackOptions { RequestFor = (_, request) => throw new InvalidOperationException("It is for conversations.") },
            new Service("a", (HttpStatusCode.OK, Vectors([1, 2]))),
            new Service("b")
        );
        await Assert.ThrowsAsync<ArgumentException>(() => chain.EmbedAsync(new EmbeddingRequest(["one"]) { Model = "x" }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            chain.EmbedAsync(new EmbeddingRequest(["one"]) { Headers = new Dictionary<string, string> { ["x-a"] = "1" } })
        );
        await Assert.ThrowsAsync<ArgumentException>(() => chain.EmbedAsync([]));
        await Assert.ThrowsAsync<ArgumentNullException>(() => chain.EmbedAsync((EmbeddingRequest)null!));
        Assert.Equal("a", (await chain.EmbedAsync("one")).Provider);
    }

    [Fact]
    public async Task EmbedAsync_ClientRetried_ListsAttempts()
    {
        var service = new Service("a", (HttpStatusCode.ServiceUnavailable, Busy), (HttpStatusCode.OK, Vectors([1, 2])));
        var vectors = await service.Client("m", new LlmClientOptions { Retries = new() { BaseDelay = TimeSpan.Zero } }).EmbedAsync("one");
        Assert.Equal(("a", 503), (vectors.Provider, Assert.Single(vectors.Attempts).Status));
    }

    private static FallbackChain Chain(FallbackOptions? options, params Service[] services) =>
        new([.. services.Select(service => service.Client("m"))], options);

    private static string Vectors(params int[][] vectors)
    {
        var data = vectors.Select((vector, i) => $$"""{"index":{{i}},"embedding":[{{string.Join(',', vector)}}]}""");
        return $$"""{"data":[{{string.Join(',', data)}}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1} }""";
    }

    /// <summary>A service that returns its answers one after the other.</summary>
    private sealed class Service(string name, params (HttpStatusCode Status, string Body)[] answers)
    {
        public List<string> Bodies { get; } = [];

        public LlmClient Client(string model, LlmClientOptions? options = null)
        {
            var http = new MockHttpMessageHandler();
            http.When("*")
                .Respond(async request =>
                {
                    Bodies.Add(await request.Content!.ReadAsStringAsync());
                    var (status, body) = answers[Bodies.Count - 1];
                    return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                });
            return new LlmClient(
                Providers.OpenAICompatible("http://127.0.0.1:9000") with
                {
                    Name = name,
                    Title = name,
                },
                model,
                options ?? new() { Retries = LlmRetries.None },
                http.ToHttpClient()
            );
        }
    }
}
