using System.IO.Pipelines;
using System.Text.Json.Nodes;

namespace RawLlm.Tests.Cli;

public sealed class EmbedCommandTests
{
    [Fact]
    public async Task Embed_Texts_PrintsTableOfFirstNumbers()
    {
        await using var server = new ScriptedService(Vectors);

        var run = await CliRun.OfAsync("embed", "--base-url", server.Url, "--model", "m", "blue", "a sky\nthat is " + new string('b', 100));

        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Matches("^Numbers +Norm +Begins with +Text$", lines[0]);
        Assert.Matches(@"^6 +1\.0000 +0\.6000, -0\.8000, 0\.0000, 0\.0000, … +blue$", lines[1]);
        Assert.Matches("^6 .* a sky that is b{26}…$", lines[2]);
        Assert.StartsWith(
            $"rawllm: asking OpenAI-compatible server, model m, at {server.Url}embeddings\n",
            run.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("rawllm: m-1, 2 texts, tokens: 6 in\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Embed_NarrowTerminal_KeepsNumbers()
    {
        await using var server = new ScriptedService(Vectors);

        var run = await CliRun.OfAsync(
            shell => shell with { IsOutTerminal = true, Width = 50 },
            "embed",
            "--base-url",
            server.Url,
            "--model",
            "m",
            "a text that is longer than the terminal is wide"
        );

        Assert.Contains("0.6000, -0.8000", run.Out, StringComparison.Ordinal);
        Assert.Contains("Numbers", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embed_Json_PrintsWholeEmbeddingsOnLines()
    {
        await using var server = new ScriptedService(Vectors);

        var run = await CliRun.OfAsync("embed", "--json", "--base-url", server.Url, "--model", "m", "--", "blue", "-");

        Equal(
            run,
            """{"index":0,"text":"blue","model":"m-1","embedding":[0.6,-0.8,0,0,0,1E-05]}""",
            """{"index":1,"text":"-","model":"m-1","embedding":[0.6,-0.8,0,0,0,1E-05]}"""
        );
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Embed_NumberThatJsonCannotExpress_IsNull()
    {
        string nan = Convert.ToBase64String([.. BitConverter.GetBytes(0.5f), .. BitConverter.GetBytes(float.NaN)]);
        await using var server = new ScriptedService(
            (_, _) => ScriptedService.Answer.Json($$"""{"model":"m-1","data":[{"index":0,"embedding":"{{nan}}"}]}""")
        );

        var run = await CliRun.OfAsync("embed", "--json", "--base-url", server.Url, "--model", "m", "blue");

        Equal(run, """{"index":0,"text":"blue","model":"m-1","embedding":[0.5,null]}""");
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("one\r\n\n  \ntwo\n", new[] { "one", "two" })]
    [InlineData("\uFEFFone", new[] { "one" })]
    [InlineData("one\ntwo\n", new[] { "one\ntwo\n" }, "--whole")]
    [InlineData("one\ntwo\n", new[] { "first", "one", "two", "last" }, "first", "-", "last")]
    public async Task Embed_StandardInput_IsReadByLineOrWhole(string input, string[] expected, params string[] options)
    {
        JsonNode? asked = null;
        await using var server = new ScriptedService(
            (path, body) =>
            {
                asked = body;
                return Vectors(path, body);
            }
        );

        var run = await CliRun.OfAsync(
            shell => shell with { In = CliRun.Input(input) },
            ["embed", "--json", "--dimensions", "6", "--base-url", server.Url, "--model", "m", .. options]
        );

        Assert.Equal(expected, asked!["input"]!.AsArray().Select(text => (string)text!));
        Assert.Equal(("m", 6), ((string?)asked["model"], (int)asked["dimensions"]!));
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("chat-model", "text-embedding-4", "text-embedding-4")]
    [InlineData("only-model", null, "only-model")]
    public async Task Embed_NoModelNamed_AsksFirstThatIsForEmbeddings(string first, string? second, string expected)
    {
        await using var server = new ScriptedService(
            (path, body) => path.EndsWith("/models", StringComparison.Ordinal) ? List(first, second) : Vectors(path, body)
        );

        var run = await CliRun.OfAsync("embed", "--base-url", server.Url, "blue");

        Assert.Contains($"asking model {expected}, chosen from the service's list", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Embed_NoModelForEmbeddingsListed_FailsWithHint()
    {
        await using var server = new ScriptedService((_, _) => List("one", "two"));

        var run = await CliRun.OfAsync("embed", "--base-url", server.Url, "blue");

        Assert.Contains("None of the 2 models that", run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: name a model for embeddings with --model\n", run.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData("Name a service with --provider or --base-url.", "--provider", "demo", "blue")]
    [InlineData("No service to ask for embeddings: no API key variable is set and no local server responds.", "blue")]
    [InlineData("--dimensions takes a whole number of at least 1.", "--dimensions", "0", "blue")]
    [InlineData("--dimensions takes a whole number of at least 1.", "--dimensions", "x", "blue")]
    [InlineData("Text 2 is empty.", "blue", "")]
    [InlineData("--whole is for standard input", "--whole", "blue")]
    [InlineData("can be read only once", "-", "-")]
    [InlineData("Standard input contains no text.", "-")]
    [InlineData("Unknown option --dimension. Did you mean --dimensions?", "--dimension=5", "blue")]
    public async Task Embed_WrongUsage_ReportsReason(string says, params string[] args)
    {
        var run = await CliRun.OfAsync(["embed", .. args]);

        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.EndsWith("hint: run rawllm embed --help\n", run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task Embed_NothingGivenAtTerminal_DoesNotWaitForInput()
    {
        var run = await CliRun.OfAsync(shell => shell with { IsInTerminal = true }, "embed");

        Assert.Contains("There is no text.", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task Embed_SecondRequestFails_PrintsFirstAndExitsWith3()
    {
        await using var server = new ScriptedService(
            (path, body) =>
                body!["input"]!.AsArray().Count == 256
                    ? Vectors(path, body)
                    : ScriptedService.Answer.Json("""{"error":{"message":"No such model.","code":"model_not_found"}}""", 404)
        );
        string input = string.Join('\n', Enumerable.Range(0, 300));

        var run = await CliRun.OfAsync(
            shell => shell with { In = CliRun.Input(input) },
            "embed",
            "--json",
            "--base-url",
            server.Url,
            "--model",
            "m"
        );

        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(257, lines.Length);
        Assert.Equal(255, (int)JsonNode.Parse(lines[255])!["index"]!);
        Assert.Equal("NotFound", (string?)JsonNode.Parse(lines[256])!["error"]!["kind"]);
        Assert.Contains("rawllm: m-1, 256 of 300 texts", run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: check that --model names a model for embeddings", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Embed_WireWithoutEmbeddings_FailsWithHint()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "ANTHROPIC_API_KEY" ? "key" : null },
            "embed",
            "--model",
            "anthropic:claude-haiku-4-5",
            "blue"
        );

        Assert.Contains("Anthropic offers no embeddings on this wire.", run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: name another service with --provider", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Embed_CanceledWhileReadingInput_PrintsErrorLine()
    {
        using var cancellation = new CancellationTokenSource();
        var input = new Pipe();

        var running = CliRun.OfAsync(
            shell => shell with { In = input.Reader.AsStream() },
            cancellation.Token,
            "embed",
            "--json",
            "-m",
            "m"
        );
        await cancellation.CancelAsync();
        var run = await running;

        Assert.Equal("Cancelled", (string?)JsonNode.Parse(run.Out)!["error"]!["kind"]);
        Assert.Equal((130, "canceled\n"), (run.Code, run.Error));
    }

    [Fact]
    public async Task Embed_Canceled_PrintsErrorLine()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = new ScriptedService(
            (path, body) =>
            {
                cancellation.Cancel();
                return Vectors(path, body);
            }
        );

        var run = await CliRun.OfAsync(shell => shell, cancellation.Token, "embed", "--json", "--base-url", server.Url, "-m", "m", "blue");

        Assert.Equal("Cancelled", (string?)JsonNode.Parse(run.Out)!["error"]!["kind"]);
        Assert.EndsWith("canceled\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(130, run.Code);
    }

    private static ScriptedService.Answer Vectors(string path, JsonNode? body)
    {
        int count = path.EndsWith("/embeddings", StringComparison.Ordinal) ? body!["input"]!.AsArray().Count : 0;
        var data = Enumerable.Range(0, count).Select(i => $$"""{"index":{{i}},"embedding":[0.6,-0.8,0,0,0,0.00001]}""");
        return ScriptedService.Answer.Json(
            $$$"""{"model":"m-1","data":[{{{string.Join(',', data)}}}],"usage":{"prompt_tokens":{{{3 * count}}},"total_tokens":{{{3 * count}}}}}"""
        );
    }

    private static ScriptedService.Answer List(params string?[] models) =>
        ScriptedService.Answer.Json(
            $$"""{"data":[{{string.Join(',', models.OfType<string>().Select(model => $$"""{"id":"{{model}}"}"""))}}]}"""
        );

    private static void Equal(CliRun run, params string[] expected) =>
        Assert.Equal(expected, run.Out.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.ToJsonString()));
}
