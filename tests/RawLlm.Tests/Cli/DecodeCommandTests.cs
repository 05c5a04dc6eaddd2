using System.Text;
using System.Text.Json.Nodes;

namespace RawLlm.Tests.Cli;

public sealed class DecodeCommandTests : IDisposable
{
    private const string Stream = """
        data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"Hm."},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{"content":"Grüße \"quoted\" <b>&\u0001 🙂"},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": "}}]},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":" 1}"}}]},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

        data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}

        data: [DONE]


        """;

    private const string WholeStream = """
        {
            "file": "-",
            "text": "Grüße \"quoted\" <b>&\u0001 🙂",
            "reasoning": "Hm.",
            "toolCalls": [{"id": "call_1", "name": "f", "arguments": "{\"a\":  1}", "complete": true}],
            "stopReason": "ToolUse",
            "rawStopReason": "tool_calls",
            "usage": {"inputTokens": 9, "outputTokens": 5, "cachedInputTokens": 4, "reasoningTokens": 2, "totalTokens": 14},
            "events": 7,
            "complete": true,
            "quirks": [],
            "error": null
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Decode_StreamFromInput_PrintsOneObjectOnOneLine()
    {
        var run = await DecodeAsync(Stream);

        Equal(WholeStream, run.Out);
        Assert.Equal(1, run.Bytes.Count(b => b == '\n'));
        Assert.Equal((byte)'\n', run.Bytes[^1]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Decode_AnswerWithCitations_WritesCitationRanges()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":0,"delta":{"content":"Hi 🙂 there","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/","title":"A","content":"Words.","start_index":0,"end_index":2}}]},"finish_reason":"stop"}]}

            data: [DONE]


            """
        );

        var citation = JsonNode.Parse(run.Out)!["citations"]!.AsArray().Single();
        Equal("""{"url":"https://a.example/","title":"A","citedText":"Words.","part":0,"start":0,"end":2}""", citation!.ToJsonString());
    }

    [Fact]
    public async Task Decode_NonAsciiText_IsWrittenAsUtf8WithoutUnneededEscapes()
    {
        var run = await DecodeAsync(Stream);

        Assert.Contains("Grüße \\\"quoted\\\" <b>&", run.Out);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("7")]
    [InlineData("100000")]
    public async Task Decode_InputInPieces_PrintsSameResult(string pieces)
    {
        var run = await DecodeAsync(Stream, "--pieces", pieces);

        Equal(WholeStream, run.Out);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Decode_TruncatedStream_PrintsReceivedContent()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":0,"delta":{"content":"Half"},"finish_reason":null}],"usage":{"prompt_tokens":3}}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":"{\"a\":"}}]}}]}


            """
        );

        var json = JsonNode.Parse(run.Out)!.AsObject();
        var error = json["error"]!.AsObject();
        json.Remove("error");
        Equal(
            """
            {
                "file": "-",
                "text": "Half",
                "reasoning": "",
                "toolCalls": [{"id": "call_1", "name": "f", "arguments": "{\"a\":", "complete": false}],
                "stopReason": "Unknown",
                "rawStopReason": null,
                "usage": {"inputTokens": 3, "outputTokens": null, "cachedInputTokens": null, "reasoningTokens": null, "totalTokens": null},
                "events": 2,
                "complete": false,
                "quirks": []
            }
            """,
            json.ToJsonString()
        );
        Assert.Equal("StreamTruncated", (string?)error["kind"]);
        Assert.NotEmpty((string)error["message"]!);
        Assert.True(error.ContainsKey("code"));
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_ErrorInStream_ReportsStreamError()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":0,"delta":{"content":"Half"},"finish_reason":null}]}

            data: {"error":{"message":"no capacity","code":"overloaded"}}


            """
        );

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal("Half", (string?)json["text"]);
        Assert.Equal("StreamError", (string?)json["error"]!["kind"]);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_SeveralChoices_ListsAllChoices()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":1,"delta":{"content":"two"},"finish_reason":"length"},{"index":0,"delta":{"content":"one"},"finish_reason":"stop"}]}

            data: [DONE]


            """
        );

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal("one", (string?)json["text"]);
        Equal(
            """
            [
                {"index": 0, "text": "one", "reasoning": "", "toolCalls": [], "stopReason": "EndTurn", "rawStopReason": "stop"},
                {"index": 1, "text": "two", "reasoning": "", "toolCalls": [], "stopReason": "MaxTokens", "rawStopReason": "length"}
            ]
            """,
            json["choices"]!.ToJsonString()
        );
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Decode_Quirk_IsListed()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":0,"delta":{"content":"one"},"finish_reason":"stop"}]}


            """
        );

        Equal("""["MissingSentinel at end of body"]""", JsonNode.Parse(run.Out)!["quirks"]!.ToJsonString());
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Decode_QuirkWithStrict_IsError()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":0,"delta":{"content":"one"},"finish_reason":"stop"}]}


            """,
            "--strict"
        );

        Assert.Equal("one", (string?)JsonNode.Parse(run.Out)!["text"]);
        Assert.False((bool)JsonNode.Parse(run.Out)!["complete"]!);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_Reply_PrintsSameMembersAsStream()
    {
        var run = await DecodeAsync(
            """{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""",
            "--reply"
        );

        Equal(
            """
            {
                "file": "-",
                "text": "Hello",
                "reasoning": "",
                "toolCalls": [],
                "stopReason": "EndTurn",
                "rawStopReason": "stop",
                "usage": {"inputTokens": 1, "outputTokens": 2, "cachedInputTokens": null, "reasoningTokens": null, "totalTokens": 3},
                "events": 1,
                "complete": true,
                "quirks": [],
                "error": null
            }
            """,
            run.Out
        );
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Decode_OptionalUsageMembers_AreWrittenIfReported()
    {
        var run = await DecodeAsync(
            """{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2000,"completion_tokens":2,"cost":0.25,"prompt_tokens_details":{"cache_write_tokens":1500,"audio_tokens":3,"cache_creation":{"ephemeral_1h_input_tokens":1000}},"completion_tokens_details":{"accepted_prediction_tokens":1}}}""",
            "--reply"
        );

        var usage = JsonNode.Parse(run.Out)!["usage"]!;
        Assert.Equal(
            (1500, 1000, 3, 1, 0.25m),
            (
                (int)usage["cacheWriteTokens"]!,
                (int)usage["cacheWriteOneHourTokens"]!,
                (int)usage["audioInputTokens"]!,
                (int)usage["acceptedPredictionTokens"]!,
                (decimal)usage["reportedCost"]!
            )
        );
        Assert.Null(usage["audioOutputTokens"]);
    }

    [Fact]
    public async Task Decode_ReplyIsNotJson_ReportsMalformedResponse()
    {
        var run = await DecodeAsync("<html>", "--reply");

        Assert.Equal("MalformedResponse", (string?)JsonNode.Parse(run.Out)!["error"]!["kind"]);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_Refusal_IsWritten()
    {
        var run = await DecodeAsync(
            """{"choices":[{"index":0,"message":{"role":"assistant","refusal":"I will not."},"finish_reason":"stop"}]}""",
            "--reply"
        );

        Assert.Equal("I will not.", (string?)JsonNode.Parse(run.Out)!["refusal"]);
    }

    [Fact]
    public async Task Decode_ErrorBody_WritesError()
    {
        var run = await DecodeAsync(
            """{"error":{"message":"Slow down","type":"requests","code":"rate_limit_exceeded"}}""",
            "--error",
            "429"
        );

        var json = JsonNode.Parse(run.Out)!;
        Assert.NotNull(json["error"]!["kind"]);
        Assert.NotEmpty((string)json["error"]!["message"]!);
        Assert.False((bool)json["complete"]!);
        Assert.Equal(1, (int)json["events"]!);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_Events_PrintsOneLinePerEvent()
    {
        var run = await DecodeAsync(Stream, "--events");

        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(
            ["Connected", "Reasoning", "Text", "ToolCallStarted", "ToolArguments", "ToolArguments", "ToolCall", "Stop", "Usage", "Done"],
            lines.Select(line => (string?)JsonNode.Parse(line)!["kind"]).Where(kind => kind != "WireData")
        );
        Equal("""{"file": "-", "kind": "Reasoning", "choice": 0, "index": 0, "text": "Hm."}""", lines[1]);
        Equal("""{"file": "-", "kind": "Done", "choice": 0, "index": 0, "id": "c1", "model": "m"}""", lines[^1]);
        Equal(
            """{"file": "-", "kind": "Stop", "choice": 0, "index": 0, "stopReason": "ToolUse", "rawStopReason": "tool_calls"}""",
            lines.Single(line => line.Contains("\"Stop\""))
        );
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Decode_EventsOfTruncatedStream_EndWithError()
    {
        var run = await DecodeAsync(
            """
            data: {"choices":[{"index":0,"delta":{"content":"Half"},"finish_reason":null}]}


            """,
            "--events"
        );

        var last = JsonNode.Parse(run.Out.TrimEnd('\n').Split('\n')[^1])!;
        Assert.Equal("Error", (string?)last["kind"]);
        Assert.Equal("StreamTruncated", (string?)last["error"]!["kind"]);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_SeveralFiles_PrintsLineForEachAndExitsWithWorstCode()
    {
        string whole = Write("whole.sse", Stream);
        string cut = Write("cut.sse", "data: {\"choices\":[]}\n\n");

        var run = await CliRun.OfAsync("decode", "--protocol", "chat-completions", whole, cut, whole);

        Assert.Equal([whole, cut, whole], run.Out.TrimEnd('\n').Split('\n').Select(line => (string?)JsonNode.Parse(line)!["file"]));
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_MissingFile_IsUsageErrorAndOtherFilesAreDecoded()
    {
        string cut = Write("cut.sse", "data: {\"choices\":[]}\n\n");
        string whole = Write("whole.sse", Stream);

        var run = await CliRun.OfAsync("decode", "--protocol", "chat-completions", cut, Path.Combine(_folder, "missing.sse"), whole);

        Assert.Equal([cut, whole], run.Out.TrimEnd('\n').Split('\n').Select(line => (string?)JsonNode.Parse(line)!["file"]));
        Assert.Contains("missing.sse: no such file", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task Decode_EmptyInput_IsIncomplete()
    {
        var run = await DecodeAsync("");

        Assert.Equal(0, (int)JsonNode.Parse(run.Out)!["events"]!);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Decode_UnknownProtocol_ListsKnownProtocols()
    {
        var run = await CliRun.OfAsync("decode", "--protocol", "smoke-signals", "-");

        Assert.Equal("", run.Out);
        Assert.Contains("smoke-signals", run.Error);
        Assert.Contains("chat-completions", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("--protocol", "chat-completions")]
    [InlineData("--protocol", "chat-completions", "-", "-")]
    [InlineData("--protocol", "chat-completions", "--pieces", "0", "-")]
    [InlineData("--protocol", "chat-completions", "--pieces", "x", "-")]
    [InlineData("--protocol", "chat-completions", "--pieces", "1", "--reply", "-")]
    [InlineData("--protocol", "chat-completions", "--reply", "--error", "400", "-")]
    [InlineData("--protocol", "chat-completions", "--error", "7", "-")]
    [InlineData("--protocol", "chat-completions", "--events", "--error", "400", "-")]
    [InlineData("--protocol", "chat-completions", "--unknown", "-")]
    public async Task Decode_WrongUsage_ReportsErrorAndDecodesNothing(params string[] args)
    {
        var run = await CliRun.OfAsync(["decode", .. args]);

        Assert.Equal("", run.Out);
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("hint: run rawllm decode --help", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task Decode_Cancelled_ExitsWith130()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { In = CliRun.Input(Stream) },
            new CancellationToken(canceled: true),
            "decode",
            "--protocol",
            "chat-completions",
            "-"
        );

        Assert.Equal("", run.Out);
        Assert.Equal(130, run.Code);
    }

    private static Task<CliRun> DecodeAsync(string body, params string[] options) =>
        CliRun.OfAsync(shell => shell with { In = CliRun.Input(body) }, ["decode", "--protocol", "chat-completions", .. options, "-"]);

    private static void Equal(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"expected {expected}\nbut was {actual}");

    private string Write(string name, string body)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(body));
        return path;
    }
}
