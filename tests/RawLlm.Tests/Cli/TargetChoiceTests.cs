using System.CommandLine;
using RawLlm.Cli;
using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Tests.Cli;

public sealed class TargetChoiceTests
{
    [Fact]
    public async Task Choose_SeveralKeysSet_UsesFirstProviderInOrder()
    {
        await using var target = await ChooseAsync(["MISTRAL_API_KEY", "GROQ_API_KEY"], ["ollama-compatible"]);

        Assert.Equal("groq", target.Provider.Name);
        Assert.Equal("GROQ_API_KEY is set", target.Reason);
        Assert.Equal("GROQ_API_KEY", target.KeyVariable);
        Assert.True(target.Provider.Credential.IsSecret);
    }

    [Theory]
    [InlineData("ollama", "vllm", "lmstudio", "llama.cpp", "ollama-compatible", "ollama")]
    [InlineData("llama.cpp", "vllm", "lmstudio", "llama.cpp")]
    [InlineData("lmstudio", "vllm", "lmstudio")]
    [InlineData("vllm", "vllm")]
    public async Task Choose_NoKey_UsesFirstLocalServerThatResponds(string expected, params string[] answering)
    {
        await using var target = await ChooseAsync([], answering);

        Assert.Equal(expected, target.Provider.Name);
        Assert.Equal($"{expected}-model", await target.ChooseModelAsync(null, CancellationToken.None));
        Assert.Equal("given", await target.ChooseModelAsync("given", CancellationToken.None));
    }

    [Fact]
    public async Task Choose_LocalServerWithoutModels_IsSkipped()
    {
        var shell = Surroundings([], []) with { Probe = (_, _) => Task.FromResult<IReadOnlyList<ModelInfo>?>([]) };

        await using var target = await TargetChoice.ChooseAsync(null, null, null, shell, CancellationToken.None);

        Assert.NotNull(target.Demo);
    }

    [Fact]
    public async Task Choose_NoKeyAndNoLocalServer_StartsDemo()
    {
        await using var target = await ChooseAsync([], []);

        Assert.Equal("demo", target.Provider.Name);
        Assert.NotNull(target.Demo);
        Assert.NotNull(target.Reason);
        Assert.True(target.Provider.BaseUrl.IsLoopback);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task Choose_EmptyVariable_IsTreatedAsNotSet(string value)
    {
        var shell = Surroundings([], []) with { Variable = _ => value };

        await using var target = await TargetChoice.ChooseAsync(null, null, null, shell, CancellationToken.None);

        Assert.NotNull(target.Demo);
    }

    [Fact]
    public async Task Choose_NamedProvider_IgnoresCaseAndDoesNotProbe()
    {
        var shell = Surroundings(["OPENAI_API_KEY"], []) with { Probe = (_, _) => throw new InvalidOperationException("probed") };

        await using var target = await TargetChoice.ChooseAsync("LMStudio", null, null, shell, CancellationToken.None);

        Assert.Equal("lmstudio", target.Provider.Name);
        Assert.Null(target.Reason);
    }

    [Fact]
    public async Task Choose_ProviderWithBaseUrl_KeepsProtocolOfProvider()
    {
        await using var target = await TargetChoice.ChooseAsync(
            "mistral",
            "https://proxy.example/v1",
            "MISTRAL_API_KEY",
            Surroundings(["MISTRAL_API_KEY"], []),
            CancellationToken.None
        );

        Assert.Equal(new Uri("https://proxy.example/v1"), target.Provider.BaseUrl);
        Assert.Same(Providers.Mistral.Protocol, target.Provider.Protocol);
    }

    [Theory]
    [InlineData("chat", "Hello", "--model", "m")]
    [InlineData("models")]
    [InlineData("doctor", "--model", "m")]
    public async Task Key_EnvironmentKeyForOtherHost_IsSentOnlyWithKeyEnvOption(params string[] command)
    {
        var asked = new List<string>();
        await using var server = new ScriptedService(
            (path, _) =>
            {
                asked.Add(path);
                return ScriptedService.Answer.Json("{}", 500);
            }
        );
        string[] elsewhere = [.. command, "--provider", "openai", "--base-url", server.Url];

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "OPENAI_API_KEY" ? "sk-secret-value" : null },
            elsewhere
        );

        Assert.Empty(asked);
        Assert.Contains(
            "its base URL was changed, and the API key in the environment variable OPENAI_API_KEY is meant for api.openai.com",
            run.Out + run.Error
        );
        Assert.Contains("add --key-env OPENAI_API_KEY", run.Out + run.Error);
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
        Assert.Equal(1, run.Code);

        await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "OPENAI_API_KEY" ? "sk-secret-value" : null },
            [.. elsewhere, "--key-env", "OPENAI_API_KEY"]
        );

        Assert.NotEmpty(asked);
    }

    // Without the account or the project, the path is not known yet, but the host is.
    [Theory]
    [InlineData("cloudflare", "CLOUDFLARE_API_TOKEN", "api.cloudflare.com")]
    [InlineData("anthropic-vertex", "GOOGLE_OAUTH_ACCESS_TOKEN", "aiplatform.googleapis.com")]
    public async Task Key_CloudWithoutAccountAndOtherHost_IsNotSent(string name, string variable, string host)
    {
        var shell = Surroundings([variable], []) with
        {
            Providers = [Providers.CloudflareIn(CloudEnvironment.Account(_ => null)), CloudEnvironment.AnywhereInVertex(_ => null)],
        };

        await using var elsewhere = await TargetChoice.ChooseAsync(name, "https://evil.example/v1", null, shell, CancellationToken.None);
        await using var named = await TargetChoice.ChooseAsync(name, "https://evil.example/v1", variable, shell, CancellationToken.None);

        Assert.False(elsewhere.Provider.Credential.IsSecret);
        Assert.Contains($"{variable} is meant for {host}", elsewhere.Problem?.Text, StringComparison.Ordinal);
        Assert.True(named.Provider.Credential.IsSecret);
        Assert.Null(named.Problem);
    }

    [Fact]
    public async Task Key_UnsetForOtherHost_HintNamesVariableAndOption()
    {
        var run = await CliRun.OfAsync("chat", "-p", "openai", "--base-url", "https://other.example/v1", "--model", "m", "Hello");

        Assert.Contains("hint: set OPENAI_API_KEY and add --key-env OPENAI_API_KEY, or name another variable", run.Error);
        Assert.EndsWith("; without it, the key in OPENAI_API_KEY goes only to api.openai.com\n", run.Error);
        Assert.Equal((1, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task Choose_OtherPathOnSameHost_KeepsKey()
    {
        await using var target = await TargetChoice.ChooseAsync(
            "mistral",
            "https://api.mistral.ai/v2",
            null,
            Surroundings(["MISTRAL_API_KEY"], []),
            CancellationToken.None
        );

        Assert.Null(target.Problem);
        Assert.True(target.Provider.Credential.IsSecret);
    }

    [Fact]
    public async Task Choose_KeyVariableNamed_SendsKeyInHeaderOfProvider()
    {
        var shell = Surroundings([], []) with
        {
            Providers =
            [
                new Provider(
                    "own",
                    new Uri("https://own.example"),
                    new ChatCompletionsProtocol(),
                    Credential.HeaderFrom("x-own-key", "OWN_KEY")
                ),
            ],
            Variable = name => name == "OTHER_KEY" ? "secret-1" : null,
        };

        await using var target = await TargetChoice.ChooseAsync("own", null, "OTHER_KEY", shell, CancellationToken.None);

        using var wire = new WireRequest { BaseUrl = target.Provider.BaseUrl };
        target.Provider.Credential.Sign(wire);
        Assert.Equal([new("x-own-key", "secret-1")], wire.Headers);
    }

    [Fact]
    public async Task Choose_KeyInvalidInHeader_IsRejectedWithoutShowingKey()
    {
        var shell = Surroundings([], []) with { Variable = name => name == "OPENAI_API_KEY" ? "sk-\u00E9-secret" : null };

        var error = await Assert.ThrowsAsync<UsageException>(() =>
            TargetChoice.ChooseAsync(null, null, null, shell, CancellationToken.None)
        );

        Assert.Contains("OPENAI_API_KEY", error.Message);
        Assert.DoesNotContain("secret", error.Message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/v1?key=sekret")]
    [InlineData("http://user:sekret@127.0.0.1:9/v1")]
    [InlineData("http://sekret@127.0.0.1:9/v1")]
    [InlineData("http://127.0.0.1:9/v1#sekret")]
    [InlineData("ftp://user:sekret@127.0.0.1/")]
    [InlineData("127.0.0.1/?key=sekret")]
    public async Task BaseUrl_ContainsSecret_IsRejectedByEveryCommandWithoutShowingSecret(string address)
    {
        foreach (string[] command in new[] { ["chat", "Hello"], ["models"], (string[])["doctor"] })
        {
            foreach (string[] service in new[] { ["--provider", "mistral"], (string[])[] })
            {
                var run = await CliRun.OfAsync([.. command, .. service, "--base-url", address]);

                Assert.Equal((2, ""), (run.Code, run.Out));
                Assert.Contains("--base-url takes an address", run.Error);
                Assert.DoesNotContain("sekret", run.Error);
            }
        }
    }

    [Theory]
    [InlineData("chat", "Hello")]
    [InlineData("models")]
    [InlineData("doctor")]
    public async Task Address_InvalidEndpointVariable_ReportsVariableWithoutConnecting(params string[] command)
    {
        var azure = Providers.AzureOpenAIAt(CloudEnvironment.AzureEndpoint(_ => null));

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [azure], Variable = name => name == "AZURE_OPENAI_ENDPOINT" ? "mine" : null },
            [.. command, "--provider", "azure", .. command[0] == "chat" ? new[] { "--model", "m" } : []]
        );

        Assert.Contains(
            "Azure OpenAI cannot be used: the environment variable AZURE_OPENAI_ENDPOINT does not contain a URL that begins with https://; set",
            run.Out + run.Error
        );
        Assert.DoesNotContain("Providers.", run.Out.Split("provider: ")[0] + run.Error);
        Assert.DoesNotContain("--key-env", run.Out + run.Error);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("chat", "Hello")]
    [InlineData("models")]
    [InlineData("doctor")]
    public async Task Key_IsMissing_HintsAtVariableAndKeyEnvOption(params string[] command)
    {
        var provider = new Provider(
            "own",
            new Uri("https://own.invalid/v1"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom("RAWLLM_TEST_NEVER_SET")
        )
        {
            DefaultModel = "m",
        };

        var run = await CliRun.OfAsync(shell => shell with { Providers = [provider] }, [.. command, "--provider", "own"]);

        Assert.Contains(
            "own cannot be used: the environment variable RAWLLM_TEST_NEVER_SET, which should contain its API key, is not set.",
            run.Out + run.Error
        );
        Assert.Contains(
            "set RAWLLM_TEST_NEVER_SET, or name another variable that contains the API key with --key-env",
            run.Out + run.Error
        );
        Assert.DoesNotContain("Credential.", run.Out + run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Key_OverPlainHttpToRemoteHost_IsRejectedWithHint()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "MY_KEY" ? "k" : null },
            "models",
            "--base-url",
            "http://far.invalid/v1",
            "--key-env",
            "MY_KEY"
        );

        Assert.Contains("plain HTTP on another machine", run.Error);
        Assert.Contains("hint: use an https:// address", run.Error);
        Assert.Contains("--allow-plain-http-key", run.Error);
        Assert.DoesNotContain("LlmClientOptions", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Key_OverPlainHttpWithAllowOption_IsAccepted()
    {
        var options = new TargetOptions("");
        var command = new Command("c");
        options.AddTo(command);
        var parsed = command.Parse([
            "--base-url",
            "http://far.invalid/v1",
            "--key-env",
            "MY_KEY",
            "--allow-plain-http-key",
            "--timeout",
            "7",
        ]);

        await using var target = await options.ChooseAsync(parsed, null, null, Surroundings(["MY_KEY"], []), CancellationToken.None);

        Assert.Null(target.Problem);
        using var client = target.CreateClient("m");
        Assert.Equal((true, TimeSpan.FromSeconds(7)), (client.Options.AllowKeyOverPlainHttp, client.Options.Timeouts.StreamDeadline));
    }

    [Theory]
    [InlineData("azure", "https://my.openai.azure.com", "https://my.openai.azure.com/openai/v1/chat/completions")]
    [InlineData(
        "azure-deployments",
        "https://my.openai.azure.com",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-04-01-preview"
    )]
    [InlineData(
        "azure-deployments",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
    )]
    public async Task Address_AzureBaseUrl_ResolvesToAzureEndpoint(string name, string baseUrl, string expected)
    {
        var azure =
            name == "azure"
                ? Providers.AzureOpenAIAt(CloudEnvironment.AzureEndpoint(_ => null))
                : Providers.AzureOpenAIDeploymentsAt(CloudEnvironment.AzureEndpoint(_ => null));

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [azure] },
            "chat",
            "Hello",
            "--curl",
            "--provider",
            name,
            "--model",
            "d",
            "--base-url",
            baseUrl
        );

        Assert.Contains($"'{expected}'", run.Out);
    }

    [Fact]
    public async Task Address_AzureDeploymentWithoutProvider_HintsAtProvider()
    {
        var run = await CliRun.OfAsync(
            "chat",
            "Hello",
            "--base-url",
            "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
        );

        Assert.Contains("--provider azure-deployments", run.Error);
    }

    [Theory]
    [InlineData("chat", "Hello", "--provider", "openai", "--key-env", "sk-proj-sekret")]
    [InlineData("models", "--provider", "openai", "--key-env", "gsk_sekret")]
    [InlineData("chat", "Hello", "--api-key=sk-proj-sekret")]
    [InlineData("models", "--api-key", "sk-proj-sekret")]
    [InlineData("models", "--api-key=sk-proj-sekret")]
    [InlineData("models", "--json=sk-proj-sekret")]
    [InlineData("doctor", "--provider", "openai", "sk-proj-sekret")]
    [InlineData("providers", "sk-proj-sekret")]
    [InlineData("sk-proj-sekret")]
    public async Task Key_PastedOnCommandLine_IsNotShown(params string[] command)
    {
        var run = await CliRun.OfAsync(command);

        Assert.StartsWith("error: ", run.Error);
        Assert.DoesNotContain("sekret", run.Error);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData(
        "Unknown option --api-key. API keys are read from environment variables, and --key-env names another one.",
        "models",
        "--api-key=k"
    )]
    [InlineData("Unknown option --api-key. To pass it as text, put -- before it.", "decode", "--api-key=k", "--protocol=gemini", "-")]
    [InlineData("models takes options only, no arguments.", "models", "k")]
    [InlineData("--json takes no value.", "models", "--json=k")]
    [InlineData("Unknown command. Commands: chat, embed, models, providers, doctor, decode.", "k")]
    public async Task Arguments_UnknownWords_AreRejectedWithOneError(string expected, params string[] command)
    {
        var run = await CliRun.OfAsync(command);

        Assert.Equal($"error: {expected}", run.Error.Split('\n')[0]);
        Assert.Single(run.Error.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--api-key", "--api-key=sk-sekret")]
    [InlineData("--api-key", "--api-key:sk-sekret")]
    [InlineData("--api-key", "--api-key/sk-sekret")]
    [InlineData("-k", "-ksk-sekret")]
    [InlineData("-k", "-k=sk-sekret")]
    [InlineData("-k", "-k:sk-sekret")]
    public async Task UnknownOption_WithAttachedKey_IsReportedWithoutKey(string shown, string word)
    {
        foreach (
            string[] command in new string[][]
            {
                ["chat", word, "Hello"],
                ["models", word],
                ["decode", "--protocol", "ollama", word],
                [word],
            }
        )
        {
            var run = await CliRun.OfAsync(command);

            Assert.StartsWith($"error: Unknown option {shown}.", run.Error);
            Assert.DoesNotContain("sekret", run.Error, StringComparison.Ordinal);
            Assert.Equal((2, ""), (run.Code, run.Out));
        }
    }

    [Theory]
    [InlineData("chat", "Hello")]
    [InlineData("chat", "Hello", "--json")]
    [InlineData("models")]
    public async Task ModelList_RequestFails_ReportsServiceAndAddressFirst(params string[] command)
    {
        var provider = new Provider("own", new Uri("http://127.0.0.1:1"), new ChatCompletionsProtocol(), Credential.BearerFrom("OWN_KEY"));

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider], Variable = name => name == "OWN_KEY" ? "k" : null },
            command
        );

        Assert.StartsWith(
            "rawllm: asking own at http://127.0.0.1:1/v1/models, because OWN_KEY is set; to ask another service, use --provider NAME or --base-url URL\n",
            run.Error
        );
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1/v1/chat/completions")]
    [InlineData("http://127.0.0.1:1/api/", "http://127.0.0.1:1/api/chat/completions")]
    [InlineData("http://127.0.0.1:1/v2/chat/completions", "http://127.0.0.1:1/v2/chat/completions")]
    public async Task Address_BaseUrlOption_ReportsRequestedUrl(string address, string asked)
    {
        var run = await CliRun.OfAsync("chat", "--base-url", address, "--model", "m", "Hello");

        Assert.StartsWith($"rawllm: asking OpenAI-compatible server, model m, at {asked}\n", run.Error);
    }

    [Theory]
    [InlineData("chat", "Hello")]
    [InlineData("chat", "Hello", "--json")]
    [InlineData("models")]
    public async Task ModelList_ConnectionRefused_ReportsNoModel(params string[] command)
    {
        var provider = new Provider("own", new Uri("http://127.0.0.1:1/v1"), new ChatCompletionsProtocol(), Credential.None);

        var run = await CliRun.OfAsync(shell => shell with { Providers = [provider] }, [.. command, "--provider", "own"]);

        Assert.Contains(" [own]\n", run.Error);
        Assert.DoesNotContain("\"any\"", run.Out);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("--temperature takes a number of at least 0.", "chat", "Hello", "--temperature", "abc")]
    [InlineData("--temperature takes a number of at least 0.", "chat", "Hello", "--temperature", "-1")]
    [InlineData("--max-tokens takes a whole number of at least 1.", "chat", "Hello", "--max-tokens", "1.5")]
    [InlineData("--timeout takes 1 to 3600 seconds.", "doctor", "--timeout", "abc")]
    [InlineData("--pieces takes a whole number of at least 1.", "decode", "--protocol", "ollama", "--pieces", "abc", "-")]
    [InlineData("--error takes an HTTP status, such as 429.", "decode", "--protocol", "ollama", "--error", "abc", "-")]
    public async Task Option_InvalidNumber_ReportsAcceptedValues(string expected, params string[] command)
    {
        var run = await CliRun.OfAsync(command);

        Assert.Equal($"error: {expected}\nhint: run rawllm {command[0]} --help\n", run.Error);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task ChooseModel_FirstModelIsForEmbeddings_UsesNext()
    {
        var target = new Target(Providers.LMStudio, null)
        {
            Models = [new ModelInfo("text-embedding-nomic-embed-text-v1.5"), new ModelInfo("qwen3")],
        };

        Assert.Equal("qwen3", await target.ChooseModelAsync(null, CancellationToken.None));
    }

    [Fact]
    public async Task ChooseModel_ProviderHasDefaultModel_DoesNotListModels()
    {
        var target = new Target(Providers.Groq, null);

        Assert.Equal(Providers.Groq.DefaultModel, await target.ChooseModelAsync(null, CancellationToken.None));
    }

    private static Task<Target> ChooseAsync(string[] variables, string[] answering) =>
        TargetChoice.ChooseAsync(null, null, null, Surroundings(variables, answering), CancellationToken.None);

    private static Shell Surroundings(string[] variables, string[] answering) =>
        new()
        {
            In = Stream.Null,
            Out = Stream.Null,
            Error = TextWriter.Null,
            Variable = name => variables.Contains(name) ? "sk-test" : null,
            Probe = (provider, _) =>
                Task.FromResult<IReadOnlyList<ModelInfo>?>(
                    answering.Contains(provider.Name) ? [new ModelInfo(provider.Name + "-model")] : null
                ),
        };
}
