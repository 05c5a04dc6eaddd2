using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;
using RawLlm.Tests.Support;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>How options appear in the JSON that is sent.</summary>
public sealed class OptionsTests
{
    private const string Answer =
        """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}""";

    private static readonly JsonElement CitySchema = JsonElement.Parse(
        """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","default":1}},"required":["city"]}"""
    );

    [Fact]
    public async Task Options_OnChatCompletions_AreAllSent()
    {
        var options = new ChatOptions
        {
            ModelId = "other",
            Instructions = "Be brief.",
            Temperature = 0.7f,
            TopP = 0.95f,
            TopK = 40,
            FrequencyPenalty = 0.1f,
            PresencePenalty = -0.2f,
            MaxOutputTokens = 100,
            Seed = 7,
            StopSequences = ["END"],
            AllowMultipleToolCalls = false,
            ToolMode = ChatToolMode.RequireSpecific("weather"),
            Tools = [AIFunctionFactory.CreateDeclaration("weather", "The weather", CitySchema)],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(CitySchema, "city", "A city"),
            Reasoning = new() { Effort = ReasoningEffort.High },
            AdditionalProperties = new()
            {
                ["user"] = "u1",
                ["logit_bias"] = new Dictionary<string, object?> { ["50256"] = -100 },
                ["store"] = true,
                ["raw"] = (RawJson)"""{"a":[1]}""",
                ["element"] = JsonElement.Parse("[2]"),
                ["nothing"] = null,
                ["number"] = 0.5m,
            },
        };

        string body = await SendAsync(Providers.OpenAI, options);

        JsonAssert.Equal(
            """
            {"model":"other","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],
             "max_completion_tokens":100,"temperature":0.7,"top_p":0.95,"seed":7,"stop":["END"],"frequency_penalty":0.1,"presence_penalty":-0.2,
             "tools":[{"type":"function","function":{"name":"weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","default":1}},"required":["city"]}}}],
             "tool_choice":{"type":"function","function":{"name":"weather"}},"parallel_tool_calls":false,
             "response_format":{"type":"json_schema","json_schema":{"name":"city","description":"A city","schema":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","default":1}},"required":["city"]}}},
             "reasoning_effort":"high",
             "user":"u1","logit_bias":{"50256":-100},"store":true,"raw":{"a":[1]},"element":[2],"nothing":null,"number":0.5,"top_k":40}
            """,
            body
        );
    }

    [Fact]
    public async Task Options_WithRawRepresentationFactory_RequestValuesTakePrecedence()
    {
        var options = new ChatOptions
        {
            Temperature = 0.7f,
            MaxOutputTokens = 50,
            Instructions = "Second.",
            StopSequences = ["b"],
            AdditionalProperties = new() { ["x"] = 1, ["y"] = 2 },
            RawRepresentationFactory = _ => new ChatRequest
            {
                System = "First.",
                Temperature = 0.1,
                Messages = [Message.User("Before")],
                Stop = ["a"],
                User = "u",
                Extra = new Dictionary<string, RawJson> { ["x"] = "9" },
            },
        };

        string body = await SendAsync(Providers.OpenAI, options);

        JsonAssert.Equal(
            """
            {"model":"m","messages":[{"role":"system","content":"First.\nSecond."},{"role":"user","content":"Before"},{"role":"user","content":"Hi"}],
             "max_completion_tokens":50,"temperature":0.1,"stop":["a","b"],"user":"u","x":9,"y":2}
            """,
            body
        );
    }

    [Fact]
    public async Task Strict_FunctionHasAnnotations_WritesUnsupportedKeywordsToDescription()
    {
        var find = AIFunctionFactory.Create(Find, "find");
        var options = new ChatOptions
        {
            Tools = [find],
            AdditionalProperties = new() { ["strict"] = true },
        };

        using var body = JsonDocument.Parse(await SendAsync(Providers.OpenAI, options));

        var properties = body
            .RootElement.GetProperty("tools")[0]
            .GetProperty("function")
            .GetProperty("parameters")
            .GetProperty("properties");
        JsonAssert.Equal(
            """{"type":"string","description":"A name\nminLength: 2\nmaxLength: 9","pattern":"^a"}""",
            properties.GetProperty("name").GetRawText()
        );
        JsonAssert.Equal(
            """{"type":"string","description":"contentEncoding: \"base64\""}""",
            properties.GetProperty("picture").GetRawText()
        );
        JsonAssert.Equal("""{"type":"integer","minimum":1,"maximum":5}""", properties.GetProperty("stars").GetRawText());
        JsonAssert.Equal("""{"type":"string","description":"format: \"uri\""}""", properties.GetProperty("site").GetRawText());
        JsonAssert.Equal("""{"type":"string","format":"date-time"}""", properties.GetProperty("day").GetRawText());

        static string Find(
            [Description("A name"), StringLength(9, MinimumLength = 2), RegularExpression("^a")] string name,
            [Base64String] string picture,
            [Range(1, 5)] int stars,
            Uri site,
            DateTime day
        ) => $"{name} {picture} {stars} {site} {day}";
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Function_DescriptionOrSchemaChanges_IsSentWithCurrentValues(bool strict)
    {
        var function = new ChangingFunction { Text = "Old", Schema = CitySchema };
        var options = new ChatOptions
        {
            Tools = [function],
            AdditionalProperties = new() { ["strict"] = strict },
        };
        await SendAsync(Providers.OpenAI, options);

        function.Text = "New";
        Assert.Contains("\"description\":\"New\"", await SendAsync(Providers.OpenAI, options), StringComparison.Ordinal);
        function.Schema = JsonElement.Parse("""{"type":"object","properties":{"town":{"type":"string"}}}""");
        string body = await SendAsync(Providers.OpenAI, options);

        Assert.Contains("\"town\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"city\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Function_Unchanged_ReusesToolDefinition()
    {
        var options = new ChatOptions { Tools = [new ChangingFunction { Text = "Old", Schema = CitySchema }] };

        Assert.Same(Read(options).Tools[0], Read(options).Tools[0]);

        static ChatRequest Read(ChatOptions options) => RequestReader.Read([], options, null!, [], AIJsonUtilities.DefaultOptions, []);
    }

    [Fact]
    public async Task Strict_InAdditionalProperties_MakesSchemasStrict()
    {
        var lenient = AIFunctionFactory.CreateDeclaration("lenient", null, CitySchema);
        var options = new ChatOptions
        {
            Tools = [lenient],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(CitySchema, "city"),
            AdditionalProperties = new() { ["strict"] = true },
        };

        string body = await SendAsync(Providers.OpenAI, options);

        const string Strict =
            """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","description":"Default value: 1"}},"required":["city","days"],"additionalProperties":false}""";
        JsonAssert.Equal(
            $$"""
            {"model":"m","messages":[{"role":"user","content":"Hi"}],
             "tools":[{"type":"function","function":{"name":"lenient","parameters":{{Strict}},"strict":true} }],
             "response_format":{"type":"json_schema","json_schema":{"name":"city","schema":{{Strict}},"strict":true} } }
            """,
            body
        );
        options.AdditionalProperties["strict"] = false;
        Assert.Contains("\"strict\":false", await SendAsync(Providers.OpenAI, options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TopK_OnEachWire_IsSentInWireSpecificMember()
    {
        var options = new ChatOptions { TopK = 40 };

        Assert.Contains("\"top_k\":40", await SendAsync(Providers.Anthropic, options), StringComparison.Ordinal);
        Assert.Contains("\"generationConfig\":{\"topK\":40}", await SendAsync(Providers.Gemini, options), StringComparison.Ordinal);
        Assert.Contains("\"options\":{\"top_k\":40}", await SendAsync(Providers.Ollama, options), StringComparison.Ordinal);
        Assert.Contains(
            "\"additionalModelRequestFields\":{\"top_k\":40}",
            await SendAsync(Providers.BedrockIn("us-east-1", Credential.Bearer("k")), options),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Responses wire",
            (await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(Providers.OpenAIResponses, options))).Message,
            StringComparison.Ordinal
        );
        options.AdditionalProperties = new() { ["generationConfig"] = (RawJson)"{}" };
        Assert.Contains(
            "'topK' in it",
            (await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(Providers.Gemini, options))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(ReasoningEffort.None, null, "{\"type\":\"disabled\"}")]
    [InlineData(null, ReasoningOutput.None, null)]
    public async Task Reasoning_OnAnthropic_IsSentAsThinking(ReasoningEffort? effort, ReasoningOutput? output, string? thinking)
    {
        string body = await SendAsync(
            Providers.Anthropic,
            new ChatOptions
            {
                MaxOutputTokens = 4000,
                Reasoning = new() { Effort = effort, Output = output },
            }
        );

        if (thinking is null)
            Assert.DoesNotContain("budget_tokens", body, StringComparison.Ordinal);
        else
            Assert.Contains($"\"thinking\":{thinking}", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reasoning_OnResponses_IsSentAsEffortAndSummary()
    {
        string body = await SendAsync(
            Providers.OpenAIResponses,
            new ChatOptions
            {
                Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.Summary },
            }
        );

        Assert.Contains("\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"}", body, StringComparison.Ordinal);
    }

    // ExtraHigh, the highest level of Microsoft.Extensions.AI, maps to the level below "max", as in Microsoft's own adapter for OpenAI.
    [Fact]
    public async Task Reasoning_ExtraHigh_IsSentAsXHigh()
    {
        var options = new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.ExtraHigh } };

        Assert.Contains("\"reasoning_effort\":\"xhigh\"", await SendAsync(Providers.OpenAI, options), StringComparison.Ordinal);
        options.ModelId = "claude-opus-4-8";
        Assert.Contains(
            "\"output_config\":{\"effort\":\"xhigh\"}",
            await SendAsync(Providers.Anthropic, options),
            StringComparison.Ordinal
        );
        options.RawRepresentationFactory = _ => new ChatRequest { Thinking = Thinking.Max };
        Assert.Contains("\"output_config\":{\"effort\":\"max\"}", await SendAsync(Providers.Anthropic, options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_Unsupported_AreRejectedWithHint()
    {
        await Refused(new() { ConversationId = "c" }, "previous_response_id");
        await Refused(new() { Tools = [new HostedWebSearchTool()] }, "AdditionalProperties[\"tools\"]");
        await Refused(new() { Tools = [new HostedMcpServerTool("s", "https://mcp.example/")] }, "HostedMcpServerTool");
        await Refused(new() { RawRepresentationFactory = _ => "request" }, "takes a ChatRequest");
        await Refused(new() { RawRepresentationFactory = _ => new ChatRequest { ChoiceCount = 2 } }, "one answer");
        await Refused(new() { AdditionalProperties = new() { ["f"] = (Action)(() => { }) } }, "AdditionalProperties[f] is a Action");
        await Refused(new() { AdditionalProperties = new() { ["strict"] = "yes" } }, "neither true nor false");
        await Refused(new() { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }) }, "ask again");
        // The core refuses a member that the request already contains.
        await Refused(
            new()
            {
                Temperature = 1,
                AdditionalProperties = new() { ["temperature"] = 0 },
            },
            "temperature"
        );

        static async Task Refused(ChatOptions options, string what) =>
            Assert.Contains(
                what,
                (await Assert.ThrowsAsync<ArgumentException>(() => SendAsync(Providers.OpenAI, options))).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public async Task HostedTools_AsExtraMember_AreSent()
    {
        string body = await SendAsync(
            Providers.Gemini,
            new ChatOptions
            {
                Tools = [AIFunctionFactory.CreateDeclaration("weather", null, CitySchema)],
                AdditionalProperties = new() { ["tools"] = (RawJson)"""[{"google_search":{}}]""" },
            }
        );

        Assert.Contains("{\"google_search\":{}}", body, StringComparison.Ordinal);
        Assert.Contains("\"weather\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("responses", """{"type":"web_search"},{"type":"code_interpreter","container":{"type":"auto"}}""")]
    [InlineData("anthropic", """{"type":"web_search_20250305","name":"web_search"}""")]
    [InlineData("gemini", """{"googleSearch":{}},{"codeExecution":{}}""")]
    public async Task HostedTools_OnSupportingWires_FollowFunctionsAndExtraTools(string wire, string expected)
    {
        var provider = wire switch
        {
            "responses" => Providers.OpenAIResponses,
            "anthropic" => Providers.Anthropic,
            _ => Providers.Gemini,
        };
        string body = await SendAsync(
            provider,
            new ChatOptions
            {
                Tools =
                    wire == "anthropic"
                        ? [new HostedWebSearchTool(), AIFunctionFactory.CreateDeclaration("weather", null, CitySchema)]
                        :
                        [
                            new HostedWebSearchTool(),
                            AIFunctionFactory.CreateDeclaration("weather", null, CitySchema),
                            new HostedCodeInterpreterTool(),
                        ],
                AdditionalProperties = new() { ["tools"] = (RawJson)"""[ {"own":1} ]""" },
            }
        );

        Assert.Contains("\"weather\"", body, StringComparison.Ordinal);
        Assert.EndsWith($$$""",{"own":1},{{{expected}}}]""", Member(body, "tools"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostedTools_WithProperties_SendThem()
    {
        string search = await SendAsync(
            Providers.Anthropic,
            new ChatOptions
            {
                Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["type"] = "web_search_20260209", ["max_uses"] = 2 })],
            }
        );
        string files = await SendAsync(
            Providers.OpenAIResponses,
            new ChatOptions
            {
                Tools = [new HostedFileSearchTool { Inputs = [new HostedVectorStoreContent("vs_1")], MaximumResultCount = 3 }],
            }
        );

        Assert.Equal("""[{"type":"web_search_20260209","name":"web_search","max_uses":2}]""", Member(search, "tools"));
        Assert.Equal("""[{"type":"file_search","vector_store_ids":["vs_1"],"max_num_results":3}]""", Member(files, "tools"));
    }

    [Fact]
    public async Task HostedTools_OnChainWithDifferentWires_AreRejected()
    {
        using var service = new TestService().Json(Answer);
        using var first = service.Client(Providers.OpenAIResponses);
        using var second = service.Client(Providers.Anthropic);
        using var chat = new FallbackChain([first, second]).AsChatClient();

        var e = await Assert.ThrowsAsync<ArgumentException>(() =>
            chat.GetResponseAsync("Hi", new ChatOptions { Tools = [new HostedWebSearchTool()] })
        );

        Assert.Contains("no common form of it", e.Message, StringComparison.Ordinal);
        Assert.Empty(service.Bodies);
    }

    [Fact]
    public async Task HostedTools_OnChainWithSameWire_AreSent()
    {
        using var service = new TestService().Json(AnswerOf(Providers.OpenAIResponses));
        using var first = service.Client(Providers.OpenAIResponses);
        using var second = service.Client(Providers.OpenAIResponses);
        using var chat = new FallbackChain([first, second]).AsChatClient();

        await chat.GetResponseAsync("Hi", new ChatOptions { Tools = [new HostedWebSearchTool()] });

        JsonAssert.Equal("""[{"type":"web_search"}]""", Member(service.Bodies[0], "tools"));
    }

    [Fact]
    public async Task HostedTools_WithExtraMemberInOtherCase_AreMergedIntoOneList()
    {
        string body = await SendAsync(
            Providers.OpenAIResponses,
            new ChatOptions
            {
                Tools = [new HostedWebSearchTool()],
                AdditionalProperties = new() { ["Tools"] = (RawJson)"""[{"type":"own"}]""" },
            }
        );

        JsonAssert.Equal("""[{"type":"own"},{"type":"web_search"}]""", Member(body, "tools"));
        Assert.DoesNotContain("\"Tools\"", body, StringComparison.Ordinal);
    }

    private static string Member(string body, string name)
    {
        using var read = JsonDocument.Parse(body);
        return read.RootElement.GetProperty(name).GetRawText();
    }

    [Fact]
    public async Task Tool_ProvidesToolDefinition_SendsIt()
    {
        var definition = new ToolDefinition("weather", "Own", """{"type":"object"}""") { Cache = PromptCache.FiveMinutes };

        string body = await SendAsync(Providers.Anthropic, new ChatOptions { Tools = [new DefinedTool(definition)] });

        Assert.Contains("\"cache_control\"", body, StringComparison.Ordinal);
    }

    private static string AnswerOf(Provider provider) =>
        provider.Protocol.Name switch
        {
            "anthropic" =>
                """{"id":"msg_2","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn"}""",
            "gemini" => """{"candidates":[{"content":{"parts":[{"text":"Yes."}],"role":"model"},"finishReason":"STOP","index":0}]}""",
            "ollama" => """{"model":"m","message":{"role":"assistant","content":"Yes."},"done":true,"done_reason":"stop"}""",
            "converse" => """{"output":{"message":{"role":"assistant","content":[{"text":"Yes."}]}},"stopReason":"end_turn"}""",
            "responses" =>
                """{"id":"r","object":"response","status":"completed","output":[{"id":"m","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Yes.","annotations":[]}]}]}""",
            _ => Answer,
        };

    private static async Task<string> SendAsync(Provider provider, ChatOptions options)
    {
        using var service = new TestService().Json(AnswerOf(provider));
        using var client = service.Client(provider);
        using var chat = client.AsChatClient();
        Assert.Equal("Yes.", (await chat.GetResponseAsync("Hi", options)).Text);
        return service.Bodies[0];
    }

    private sealed class DefinedTool(ToolDefinition definition) : AITool
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ToolDefinition) ? definition : base.GetService(serviceType, serviceKey);
    }

    private sealed class ChangingFunction : AIFunctionDeclaration
    {
        public override string Name => "changing";

        public override string Description => Text;

        public override JsonElement JsonSchema => Schema;

        public required string Text { get; set; }

        public required JsonElement Schema { get; set; }
    }
}
