using System.Net;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols.ChatCompletions;

public sealed class ChatCompletionsWriterTests
{
    private static ChatRequest Full { get; } =
        new()
        {
            Model = "m",
            System = "s",
            Messages =
            [
                Message.User("u") with
                {
                    Name = "ann",
                },
                new Message(
                    Role.Assistant,
                    [new ReasoningPart("r"), new TextPart("t"), new ToolCallPart(new ToolCall("c1", "get_weather", "{}"))]
                ),
                Message.ToolResult(new ToolCall("c1", "get_weather", "{}"), "18"),
            ],
            MaxTokens = 5,
            Temperature = 0.25,
            TopP = 0.9,
            Seed = -3,
            Stop = ["a", "\n"],
            FrequencyPenalty = 0.5,
            PresencePenalty = -0.5,
            TopLogProbs = 2,
            ChoiceCount = 2,
            Tools = [Conversations.Weather, new ToolDefinition("now")],
            ToolChoice = ToolChoice.Auto,
            ParallelToolCalls = true,
            Format = ReplyFormat.Json,
            Thinking = Thinking.Medium,
            User = "user-1",
            Extra = new Dictionary<string, RawJson> { ["z"] = "1", ["a"] = """{ "b": [1,  2] }""" },
        };

    [Fact]
    public void Body_MinimalRequest_ContainsOnlySetMembers()
    {
        var written = WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { Model = "m" });

        Assert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""", written.Body);
        Assert.Equal("application/json", written.Accept);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Body_MinimalStreamRequest_RequestsUsage()
    {
        var written = WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { Model = "m" }, stream: true);

        Assert.Equal(
            """{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}""",
            written.Body
        );
        Assert.Equal("text/event-stream", written.Accept);
    }

    [Fact]
    public void Body_AllMembersSet_HasFixedOrder()
    {
        var written = WrittenRequest.Of(new ChatCompletionsProtocol(), Full, stream: true);

        Assert.Equal(
            """
            {"model":"m","messages":[
            {"role":"system","content":"s"},
            {"role":"user","content":"u","name":"ann"},
            {"role":"assistant","content":"t","tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"18"}],
            "max_completion_tokens":5,"temperature":0.25,"top_p":0.9,"seed":-3,"stop":["a","\n"],
            "frequency_penalty":0.5,"presence_penalty":-0.5,"logprobs":true,"top_logprobs":2,"n":2,
            "tools":[
            {"type":"function","function":{"name":"get_weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}},
            {"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{}}}}],
            "tool_choice":"auto","parallel_tool_calls":true,"response_format":{"type":"json_object"},"reasoning_effort":"medium","user":"user-1",
            "stream":true,"stream_options":{"include_usage":true},"z":1,"a":{ "b": [1,  2] }}
            """.ReplaceLineEndings(""),
            written.Body
        );
        Assert.Equal(["LeftOut at messages[].reasoning"], written.Quirks.Select(quirk => quirk.ToString()));
    }

    [Fact]
    public void Body_SameRequestTwice_HasSameBytes()
    {
        var protocol = new ChatCompletionsProtocol { ToolCallIdLength = 9 };

        Assert.Equal(WrittenRequest.Of(protocol, Full, stream: true).Body, WrittenRequest.Of(protocol, Full with { }, stream: true).Body);
    }

    [Fact]
    public void Request_WithoutMessages_IsRejectedWithAdvice()
    {
        var e = Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new ChatCompletionsProtocol(), new ChatRequest { Model = "m" }));

        Assert.Contains("Message.User", e.Message);
    }

    [Fact]
    public void Request_OnlySystemText_IsWritten() =>
        Assert.Equal(
            """{"messages":[{"role":"system","content":"s"}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), new ChatRequest { System = "s" }).Body
        );

    public static TheoryData<string, ChatRequest> RequestsThatHoldNulls =>
        new()
        {
            {
                "messages",
                new ChatRequest { Messages = null! }
            },
            {
                "a message",
                new ChatRequest { Messages = [null!] }
            },
            {
                "parts",
                new ChatRequest { Messages = [new Message(Role.User, null!)] }
            },
            {
                "a part",
                new ChatRequest { Messages = [Message.User([null!])] }
            },
            {
                "a part of an answer",
                new ChatRequest { Messages = [new Message(Role.Assistant, [null!])] }
            },
            {
                "a text",
                new ChatRequest { Messages = [new Message(Role.User, [new TextPart(null!)])] }
            },
            {
                "a call",
                new ChatRequest { Messages = [new Message(Role.Assistant, [new ToolCallPart(null!)])] }
            },
            {
                "an id",
                new ChatRequest { Messages = [new Message(Role.Assistant, [new ToolCallPart(new ToolCall(null!, "f", "{}"))])] }
            },
            {
                "a result",
                new ChatRequest { Messages = [new Message(Role.Tool, [new ToolResultPart("c", (IReadOnlyList<Part>)null!)])] }
            },
            { "tools", ChatRequest.Ask("Hi") with { Tools = null! } },
            { "a tool", ChatRequest.Ask("Hi") with { Tools = [null!] } },
            { "a tool's name", ChatRequest.Ask("Hi") with { Tools = [new ToolDefinition(null!)] } },
            { "stop", ChatRequest.Ask("Hi") with { Stop = null! } },
            { "a stop", ChatRequest.Ask("Hi") with { Stop = [null!] } },
            { "extra", ChatRequest.Ask("Hi") with { Extra = null! } },
            {
                "an unknown role",
                new ChatRequest { Messages = [new Message((Role)99, [new TextPart("x")])] }
            },
            { "an unknown effort", ChatRequest.Ask("Hi") with { Thinking = new Thinking { Effort = (ThinkingEffort)99 } } },
        };

    [Theory]
    [MemberData(nameof(RequestsThatHoldNulls))]
    public void WriteRequest_RequestContainsNull_ThrowsArgumentException(string what, ChatRequest request)
    {
        foreach (int length in (int[])[0, 9])
        {
            var e = Record.Exception(() => WrittenRequest.Of(new ChatCompletionsProtocol { ToolCallIdLength = length }, request));
            Assert.True(e is ArgumentException, $"{what}: {e}");
        }
    }

    [Theory]
    [MemberData(nameof(RequestsThatHoldNulls))]
    public async Task LlmClient_RequestContainsNullAndModelIsKnown_ThrowsArgumentException(string what, ChatRequest request)
    {
        // Minimal capabilities, so that CapabilityCheck runs every check.
        var capabilities = new Capabilities
        {
            Streaming = true,
            Tools = true,
            Vision = false,
            Audio = false,
            Files = false,
            ContextTokens = 30,
            MaxOutputTokens = 5,
        };
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(HttpStatusCode.BadRequest);
        foreach (
            WireProtocol wire in (WireProtocol[])
                [
                    new ChatCompletionsProtocol(),
                    new AnthropicProtocol(),
                    new ResponsesProtocol(),
                    new GeminiProtocol(),
                    new ConverseProtocol(),
                    new OllamaProtocol(),
                ]
        )
        {
            using var client = new LlmClient(
                new Provider("test", new Uri("https://service.example"), wire, Credential.None) { Capabilities = capabilities },
                "m",
                http: http.ToHttpClient()
            );
            foreach (
                var ask in (Func<Task>[])
                    [() => client.SendAsync(request), () => client.StreamAsync(request), () => ReadTextAsync(client, request)]
            )
            {
                var e = await Record.ExceptionAsync(ask);
                // Other wires leave some of it out.
                Assert.True(
                    e is ArgumentException || (wire is not ChatCompletionsProtocol && e is LlmException { Kind: LlmErrorKind.BadRequest }),
                    $"{what}, {wire.Name}: {e}"
                );
            }
        }
    }

    [Fact]
    public async Task LlmClient_RequestIsNull_ThrowsArgumentNullException()
    {
        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.None }, "gpt-5");
        string? text = null;

        await Assert.ThrowsAsync<ArgumentNullException>(async () => await client.SendAsync(text!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await client.StreamAsync(text!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.SendAsync((ChatRequest)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => ReadTextAsync(client, null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.SendAsync(ChatRequest.Ask("Hi") with { Headers = null! }));
    }

    [Theory]
    [MemberData(nameof(RequestsThatHoldNulls))]
    public void TokenCountEstimate_RequestContainsNull_ReturnsCount(string what, ChatRequest request)
    {
        Assert.NotEmpty(what);
        Assert.True(TokenCount.Estimate(request).Tokens > 0);
    }

    private static async Task ReadTextAsync(LlmClient client, ChatRequest request)
    {
        await foreach (string _ in client.StreamTextAsync(request)) { }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Number_NotFinite_IsRejected(double value)
    {
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { Temperature = value })
        );
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { TopP = value })
        );
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { FrequencyPenalty = value })
        );
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { PresencePenalty = value })
        );
    }

    [Fact]
    public void Text_WithLoneSurrogate_IsReplacedAndRecordsQuirk()
    {
        var written = WrittenRequest.Of(new ChatCompletionsProtocol(), "cut \uD83D");

        JsonAssert.Equal("""{"messages":[{"role":"user","content":"cut \ufffd"}]}""", written.Body);
        Assert.Equal(new Quirk(QuirkKind.LoneSurrogate, "messages[].content"), Assert.Single(written.Quirks));
    }

    [Fact]
    public void TopLogProbs_Zero_RequestsOnlyChosenTokens() =>
        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"logprobs":true}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { TopLogProbs = 0 }).Body
        );

    [Fact]
    public void Format_Text_IsSent() =>
        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"text"}}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { Format = ReplyFormat.Text }).Body
        );

    [Fact]
    public void Format_Schema_IsSentUnchanged()
    {
        var format = ReplyFormat.JsonSchema("n", """{ "type" : "object", "x": 1.0 }""") with { Description = "d", Strict = false };

        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{ "type" : "object", "x": 1.0 },"strict":false}}}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { Format = format }).Body
        );
    }

    [Theory]
    [InlineData("model")]
    [InlineData("messages")]
    [InlineData("stream")]
    [InlineData("Stream")]
    [InlineData("MODEL")]
    [InlineData("temperature")]
    [InlineData("max_completion_tokens")]
    [InlineData("stop")]
    [InlineData("tools")]
    [InlineData("tool_choice")]
    [InlineData("parallel_tool_calls")]
    [InlineData("response_format")]
    [InlineData("reasoning_effort")]
    [InlineData("logprobs")]
    [InlineData("n")]
    [InlineData("user")]
    [InlineData("stream_options")]
    public void Extra_MemberAlreadyWritten_IsRejectedByName(string name)
    {
        var request = Full with
        {
            Extra = new Dictionary<string, RawJson> { ["harmless"] = "1", [name] = "1" },
        };

        var e = Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new ChatCompletionsProtocol(), request, stream: true));

        Assert.Contains($"'{name}'", e.Message);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("messages")]
    [InlineData("stream")]
    public void Extra_ReservedMemberNotWritten_IsRejected(string name)
    {
        var request = ChatRequest.Ask("Hi") with { Extra = new Dictionary<string, RawJson> { [name] = "true" } };

        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new ChatCompletionsProtocol(), request));
    }

    [Fact]
    public void Extra_MemberNotWritten_IsSent()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Extra = new Dictionary<string, RawJson>
            {
                ["temperature"] = "0.10",
                ["stream_options"] = "{}",
                ["tools"] = "[]",
            },
            ToolChoice = ToolChoice.Required,
        };

        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"tool_choice":"required","temperature":0.10,"stream_options":{},"tools":[]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), request).Body
        );
    }

    [Fact]
    public void Extra_WithTools_FollowsTools()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Tools = [new ToolDefinition("a")],
            Extra = new Dictionary<string, RawJson> { ["Tools"] = """[{"type":"browser_search"}]""", ["x"] = "1" },
        };

        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"a","parameters":{"type":"object","properties":{}}}},{"type":"browser_search"}],"x":1}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), request).Body
        );
    }

    [Fact]
    public void Extra_WithToolsAndUnsupportedToolChoiceNone_ReplacesTools()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Tools = [new ToolDefinition("a")],
            ToolChoice = ToolChoice.None,
            Extra = new Dictionary<string, RawJson> { ["tools"] = """[{"type":"browser_search"}]""" },
        };

        Assert.Equal(
            """{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"browser_search"}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol { SupportsToolChoice = false }, request).Body
        );
    }

    [Fact]
    public void Extra_WithoutValue_IsRejected()
    {
        var request = ChatRequest.Ask("Hi") with { Extra = new Dictionary<string, RawJson> { ["a"] = default } };

        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new ChatCompletionsProtocol(), request));
    }

    [Theory]
    [InlineData(ToolChoiceKind.Required)]
    [InlineData(ToolChoiceKind.Named)]
    public void ToolChoice_RequiredOrNamedWithoutTools_IsRejected(ToolChoiceKind kind)
    {
        var choice = kind == ToolChoiceKind.Named ? ToolChoice.Named("f") : ToolChoice.Required;

        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(new ChatCompletionsProtocol(), ChatRequest.Ask("Hi") with { ToolChoice = choice })
        );
    }

    [Fact]
    public void ToolSettings_WithoutTools_AreNotSent()
    {
        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol { RequestsToolStream = true, RequestsStreamUsage = false },
            ChatRequest.Ask("Hi") with
            {
                ToolChoice = ToolChoice.None,
                ParallelToolCalls = true,
            },
            stream: true
        );

        Assert.Equal("""{"messages":[{"role":"user","content":"Hi"}],"stream":true}""", written.Body);
    }
}
