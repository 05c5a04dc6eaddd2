using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Contract;

public sealed class EmbeddingContractTests
{
    private static readonly float[] First = [0.1f, -2.5e-3f, 3f];
    private static readonly float[] Second = [1f, 0f, float.MaxValue];

    [Fact]
    public async Task Embed_OpenAI_RequestsAndReadsBase64()
    {
        using var service = MockService.Json(
            $$"""
            {"object":"list","data":[{"object":"embedding","index":1,"embedding":"{{Base64(Second)}}"},{"embedding":"{{Base64(
                First
            )}}","object":"embedding","index":0}],
             "model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8} }
            """
        );
        using var client = service.Client(Providers.OpenAI, "text-embedding-3-small");

        var embeddings = await client.EmbedAsync(new EmbeddingRequest(["one", "two \"2\""]) { Dimensions = 3, User = "u" });

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/embeddings
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """{"model":"text-embedding-3-small","input":["one","two \"2\""],"dimensions":3,"encoding_format":"base64","user":"u"}"""
        );
        AssertVectors(embeddings);
        Assert.Equal(("text-embedding-3-small", 8L, 3), (embeddings.Model, embeddings.Usage!.InputTokens, embeddings.Dimensions));
        Assert.Equal(0.00000016m, embeddings.Cost!.Amount);
    }

    [Fact]
    public async Task Embed_ClientLimits_ApplyToResponse()
    {
        var limits = new LlmLimits { JsonDepth = 3, ErrorTextCharacters = 10 };
        var deep = await Assert.ThrowsAsync<LlmException>(() => EmbedAsync("""{"extra":[[[1]]],"data":[{"embedding":[1],"index":0}]}"""));
        var said = await Assert.ThrowsAsync<LlmException>(() => EmbedAsync("""{"error":{"message":"0123456789abcdef"}}"""));
        var flat = await Assert.ThrowsAsync<LlmException>(() => EmbedAsync("""{"message":"0123456789abcdef"}"""));

        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.JsonDepth), (deep.Kind, deep.Limit));
        Assert.Contains("0123", said.Message);
        Assert.DoesNotContain("abcdef", said.Message);
        Assert.DoesNotContain("abcdef", flat.Message);

        async Task<Embeddings> EmbedAsync(string answer)
        {
            using var http = new MockHttpMessageHandler();
            http.When("*").Respond("application/json", answer);
            using var client = new LlmClient(
                Providers.OpenAICompatible("http://127.0.0.1:9000"),
                "m",
                new LlmClientOptions { Limits = limits, Retries = LlmRetries.None },
                http.ToHttpClient()
            );
            return await client.EmbedAsync(["one"]);
        }
    }

    [Fact]
    public async Task Embed_OtherMediaTypeInStrictMode_ThrowsLlmException()
    {
        var http = new MockHttpMessageHandler();
        http.When("*").Respond("text/plain", """{"data":[{"embedding":[1],"index":0}],"model":"m"}""");
        using var client = new LlmClient(
            Providers.OpenAICompatible("http://127.0.0.1:9000"),
            "m",
            new LlmClientOptions { Strict = true },
            http.ToHttpClient()
        );

        var error = await Assert.ThrowsAsync<LlmException>(() => client.EmbedAsync(["one"]));

        Assert.Equal(LlmErrorKind.UnexpectedContentType, error.Kind);
        Assert.Contains("text/plain", error.Message);
    }

    [Fact]
    public async Task Embed_CompatibleServer_ReadsNumbers()
    {
        using var service = MockService.Json(
            """{"usage":{"total_tokens":4},"data":[{"embedding":[0.1,-2.5e-3,3],"index":0,"object":"embedding"},{"index":1,"embedding":[1,0,3.4028235e38]}],"object":"list","model":"nomic"}"""
        );
        using var client = service.Client(Providers.OpenAICompatible("http://127.0.0.1:9000"), "nomic");

        var embeddings = await client.EmbedAsync(["one", "two"]);

        service.AssertRequest(
            """
            POST http://127.0.0.1:9000/v1/embeddings
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """{"model":"nomic","input":["one","two"]}"""
        );
        AssertVectors(embeddings);
        Assert.Null(embeddings.Cost);
    }

    [Fact]
    public async Task Embed_SingleText_SendsBatchOfOne()
    {
        using var service = MockService.Json("""{"data":[{"embedding":[1,0],"index":0}],"model":"nomic"}""");
        using var client = service.Client(Providers.OpenAICompatible("http://127.0.0.1:9000"), "nomic");

        Assert.Equal(2, (await client.EmbedAsync("one")).Dimensions);
        Assert.Equal("""{"model":"nomic","input":["one"]}""", service.Body);
    }

    [Fact]
    public async Task Embed_Gemini_SendsBatchRequest()
    {
        using var service = MockService.Json(
            """{"embeddings":[{"values":[0.1,-2.5e-3,3]},{"values":[1,0,3.4028235e38]}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}"""
        );
        using var client = new LlmClient(
            Providers.Gemini with
            {
                Credential = Credential.Header("x-goog-api-key", "test-key"),
            },
            "gemini-embedding-001",
            null,
            service.Http
        );

        var embeddings = await client.EmbedAsync(
            new EmbeddingRequest(["one", "two"])
            {
                Dimensions = 3,
                Extra = new Dictionary<string, RawJson> { ["taskType"] = "\"RETRIEVAL_QUERY\"" },
            }
        );

        service.AssertRequest(
            """
            POST https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents
            Accept: application/json
            Content-Type: application/json
            x-goog-api-key: test-key
            """,
            """
            {"requests":[
              {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"one"}]},"outputDimensionality":3,"taskType":"RETRIEVAL_QUERY"},
              {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"two"}]},"outputDimensionality":3,"taskType":"RETRIEVAL_QUERY"}]}
            """
        );
        AssertVectors(embeddings);
        Assert.Equal((4L, 0.0000006m), (embeddings.Usage!.InputTokens, embeddings.Cost!.Amount));
        // The wire names no model.
        Assert.Equal((null, "gemini-embedding-001"), (embeddings.Model, embeddings.RequestedModel));
    }

    [Fact]
    public async Task Embed_Ollama_UsesNativeEndpoint()
    {
        using var service = MockService.Json(
            """{"model":"nomic-embed-text","embeddings":[[0.1,-2.5e-3,3],[1,0,3.4028235e38]],"total_duration":14143917,"load_duration":1019500,"prompt_eval_count":8}"""
        );
        using var client = new LlmClient(Providers.Ollama, "nomic-embed-text", null, service.Http);

        var embeddings = await client.EmbedAsync(
            new EmbeddingRequest(["one", "two"]) { Extra = new Dictionary<string, RawJson> { ["truncate"] = "false" } }
        );

        service.AssertRequest(
            """
            POST http://localhost:11434/api/embed
            Accept: application/json
            Content-Type: application/json
            """,
            """{"model":"nomic-embed-text","input":["one","two"],"truncate":false}"""
        );
        AssertVectors(embeddings);
        Assert.Equal(8L, embeddings.Usage!.InputTokens);
    }

    // docs.cohere.com/docs/compatibility-api lists it as not supported.
    [Fact]
    public async Task Embed_UserNotSupported_IsOmitted()
    {
        using var service = MockService.Json("""{"data":[{"embedding":[1]}]}""");
        using var client = new LlmClient(Providers.Cohere with { Credential = Credential.Bearer("k") }, "embed-v4.0", null, service.Http);

        await client.EmbedAsync(new EmbeddingRequest(["x"]) { User = "u" });

        JsonAssert.Equal("""{"model":"embed-v4.0","input":["x"]}""", service.Body);
    }

    [Theory]
    [InlineData("azure", "https://res.openai.azure.com/openai/v1/embeddings")]
    [InlineData("azure-deployments", "https://res.openai.azure.com/openai/deployments/m/embeddings?api-version=2025-04-01-preview")]
    [InlineData("openai-responses", "https://api.openai.com/v1/embeddings")]
    [InlineData("glm", "https://api.z.ai/api/paas/v4/embeddings")]
    [InlineData("cohere", "https://api.cohere.ai/compatibility/v1/embeddings")]
    [InlineData("deepinfra", "https://api.deepinfra.com/v1/openai/embeddings")]
    public async Task Embed_OtherServices_UseEmbeddingsUrlNextToChatUrl(string name, string url)
    {
        using var service = MockService.Json("""{"data":[{"embedding":[1]}]}""");
        using var client = new LlmClient(
            ServiceRows.All.Single(row => row.Name == name).Provider with
            {
                Credential = Credential.Bearer("k"),
            },
            "m",
            null,
            service.Http
        );

        var embeddings = await client.EmbedAsync(["x"]);

        Assert.Equal([1f], Assert.Single(embeddings.Vectors));
        Assert.StartsWith($"POST {url}\n", service.Head);
    }

    [Theory]
    [InlineData("openai", 4, 2048)]
    [InlineData("together", 4, 256)]
    [InlineData("gemini", 10, 100)]
    [InlineData("ollama", 4, 256)]
    public async Task Embed_ThousandTexts_SendsBatchesAndKeepsOrder(string name, int atLeast, int most)
    {
        using var mock = new MockHttpMessageHandler();
        var sizes = new List<int>();
        mock.When("*")
            .Respond(async request =>
            {
                var texts = Texts(JsonNode.Parse(await request.Content!.ReadAsStringAsync())!);
                sizes.Add(texts.Count);
                return new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = new StringContent(Answer(name, texts), Encoding.UTF8, "application/json"),
                };
            });
        var provider = Providers.Get(name);
        using var client = new LlmClient(provider with { Credential = Credential.Bearer("k") }, "m", null, mock.ToHttpClient());

        // A batch size above the wire's limit is reduced to that limit.
        var embeddings = await client.EmbedAsync(
            new EmbeddingRequest([.. Enumerable.Range(0, 1000).Select(i => $"text {i}")]) { BatchSize = 250 }
        );

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (float)i), embeddings.Vectors.Select(vector => vector[0]));
        Assert.Equal(atLeast, sizes.Count);
        Assert.Equal(1000, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 1, Math.Min(250, most)));
        Assert.Equal(most, provider.Protocol.MaxEmbeddingInputs);
        Assert.Equal(name == "gemini" ? null : 3000L, embeddings.Usage?.InputTokens);
    }

    [Fact]
    public async Task Embed_InBatches_ReportsLastHeadersAndAllQuirks()
    {
        int count = 0;
        using var mock = new MockHttpMessageHandler();
        mock.When("*")
            .Respond(async request =>
            {
                var texts = Texts(JsonNode.Parse(await request.Content!.ReadAsStringAsync())!);
                count++;
                var response = new HttpResponseMessage
                {
                    Content = new StringContent(
                        Answer("openai", [.. texts.Select(_ => "text 1")]),
                        Encoding.UTF8,
                        count == 2 ? "text/plain" : "application/json"
                    ),
                };
                response.Headers.Add("x-request-id", $"req-{count}");
                response.Headers.Add("x-ratelimit-limit-requests", "100");
                response.Headers.Add("x-ratelimit-remaining-requests", $"{100 - count}");
                return response;
            });
        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.Bearer("k") }, "m", null, mock.ToHttpClient());

        var embeddings = await client.EmbedAsync(new EmbeddingRequest(["half \uD83D", "b", "half \uDE00"]) { BatchSize = 1 });

        Assert.Equal(3, count);
        Assert.Equal(("req-3", 97L), (embeddings.RequestId, embeddings.RateLimits?.Requests?.Remaining));
        Assert.Equal([QuirkKind.LoneSurrogate, QuirkKind.UnexpectedContentType], embeddings.Quirks.Select(quirk => quirk.Kind));
    }

    [Fact]
    public async Task Embed_RandomVectors_AreReadFromNumbersAndBase64()
    {
        var random = new Random(5);
        float[][] vectors =
        [
            .. Enumerable
                .Range(0, 20)
                .Select(_ =>
                    Enumerable
                        .Range(0, 64)
                        .Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))
                        .Select(f => float.IsFinite(f) ? f : 0f)
                        .ToArray()
                ),
        ];
        string numbers = string.Join(
            ',',
            vectors.Select(
                (v, i) =>
                    $$"""{"index":{{i}},"embedding":[{{string.Join(',', v.Select(f => f.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}}]}"""
            )
        );
        string base64 = string.Join(
            ',',
            vectors.Select((v, i) => $$"""{"index":{{i}},"embedding":"{{Base64(v).Replace("/", "\\/", StringComparison.Ordinal)}}"}""")
        );

        var both = new List<Embeddings>();
        foreach (string data in (string[])[numbers, base64])
        {
            using var service = MockService.Json($$"""{"data":[{{data}}]}""");
            using var client = service.Client(Providers.OpenAI, "m");
            both.Add(await client.EmbedAsync([.. vectors.Select(_ => "x")]));
        }

        for (int i = 0; i < vectors.Length; i++)
        {
            Assert.Equal(vectors[i], both[0].Vectors[i]);
            Assert.Equal(vectors[i], both[1].Vectors[i]);
        }
    }

    // Forks of llama.cpp, LiteLLM until 2026-04, Xinference (2026-07).
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(0, 7)]
    [InlineData(1, 1)]
    public async Task Embed_InvalidIndexes_KeepListOrderWithQuirk(int first, int second)
    {
        var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond("application/json", $$"""{"data":[{"index":{{first}},"embedding":[1]},{"index":{{second}},"embedding":[2]}]}""");
        var provider = Providers.OpenAICompatible("http://127.0.0.1:9000");
        using var client = new LlmClient(provider, "m", null, http.ToHttpClient());
        using var strict = new LlmClient(provider, "m", new LlmClientOptions { Strict = true }, http.ToHttpClient());

        var embeddings = await client.EmbedAsync(["a", "b"]);
        var e = await Assert.ThrowsAsync<LlmException>(() => strict.EmbedAsync(["a", "b"]));

        Assert.Equal([1f, 2f], embeddings.Vectors.Select(vector => vector[0]));
        Assert.Equal([new Quirk(QuirkKind.UnexpectedType, "data[].index")], embeddings.Quirks);
        Assert.Equal(LlmErrorKind.MalformedResponse, e.Kind);
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1]}]}""", "at index 1 of 2")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}""", "different lengths")]
    [InlineData("""{"data":[{"index":7,"embedding":[1]}]}""", "at index 0 of 2")]
    [InlineData("""{"data":[{"index":1,"embedding":[1]}]}""", "at index 0 of 2")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]}""", "more embeddings")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[1]},{"embedding":[1]}]}""", "more embeddings")]
    [InlineData("""{"data":[{"index":0},{"index":1,"embedding":[1]}]}""", "without an embedding for the text at index 0 of 2")]
    [InlineData("""{"data":[{"embedding":"AAA"},{"embedding":"AAAA"}]}""", "base64")]
    [InlineData("""{"data":[{"embedding":"????????"},{"embedding":"AAAA"}]}""", "base64")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[null]}]}""", "at index 1 of 2 texts contains an unexpected JSON type: Null")]
    [InlineData("""{"data":[{"embedding":[0.5,null],"index":1},{"embedding":[1],"index":0}]}""", "at index 1 of 2")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":null}]}""", "at index 1 of 2 texts contains an unexpected JSON type: Null")]
    [InlineData(
        """{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[null]}]}""",
        "at index 1 of 2 texts contains an unexpected JSON type: Null"
    )]
    [InlineData("""{"data":[{"embedding":[1]},null]}""", "at index 1 of 2 texts contains an unexpected JSON type: Null")]
    [InlineData(
        """{"data":[{"embedding":[[1],[2]]},{"embedding":[1]}]}""",
        "at index 0 of 2 texts contains an unexpected JSON type: StartArray"
    )]
    [InlineData("""{"data":{}}""", "data")]
    [InlineData("""[1]""", "the answer")]
    [InlineData("""{"data":[{"embedding":[1]}""", "line")]
    [InlineData("", "")]
    [InlineData("{}", "at index 0 of 2")]
    public async Task Embed_InvalidResponse_ThrowsMalformedResponse(string body, string says)
    {
        using var service = MockService.Json(body);
        using var client = service.Client(Providers.OpenAI, "m");

        var e = await Assert.ThrowsAsync<LlmException>(() => client.EmbedAsync(["a", "b"]));

        Assert.Equal((LlmErrorKind.MalformedResponse, "openai"), (e.Kind, e.Provider));
        Assert.Contains(says, e.Message);
    }

    [Fact]
    public async Task Embed_ErrorWithSuccessStatus_ThrowsLlmException()
    {
        using var service = MockService.Json("""{"error":{"message":"Rate limited","code":429}}""");
        using var client = service.Client(Providers.OpenRouter, "m");

        Assert.Equal(LlmErrorKind.RateLimited, (await Assert.ThrowsAsync<LlmException>(() => client.EmbedAsync(["a"]))).Kind);
    }

    [Theory]
    [InlineData("""{"vectors":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}""", LlmErrorKind.RateLimited)]
    [InlineData("""{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}""", LlmErrorKind.NotFound)]
    public async Task Embed_ErrorInNonStandardMember_ThrowsLlmException(string body, LlmErrorKind kind)
    {
        using var service = MockService.Json(body);
        using var client = service.Client(Providers.OpenAI, "m");

        Assert.Equal(kind, (await Assert.ThrowsAsync<LlmException>(() => client.EmbedAsync(["a"]))).Kind);
    }

    [Fact]
    public async Task Embed_InvalidOrUnsupportedRequest_ThrowsBeforeSending()
    {
        using var service = MockService.Json("{}");
        using var client = service.Client(Providers.OpenAI, "m");
        using var none = service.Client(Providers.Anthropic, "m");

        await Assert.ThrowsAsync<ArgumentException>(() => client.EmbedAsync([]));
        await Assert.ThrowsAsync<ArgumentException>(() => client.EmbedAsync([null!]));
        await Assert.ThrowsAsync<ArgumentException>(() => client.EmbedAsync(new EmbeddingRequest(["a"]) { BatchSize = 0 }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.EmbedAsync(new EmbeddingRequest(["a"]) { Extra = new Dictionary<string, RawJson> { ["input"] = "1" } })
        );
        var e = await Assert.ThrowsAsync<LlmException>(() => none.EmbedAsync(["a"]));
        Assert.Equal((LlmErrorKind.Unsupported, LlmPhase.Configure, "anthropic"), (e.Kind, e.Phase, e.Provider));
        Assert.Equal("", service.Head);
    }

    private static void AssertVectors(Embeddings embeddings)
    {
        Assert.Equal(2, embeddings.Vectors.Count);
        Assert.Equal(First, embeddings.Vectors[0]);
        Assert.Equal(Second, embeddings.Vectors[1]);
    }

    private static string Base64(float[] vector) => Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan()));

    private static List<string> Texts(JsonNode request) =>
        request["input"] is JsonArray inputs
            ? [.. inputs.Select(text => (string)text!)]
            : [.. request["requests"]!.AsArray().Select(one => (string)one!["content"]!["parts"]![0]!["text"]!)];

    // The number at the end of each text is its embedding. OpenAI's wire may return embeddings in any order.
    private static string Answer(string name, List<string> texts)
    {
        var numbers = texts.Select(text => text.Split(' ')[1]).ToList();
        return name switch
        {
            "gemini" => $$"""{"embeddings":[{{string.Join(',', numbers.Select(n => $$"""{"values":[{{n}}]}"""))}}]}""",
            "ollama" =>
                $$"""{"embeddings":[{{string.Join(',', numbers.Select(n => $"[{n}]"))}}],"prompt_eval_count":{{texts.Count * 3}}}""",
            _ =>
                $$"""{"data":[{{string.Join(',', numbers.Select((n, i) => $$"""{"index":{{i}},"embedding":[{{n}}]}""").Reverse())}}],"usage":{"prompt_tokens":{{texts.Count * 3}},"total_tokens":{{texts.Count * 3}} } }""",
        };
    }
}
