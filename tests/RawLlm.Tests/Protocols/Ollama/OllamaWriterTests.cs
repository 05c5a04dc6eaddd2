using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Ollama;

public sealed class OllamaWriterTests
{
    private const string Base = "http://localhost:11434/";

    private static WrittenRequest Write(ChatRequest request, bool stream = false, OllamaProtocol? protocol = null, string baseUrl = Base) =>
        WrittenRequest.Of(protocol ?? new OllamaProtocol(), request with { Model = request.Model ?? "qwen3" }, stream, baseUrl);

    [Fact]
    public void Request_TextOnly_WritesStreamFalse()
    {
        var written = Write("Hello");

        Assert.Equal("""{"model":"qwen3","messages":[{"role":"user","content":"Hello"}],"stream":false}""", written.Body);
        Assert.Equal(Base + "api/chat", written.Url);
        Assert.Equal("application/json", written.Accept);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Request_Streaming_WritesStreamTrue()
    {
        var written = Write("Hello", stream: true);

        Assert.Equal("""{"model":"qwen3","messages":[{"role":"user","content":"Hello"}],"stream":true}""", written.Body);
        Assert.Equal("application/x-ndjson", written.Accept);
    }

    [Theory]
    [InlineData("http://localhost:11434", "http://localhost:11434/api/chat")]
    [InlineData("http://localhost:11434/api/", "http://localhost:11434/api/chat")]
    [InlineData("https://example.org/ollama", "https://example.org/ollama/api/chat")]
    [InlineData("https://example.org/api/chat", "https://example.org/api/chat")]
    public void Request_AnyBaseUrl_IsJoinedWithPath(string baseUrl, string url) => Assert.Equal(url, Write("x", baseUrl: baseUrl).Url);

    [Fact]
    public void Request_EverySetting_IsWritten()
    {
        var written = Write(
            new ChatRequest
            {
                Model = "gpt-oss:20b",
                System = "Be brief.",
                Messages = [Message.User("Hi"), Message.Assistant("Hello."), Message.System("Now French."), Message.User("Bye")],
                MaxTokens = 100,
                Temperature = 0.5,
                TopP = 0.9,
                Seed = 7,
                Stop = ["END"],
                FrequencyPenalty = 0.25,
                PresencePenalty = -0.5,
                TopLogProbs = 3,
                ChoiceCount = 1,
                Thinking = Thinking.Low,
                Format = ReplyFormat.Json,
                Tools = [new("now"), new("weather", "Tells.", """{"type":"object"}""")],
                ToolChoice = ToolChoice.Auto,
                Extra = new Dictionary<string, RawJson> { ["keep_alive"] = "\"5m\"", ["options"] = """{"num_ctx":8192,"top_k":40}""" },
            }
        );

        JsonAssert.Equal(
            """
            {"model":"gpt-oss:20b",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},
               {"role":"system","content":"Now French."},{"role":"user","content":"Bye"}],
             "tools":[{"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{}}}},
               {"type":"function","function":{"name":"weather","description":"Tells.","parameters":{"type":"object"}}}],
             "format":"json","think":"low","logprobs":true,"top_logprobs":3,
             "options":{"num_predict":100,"temperature":0.5,"top_p":0.9,"seed":7,"stop":["END"],"frequency_penalty":0.25,"presence_penalty":-0.5,
               "num_ctx":8192,"top_k":40},
             "stream":false,"keep_alive":"5m"}
            """,
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Request_WrittenTwice_HasSameBody()
    {
        var request = Conversations.Ask with { Tools = [Conversations.Weather] };

        Assert.Equal(Write(request).Body, Write(request).Body);
    }

    [Fact]
    public void Request_UnsupportedMembers_AreOmittedWithQuirks()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x") with { Name = "Ann" }],
                Tools = [Conversations.Weather],
                ToolChoice = ToolChoice.Required,
                ParallelToolCalls = true,
                ChoiceCount = 2,
                User = "u1",
            }
        );

        Assert.Equal(
            ["messages[].name", "n", "parallel_tool_calls", "tool_choice", "tools[].function.strict", "user"],
            written.Quirks.Where(quirk => quirk.Kind == QuirkKind.LeftOut).Select(quirk => quirk.Place).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Tools_ToolChoiceNone_AreOmittedWithQuirk()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Tools = [new("now")],
                ToolChoice = ToolChoice.None,
            }
        );

        Assert.DoesNotContain("tools", written.Body);
        Assert.Equal([new Quirk(QuirkKind.Adapted, "tools")], written.Quirks);
    }

    [Fact]
    public void ToolChoice_WithoutTools_IsRejected() =>
        Assert.Throws<ArgumentException>(() =>
            Write(new ChatRequest { Messages = [Message.User("x")], ToolChoice = ToolChoice.Named("f") })
        );

    [Fact]
    public void Format_WithSchema_WritesSchemaUnchanged()
    {
        var written = Write(Conversations.Structured);

        JsonAssert.Equal(
            """
            {"model":"qwen3","messages":[{"role":"user","content":"Name a city, as JSON."}],
             "format":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false},"stream":false}
            """,
            written.Body
        );
    }

    public static TheoryData<string, string, bool, string?, bool> Thoughts =>
        new()
        {
            { "gpt-oss:20b", "off", true, "false", false },
            { "gpt-oss:20b", "minimal", true, "\"low\"", true },
            { "gpt-oss:20b", "medium", true, "\"medium\"", false },
            { "hf.co/unsloth/gpt-oss-20b-GGUF", "high", true, "\"high\"", false },
            { "gpt-oss:20b", "xhigh", true, "\"high\"", true },
            { "qwen3", "xhigh", true, "true", true },
            { "gpt-oss:20b", "max", true, "\"high\"", true },
            { "gpt-oss:20b", "budget", true, "true", true },
            { "gpt-oss:20b", "show", true, "true", false },
            { "gpt-oss:20b", "hide", true, null, true },
            { "gpt-oss:20b", "off", false, "false", false },
            { "gpt-oss:20b", "medium", false, "true", false },
            { "gpt-oss:20b", "high", false, "true", true },
            { "qwen3", "off", true, "false", false },
            { "qwen3", "low", true, "true", true },
            { "qwen3", "medium", true, "true", false },
            { "qwen3", "high", true, "true", true },
        };

    [Theory]
    [MemberData(nameof(Thoughts))]
    public void Thinking_EachSetting_IsWrittenAsLevelOrSwitch(string model, string how, bool takesLevels, string? think, bool isNoted)
    {
        var thinking = how switch
        {
            "off" => Thinking.Off,
            "minimal" => new Thinking { Effort = ThinkingEffort.Minimal },
            "low" => Thinking.Low,
            "medium" => Thinking.Medium,
            "high" => Thinking.High,
            "xhigh" => Thinking.ExtraHigh,
            "max" => new Thinking { Effort = ThinkingEffort.Max },
            "budget" => Thinking.Budget(500),
            "show" => new Thinking { Include = true },
            _ => new Thinking { Include = false },
        };

        var written = Write(
            new ChatRequest
            {
                Model = model,
                Messages = [Message.User("x")],
                Thinking = thinking,
            },
            protocol: new OllamaProtocol { SupportsThinkingLevels = takesLevels }
        );

        JsonAssert.Equal(
            think is null
                ? $$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],"stream":false}"""
                : $$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],"think":{{think}},"stream":false}""",
            written.Body
        );
        Assert.Equal(isNoted, written.Quirks.Count > 0);
    }

    [Fact]
    public void Parts_Images_AreWrittenAsPlainBase64()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(
                        new TextPart("Compare "),
                        new ImagePart(Conversations.Picture, "image/png"),
                        new ImagePart(new Uri("data:image/gif;base64,R0lGODlh")),
                        new FilePart(new byte[] { 1, 2, 3 }, "image/webp"),
                        new TextPart("these.")
                    ),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"model":"qwen3","messages":[{"role":"user","content":"Compare these.","images":["iVBORw==","R0lGODlh","AQID"]}],"stream":false}
            """,
            written.Body
        );
    }

    public static TheoryData<string> Refused => ["https://example.org/cat.jpg", "data:image/svg+xml,<svg/>", "file"];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Parts_NotImageBytes_AreRejected(string what)
    {
        Part part = what == "file" ? new FilePart(new byte[] { 1 }, "application/pdf") : new ImagePart(new Uri(what));

        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User(part)] }));
    }

    [Fact]
    public void ToolTurn_CallsAndResults_AreSentBack()
    {
        var first = new ToolCall("call_1", "weather", """{"city": "Rome"}""");
        var second = new ToolCall("k3j4", "now", "");

        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Go"),
                    new Message(
                        Role.Assistant,
                        [new ReasoningPart("Hm."), new TextPart("I look."), new ToolCallPart(first), new ToolCallPart(second)]
                    ),
                    Message.ToolResults(
                        new ToolResultPart("call_1", "18"),
                        new ToolResultPart("k3j4", [new TextPart("See."), new ImagePart(Conversations.Picture, "image/png")])
                    ),
                    new Message(Role.User, [new ToolResultPart("unknown", "x"), new TextPart("And?")]),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"model":"qwen3","messages":[
              {"role":"user","content":"Go"},
              {"role":"assistant","content":"I look.","thinking":"Hm.","tool_calls":[
                {"id":"call_1","function":{"name":"weather","arguments":{"city":"Rome"}}},
                {"id":"k3j4","function":{"name":"now","arguments":{}}}]},
              {"role":"tool","content":"18","tool_name":"weather","tool_call_id":"call_1"},
              {"role":"tool","content":"See.","images":["iVBORw=="],"tool_name":"now","tool_call_id":"k3j4"},
              {"role":"tool","content":"x","tool_call_id":"unknown"},
              {"role":"user","content":"And?"}],"stream":false}
            """,
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Conversation_FromOtherWire_OmitsWireSpecificParts()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Assistant,
                        [
                            new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                            new OpaquePart(new WireData("anthropic", """{"type":"redacted_thinking"}""")),
                            new TextPart("Hi."),
                        ]
                    ),
                ],
            }
        );

        JsonAssert.Equal(
            """{"model":"qwen3","messages":[{"role":"assistant","content":"Hi.","thinking":"Hm."}],"stream":false}""",
            written.Body
        );
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "messages[]")], written.Quirks);
    }

    [Theory]
    [InlineData("{\"a\":", false)]
    [InlineData("[1]", true)]
    [InlineData("null", true)]
    public void ToolCall_ArgumentsNotAnObject_AreWrappedWithQuirk(string arguments, bool isComplete)
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [new Message(Role.Assistant, [new ToolCallPart(new ToolCall("x", "f", arguments) { IsComplete = isComplete })])],
            }
        );

        JsonAssert.Equal(
            $$"""{"model":"qwen3","messages":[{"role":"assistant","content":"","tool_calls":[{"id":"x","function":{"name":"f","arguments":{"INVALID_JSON":{{System.Text.Json.JsonSerializer.Serialize(arguments)}} } } }]}],"stream":false}""",
            written.Body
        );
        Assert.Equal([new Quirk(QuirkKind.Adapted, "messages[].tool_calls[].function.arguments")], written.Quirks);
    }

    [Theory]
    [InlineData("messages", "[]")]
    [InlineData("Model", "\"x\"")]
    [InlineData("stream", "true")]
    [InlineData("options", """{"Temperature":0}""")]
    [InlineData("options", "1")]
    [InlineData("think", "true")]
    public void Extra_DuplicatesRequestMember_IsRejected(string name, string value) =>
        Assert.Throws<ArgumentException>(() =>
            Write(
                new ChatRequest
                {
                    Messages = [Message.User("x")],
                    Temperature = 1,
                    Thinking = Thinking.Off,
                    Extra = new Dictionary<string, RawJson> { [name] = value },
                }
            )
        );

    [Fact]
    public void WriteModelsRequest_Always_WritesTagsUrl()
    {
        using var wire = new WireRequest { BaseUrl = new Uri(Base), Method = "GET" };

        Assert.True(new OllamaProtocol().WriteModelsRequest(wire));

        Assert.Equal(Base + "api/tags", wire.Url!.AbsoluteUri);
    }
}
