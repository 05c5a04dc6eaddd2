using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Responses;

public sealed class ResponsesWriterTests
{
    private const string Encrypted =
        """{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],  "encrypted_content":"gAAA\u003d"}""";

    private static ResponsesProtocol Standard { get; } = new();

    private static ToolCall Call { get; } = new("call_1", "get_weather", """{"city":"Paris"}""");

    [Fact]
    public void Body_MinimalRequest_WritesStoreFalse()
    {
        var written = WrittenRequest.Of(Standard, ChatRequest.Ask("Hi") with { Model = "m" });

        Assert.Equal(
            """{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}],"store":false}""",
            written.Body
        );
        Assert.Equal("https://llm.example.org/v1/responses", written.Url);
        Assert.Equal("application/json", written.Accept);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Body_Streaming_WritesStreamTrueAndDisablesObfuscation()
    {
        var written = WrittenRequest.Of(
            new ResponsesProtocol { Obfuscation = false, Store = null },
            ChatRequest.Ask("Hi") with
            {
                Model = "m",
            },
            stream: true
        );

        Assert.Equal(
            """{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}],"stream":true,"stream_options":{"include_obfuscation":false}}""",
            written.Body
        );
        Assert.Equal("text/event-stream", written.Accept);
    }

    [Fact]
    public void Body_EverySetting_HasFixedOrderAndOmitsUnsupportedMembers()
    {
        var request = new ChatRequest
        {
            Model = "m",
            System = "s",
            Messages = [Message.User("u")],
            MaxTokens = 50,
            Temperature = 0.25,
            TopP = 0.9,
            Seed = 1,
            Stop = ["a"],
            FrequencyPenalty = 0.5,
            PresencePenalty = -0.5,
            TopLogProbs = 2,
            ChoiceCount = 2,
            Tools = [Conversations.Weather, new ToolDefinition("now")],
            ToolChoice = ToolChoice.Auto,
            ParallelToolCalls = true,
            Format = ReplyFormat.Json,
            Thinking = Thinking.Medium with { Include = true },
            User = "user-1",
            Extra = new Dictionary<string, RawJson> { ["z"] = "1", ["metadata"] = """{ "b": [1,  2] }""" },
        };
        var written = WrittenRequest.Of(Standard, request, stream: true);

        Assert.Equal(
            """{"model":"m","instructions":"s","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"u"}]}]"""
                + ""","max_output_tokens":50,"temperature":0.25,"top_p":0.9,"top_logprobs":2"""
                + ""","tools":[{"type":"function","name":"get_weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true},"""
                + """{"type":"function","name":"now","parameters":{"type":"object","properties":{}},"strict":false}],"tool_choice":"auto","parallel_tool_calls":true"""
                + ""","text":{"format":{"type":"json_object"}},"reasoning":{"effort":"medium","summary":"auto"},"store":false"""
                + ""","include":["reasoning.encrypted_content","message.output_text.logprobs"],"user":"user-1","stream":true,"z":1,"metadata":{ "b": [1,  2] }}""",
            written.Body
        );
        Assert.Equal(["seed", "stop", "frequency_penalty", "presence_penalty", "n"], written.Quirks.Select(quirk => quirk.Place));
        Assert.All(written.Quirks, quirk => Assert.Equal(QuirkKind.LeftOut, quirk.Kind));
        Assert.Equal(written.Body, WrittenRequest.Of(Standard, request, stream: true).Body);
    }

    [Theory]
    [InlineData(ToolChoiceKind.Auto, "\"auto\"")]
    [InlineData(ToolChoiceKind.None, "\"none\"")]
    [InlineData(ToolChoiceKind.Required, "\"required\"")]
    [InlineData(ToolChoiceKind.Named, """{"type":"function","name":"get_weather"}""")]
    public void ToolChoice_EachKind_IsWritten(ToolChoiceKind kind, string expected)
    {
        var choice = kind switch
        {
            ToolChoiceKind.Auto => ToolChoice.Auto,
            ToolChoiceKind.None => ToolChoice.None,
            ToolChoiceKind.Required => ToolChoice.Required,
            _ => ToolChoice.Named("get_weather"),
        };

        JsonAssert.Equal(expected, Member("tool_choice", Conversations.AskWithTools with { ToolChoice = choice }));
    }

    [Fact]
    public void ToolChoice_WithoutTools_IsRejectedOrOmitted()
    {
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(Standard, ChatRequest.Ask("Hi") with { ToolChoice = ToolChoice.Required })
        );
        Assert.DoesNotContain(
            "tool_choice",
            WrittenRequest.Of(Standard, ChatRequest.Ask("Hi") with { ToolChoice = ToolChoice.Auto }).Body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Format_WithSchema_IsWrittenInText() =>
        JsonAssert.Equal(
            """{"format":{"type":"json_schema","name":"city","description":"A city.","schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false},"strict":true}}""",
            Member("text", Conversations.Structured with { Format = Conversations.Structured.Format! with { Description = "A city." } })
        );

    [Theory]
    [InlineData(ThinkingEffort.None, "none", false)]
    [InlineData(ThinkingEffort.Minimal, "minimal", true)]
    [InlineData(ThinkingEffort.High, "high", true)]
    [InlineData(ThinkingEffort.ExtraHigh, "xhigh", true)]
    [InlineData(ThinkingEffort.Max, "xhigh", true)]
    public void Thinking_WithEffort_RequestsEncryptedReasoningUnlessOff(ThinkingEffort effort, string word, bool isEncrypted)
    {
        var request = ChatRequest.Ask("Hi") with { Thinking = new Thinking { Effort = effort } };

        JsonAssert.Equal($$"""{"effort":"{{word}}"}""", Member("reasoning", request));
        Assert.Equal(
            isEncrypted,
            WrittenRequest
                .Of(Standard, request)
                .Body.Contains(
                    """
                    "include":["reasoning.encrypted_content"]
                    """.Trim(),
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void Thinking_WithBudget_IsSentAsNearestEffortWithQuirk()
    {
        var written = WrittenRequest.Of(Standard, ChatRequest.Ask("Hi") with { Thinking = Thinking.Budget(5000) });

        Assert.Contains("\"reasoning\":{\"effort\":\"medium\"}", written.Body, StringComparison.Ordinal);
        Assert.Equal([new Quirk(QuirkKind.Adapted, "thinking.budget_tokens")], written.Quirks);
    }

    [Theory]
    [InlineData(false, null, true)]
    [InlineData(false, false, false)]
    [InlineData(true, null, false)]
    [InlineData(null, null, false)]
    [InlineData(null, true, true)]
    public void EncryptedReasoning_ByDialect_IsRequestedIfNothingIsStored(bool? store, bool? encrypted, bool expected)
    {
        var written = WrittenRequest.Of(
            new ResponsesProtocol { Store = store, EncryptedReasoning = encrypted },
            ChatRequest.Ask("Hi") with
            {
                Thinking = Thinking.Low,
            }
        );

        Assert.Equal(expected, written.Body.Contains("reasoning.encrypted_content", StringComparison.Ordinal));
        Assert.Equal(store is not null, written.Body.Contains("\"store\":", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai-responses", "gpt-5", true)]
    [InlineData("openai-responses", "gpt-6-astra", true)]
    [InlineData("openai-responses", "gpt-5-chat-latest", false)]
    [InlineData("openai-responses", "gpt-4.1", false)]
    [InlineData("xai-responses", "grok-4.3", true)]
    [InlineData("xai-responses", "grok-4-1-fast-non-reasoning", false)]
    [InlineData("xai-responses", "grok-3", false)]
    [InlineData("perplexity", "openai/gpt-5", false)]
    public void EncryptedReasoning_ModelReasonsByDefault_IsRequested(string service, string model, bool expected)
    {
        var request = ChatRequest.Ask("Hi") with { Model = model };

        Assert.Equal(expected, IsAsked(request));
        Assert.Equal(expected, IsAsked(request with { Thinking = new Thinking() }));
        Assert.False(IsAsked(request with { Extra = new Dictionary<string, RawJson> { ["include"] = "[]" } }));

        bool IsAsked(ChatRequest asked) =>
            WrittenRequest
                .Of(Providers.Get(service).Protocol, asked)
                .Body.Contains("reasoning.encrypted_content", StringComparison.Ordinal);
    }

    [Fact]
    public void EncryptedReasoning_ThinkingOff_IsNotRequested() =>
        Assert.DoesNotContain(
            "include",
            WrittenRequest
                .Of(Providers.OpenAIResponses.Protocol, ChatRequest.Ask("Hi") with { Model = "gpt-5.1", Thinking = Thinking.Off })
                .Body,
            StringComparison.Ordinal
        );

    [Fact]
    public void Extra_DuplicatesDialectMember_OverridesDialect()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Model = "m",
            Thinking = Thinking.Low,
            Extra = new Dictionary<string, RawJson>
            {
                ["include"] = """["file_search_call.results"]""",
                ["store"] = "true",
                ["stream_options"] = "{}",
            },
        };
        var written = WrittenRequest.Of(new ResponsesProtocol { Obfuscation = false }, request, stream: true);

        Assert.Equal(
            """{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}],"reasoning":{"effort":"low"},"stream":true"""
                + ""","include":["file_search_call.results"],"store":true,"stream_options":{}}""",
            written.Body
        );
    }

    [Theory]
    [InlineData("Model")]
    [InlineData("stream")]
    [InlineData("input")]
    [InlineData("temperature")]
    public void Extra_DuplicatesRequestMember_IsRejected(string name) =>
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(
                Standard,
                ChatRequest.Ask("Hi") with
                {
                    Temperature = 1,
                    Extra = new Dictionary<string, RawJson> { [name] = "1" },
                }
            )
        );

    [Fact]
    public void HostedTools_OfDialect_FollowTools()
    {
        var dialect = new ResponsesProtocol { HostedTools = ["""{"type":"web_search"}"""] };

        JsonAssert.Equal(
            """[{"type":"function","name":"now","parameters":{"type":"object","properties":{}},"strict":false},{"type":"web_search"}]""",
            Member("tools", ChatRequest.Ask("Hi") with { Tools = [new ToolDefinition("now")] }, dialect)
        );
        JsonAssert.Equal("""[{"type":"web_search"}]""", Member("tools", ChatRequest.Ask("Hi"), dialect));
    }

    [Theory]
    [InlineData(
        true,
        """{"type":"function","name":"now","parameters":{"type":"object","properties":{}},"strict":false},{"type":"web_search"},"""
    )]
    [InlineData(false, """{"type":"web_search"},""")]
    public void ExtraTools_WithToolsAndHostedTools_AreWrittenLast(bool hasFunction, string before)
    {
        var dialect = new ResponsesProtocol { HostedTools = ["""{"type":"web_search"}"""] };
        var request = ChatRequest.Ask("Hi") with
        {
            Tools = hasFunction ? [new ToolDefinition("now")] : [],
            Extra = new Dictionary<string, RawJson> { ["tools"] = """[ {"type":"image_generation"} ]""" },
        };

        JsonAssert.Equal($$"""[{{before}}{"type":"image_generation"}]""", Member("tools", request, dialect));
    }

    [Fact]
    public void ExtraTools_NotAnArray_AreRejected() =>
        Assert.Contains(
            "not an array",
            Assert
                .Throws<ArgumentException>(() =>
                    WrittenRequest.Of(
                        Standard,
                        ChatRequest.Ask("Hi") with
                        {
                            Tools = [new ToolDefinition("now")],
                            Extra = new Dictionary<string, RawJson> { ["tools"] = "{}" },
                        }
                    )
                )
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(null, "false")]
    [InlineData(false, "false")]
    [InlineData(true, "true", ""","additionalProperties":false""")]
    public void Strict_AnyTool_IsAlwaysWritten(bool? strict, string expected, string only = "") =>
        JsonAssert.Equal(
            $$"""[{"type":"function","name":"now","parameters":{"type":"object","properties":{}{{only}} },"strict":{{expected}} }]""",
            Member("tools", ChatRequest.Ask("Hi") with { Tools = [new ToolDefinition("now") { Strict = strict }] })
        );

    [Fact]
    public void ToolCallIDs_TooLong_AreReplacedAlikeInCallAndResult()
    {
        string most = new('a', 64);
        var written = Written(
            new Message(
                Role.Assistant,
                [new ToolCallPart(new ToolCall(most, "f", "{}")), new ToolCallPart(new ToolCall(most + "b", "f", "{}"))]
            ),
            Message.ToolResults(new ToolResultPart(most, "r"), new ToolResultPart(most + "b", "r"))
        );

        string[] ids = [.. System.Text.Json.Nodes.JsonNode.Parse(Input(written))!.AsArray().Select(item => (string)item!["call_id"]!)];
        Assert.Equal([most, ids[1], most, ids[1]], ids);
        Assert.Matches("^id_[0-9a-f]{24}$", ids[1]);
        Assert.Equal(new Quirk(QuirkKind.Adapted, "input[].call_id"), Assert.Single(written.Quirks));
    }

    [Fact]
    public void FilePart_ImageMediaType_IsSentAsImage()
    {
        var written = Written(Message.User(new FilePart(new byte[] { 1, 2, 3 }, "image/webp", "a.webp")));

        JsonAssert.Equal(
            """[{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:image/webp;base64,AQID","detail":"auto"}]}]""",
            Input(written)
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Input_UserMessage_ContainsTextImagesAndFiles()
    {
        var message = Message.User(
            new TextPart("Compare \"these\"."),
            new ImagePart(Conversations.Picture, "image/png"),
            new ImagePart(new Uri("https://example.org/cat.jpg?size=1")) { Detail = "low" },
            new FilePart("%PDF"u8.ToArray(), "application/pdf", "a.pdf"),
            new FilePart("x"u8.ToArray(), "text/plain"),
            new FilePart(new Uri("data:application/pdf;base64,JVBERg==")),
            new FilePart(new Uri("https://example.org/b.pdf")),
            new FilePart("file-1")
        );
        var written = Written(message);

        JsonAssert.Equal(
            """
            [{"type":"message","role":"user","content":[
              {"type":"input_text","text":"Compare \"these\"."},
              {"type":"input_image","image_url":"data:image/png;base64,iVBORw==","detail":"auto"},
              {"type":"input_image","image_url":"https://example.org/cat.jpg?size=1","detail":"low"},
              {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="},
              {"type":"input_file","filename":"file.txt","file_data":"data:text/plain;base64,eA=="},
              {"type":"input_file","filename":"file.pdf","file_data":"data:application/pdf;base64,JVBERg=="},
              {"type":"input_file","file_url":"https://example.org/b.pdf"},
              {"type":"input_file","file_id":"file-1"}]}]
            """,
            Input(written)
        );
        Assert.Equal([new Quirk(QuirkKind.Adapted, "input[].content[].filename")], written.Quirks);
    }

    [Fact]
    public void Input_FullTurn_KeepsOrderOfItems()
    {
        var written = Written(
            Message.System("Be brief."),
            Message.User("Weather?"),
            new Message(
                Role.Assistant,
                [
                    new ReasoningPart("Hm.") { WireData = new("responses", Encrypted) },
                    new TextPart("Let me see.") { WireData = new("responses", """{"id":"msg_1","phase":"commentary"}""") },
                    new TextPart(" One moment."),
                    new ToolCallPart(Call) { WireData = new("responses", """{"id":"fc_1","status":"completed"}""") },
                    new OpaquePart(new("responses", """{"type":"web_search_call","id":"ws_1",  "status":"completed"}""")),
                    new RefusalPart("No more."),
                ]
            ),
            Message.ToolResults(new ToolResultPart("call_1", "18 degrees"))
        );

        Assert.Equal(
            """[{"type":"message","role":"system","content":[{"type":"input_text","text":"Be brief."}]},"""
                + """{"type":"message","role":"user","content":[{"type":"input_text","text":"Weather?"}]},"""
                + Encrypted
                + ","
                + """{"type":"message","role":"assistant","id":"msg_1","phase":"commentary","content":[{"type":"output_text","text":"Let me see.","annotations":[]},{"type":"output_text","text":" One moment.","annotations":[]}]},"""
                + """{"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Paris\"}","id":"fc_1","status":"completed"},"""
                + """{"type":"web_search_call","id":"ws_1",  "status":"completed"},"""
                + """{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"No more."}]},"""
                + """{"type":"function_call_output","call_id":"call_1","output":"18 degrees"}]""",
            Input(written)
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Input_AssistantTextsWithoutWireData_AreJoined()
    {
        var written = Written(
            new Message(
                Role.Assistant,
                [new TextPart("Let me "), new TextPart(""), new TextPart("see."), new ToolCallPart(Call), new TextPart("Done.")]
            ),
            new Message(Role.Assistant, [new TextPart("")])
        );

        Assert.Equal(
            """[{"type":"message","role":"assistant","content":"Let me see."},"""
                + """{"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Paris\"}"},"""
                + """{"type":"message","role":"assistant","content":"Done."}]""",
            Input(written)
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Input_AssistantTextFollowedByOtherPart_IsWrittenAsList()
    {
        const string Annotation = """{"type":"url_citation","url":"https://a.example/","start_index":0,"end_index":2}""";
        var written = Written(
            new Message(Role.Assistant, [new TextPart("Yes. "), new RefusalPart("No.")]),
            new Message(
                Role.Assistant,
                [new TextPart("Yes. "), new TextPart("No.") { WireData = new("responses", $$"""{"annotations":[{{Annotation}}]}""") }]
            ),
            new Message(
                Role.Assistant,
                [new TextPart("Yes. "), new TextPart("No.") { WireData = new("responses", """{"id":"msg_2","status":"completed"}""") }]
            )
        );

        Assert.Equal(
            """[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Yes. ","annotations":[]},{"type":"refusal","refusal":"No."}]},"""
                + """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Yes. ","annotations":[]},{"type":"output_text","text":"No.","annotations":["""
                + Annotation
                + """]}]},{"type":"message","role":"assistant","content":"Yes. "},"""
                + """{"type":"message","role":"assistant","id":"msg_2","status":"completed","content":[{"type":"output_text","text":"No.","annotations":[]}]}]""",
            Input(written)
        );
    }

    [Theory]
    [InlineData(
        """{"type":"image_generation_call","id":"ig_1","status":"completed","action":"generate","background":"opaque","output_format":"png","quality":"high","result":"AA==","revised_prompt":"null","size":"1x1"}""",
        """{"type":"image_generation_call","id":"ig_1","status":"completed","result":"AA==","revised_prompt":"null"}""",
        true
    )]
    [InlineData(
        """{"status":null,"result":null,"action":"generate","id":"ig_1","type":"image_generation_call"}""",
        """{"result":null,"id":"ig_1","type":"image_generation_call"}""",
        true
    )]
    [InlineData(
        """{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"created_by"}}""",
        null,
        false
    )]
    [InlineData(
        """{"type":"tool_search_call","id":"ts_1","created_by":{"id":"a"},"arguments":{"created_by": null}}""",
        """{"type":"tool_search_call","id":"ts_1","arguments":{"created_by": null}}""",
        true
    )]
    [InlineData(
        """{"type":"compaction","id":"cmp_1","encrypted_content":"null","created_by":null}""",
        """{"type":"compaction","id":"cmp_1","encrypted_content":"null"}""",
        false
    )]
    [InlineData(
        """{"id":"rs_1","type":"reasoning","summary":[],"content":null,"encrypted_content":"g","status":null}""",
        """{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"g"}""",
        false
    )]
    [InlineData(
        """{"type":"code_interpreter_call","id":"ci_1","status":"completed","code":null,"container_id":"c","outputs":null}""",
        null,
        false
    )]
    [InlineData("""{"type":"mcp_call","id":"mcp_1", "arguments":"{}","error":null,"output":"null"}""", null, false)]
    [InlineData(
        """{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","sources":[{"type":"url","url":"https://a.example/"}],"query":"q"}}""",
        """{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}}""",
        true
    )]
    [InlineData(
        """{"action":{"sources":null,"type":"search","query":"q"},"id":"ws_1","type":"web_search_call"}""",
        """{"action":{"type":"search","query":"q"},"id":"ws_1","type":"web_search_call"}""",
        false
    )]
    [InlineData("""{"type":"web_search_call","id":"ws_1","action":"sources","sources":[]}""", null, false)]
    [InlineData("""{"type":"mcp_call","id":"mcp_1","action":{"sources":[1]}}""", null, false)]
    public void Item_WithOutputOnlyMembers_IsSentBackWithoutThem(string item, string? back, bool isSaid)
    {
        // Reasoning goes back only together with what followed it.
        const string Follower = """{"type":"web_search_call","id":"ws_9"}""";
        var written = Written(
            new Message(Role.Assistant, [new OpaquePart(new("responses", item)), new OpaquePart(new("responses", Follower))])
        );

        Assert.Equal($"[{back ?? item},{Follower}]", Input(written));
        Assert.Equal(isSaid ? [new Quirk(QuirkKind.Adapted, "input[]")] : [], written.Quirks);
    }

    [Fact]
    public void Input_CustomToolCall_KeepsTypeInCallAndResult()
    {
        var call = new ToolCall("call_9", "run", "print(\"hi\")");
        var written = Written(
            new Message(
                Role.Assistant,
                [
                    new ToolCallPart(call)
                    {
                        WireData = new("responses", """{"id":"ctc_1","type":"custom_tool_call","status":"completed"}"""),
                    },
                ]
            ),
            Message.ToolResult(call, "hi")
        );

        JsonAssert.Equal(
            """
            [{"type":"custom_tool_call","call_id":"call_9","name":"run","input":"print(\"hi\")","id":"ctc_1","status":"completed"},
             {"type":"custom_tool_call_output","call_id":"call_9","output":"hi"}]
            """,
            Input(written)
        );
    }

    [Fact]
    public void Input_ToolResultWithImage_IsWrittenAsList()
    {
        var written = Written(
            Message.ToolResults(new ToolResultPart("call_1", [new TextPart("Look:"), new ImagePart(Conversations.Picture, "image/png")]))
        );

        JsonAssert.Equal(
            """[{"type":"function_call_output","call_id":"call_1","output":[{"type":"input_text","text":"Look:"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw==","detail":"auto"}]}]""",
            Input(written)
        );
    }

    [Fact]
    public void Input_ToolResultsInUserMessage_KeepOrder()
    {
        var written = Written(
            Message.User(
                new ToolResultPart("call_1", "18"),
                new TextPart("And now?"),
                new OpaquePart(new("responses", """{"type":"item_reference","id":"x"}"""))
            )
        );

        JsonAssert.Equal(
            """
            [{"type":"function_call_output","call_id":"call_1","output":"18"},
             {"type":"message","role":"user","content":[{"type":"input_text","text":"And now?"}]},
             {"type":"item_reference","id":"x"}]
            """,
            Input(written)
        );
    }

    [Theory]
    [InlineData("""{"id":"rs_1","type":"reasoning","summary":[]}""", false)]
    [InlineData(
        """{"encrypted_content":null,"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"content":[]}""",
        false
    )]
    [InlineData("""{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"g"}""", true)]
    [InlineData("""{"id":"rs_1","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"Hm."}]}""", true)]
    [InlineData("""{"id":"ws_1","type":"web_search_call"}""", true)]
    public void Reasoning_OnlyIDAndNotStored_IsOmittedWithQuirk(string item, bool isSent)
    {
        Message message = new(
            Role.Assistant,
            [
                new ReasoningPart("Hm.") { WireData = new("responses", item) },
                new OpaquePart(new("responses", item)),
                new TextPart("Hi") { WireData = new("responses", """{"id":"msg_1"}""") },
            ]
        );
        const string Said =
            """{"type":"message","role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"Hi","annotations":[]}]}""";
        string back = item.Replace("\"encrypted_content\":null,", "", StringComparison.Ordinal);

        var stateless = Written(message);
        Assert.Equal(isSent ? $"[{item},{item},{Said}]" : $"[{Said}]", Input(stateless));
        Assert.Equal(isSent ? [] : [new Quirk(QuirkKind.LeftOut, "input[]")], stateless.Quirks);

        var stored = WrittenRequest.Of(new ResponsesProtocol { Store = true }, new ChatRequest { Messages = [message] });
        Assert.Equal($"[{back},{back},{Said}]", Input(stored));
        Assert.Empty(stored.Quirks);
    }

    [Theory]
    [InlineData("its text", true)]
    [InlineData("edited text", false)]
    [InlineData("a call", true)]
    [InlineData("nothing", false)]
    [InlineData("thoughts and its text", true)]
    [InlineData("thoughts and edited text", false)]
    [InlineData("a message of its own", true)]
    public void Reasoning_WithoutItsFollowingItem_IsOmittedWithQuirk(string follower, bool isSent)
    {
        var reasoning = new ReasoningPart("Hm.") { WireData = new("responses", Encrypted) };
        var text = new TextPart("Hi") { WireData = new("responses", """{"id":"msg_1"}""") };
        Part[] parts = follower switch
        {
            "its text" => [reasoning, text],
            "edited text" => [reasoning, new TextPart("Ho")],
            "a call" => [reasoning, new TextPart(""), new ToolCallPart(Call)],
            "thoughts and its text" => [reasoning, reasoning, text],
            "thoughts and edited text" => [reasoning, reasoning, new TextPart("Ho")],
            _ => [reasoning],
        };
        Message[] behind = follower == "a message of its own" ? [new(Role.Assistant, [text])] : [];

        var written = Written([Message.User("?"), new Message(Role.Assistant, parts), .. behind, Message.User("Go on.")]);

        int count = Input(written).Split(Encrypted).Length - 1;
        Assert.Equal(isSent ? parts.Count(part => part is ReasoningPart) : 0, count);
        Assert.Equal(isSent ? [] : [new Quirk(QuirkKind.LeftOut, "input[]")], written.Quirks);
    }

    [Fact]
    public void Parts_FromOtherWire_AreOmittedWithQuirk()
    {
        var foreign = new WireData("anthropic", """{"signature":"s"}""");
        var written = Written(
            new Message(
                Role.Assistant,
                [
                    new ReasoningPart("Hm.") { WireData = foreign },
                    new ReasoningPart("Plain."),
                    new TextPart("Hi") { WireData = foreign },
                    new ToolCallPart(Call) { WireData = foreign },
                    new OpaquePart(foreign),
                    new ImagePart(Conversations.Picture, "image/png"),
                ]
            )
        );

        Assert.Equal(
            """[{"type":"message","role":"assistant","content":"Hi"},"""
                + """{"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Paris\"}"}]""",
            Input(written)
        );
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "input[]"), new Quirk(QuirkKind.LeftOut, "input[].content[]")], written.Quirks);
    }

    [Fact]
    public void Message_WithName_OmitsNameWithQuirk()
    {
        var written = Written(Message.User("Hi") with { Name = "ann" });

        Assert.DoesNotContain("ann", written.Body, StringComparison.Ordinal);
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "input[].name")], written.Quirks);
    }

    [Fact]
    public void AssistantMessage_EmptyText_IsOmitted() =>
        Assert.Equal(
            """[{"type":"message","role":"user","content":[{"type":"input_text","text":""}]}]""",
            Input(Written(new Message(Role.Assistant, [new TextPart("")]), new Message(Role.User, [])))
        );

    [Fact]
    public void Arguments_Blank_AreWrittenAsEmptyObject() =>
        Assert.Contains(
            "\"arguments\":\"{}\"",
            Written(new Message(Role.Assistant, [new ToolCallPart(new ToolCall("c", "ping", " "))])).Body,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("""{"city": "Os""", """{"INVALID_JSON":"{\"city\": \"Os"}""")]
    [InlineData("[1]", """{"INVALID_JSON":"[1]"}""")]
    [InlineData("null", """{"INVALID_JSON":"null"}""")]
    public void Arguments_NotAnObject_AreWrappedWithQuirk(string arguments, string expected)
    {
        var written = Written(new Message(Role.Assistant, [new ToolCallPart(new ToolCall("c", "ping", arguments) { IsComplete = false })]));

        JsonAssert.Equal(
            $$"""[{"type":"function_call","call_id":"c","name":"ping","arguments":{{System.Text.Json.JsonSerializer.Serialize(expected)}}}]""",
            Input(written)
        );
        Assert.Equal([new Quirk(QuirkKind.Adapted, "input[].arguments")], written.Quirks);
    }

    [Fact]
    public void Request_NotSupportedByWire_ThrowsArgumentException()
    {
        var sound = Assert.Throws<ArgumentException>(() => Written(Message.User(new FilePart("x"u8.ToArray(), "audio/wav"))));
        Assert.Contains("transcript", sound.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Written(Message.User(new ImagePart(new Uri("file:///tmp/a.png")))));
        Assert.Throws<ArgumentException>(() => Written(new Message(Role.System, [new ImagePart(Conversations.Picture, "image/png")])));
        Assert.Throws<ArgumentException>(() => Written(new Message(Role.Tool, [new TextPart("x")])));
        Assert.Throws<ArgumentException>(() => Written(new Message(Role.User, [new ToolCallPart(Call)])));
        Assert.Throws<ArgumentException>(() => Written(new Message(Role.Assistant, [new ToolResultPart("c", "x")])));
        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(Standard, new ChatRequest()));
    }

    [Theory]
    [InlineData("https://llm.example.org", "https://llm.example.org/v1/responses")]
    [InlineData("https://llm.example.org/", "https://llm.example.org/v1/responses")]
    [InlineData("https://llm.example.org/api/v2", "https://llm.example.org/api/v2/responses")]
    [InlineData("https://llm.example.org/v1/responses", "https://llm.example.org/v1/responses")]
    public void Url_AnyBaseUrl_EndsWithResponsesPath(string baseUrl, string expected) =>
        Assert.Equal(expected, WrittenRequest.Of(Standard, "Hi", baseUrl: baseUrl).Url);

    [Fact]
    public void WriteCountRequest_FullRequest_WritesOnlyMembersThatAffectTokens()
    {
        var request = Conversations.AskWithTools with
        {
            Model = "m",
            System = "s",
            MaxTokens = 5,
            Temperature = 1,
            Thinking = Thinking.Low,
            User = "u",
            Extra = new Dictionary<string, RawJson> { ["previous_response_id"] = "\"resp_1\"", ["metadata"] = "{}" },
        };
        using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org/v1/") };

        Assert.True(Standard.WriteCountRequest(request, wire));
        Assert.Equal("https://llm.example.org/v1/responses/input_tokens", wire.Url!.AbsoluteUri);
        JsonAssert.Equal(
            """
            {"model":"m","instructions":"s","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Weather in Paris?"}]}],
             "tools":[{"type":"function","name":"get_weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}],
             "tool_choice":"required","reasoning":{"effort":"low"},"previous_response_id":"resp_1"}
            """,
            Encoding.UTF8.GetString(wire.Body.Span)
        );
    }

    [Theory]
    [InlineData("""{"object":"response.input_tokens","input_tokens":11}""", 11L)]
    [InlineData("""{"input_tokens":0}""", 0L)]
    [InlineData("""{"input_tokens":-1}""", null)]
    [InlineData("""{"input_tokens":"11"}""", null)]
    [InlineData("""{"object":"x"}""", null)]
    [InlineData("[]", null)]
    [InlineData("<html>", null)]
    public void ReadCount_AnyAnswer_ReturnsInputTokens(string body, long? expected) =>
        Assert.Equal(expected, Standard.ReadCount(Encoding.UTF8.GetBytes(body)));

    private static WrittenRequest Written(params IReadOnlyList<Message> messages) =>
        WrittenRequest.Of(Standard, new ChatRequest { Messages = messages });

    /// <summary>The exact text of the input.</summary>
    private static string Input(WrittenRequest written)
    {
        const string Begin = "{\"input\":";
        int end = written.Body.LastIndexOf(",\"store\":", StringComparison.Ordinal);
        Assert.StartsWith(Begin, written.Body, StringComparison.Ordinal);
        return written.Body[Begin.Length..end];
    }

    private static string Member(string name, ChatRequest request, ResponsesProtocol? dialect = null) =>
        System.Text.Json.Nodes.JsonNode.Parse(WrittenRequest.Of(dialect ?? Standard, request).Body)![name]!.ToJsonString();
}
