using System.Net;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests;

/// <summary>A key is sent where the service expects it, and the error of a service that rejects it says where it was sent.</summary>
public sealed class ProviderKeyTests
{
    private const string Key = "key-0123456789abcdef";

    [Theory]
    [InlineData("openai", "Authorization", $"Bearer {Key}")]
    [InlineData("anthropic", "x-api-key", Key)]
    [InlineData("gemini", "x-goog-api-key", Key)]
    [InlineData("azure", "api-key", Key)]
    [InlineData("bedrock", "Authorization", $"Bearer {Key}")]
    [InlineData("ollama", "Authorization", $"Bearer {Key}")]
    public void WithKey_EachService_SendsKeyInExpectedHeader(string name, string header, string value)
    {
        var provider = Providers.Get(name);
        Assert.Equal([KeyValuePair.Create(header, value)], Signed(provider.WithKey(Key)));
        Assert.Equal([KeyValuePair.Create(header, value)], Signed((provider with { Credential = Credential.None }).WithKey(Key)));
    }

    [Fact]
    public void WithKey_CredentialUsesOtherHeader_SendsKeyInExpectedHeader()
    {
        Assert.Equal(
            [KeyValuePair.Create("x-api-key", Key)],
            Signed((Providers.Anthropic with { Credential = Credential.Bearer("other") }).WithKey(Key))
        );
        Assert.Equal(
            [KeyValuePair.Create("Authorization", $"Bearer {Key}")],
            Signed((Providers.OpenAI with { Credential = Credential.Header("x-api-key", "other") }).WithKey(Key))
        );
        // It is unknown what a gateway expects.
        var gateway = Providers.Anthropic with
        {
            BaseUrl = new Uri("https://gateway.example.org/"),
            Credential = Credential.Bearer("other"),
        };
        Assert.Equal([KeyValuePair.Create("Authorization", $"Bearer {Key}")], Signed(gateway.WithKey(Key)));
    }

    [Fact]
    public void WithKey_OtherBaseUrl_SendsKeyUnchanged()
    {
        var gateway = Providers.Anthropic with { BaseUrl = new Uri("https://gateway.example.org/") };
        using var client = new LlmClient(gateway.WithKey(Key), "m");
        Assert.Equal([KeyValuePair.Create("x-api-key", Key)], Signed(client.Provider));
    }

    [Fact]
    public void WithKey_NotSingleKeyCredentialOrBlankKey_Throws()
    {
        var signed = Providers.BedrockIn("eu-central-1", new AwsSignature("AKIDEXAMPLE", "secret", "eu-central-1"));
        Assert.Contains(
            "Credential",
            Assert.Throws<InvalidOperationException>(() => signed.WithKey(Key)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidOperationException>(() => (signed with { Credential = Credential.None }).WithKey(Key));
        Assert.Throws<ArgumentException>(() => Providers.OpenAI.WithKey(" "));
    }

    [Fact]
    public async Task AuthenticationError_NoKeySent_ReportsMissingKey()
    {
        const string Hint = "The client sent no key.";
        var anthropic = Providers.Anthropic with { Credential = Credential.None };
        Assert.EndsWith(Hint, await RefusalAsync(anthropic, "Why?"), StringComparison.Ordinal);
        Assert.EndsWith(Hint, await RefusalAsync(anthropic, "Why?", HttpStatusCode.Forbidden), StringComparison.Ordinal);
        Assert.EndsWith(
            Hint,
            await RefusalAsync(Providers.OpenAICompatible("https://llm.example.org/v1", apiKey: null), "Why?"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(Hint, await RefusalAsync(anthropic.WithKey(Key), "Why?"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Hint,
            await RefusalAsync(
                anthropic,
                ChatRequest.Ask("Why?") with
                {
                    Headers = new Dictionary<string, string> { ["x-api-key"] = Key },
                }
            ),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            Hint,
            await RefusalAsync(anthropic, ChatRequest.Ask("Why?") with { Credential = Credential.Header("x-api-key", Key) }),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(Hint, await RefusalAsync(anthropic, "Why?", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuthenticationError_KeyInWrongHeader_ReportsExpectedHeader()
    {
        Assert.EndsWith(
            "The key was sent as Authorization: Bearer, and Anthropic takes keys as x-api-key: Provider.WithKey(key) puts it there.",
            await RefusalAsync(Providers.Anthropic with { Credential = Credential.Bearer(Key) }, "Why?"),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "The key was sent as x-api-key, and OpenAI takes keys as Authorization: Bearer: Provider.WithKey(key) puts it there.",
            await RefusalAsync(Providers.OpenAI with { Credential = Credential.Header("x-api-key", Key) }, "Why?"),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "Anthropic takes keys as x-api-key: set ChatRequest.Credential (EmbeddingRequest.Credential) to Credential.Header(\"x-api-key\", key).",
            await RefusalAsync(
                Providers.Anthropic.WithKey("house-key"),
                ChatRequest.Ask("Why?") with
                {
                    Credential = Credential.Bearer(Key),
                }
            ),
            StringComparison.Ordinal
        );
        // An Entra token, which Azure accepts.
        var azure = Providers.AzureOpenAIAt(new Uri("https://my-resource.openai.azure.com"));
        Assert.DoesNotContain(
            "takes keys as",
            await RefusalAsync(azure with { Credential = Credential.Bearer(Key) }, "Why?"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "takes keys as api-key",
            await RefusalAsync(azure with { Credential = Credential.Header("x-api-key", Key) }, "Why?"),
            StringComparison.Ordinal
        );
        // It is unknown what a gateway expects.
        Assert.DoesNotContain(
            "WithKey",
            await RefusalAsync(
                Providers.Anthropic with
                {
                    BaseUrl = new Uri("https://gateway.example.org/"),
                    Credential = Credential.Bearer(Key),
                },
                "Why?"
            ),
            StringComparison.Ordinal
        );
    }

    private static async Task<string> RefusalAsync(
        Provider provider,
        ChatRequest request,
        HttpStatusCode status = HttpStatusCode.Unauthorized
    )
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(status, "application/json", """{"error":{"message":"invalid authentication"}}""");
        using var client = new LlmClient(provider, "m", http: http.ToHttpClient());
        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request));
        Assert.DoesNotContain(Key, e.ToString(), StringComparison.Ordinal);
        return e.Message;
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Signed(Provider provider)
    {
        using var wire = new WireRequest { BaseUrl = provider.BaseUrl };
        provider.Credential.Sign(wire);
        return wire.Headers;
    }
}
