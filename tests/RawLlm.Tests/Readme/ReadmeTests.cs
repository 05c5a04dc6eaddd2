using System.Buffers;
using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Readme;

/// <summary>
/// The README and the pages in docs are accurate: their code compiles, the README's code runs, and its table is generated from the library.
/// </summary>
public sealed class ReadmeTests
{
    private static readonly string ReadmePath = Path.Combine(Folders.Repository, "README.md");
    private static readonly string ResultsFolder = Path.Combine(Folders.Repository, "benchmarks", "results");

    [Fact]
    public void CodeBlocks_InReadmeAndDocs_AreCompiled()
    {
        // Each test project compiles the pages of its own package.
        string tests = Path.Combine(Folders.Repository, "tests");
        string[] snippets =
        [
            Path.Combine(tests, "RawLlm.Tests", "Readme", "Snippets.cs"),
            Path.Combine(tests, "RawLlm.Extensions.AI.Tests", "Snippets.cs"),
            Path.Combine(tests, "RawLlm.Extensions.Hosting.Tests", "Snippets.cs"),
            Path.Combine(tests, "RawLlm.Testing.Tests", "Snippets.cs"),
        ];
        string source = string.Join('\n', snippets.Select(file => Unindented(File.ReadAllText(file))));
        var blocks = Regex.Matches(File.ReadAllText(ReadmePath).ReplaceLineEndings("\n"), "```csharp\n(.*?)```", RegexOptions.Singleline);
        Assert.True(blocks.Count >= 4, "The README shows too little code.");
        var pages = Directory
            .EnumerateFiles(Path.Combine(Folders.Repository, "docs"), "*.md")
            .SelectMany(page =>
                Regex.Matches(File.ReadAllText(page).ReplaceLineEndings("\n"), "```csharp\n(.*?)```", RegexOptions.Singleline)
            );
        foreach (Match block in blocks.Concat(pages))
            Assert.Contains(Unindented(block.Groups[1].Value), source, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsPage_KindsAndTimeouts_ListsAll()
    {
        string page = File.ReadAllText(Path.Combine(Folders.Repository, "docs", "errors.md"));

        Assert.All(Enum.GetNames<LlmErrorKind>(), kind => Assert.Contains($"`{kind}`", page, StringComparison.Ordinal));
        Assert.All(
            typeof(LlmTimeouts).GetProperties().Where(time => time.PropertyType == typeof(TimeSpan)),
            time => Assert.Contains($"| `{time.Name}` |", page, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void ReadmeProvidersTable_ComparedWithProviders_IsUpToDate() => HoldOrWrite("providers", Table());

    [Fact]
    public void ReadmePerformance_ComparedWithLatestResults_IsUpToDate() =>
        HoldOrWrite("performance", ReadmeSection.Write(ResultSet.Latest(ResultsFolder)));

    [Fact]
    public void ReadmeChart_ComparedWithLatestResults_IsUpToDate()
    {
        string path = Path.Combine(ResultsFolder, Chart.FileName);
        string chart = Chart.Draw(ResultSet.Latest(ResultsFolder));
        if (MayWrite)
            File.WriteAllText(path, chart);
        else
            Assert.Equal(chart, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Snippets_AgainstMockServer_Run()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .Respond(
                "text/event-stream",
                "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Rayleigh\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
            );
        http.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .Respond(
                "application/json",
                """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}"""
            );
        http.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .WithPartialContent("4 °C in Oslo")
            .Respond(
                "application/json",
                """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}"""
            );
        using var client = Snippets.Client(http.ToHttpClient());
        var output = new ArrayBufferWriter<byte>();
        await Snippets.StreamEvents(client, output);
        Assert.Equal("Rayleigh", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal("Yes.", (await Snippets.Functions(client)).Text);
        http.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task ShowArguments_TwoParallelCalls_ShowsPartialArgumentsOfEach()
    {
        string[] deltas =
        [
            """[{"index":0,"id":"a","function":{"name":"weather","arguments":""}},{"index":1,"id":"b","function":{"name":"weather","arguments":""}}]""",
            """[{"index":0,"function":{"arguments":"{\"city\": \"San"}}]""",
            """[{"index":1,"function":{"arguments":"{\"days\":3,\"city\":\"Oslo\"}"}}]""",
            """[{"index":0,"function":{"arguments":" Fran"}}]""",
            """[{"index":0,"function":{"arguments":"cisco\"}"}}]""",
        ];
        string body =
            string.Concat(
                deltas.Select(delta => $$$$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":{{{{{delta}}}}}}}]}""" + "\n\n")
            )
            + """data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"""
            + "\n\ndata: [DONE]\n\n";
        var shown = new List<string>();

        await Snippets.ShowArguments(
            new ChatStream(new MemoryStream(Encoding.UTF8.GetBytes(body)), new ChatCompletionsProtocol().CreateDecoder()),
            (city, isWhole) => shown.Add(isWhole ? city + "." : city)
        );

        Assert.Equal(["San", "Oslo.", "San Fran", "San Francisco."], shown);
    }

    [Fact]
    public async Task Share_AgainstMockServer_GivesAllObserversSameReply()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .Respond(
                "text/event-stream",
                "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Rayleigh\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
            );
        using var client = Snippets.Client(http.ToHttpClient());
        using StringWriter log = new(),
            other = new();
        var output = new ArrayBufferWriter<byte>();

        var reply = await Snippets.Share(client, log, new Snippets.Log(other), output);

        Assert.Equal("Rayleigh", reply.Text);
        Assert.Equal("Rayleigh", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal("Rayleigh [EndTurn, , no error]", log.ToString().TrimEnd());
        Assert.Equal(log.ToString(), other.ToString());
    }

    [Fact]
    public async Task StreamSnippets_AgainstMockServer_KeepReplyReadExtraMembersAndWriteSse()
    {
        using var http = new MockHttpMessageHandler();
        http.When("https://api.openai.com/v1/chat/completions")
            .Respond(
                "text/event-stream",
                """
                data: {"id":"c","model":"m","service_tier":"flex","choices":[{"index":0,"delta":{"content":"Ray\nleigh"}}]}

                data: {"id":"c","model":"m","service_tier":"flex","choices":[{"index":0,"delta":{"content":" scatters"},"finish_reason":"stop"}]}

                data: [DONE]


                """
            );
        using var client = Snippets.Client(http.ToHttpClient());
        var output = new ArrayBufferWriter<byte>();
        var events = new MemoryStream();

        var reply = await Snippets.ShowAndKeep(client, output);
        string? tier = await Snippets.ServiceTierOfAStream(client);
        await SseFormatter.WriteAsync(Snippets.EventsAsync(client, "Why?", default), events);

        Assert.Equal(("Ray\nleigh scatters", StopReason.EndTurn), (reply.Text, reply.StopReason));
        Assert.Equal(reply.Text, Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal("flex", tier);
        Assert.Equal(
            "data: Ray\ndata: leigh\n\ndata:  scatters\n\nevent: end\ndata: EndTurn\n\n",
            Encoding.UTF8.GetString(events.ToArray())
        );
    }

    [Fact]
    public void KeepInstructions_WrittenForAnthropic_MarksCachedPart()
    {
        var request = Snippets.KeepInstructions("The manual.", new DateOnly(2026, 11, 23));
        using var body = JsonDocument.Parse(WrittenRequest.Of(new AnthropicProtocol(), request).Body);

        var system = body.RootElement.GetProperty("system");
        Assert.Equal(
            ("The manual.", "ephemeral"),
            (system[0].GetProperty("text").GetString(), system[0].GetProperty("cache_control").GetProperty("type").GetString())
        );
        Assert.False(system[1].TryGetProperty("cache_control", out _));
        Assert.Equal(Message.System("The manual."), Message.System(new TextPart("The manual.")));
    }

    [Fact]
    public async Task ShowAValue_AgainstMockServer_ShowsPartialValuesAndReturnsCompleteValue()
    {
        string[] pieces =
        [
            "{\"title\":\"Be",
            "etroot\",\"minutes\":20,\"ingredients\":[{\"name\":\"beet\",\"amount\":2,",
            "\"unit\":null},{\"name\":\"salt\",\"amount\":1,\"unit\":\"g\"}],\"course\":\"Main\",\"note\":null}",
        ];
        using var http = new MockHttpMessageHandler();
        http.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .Respond(
                "text/event-stream",
                string.Concat(
                    pieces.Select(piece =>
                        $$$$$"""data: {"choices":[{"index":0,"delta":{"content":{{{{{JsonSerializer.Serialize(piece)}}}}}}}]}""" + "\n\n"
                    )
                )
                    + """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""
                    + "\n\ndata: [DONE]\n\n"
            );
        using var client = Snippets.Client(http.ToHttpClient());
        var titles = new List<string>();
        var ingredients = new List<RawJson>();

        var recipe = await Snippets.ShowAValue(client, titles.Add, ingredients.Add);

        Assert.Equal(["Be", "Beetroot"], titles);
        Assert.Equal(
            ["""{"name":"beet","amount":2,"unit":null}""", """{"name":"salt","amount":1,"unit":"g"}"""],
            ingredients.Select(ingredient => ingredient.ToString())
        );
        Assert.Equal(("Beetroot", 2), (recipe.Title, recipe.Ingredients.Count));
    }

    [Fact]
    public async Task Loop_AgainstMockServer_AnswersEveryCallAndEnds()
    {
        using var http = new MockHttpMessageHandler();
        const string Address = "https://api.openai.com/v1/chat/completions";
        http.Expect(HttpMethod.Post, Address)
            .Respond(
                "text/event-stream",
                """data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Let me see.","tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"index":1,"id":"b","function":{"name":"weather","arguments":"{\"ci"}}]},"finish_reason":"length"}]}"""
                    + "\n\ndata: [DONE]\n\n"
            );
        http.Expect(HttpMethod.Post, Address)
            .WithPartialContent("The call was cut off.")
            .Respond(
                "text/event-stream",
                """data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}"""
                    + "\n\ndata: [DONE]\n\n"
            );
        using var client = Snippets.Client(http.ToHttpClient());

        var messages = await Snippets.Loop(
            client,
            new ToolDefinition("weather", "The weather in a city", """{"type":"object","properties":{"city":{"type":"string"}}}""")
        );

        Assert.Equal(["Do I need a coat in Oslo?", "Let me see.", "", "Yes."], messages.Select(message => message.Text));
        Assert.Equal(["a", "b"], messages[2].Parts.Select(part => ((ToolResultPart)part).CallId));
        http.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task Recipes_AgainstMockServer_Run()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .Respond(
                "text/event-stream",
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Rayleigh\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
            );
        http.Expect(HttpMethod.Post, "https://llm.example.com/anthropic/v1/messages")
            .WithHeaders("x-team", "search")
            .WithHeaders("Authorization", "Bearer renewed")
            .Respond(
                "application/json",
                """{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"""
            );
        var pipe = new Pipe();

        await Snippets.PassOnAsync(Snippets.Client(http.ToHttpClient()), "Why is the sky blue?", pipe.Writer, CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        using var client = new LlmClient(
            Snippets.Gateway() with
            {
                Credential = new Snippets.RenewedToken(() => "renewed"),
            },
            "c",
            http: http.ToHttpClient()
        );

        Assert.Equal("Rayleigh", Encoding.UTF8.GetString((await pipe.Reader.ReadAsync()).Buffer));
        Assert.Equal("Yes.", (await client.SendAsync("Hello")).Text);
        Assert.Equal("Hi", await Snippets.Mocked());
        http.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task ToolsPage_AgainstMockServer_Runs()
    {
        using var http = new MockHttpMessageHandler();
        const string Address = "https://api.openai.com/v1/chat/completions";
        http.Expect(HttpMethod.Post, Address)
            .Respond(
                "application/json",
                """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}"""
            );
        http.Expect(HttpMethod.Post, Address)
            .WithPartialContent("4 °C in Oslo")
            .Respond(
                "application/json",
                """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}"""
            );
        using var client = Snippets.Client(http.ToHttpClient());

        Assert.Equal("Yes.", (await Snippets.RunTools(client)).Text);
        http.VerifyNoOutstandingExpectation();
    }

    // RAWLLM_WRITE_README=1 updates the generated part.
    private static bool MayWrite => Environment.GetEnvironmentVariable("RAWLLM_WRITE_README") == "1";

    private static void HoldOrWrite(string part, string expected)
    {
        // The tests of a class run one after the other, so no two write at once.
        string readme = File.ReadAllText(ReadmePath).ReplaceLineEndings("\n");
        string head = $"<!-- {part} -->\n";
        int start = readme.IndexOf(head, StringComparison.Ordinal) + head.Length;
        int end = readme.IndexOf($"<!-- /{part} -->", StringComparison.Ordinal);
        Assert.InRange(start, head.Length, end);
        if (MayWrite && readme[start..end] != expected)
            File.WriteAllText(ReadmePath, readme[..start] + expected + readme[end..]);
        else
            Assert.Equal(expected, readme[start..end]);
    }

    private static string Table()
    {
        var table = new StringBuilder("| name | service | base URL | wire | key |\n|---|---|---|---|---|\n");
        foreach (var provider in Providers.All())
        {
            table.Append(
                $"| `{provider.Name}` | {provider.Title} | `{Url(provider)}` | {provider.Protocol.Name} | {(provider.Credential.Variable is { } variable ? $"`{variable}`" : "none")} |\n"
            );
        }

        return table.ToString();
    }

    // The environment of the machine may determine the URLs of Bedrock, Azure, Cloudflare and Vertex.
    private static string Url(Provider provider) =>
        provider.Name switch
        {
            "azure" or "azure-deployments" => new Uri(
                new("https://your-resource.openai.azure.com"),
                provider.BaseUrl.AbsolutePath
            ).AbsoluteUri,
            "anthropic-vertex" => "https://aiplatform.googleapis.com/v1/projects/your-project/locations/global/",
            "cloudflare" => Regex.Replace(provider.BaseUrl.AbsoluteUri, "accounts/[^/]+/", "accounts/your-account/"),
            _ => Regex.Replace(provider.BaseUrl.AbsoluteUri, @"bedrock-runtime\.[a-z0-9-]+\.", "bedrock-runtime.us-east-1."),
        };

    private static string Unindented(string code) =>
        string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim())).Trim();
}
