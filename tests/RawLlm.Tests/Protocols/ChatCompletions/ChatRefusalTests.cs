using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

/// <summary>
/// What individual services refuse with status 400 or 422, and what they are sent instead; the wire's other services receive it unchanged.
/// </summary>
public sealed class ChatRefusalTests
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]
        """;

    private const string Call = """
        "tool_calls":[{"id":"abcDEF123","type":"function","function":{"name":"f","arguments":"{}"}}]
        """;

    private static ChatRequest Hi { get; } = ChatRequest.Ask("Hi");

    private static ToolCallPart CallPart { get; } = new(new ToolCall("abcDEF123", "f", "{}"));

    private static ToolResultPart Result { get; } = new("abcDEF123", "r");

    private static ImagePart Picture { get; } = new(new Uri("https://example.org/a.png"));

    [Fact]
    public void DeepSeek_ReasoningOfEarlierTurn_IsSentBackAndMissingIsSentEmpty()
    {
        var request = Of(
            Message.User("1"),
            new Message(Role.Assistant, [new ReasoningPart("hm"), CallPart]),
            Message.ToolResults(Result),
            new Message(Role.Assistant, [new TextPart("Yes.")]),
            Message.User("2")
        );

        AssertWritten(
            "deepseek",
            request,
            $$"""
            {"messages":[{"role":"user","content":"1"},{"role":"assistant","content":null,"reasoning_content":"hm",{{Call}}},{"role":"tool","tool_call_id":"abcDEF123","content":"r"},{"role":"assistant","content":"Yes.","reasoning_content":""},{"role":"user","content":"2"}]}
            """
        );
    }

    [Fact]
    public void DeepSeek_AnswerPrefix_IsSentWithoutReasoning()
    {
        var beginning = new TextPart("Hi") { WireData = new WireData("chat-completions", RawJson.Parse("""{"prefix":true}""")) };

        AssertWritten(
            "deepseek",
            Of(new Message(Role.Assistant, [beginning])),
            """{"messages":[{"role":"assistant","content":"Hi","prefix":true}]}"""
        );
    }

    [Theory]
    [InlineData("deepseek", "deepseek-v4-flash", null, "\"auto\"", "Adapted at tool_choice")]
    [InlineData("deepseek", "deepseek-v4-flash", ThinkingEffort.None, "\"required\"", null)]
    [InlineData("moonshot", "kimi-k2.6", null, "\"auto\"", "Adapted at tool_choice")]
    [InlineData("moonshot", "kimi-k2.6", ThinkingEffort.None, "\"required\"", null)]
    [InlineData("moonshot", "kimi-k3", null, "\"required\"", null)]
    [InlineData("dashscope", "qwen3.5-plus", null, "\"auto\"", "Adapted at tool_choice")]
    [InlineData("dashscope", "qwen3.5-plus", ThinkingEffort.None, "\"required\"", null)]
    [InlineData("openai", "gpt-5", null, "\"required\"", null)]
    public void ToolChoice_RequiredForThinkingModel_IsSentAsAutoIfUnsupported(
        string service,
        string model,
        ThinkingEffort? effort,
        string choice,
        string? expected
    )
    {
        var written = WrittenRequest.Of(
            Providers.Get(service).Protocol,
            Hi with
            {
                Model = model,
                Tools = [new ToolDefinition("f")],
                ToolChoice = ToolChoice.Required,
                Thinking = effort is { } asked ? new Thinking { Effort = asked } : null,
            }
        );

        Assert.StartsWith(
            $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],{{Tools}},"tool_choice":{{choice}}""",
            written.Body
        );
        Assert.Equal(expected, written.Quirks.Select(quirk => quirk.ToString()).SingleOrDefault());
    }

    [Fact]
    public void ToolChoice_NamedForKimiK3_IsSentAsRequired()
    {
        var request = Hi with { Model = "kimi-k3", Tools = [new ToolDefinition("f")], ToolChoice = ToolChoice.Named("f") };

        AssertWritten(
            "moonshot",
            request,
            $$"""{"model":"kimi-k3","messages":[{"role":"user","content":"Hi"}],{{Tools}},"tool_choice":"required"}""",
            "Adapted at tool_choice"
        );
    }

    [Theory]
    [InlineData("deepseek")]
    [InlineData("glm")]
    [InlineData("moonshot")]
    public void Schema_NotSupported_IsWrittenToInstructions(string service)
    {
        var request = Hi with { System = "Be brief.", Format = ReplyFormat.JsonSchema("n", """{"type":"object"}""") };

        AssertWritten(
            service,
            request,
            """
            {"messages":[{"role":"system","content":"Be brief.\n\nAnswer with one JSON object and nothing else. It must fit this JSON schema:\n{\"type\":\"object\"}"},{"role":"user","content":"Hi"}],"response_format":{"type":"json_object"}}
            """,
            "Adapted at response_format"
        );
        AssertWritten(
            service,
            request with
            {
                System = null,
            },
            """
            {"messages":[{"role":"system","content":"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{\"type\":\"object\"}"},{"role":"user","content":"Hi"}],"response_format":{"type":"json_object"}}
            """,
            "Adapted at response_format"
        );
    }

    [Theory]
    [InlineData("moonshot", "kimi-k2.6", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\" \"")]
    [InlineData("openai-compatible", "kimi-k2.6", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\" \"")]
    [InlineData("litellm", "moonshot/kimi-k2.5", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\" \"")]
    [InlineData("huggingface", "deepseek-ai/DeepSeek-V4-Flash", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\"\"")]
    [InlineData("openai-compatible", "deepseek-4.1-flash", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\"\"")]
    [InlineData("litellm", "deepseek/deepseek-flash", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\"\"")]
    [InlineData("vllm", "MiniMaxAI/MiniMax-M2", ",\"reasoning\":\"hm\"", "")]
    [InlineData("localai", "qwen3", ",\"reasoning\":\"hm\"", "")]
    [InlineData("ollama-compatible", "gpt-oss:20b", ",\"reasoning\":\"hm\"", "")]
    [InlineData("sglang", "zai-org/GLM-4.6", ",\"reasoning_content\":\"hm\"", "")]
    [InlineData("llama.cpp", "gpt-oss-20b", ",\"reasoning_content\":\"hm\"", "")]
    [InlineData("fireworks", "accounts/fireworks/models/gpt-oss-120b", ",\"reasoning_content\":\"hm\"", "")]
    [InlineData("novita", "minimax/minimax-m2", ",\"reasoning_content\":\"hm\"", "")]
    [InlineData("novita", "moonshotai/kimi-k2-thinking", ",\"reasoning_content\":\"hm\"", ",\"reasoning_content\":\" \"")]
    [InlineData("openai-compatible", "gpt-oss-120b", "", "")]
    [InlineData("openai-compatible", "mistral-small-latest", "", "")]
    [InlineData("groq", "moonshotai/kimi-k2-instruct-0905", "", "")]
    [InlineData("cerebras", "gpt-oss-120b", "", "")]
    public void Reasoning_OfMessagesWithToolCalls_IsSentBackIfRequiredOrSupported(
        string service,
        string model,
        string thoughts,
        string missing
    )
    {
        var request = Of(
            new Message(Role.Assistant, [new ReasoningPart("hm"), CallPart]),
            Message.ToolResults(Result),
            new Message(Role.Assistant, [CallPart]),
            Message.ToolResults(Result),
            new Message(Role.Assistant, [new ReasoningPart("hm"), new TextPart("Yes.")])
        );
        var provider = service == "openai-compatible" ? Providers.OpenAICompatible("http://localhost:9") : Providers.Get(service);

        var written = WrittenRequest.Of(provider.Protocol, request with { Model = model });

        const string Answer = """{"role":"tool","tool_call_id":"abcDEF123","content":"r"}""";
        Assert.Equal(
            $$"""{"model":"{{model}}","messages":[{"role":"assistant","content":null{{thoughts}},{{Call}}},{{Answer}},{"role":"assistant","content":null{{missing}},{{Call}}},{{Answer}},{"role":"assistant","content":"Yes."}]}""",
            written.Body
        );
        Assert.Equal(
            thoughts is "" ? ["LeftOut at messages[].reasoning"]
                : missing.Contains("\" \"") ? ["Adapted at messages[].reasoning"]
                : [],
            written.Quirks.Select(quirk => quirk.ToString())
        );
    }

    [Fact]
    public void Moonshot_SamplingSettingsForKimi_AreOmitted()
    {
        var request = Hi with { Model = "kimi-k2.6", Temperature = 0.5, TopP = 0.9, PresencePenalty = 1, ChoiceCount = 2 };

        AssertWritten(
            "moonshot",
            request,
            """{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hi"}]}""",
            "LeftOut at temperature",
            "LeftOut at top_p",
            "LeftOut at presence_penalty",
            "LeftOut at n"
        );
        AssertWritten(
            "moonshot",
            request with
            {
                Model = "moonshot-v1-8k",
            },
            """{"model":"moonshot-v1-8k","messages":[{"role":"user","content":"Hi"}],"temperature":0.5,"top_p":0.9,"presence_penalty":1,"n":2}"""
        );
    }

    [Fact]
    public void Mistral_UserMessageAfterToolResults_InsertsAssistantMessage()
    {
        const string Before =
            $$"""{"role":"assistant","content":null,{{Call}}},{"role":"tool","tool_call_id":"abcDEF123","name":"f","content":"r"}""";
        var call = new Message(Role.Assistant, [CallPart]);

        AssertWritten(
            "mistral",
            Of(call, Message.ToolResults(Result), Message.User("And?")),
            $$"""{"messages":[{{Before}},{"role":"assistant","content":"OK."},{"role":"user","content":"And?"}]}""",
            "Adapted at messages[]"
        );
        AssertWritten(
            "mistral",
            Of(call, Message.User([Result, new TextPart("And?")])),
            $$"""{"messages":[{{Before}},{"role":"assistant","content":"OK."},{"role":"user","content":"And?"}]}""",
            "Adapted at messages[]"
        );
        AssertWritten(
            "mistral",
            Of(call, Message.ToolResults(Result), new Message(Role.Assistant, [new ReasoningPart("hm")]), Message.User("And?")),
            $$"""{"messages":[{{Before}},{"role":"assistant","content":"OK."},{"role":"user","content":"And?"}]}""",
            "LeftOut at messages[]",
            "Adapted at messages[]"
        );
        AssertWritten(
            "mistral",
            Of(call, Message.ToolResults(Result), Message.ToolResults(Result)),
            $$"""{"messages":[{{Before}},{"role":"tool","tool_call_id":"abcDEF123","name":"f","content":"r"}]}"""
        );
        AssertWritten(
            "openai",
            Of(call, Message.ToolResults(Result), Message.User("And?")),
            $$"""{"messages":[{"role":"assistant","content":null,{{Call}}},{"role":"tool","tool_call_id":"abcDEF123","content":"r"},{"role":"user","content":"And?"}]}"""
        );
    }

    [Theory]
    [InlineData("mistral")]
    [InlineData("moonshot")]
    [InlineData("glm")]
    [InlineData("volcengine")]
    public void Answer_WithoutTextAndToolCalls_IsOmittedIfRejectedByService(string service)
    {
        var request = Of(Message.User("1"), new Message(Role.Assistant, [new ReasoningPart("hm"), new TextPart("")]), Message.User("2"));

        AssertWritten(
            service,
            request,
            """{"messages":[{"role":"user","content":"1"},{"role":"user","content":"2"}]}""",
            "LeftOut at messages[]"
        );
        AssertWritten(
            service,
            Of(new Message(Role.Assistant, [new RefusalPart("I cannot.")])),
            """{"messages":[{"role":"assistant","content":"I cannot."}]}""",
            "Adapted at messages[].refusal"
        );
    }

    [Fact]
    public void Mistral_UnsupportedMembers_AreOmitted() =>
        AssertWritten(
            "mistral",
            Hi with
            {
                User = "u1",
                TopLogProbs = 2,
            },
            """{"messages":[{"role":"user","content":"Hi"}]}""",
            "LeftOut at logprobs",
            "LeftOut at user"
        );

    [Fact]
    public void Mistral_Files_AreSentAsDocumentUrls()
    {
        var request = Of(
            Message.User([new FilePart("%PDF"u8.ToArray(), "application/pdf", "a.pdf"), new FilePart(new Uri("https://example.org/b.pdf"))])
        );

        AssertWritten(
            "mistral",
            request,
            """
            {"messages":[{"role":"user","content":[{"type":"document_url","document_url":"data:application/pdf;base64,JVBERg==","document_name":"a.pdf"},{"type":"document_url","document_url":"https://example.org/b.pdf"}]}]}
            """
        );
    }

    [Fact]
    public void Cloudflare_TextContent_IsSentAsString()
    {
        var request = Of(
            Message.User([new TextPart("a"), new TextPart("b")]),
            new Message(Role.Assistant, [CallPart]),
            Message.ToolResults(Result)
        );

        AssertWritten(
            "cloudflare",
            request,
            $$"""{"messages":[{"role":"user","content":"a\nb"},{"role":"assistant","content":"",{{Call}}},{"role":"tool","tool_call_id":"abcDEF123","content":"r"}]}""",
            "Adapted at messages[].content"
        );
        AssertWritten(
            "cloudflare",
            Of(Message.User([new TextPart("a"), Picture])),
            """{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}]}"""
        );
    }

    [Theory]
    [InlineData("lmstudio")]
    public void JsonFormat_OnlySchemasSupported_IsSentAsObjectSchema(string service)
    {
        AssertWritten(
            service,
            Hi with
            {
                Format = ReplyFormat.Json,
            },
            """{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"object","schema":{"type":"object"}}}}""",
            "Adapted at response_format"
        );
        AssertWritten(
            service,
            Hi with
            {
                Format = ReplyFormat.JsonSchema("n", "{}"),
            },
            """{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}"""
        );
    }

    [Theory]
    [InlineData("requesty", "openai/gpt-5", "max_completion_tokens")]
    [InlineData("requesty", "anthropic/claude-sonnet-4-6", "max_tokens")]
    [InlineData("huggingface", "openai/gpt-oss-20b", "max_tokens")]
    [InlineData("litellm", "azure/o4-mini", "max_completion_tokens")]
    [InlineData("openai", "gpt-4o", "max_completion_tokens")]
    [InlineData("azure", "gpt-5.1", "max_completion_tokens")]
    [InlineData("azure", "Mistral-Large-3", "max_tokens")]
    [InlineData("azure", "my-ministral-3b", "max_tokens")]
    [InlineData("azure-deployments", "Codestral-2501", "max_tokens")]
    public void MaxTokens_OfEachModel_UsesMemberNameOfModel(string service, string model, string name) =>
        AssertWritten(
            service,
            Hi with
            {
                Model = model,
                MaxTokens = 9,
            },
            $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],"{{name}}":9}"""
        );

    [Theory]
    [InlineData("gpt-5-nano", "max_completion_tokens")]
    [InlineData("llama3:8b", "max_tokens")]
    public void MaxTokens_AtUnknownServer_UsesMemberNameOfModel(string model, string name) =>
        Assert.Equal(
            $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],"{{name}}":9}""",
            WrittenRequest.Of(Providers.OpenAICompatible("http://localhost:8000").Protocol, Hi with { Model = model, MaxTokens = 9 }).Body
        );

    [Theory]
    [InlineData("groq", "")]
    [InlineData("cerebras", "")]
    [InlineData("mistral", ",\"name\":\"f\"")]
    public void ForeignMembers_RejectedByService_AreOmitted(string service, string name)
    {
        var request = Of(
            new Message(
                Role.Assistant,
                [
                    new ReasoningPart("hm")
                    {
                        WireData = new WireData(
                            "chat-completions",
                            RawJson.Parse("""{"reasoning_details":[{"type":"reasoning.text","signature":"s"}]}""")
                        ),
                    },
                    CallPart with
                    {
                        WireData = new WireData(
                            "chat-completions",
                            RawJson.Parse("""{"extra_content":{"google":{"thought_signature":"abc"}}}""")
                        ),
                    },
                ]
            ),
            Message.ToolResults(Result),
            new Message(Role.Assistant, [new RefusalPart("I cannot.")])
        );

        AssertWritten(
            service,
            request,
            $$"""{"messages":[{"role":"assistant","content":null,{{Call}}},{"role":"tool","tool_call_id":"abcDEF123"{{name}},"content":"r"},{"role":"assistant","content":"I cannot."}]}""",
            "LeftOut at messages[].reasoning",
            "LeftOut at messages[].tool_calls[]",
            "Adapted at messages[].refusal"
        );
        Assert.Contains(
            """{"type":"reasoning.text","signature":"s"}],"tool_calls":""",
            WrittenRequest.Of(Providers.OpenRouter.Protocol, request).Body
        );
    }

    [Fact]
    public void CustomParts_OfUser_AreSentUnchanged()
    {
        var block = new OpaquePart(new WireData("chat-completions", RawJson.Parse("""{"type":"input_audio","input_audio":"aGk="}""")));

        AssertWritten(
            "mistral",
            Of(Message.User([block])),
            """{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":"aGk="}]}]}"""
        );
    }

    [Fact]
    public void CacheMarks_OnParts_AreSentOnlyIfSupported()
    {
        var request = Of(
            new Message(Role.System, [new TextPart("a"), new TextPart("b") { Cache = PromptCache.OneHour }]),
            Message.User([new TextPart("manual") { Cache = PromptCache.FiveMinutes }])
        );

        AssertWritten(
            "openrouter",
            request,
            """
            {"messages":[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"user","content":[{"type":"text","text":"manual","cache_control":{"type":"ephemeral"}}]}]}
            """
        );
        AssertWritten(
            "openai",
            request,
            """{"messages":[{"role":"system","content":"ab"},{"role":"user","content":"manual"}]}""",
            "LeftOut at messages[].content[].cache_control"
        );
    }

    [Fact]
    public void Images_InToolResults_AreSentAfterLastResult()
    {
        var request = Of(
            new Message(Role.Assistant, [CallPart, new ToolCallPart(new ToolCall("abcDEF124", "f", "{}"))]),
            Message.ToolResults(new ToolResultPart("abcDEF123", [new TextPart("seen"), Picture])),
            Message.ToolResults(new ToolResultPart("abcDEF124", [Picture]))
        );
        const string Results =
            """{"role":"tool","tool_call_id":"abcDEF123","content":"seen"},{"role":"tool","tool_call_id":"abcDEF124","content":"It follows behind the results."}""";
        const string Pictures = """
            {"role":"user","content":[{"type":"text","text":"Of the result of the call abcDEF123:"},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"text","text":"Of the result of the call abcDEF124:"},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}
            """;

        string body = AssertEnds("openai", request, $$"""{{Results}},{{Pictures}}]}""", "Adapted at messages[].content");
        Assert.DoesNotContain("\"OK.\"", body);
        AssertEnds(
            "openai",
            request with
            {
                Messages = [.. request.Messages, Message.User("And?")],
            },
            $$"""{{Results}},{{Pictures}},{"role":"user","content":"And?"}]}""",
            "Adapted at messages[].content"
        );
        AssertEnds(
            "mistral",
            request,
            $$"""{"role":"assistant","content":"OK."},{{Pictures}}]}""",
            "Adapted at messages[].content",
            "Adapted at messages[]"
        );
    }

    [Fact]
    public void Files_InToolResultsWithUnsupportedUrl_AreOmitted()
    {
        var request = Of(
            new Message(Role.Assistant, [CallPart]),
            Message.ToolResults(new ToolResultPart("abcDEF123", [new FilePart(new Uri("https://example.org/b.pdf"))]))
        );

        AssertEnds(
            "openai",
            request,
            """{"role":"user","content":[{"type":"text","text":"Of the result of the call abcDEF123:"}]}]}""",
            "Adapted at messages[].content",
            "LeftOut at messages[].content"
        );
    }

    [Theory]
    [InlineData("gemini-3-pro-preview", true)]
    [InlineData("models/gemini-3.5-flash", true)]
    [InlineData("gemini-flash-latest", true)]
    [InlineData("gemini-2.5-pro", false)]
    [InlineData("gemma-4-27b-it", false)]
    public void Gemini_ToolCallsOfOtherModel_AreSentWithPlaceholderSignature(string model, bool isSigned)
    {
        var request = Of(
            new Message(Role.Assistant, [CallPart, new ToolCallPart(new ToolCall("abcDEF124", "f", "{}"))]),
            Message.ToolResults(Result, new ToolResultPart("abcDEF124", "r")),
            new Message(
                Role.Assistant,
                [
                    CallPart with
                    {
                        WireData = new WireData(
                            "chat-completions",
                            RawJson.Parse("""{"extra_content":{"google":{"thought_signature":"c2ln"}}}""")
                        ),
                    },
                ]
            )
        ) with
        {
            Model = model,
        };
        string signature = isSigned
            ? """
                ,"extra_content":{"google":{"thought_signature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="}}
                """
            : "";
        const string Function = """
            "type":"function","function":{"name":"f","arguments":"{}"}
            """;

        AssertWritten(
            "gemini-compatible",
            request,
            """{"model":"MODEL","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"abcDEF123",FUNCTIONSIGNATURE},{"id":"abcDEF124",FUNCTION}]},{"role":"tool","tool_call_id":"abcDEF123","name":"f","content":"r"},{"role":"tool","tool_call_id":"abcDEF124","name":"f","content":"r"},{"role":"assistant","content":null,"tool_calls":[{"id":"abcDEF123",FUNCTION,"extra_content":{"google":{"thought_signature":"c2ln"}}}]}]}"""
                .Replace("MODEL", model, StringComparison.Ordinal)
                .Replace("SIGNATURE", signature, StringComparison.Ordinal)
                .Replace("FUNCTION", Function, StringComparison.Ordinal),
            isSigned ? ["Adapted at messages[].tool_calls[].extra_content"] : []
        );
    }

    [Theory]
    [InlineData(
        "vllm",
        "openai/gpt-oss-120b",
        ThinkingEffort.High,
        ""","reasoning_effort":"high","chat_template_kwargs":{"reasoning_effort":"high"}""",
        null
    )]
    [InlineData(
        "sglang",
        "unsloth/gpt-oss-20b-GGUF",
        ThinkingEffort.None,
        ""","reasoning_effort":"low","chat_template_kwargs":{"reasoning_effort":"low"}""",
        "Adapted at reasoning_effort"
    )]
    [InlineData(
        "llama.cpp",
        "my-gpt-oss",
        ThinkingEffort.Low,
        ""","reasoning_effort":"low","chat_template_kwargs":{"reasoning_effort":"low"}""",
        null
    )]
    [InlineData("vllm", "mistralai/Magistral-Small-2509", ThinkingEffort.Medium, "", "LeftOut at thinking")]
    [InlineData("vllm", "Mistral-Small-3.2-24B-Instruct-2506-FP8", ThinkingEffort.None, "", "LeftOut at thinking")]
    [InlineData("sglang", "mistralai/Ministral-3-14B", ThinkingEffort.None, "", "LeftOut at thinking")]
    [InlineData("vllm", "mistralai/Devstral-2-123B", ThinkingEffort.Medium, "", "LeftOut at thinking")]
    [InlineData("vllm", "Qwen/Qwen3.5-27B", ThinkingEffort.None, ""","chat_template_kwargs":{"enable_thinking":false}""", null)]
    public void Thinking_WithChatTemplate_IsSentInFormOfModel(
        string service,
        string model,
        ThinkingEffort effort,
        string members,
        string? quirk
    ) =>
        AssertWritten(
            service,
            Hi with
            {
                Model = model,
                Thinking = new Thinking { Effort = effort },
            },
            """{"model":"MODEL","messages":[{"role":"user","content":"Hi"}]MEMBERS}"""
                .Replace("MODEL", model, StringComparison.Ordinal)
                .Replace("MEMBERS", members, StringComparison.Ordinal),
            quirk is null ? [] : [quirk]
        );

    [Theory]
    [InlineData("volcengine", "doubao-seed-2-1-pro-260628", ThinkingEffort.None, ""","thinking":{"type":"disabled"}""", null)]
    [InlineData(
        "volcengine",
        "doubao-seed-2-1-pro-260628",
        ThinkingEffort.Minimal,
        ",\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"low\"",
        "Adapted at reasoning_effort"
    )]
    [InlineData(
        "volcengine",
        "doubao-seed-2-1-pro-260628",
        ThinkingEffort.Max,
        ",\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"max\"",
        null
    )]
    [InlineData(
        "volcengine",
        "doubao-seed-2-1-pro-260628",
        ThinkingEffort.ExtraHigh,
        ",\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"max\"",
        "Adapted at reasoning_effort"
    )]
    [InlineData(
        "volcengine",
        "doubao-seed-1-8-251228",
        ThinkingEffort.Max,
        ",\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"high\"",
        "Adapted at reasoning_effort"
    )]
    [InlineData(
        "volcengine",
        "doubao-seed-1-6-flash-250828",
        ThinkingEffort.Low,
        ""","thinking":{"type":"enabled"}""",
        "LeftOut at reasoning_effort"
    )]
    [InlineData("vercel", "anthropic/claude-sonnet-4.5", ThinkingEffort.High, ""","reasoning":{"effort":"high"}""", null)]
    [InlineData("vercel", "anthropic/claude-opus-4.7", ThinkingEffort.ExtraHigh, ""","reasoning":{"effort":"xhigh"}""", null)]
    [InlineData("vercel", "anthropic/claude-sonnet-4.5", ThinkingEffort.None, ""","reasoning":{"enabled":false}""", null)]
    [InlineData("cohere", "command-a-reasoning-08-2025", ThinkingEffort.None, ",\"reasoning_effort\":\"none\"", null)]
    [InlineData("cohere", "command-a-reasoning-08-2025", ThinkingEffort.Low, ",\"reasoning_effort\":\"high\"", "Adapted at thinking")]
    [InlineData("cohere", "command-a-reasoning-08-2025", ThinkingEffort.ExtraHigh, ",\"reasoning_effort\":\"high\"", "Adapted at thinking")]
    [InlineData(
        "siliconflow",
        "Qwen/Qwen3-8B",
        ThinkingEffort.ExtraHigh,
        ""","enable_thinking":true,"stream":true,"stream_options":{"include_usage":true}""",
        "Adapted at thinking"
    )]
    [InlineData("glm", "glm-5.3", ThinkingEffort.None, ",\"reasoning_effort\":\"low\"", "Adapted at reasoning_effort")]
    [InlineData("glm", "glm-5.3", ThinkingEffort.Low, ",\"reasoning_effort\":\"low\"", null)]
    [InlineData("glm-coding", "glm-5.3-flash", ThinkingEffort.Medium, ",\"reasoning_effort\":\"high\"", "Adapted at reasoning_effort")]
    [InlineData("glm-mainland", "glm-5.3", ThinkingEffort.Max, ",\"reasoning_effort\":\"max\"", null)]
    [InlineData("glm", "glm-5.2", ThinkingEffort.None, ",\"reasoning_effort\":\"none\"", null)]
    [InlineData("glm", "glm-5.2", ThinkingEffort.Low, ",\"reasoning_effort\":\"high\"", "Adapted at reasoning_effort")]
    [InlineData("glm", "glm-5.2", ThinkingEffort.Max, ",\"reasoning_effort\":\"max\"", null)]
    [InlineData("glm", "glm-5.1", ThinkingEffort.None, ""","thinking":{"type":"disabled"}""", null)]
    [InlineData("glm", "glm-5", ThinkingEffort.ExtraHigh, ""","thinking":{"type":"enabled"}""", "Adapted at thinking")]
    [InlineData("dashscope", "qwen3.7-plus", ThinkingEffort.None, ""","enable_thinking":false""", null)]
    [InlineData("siliconflow", "Qwen/Qwen3-8B", ThinkingEffort.None, ""","enable_thinking":false""", null)]
    [InlineData("siliconflow", "Pro/zai-org/GLM-4.7", ThinkingEffort.None, ""","enable_thinking":false""", null)]
    [InlineData("siliconflow", "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", ThinkingEffort.None, "", "LeftOut at thinking")]
    [InlineData("siliconflow", "Qwen/Qwen3-30B-A3B-Instruct-2507", ThinkingEffort.None, "", "LeftOut at thinking")]
    [InlineData("siliconflow", "Qwen/Qwen2.5-VL-32B-Instruct", ThinkingEffort.Medium, "", "LeftOut at thinking")]
    [InlineData("novita", "deepseek/deepseek-v4-flash", ThinkingEffort.None, ""","enable_thinking":false""", null)]
    [InlineData("novita", "meta-llama/llama-3.3-70b-instruct", ThinkingEffort.Medium, "", "LeftOut at thinking")]
    [InlineData("docker", "ai/qwen3", ThinkingEffort.None, ""","chat_template_kwargs":{"enable_thinking":false}""", null)]
    public void Thinking_WithEffort_IsSentInFormOfService(
        string service,
        string model,
        ThinkingEffort effort,
        string members,
        string? quirk
    ) =>
        AssertWritten(
            service,
            Hi with
            {
                Model = model,
                Thinking = new Thinking { Effort = effort },
            },
            """{"model":"MODEL","messages":[{"role":"user","content":"Hi"}]MEMBERS}"""
                .Replace("MODEL", model, StringComparison.Ordinal)
                .Replace("MEMBERS", members, StringComparison.Ordinal),
            quirk is null ? [] : [quirk]
        );

    // Cohere's page lists what it accepts (docs.cohere.com/docs/compatibility-api); it refuses what it does not know with status 422.
    [Fact]
    public void Cohere_UnlistedMembers_AreOmitted()
    {
        var request = Hi with
        {
            Tools = [new ToolDefinition("f") { Strict = true }],
            ToolChoice = ToolChoice.Required,
            ParallelToolCalls = false,
            TopLogProbs = 1,
            ChoiceCount = 2,
            User = "u",
            Seed = 1,
            FrequencyPenalty = 0.5,
        };

        AssertWritten(
            "cohere",
            request,
            $$"""{"messages":[{"role":"user","content":"Hi"}],"seed":1,"frequency_penalty":0.5,{{Tools}}}""",
            "LeftOut at logprobs",
            "LeftOut at n",
            "LeftOut at tools[].function.strict",
            "LeftOut at tool_choice",
            "LeftOut at parallel_tool_calls",
            "LeftOut at user"
        );
    }

    [Fact]
    public void Scaleway_UnsupportedMembers_AreOmitted() =>
        AssertWritten(
            "scaleway",
            Hi with
            {
                FrequencyPenalty = 0.5,
                PresencePenalty = 0.5,
                TopLogProbs = 1,
                ChoiceCount = 2,
                User = "u",
            },
            """{"messages":[{"role":"user","content":"Hi"}],"presence_penalty":0.5}""",
            "LeftOut at frequency_penalty",
            "LeftOut at logprobs",
            "LeftOut at n",
            "LeftOut at user"
        );

    [Fact]
    public void Thinking_OnlyIncludeIsSet_IsSentForEveryModel() =>
        AssertWritten(
            "vllm",
            Hi with
            {
                Model = "mistral-small",
                Thinking = new Thinking { Include = false },
            },
            """{"model":"mistral-small","messages":[{"role":"user","content":"Hi"}],"include_reasoning":false}"""
        );

    [Fact]
    public void Tgi_Formats_SendOnlySchema()
    {
        const string Start = """
            {"messages":[{"role":"user","content":"Hi"}]
            """;

        AssertWritten(
            "tgi",
            Hi with
            {
                Format = ReplyFormat.JsonSchema("n", """{"type":"object","properties":{"a":{}}}""") with { Strict = true },
            },
            Start + ""","response_format":{"type":"json","value":{"type":"object","properties":{"a":{}}}}}"""
        );
        AssertWritten("tgi", Hi with { Format = ReplyFormat.Json }, Start + "}", "LeftOut at response_format");
        AssertWritten("tgi", Hi with { Format = ReplyFormat.Text }, Start + "}");
    }

    [Theory]
    [InlineData("tgi", 1.0, "}", "LeftOut at top_p")]
    [InlineData("tgi", 0.9, ""","top_p":0.9}""", null)]
    [InlineData("openai", 1.0, ""","top_p":1}""", null)]
    public void TopP_IsOne_IsOmittedIfRejectedByService(string service, double value, string end, string? quirk) =>
        AssertWritten(
            service,
            Hi with
            {
                TopP = value,
            },
            """{"messages":[{"role":"user","content":"Hi"}]""" + end,
            quirk is null ? [] : [quirk]
        );

    [Theory]
    [InlineData("litellm", "anthropic/claude-sonnet-4-6", true)]
    [InlineData("litellm", "bedrock/us.anthropic.Claude-haiku-4-5", true)]
    [InlineData("litellm", "gpt-4o", false)]
    [InlineData("openrouter", "anthropic/claude-sonnet-4-6", false)]
    public void LiteLLM_ToolCallsWithoutToolsForClaude_AddsTools(string service, string model, bool isAdapted)
    {
        var request = Of(new Message(Role.Assistant, [CallPart]), Message.ToolResults(Result)) with { Model = model };

        AssertWritten(
            service,
            request,
            """{"model":"MODEL","messages":[{"role":"assistant","content":null,CALL},{"role":"tool","tool_call_id":"abcDEF123","content":"r"}]TOOLS}"""
                .Replace("MODEL", model, StringComparison.Ordinal)
                .Replace("CALL", Call, StringComparison.Ordinal)
                .Replace("TOOLS", isAdapted ? "," + Tools : "", StringComparison.Ordinal),
            isAdapted ? ["Adapted at tools"] : []
        );
        AssertWritten(
            service,
            Hi with
            {
                Model = model,
            },
            """{"model":"MODEL","messages":[{"role":"user","content":"Hi"}]}""".Replace("MODEL", model, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("azure-deployments", """{"reasoning_details":[{"type":"reasoning.text"}]}""", false)]
    [InlineData("azure", """{"thinking_blocks":[{"type":"thinking"}]}""", false)]
    [InlineData("gemini-compatible", """{"reasoning_details":[{"type":"reasoning.text"}]}""", false)]
    [InlineData("gemini-compatible", """{"extra_content":{"google":{"thought_signature":"c2ln"}}}""", true)]
    [InlineData("openrouter", """{"reasoning_details":[{"type":"reasoning.text"}]}""", true)]
    [InlineData("litellm", """{"thinking_blocks":[{"type":"thinking"}]}""", true)]
    public void ReasoningWireData_OfOtherService_IsSentOnlyIfSupported(string service, string data, bool isSent)
    {
        var request = Of(
            new Message(
                Role.Assistant,
                [new ReasoningPart("hm") { WireData = new WireData("chat-completions", RawJson.Parse(data)) }, new TextPart("Yes.")]
            )
        ) with
        {
            Model = "m",
        };

        AssertWritten(
            service,
            request,
            """{"model":"m","messages":[{"role":"assistant","content":"Yes."DATA}]}""".Replace(
                "DATA",
                isSent ? "," + data[1..^1] : "",
                StringComparison.Ordinal
            ),
            isSent ? [] : ["LeftOut at messages[].reasoning"]
        );
    }

    private static ChatRequest Of(params Message[] messages) => new() { Messages = messages };

    private static void AssertWritten(string service, ChatRequest request, string body, params string[] quirks)
    {
        var written = WrittenRequest.Of(Providers.Get(service).Protocol, request);
        Assert.Equal(body, written.Body);
        Assert.Equal(quirks, written.Quirks.Select(quirk => quirk.ToString()));
    }

    private static string AssertEnds(string service, ChatRequest request, string end, params string[] quirks)
    {
        var written = WrittenRequest.Of(Providers.Get(service).Protocol, request);
        Assert.EndsWith(end, written.Body);
        Assert.Equal(quirks, written.Quirks.Select(quirk => quirk.ToString()));
        return written.Body;
    }
}
