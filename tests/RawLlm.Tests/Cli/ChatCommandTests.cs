using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Cli.Demo;
using RawLlm.Cli.Output;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Cli;

public sealed class ChatCommandTests
{
    private static readonly string s_text = new DemoAnswer("Why is the sky blue?", IsStream: true, ReportsUsage: true).Text;

    [Fact]
    public async Task Chat_NothingConfigured_StreamsDemoAndReportsIt()
    {
        var run = await CliRun.OfAsync("chat", "Why is the sky blue?");

        Assert.Equal(s_text + "\n", run.Out);
        Assert.Contains(
            "no API key variable is set and no local server responds: asking the built-in demonstration, which is not a model",
            run.Error
        );
        Assert.Contains("--base-url", run.Error);
        Assert.Contains("tool call: ask_a_real_model({", run.Error);
        Assert.Contains("demonstration, ToolUse (tool_calls), tokens: 5 in, ", run.Error);
        Assert.DoesNotContain("tolerated", run.Error);
        Assert.DoesNotContain('\e', run.Error);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Chat_NoStream_PrintsSameText()
    {
        var run = await CliRun.OfAsync("chat", "--no-stream", "--provider", "demo", "Why is the sky blue?");

        Assert.Equal(s_text + "\n", run.Out);
        Assert.Contains("tool call: ask_a_real_model({", run.Error);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("high", "\"reasoning_effort\":\"high\"")]
    [InlineData("xhigh", "\"reasoning_effort\":\"xhigh\"")]
    [InlineData("minimal", "\"reasoning_effort\":\"minimal\"")]
    [InlineData("off", "\"reasoning_effort\":\"none\"")]
    public async Task Chat_Think_SendsReasoningEffort(string how, string expected)
    {
        var provider = new Provider("service", new Uri("http://127.0.0.1:9/v1"), new ChatCompletionsProtocol(), Credential.None)
        {
            DefaultModel = "usual-model",
        };

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider] },
            "chat",
            "--curl",
            "--provider",
            "service",
            "--think",
            how,
            "Hello"
        );

        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hard")]
    [InlineData("0")]
    [InlineData("-5")]
    public async Task Chat_InvalidThinkValue_ListsAcceptedValues(string how)
    {
        var run = await CliRun.OfAsync(shell => shell, "chat", "--think=" + how, "Hello");

        Assert.Equal(2, run.Code);
        Assert.Contains(
            "--think takes off, minimal, low, medium, high, xhigh, max, or a number of tokens.",
            run.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Chat_ThinkWithShowReasoning_RequestsReasoning()
    {
        var provider = new Provider("service", new Uri("http://127.0.0.1:9/v1"), new GeminiProtocol(), Credential.None)
        {
            DefaultModel = "gemini-2.5-flash",
        };

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider] },
            "chat",
            "--curl",
            "--provider",
            "service",
            "--think",
            "2048",
            "--show-reasoning",
            "Hello"
        );

        Assert.Contains("\"thinkingBudget\":2048", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"includeThoughts\":true", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_KeyIsNotSet_ReportsServiceAndModelWithoutAddress()
    {
        var provider = new Provider(
            "service",
            new Uri("http://127.0.0.1:9/v1"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom("RAWLLM_TEST_NO_SUCH_KEY")
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider] },
            "chat",
            "--provider",
            "service",
            "--model",
            "m",
            "Hello"
        );

        Assert.StartsWith("rawllm: asking service, model m\n", run.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData("chat", "Hello")]
    [InlineData("chat", "Hello", "--json")]
    [InlineData("doctor")]
    [InlineData("doctor", "--json")]
    public async Task Model_NoServiceToAsk_IsUsageError(params string[] command)
    {
        var run = await CliRun.OfAsync([.. command, "--model", "gpt-x"]);

        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains(
            "No service to ask for the model gpt-x: no API key variable is set and no local server responds. Set OPENAI_API_KEY",
            run.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(0, (await CliRun.OfAsync([.. command, "--provider", "demo", "--model", "gpt-x"])).Code);
    }

    [Theory]
    [InlineData(false, "Let me look. It rains.\n")]
    [InlineData(true, "Let me look.\n It rains.\n")]
    public async Task Chat_ReasoningOrToolCallBetweenTexts_BreaksLineOnlyOnTerminal(bool isTerminal, string expected)
    {
        const string Answer =
            """{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"Let me look."},BETWEEN,{"type":"text","text":" It rains."}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}""";
        foreach (
            string between in new[]
            {
                """{"type":"thinking","thinking":"Well.","signature":"s"}""",
                """{"type":"tool_use","id":"t","name":"f","input":{}}""",
            }
        )
        {
            await using var server = CannedServer.Json(Answer.Replace("BETWEEN", between, StringComparison.Ordinal));

            var run = await CliRun.OfAsync(
                shell =>
                    shell with
                    {
                        IsOutTerminal = isTerminal,
                        Providers = [Providers.Anthropic with { BaseUrl = new Uri(server.Url), Credential = Credential.None }],
                    },
                "chat",
                "--provider",
                "anthropic",
                "--model",
                "c",
                "--no-stream",
                "--show-reasoning",
                "Hello"
            );

            Assert.Equal((0, expected), (run.Code, run.Out));
        }
    }

    [Theory]
    [InlineData("groq:llama-3.3-70b-versatile", "llama-3.3-70b-versatile", "$0.00001575 (built-in prices of ")]
    [InlineData("groq:llama3:8b", "llama3:8b", "20 in, 5 out")]
    public async Task Chat_ModelWithServicePrefix_AsksThatService(string given, string model, string says)
    {
        await using var server = CannedServer.Json(
            """{"id":"1","choices":[{"index":0,"message":{"content":"Hi."},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":5}}"""
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [server.Provider("groq", "KEY")], Variable = name => name == "KEY" ? "k" : null },
            "chat",
            "--no-stream",
            "--model",
            given,
            "Hello"
        );

        Assert.Equal((0, "Hi.\n"), (run.Code, run.Out));
        Assert.Contains($"\"model\":\"{model}\"", await server.Request);
        Assert.Contains(says, run.Error);
    }

    [Theory]
    [InlineData("--no-stream")]
    [InlineData("--show-reasoning")]
    public async Task Chat_AnswerWithCitations_PrintsEachSourceOnceToStandardError(string option)
    {
        await using var server = CannedServer.Json(
            """{"id":"1","choices":[{"index":0,"message":{"content":"Hi [1].","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/","title":"A\u001b","start_index":0,"end_index":2}},{"type":"url_citation","url_citation":{"url":"https://a.example/","title":"A\u001b","start_index":3,"end_index":6}}]},"finish_reason":"stop"}],"citations":["https://b.example/"]}"""
        );

        var run = await CliRun.OfAsync("chat", "--base-url", server.Url, "--model", "m", option, "Hello");

        Assert.Equal((0, "Hi [1].\n"), (run.Code, run.Out));
        Assert.Equal(1, run.Error.Split("citation 1: A").Length - 1);
        Assert.Contains("(https://a.example/)", run.Error);
        Assert.Contains("citation 2: https://b.example/", run.Error);
        Assert.DoesNotContain("citation 3", run.Error);
        Assert.DoesNotContain('\e', run.Error);
    }

    [Theory]
    [InlineData]
    [InlineData("--no-stream")]
    public async Task Chat_ShowReasoning_PrintsReasoningToStandardErrorOnly(params string[] options)
    {
        var without = await CliRun.OfAsync(["chat", "--provider", "demo", .. options, "Hello"]);
        var with = await CliRun.OfAsync(
            shell => shell with { ColorsError = true },
            ["chat", "--provider", "demo", "--show-reasoning", .. options, "Hello"]
        );

        const string Thought = "There is no model here to think.";
        Assert.DoesNotContain(Thought, without.Error);
        Assert.Contains("\e[2m" + Thought, with.Error);
        Assert.DoesNotContain(Thought, with.Out);
        Assert.Equal(without.Out, with.Out);
    }

    [Theory]
    [InlineData]
    [InlineData("--no-stream")]
    public async Task Chat_Json_PrintsOneObject(params string[] options)
    {
        var run = await CliRun.OfAsync(["chat", "--provider", "demo", "--json", .. options, "Why is the sky blue?"]);

        var json = JsonNode.Parse(run.Out)!.AsObject();
        Assert.Equal(
            [
                "provider",
                "id",
                "model",
                "text",
                "reasoning",
                "toolCalls",
                "stopReason",
                "rawStopReason",
                "usage",
                "events",
                "complete",
                "quirks",
                "error",
                "cost",
                "rateLimits",
                "requestId",
            ],
            json.Select(member => member.Key)
        );
        Assert.Equal("demo", (string?)json["provider"]);
        Assert.Equal("chatcmpl-demonstration", (string?)json["id"]);
        Assert.Equal("demonstration", (string?)json["model"]);
        Assert.Equal(s_text, (string?)json["text"]);
        Assert.StartsWith("There is no model here", (string?)json["reasoning"]);
        Assert.Equal("ToolUse", (string?)json["stopReason"]);
        Assert.Equal(5, (int)json["usage"]!["inputTokens"]!);
        Assert.True((int)json["events"]! is var events && (options.Length == 0 ? events > 10 : events == 1));
        Assert.True((bool)json["complete"]!);
        Assert.Null(json["error"]);
        var call = json["toolCalls"]![0]!;
        Assert.True((bool)call["complete"]!);
        Assert.Equal("OPENAI_API_KEY", (string?)JsonNode.Parse((string)call["arguments"]!)!["needs"]);
        Assert.Equal(1, run.Bytes.Count(b => b == '\n'));
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Chat_Options_AreWrittenToRequest()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 200 OK
            Content-Type: application/json

            {"choices":[{"index":0,"message":{"role":"assistant","content":"Bonjour"},"finish_reason":"stop"}]}
            """
        );

        var run = await CliRun.OfAsync(
            "chat",
            "--base-url",
            server.Url,
            "--model",
            "m-1",
            "--system",
            "Answer in French.",
            "--max-tokens",
            "7",
            "--temperature",
            "0.5",
            "--no-stream",
            "Hello"
        );

        Assert.Equal("Bonjour\n", run.Out);
        Assert.Equal(0, run.Code);
        string request = await server.Request;
        Assert.StartsWith("POST /v1/chat/completions HTTP/1.1\r\n", request);
        var body = JsonNode.Parse(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])!;
        Assert.Equal("m-1", (string?)body["model"]);
        Assert.Equal("Answer in French.", (string?)body["messages"]![0]!["content"]);
        Assert.Equal("Hello", (string?)body["messages"]![1]!["content"]);
        Assert.Equal(7, (int)body["max_tokens"]!);
        Assert.Equal(0.5, (double)body["temperature"]!);
    }

    [Fact]
    public async Task Chat_OnlyBaseUrl_SendsNoKeyFromEnvironment()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 200 OK
            Content-Type: application/json

            {"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}
            """
        );

        await CliRun.OfAsync(
            shell => shell with { Variable = _ => "sk-secret-of-another" },
            "chat",
            "--base-url",
            server.Url,
            "--model",
            "m",
            "--no-stream",
            "Hello"
        );

        Assert.DoesNotContain("sk-secret-of-another", await server.Request);
    }

    [Fact]
    public async Task Chat_KeyIsRejected_FailsWithoutShowingKey()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 401 Unauthorized
            Content-Type: application/json

            {"error":{"message":"Incorrect API key","code":"invalid_api_key"}}
            """
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "MY_KEY" ? "sk-secret-1234567890" : null },
            "chat",
            "--base-url",
            server.Url,
            "--key-env",
            "MY_KEY",
            "--model",
            "m",
            "Hello"
        );

        Assert.Contains("Authorization: Bearer sk-secret-1234567890\r\n", await server.Request);
        Assert.Equal("", run.Out);
        Assert.Contains("error: ", run.Error);
        Assert.DoesNotContain("sk-secret", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Chat_TruncatedStream_PrintsReceivedTextAndExitsWith3()
    {
        await using var server = new CannedServer(Cut);

        var run = await CliRun.OfAsync("chat", "--base-url", server.Url, "--model", "m", "Hello");

        Assert.Equal("Half an\n", run.Out);
        Assert.Contains("rawllm: m, broken off", run.Error);
        Assert.Contains("(StreamTruncated)", run.Error);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Chat_TruncatedStreamWithJson_IsMarkedIncomplete()
    {
        await using var server = new CannedServer(Cut);

        var run = await CliRun.OfAsync("chat", "--json", "--base-url", server.Url, "--model", "m", "Hello");

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal("Half an", (string?)json["text"]);
        Assert.False((bool)json["complete"]!);
        Assert.Equal("StreamTruncated", (string?)json["error"]!["kind"]);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Chat_ConnectionRefused_FailsWithHint()
    {
        using var closed = new ClosedPort();

        var run = await CliRun.OfAsync("chat", "--json", "--base-url", $"http://127.0.0.1:{closed.Number}/v1/", "--model", "m", "Hello");

        Assert.Equal("ConnectFailed", (string?)JsonNode.Parse(run.Out)!["error"]!["kind"]);
        Assert.Contains("hint: check that the server is running", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Chat_ControlCharactersOnTerminal_AreMadeVisible()
    {
        const string Reply = """
            HTTP/1.1 200 OK
            Content-Type: application/json

            {"choices":[{"index":0,"message":{"role":"assistant","content":"a\u001b[2Jb\tc\nd\u009b"},"finish_reason":"stop"}]}
            """;
        await using var forTerminal = new CannedServer(Reply);
        await using var forFile = new CannedServer(Reply);

        var terminal = await CliRun.OfAsync(
            shell => shell with { IsOutTerminal = true },
            "chat",
            "--base-url",
            forTerminal.Url,
            "--model",
            "m",
            "--no-stream",
            "Hello"
        );
        var file = await CliRun.OfAsync("chat", "--base-url", forFile.Url, "--model", "m", "--no-stream", "Hello");

        Assert.Equal("a\u241B[2Jb\tc\nd\uFFFD\n", terminal.Out);
        Assert.Equal("a\e[2Jb\tc\nd\u009B\n", file.Out);
    }

    [Fact]
    public async Task Chat_CancelledAtFirstWrite_ExitsWith130()
    {
        using var cancellation = new CancellationTokenSource();
        using var output = new CancellingStream(cancellation);

        var run = await CliRun.OfAsync(shell => shell with { Out = output }, cancellation.Token, "chat", "--provider", "demo", "Hello");

        Assert.True(output.Length < s_text.Length);
        Assert.EndsWith("canceled\n", run.Error);
        Assert.Equal(130, run.Code);
    }

    [Theory]
    [InlineData("No provider is called 'nobody'", "--provider", "nobody", "Hello")]
    [InlineData("openai", "--provider", "nobody", "Hello")]
    [InlineData("--key-env", "--key-env", "MY_KEY", "Hello")]
    [InlineData("MY_KEY", "--provider", "openai", "--key-env", "MY_KEY", "Hello")]
    [InlineData("--base-url", "--base-url", "localhost:8000", "Hello")]
    [InlineData("--max-tokens", "--max-tokens", "0", "Hello")]
    [InlineData("--temperature", "--temperature", "NaN", "Hello")]
    [InlineData("--model takes the name of a model.", "--model", "", "Hello")]
    [InlineData("--timeout takes 1 to 3600 seconds.", "--timeout", "0", "Hello")]
    [InlineData("read only once", "Compare:", "-", "-")]
    [InlineData("The prompt is empty", "-")]
    [InlineData("The prompt is empty")]
    [InlineData("The prompt is empty", "--json")]
    [InlineData("--frobnicate", "--frobnicate")]
    [InlineData("--modle", "--modle", "m", "Hello")]
    [InlineData("-x", "Hello", "-x", "--", "-y")]
    public async Task Chat_WrongUsage_ReportsReason(string named, params string[] args)
    {
        var run = await CliRun.OfAsync(["chat", .. args]);

        Assert.Equal("", run.Out);
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains(named, run.Error);
        Assert.Equal(2, run.Code);
    }

    [Theory]
    [InlineData("Review: why?", "Review:", "-")]
    [InlineData("why? Review.", "-", "Review.")]
    [InlineData("Review: -", "--", "Review:", "-")]
    [InlineData("-", "--", "-")]
    public async Task Chat_DashAmongWords_ReadsInputUnlessAfterDoubleDash(string prompt, params string[] words)
    {
        var run = await CliRun.OfAsync(shell => shell with { In = CliRun.Input("why?") }, ["chat", "--provider", "demo", .. words]);

        Assert.Contains($"\u201C{prompt}\u201D", run.Out);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData]
    [InlineData("--no-stream")]
    public async Task Chat_CostInResponseHeader_IsReported(params string[] options)
    {
        bool isStream = options.Length == 0;
        await using var server = new CannedServer(
            $$"""
            HTTP/1.1 200 OK
            Content-Type: {{(isStream ? "text/event-stream" : "application/json")}}
            x-litellm-response-cost: 0.0125

            {{(isStream ? "data: " : "")}}{"choices":[{"index":0,"{{(
                isStream ? "delta" : "message"
            )}}":{"content":"Hi"},"finish_reason":"stop"}]}{{(isStream ? "\n\ndata: [DONE]\n\n" : "")}}
            """
        );

        var run = await CliRun.OfAsync(["chat", "--json", "--base-url", server.Url, "--model", "m", .. options, "Hello"]);

        var cost = JsonNode.Parse(run.Out)!["cost"];
        Assert.Equal((0.0125m, "reported"), ((decimal?)cost?["usd"], (string?)cost?["source"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData(
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Half\"}}\n\n"
    )]
    public async Task Chat_UsageBeforeTruncation_IsReportedWithCost(string then)
    {
        await using var server = new ScriptedService(
            (_, _) =>
                new(
                    200,
                    "text/event-stream",
                    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-sonnet-4-6\",\"content\":[],\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n"
                        + then
                )
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "KEY" ? "k" : null },
            "chat",
            "--json",
            "--provider",
            "anthropic",
            "--base-url",
            server.Url,
            "--key-env",
            "KEY",
            "--model",
            "claude-sonnet-4-6",
            "Hello"
        );

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal("StreamTruncated", (string?)json["error"]!["kind"]);
        Assert.Equal(25, (int?)json["usage"]?["inputTokens"]);
        Assert.NotNull(json["cost"]);
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Chat_TruncatedStreamForNonStreamingRequest_ReportsTextAndCost()
    {
        var half = ScriptedService.Answer.Json(
            """data: {"choices":[{"index":0,"delta":{"content":"Half an"},"finish_reason":null}]}""" + "\n\n"
        ) with
        {
            MediaType = "text/event-stream",
        };
        await using var server = new ScriptedService(
            (_, _) => half with { Headers = new Dictionary<string, string> { ["x-litellm-response-cost"] = "0.0125" } }
        );

        var run = await CliRun.OfAsync("chat", "--json", "--no-stream", "--base-url", server.Url, "--model", "m", "Hello");

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal(("Half an", 0.0125m), ((string?)json["text"], (decimal?)json["cost"]?["usd"]));
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Chat_TruncatedNonStreamingAnswer_ExitsWith3AndReportsAttempts()
    {
        string cut = "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 500\n\n{\"choices\":[{\"index\":0,";
        await using var server = new CannedServer(cut, cut, cut);

        var run = await CliRun.OfAsync("chat", "--json", "--no-stream", "--base-url", server.Url, "--model", "m", "Hello");

        var json = JsonNode.Parse(run.Out)!;
        Assert.Null(json["events"]);
        Assert.Equal("ConnectionLost", (string?)json["error"]!["kind"]);
        Assert.Equal(
            ["ConnectionLost", "ConnectionLost"],
            json["error"]!["attempts"]!.AsArray().Select(attempt => (string?)attempt!["kind"])
        );
        Assert.Equal(
            ["endpoint", "kind", "status", "code", "requestId", "message", "elapsedMs"],
            json["error"]!["attempts"]![0]!.AsObject().Select(member => member.Key)
        );
        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Chat_ErrorWithJson_WritesErrorMembers()
    {
        await using var server = new CannedServer(
            """
            HTTP/1.1 401 Unauthorized
            Content-Type: application/json

            {"error":{"message":"Incorrect API key","code":"invalid_api_key"}}
            """
        );

        var run = await CliRun.OfAsync("chat", "--json", "--base-url", server.Url, "--model", "m", "Hello");

        var error = JsonNode.Parse(run.Out)!["error"]!.AsObject();
        Assert.Equal(
            ["kind", "message", "code", "status", "retryAfterSeconds", "isRetryable", "attempts"],
            error.Select(member => member.Key)
        );
        Assert.Equal((401, false, "Authentication"), ((int)error["status"]!, (bool)error["isRetryable"]!, (string)error["kind"]!));
    }

    [Theory]
    [InlineData("length", "the answer is cut off")]
    [InlineData("content_filter", "the service withheld")]
    public async Task Chat_AnswerEndedEarlyByService_ReportsReasonAndExitsWith0(string reason, string says)
    {
        await using var server = CannedServer.Json(
            $$"""{"choices":[{"index":0,"message":{"content":"Once upon"},"finish_reason":"{{reason}}"}]}"""
        );

        var run = await CliRun.OfAsync("chat", "--no-stream", "--base-url", server.Url, "--model", "m", "Hello");

        Assert.Contains("rawllm: " + says, run.Error);
        Assert.Equal((0, "Once upon\n"), (run.Code, run.Out));
    }

    [Fact]
    public async Task Chat_StopMessage_IsPrinted()
    {
        const string Body =
            """{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"Against the\u001b policy."},"usage":{"input_tokens":1,"output_tokens":1}}""";
        await using var told = CannedServer.Json(Body);
        await using var written = CannedServer.Json(Body);

        var run = await AskAsync(told, "--no-stream");
        var json = await AskAsync(written, "--no-stream", "--json");

        Assert.Contains("rawllm: the service says about the end of the answer: Against the␛ policy.", run.Error);
        Assert.Equal("Against the\u001b policy.", (string?)JsonNode.Parse(json.Out)!["stopMessage"]);

        static Task<CliRun> AskAsync(CannedServer server, params string[] options) =>
            CliRun.OfAsync(
                shell => shell with { Providers = [new("service", new Uri(server.Url), new AnthropicProtocol(), Credential.None)] },
                ["chat", "-p", "service", "--model", "m", .. options, "Hello"]
            );
    }

    [Fact]
    public async Task Chat_ModelRepeatsServicePrefix_SendsModelWithoutPrefix()
    {
        await using var server = CannedServer.Json("""{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}""");

        await CliRun.OfAsync(
            shell => shell with { Providers = [server.Provider("openrouter", "KEY")], Variable = name => name == "KEY" ? "k" : null },
            "chat",
            "--no-stream",
            "-p",
            "openrouter",
            "-m",
            "openrouter:openai/gpt-5",
            "Hello"
        );

        Assert.Contains("\"model\":\"openai/gpt-5\"", await server.Request);
    }

    [Fact]
    public async Task Chat_CancelledWithJson_PrintsObject()
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
            "--json",
            "--base-url",
            server.Url,
            "--model",
            "m",
            "Hello"
        );

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal(("Cancelled", false, "m"), ((string?)json["error"]!["kind"], (bool)json["complete"]!, (string?)json["model"]));
        Assert.EndsWith("canceled\n", run.Error);
        Assert.Equal(130, run.Code);
    }

    [Fact]
    public async Task Chat_CanceledWhileReadingInput_PrintsJson()
    {
        using var cancellation = new CancellationTokenSource();
        var input = new Pipe();

        var running = CliRun.OfAsync(
            shell => shell with { In = input.Reader.AsStream() },
            cancellation.Token,
            "chat",
            "--json",
            "--model",
            "m",
            "-"
        );
        await cancellation.CancelAsync();
        var run = await running;

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal(("Cancelled", false), ((string?)json["error"]!["kind"], (bool)json["complete"]!));
        Assert.Null(json["provider"]);
        Assert.Equal((130, "canceled\n"), (run.Code, run.Error));
    }

    [Theory]
    [InlineData]
    [InlineData("--json")]
    public async Task Chat_EmptyModelList_Fails(params string[] options)
    {
        await using var server = CannedServer.Json("""{"data":[]}""");

        var run = await CliRun.OfAsync(["chat", "--base-url", server.Url, .. options, "Hello"]);

        Assert.Equal(1, run.Code);
        Assert.Contains("lists no models.", run.Error);
        Assert.EndsWith("hint: name a model with --model\n", run.Error);
        if (options.Length > 0)
            Assert.Equal("NotFound", (string?)JsonNode.Parse(run.Out)!["error"]!["kind"]);
    }

    [Fact]
    public async Task Chat_ServiceTimesOut_HintsAtTimeoutOption()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();

        var run = await CliRun.OfAsync("chat", "--timeout", "1", "--base-url", $"http://{silent.LocalEndpoint}", "--model", "m", "Hello");

        Assert.Contains("within 1 s", run.Error);
        Assert.Contains("hint: a model that is still loading, or reasons for long, may need more time: --timeout SECONDS", run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Chat_ClosedOutputPipe_ExitsWith141WithoutError()
    {
        using var output = new ClosedStream();

        var run = await CliRun.OfAsync(shell => shell with { Out = output }, "chat", "--provider", "demo", "Hello");

        Assert.Equal(1, output.Writes);
        Assert.Equal("rawllm: asking the built-in demonstration, which is not a model\n", run.Error);
        Assert.Equal(141, run.Code);
    }

    [Fact]
    public async Task Chat_StandardErrorFailsToWrite_StillPrintsAnswer()
    {
        using var full = new StreamWriter(new FullStream()) { AutoFlush = true };
        using var output = new MemoryStream();

        var run = await CliRun.OfAsync(
            shell => shell with { Out = output, Error = full },
            "chat",
            "--provider",
            "demo",
            "Why is the sky blue?"
        );

        Assert.Equal(s_text + "\n", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(0, run.Code);
        Assert.Equal(2, (await CliRun.OfAsync(shell => shell with { Error = full }, "frobnicate")).Code);
    }

    private const string Cut = """
        HTTP/1.1 200 OK
        Content-Type: text/event-stream

        data: {"choices":[{"index":0,"delta":{"content":"Half an"},"finish_reason":null}]}


        """;

    private sealed class ClosedStream : MemoryStream
    {
        public int Writes { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            throw new OutputClosedException(new IOException("Broken pipe"));
        }
    }

    private sealed class FullStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device");
    }

    private sealed class CancellingStream(CancellationTokenSource cancellation) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer);
            cancellation.Cancel();
        }
    }
}
