using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

/// <summary>
/// One test for each property that describes how a service deviates from the wire: first the standard, then the deviation.
/// </summary>
public sealed class ChatDialectTests
{
    private static ChatCompletionsProtocol Standard { get; } = new();

    private static ChatRequest Hi { get; } = ChatRequest.Ask("Hi");

    private static ChatRequest HiWithTool { get; } = Hi with { Tools = [new ToolDefinition("f")] };

    [Fact]
    public void MaxTokensName_Set_IsUsedAsMemberName()
    {
        var request = Hi with { MaxTokens = 5 };

        AssertRest(Standard, request, """{"max_completion_tokens":5}""");
        AssertRest(new() { MaxTokensName = "max_tokens" }, request, """{"max_tokens":5}""");
    }

    // Workers AI (2026) sends a token that looks like a number as a number.
    [Theory]
    [InlineData(
        """data: {"choices":[{"index":0,"delta":{"content":"It is "}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":6}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":0.50,"reasoning_content":7},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n""",
        "It is 60.50"
    )]
    [InlineData(
        """{"choices":[{"index":0,"message":{"role":"assistant","content":42,"reasoning_content":7},"finish_reason":"stop"}]}""",
        "42"
    )]
    public void GivesNumbersAsText_NumbersInContent_AreReadAsText(string body, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body.Replace("\\n", "\n", StringComparison.Ordinal));
        Decoded Read(ChatCompletionsProtocol protocol) => body[0] == '{' ? Decoded.Whole(protocol, bytes) : Decoded.Stream(protocol, bytes);

        var taken = Read((ChatCompletionsProtocol)Providers.CloudflareIn("a").Protocol);

        Assert.Equal(LlmErrorKind.MalformedResponse, Read(Standard).Error?.Kind);
        Assert.Null(taken.Error);
        Assert.Equal((text, "7"), (taken.Reply.Text, taken.Reply.Reasoning));
        Assert.Contains(taken.Reply.Quirks, quirk => quirk is { Kind: QuirkKind.UnexpectedType, Place: "choices[].delta.content" });
    }

    [Fact]
    public void SeedName_SetOrNull_IsUsedAsMemberNameOrOmitted()
    {
        var request = Hi with { Seed = 5 };

        AssertRest(Standard, request, """{"seed":5}""");
        AssertRest(new() { SeedName = "random_seed" }, request, """{"random_seed":5}""");
        AssertRest(new() { SeedName = null }, request, "{}", "LeftOut at seed");
    }

    [Fact]
    public void SystemRole_Set_IsUsedForAllInstructions()
    {
        var request = new ChatRequest { System = "s", Messages = [Message.System("t"), Message.User("Hi")] };

        Assert.Equal(
            """{"messages":[{"role":"developer","content":"s\n\nt"},{"role":"user","content":"Hi"}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol { SystemRole = "developer" }, request).Body
        );
    }

    [Fact]
    public void RequestsStreamUsage_False_SendsNoStreamOptions()
    {
        AssertRest(Standard, Hi, """{"stream":true,"stream_options":{"include_usage":true}}""", stream: true);
        AssertRest(new() { RequestsStreamUsage = false, Obfuscation = false }, Hi, """{"stream":true}""", stream: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Obfuscation_Set_IsSentOnlyInStreams(bool value)
    {
        AssertRest(
            new() { Obfuscation = value },
            Hi,
            $$$"""{"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":{{{(value ? "true" : "false")}}}}}""",
            stream: true
        );
        AssertRest(new() { Obfuscation = value }, Hi, "{}");
    }

    [Fact]
    public void RequiredToolChoice_Set_IsSentAsToolChoice()
    {
        var request = HiWithTool with { ToolChoice = ToolChoice.Required };

        AssertChoice(Standard, request, "\"required\"");
        AssertChoice(new() { RequiredToolChoice = "any" }, request, "\"any\"");
    }

    [Fact]
    public void SupportsNamedToolChoice_False_SendsRequired()
    {
        var request = HiWithTool with { ToolChoice = ToolChoice.Named("f") };

        AssertChoice(Standard, request, """{"type":"function","function":{"name":"f"}}""");
        AssertChoice(new() { SupportsNamedToolChoice = false }, request, "\"required\"", "Adapted at tool_choice");
    }

    [Fact]
    public void SupportsToolChoice_False_OmitsToolChoiceAndOmitsToolsForNone()
    {
        var protocol = new ChatCompletionsProtocol { SupportsToolChoice = false };
        const string Tools = """{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}""";

        AssertRest(protocol, HiWithTool with { ToolChoice = ToolChoice.Auto }, Tools);
        AssertRest(protocol, HiWithTool with { ToolChoice = ToolChoice.Required }, Tools, "LeftOut at tool_choice");
        AssertRest(protocol, HiWithTool with { ToolChoice = ToolChoice.Named("f") }, Tools, "LeftOut at tool_choice");
        AssertRest(protocol, HiWithTool with { ToolChoice = ToolChoice.None, ParallelToolCalls = true }, "{}", "Adapted at tools");
        AssertChoice(Standard, HiWithTool with { ToolChoice = ToolChoice.None }, "\"none\"");
    }

    [Fact]
    public void SupportsToolChoiceNone_False_OmitsToolsForNoneOnly()
    {
        var protocol = new ChatCompletionsProtocol { SupportsToolChoiceNone = false };

        AssertRest(protocol, HiWithTool with { ToolChoice = ToolChoice.None, ParallelToolCalls = true }, "{}", "Adapted at tools");
        AssertChoice(protocol, HiWithTool with { ToolChoice = ToolChoice.Auto }, "\"auto\"");
        AssertChoice(protocol, HiWithTool with { ToolChoice = ToolChoice.Required }, "\"required\"");
    }

    [Fact]
    public void RequestsToolStream_True_SendsToolStreamOnlyInStreamsWithTools()
    {
        var protocol = new ChatCompletionsProtocol { RequestsToolStream = true, RequestsStreamUsage = false };
        const string Tools = """
            "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]
            """;

        AssertRest(protocol, HiWithTool, $$"""{{{Tools}},"stream":true,"tool_stream":true}""", stream: true);
        AssertRest(protocol, HiWithTool, $$"""{{{Tools}}}""");
        AssertRest(protocol, Hi, """{"stream":true}""", stream: true);
    }

    [Fact]
    public void ToolCallIdLength_IdsDoNotFit_AreReplacedInCallAndResult()
    {
        var protocol = new ChatCompletionsProtocol { ToolCallIdLength = 9 };
        string[] ids = ["abcDEF123", "call_1", "call_2", "abcDEF12_", "ééééééééé", "", "functions.add:0"];
        var request = new ChatRequest
        {
            Messages =
            [
                new Message(Role.Assistant, [.. ids.Select(id => new ToolCallPart(new ToolCall(id, "f", "{}")))]),
                Message.ToolResults([.. ids.Select(id => new ToolResultPart(id, "r"))]),
            ],
        };

        var written = WrittenRequest.Of(protocol, request);

        using var json = System.Text.Json.JsonDocument.Parse(written.Body);
        var messages = json.RootElement.GetProperty("messages").EnumerateArray().ToList();
        string[] calls = [.. messages[0].GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("id").GetString()!)];
        string[] results = [.. messages.Skip(1).Select(result => result.GetProperty("tool_call_id").GetString()!)];
        Assert.Equal("abcDEF123", calls[0]);
        Assert.Equal(calls, results);
        Assert.All(calls, id => Assert.Matches("^[0-9A-Za-z]{9}$", id));
        Assert.Equal(ids.Length, calls.Distinct().Count());
        Assert.Equal(new Quirk(QuirkKind.Adapted, "messages[].tool_calls[].id"), Assert.Single(written.Quirks));
    }

    [Fact]
    public void MaxToolCallIdCharacters_LongerIds_AreReplacedInCallAndResult()
    {
        string[] ids = ["functions.add:0", new string('a', 40), new string('a', 41), "portkey-6aa6db90-1b84-4155-9f32-f658c97d6b1b"];
        var request = new ChatRequest
        {
            Messages =
            [
                new Message(Role.Assistant, [.. ids.Select(id => new ToolCallPart(new ToolCall(id, "f", "{}")))]),
                Message.ToolResults([.. ids.Select(id => new ToolResultPart(id, "r"))]),
            ],
        };

        Assert.Empty(WrittenRequest.Of(Standard, request).Quirks);
        var written = WrittenRequest.Of(Providers.OpenAI.Protocol, request);

        using var json = System.Text.Json.JsonDocument.Parse(written.Body);
        var messages = json.RootElement.GetProperty("messages").EnumerateArray().ToList();
        string[] calls = [.. messages[0].GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("id").GetString()!)];
        Assert.Equal(calls, messages.Skip(1).Select(result => result.GetProperty("tool_call_id").GetString()!));
        Assert.Equal(ids[..2], calls[..2]);
        Assert.All(calls[2..], id => Assert.Matches("^id_[0-9a-f]{24}$", id));
        Assert.NotEqual(calls[2], calls[3]);
        Assert.Equal(new Quirk(QuirkKind.Adapted, "messages[].tool_calls[].id"), Assert.Single(written.Quirks));
    }

    [Fact]
    public void SupportsLogProbs_False_OmitsLogProbs()
    {
        var request = Hi with { TopLogProbs = 2 };

        AssertRest(Standard, request, """{"logprobs":true,"top_logprobs":2}""");
        AssertRest(new() { SupportsLogProbs = false }, request, "{}", "LeftOut at logprobs");
    }

    [Fact]
    public void SupportsChoiceCount_False_OmitsCountAboveOne()
    {
        AssertRest(Standard, Hi with { ChoiceCount = 2 }, """{"n":2}""");
        AssertRest(new() { SupportsChoiceCount = false }, Hi with { ChoiceCount = 1 }, """{"n":1}""");
        AssertRest(new() { SupportsChoiceCount = false }, Hi with { ChoiceCount = 2 }, "{}", "LeftOut at n");
    }

    [Theory]
    [InlineData("groq", false)]
    [InlineData("mistral", true)]
    public void MessageNames_RejectedByService_AreOmitted(string service, bool namesResults)
    {
        var request = new ChatRequest
        {
            Messages = [Message.User("Hi") with { Name = "Ada" }, Message.ToolResults(new ToolResultPart("abcDEF123", "r") { Name = "f" })],
            TopLogProbs = service == "groq" ? 2 : null,
            ChoiceCount = service == "groq" ? 3 : null,
        };

        var written = WrittenRequest.Of(Providers.Get(service).Protocol, request);

        string name = namesResults ? "\"name\":\"f\"," : "";
        JsonAssert.Equal(
            $$"""{"messages":[{"role":"user","content":"Hi"},{"role":"tool","tool_call_id":"abcDEF123",{{name}}"content":"r"}]}""",
            written.Body
        );
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "messages[].name"), written.Quirks);
        Assert.Equal(service == "groq" ? 3 : 1, written.Quirks.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100)]
    public void ToolCallIdLength_AnyLength_IdHasThatLength(int length)
    {
        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol { ToolCallIdLength = length },
            new ChatRequest { Messages = [Message.ToolResults(new ToolResultPart("call_1", "r"))] }
        );

        using var json = System.Text.Json.JsonDocument.Parse(written.Body);
        Assert.Equal(length, json.RootElement.GetProperty("messages")[0].GetProperty("tool_call_id").GetString()!.Length);
    }

    [Fact]
    public void SendsToolResultName_True_WritesToolName()
    {
        var request = new ChatRequest
        {
            Messages =
            [
                new Message(
                    Role.Assistant,
                    [new ToolCallPart(new ToolCall("c1", "f", "{}")), new ToolCallPart(new ToolCall("c2", "g", "{}"))]
                ),
                Message.ToolResults(
                    new ToolResultPart("c1", "1") { Name = "f" },
                    new ToolResultPart("c2", "2"),
                    new ToolResultPart("c3", "3")
                ),
            ],
        };

        const string Calls =
            """{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}""";
        Assert.Equal(
            $$"""{"messages":[{{Calls}},{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"},{"role":"tool","tool_call_id":"c3","content":"3"}]}""",
            WrittenRequest.Of(Standard, request).Body
        );
        Assert.Equal(
            $$"""{"messages":[{{Calls}},{"role":"tool","tool_call_id":"c1","name":"f","content":"1"},{"role":"tool","tool_call_id":"c2","name":"g","content":"2"},{"role":"tool","tool_call_id":"c3","content":"3"}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol { SendsToolResultName = true }, request).Body
        );
    }

    [Fact]
    public void SupportsMessageNames_False_OmitsNames()
    {
        var request = new ChatRequest { Messages = [Message.User("Hi") with { Name = "ann" }] };

        Assert.Equal("""{"messages":[{"role":"user","content":"Hi","name":"ann"}]}""", WrittenRequest.Of(Standard, request).Body);
        var bent = WrittenRequest.Of(new ChatCompletionsProtocol { SupportsMessageNames = false }, request);
        Assert.Equal("""{"messages":[{"role":"user","content":"Hi"}]}""", bent.Body);
        Assert.Equal("LeftOut at messages[].name", Assert.Single(bent.Quirks).ToString());
    }

    [Fact]
    public void SupportsPenalties_False_OmitsPenalties()
    {
        var request = Hi with { FrequencyPenalty = 1, PresencePenalty = 2 };

        AssertRest(Standard, request, """{"frequency_penalty":1,"presence_penalty":2}""");
        AssertRest(new() { SupportsPenalties = false }, request, "{}", "LeftOut at frequency_penalty", "LeftOut at presence_penalty");
    }

    [Fact]
    public void SupportsStrict_False_OmitsStrict()
    {
        var request = Hi with
        {
            Tools = [new ToolDefinition("f", null, "{}") { Strict = true }],
            Format = ReplyFormat.JsonSchema("n", "{}") with { Strict = true },
        };

        AssertRest(
            Standard,
            request,
            """{"tools":[{"type":"function","function":{"name":"f","parameters":{},"strict":true}}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}}}"""
        );
        AssertRest(
            new() { SupportsStrict = false },
            request,
            """{"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}""",
            "LeftOut at tools[].function.strict",
            "LeftOut at response_format.json_schema.strict"
        );
    }

    [Fact]
    public void SupportsParallelToolCalls_False_OmitsParallelToolCalls()
    {
        var request = HiWithTool with { ParallelToolCalls = false };
        const string Tools = """
            "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]
            """;

        AssertRest(Standard, request, $$"""{{{Tools}},"parallel_tool_calls":false}""");
        AssertRest(new() { SupportsParallelToolCalls = false }, request, $$"""{{{Tools}}}""", "LeftOut at parallel_tool_calls");
    }

    [Fact]
    public void SupportsJsonSchema_False_RequestsJsonObjectAndWritesSchemaToInstructions()
    {
        var request = Hi with { Format = ReplyFormat.JsonSchema("n", "{}") };

        var written = WrittenRequest.Of(new ChatCompletionsProtocol { SupportsJsonSchema = false }, request);
        Assert.Equal(
            """{"messages":[{"role":"system","content":"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{}"},{"role":"user","content":"Hi"}],"response_format":{"type":"json_object"}}""",
            written.Body
        );
        Assert.Equal("Adapted at response_format", Assert.Single(written.Quirks).ToString());
        AssertRest(
            new() { SupportsJsonSchema = false },
            Hi with
            {
                Format = ReplyFormat.Json,
            },
            """{"response_format":{"type":"json_object"}}"""
        );
    }

    [Fact]
    public void SupportsVideoUrls_True_SendsVideoUrlParts()
    {
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User(
                    new FilePart(new byte[] { 1, 2 }, "Video/MP4", "a.mp4"),
                    new FilePart(new Uri("https://example.org/b.webm?x=1")),
                    new FilePart(new Uri("https://example.org/c"), "video/mp4"),
                    new FilePart("file-1", "video/mp4")
                ),
            ],
        };

        var written = WrittenRequest.Of(new ChatCompletionsProtocol { SupportsVideoUrls = true }, request);

        JsonAssert.Equal(
            """
            {"messages":[{"role":"user","content":[
              {"type":"video_url","video_url":{"url":"data:video/mp4;base64,AQI="}},
              {"type":"video_url","video_url":{"url":"https://example.org/b.webm?x=1"}},
              {"type":"video_url","video_url":{"url":"https://example.org/c"}},
              {"type":"file","file":{"file_id":"file-1"}}]}]}
            """,
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void SupportsVideoUrls_TrueWithVideoUrlInToolResult_SendsVideoUrlPart()
    {
        var request = new ChatRequest
        {
            Messages =
            [
                Message.ToolResults(
                    new ToolResultPart(
                        "c1",
                        [
                            new TextPart("r"),
                            new FilePart(new Uri("https://example.org/b.webm")),
                            new FilePart(new Uri("https://example.org/a.pdf")),
                        ]
                    )
                ),
            ],
        };

        var written = WrittenRequest.Of(new ChatCompletionsProtocol { SupportsVideoUrls = true }, request);

        Assert.Contains(
            """{"type":"video_url","video_url":{"url":"https://example.org/b.webm"}}""",
            written.Body,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("a.pdf", written.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("b.webm", WrittenRequest.Of(Standard, request).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openrouter")]
    [InlineData("vllm")]
    [InlineData("sglang")]
    [InlineData("siliconflow")]
    [InlineData("moonshot")]
    [InlineData("volcengine")]
    [InlineData("dashscope")]
    public void Video_ServiceDocumentsSupport_IsSentAsVideoUrl(string service)
    {
        var request = new ChatRequest { Model = "m", Messages = [Message.User([new FilePart(new byte[] { 1, 2 }, "video/mp4")])] };

        Assert.Contains(
            """{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AQI="}}""",
            WrittenRequest.Of(Providers.Get(service).Protocol, request).Body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void SupportsFileUrls_True_SendsUrl()
    {
        var request = new ChatRequest { Messages = [Message.User([new FilePart(new Uri("https://example.org/a.pdf"))])] };

        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(Standard, request));
        Assert.Equal(
            """{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"https://example.org/a.pdf"}}]}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol { SupportsFileUrls = true }, request).Body
        );
    }

    [Theory]
    [InlineData(ThinkingEffort.None, "none")]
    [InlineData(ThinkingEffort.Minimal, "minimal")]
    [InlineData(ThinkingEffort.Low, "low")]
    [InlineData(ThinkingEffort.Medium, "medium")]
    [InlineData(ThinkingEffort.High, "high")]
    [InlineData(ThinkingEffort.ExtraHigh, "xhigh")]
    [InlineData(ThinkingEffort.Max, "xhigh")]
    public void ThinkingStyle_ReasoningEffort_SendsEffort(ThinkingEffort effort, string word) =>
        AssertRest(Standard, Hi with { Thinking = new Thinking { Effort = effort } }, $$"""{"reasoning_effort":"{{word}}"}""");

    [Theory]
    [InlineData(1, "low")]
    [InlineData(1024, "low")]
    [InlineData(1025, "medium")]
    [InlineData(8192, "medium")]
    [InlineData(8193, "high")]
    public void ThinkingStyle_ReasoningEffortWithBudget_ConvertsBudgetToEffort(int budget, string word) =>
        AssertRest(
            Standard,
            Hi with
            {
                Thinking = Thinking.Budget(budget),
            },
            $$"""{"reasoning_effort":"{{word}}"}""",
            "Adapted at thinking.budget_tokens"
        );

    [Fact]
    public void ThinkingStyle_ReasoningEffortWithEffortAndBudget_SendsEffort() =>
        AssertRest(
            Standard,
            Hi with
            {
                Thinking = Thinking.High with { BudgetTokens = 5 },
            },
            """{"reasoning_effort":"high"}""",
            "LeftOut at thinking.budget_tokens"
        );

    [Fact]
    public void ThinkingStyle_None_OmitsThinking()
    {
        AssertRest(new() { ThinkingStyle = ThinkingStyle.None }, Hi with { Thinking = Thinking.High }, "{}", "LeftOut at thinking");
        AssertRest(new() { ThinkingStyle = ThinkingStyle.None }, Hi with { Thinking = new Thinking() }, "{}");
    }

    [Fact]
    public void ThinkingStyle_ReasoningObject_SendsEffortOrBudget()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.ReasoningObject };

        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"reasoning":{"enabled":false}}""");
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.Low with { Include = false },
            },
            """{"reasoning":{"effort":"low","exclude":true}}"""
        );
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.Budget(2000) with { Include = true },
            },
            """{"reasoning":{"max_tokens":2000,"exclude":false}}"""
        );
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.High with { BudgetTokens = 2000 },
            },
            """{"reasoning":{"max_tokens":2000}}""",
            "LeftOut at reasoning.effort"
        );
        AssertRest(protocol, Hi with { Thinking = new Thinking { Include = true } }, """{"reasoning":{"exclude":false}}""");
    }

    [Fact]
    public void ThinkingStyle_ThinkingObject_SendsEnabledOrDisabled()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.ThinkingObject };

        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"thinking":{"type":"disabled"}}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.Medium }, """{"thinking":{"type":"enabled"}}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.High }, """{"thinking":{"type":"enabled"}}""", "Adapted at thinking");
        AssertRest(protocol, Hi with { Thinking = Thinking.Budget(5) }, """{"thinking":{"type":"enabled"}}""", "Adapted at thinking");
        AssertRest(protocol, Hi with { Thinking = new Thinking { Include = true } }, "{}", "LeftOut at thinking.include");
    }

    [Fact]
    public void ThinkingStyle_ThinkingObjectAndEffort_SendsBoth()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.ThinkingObjectAndEffort };

        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"thinking":{"type":"disabled"}}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.High }, """{"thinking":{"type":"enabled"},"reasoning_effort":"high"}""");
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.Budget(5),
            },
            """{"thinking":{"type":"enabled"},"reasoning_effort":"low"}""",
            "Adapted at thinking.budget_tokens"
        );
    }

    [Fact]
    public void ThinkingStyle_EffortSwitch_SendsNoneOrHigh()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.EffortSwitch };

        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"reasoning_effort":"none"}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.High }, """{"reasoning_effort":"high"}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.Low }, """{"reasoning_effort":"high"}""", "Adapted at thinking");
    }

    [Fact]
    public void ThinkingStyle_TemplateArguments_SendsChatTemplateKwargs()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.TemplateArguments };

        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"chat_template_kwargs":{"enable_thinking":false}}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.Medium }, """{"chat_template_kwargs":{"enable_thinking":true}}""");
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.Low,
            },
            """{"chat_template_kwargs":{"enable_thinking":true}}""",
            "Adapted at thinking"
        );
    }

    [Fact]
    public void ThinkingStyle_EnableThinking_SendsEnableThinkingMember()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.EnableThinking, RequestsStreamUsage = false };

        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"enable_thinking":false}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.Medium }, """{"enable_thinking":true,"stream":true}""", stream: true);
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.High,
            },
            """{"enable_thinking":true,"stream":true}""",
            stream: true,
            "Adapted at thinking"
        );
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = Thinking.Budget(2000),
            },
            """{"enable_thinking":true,"thinking_budget":2000,"stream":true}""",
            stream: true
        );
        AssertRest(
            protocol,
            Hi with
            {
                Thinking = new Thinking { BudgetTokens = 0 },
            },
            """{"enable_thinking":false,"stream":true}""",
            stream: true
        );
        AssertRest(protocol, Hi, """{"stream":true}""", stream: true);
    }

    [Fact]
    public void ThinkingStyle_EnableThinkingNonStreaming_RequestsStreamUnlessOff()
    {
        var protocol = new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.EnableThinking, RequestsStreamUsage = false };

        AssertRest(protocol, Hi, """{"stream":true}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.Medium }, """{"enable_thinking":true,"stream":true}""");
        AssertRest(protocol, Hi with { Thinking = Thinking.Off }, """{"enable_thinking":false}""");
    }

    [Fact]
    public void IncludeReasoningName_Set_IsUsedAsMemberName()
    {
        var request = Hi with { Thinking = Thinking.Low with { Include = true } };

        AssertRest(Standard, request, """{"reasoning_effort":"low"}""", "LeftOut at thinking.include");
        AssertRest(
            new() { IncludeReasoningName = "include_reasoning" },
            request,
            """{"reasoning_effort":"low","include_reasoning":true}"""
        );
    }

    [Fact]
    public void ReasoningName_Set_SendsReasoningBackAsText()
    {
        var request = new ChatRequest
        {
            Messages = [new Message(Role.Assistant, [new ReasoningPart("a"), new TextPart("t"), new ReasoningPart("b")])],
        };

        Assert.Equal("""{"messages":[{"role":"assistant","content":"t"}]}""", WrittenRequest.Of(Standard, request).Body);
        Assert.Equal(
            """{"messages":[{"role":"assistant","content":"t","reasoning_content":"ab"}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol { ReasoningName = "reasoning_content" }, request).Body
        );
    }

    [Fact]
    public void ReturnsReasoningInToolTurnsOnly_True_SendsReasoningAfterLastUserMessage()
    {
        static Message Answer(string thought, string id) =>
            new(Role.Assistant, [new ReasoningPart(thought), new ToolCallPart(new ToolCall(id, "f", "{}"))]);
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User("1"),
                Answer("old", "c1"),
                Message.ToolResults(new ToolResultPart("c1", "r")),
                new Message(Role.Assistant, [new ReasoningPart("older"), new TextPart("done")]),
                Message.User("2"),
                Answer("new", "c2"),
                Message.User([new ToolResultPart("c2", "r")]),
                Answer("newer", "c3"),
                Message.ToolResults(new ToolResultPart("c3", "r")),
            ],
        };

        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol { ReasoningName = "reasoning_content", ReturnsReasoningInToolTurnsOnly = true },
            request
        );

        using var json = System.Text.Json.JsonDocument.Parse(written.Body);
        Assert.Equal(
            ["new", "newer"],
            json.RootElement.GetProperty("messages")
                .EnumerateArray()
                .Where(message => message.TryGetProperty("reasoning_content", out _))
                .Select(message => message.GetProperty("reasoning_content").GetString())
        );
    }

    private static void AssertRest(ChatCompletionsProtocol protocol, ChatRequest request, string rest, params string[] quirks) =>
        AssertRest(protocol, request, rest, stream: false, quirks);

    private static void AssertRest(ChatCompletionsProtocol protocol, ChatRequest request, string rest, bool stream, params string[] quirks)
    {
        string members = rest is "{}" ? "" : "," + rest[1..^1];
        var written = WrittenRequest.Of(protocol, request, stream);
        Assert.Equal($$"""{"messages":[{"role":"user","content":"Hi"}]{{members}}}""", written.Body);
        Assert.Equal(quirks, written.Quirks.Select(quirk => quirk.ToString()));
    }

    private static void AssertChoice(ChatCompletionsProtocol protocol, ChatRequest request, string choice, params string[] quirks) =>
        AssertRest(
            protocol,
            request,
            """{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"tool_choice":"""
                + choice
                + "}",
            quirks
        );
}
