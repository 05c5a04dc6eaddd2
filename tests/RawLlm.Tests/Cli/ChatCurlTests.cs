using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Cli;

/// <summary>The output of <c>rawllm chat --curl</c>.</summary>
public sealed class ChatCurlTests
{
    [Fact]
    public async Task Chat_CurlWithoutModel_IsUsageErrorAndSendsNothing()
    {
        var provider = new Provider(
            "service",
            new Uri("http://127.0.0.1:9/v1"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom("OWN_KEY")
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider], Variable = name => name is "OWN_KEY" ? "secret-0123" : null },
            "chat",
            "--curl",
            "Hello"
        );

        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains(
            "--curl sends nothing, not even a request for the list of models. Name a model with --model.",
            run.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Chat_Curl_PrintsCommandAndSendsNothing()
    {
        var provider = new Provider(
            "service",
            new Uri("http://127.0.0.1:9/v1"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom("OWN_KEY")
        )
        {
            DefaultModel = "usual-model",
        };

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider], Variable = name => name is "OWN_KEY" or "MY_KEY" ? "secret-0123" : null },
            "chat",
            "--curl",
            "--max-tokens",
            "5",
            "It's blue"
        );
        var other = await CliRun.OfAsync(
            shell => shell with { Providers = [provider], Variable = name => name is "MY_KEY" ? "secret-0123" : null },
            "chat",
            "--curl",
            "--no-stream",
            "--provider",
            "service",
            "--key-env",
            "MY_KEY",
            "Hello"
        );

        Assert.DoesNotContain("is not set", run.Error + other.Error, StringComparison.Ordinal);
        Assert.Equal((0, 0), (run.Code, other.Code));
        Assert.StartsWith("curl -N 'http://127.0.0.1:9/v1/chat/completions' \\\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"Authorization: Bearer $OWN_KEY\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"It'\\''s blue\"", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("'\n", run.Out, StringComparison.Ordinal);
        Assert.StartsWith("curl 'http", other.Out, StringComparison.Ordinal);
        Assert.Contains("\"Authorization: Bearer $MY_KEY\"", other.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("0123", run.Out + run.Error + other.Out + other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_CurlWithUnsupportedOption_ReportsOmittedOption()
    {
        var provider = new Provider("service", new Uri("http://127.0.0.1:9/v1"), new AnthropicProtocol(), Credential.None);

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider] },
            "chat",
            "--curl",
            "--provider",
            "service",
            "--model",
            "claude-haiku-4-5",
            "--think",
            "2000",
            "--max-tokens",
            "100",
            "Hello"
        );
        var whole = await CliRun.OfAsync(
            shell => shell with { Providers = [provider] },
            "chat",
            "--curl",
            "--provider",
            "service",
            "--model",
            "claude-haiku-4-5",
            "Hello"
        );

        Assert.Equal((0, 0), (run.Code, whole.Code));
        Assert.DoesNotContain("thinking", run.Out, StringComparison.Ordinal);
        Assert.Contains("rawllm: left out: thinking\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", whole.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_CurlWithoutKey_PrintsVariableAndReportsIt()
    {
        var bearer = new Provider(
            "service",
            new Uri("http://127.0.0.1:9/v1"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom("RAWLLM_TEST_NO_SUCH_KEY")
        );
        var header = bearer with
        {
            Protocol = new AnthropicProtocol(),
            Credential = Credential.HeaderFrom("x-api-key", "RAWLLM_TEST_NO_SUCH_KEY"),
        };

        foreach (
            var (provider, expected) in ((Provider, string)[])
                [(bearer, "\"Authorization: Bearer $RAWLLM_TEST_NO_SUCH_KEY\""), (header, "\"x-api-key: $RAWLLM_TEST_NO_SUCH_KEY\"")]
        )
        {
            var run = await CliRun.OfAsync(
                shell => shell with { Providers = [provider] },
                "chat",
                "--curl",
                "--provider",
                "service",
                "--model",
                "m",
                "Hello"
            );

            Assert.Equal(0, run.Code);
            Assert.Contains(expected, run.Out, StringComparison.Ordinal);
            Assert.Contains(
                "rawllm: RAWLLM_TEST_NO_SUCH_KEY is not set here; set it where the command runs",
                run.Error,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("--provider openai", "https://api.openai.com/v1/chat/completions")]
    [InlineData("--base-url https://other.example", "https://other.example/v1/chat/completions")]
    [InlineData("--provider openai --base-url https://other.example/v1", "https://other.example/v1/chat/completions")]
    public async Task Chat_CurlWithUnsetKeyVariable_PrintsVariable(string service, string url)
    {
        var run = await CliRun.OfAsync(["chat", "--curl", "--model", "m", "--key-env", "MY_KEY", .. service.Split(' '), "Hello"]);

        Assert.Equal(0, run.Code);
        Assert.StartsWith($"curl -N '{url}' \\\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"Authorization: Bearer $MY_KEY\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("rawllm: MY_KEY is not set here; set it where the command runs", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sk-proj-sekret")]
    [InlineData("gsk_sekret")]
    public async Task Chat_CurlWithKeyAsVariableName_IsUsageError(string key)
    {
        var run = await CliRun.OfAsync("chat", "--curl", "--provider", "openai", "--key-env", key, "Hello");

        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.DoesNotContain("sekret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_CurlOverPlainHttpWithUnsetKeyVariable_PrintsNothing()
    {
        var run = await CliRun.OfAsync("chat", "--curl", "-m", "m", "--base-url", "http://10.1.2.3/v1", "--key-env", "MY_KEY", "Hello");

        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Contains("plain HTTP", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://other.example/v1")]
    [InlineData("http://10.1.2.3/v1")]
    public async Task Chat_CurlToOtherHostWithoutKey_PrintsNothing(string url)
    {
        var run = await CliRun.OfAsync(
            shell => shell with { Variable = _ => null },
            "chat",
            "--curl",
            "--provider",
            "openai",
            "--base-url",
            url,
            "--model",
            "m",
            "Hello"
        );

        Assert.Equal((1, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData("--provider demo", "curl cannot reach the built-in demonstration")]
    [InlineData("--json", "--curl and --json cannot be combined")]
    public async Task Chat_CurlWithDemoOrJson_IsUsageError(string options, string says)
    {
        var run = await CliRun.OfAsync(["chat", "--curl", .. options.Split(' '), "Hello"]);

        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }
}
