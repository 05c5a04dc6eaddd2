using RawLlm.Tests.Support;

namespace RawLlm.Tests.Catalog;

/// <summary>
/// A request for what a model is known not to support is refused before anything is sent; if that is unknown, the request is sent.
/// </summary>
public sealed class CapabilityTests
{
    private static readonly ChatRequest Ask = ChatRequest.Ask("Hello");
    private static readonly FilePart Recording = new(new byte[] { 1 }, "audio/wav");
    private static readonly FilePart Document = new(new byte[] { 1 }, "application/pdf", "a.pdf");

    [Fact]
    public Task Streaming_UnsupportedByModel_IsRejected() => Refused(new() { Streaming = false }, Ask, "SendAsync", stream: true);

    [Fact]
    public Task Tools_UnsupportedByModel_AreRejected() => Refused(new() { Tools = false }, Conversations.AskWithTools, "Tools");

    [Fact]
    public Task ParallelTools_UnsupportedByModel_AreRejected() =>
        Refused(new() { ParallelTools = false }, Conversations.AskWithTools with { ParallelToolCalls = true }, "ParallelToolCalls");

    [Fact]
    public Task Vision_UnsupportedByModel_IsRejected() => Refused(new() { Vision = false }, Conversations.Look, "ImagePart");

    // DeepSeek V4 Pro is the only DeepSeek model without image input, and Gemma the only Cerebras model with it (2026-10).
    [Theory]
    [InlineData("deepseek", "deepseek-flash", true)]
    [InlineData("deepseek", "deepseek-v4-pro", false)]
    [InlineData("cerebras", "gemma-4-31b", null)]
    [InlineData("cerebras", "gpt-oss-120b", false)]
    public void Vision_OfEachModel_MatchesCatalog(string service, string model, bool? sees) =>
        Assert.Equal(sees, Providers.Get(service).CapabilitiesOf(model).Vision);

    [Fact]
    public Task Vision_ImageInToolResult_IsRejected() =>
        Refused(
            new() { Vision = false },
            Ask with
            {
                Messages = [Message.ToolResults(new ToolResultPart("1", [new ImagePart(new byte[] { 1 }, "image/png")]))],
            },
            "ImagePart"
        );

    [Fact]
    public Task Audio_UnsupportedByModel_IsRejected() =>
        Refused(new() { Audio = false }, Ask with { Messages = [Message.User(Recording)] }, "audio");

    [Fact]
    public Task Files_UnsupportedByModel_AreRejected() =>
        Refused(new() { Files = false }, Ask with { Messages = [Message.User(Document)] }, "documents");

    [Fact]
    public Task Thinking_UnsupportedByModel_IsRejected() =>
        Refused(new() { Thinking = false }, Ask with { Thinking = Thinking.High }, "Thinking");

    [Fact]
    public Task StructuredOutput_UnsupportedByModel_IsRejected() =>
        Refused(new() { StructuredOutput = false }, Conversations.Structured, "ReplyFormat.Json");

    [Fact]
    public Task MaxTokens_AboveMaxOutputTokens_IsRejected() =>
        Refused(new() { MaxOutputTokens = 4096 }, Ask with { MaxTokens = 4097 }, "4096");

    [Fact]
    public Task MaxTokens_AboveContextTokens_IsRejected() => Refused(new() { ContextTokens = 4096 }, Ask with { MaxTokens = 4097 }, "4096");

    [Fact]
    public async Task Prompt_FarAboveContextTokens_ThrowsContextLengthExceeded()
    {
        var e = await Refused(
            new() { ContextTokens = 1000 },
            ChatRequest.Ask(string.Concat(Enumerable.Repeat("word and word ", 1000))),
            "about",
            kind: LlmErrorKind.ContextLengthExceeded
        );
        Assert.Equal(1000, e.MaximumTokens);
        Assert.True(e.RequestedTokens > 2000 && e.Message.Contains($"about {e.RequestedTokens}", StringComparison.Ordinal));
    }

    public static TheoryData<string, Capabilities, ChatRequest> Allowed =>
        new()
        {
            { "nothing known", Capabilities.Unknown, Conversations.AskWithTools with { Thinking = Thinking.High, MaxTokens = 1_000_000 } },
            {
                "all unknown but one",
                new() { Streaming = true },
                Conversations.Look
            },
            {
                "one function at a time is not asked",
                new() { ParallelTools = false },
                Conversations.AskWithTools
            },
            {
                "not to think is asked",
                new() { Thinking = false },
                Ask with
                {
                    Thinking = Thinking.Off,
                }
            },
            {
                "a document is no recording",
                new() { Audio = false },
                Ask with
                {
                    Messages = [Message.User(Document)],
                }
            },
            {
                "a recording is no document",
                new() { Files = false },
                Ask with
                {
                    Messages = [Message.User(Recording)],
                }
            },
            {
                "some JSON is no schema",
                new() { StructuredOutput = false },
                Ask with
                {
                    Format = ReplyFormat.Json,
                }
            },
            {
                "as much as it gives",
                new() { MaxOutputTokens = 4096, ContextTokens = 4096 },
                Ask with
                {
                    MaxTokens = 4096,
                }
            },
            {
                "a prompt that may fit",
                new() { ContextTokens = 1600 },
                ChatRequest.Ask(string.Concat(Enumerable.Repeat("word and word ", 1000)))
            },
        };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void Request_PossiblySupported_IsNotRejected(string what, Capabilities known, ChatRequest request) =>
        Assert.True(CapabilityCheck.Instance.Problem(known, request, stream: false) is null, what);

    [Fact]
    public async Task CheckCapabilities_Off_SendsRequest()
    {
        using var service = MockService.Json(
            """{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"No."},"finish_reason":"stop"}]}"""
        );
        using var client = new LlmClient(
            Known(new() { Tools = false, Vision = false }),
            "m",
            new LlmClientOptions { CheckCapabilities = false },
            service.Http
        );

        var reply = await client.SendAsync(Conversations.AskWithTools);

        Assert.Equal("No.", reply.Text);
        Assert.Contains("get_weather", service.Body);
    }

    [Theory]
    [InlineData("gpt-6-astra", true)]
    [InlineData("gpt-6.1-sol-2026-09-29", true)]
    [InlineData("gpt-6-sol", false)]
    public async Task Tools_SupportedOnlyOnResponsesWire_AreRejectedNamingThatWire(string model, bool isRefused)
    {
        var builtIn = ChatRequest.Ask("Hi") with
        {
            Extra = new Dictionary<string, RawJson> { ["tools"] = """[{"type":"function","function":{"name":"f"}}]""" },
        };

        Assert.Null(await Ask(ChatRequest.Ask("Hi")));
        foreach (var request in (ChatRequest[])[Conversations.AskWithTools, builtIn])
        {
            var e = await Ask(request);

            Assert.Equal(isRefused ? LlmErrorKind.Unsupported : null, e?.Kind);
            Assert.Equal(
                isRefused,
                e?.Message.Contains("accepts tools only on the Responses wire; use that wire", StringComparison.Ordinal) == true
            );
        }

        async Task<LlmException?> Ask(ChatRequest request)
        {
            using var service = MockService.Json(
                """{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"No."},"finish_reason":"stop"}]}"""
            );
            using var client = service.Client(Providers.OpenAI, model);
            return await Record.ExceptionAsync(() => client.SendAsync(request)) as LlmException;
        }
    }

    [Fact]
    public void CapabilitiesOf_CustomProvider_AreKnownOnlyByCatalogName()
    {
        var server = Providers.OpenAICompatible("http://localhost:1/v1");
        var own = new Provider("openai", server.BaseUrl, server.Protocol, server.Credential);

        Assert.Equal(Capabilities.Unknown, server.CapabilitiesOf("gpt-4o"));
        Assert.Equal(Capabilities.Unknown, (server with { Name = "openai" }).CapabilitiesOf("gpt-4o"));
        Assert.Equal(16384L, (server with { CatalogName = "openai" }).CapabilitiesOf("gpt-4o").MaxOutputTokens);
        Assert.Equal(16384L, own.CapabilitiesOf("gpt-4o").MaxOutputTokens);
        Assert.Equal(("openai", "openai"), (own.Title, own.CatalogName));
    }

    [Fact]
    public void CapabilitiesOf_ProviderTableAndOwnModels_MostSpecificWins()
    {
        var provider = Providers.OpenAI;

        Assert.Equal(
            (true, 16384L),
            (provider.CapabilitiesOf("gpt-4o").Vision, provider.CapabilitiesOf("gpt-4o-2024-11-20").MaxOutputTokens)
        );
        Assert.Equal((false, true), (provider.CapabilitiesOf("o3-mini").Vision, provider.CapabilitiesOf("o3-mini").Streaming));
        Assert.Equal(new Capabilities { Streaming = true }, provider.CapabilitiesOf("model-of-next-year"));
        var own = provider with { Models = new Dictionary<string, Capabilities> { ["gpt-4o"] = new() { Vision = false } } };
        Assert.Equal((false, true), (own.CapabilitiesOf("gpt-4o").Vision, own.CapabilitiesOf("gpt-4o").Tools));
        Assert.Equal(true, Providers.Bedrock.CapabilitiesOf("eu.anthropic.claude-sonnet-4-20250514-v1:0").Thinking);
    }

    [Fact]
    public async Task WithModels_ModelList_ChecksRequestsAgainstIt()
    {
        var provider = Known(Capabilities.Unknown).WithModels([new ModelInfo("m") { Capabilities = new() { Tools = false } }]);
        using var service = MockService.Json("{}");
        using var client = new LlmClient(provider, "m", null, service.Http);

        Assert.Equal(
            LlmErrorKind.Unsupported,
            (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Conversations.AskWithTools))).Kind
        );
    }

    private static Provider Known(Capabilities capabilities) =>
        Providers.OpenAICompatible("http://127.0.0.1:9000") with
        {
            Models = new Dictionary<string, Capabilities> { ["m"] = capabilities },
        };

    private static async Task<LlmException> Refused(
        Capabilities known,
        ChatRequest request,
        string says,
        bool stream = false,
        LlmErrorKind kind = LlmErrorKind.Unsupported
    )
    {
        using var service = MockService.Json("{}");
        using var client = new LlmClient(Known(known), "m", null, service.Http);

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            if (stream)
                await client.StreamAsync(request);
            else
                await client.SendAsync(request);
        });

        Assert.Equal((kind, LlmPhase.Configure, false), (e.Kind, e.Phase, e.IsRetryable));
        Assert.Contains(says, e.Message);
        Assert.StartsWith("m at OpenAI-compatible server ", e.Message);
        Assert.Equal("", service.Head);
        return e;
    }
}
