using System.Net;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>Metadata, ownership of clients, fallback chains and embeddings of the adapters.</summary>
public sealed class AdapterTests
{
    private const string Answer =
        """{"id":"c","model":"m2","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}""";

    [Fact]
    public void GetService_OnChatClient_ReturnsMetadataAndLlmClient()
    {
        using var service = new TestService();
        using var client = service.Client(Providers.OpenAI with { BaseUrl = new Uri("https://proxy.example:8443/v1/") }, "gpt-x");
        using var chat = client.AsChatClient();

        var metadata = chat.GetService<ChatClientMetadata>()!;

        Assert.Equal(
            ("openai", "https://proxy.example:8443/v1/", "gpt-x"),
            (metadata.ProviderName, metadata.ProviderUri!.AbsoluteUri, metadata.DefaultModelId)
        );
        Assert.Same(client, chat.GetService<LlmClient>());
        Assert.Same(chat, chat.GetService<IChatClient>());
        Assert.Null(chat.GetService<FallbackChain>());
        Assert.Null(chat.GetService<LlmClient>("a key"));
    }

    [Fact]
    public async Task Dispose_WithAndWithoutDisposeClients_DisposesClientOnlyIfSet()
    {
        using var service = new TestService().Json(Answer);
        using var client = service.Client(Providers.OpenAI);

        client.AsChatClient().Dispose();
        client.AsEmbeddingGenerator().Dispose();
        Assert.Equal("Yes.", (await client.SendAsync("Hi")).Text);
        client.AsChatClient(new LlmAdapterOptions { DisposeClients = true }).Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.SendAsync("Hi"));
    }

    [Fact]
    public async Task Chain_FirstClientFails_AnswersFromNextAndReportsProvider()
    {
        using var first = new TestService()
            .Json("""{"type":"error","error":{"type":"overloaded_error","message":"busy"}}""", (System.Net.HttpStatusCode)529)
            .Json("""{"type":"error","error":{"type":"overloaded_error","message":"busy"}}""", (System.Net.HttpStatusCode)529);
        using var second = new TestService()
            .Json(Answer)
            .Sse(
                """
                {"id":"c","model":"m2","choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}
                [DONE]
                """
            );
        using var one = first.Client(Providers.Anthropic, "m1");
        using var two = second.Client(Providers.OpenAI, "m2");
        var chain = new FallbackChain([one, two]);
        using var chat = chain.AsChatClient();

        var whole = await chat.GetResponseAsync("Hi");
        var streamed = await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync();

        Assert.Equal("Yes.", whole.Text);
        Assert.Equal("openai", whole.AdditionalProperties![LlmAdapterKeys.Provider]);
        Assert.Equal("Yes.", streamed.Text);
        Assert.Equal("openai", streamed.Messages[0].AdditionalProperties![LlmAdapterKeys.Provider]);
        Assert.Same(chain, chat.GetService<FallbackChain>());
        Assert.Null(chat.GetService<LlmClient>());
        Assert.Equal("anthropic", chat.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Contains(
            "RequestFor",
            (await Assert.ThrowsAsync<ArgumentException>(() => chat.GetResponseAsync("Hi", new ChatOptions { ModelId = "m3" }))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_OneOfTwoTokensCancelled_ThrowsWithThatToken(bool isTheCalls)
    {
        using var service = new TestService().Sse(
            """
            {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Ye"}}]}
            {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"s."},"finish_reason":"stop"}]}
            """
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();
        using var call = new CancellationTokenSource();
        using var loop = new CancellationTokenSource();
        var cancelled = isTheCalls ? call : loop;

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in chat.GetStreamingResponseAsync("Hi", cancellationToken: call.Token).WithCancellation(loop.Token))
                await cancelled.CancelAsync();
        });

        Assert.Equal(cancelled.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Chain_StreamFailsAndRestarts_YieldsSeparateMessage()
    {
        using var first = new TestService().Sse(
            """
            {"id":"c","model":"m1","choices":[{"index":0,"delta":{"content":"Ye"}}]}
            """
        );
        using var second = new TestService().Sse(
            """
            {"id":"c","model":"m2","choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}
            [DONE]
            """
        );
        using var one = first.Client(Providers.OpenAI, "m1");
        using var two = second.Client(Providers.OpenAI, "m2");
        using var chat = new FallbackChain([one, two], new FallbackOptions { StreamFailover = StreamFailover.Default }).AsChatClient();

        var updates = await chat.GetStreamingResponseAsync("Hi").ToListAsync();

        var seam = Assert.Single(updates, update => update.RawRepresentation is StreamUpdate { Kind: StreamEventKind.Switched });
        Assert.Equal((false, 0), (((StreamUpdate)seam.RawRepresentation!).Switch!.IsContinued, seam.Contents.Count));
        Assert.Equal(["Ye", "Yes."], updates.ToChatResponse().Messages.Select(message => message.Text));
        Assert.Equal(seam.MessageId, updates[^1].MessageId);
    }

    [Fact]
    public async Task Chain_StreamFailsAndContinues_YieldsOneMessage()
    {
        using var first = new TestService().Sse(
            """
            {"id":"c","model":"m1","choices":[{"index":0,"delta":{"content":"Ye"}}]}
            """
        );
        using var second = new TestService().Sse(
            """
            {"id":"c","model":"m2","choices":[{"index":0,"delta":{"content":"s."},"finish_reason":"stop"}]}
            [DONE]
            """
        );
        using var one = first.Client(Providers.OpenAI, "m1");
        using var two = second.Client(Providers.Vllm, "m2");
        using var chat = new FallbackChain([one, two], new FallbackOptions { StreamFailover = StreamFailover.Default }).AsChatClient();

        var response = await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync();

        Assert.Equal("Yes.", Assert.Single(response.Messages).Text);
    }

    [Fact]
    public async Task Chain_WithDifferentWires_RejectsTopK()
    {
        using var service = new TestService();
        using var one = service.Client(Providers.Anthropic);
        using var two = service.Client(Providers.Gemini);
        using var chat = new FallbackChain([one, two]).AsChatClient();

        Assert.Contains(
            "RequestFor",
            (await Assert.ThrowsAsync<ArgumentException>(() => chat.GetResponseAsync("Hi", new ChatOptions { TopK = 4 }))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("openai-responses", "openai")]
    [InlineData("azure", "azure.ai.openai")]
    [InlineData("bedrock", "aws.bedrock")]
    [InlineData("gemini", "gcp.gemini")]
    [InlineData("xai", "x_ai")]
    [InlineData("openrouter", "openrouter")]
    public void Metadata_ProviderName_FollowsTelemetryConventions(string provider, string expected)
    {
        using var service = new TestService();
        using var client = service.Client(
            Providers.All().Single(each => each.Name == provider) with
            {
                BaseUrl = new Uri("https://own.example/v1/"),
            }
        );
        using var chat = client.AsChatClient();
        using var generator = client.AsEmbeddingGenerator();

        Assert.Equal(expected, chat.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Equal(expected, generator.GetService<EmbeddingGeneratorMetadata>()!.ProviderName);
    }

    [Fact]
    public async Task Answer_ProviderHasDifferentTelemetryName_KeepsProviderName()
    {
        using var service = new TestService().Json(
            """{"candidates":[{"content":{"parts":[{"text":"Yes."}],"role":"model"},"finishReason":"STOP","index":0}]}"""
        );
        using var client = service.Client(Providers.Gemini);
        using var chat = client.AsChatClient();

        Assert.Equal("gemini", (await chat.GetResponseAsync("Hi")).AdditionalProperties![LlmAdapterKeys.Provider]);
    }

    // Gemini's wire names no model in an answer with embeddings.
    [Fact]
    public async Task Embeddings_ServiceNamesNoModel_HaveRequestedModel()
    {
        using var service = new TestService().Json("""{"embeddings":[{"values":[1,2]}]}""");
        using var client = service.Client(Providers.Gemini, "embed-x");
        using var generator = client.AsEmbeddingGenerator();

        Assert.Equal("embed-x", (await generator.GenerateAsync(["a"]))[0].ModelId);
    }

    [Fact]
    public async Task Embeddings_SeveralTexts_AreReturnedInOrderWithUsageAndModel()
    {
        using var service = new TestService()
            .Json(
                """{"object":"list","model":"embed-x","data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":6,"total_tokens":6}}"""
            )
            .With("x-ratelimit-limit-requests", "60")
            .With("x-ratelimit-remaining-requests", "59");
        using var client = service.Client(Providers.OpenAI, "embed");
        using var generator = client.AsEmbeddingGenerator();

        var embeddings = await generator.GenerateAsync(
            ["a", "b"],
            new EmbeddingGenerationOptions
            {
                Dimensions = 2,
                ModelId = "embed-y",
                AdditionalProperties = new() { ["input_type"] = "query" },
            }
        );

        Assert.Equal([1f, 2f], embeddings[0].Vector.ToArray());
        Assert.Equal([3f, 4f], embeddings[1].Vector.ToArray());
        Assert.Equal(("embed-x", 6, 6), (embeddings[0].ModelId, embeddings.Usage!.InputTokenCount, embeddings.Usage.TotalTokenCount));
        RawLlm.Tests.Support.JsonAssert.Equal(
            """{"model":"embed-y","input":["a","b"],"dimensions":2,"encoding_format":"base64","input_type":"query"}""",
            service.Bodies[0]
        );
        Assert.Equal(
            ("openai", "embed"),
            (
                generator.GetService<EmbeddingGeneratorMetadata>()!.ProviderName,
                generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId
            )
        );
        Assert.Same(client, generator.GetService<LlmClient>());
        Assert.Equal("""{"requests":{"limit":60,"remaining":59}}""", embeddings.AdditionalProperties![LlmAdapterKeys.RateLimits]);
    }

    [Fact]
    public async Task Embeddings_OnChain_ComeFromAnsweringService()
    {
        using var refusing = new TestService().Json("""{"error":{"message":"busy"}}""", HttpStatusCode.ServiceUnavailable);
        using var service = new TestService().Json(
            """{"model":"embed","data":[{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":6,"total_tokens":6}}"""
        );
        using var first = refusing.Client(Providers.OpenAI with { Name = "first" }, "embed");
        using var second = service.Client(Providers.OpenAI with { Name = "second" }, "embed");
        var chain = new FallbackChain([first, second]);
        using var generator = chain.AsEmbeddingGenerator();

        var embeddings = await generator.GenerateAsync(["a"]);

        Assert.Equal([1f, 2f], Assert.Single(embeddings).Vector.ToArray());
        Assert.Equal(("second", 6), (embeddings.AdditionalProperties![LlmAdapterKeys.Provider], embeddings.Usage!.InputTokenCount));
        Assert.Equal("embed", generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
        Assert.Same(chain, generator.GetService<FallbackChain>());
        Assert.Null(generator.GetService<LlmClient>());
        await Assert.ThrowsAsync<ArgumentException>(() =>
            generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "other" })
        );
    }

    [Fact]
    public async Task Response_WithKeepRaw_ContainsBody()
    {
        const string Body =
            """{"id":"c","service_tier":"flex","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}""";
        using var service = new TestService().Json(Body);
        using var client = service.Client(Providers.OpenAI, "m", new LlmClientOptions { KeepRaw = true });

        var response = await client.AsChatClient().GetResponseAsync("Hi");

        Assert.Equal(Body, Assert.IsType<ChatReply>(response.RawRepresentation).Json.ToString());
    }

    [Fact]
    public async Task Embeddings_WithoutInput_SendNoRequest()
    {
        using var service = new TestService();
        using var client = service.Client(Providers.OpenAI, "embed");

        Assert.Empty(await client.AsEmbeddingGenerator().GenerateAsync([]));
        Assert.Empty(service.Bodies);
    }
}
