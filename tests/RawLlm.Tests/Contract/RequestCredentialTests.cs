using System.Net;
using System.Text.Json;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Contract;

/// <summary>Requests with their own API key, such as those of a gateway's tenants who pay themselves.</summary>
public sealed class RequestCredentialTests
{
    private const string House = "house-key-0123456789";
    private const string Tenant = "tenant-key-9876543210";
    private const string ChatUrl = "https://api.openai.com/v1/chat/completions";

    private static readonly Provider OpenAI = Providers.OpenAI with { Credential = Credential.Bearer(House) };
    private static readonly ChatRequest OfTenant = ChatRequest.Ask("Why?") with { Credential = Credential.Bearer(Tenant) };

    [Fact]
    public async Task Send_RequestWithCredential_UsesItInsteadOfClientCredential()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        http.Expect(ChatUrl).WithHeaders("Authorization", $"Bearer {House}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        using var client = new LlmClient(OpenAI, "m", http: http.ToHttpClient());

        await client.SendAsync(OfTenant);
        await client.SendAsync("Why?");

        http.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task Send_SameConversationWithOtherKey_SendsSameBytesWithOtherKey()
    {
        using var http = new MockHttpMessageHandler();
        using var client = new LlmClient(OpenAI with { Credential = Credential.None }, "m", http: http.ToHttpClient());
        var request = new ChatRequest { Messages = [Message.User(new string('a', 4000))] };
        foreach (string key in new[] { "first-tenant-key", "second-tenant-key" })
        {
            http.Expect(ChatUrl)
                .WithHeaders("Authorization", $"Bearer {key}")
                .WithContent($$$"""{"model":"m","messages":[{"role":"user","content":"{{{new string('a', 4000)}}}"}]}""")
                .Respond("application/json", Answers.Whole(OpenAI.Protocol));

            await client.SendAsync(request with { Credential = Credential.Bearer(key) });
        }

        http.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task Send_Retry_KeepsCredentialOfRequest()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond(HttpStatusCode.ServiceUnavailable);
        http.Expect(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        using var client = new LlmClient(OpenAI, "m", new() { Retries = new() { BaseDelay = TimeSpan.Zero } }, http.ToHttpClient());

        await client.SendAsync(OfTenant);

        http.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task CountTokensAndEmbed_RequestWithCredential_UseIt()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect("https://api.anthropic.com/v1/messages/count_tokens")
            .WithHeaders("x-api-key", Tenant)
            .Respond("application/json", """{"input_tokens":7}""");
        http.Expect("https://api.openai.com/v1/embeddings")
            .WithHeaders("Authorization", $"Bearer {Tenant}")
            .Respond("application/json", """{"data":[{"index":0,"embedding":[1,2]}],"model":"e"}""");
        using var anthropic = new LlmClient(
            Providers.Anthropic with
            {
                Credential = Credential.Header("x-api-key", House),
            },
            "claude",
            http: http.ToHttpClient()
        );
        using var openAI = new LlmClient(OpenAI, "e", http: http.ToHttpClient());

        Assert.Equal(7, (await anthropic.CountTokensAsync(OfTenant with { Credential = Credential.Header("x-api-key", Tenant) })).Tokens);
        await openAI.EmbedAsync(new EmbeddingRequest(["a"]) { Credential = Credential.Bearer(Tenant) });

        http.VerifyNoOutstandingExpectation();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Error_BodyContainsKeyOfRequest_DoesNotShowKey(bool isStream)
    {
        using var http = new MockHttpMessageHandler();
        http.When(ChatUrl)
            .Respond(
                HttpStatusCode.Unauthorized,
                "application/json",
                $$$"""{"error":{"message":"Incorrect API key: {{{Tenant}}}","code":"{{{Tenant}}}"}}"""
            );
        using var client = new LlmClient(OpenAI, "m", new() { KeepRaw = true }, http.ToHttpClient());

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            if (isStream)
                await client.StreamAsync(OfTenant);
            else
                await client.SendAsync(OfTenant);
        });

        Assert.DoesNotContain("tenant-key", e + e.Message + e.ProviderCode + e.Body, StringComparison.Ordinal);
        Assert.Contains("Incorrect API key", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_RequestWithOwnCredential_SetsUsedRequestCredential()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(HttpStatusCode.Unauthorized, "application/json", """{"error":{"message":"Incorrect API key"}}""");
        using var client = new LlmClient(OpenAI, "m", new() { Retries = LlmRetries.None }, http.ToHttpClient());
        using var keyless = new LlmClient(OpenAI with { Credential = Credential.None }, "m", http: http.ToHttpClient());
        var header = ChatRequest.Ask("Why?") with { Headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {Tenant}" } };

        Assert.Equal((true, 401), await RefusalAsync(() => client.SendAsync(OfTenant)));
        Assert.Equal((true, 401), await RefusalAsync(() => client.StreamAsync(OfTenant)));
        Assert.Equal((true, 401), await RefusalAsync(() => keyless.SendAsync(header)));
        Assert.Equal((true, 401), await RefusalAsync(() => new FallbackChain([client]).SendAsync(OfTenant)));
        Assert.Equal(
            (true, 401),
            await RefusalAsync(() => client.EmbedAsync(new EmbeddingRequest(["a"]) { Credential = Credential.Bearer(Tenant) }))
        );
        Assert.Equal((false, 502), await RefusalAsync(() => client.SendAsync("Why?")));
        Assert.Equal((false, 502), await RefusalAsync(() => keyless.StreamAsync("Why?")));
        Assert.Equal((false, 502), await RefusalAsync(() => client.ListModelsAsync()));
        Assert.Equal((false, 502), await RefusalAsync(() => client.SendAsync(OfTenant with { Credential = Credential.None })));
        Assert.Equal((true, 401), await RefusalAsync(() => client.SendAsync(header with { Credential = Credential.None })));
    }

    [Fact]
    public async Task Error_NothingWasSent_DoesNotSetUsedRequestCredential()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Throw(new HttpRequestException(HttpRequestError.NameResolutionError));
        using var client = new LlmClient(OpenAI, "m", new() { Retries = LlmRetries.None }, http.ToHttpClient());

        Assert.Equal((false, 502), await RefusalAsync(() => client.SendAsync(OfTenant)));
    }

    [Fact]
    public async Task StreamError_RequestWithOwnCredential_SetsUsedRequestCredential()
    {
        using var http = new MockHttpMessageHandler();
        http.When(ChatUrl)
            .Respond(
                "text/event-stream",
                """
                data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Hi"}}]}

                data: {"error":{"message":"Incorrect API key","code":401}}


                """
            );
        using var client = new LlmClient(OpenAI, "m", new() { Retries = LlmRetries.None }, http.ToHttpClient());

        Assert.Equal((true, 401), await RefusalAsync(async () => await (await client.StreamAsync(OfTenant)).ReplyAsync()));
        Assert.Equal((false, 502), await RefusalAsync(async () => await (await client.StreamAsync("Why?")).ReplyAsync()));
    }

    [Fact]
    public async Task Stream_ErrorContainsKeyOfRequest_DoesNotShowKey()
    {
        using var http = new MockHttpMessageHandler();
        http.When(ChatUrl)
            .Respond("text/event-stream", $$$"""data: {"error":{"message":"no more for {{{Tenant}}}","code":500}}""" + "\n\n");
        using var client = new LlmClient(OpenAI, "m", new() { Retries = LlmRetries.None }, http.ToHttpClient());

        var e = await Assert.ThrowsAsync<LlmException>(async () => await (await client.StreamAsync(OfTenant)).ReplyAsync());

        Assert.DoesNotContain("tenant-key", e.ToString(), StringComparison.Ordinal);
        Assert.Contains("no more for", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_RequestWithCredential_TextJsonAndCurlDoNotShowKey()
    {
        var vectors = new EmbeddingRequest(["a"]) { Credential = Credential.Bearer(Tenant) };
        using var client = new LlmClient(OpenAI, "m");

        string told =
            OfTenant
            + vectors.ToString()
            + JsonSerializer.Serialize(OfTenant)
            + JsonSerializer.Serialize(vectors)
            + client.ToCurl(OfTenant)
            + client.ToCurl(vectors);

        Assert.DoesNotContain("tenant-key", told, StringComparison.Ordinal);
        Assert.DoesNotContain("house-key", told, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer [redacted]", OfTenant.ToString(), StringComparison.Ordinal);
        Assert.Contains("-H \"Authorization: Bearer $API_KEY\"", client.ToCurl(OfTenant), StringComparison.Ordinal);
        Assert.Contains("$TENANT_KEY", WithVariable(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("authorization")]
    public async Task Send_HeaderAlsoSetByCredential_ThrowsArgumentException(string name)
    {
        using var client = new LlmClient(OpenAI, "m");
        var headers = new Dictionary<string, string> { [name] = $"Bearer {Tenant}" };

        var e = await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(ChatRequest.Ask("Why?") with { Headers = headers }));
        Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
        Assert.Contains("ChatRequest.Credential", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("-key-", e.Message, StringComparison.Ordinal);

        await Assert.ThrowsAsync<ArgumentException>(() => client.EmbedAsync(new EmbeddingRequest(["a"]) { Headers = headers }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.SendAsync(OfTenant with { Headers = new Dictionary<string, string> { [name] = "Bearer a-third-one" } })
        );
        using var ofHeaders = new LlmClient(OpenAI with { Headers = headers }, "m");
        Assert.Contains(
            "Provider.Headers",
            (await Assert.ThrowsAsync<ArgumentException>(() => ofHeaders.SendAsync("Why?"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Send_KeyInHeadersAndClientWithoutCredential_IsSent()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        http.Expect(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        using var client = new LlmClient(
            OpenAI with
            {
                Credential = Credential.None,
                Headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {House}" },
            },
            "m",
            http: http.ToHttpClient()
        );

        await client.SendAsync(
            ChatRequest.Ask("Why?") with
            {
                Headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {Tenant}" },
            }
        );
        await client.SendAsync(OfTenant);

        http.VerifyNoOutstandingExpectation();
    }

    [Theory]
    [InlineData("Authorization", "authorization")]
    [InlineData("authorization", "Authorization")]
    public async Task Send_KeyHeaderInOtherCase_ReplacesHeaderOfProvider(string ofProvider, string ofRequest)
    {
        using var http = new MockHttpMessageHandler();
        http.When(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        using var client = new LlmClient(
            OpenAI with
            {
                Credential = Credential.None,
                Headers = new Dictionary<string, string> { [ofProvider] = $"Bearer {House}" },
            },
            "m",
            http: http.ToHttpClient()
        );

        Assert.Equal(
            "Blue.",
            (
                await client.SendAsync(
                    ChatRequest.Ask("Why?") with
                    {
                        Headers = new Dictionary<string, string> { [ofRequest] = $"Bearer {Tenant}" },
                    }
                )
            ).Text
        );
    }

    [Fact]
    public async Task Send_ProviderHeaderSetByCredential_IsStillRejectedAfterOverride()
    {
        using var http = new MockHttpMessageHandler();
        http.When(ChatUrl).Respond("application/json", Answers.Whole(OpenAI.Protocol));
        var headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {Tenant}" };
        using var client = new LlmClient(OpenAI with { Headers = headers }, "m", http: http.ToHttpClient());

        await client.SendAsync(
            ChatRequest.Ask("Why?") with
            {
                Headers = new Dictionary<string, string> { ["authorization"] = $"Bearer {House}" },
            }
        );

        Assert.Contains(
            "Provider.Headers",
            (await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync("Why?"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Send_RequestKeyOverPlainHttp_ThrowsInvalidConfiguration()
    {
        using var client = new LlmClient(Providers.OpenAICompatible("http://llm.example.org", apiKey: null), "m");

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(OfTenant));

        Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
        Assert.Contains("plain HTTP", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_RequestCredentialWithoutVariable_ReportsMissingVariable()
    {
        using var client = new LlmClient(OpenAI, "m");

        var e = await Assert.ThrowsAsync<LlmException>(() =>
            client.SendAsync(OfTenant with { Credential = Credential.BearerFrom("RAWLLM_TEST_THAT_NOBODY_SETS") })
        );

        Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
        Assert.Contains("RAWLLM_TEST_THAT_NOBODY_SETS", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FallbackChain_SeveralServices_AcceptsRequestCredentialOnlyViaRequestFor()
    {
        using var http = new MockHttpMessageHandler();
        http.When(ChatUrl).WithHeaders("Authorization", $"Bearer {Tenant}").Respond("application/json", Answers.Whole(OpenAI.Protocol));
        http.When("https://api.openai.com/v1/embeddings")
            .WithHeaders("Authorization", $"Bearer {Tenant}")
            .Respond("application/json", """{"data":[{"index":0,"embedding":[1,2]}],"model":"e"}""");
        using var first = new LlmClient(OpenAI, "m", http: http.ToHttpClient());
        using var second = new LlmClient(OpenAI, "m", http: http.ToHttpClient());
        using var elsewhere = new LlmClient(Providers.Groq with { Credential = Credential.Bearer(House) }, "m", http: http.ToHttpClient());
        var vectors = new EmbeddingRequest(["a"]) { Credential = Credential.Bearer(Tenant) };
        var ofTwo = new FallbackChain([first, elsewhere]);

        var e = await Assert.ThrowsAsync<ArgumentException>(() => ofTwo.SendAsync(OfTenant));
        Assert.Contains("RequestFor", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => ofTwo.StreamAsync(OfTenant));
        await Assert.ThrowsAsync<ArgumentException>(() => ofTwo.EmbedAsync(vectors));

        Assert.Equal("Blue.", (await new FallbackChain([first, second]).SendAsync(OfTenant)).Text);
        Assert.Equal(2, (await new FallbackChain([first, second]).EmbedAsync(vectors)).Dimensions);
        var keyed = new FallbackChain(
            [first, elsewhere],
            new() { RequestFor = (client, request) => client == first ? request with { Credential = Credential.Bearer(Tenant) } : request }
        );
        Assert.Equal("Blue.", (await keyed.SendAsync("Why?")).Text);
    }

    [Fact]
    public async Task FallbackChain_RequestForKeepsCredential_ThrowsWithoutSendingIt()
    {
        using var http = new MockHttpMessageHandler();
        var sent = new List<string>();
        http.When("*")
            .Respond(request =>
            {
                sent.Add($"{request.RequestUri!.Host} {string.Join(',', request.Headers.GetValues("Authorization"))}");
                return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("{}", null, "application/json") };
            });
        using var first = new LlmClient(OpenAI, "m", http: http.ToHttpClient());
        using var elsewhere = new LlmClient(Providers.Groq with { Credential = Credential.Bearer(House) }, "m", http: http.ToHttpClient());
        var left = new FallbackChain(
            [first, elsewhere],
            new() { RequestFor = (client, request) => client == first ? request with { Thinking = Thinking.High } : request }
        );

        var e = await Assert.ThrowsAsync<ArgumentException>(() => left.SendAsync(OfTenant));
        Assert.Contains("RequestFor", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => left.StreamAsync(OfTenant));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            new FallbackChain([first, elsewhere], left.Options with { HedgeAfter = TimeSpan.FromSeconds(9) }).SendAsync(OfTenant)
        );
        Assert.Empty(sent);

        var second = new FallbackChain(
            [first, elsewhere],
            new()
            {
                RequestFor = (client, request) => client == first ? request with { Credential = Credential.Bearer("first-key") } : request,
            }
        );
        await Assert.ThrowsAsync<ArgumentException>(() => second.SendAsync(OfTenant));
        Assert.Equal(["api.openai.com Bearer first-key"], sent);

        sent.Clear();
        var own = new FallbackChain(
            [first, elsewhere],
            new()
            {
                RequestFor = (client, request) => request with { Credential = client == first ? Credential.Bearer("first-key") : null },
            }
        );
        await Assert.ThrowsAsync<LlmException>(() => own.SendAsync(OfTenant));
        Assert.Equal(["api.openai.com Bearer first-key", $"api.groq.com Bearer {House}"], sent);
    }

    [Theory]
    [InlineData("x-api-key", "X-API-Key", Tenant)]
    [InlineData("Authorization", "authorization", $"Bearer {Tenant}")]
    [InlineData("cf-aig-authorization", "cf-aig-authorization", $"Bearer {Tenant}")]
    public async Task FallbackChain_RequestForKeepsKeyHeader_ThrowsWithoutSendingIt(string name, string left, string value)
    {
        using var http = new MockHttpMessageHandler();
        var sent = new List<string>();
        http.When("*")
            .Respond(request =>
            {
                sent.Add(
                    $"{request.RequestUri!.Host} {(request.Headers.TryGetValues(name, out var given) ? string.Join(',', given) : "")}"
                );
                return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("{}", null, "application/json") };
            });
        using var first = new LlmClient(OpenAI with { Credential = Credential.None }, "m", http: http.ToHttpClient());
        using var second = new LlmClient(OpenAI with { Credential = Credential.None }, "m", http: http.ToHttpClient());
        using var elsewhere = new LlmClient(Providers.Groq with { Credential = Credential.None }, "m", http: http.ToHttpClient());
        var request = ChatRequest.Ask("Why?") with
        {
            Headers = new Dictionary<string, string> { [name] = value, ["X-Title"] = "mine" },
        };
        FallbackOptions kept = new() { RequestFor = (_, asked) => asked with { MaxTokens = 9 } };
        FallbackOptions copied = new()
        {
            RequestFor = (client, asked) =>
                asked with
                {
                    Headers = new Dictionary<string, string> { [left] = client == first ? "k-first" : value },
                },
        };
        FallbackOptions own = new()
        {
            RequestFor = (client, asked) =>
                asked with
                {
                    Headers = new Dictionary<string, string> { [left] = client == first ? "k-first" : "k-other", ["X-Title"] = "mine" },
                },
        };

        var e = await Assert.ThrowsAsync<ArgumentException>(() => new FallbackChain([first, elsewhere], kept).SendAsync(request));
        Assert.Contains($"header {name}", e.Message, StringComparison.Ordinal);
        Assert.Contains("RequestFor", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Tenant, e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => new FallbackChain([first, elsewhere], kept).StreamAsync(request));
        Assert.Empty(sent);

        await Assert.ThrowsAsync<ArgumentException>(() => new FallbackChain([first, elsewhere], copied).SendAsync(request));
        Assert.Equal(["api.openai.com k-first"], sent);

        sent.Clear();
        await Assert.ThrowsAsync<LlmException>(() => new FallbackChain([first, elsewhere], own).SendAsync(request));
        Assert.Equal(["api.openai.com k-first", "api.groq.com k-other"], sent);

        // One service may see its own key twice.
        sent.Clear();
        await Assert.ThrowsAsync<LlmException>(() => new FallbackChain([first, second], kept).SendAsync(request));
        Assert.Equal([$"api.openai.com {value}", $"api.openai.com {value}"], sent);
    }

    private static async Task<(bool, int)> RefusalAsync(Func<Task> call)
    {
        var e = await Assert.ThrowsAsync<LlmException>(call);
        return (e.UsedRequestCredential, e.GatewayStatus);
    }

    private static string WithVariable(LlmClient client)
    {
        Environment.SetEnvironmentVariable("TENANT_KEY", Tenant);
        try
        {
            return client.ToCurl(OfTenant with { Credential = Credential.BearerFrom("TENANT_KEY") });
        }
        finally
        {
            Environment.SetEnvironmentVariable("TENANT_KEY", null);
        }
    }
}
