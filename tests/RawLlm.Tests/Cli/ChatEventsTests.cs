using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RawLlm.Tests.Cli;

public sealed class ChatEventsTests
{
    [Theory]
    [InlineData("--events")]
    [InlineData("--stream-json")]
    public async Task Events_AnswerWithToolCall_ArePrintedOnePerLine(string option)
    {
        await using var server = Sse(
            """{"id":"c1","model":"m-2","choices":[{"index":0,"delta":{"reasoning_content":"Hm."},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"content":"Two\nlines \u00fc"},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"cost":0.001}}""",
            "[DONE]"
        );

        var run = await ChatAsync(server.Url, option);

        Equal(
            run,
            """{"kind":"Connected","provider":"openai-compatible","model":"m"}""",
            """{"kind":"Reasoning","choice":0,"index":0,"text":"Hm."}""",
            """{"kind":"Text","choice":0,"index":1,"text":"Two\nlines ü"}""",
            """{"kind":"ToolCallStarted","choice":0,"index":2,"id":"call_1","name":"f"}""",
            """{"kind":"ToolArguments","choice":0,"index":2,"id":"call_1","name":"f","arguments":"{\"a\":"}""",
            """{"kind":"ToolArguments","choice":0,"index":2,"id":"call_1","name":"f","arguments":"1}"}""",
            """{"kind":"ToolCall","choice":0,"index":2,"id":"call_1","name":"f","arguments":"{\"a\":1}"}""",
            """{"kind":"Stop","choice":0,"index":0,"stopReason":"ToolUse","rawStopReason":"tool_calls"}""",
            """{"kind":"Usage","choice":0,"index":0,"usage":{"inputTokens":9,"outputTokens":5,"cachedInputTokens":null,"reasoningTokens":null,"totalTokens":14,"reportedCost":0.001}}""",
            """
            {"kind":"Done","provider":"openai-compatible","id":"c1","model":"m-2","stopReason":"ToolUse","rawStopReason":"tool_calls",
                "usage":{"inputTokens":9,"outputTokens":5,"cachedInputTokens":null,"reasoningTokens":null,"totalTokens":14,"reportedCost":0.001},
                "events":7,"complete":true,"quirks":[],"error":null,"cost":{"usd":0.001,"source":"reported"},"rateLimits":null,"requestId":null}
            """
        );
        Assert.Contains("rawllm: asking ", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Events_SeveralChoicesAndCitations_NameTheirChoice()
    {
        await using var server = Sse(
            """{"choices":[{"index":0,"delta":{"content":"A"},"finish_reason":null},{"index":1,"delta":{"content":"B"},"finish_reason":null}]}""",
            """{"choices":[{"index":1,"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"https://example.org/","title":"T"}}]},"finish_reason":"length"}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            "[DONE]"
        );

        var run = await ChatAsync(server.Url, "--events");

        var lines = Lines(run);
        Assert.Equal(
            ["Connected", "Text 0 A", "Text 1 B", "Citation 1 https://example.org/", "Stop 0 EndTurn", "Stop 1 MaxTokens", "Done EndTurn"],
            lines.Select(line =>
                string.Join(
                    ' ',
                    new[] { line["kind"], line["choice"], line["text"], line["citation"]?["url"], line["stopReason"] }.OfType<JsonNode>()
                )
            )
        );
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Events_StreamBreaksOff_EndWithErrorLineAndExitWith3()
    {
        await using var server = Sse("""{"id":"c1","choices":[{"index":0,"delta":{"content":"Half"},"finish_reason":null}]}""");

        var run = await ChatAsync(server.Url, "--events");

        var lines = Lines(run);
        Assert.Equal(["Connected", "Text", "Error"], lines.Select(line => (string?)line["kind"]));
        Assert.Equal(
            ("StreamTruncated", false, "Unknown", "c1"),
            ((string?)lines[2]["error"]!["kind"], (bool)lines[2]["complete"]!, (string?)lines[2]["stopReason"], (string?)lines[2]["id"])
        );
        Assert.Contains("error: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Events_RequestIsRefused_AreOneErrorLine()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 401 Unauthorized
            Content-Type: application/json

            {"error":{"message":"No such key.","code":"invalid_api_key"}}
            """
        );

        var run = await ChatAsync(server.Url, "--events");

        var line = Assert.Single(Lines(run));
        Assert.Equal(
            ("Error", "Authentication", 401, false, "m"),
            (
                (string?)line["kind"],
                (string?)line["error"]!["kind"],
                (int?)line["error"]!["status"],
                (bool)line["complete"]!,
                (string?)line["model"]
            )
        );
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Events_Canceled_EndWithErrorLine()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = new ScriptedService(
            (_, _) =>
            {
                cancellation.Cancel();
                return ScriptedService.Answer.Sse();
            }
        );

        var run = await CliRun.OfAsync(
            shell => shell,
            cancellation.Token,
            "chat",
            "--events",
            "--base-url",
            server.Url,
            "-m",
            "m",
            "Hello"
        );

        var last = Lines(run)[^1];
        Assert.Equal(("Error", "Cancelled", false), ((string?)last["kind"], (string?)last["error"]!["kind"], (bool)last["complete"]!));
        Assert.Equal(130, run.Code);
    }

    [Fact]
    public async Task Events_CanceledWhileReadingInput_AreOneErrorLine()
    {
        using var cancellation = new CancellationTokenSource();
        var input = new Pipe();

        var running = CliRun.OfAsync(shell => shell with { In = input.Reader.AsStream() }, cancellation.Token, "chat", "--events", "-");
        await cancellation.CancelAsync();
        var run = await running;

        Assert.Equal("Cancelled", (string?)Assert.Single(Lines(run))["error"]!["kind"]);
        Assert.Equal(130, run.Code);
    }

    [Theory]
    [InlineData("--json and --events cannot be combined", "--json")]
    [InlineData("--events and --no-stream cannot be combined", "--no-stream")]
    [InlineData("--curl and --events cannot be combined", "--curl")]
    public async Task Events_WithOptionThatExcludesThem_AreUsageError(string says, string option)
    {
        var run = await CliRun.OfAsync("chat", "--provider", "demo", "--events", option, "Hello");

        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task Events_SlowStream_ArePrintedAsTheyArrive()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var output = new AwaitedOutput("\"one\"");
        var serving = ServeAsync();

        var run = await CliRun.OfAsync(
            shell => shell with { Out = output },
            "chat",
            "--events",
            "--base-url",
            $"http://{listener.LocalEndpoint}/v1",
            "-m",
            "m",
            "Hello"
        );

        await serving;
        Assert.Contains("\"two\"", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
        Assert.Equal(0, run.Code);

        // The second piece is sent only after the first was printed.
        async Task ServeAsync()
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[1 << 16]);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"u8.ToArray());
            await stream.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\n"u8.ToArray());
            await output.Seen.WaitAsync(TimeSpan.FromMinutes(2));
            await stream.WriteAsync(
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8.ToArray()
            );
        }
    }

    private static CannedServer Sse(params string[] data) =>
        new("HTTP/1.1 200 OK\nContent-Type: text/event-stream\n\n" + string.Concat(data.Select(line => $"data: {line}\n\n")));

    private static Task<CliRun> ChatAsync(string url, string option) =>
        CliRun.OfAsync("chat", option, "--base-url", url, "--model", "m", "Hello");

    private static JsonNode[] Lines(CliRun run)
    {
        Assert.EndsWith("\n", run.Out, StringComparison.Ordinal);
        return [.. run.Out[..^1].Split('\n').Select(line => JsonNode.Parse(line)!)];
    }

    private static void Equal(CliRun run, params string[] expected)
    {
        var lines = Lines(run);
        Assert.Equal(expected.Select(Compact), lines.Select(line => line.ToJsonString()).Select(Compact));

        static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
    }

    private sealed class AwaitedOutput(string text) : MemoryStream
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public override void Flush()
        {
            if (Encoding.UTF8.GetString(ToArray()).Contains(text, StringComparison.Ordinal))
                _seen.TrySetResult();
        }
    }
}
