using System.Text.Json.Nodes;
using RawLlm.Cli.Targets;

namespace RawLlm.Tests.Cli;

public sealed class ListingCommandTests
{
    [Fact]
    public async Task Providers_Json_ListsAllWithoutKeys()
    {
        var run = await CliRun.OfAsync(shell => shell with { Variable = name => name == "GROQ_API_KEY" ? "sk-secret-value" : null }, "providers", "--json");

        var listed = JsonNode.Parse(run.Out)!["providers"]!.AsArray();
        Assert.Equal(Providers.All().Select(provider => provider.Name), listed.Select(provider => (string)provider!["name"]!));
        Assert.Equal(["groq"], listed.Where(provider => (bool)provider!["keySet"]!).Select(provider => (string)provider!["name"]!));
        var groq = listed.Single(provider => (string?)provider!["name"] == "groq")!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {
                "name": "groq", "title": "Groq", "baseUrl": "https://api.groq.com/openai/v1/", "protocol": "chat-completions",
                "keyVariable": "GROQ_API_KEY", "keySet": true, "isLocal": false, "defaultModel": "llama-3.3-70b-versatile"
            }
            """), groq), groq.ToJsonString());
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Providers_Table_HasALineForEachAndNoKey()
    {
        var run = await CliRun.OfAsync(shell => shell with { Variable = name => name == "GROQ_API_KEY" ? "sk-secret-value" : null }, "providers");

        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(Providers.All().Count + 1, lines.Length);
        Assert.Matches(@"^groq +Groq +https://api\.groq\.com/openai/v1/ +chat-completions +GROQ_API_KEY +set +llama-3\.3-70b-versatile$", lines.Single(line => line.StartsWith("groq ", StringComparison.Ordinal)));
        Assert.Matches("OPENAI_API_KEY +not set", run.Out);
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Models_OfTheDemonstration_AreListed()
    {
        var table = await CliRun.OfAsync("models");
        var json = await CliRun.OfAsync("models", "--provider", "demo", "--json");

        Assert.Matches(@"\ndemonstration +- +- +rawllm\n$", table.Out);
        Assert.Contains("demonstration", table.Error);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"provider": "demo", "models": [{"id": "demonstration", "title": null, "contextTokens": null, "maxOutputTokens": null, "owner": "rawllm"}]}
            """), JsonNode.Parse(json.Out)), json.Out);
        Assert.Equal((0, 0), (table.Code, json.Code));
    }

    [Fact]
    public async Task Models_NamesThatWouldSteerTheTerminal_AreMadeVisible()
    {
        await using var server = new CannedServer("""
            HTTP/1.1 200 OK
            Content-Type: application/json

            {"data":[{"id":"[red]m\u001b[31m"}]}
            """);

        var run = await CliRun.OfAsync(shell => shell with { IsOutTerminal = true }, "models", "--base-url", server.Url);

        Assert.Contains("[red]m\u241B[31m", run.Out);
        Assert.DoesNotContain('\e', run.Out);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Models_NoListThere_Fails()
    {
        await using var server = new CannedServer("""
            HTTP/1.1 200 OK
            Content-Type: text/html

            <html>
            """);

        var run = await CliRun.OfAsync("models", "--base-url", server.Url);

        Assert.Equal("", run.Out);
        Assert.StartsWith("rawllm: asking", run.Error);
        Assert.Contains("error: ", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("providers", "extra")]
    [InlineData("models", "--provider", "nobody")]
    [InlineData("frobnicate")]
    [InlineData]
    public async Task WrongUsage_EndsWith2(params string[] args)
    {
        var run = await CliRun.OfAsync(args);

        Assert.Equal("", run.Out);
        Assert.NotEqual("", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task LocalProbe_FindsAServerAndNothingWhereNoneIs()
    {
        await using var server = RawLlm.Cli.Demo.DemoServer.Start(TimeSpan.Zero);
        var provider = server.CreateProvider();

        Assert.Equal("demonstration", Assert.Single((await LocalProbe.ListAsync(provider, CancellationToken.None))!).Id);

        await server.DisposeAsync();
        Assert.Null(await LocalProbe.ListAsync(provider, CancellationToken.None));
    }
}
