using System.Text.Json.Nodes;
using RawLlm.Cli.Targets;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Cli;

public sealed class ListingCommandTests
{
    [Fact]
    public async Task Providers_Json_ListsAllWithoutKeys()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "GROQ_API_KEY" ? "sk-secret-value" : null },
            "providers",
            "--json"
        );

        var listed = JsonNode.Parse(run.Out)!["providers"]!.AsArray();
        Assert.Equal(Providers.All().Select(provider => provider.Name), listed.Select(provider => (string)provider!["name"]!));
        Assert.Equal(["groq"], listed.Where(provider => (bool)provider!["keySet"]!).Select(provider => (string)provider!["name"]!));
        var groq = listed.Single(provider => (string?)provider!["name"] == "groq")!;
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {
                        "name": "groq", "title": "Groq", "baseUrl": "https://api.groq.com/openai/v1/", "protocol": "chat-completions",
                        "keyVariable": "GROQ_API_KEY", "keySet": true, "isLocal": false, "defaultModel": "openai/gpt-oss-120b", "headers": {},
                        "capabilities": {"streaming": true, "tools": null, "parallel-tools": null, "vision": null, "audio": false, "files": false, "thinking": null, "structured-output": null}
                    }
                    """
                ),
                groq
            ),
            groq.ToJsonString()
        );
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Providers_Table_ListsAllWithoutKeys()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "GROQ_API_KEY" ? "sk-secret-value" : null },
            "providers"
        );

        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(Providers.All().Count + 1, lines.Length);
        Assert.Matches(
            @"^groq +Groq +https://api\.groq\.com/openai/v1/ +chat-completions +GROQ_API_KEY +set +openai/gpt-oss-120b$",
            lines.Single(line => line.StartsWith("groq ", StringComparison.Ordinal))
        );
        Assert.Matches("OPENAI_API_KEY +not set", run.Out);
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData]
    [InlineData("--json")]
    public async Task Providers_AddressContainsSecret_DoesNotShowSecret(params string[] options)
    {
        var azure = Providers.AzureOpenAIAt(
            CloudEnvironment.AzureEndpoint(_ => "https://user:sekret@mine.openai.azure.com:8443/?key=sekret")
        );

        var run = await CliRun.OfAsync(shell => shell with { Providers = [azure] }, ["providers", .. options]);

        Assert.Contains("https://mine.openai.azure.com:8443/openai/v1/", run.Out);
        Assert.DoesNotContain("sekret", run.Out + run.Error);
    }

    [Fact]
    public async Task Models_DemoProvider_AreListed()
    {
        var table = await CliRun.OfAsync("models");
        var json = await CliRun.OfAsync("models", "--provider", "demo", "--json");

        Assert.Matches(@"\ndemonstration +- +- +- +- +- +rawllm\n$", table.Out);
        Assert.Contains("demonstration", table.Error);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"provider": "demo", "models": [{"id": "demonstration", "title": null, "contextTokens": null, "maxOutputTokens": null, "owner": "rawllm",
                        "inputModalities": [], "outputModalities": [], "supportedParameters": [], "price": null,
                        "capabilities": {"streaming": null, "tools": null, "parallel-tools": null, "vision": null, "audio": null, "files": null, "thinking": null, "structured-output": null}}]}
                    """
                ),
                JsonNode.Parse(json.Out)
            ),
            json.Out
        );
        Assert.Equal((0, 0), (table.Code, json.Code));
    }

    [Fact]
    public async Task Models_NamesWithControlCharacters_AreEscaped()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 200 OK
            Content-Type: application/json

            {"data":[{"id":"[red]m\u001b[31m"}]}
            """
        );

        var run = await CliRun.OfAsync(shell => shell with { IsOutTerminal = true }, "models", "--base-url", server.Url);

        Assert.Contains("[red]m\u241B[31m", run.Out);
        Assert.DoesNotContain('\e', run.Out);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData(100, "Name Base URL Key variable Key")]
    [InlineData(60, "Name Key variable Key")]
    [InlineData(50, "Name Key variable")]
    [InlineData(32, "Name")]
    public async Task Providers_NarrowTerminal_OmitsColumns(int width, string titles)
    {
        var run = await CliRun.OfAsync(shell => shell with { IsOutTerminal = true, Width = width }, "providers");

        string[] lines = run.Out.Trim('\n').Split('\n');
        Assert.Equal(titles, string.Join(' ', lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Contains(lines, static line => line.StartsWith("  bedrock-compatible", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Models_WideCharacters_AreMeasuredInCells()
    {
        await using var server = CannedServer.Json($$"""{"data":[{"id":"{{new string('模', 30)}}"}]}""");

        var run = await CliRun.OfAsync(shell => shell with { IsOutTerminal = true, Width = 80 }, "models", "--base-url", server.Url);

        Assert.Contains(new string('模', 30), run.Out);
        Assert.DoesNotContain("Supports", run.Out);
    }

    public static TheoryData<string, string[], string[], string[]> Listings =>
        new()
        {
            {
                "openrouter",
                [
                    """{"data":[{"id":"openai/gpt-4o","name":"GPT-4o","context_length":128000,"architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},"pricing":{"prompt":"0.0000025","completion":"0.00001"},"top_provider":{"max_completion_tokens":16384},"supported_parameters":["tools"]},{"id":"x/no-tools","supported_parameters":["max_tokens"],"pricing":{"prompt":"0","completion":"0"}}]}""",
                ],
                ["GET /v1/models HTTP/1.1"],
                [@"^openai/gpt-4o +128000 +16384 +2\.5 +10 +tools vision +-$"]
            },
            {
                "anthropic",
                [
                    """{"data":[{"type":"model","id":"claude-sonnet-4-6","display_name":"Claude Sonnet 4.6"}],"has_more":true,"last_id":"claude-sonnet-4-6"}""",
                    """{"data":[{"type":"model","id":"claude-9","capabilities":{"thinking":{"supported":true}}}],"has_more":false,"last_id":"claude-9"}""",
                ],
                ["GET /v1/models?limit=1000 HTTP/1.1", "GET /v1/models?limit=1000&after_id=claude-sonnet-4-6 HTTP/1.1"],
                [@"^claude-sonnet-4-6 +1000000 +128000 +3 +15 +tools parallel-tools vision files thinking structured-output +-$"]
            },
            {
                "gemini",
                [
                    """{"models":[{"name":"models/gemini-2.5-flash","displayName":"Gemini 2.5 Flash","inputTokenLimit":1048576,"outputTokenLimit":65536}],"nextPageToken":"abc"}""",
                    """{"models":[{"name":"models/embed","inputTokenLimit":2048,"outputTokenLimit":1}]}""",
                ],
                ["GET /v1/models?pageSize=1000 HTTP/1.1", "GET /v1/models?pageSize=1000&pageToken=abc HTTP/1.1"],
                [@"^gemini-2\.5-flash +1048576 +65536 +0\.3 +2\.5 +tools "]
            },
            {
                "groq",
                [
                    """{"object":"list","data":[{"id":"llama-3.3-70b-versatile","owned_by":"Meta","context_window":131072,"max_completion_tokens":32768},{"id":"whisper","owned_by":"OpenAI"}]}""",
                ],
                ["GET /v1/models HTTP/1.1"],
                [@"^llama-3\.3-70b-versatile +131072 +32768 +0\.59 +0\.79 +tools parallel-tools +Meta$"]
            },
        };

    [Theory]
    [MemberData(nameof(Listings))]
    public async Task Models_ListingOfAnyDialect_IsPrintedAndFiltered(
        string provider,
        string[] pages,
        string[] requests,
        string[] toolLines
    )
    {
        await using var server = CannedServer.Json(pages);

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "KEY" ? "sk-secret-value" : null },
            "models",
            "--provider",
            provider,
            "--base-url",
            server.Url,
            "--key-env",
            "KEY",
            "--supports",
            "tools"
        );

        Assert.Equal(0, run.Code);
        Assert.Equal(requests, (await server.Requests).Select(request => request.Split("\r\n")[0]));
        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Matches(@"^Model +Context tokens +Max output tokens +\$ in +\$ out +Supports +Owner$", lines[0]);
        Assert.Equal(toolLines.Length, lines.Length - 1);
        for (int i = 0; i < toolLines.Length; i++)
            Assert.Matches(toolLines[i], lines[i + 1]);
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
    }

    [Theory]
    [MemberData(nameof(Listings))]
    public async Task Models_ListingOfAnyDialectWithJson_PrintsJson(string provider, string[] pages, string[] requests, string[] toolLines)
    {
        await using var server = CannedServer.Json(pages);

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "KEY" ? "k" : null },
            "models",
            "--provider",
            provider,
            "--base-url",
            server.Url,
            "--key-env",
            "KEY",
            "--json"
        );

        Assert.Equal((0, requests.Length), (run.Code, (await server.Requests).Length));
        var models = JsonNode.Parse(run.Out)!["models"]!.AsArray();
        Assert.Equal(2, models.Count);
        Assert.Equal(toolLines.Length, models.Count(model => (bool?)model!["capabilities"]!["tools"] == true));
        Assert.NotNull(models[0]!["contextTokens"]);
        Assert.Equal(provider == "openrouter" ? "service" : "table", (string?)models[0]!["price"]!["source"]);
    }

    [Fact]
    public async Task Models_UnknownCapability_IsUsageError()
    {
        var run = await CliRun.OfAsync("models", "--provider", "demo", "--supports", "tools,flying");

        Assert.Equal(2, run.Code);
        Assert.Contains("'flying'", run.Error);
        Assert.Contains("structured-output", run.Error);
    }

    [Fact]
    public async Task Models_ResponseIsNotAList_Fails()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 200 OK
            Content-Type: text/html

            <html>
            """
        );

        var run = await CliRun.OfAsync("models", "--base-url", server.Url);

        Assert.Equal("", run.Out);
        Assert.StartsWith("rawllm: asking", run.Error);
        Assert.Contains("error: ", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("no list of models at that address", "models")]
    [InlineData("no list of models at that address", "chat", "Hello")]
    [InlineData("rawllm models lists", "chat", "--model", "m", "Hello")]
    public async Task List_StatusNotFound_PrintsHint(string hint, params string[] command)
    {
        await using var server = new ScriptedService((_, _) => ScriptedService.Answer.Json("""{"error":{"message":"Not found."}}""", 404));

        var run = await CliRun.OfAsync([.. command, "--base-url", server.Url]);

        Assert.Contains("hint: " + (hint[0] == 'n' ? "there is " : ""), run.Error);
        Assert.Contains(hint, run.Error);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("chat", "--model", "m", "Hello")]
    public async Task List_StatusGone_HintsAtOtherModelsAndProviders(params string[] command)
    {
        await using var server = new ScriptedService((_, _) => ScriptedService.Answer.Json("""{"error":{"message":"Retired."}}""", 410));

        var run = await CliRun.OfAsync([.. command, "--base-url", server.Url]);

        Assert.Contains("hint: rawllm models lists what the service still offers; rawllm providers lists other services", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Models_FailureWithJson_PrintsError()
    {
        await using var server = new ScriptedService(
            (_, _) => ScriptedService.Answer.Json("""{"error":{"message":"Not found.","code":"gone"}}""", 404)
        );

        var run = await CliRun.OfAsync("models", "--json", "--base-url", server.Url);

        var json = JsonNode.Parse(run.Out)!;
        Assert.Empty(json["models"]!.AsArray());
        Assert.Equal(
            ("NotFound", 404, "gone"),
            ((string?)json["error"]!["kind"], (int?)json["error"]!["status"], (string?)json["error"]!["code"])
        );
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Models_CancelledWithJson_PrintsObject()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = new ScriptedService(
            (_, _) =>
            {
                cancellation.Cancel();
                return ScriptedService.Answer.Json("{}");
            }
        );

        var run = await CliRun.OfAsync(shell => shell, cancellation.Token, "models", "--json", "--base-url", server.Url);

        Assert.Equal("Cancelled", (string?)JsonNode.Parse(run.Out)!["error"]!["kind"]);
        Assert.Equal(130, run.Code);
    }

    [Theory]
    [InlineData("--supports")]
    [InlineData("--supports", ",")]
    public async Task Models_MissingCapability_IsUsageError(params string[] options)
    {
        var run = await CliRun.OfAsync(["models", "--provider", "demo", .. options]);

        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("--supports", run.Error);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task Models_NoModelSupportsCapability_ReportsIt()
    {
        var run = await CliRun.OfAsync("models", "--provider", "demo", "--supports", "tools", "--json");

        Assert.Contains("none of the 1 listed models is known to support this", run.Error);
        Assert.Empty(JsonNode.Parse(run.Out)!["models"]!.AsArray());
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("providers", "extra")]
    [InlineData("models", "--provider", "nobody")]
    [InlineData("frobnicate")]
    [InlineData("frobnicate", "--help")]
    [InlineData("--help", "frobnicate")]
    [InlineData]
    public async Task Command_WrongUsage_ExitsWith2(params string[] args)
    {
        var run = await CliRun.OfAsync(args);

        Assert.Equal("", run.Out);
        Assert.NotEqual("", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task LocalProbe_WithAndWithoutServer_ReturnsModelsOrNull()
    {
        await using var server = RawLlm.Cli.Demo.DemoServer.Start(TimeSpan.Zero);
        var provider = server.CreateProvider();

        var patience = TimeSpan.FromMinutes(2);
        Assert.Equal("demonstration", Assert.Single((await LocalProbe.ListAsync(provider, patience, CancellationToken.None))!).Id);

        using var closed = new ClosedPort();
        Assert.Null(
            await LocalProbe.ListAsync(
                provider with
                {
                    BaseUrl = new Uri($"http://127.0.0.1:{closed.Number}/v1/"),
                },
                patience,
                CancellationToken.None
            )
        );
    }
}
