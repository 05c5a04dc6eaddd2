using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests;

public sealed class ProvidersTests
{
    [Fact]
    public void All_Names_AreUniqueAndCached()
    {
        var all = Providers.All();

        Assert.Equal(all.Count, all.Select(provider => provider.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(all, provider => Assert.Same(provider, Providers.Get(provider.Name)));
    }

    [Fact]
    public void Get_UnknownName_ThrowsWithKnownNames()
    {
        var e = Assert.Throws<ArgumentException>(() => Providers.Get("nobody"));

        Assert.Contains("openrouter", e.Message);
        Assert.Contains("OpenAICompatible", e.Message);
    }

    [Theory]
    [InlineData("openrouter:openai/gpt-5", "openrouter", "openai/gpt-5")]
    [InlineData("OpenAI:gpt-4o", "openai", "gpt-4o")]
    [InlineData("ollama:llama3:8b", "ollama", "llama3:8b")]
    [InlineData("bedrock:anthropic.claude-sonnet-4-20250514-v1:0", "bedrock", "anthropic.claude-sonnet-4-20250514-v1:0")]
    [InlineData("llama.cpp:any", "llama.cpp", "any")]
    [InlineData("llama3:8b", null, "llama3:8b")]
    [InlineData("anthropic.claude-sonnet-4-20250514-v1:0", null, "anthropic.claude-sonnet-4-20250514-v1:0")]
    [InlineData("arn:aws:bedrock:us-east-1::foundation-model/x", null, "arn:aws:bedrock:us-east-1::foundation-model/x")]
    [InlineData("gpt-4o", null, "gpt-4o")]
    [InlineData("openai:", null, "openai:")]
    [InlineData(":gpt-4o", null, ":gpt-4o")]
    public void TryResolve_ModelString_SplitsOffKnownServiceOnly(string name, string? provider, string model)
    {
        Assert.Equal(provider is not null, Providers.TryResolve(name, out var found, out string foundModel));
        Assert.Equal((provider, model), (found?.Name, foundModel));
    }

    [Fact]
    public void Client_FromModelString_UsesNamedService()
    {
        using var client = new LlmClient("ollama:llama3:8b");

        Assert.Equal(("ollama", "llama3:8b"), (client.Provider.Name, client.Model));
        Assert.Contains("openrouter:openai/gpt-5", Assert.Throws<ArgumentException>(() => new LlmClient("llama3:8b")).Message);
    }

    [Theory]
    [InlineData("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com/", "https://mine.openai.azure.com/openai/v1/")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "nonsense", "https://your-resource.openai.azure.com/openai/v1/")]
    [InlineData("AZURE_OPENAI_ENDPOINT", null, "https://your-resource.openai.azure.com/openai/v1/")]
    public void Azure_EndpointFromEnvironment_SetsBaseUrl(string variable, string? value, string expected) =>
        Assert.Equal(
            expected,
            Providers.AzureOpenAIAt(CloudEnvironment.AzureEndpoint(name => name == variable ? value : null)).BaseUrl.AbsoluteUri
        );

    [Theory]
    [InlineData("127.0.0.1:8000")]
    [InlineData("localhost:8000")]
    [InlineData("my-secret@llm.example.org")]
    [InlineData("/v1")]
    [InlineData("ftp://llm.example.org")]
    [InlineData("https://")]
    [InlineData(" ")]
    public void Compatible_UrlWithoutHttpScheme_ThrowsWithAdvice(string baseUrl)
    {
        foreach (var make in (Func<object>[])[() => Providers.OpenAICompatible(baseUrl), () => Providers.AnthropicCompatible(baseUrl)])
        {
            var e = Assert.Throws<ArgumentException>(make);
            if (baseUrl != " ")
                Assert.Contains("begins with https:// or http://", e.Message);
            Assert.DoesNotContain("my-secret", e.Message);
        }
        Assert.Throws<ArgumentNullException>(() => Providers.OpenAICompatible((string)null!));
    }

    [Theory]
    [InlineData("https://user:sekret@host.example:8443/a%20b/v1?key=sekret#sekret", "own (https://host.example:8443/a%20b/v1)")]
    [InlineData("http://[::1]/", "own (http://[::1]/)")]
    [InlineData("host.example/v1?key=sekret", "own (not a server URL)")]
    [InlineData("sekret:also-sekret", "own (not a server URL)")]
    public void ToString_UrlWithSecret_OmitsSecret(string address, string expected) =>
        Assert.Equal(
            expected,
            new Provider("own", new Uri(address, UriKind.RelativeOrAbsolute), new ChatCompletionsProtocol(), Credential.None).ToString()
        );

    [Theory]
    [InlineData("https://user:sekret@host.example/v1")]
    [InlineData("https://host.example/v1?key=sekret")]
    [InlineData("https://host.example/v1#sekret")]
    [InlineData("host.example/v1?key=sekret")]
    public void Client_UrlWithSecret_ThrowsWithoutSecret(string address)
    {
        var provider = new Provider("own", new Uri(address, UriKind.RelativeOrAbsolute), new ChatCompletionsProtocol(), Credential.None);

        var e = Assert.Throws<LlmException>(() => new LlmClient(provider, "m"));

        Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
        Assert.DoesNotContain("sekret", e.ToString());
        Assert.Equal(
            address.Contains("/v1?", StringComparison.Ordinal) && address[0] == 'h' && address[4] == 's',
            e.Message.EndsWith(
                "; put what every URL needs, such as api-version, into ChatCompletionsProtocol.Query.",
                StringComparison.Ordinal
            )
        );
    }

    [Fact]
    public void Client_PlaceholderUrl_ThrowsWithPlaceholder()
    {
        Provider[] providers =
        [
            Providers.AzureOpenAIAt(CloudEnvironment.AzureEndpoint(_ => null)) with
            {
                Credential = Credential.Header("api-key", "k"),
            },
            Providers.CloudflareIn(CloudEnvironment.Account(_ => null)) with
            {
                Credential = Credential.Bearer("k"),
            },
        ];

        Assert.All(
            providers,
            provider =>
            {
                var e = Assert.Throws<LlmException>(() => new LlmClient(provider, "m"));
                Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
                Assert.Contains("'your-", e.Message);
            }
        );
    }

    [Theory]
    [InlineData("azure", null, "set the environment variable AZURE_OPENAI_ENDPOINT to the URL of your resource")]
    [InlineData(
        "azure",
        "mine.openai.azure.com",
        "the environment variable AZURE_OPENAI_ENDPOINT does not contain a URL that begins with https://; set"
    )]
    [InlineData("azure-deployments", " ", "set the environment variable AZURE_OPENAI_ENDPOINT to the URL of your resource")]
    [InlineData("cloudflare", null, "set the environment variable CLOUDFLARE_ACCOUNT_ID to your account ID")]
    [InlineData(
        "anthropic-vertex",
        null,
        "set the environment variable ANTHROPIC_VERTEX_PROJECT_ID to the ID of your Google Cloud project"
    )]
    [InlineData(
        "anthropic-vertex",
        "a/b",
        "the environment variable ANTHROPIC_VERTEX_PROJECT_ID does not contain a project ID (lowercase letters, digits, dashes, dots and colons); set"
    )]
    [InlineData(
        "cloudflare",
        "a/b",
        "the environment variable CLOUDFLARE_ACCOUNT_ID does not contain an account ID (letters, digits and dashes); set"
    )]
    public void MissingName_PlaceholderUrl_NamesOnlyVariableOfThatService(string name, string? value, string expected)
    {
        var provider = name switch
        {
            "cloudflare" => Providers.CloudflareIn(CloudEnvironment.Account(_ => value)),
            "anthropic-vertex" => Providers.AnthropicVertexIn("p") with
            {
                BaseUrl = CloudEnvironment.AnywhereInVertex(variable => variable == "ANTHROPIC_VERTEX_PROJECT_ID" ? value : null).BaseUrl,
            },
            "azure" => Providers.AzureOpenAIAt(CloudEnvironment.AzureEndpoint(_ => value)),
            _ => Providers.AzureOpenAIDeploymentsAt(CloudEnvironment.AzureEndpoint(_ => value)),
        };
        string other = name == "cloudflare" ? "AZURE" : "CLOUDFLARE";

        string missing = CloudEnvironment.MissingName(provider.BaseUrl, _ => value)!;
        string message = Assert.Throws<LlmException>(() => new LlmClient(provider, "m")).Message;

        Assert.StartsWith(expected, missing);
        Assert.DoesNotContain(other, missing + message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(
            name switch
            {
                "cloudflare" => "Providers.CloudflareIn.",
                "anthropic-vertex" => "Providers.AnthropicVertexIn.",
                "azure" => "Providers.AzureOpenAIAt.",
                _ => "Providers.AzureOpenAIDeploymentsAt.",
            },
            message
        );
        Assert.Null(CloudEnvironment.MissingName(Providers.OpenAI.BaseUrl, _ => value));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a#b")]
    [InlineData("evil.example.org/x")]
    [Case(107)]
    public void Cloudflare_InvalidAccountId_IsRejected(string account) =>
        Assert.Throws<ArgumentException>(() => Providers.CloudflareIn(account));

    [Theory]
    [InlineData("2024&key=x")]
    [InlineData("")]
    public void Azure_InvalidApiVersion_IsRejected(string version) =>
        Assert.Throws<ArgumentException>(() => Providers.AzureOpenAIDeploymentsAt(new Uri("https://r.openai.azure.com"), version));

    [Theory]
    [InlineData("a b/c", "https://r.openai.azure.com/openai/deployments/a%20b%2Fc/chat/completions?api-version=v1")]
    public void Azure_DeploymentName_IsEscapedAsOnePathSegment(string model, string url) =>
        Assert.Equal(
            url,
            WrittenRequest
                .Of(
                    Providers.AzureOpenAIDeploymentsAt(new Uri("https://r.openai.azure.com"), "v1").Protocol,
                    ChatRequest.Ask("x") with
                    {
                        Model = model,
                    },
                    baseUrl: "https://r.openai.azure.com/openai/"
                )
                .Url
        );

    [Theory]
    [InlineData("..")]
    [InlineData(null)]
    public void Azure_InvalidDeploymentName_IsRejected(string? model) =>
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(Providers.AzureOpenAIDeployments.Protocol, ChatRequest.Ask("x") with { Model = model })
        );

    // The services retired the earlier default models in 2026, and now answer with status 400 or 404.
    [Theory]
    [InlineData("deepseek", "deepseek-flash")]
    [InlineData("openai", "gpt-6-luna")]
    [InlineData("openai-responses", "gpt-6-luna")]
    [InlineData("groq", "openai/gpt-oss-120b")]
    [InlineData("xai", "grok-4.3")]
    [InlineData("xai-responses", "grok-4.3")]
    [InlineData("gemini", "gemini-3.5-flash")]
    [InlineData("gemini-compatible", "gemini-3.5-flash")]
    [InlineData("glm", "glm-5.3")]
    [InlineData("glm-coding", "glm-5.3")]
    public void DefaultModel_EarlierDefaultRetired_IsCurrentModelWithPrice(string name, string model)
    {
        var provider = Providers.Get(name);

        Assert.Equal(model, provider.DefaultModel);
        Assert.NotNull(PriceTable.BuiltIn.Find(name.Split('-')[0], model));
    }

    // The same, for services without prices in the table: OpenAI's models of 2024 end on 2027-01-14, gpt-oss-20b ended at Fireworks on
    // 2026-08-27 and at Together on 2026-09-15.
    [Theory]
    [InlineData("requesty", "openai/gpt-6-luna")]
    [InlineData("vercel", "openai/gpt-6-luna")]
    [InlineData("together", "deepseek-ai/DeepSeek-V4.1-Flash")]
    [InlineData("fireworks", "accounts/fireworks/models/glm-5p3-flash")]
    [InlineData("huggingface", "openai/gpt-oss-120b")]
    public void DefaultModel_ServiceWithoutPrices_IsCurrentModel(string name, string model) =>
        Assert.Equal(model, Providers.Get(name).DefaultModel);

    [Fact]
    public void AzureOpenAIAt_RelativeUrl_ThrowsWithExpectedUrl()
    {
        var name = new Uri("my-resource", UriKind.Relative);
        Assert.Contains(
            "https://my-resource.openai.azure.com",
            Assert.Throws<ArgumentException>("resource", () => Providers.AzureOpenAIAt(name)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "https://my-resource.openai.azure.com",
            Assert.Throws<ArgumentException>("resource", () => Providers.AzureOpenAIDeploymentsAt(name)).Message,
            StringComparison.Ordinal
        );
    }
}
