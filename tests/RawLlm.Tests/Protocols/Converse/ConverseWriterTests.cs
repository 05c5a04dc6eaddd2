using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Converse;

/// <summary>Requests as the Converse wire carries them.</summary>
public sealed class ConverseWriterTests
{
    private static readonly ToolDefinition Weather = new(
        "get_weather",
        "Tells the weather.",
        """{"type":"object","properties":{"city":{"type":"string"}}}"""
    );

    private const string WeatherSpec =
        """{"toolSpec":{"name":"get_weather","description":"Tells the weather.","inputSchema":{"json":{"type":"object","properties":{"city":{"type":"string"}}}}}}""";

    private static readonly Message[] AfterACall =
    [
        Message.User("Weather?"),
        new(Role.Assistant, [Call("t1")]),
        Message.ToolResult(Call("t1").Call, "18 degrees"),
    ];

    private const string AfterACallWritten = """
        [{"role":"user","content":[{"text":"Weather?"}]},
         {"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"get_weather","input":{"city":"Paris"}}}]},
         {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"18 degrees"}]}}]}]
        """;

    [Fact]
    public void WriteRequest_TextOnly_WritesOnlyMessages() =>
        AssertBody(ChatRequest.Ask("Why?"), """{"messages":[{"role":"user","content":[{"text":"Why?"}]}]}""");

    [Fact]
    public void WriteRequest_WithSettings_WritesSupportedSettings() =>
        AssertBody(
            new ChatRequest
            {
                System = "Be brief.",
                Messages = [Message.User("Why?")],
                MaxTokens = 100,
                Temperature = 0.5,
                TopP = 0.9,
                Stop = ["END", "\n"],
                User = "u1",
                Seed = 7,
                FrequencyPenalty = 1,
                PresencePenalty = 1,
                TopLogProbs = 2,
                ChoiceCount = 2,
                Extra = new Dictionary<string, RawJson>
                {
                    ["additionalModelRequestFields"] = """{"top_k":5}""",
                    ["guardrailConfig"] = """{"guardrailIdentifier":"g"}""",
                },
            },
            """
            {"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"Why?"}]}],
             "inferenceConfig":{"maxTokens":100,"temperature":0.5,"topP":0.9,"stopSequences":["END","\n"]},
             "additionalModelRequestFields":{"top_k":5},"guardrailConfig":{"guardrailIdentifier":"g"}}
            """,
            quirks: "LeftOut at seed; LeftOut at frequency_penalty; LeftOut at presence_penalty; LeftOut at logprobs; LeftOut at n; LeftOut at user"
        );

    [Fact]
    public void SystemMessage_InMiddleOfConversation_IsMovedToSystemWithQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.System("One."), Message.User("Why?"), Message.System("Two."), Message.User("How?")] },
            """{"system":[{"text":"One."},{"text":"Two."}],"messages":[{"role":"user","content":[{"text":"Why?"},{"text":"How?"}]}]}""",
            quirks: "Adapted at system"
        );

    [Fact]
    public void CachePoints_OnParts_AreWrittenAfterTheirPart() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new Message(Role.System, [new TextPart("Rules.") { Cache = PromptCache.OneHour }]),
                    Message.User(new TextPart("Long.") { Cache = PromptCache.FiveMinutes }, new TextPart("Why?")),
                ],
                Tools = [Weather with { Cache = PromptCache.OneHour }],
            },
            $$"""
            {"system":[{"text":"Rules."},{"cachePoint":{"type":"default","ttl":"1h"} }],
             "messages":[{"role":"user","content":[{"text":"Long."},{"cachePoint":{"type":"default"} },{"text":"Why?"}]}],
             "toolConfig":{"tools":[{{WeatherSpec}},{"cachePoint":{"type":"default","ttl":"1h"} }]} }
            """
        );

    [Fact]
    public void CachePoints_NotSupportedByModel_AreOmittedWithQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(new TextPart("Long.") { Cache = PromptCache.FiveMinutes })] },
            """{"messages":[{"role":"user","content":[{"text":"Long."}]}]}""",
            new ConverseProtocol { SupportsCacheMarks = false },
            quirks: "LeftOut at messages[].content[].cachePoint"
        );

    [Fact]
    public void ImagesAndFiles_InEveryForm_AreSent() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(
                        new ImagePart(new byte[] { 1, 2, 3 }, "image/jpeg"),
                        new ImagePart(new Uri("data:image/gif;base64,AQID")),
                        new ImagePart(new Uri("s3://bucket/a/b.PNG")) { Detail = "low" },
                        new FilePart(new byte[] { 1, 2, 3 }, "application/pdf", "Report 1"),
                        new FilePart(new byte[] { 1, 2, 3 }, "text/markdown"),
                        new FilePart(new byte[] { 1, 2, 3 }, "text/plain"),
                        new FilePart(new Uri("s3://bucket/c.docx")),
                        new FilePart(new byte[] { 1, 2, 3 }, "image/webp"),
                        new FilePart(new byte[] { 1, 2, 3 }, "video/mp4"),
                        new FilePart(new byte[] { 1, 2, 3 }, "audio/wav"),
                        new TextPart("?")
                    ),
                ],
            },
            """
            {"messages":[{"role":"user","content":[
              {"image":{"format":"jpeg","source":{"bytes":"AQID"}}},
              {"image":{"format":"gif","source":{"bytes":"AQID"}}},
              {"image":{"format":"png","source":{"s3Location":{"uri":"s3://bucket/a/b.PNG"}}}},
              {"document":{"format":"pdf","name":"Report 1","source":{"bytes":"AQID"}}},
              {"document":{"format":"md","name":"document","source":{"bytes":"AQID"}}},
              {"document":{"format":"txt","name":"document-2","source":{"bytes":"AQID"}}},
              {"document":{"format":"docx","name":"c","source":{"s3Location":{"uri":"s3://bucket/c.docx"}}}},
              {"image":{"format":"webp","source":{"bytes":"AQID"}}},
              {"video":{"format":"mp4","source":{"bytes":"AQID"}}},
              {"audio":{"format":"wav","source":{"bytes":"AQID"}}},
              {"text":"?"}]}]}
            """,
            quirks: "LeftOut at messages[].content[].image.detail; Adapted at messages[].content[].document.name"
        );

    [Theory]
    [InlineData("report.pdf", "report")]
    [InlineData("John's  report, #2.pdf", "John-s report- -2")]
    [InlineData("(a) [b]-c", "(a) [b]-c")]
    [InlineData("分基.pdf", "document")]
    [InlineData(".pdf", "document")]
    public void DocumentName_AnyFileName_ContainsOnlyAllowedCharacters(string name, string expected) =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(new FilePart(new byte[] { 1 }, "application/pdf", name), new TextPart("?"))] },
            $$"""{"messages":[{"role":"user","content":[{"document":{"format":"pdf","name":"{{expected}}","source":{"bytes":"AQ=="} } },{"text":"?"}]}]}""",
            quirks: name == expected ? "" : "Adapted at messages[].content[].document.name"
        );

    [Fact]
    public void DocumentNames_SameFileNameInRequest_AreDistinct()
    {
        FilePart file = new(new byte[] { 1 }, "application/pdf", new string('a', 200));
        using var wire = Write(new ChatRequest { Messages = [Message.User(file, file), Message.Assistant("Ok."), Message.User(file)] });
        string body = Encoding.UTF8.GetString(wire.Body.Span);
        Assert.Contains($"\"{new string('a', 200)}\"", body, StringComparison.Ordinal);
        Assert.Contains($"\"{new string('a', 192)}-2\"", body, StringComparison.Ordinal);
        Assert.Contains($"\"{new string('a', 192)}-3\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_MessageWithoutText_IsSentWithPlaceholderText() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(new FilePart(new byte[] { 1 }, "application/pdf") { Cache = PromptCache.FiveMinutes }, new TextPart(" ")),
                    Message.Assistant("Read."),
                    Message.User("Now this one."),
                    Message.User(new FilePart(new byte[] { 1 }, "application/pdf")),
                    Message.Assistant("Read."),
                    Message.User(new ImagePart(new byte[] { 1 }, "image/png")),
                ],
            },
            """
            {"messages":[
              {"role":"user","content":[{"document":{"format":"pdf","name":"document","source":{"bytes":"AQ=="}}},{"cachePoint":{"type":"default"}},{"text":"(document)"}]},
              {"role":"assistant","content":[{"text":"Read."}]},
              {"role":"user","content":[{"text":"Now this one."},{"document":{"format":"pdf","name":"document-2","source":{"bytes":"AQ=="}}}]},
              {"role":"assistant","content":[{"text":"Read."}]},
              {"role":"user","content":[{"image":{"format":"png","source":{"bytes":"AQ=="}}}]}]}
            """,
            quirks: "Adapted at messages[].content[].text; Adapted at messages[].content[]"
        );

    [Fact]
    public void Document_AfterTextToolResult_IsSentWithPlaceholderText() =>
        AssertBody(
            new ChatRequest
            {
                Messages = [.. AfterACall, Message.User(new FilePart(new byte[] { 1 }, "application/pdf"))],
                Tools = [Weather],
            },
            $$"""
            {"messages":[{"role":"user","content":[{"text":"Weather?"}]},
              {"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"get_weather","input":{"city":"Paris"} } }]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"18 degrees"}]} },{"document":{"format":"pdf","name":"document","source":{"bytes":"AQ=="} } },{"text":"(document)"}]}],
             "toolConfig":{"tools":[{{WeatherSpec}}]} }
            """,
            quirks: "Adapted at messages[].content[]"
        );

    [Fact]
    public void Image_GeneratedByModel_IsSentBackInOriginalForm() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Draw."),
                    new(
                        Role.Assistant,
                        [
                            new ImagePart(new byte[] { 1 }, "image/png")
                            {
                                WireData = new WireData("converse", """{"image":{"format":"png","source":{"bytes":"AQ=="}}}"""),
                            },
                        ]
                    ),
                    Message.User("Again."),
                ],
            },
            """
            {"messages":[{"role":"user","content":[{"text":"Draw."}]},{"role":"assistant","content":[{"image":{"format":"png","source":{"bytes":"AQ=="} } }]},
              {"role":"user","content":[{"text":"Again."}]}]}
            """
        );

    [Fact]
    public void UserMessage_EmptyAfterOmissions_IsSentWithPlaceholderText() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(" \n"),
                    Message.Assistant("Yes?"),
                    new Message(Role.User, []),
                    Message.User(new TextPart("") { Cache = PromptCache.FiveMinutes }),
                ],
            },
            """
            {"messages":[{"role":"user","content":[{"text":"(empty)"}]},{"role":"assistant","content":[{"text":"Yes?"}]},
              {"role":"user","content":[{"text":"(empty)"},{"cachePoint":{"type":"default"}}]}]}
            """,
            quirks: "Adapted at messages[].content[]; Adapted at messages[].content[].text"
        );

    [Fact]
    public void UserMessage_PartlyBlank_KeepsRemainingText() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(" "), Message.System("Be brief."), Message.User("Why?")] },
            """{"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"Why?"}]}]}""",
            quirks: "Adapted at system; Adapted at messages[].content[].text"
        );

    public static TheoryData<Part, string> Refused =>
        new()
        {
            { new ImagePart(new Uri("https://example.org/a.png")), "s3://" },
            { new ImagePart(new byte[] { 1 }, "image/tiff"), "image/tiff" },
            { new ImagePart(new Uri("data:image/png,abc")), "base64" },
            { new FilePart(new Uri("s3://bucket/a")), "end of its name" },
            { new FilePart("file_1"), "ids of uploaded files" },
            { new FilePart(new byte[] { 1 }, "application/zip"), "application/zip" },
            { new ReasoningPart("x"), "message of the user" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Part_NotSupportedByWire_ThrowsArgumentException(Part part, string words)
    {
        var e = Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User(part)] }));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tools_WithAllMembers_AreSent() =>
        AssertBody(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Tools = [Weather with { Strict = true }, new ToolDefinition("get_date")],
                ToolChoice = ToolChoice.Named("get_date"),
            },
            """
            {"messages":[{"role":"user","content":[{"text":"x"}]}],
             "toolConfig":{"tools":[
               {"toolSpec":{"name":"get_weather","description":"Tells the weather.","inputSchema":{"json":{"type":"object","properties":{"city":{"type":"string"}}}},"strict":true}},
               {"toolSpec":{"name":"get_date","inputSchema":{"json":{"type":"object","properties":{}}}}}],
              "toolChoice":{"tool":{"name":"get_date"}}}}
            """
        );

    [Theory]
    [InlineData("auto", ""","toolChoice":{"auto":{}}""")]
    [InlineData("required", ""","toolChoice":{"any":{}}""")]
    [InlineData("", "")]
    public void ToolChoice_EachKind_IsSent(string kind, string expected) =>
        AssertBody(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Tools = [Weather],
                ToolChoice = kind switch
                {
                    "auto" => ToolChoice.Auto,
                    "required" => ToolChoice.Required,
                    _ => null,
                },
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{{WeatherSpec}}]{{expected}} } }"""
        );

    [Fact]
    public void ToolChoice_NoneBeforeAnyCall_OmitsTools() =>
        AssertBody(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Tools = [Weather],
                ToolChoice = ToolChoice.None,
            },
            """{"messages":[{"role":"user","content":[{"text":"x"}]}]}""",
            quirks: "Adapted at toolConfig"
        );

    [Fact]
    public void ToolChoice_NoneAfterToolCall_KeepsTools() =>
        AssertBody(
            new ChatRequest
            {
                Messages = AfterACall,
                Tools = [Weather],
                ToolChoice = ToolChoice.None,
            },
            $$"""{"messages":{{AfterACallWritten}},"toolConfig":{"tools":[{{WeatherSpec}}]} }""",
            quirks: "LeftOut at toolConfig.toolChoice"
        );

    [Fact]
    public void Tools_MissingAfterToolCall_AreBuiltFromConversation() =>
        AssertBody(
            new ChatRequest { Messages = AfterACall },
            $$"""{"messages":{{AfterACallWritten}},"toolConfig":{"tools":[{"toolSpec":{"name":"get_weather","inputSchema":{"json":{"type":"object","properties":{} } } } }]} }""",
            quirks: "Adapted at toolConfig.tools"
        );

    [Fact]
    public void ToolChoice_WithoutTools_ThrowsArgumentException() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User("x")], ToolChoice = ToolChoice.Required }));

    [Fact]
    public void ToolResults_OfOneTurn_AreFirstInOneMessage() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Weather?"),
                    new(Role.Assistant, [Call("t1"), Call("t2")]),
                    Message.User("Hurry."),
                    new(
                        Role.Tool,
                        [
                            new ToolResultPart("t1", "18"),
                            new ToolResultPart("t2", [new TextPart("No."), new TextPart(""), new ImagePart(new byte[] { 1 }, "image/png")])
                            {
                                IsError = true,
                            },
                        ]
                    ),
                ],
                Tools = [Weather],
            },
            $$"""
            {"messages":[{"role":"user","content":[{"text":"Weather?"}]},
              {"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"get_weather","input":{"city":"Paris"} } },{"toolUse":{"toolUseId":"t2","name":"get_weather","input":{"city":"Paris"} } }]},
              {"role":"user","content":[
                {"toolResult":{"toolUseId":"t1","content":[{"text":"18"}]} },
                {"toolResult":{"toolUseId":"t2","content":[{"text":"No."},{"image":{"format":"png","source":{"bytes":"AQ=="} } }],"status":"error"} },
                {"text":"Hurry."}]}],
             "toolConfig":{"tools":[{{WeatherSpec}}]} }
            """,
            quirks: "Adapted at messages[].content[]; Adapted at messages[].content[].text"
        );

    [Theory]
    [InlineData("", "{}", "")]
    [InlineData("  ", "{}", "")]
    [InlineData("""{"city": "Par""", """{"INVALID_JSON":"{\"city\": \"Par"}""", "Adapted at messages[].content[].toolUse.input")]
    [InlineData("[1]", """{"INVALID_JSON":"[1]"}""", "Adapted at messages[].content[].toolUse.input")]
    public void Arguments_NotAnObject_AreWrappedInObject(string arguments, string expected, string quirks) =>
        AssertBody(
            new ChatRequest
            {
                Messages = [new(Role.Assistant, [new ToolCallPart(new ToolCall("t1", "f", arguments))])],
                Tools = [new ToolDefinition("f")],
            },
            $$"""{"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"f","input":{{expected}} } }]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{} } } } }]} }""",
            quirks: quirks
        );

    [Fact]
    public void ToolCallIDs_OfOtherServices_AreRewrittenAlikeInCallAndResult()
    {
        using var wire = Write(
            new ChatRequest
            {
                Messages = [new(Role.Assistant, [Call("call_1|fc_2:é")]), Message.ToolResult(Call("call_1|fc_2:é").Call, "18")],
                Tools = [Weather],
            }
        );
        string body = Encoding.UTF8.GetString(wire.Body.Span);
        string id = body.Split("\"toolUseId\":\"")[1].Split('"')[0];
        Assert.Matches("^id_[0-9a-f]{24}$", id);
        Assert.Equal(3, body.Split(id).Length);
        Assert.Equal("Adapted at messages[].content[].toolUseId", string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void Reasoning_ForeignOrUnsigned_IsOmittedWithQuirk() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new(
                        Role.Assistant,
                        [
                            new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                            new ReasoningPart("So."),
                            new TextPart("Yes."),
                            new OpaquePart(new WireData("anthropic", "{}")),
                        ]
                    ),
                ],
            },
            """{"messages":[{"role":"assistant","content":[{"text":"Yes."}]}]}""",
            quirks: "LeftOut at messages[].content[]"
        );

    [Fact]
    public void Reasoning_UnsignedAndSupportedByModel_IsSentBack() =>
        AssertBody(
            new ChatRequest { Messages = [new(Role.Assistant, [new ReasoningPart("So."), new TextPart("Yes.")])] },
            """{"messages":[{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"So."}}},{"text":"Yes."}]}]}""",
            new ConverseProtocol { ReturnsUnsignedThinking = true }
        );

    // "The final block in an assistant message cannot be `thinking`." (Anthropic's models, 2026)
    [Fact]
    public void Reasoning_AtEndOfTurn_IsOmittedWithQuirk()
    {
        static ReasoningPart Thought() => new("Hm.") { WireData = new WireData("converse", """{"signature":"s"}""") };
        static OpaquePart Block(string json) => new(new WireData("converse", json));
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("a"),
                    new(Role.Assistant, [Thought(), Block("""{ "reasoningContent": {"redactedContent":"AA=="}}"""), new TextPart("\n")]),
                    Message.User("b"),
                    new(
                        Role.Assistant,
                        [Thought(), new TextPart("c"), Block("""{"reasoningContent":{"reasoningText":{"text":"","signature":"s"}}}""")]
                    ),
                    new(Role.Assistant, [Thought()]),
                    Message.User("d"),
                    new(Role.Assistant, [Thought()]),
                    new(Role.Assistant, [Call("t1")]),
                    Message.ToolResults(new ToolResultPart("t1", "e")),
                    new(Role.Assistant, [Thought()]),
                ],
                Tools = [new ToolDefinition("get_weather")],
            },
            """
            {"messages":[
              {"role":"user","content":[{"text":"a"},{"text":"b"}]},
              {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm.","signature":"s"}}},{"text":"c"}]},
              {"role":"user","content":[{"text":"d"}]},
              {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm.","signature":"s"}}},{"toolUse":{"toolUseId":"t1","name":"get_weather","input":{"city":"Paris"}}}]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"e"}]}}]}],
              "toolConfig":{"tools":[{"toolSpec":{"name":"get_weather","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}
            """,
            quirks: "LeftOut at messages[]; LeftOut at messages[].content[]"
        );
    }

    [Fact]
    public void Text_Blank_IsOmittedWithQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User("x"), new(Role.Assistant, [new TextPart("\n"), new TextPart("y")])] },
            """{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"text":"y"}]}]}""",
            quirks: "Adapted at messages[].content[]"
        );

    [Fact]
    public void Format_WithSchema_WritesSchemaAsString() =>
        AssertBody(
            ChatRequest.Ask("x") with
            {
                Format = ReplyFormat.JsonSchema("city", """{"type":"object"}""") with { Description = "A city." },
            },
            """{"messages":[{"role":"user","content":[{"text":"x"}]}],"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\",\"additionalProperties\":false}","name":"city","description":"A city."}}}}}""",
            quirks: "Adapted at outputConfig.textFormat.structure.jsonSchema.schema"
        );

    [Fact]
    public void Format_WithoutSchema_IsOmittedWithQuirk() =>
        AssertBody(
            ChatRequest.Ask("x") with
            {
                Format = ReplyFormat.Json,
            },
            """{"messages":[{"role":"user","content":[{"text":"x"}]}]}""",
            quirks: "LeftOut at outputConfig.textFormat"
        );

    [Fact]
    public void CachePoints_MoreThanFour_KeepsLastFour() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User([.. Enumerable.Range(1, 5).Select(i => new TextPart($"q{i}") { Cache = PromptCache.FiveMinutes })]),
                ],
                Tools = [new ToolDefinition("f") { Cache = PromptCache.OneHour }],
            },
            """
            {"messages":[{"role":"user","content":[{"text":"q1"},
              {"text":"q2"},{"cachePoint":{"type":"default"}},{"text":"q3"},{"cachePoint":{"type":"default"}},{"text":"q4"},{"cachePoint":{"type":"default"}},{"text":"q5"},{"cachePoint":{"type":"default"}}]}],
             "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}
            """,
            quirks: "LeftOut at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint"
        );

    public static TheoryData<ConverseThinking, Thinking, string, string> ThinkingForms =>
        new()
        {
            { ConverseThinking.ThinkingObject, Thinking.Budget(2000), """{"thinking":{"type":"enabled","budget_tokens":2000}}""", "" },
            {
                ConverseThinking.ThinkingObject,
                Thinking.High with
                {
                    Include = true,
                },
                """{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}}""",
                ""
            },
            {
                ConverseThinking.ThinkingObject,
                new Thinking { Effort = ThinkingEffort.Max },
                """{"thinking":{"type":"adaptive"},"output_config":{"effort":"max"}}""",
                ""
            },
            {
                ConverseThinking.ThinkingObject,
                Thinking.ExtraHigh,
                """{"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}""",
                "Adapted at thinking.effort"
            },
            { ConverseThinking.ThinkingObject, Thinking.Off, "", "LeftOut at thinking" },
            { ConverseThinking.ThinkingBudget, Thinking.Off, """{"thinking":{"type":"disabled"}}""", "" },
            {
                ConverseThinking.ThinkingBudget,
                Thinking.Medium,
                """{"thinking":{"type":"enabled","budget_tokens":8192}}""",
                "Adapted at thinking.budget_tokens"
            },
            {
                ConverseThinking.ThinkingBudget,
                Thinking.ExtraHigh,
                """{"thinking":{"type":"enabled","budget_tokens":28672}}""",
                "Adapted at thinking.budget_tokens"
            },
            { ConverseThinking.ReasoningConfig, Thinking.Low, """{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}}""", "" },
            {
                ConverseThinking.ReasoningConfig,
                Thinking.Budget(2000),
                """{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"medium"}}""",
                "Adapted at thinking.effort"
            },
            { ConverseThinking.ReasoningConfig, Thinking.Off, """{"reasoningConfig":{"type":"disabled"}}""", "" },
            {
                ConverseThinking.ReasoningEffort,
                Thinking.High with
                {
                    Include = true,
                },
                """{"reasoning_effort":"high"}""",
                "LeftOut at thinking.display"
            },
            { ConverseThinking.ReasoningEffort, Thinking.ExtraHigh, """{"reasoning_effort":"high"}""", "Adapted at thinking.effort" },
            { ConverseThinking.ReasoningEffort, Thinking.Off, """{"reasoning_effort":"low"}""", "Adapted at reasoning_effort" },
            { ConverseThinking.None, Thinking.High, "", "LeftOut at thinking" },
            {
                ConverseThinking.ThinkingObject,
                new Thinking { Include = true },
                "",
                "LeftOut at thinking.display"
            },
            { ConverseThinking.ThinkingObject, new Thinking(), "", "" },
        };

    [Theory]
    [MemberData(nameof(ThinkingForms))]
    public void Thinking_EachForm_IsSent(ConverseThinking form, Thinking thinking, string expected, string quirks) =>
        AssertBody(
            ChatRequest.Ask("x") with
            {
                Thinking = thinking,
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"x"}]}]{{(expected.Length > 0 ? ",\"additionalModelRequestFields\":" + expected : "")}} }""",
            new ConverseProtocol { Thinking = form },
            quirks: quirks
        );

    [Fact]
    public void Thinking_WithExtraModelFields_IsMergedWithThem() =>
        AssertBody(
            ChatRequest.Ask("x") with
            {
                Thinking = Thinking.Budget(2000),
                Temperature = 0.2,
                TopP = 0.97,
                Extra = new Dictionary<string, RawJson> { ["additionalModelRequestFields"] = """{"anthropic_beta":["a"]}""" },
            },
            """{"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"topP":0.97},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2000},"anthropic_beta":["a"]}}""",
            quirks: "LeftOut at inferenceConfig.temperature"
        );

    [Theory]
    [InlineData("additionalModelRequestFields", """{"thinking":{}}""")]
    [InlineData("additionalModelRequestFields", "[]")]
    [InlineData("messages", "[]")]
    [InlineData("InferenceConfig", "{}")]
    public void Extra_DuplicatesRequestMember_IsRejected(string name, string value) =>
        Assert.Throws<ArgumentException>(() =>
            Write(
                ChatRequest.Ask("x") with
                {
                    MaxTokens = 1,
                    Thinking = Thinking.Low,
                    Extra = new Dictionary<string, RawJson> { [name] = value },
                }
            )
        );

    [Theory]
    [InlineData(
        "anthropic.claude-3-haiku-20240307-v1:0",
        "https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse"
    )]
    [InlineData(
        "arn:aws:bedrock:us-east-1:123:inference-profile/us.a-v1:0",
        "https://bedrock-runtime.eu-central-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123%3Ainference-profile%2Fus.a-v1%3A0/converse"
    )]
    public void ModelName_AnyCharacters_IsOnePathSegment(string model, string url)
    {
        var written = WrittenRequest.Of(
            new ConverseProtocol(),
            ChatRequest.Ask("x") with
            {
                Model = model,
            },
            baseUrl: "https://bedrock-runtime.eu-central-1.amazonaws.com/"
        );
        Assert.Equal(url, written.Url);
        Assert.Equal("application/json", written.Accept);
        var streamed = WrittenRequest.Of(
            new ConverseProtocol(),
            ChatRequest.Ask("x") with
            {
                Model = model,
            },
            stream: true,
            baseUrl: "https://gateway.example.org/bedrock"
        );
        Assert.Equal(
            url.Replace("bedrock-runtime.eu-central-1.amazonaws.com", "gateway.example.org/bedrock", StringComparison.Ordinal) + "-stream",
            streamed.Url
        );
        Assert.Equal("application/vnd.amazon.eventstream", streamed.Accept);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("a%2fb")]
    [InlineData("a@b")]
    [InlineData("a\\b")]
    [InlineData("a\r\nb")]
    [InlineData("é")]
    public void ModelName_MissingOrInvalid_ThrowsArgumentException(string? model)
    {
        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new ConverseProtocol(), ChatRequest.Ask("x") with { Model = model }));
        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new BedrockInvokeProtocol(), ChatRequest.Ask("x") with { Model = model }));
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("./x")]
    [InlineData("x/..")]
    public void ModelName_WithDotSegments_IsOnePathSegment(string model) =>
        Assert.Equal(
            $"https://llm.example.org/v1/model/{model.Replace("/", "%2F", StringComparison.Ordinal)}/converse",
            WrittenRequest.Of(new ConverseProtocol(), ChatRequest.Ask("x") with { Model = model }).Url
        );

    [Fact]
    public void WriteCountRequest_FullRequest_WritesOnlyPromptMembers()
    {
        using var wire = new WireRequest { BaseUrl = new("https://bedrock-runtime.eu-central-1.amazonaws.com/") };
        Assert.True(
            new ConverseProtocol().WriteCountRequest(
                new ChatRequest
                {
                    Model = "m",
                    System = "s",
                    Messages = [Message.User("x")],
                    MaxTokens = 5,
                    Tools = [Weather],
                },
                wire
            )
        );
        Assert.Equal("https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/count-tokens", wire.Url!.AbsoluteUri);
        JsonAssert.Equal(
            $$"""{"input":{"converse":{"system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{{WeatherSpec}}]} } } }""",
            Encoding.UTF8.GetString(wire.Body.Span)
        );
        Assert.Equal(14, new ConverseProtocol().ReadCount("""{"inputTokens":14}"""u8));
        Assert.Null(new ConverseProtocol().ReadCount("""{"inputTokens":"14"}"""u8));
        Assert.Null(new ConverseProtocol().ReadCount("<html>"u8));
    }

    [Fact]
    public void ToolCallIDs_Repeated_AreMadeDistinctInCallsAndResults()
    {
        using var wire = Write(new ChatRequest { Messages = [.. AfterACall, .. AfterACall], Tools = [Weather] });
        string[] ids = [.. Encoding.UTF8.GetString(wire.Body.Span).Split("\"toolUseId\":\"")[1..].Select(piece => piece.Split('"')[0])];
        Assert.Equal(["t1", "t1", ids[2], ids[2]], ids);
        Assert.Matches("^id_[0-9a-f]{24}$", ids[2]);
        Assert.Equal("Adapted at messages[].content[].toolUseId", string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void AssistantMessage_EmptyAfterOmissions_IsOmittedAndUserMessagesAreMerged() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Why?"),
                    new(Role.Assistant, [new ReasoningPart("Hm."), new TextPart(" ")]),
                    Message.Assistant(""),
                    Message.User("How?"),
                    new(Role.Assistant, []),
                ],
            },
            """{"messages":[{"role":"user","content":[{"text":"Why?"},{"text":"How?"}]}]}""",
            quirks: "LeftOut at messages[]"
        );

    [Fact]
    public void AssistantMessage_OnlyUnsignedReasoningAndSupported_IsSentBack() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User("Why?"), new(Role.Assistant, [new ReasoningPart("Hm.")]), Message.User("How?")] },
            """{"messages":[{"role":"user","content":[{"text":"Why?"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm."}}}]},{"role":"user","content":[{"text":"How?"}]}]}""",
            new ConverseProtocol { ReturnsUnsignedThinking = true }
        );

    [Fact]
    public void ToolResult_WithoutContent_IsSentWithPlaceholderText() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("x"),
                    new(Role.Assistant, [Call("t1"), Call("t2")]),
                    Message.ToolResults(new ToolResultPart("t1", ""), new ToolResultPart("t2", [])),
                ],
                Tools = [Weather],
            },
            $$"""
            {"messages":[{"role":"user","content":[{"text":"x"}]},
              {"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"get_weather","input":{"city":"Paris"} } },{"toolUse":{"toolUseId":"t2","name":"get_weather","input":{"city":"Paris"} } }]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"(empty)"}]} },{"toolResult":{"toolUseId":"t2","content":[{"text":"(empty)"}]} }]}],
             "toolConfig":{"tools":[{{WeatherSpec}}]} }
            """,
            quirks: "Adapted at messages[].content[].text; Adapted at messages[].content[].toolResult.content"
        );

    [Fact]
    public void ToolCallPart_WithNullCall_IsRejected()
    {
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [new(Role.Assistant, [new ToolCallPart(null!)])] }));
        Assert.Throws<ArgumentException>(() =>
            Write(new ChatRequest { Messages = [new(Role.Assistant, [new ToolCallPart(null!)])], Tools = [Weather] })
        );
    }

    [Theory]
    [InlineData(ConverseThinking.ThinkingObject, "auto")]
    [InlineData(ConverseThinking.ReasoningConfig, "any")]
    public void Thinking_WithForcedTool_WritesAutoChoiceForAnthropicModels(ConverseThinking form, string choice)
    {
        using var wire = Write(
            ChatRequest.Ask("x") with
            {
                Tools = [Weather],
                ToolChoice = ToolChoice.Required,
                Thinking = Thinking.Low,
            },
            new ConverseProtocol { Thinking = form }
        );
        Assert.Contains($"\"toolChoice\":{{\"{choice}\":{{}}}}", Encoding.UTF8.GetString(wire.Body.Span), StringComparison.Ordinal);
        Assert.Equal(choice == "auto" ? "Adapted at toolConfig.toolChoice" : "", string.Join("; ", wire.Quirks));
    }

    [Theory]
    [InlineData(
        9000,
        ""","additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":8192}}""",
        "Adapted at thinking.budget_tokens"
    )]
    [InlineData(
        3000,
        ""","additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1500}}""",
        "Adapted at thinking.budget_tokens"
    )]
    [InlineData(1000, "", "LeftOut at thinking")]
    public void Thinking_BudgetFromEffort_StaysBelowMaxTokens(int maxTokens, string fields, string quirks) =>
        AssertBody(
            ChatRequest.Ask("x") with
            {
                Thinking = Thinking.Medium,
                MaxTokens = maxTokens,
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":{{maxTokens}} }{{fields}} }""",
            new ConverseProtocol { Thinking = ConverseThinking.ThinkingBudget },
            quirks: quirks
        );

    [Theory]
    [InlineData(ThinkingEffort.Medium, ""","inferenceConfig":{"maxTokens":500}""", "")]
    [InlineData(ThinkingEffort.High, "", "LeftOut at inferenceConfig.maxTokens")]
    public void Thinking_HighEffortOnAmazonModels_OmitsMaxTokensWithQuirk(ThinkingEffort effort, string config, string quirks) =>
        AssertBody(
            ChatRequest.Ask("x") with
            {
                Thinking = new Thinking { Effort = effort },
                MaxTokens = 500,
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"x"}]}]{{config}},"additionalModelRequestFields":{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"{{(effort == ThinkingEffort.High ? "high" : "medium")}}"} } }""",
            new ConverseProtocol { Thinking = ConverseThinking.ReasoningConfig },
            quirks: quirks
        );

    [Fact]
    public void Thinking_DuringToolTurn_IsRequestedOnlyAfterSignedReasoning()
    {
        var request = new ChatRequest
        {
            Messages = AfterACall,
            Tools = [Weather],
            Thinking = Thinking.Budget(2000),
        };
        AssertBody(
            request,
            $$"""{"messages":{{AfterACallWritten}},"toolConfig":{"tools":[{{WeatherSpec}}]} }""",
            quirks: "LeftOut at thinking"
        );
        ReasoningPart signed = new("Hm.") { WireData = new WireData("converse", """{"signature":"s"}""") };
        using var wire = Write(
            request with
            {
                Messages = [AfterACall[0], new(Role.Assistant, [signed, .. AfterACall[1].Parts]), AfterACall[2]],
            }
        );
        Assert.Contains("\"budget_tokens\":2000", Encoding.UTF8.GetString(wire.Body.Span), StringComparison.Ordinal);
        Assert.Empty(wire.Quirks);
    }

    private static ToolCallPart Call(string id) => new(new ToolCall(id, "get_weather", """{"city":"Paris"}"""));

    private static void AssertBody(ChatRequest request, string expected, ConverseProtocol? protocol = null, string quirks = "")
    {
        using var wire = Write(request, protocol);
        JsonAssert.Equal(expected, Encoding.UTF8.GetString(wire.Body.Span));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    private static WireRequest Write(ChatRequest request, ConverseProtocol? protocol = null)
    {
        var wire = new WireRequest { BaseUrl = new("https://bedrock-runtime.eu-central-1.amazonaws.com/") };
        (protocol ?? new ConverseProtocol()).WriteRequest(request with { Model = "m" }, stream: false, wire);
        return wire;
    }
}
