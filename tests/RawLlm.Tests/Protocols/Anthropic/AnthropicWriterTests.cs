using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Requests as the Messages wire carries them.</summary>
public sealed class AnthropicWriterTests
{
    private static readonly ToolDefinition Weather = new("get_weather", "Tells the weather.", """{"type":"object","properties":{"city":{"type":"string"}}}""");

    [Fact]
    public void Question_WithoutALimit_IsSentWithTheDialectsLimit() =>
        AssertBody(ChatRequest.Ask("Why?"), """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""");

    [Fact]
    public void Question_WithSettings_SendsThoseThatTheWireKnows() => AssertBody(
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
            Extra = new Dictionary<string, RawJson> { ["top_k"] = "5" },
        },
        """{"model":"m","max_tokens":100,"system":"Be brief.","messages":[{"role":"user","content":"Why?"}],"temperature":0.5,"top_p":0.9,"stop_sequences":["END","\n"],"metadata":{"user_id":"u1"},"stream":true,"top_k":5}""",
        stream: true,
        quirks: "LeftOut at seed; LeftOut at frequency_penalty; LeftOut at presence_penalty; LeftOut at logprobs; LeftOut at n");

    [Fact]
    public void System_WithACacheMarkOrSeveralTexts_IsBlocks() => AssertBody(
        new ChatRequest
        {
            System = "One.",
            Messages = [new Message(Role.System, [new TextPart("Two.") { Cache = PromptCache.OneHour }]), Message.User("Why?")],
        },
        """{"model":"m","max_tokens":4096,"system":[{"type":"text","text":"One."},{"type":"text","text":"Two.","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"Why?"}]}""");

    [Fact]
    public void System_AsTheOnlyMessageOfItsKind_IsText() =>
        AssertBody(new ChatRequest { Messages = [Message.System("One."), Message.User("Why?")] }, """{"model":"m","max_tokens":4096,"system":"One.","messages":[{"role":"user","content":"Why?"}]}""");

    [Fact]
    public void System_InTheMiddleOfTheConversation_IsMovedUpWithAQuirk() => AssertBody(
        new ChatRequest { Messages = [Message.User("Why?"), Message.System("Be brief."), Message.User("How?")] },
        """{"model":"m","max_tokens":4096,"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Why?"},{"type":"text","text":"How?"}]}]}""",
        quirks: "Adapted at system");

    [Fact]
    public void CacheMarks_OnPartsAndFunctions_AreSentWithTheirTime() => AssertBody(
        new ChatRequest
        {
            Messages = [Message.User(new TextPart("Long.") { Cache = PromptCache.FiveMinutes }, new ImagePart(new Uri("https://example.org/a.png")) { Cache = PromptCache.OneHour })],
            Tools = [Weather with { Cache = PromptCache.OneHour }],
        },
        """
        {"model":"m","max_tokens":4096,
         "messages":[{"role":"user","content":[
           {"type":"text","text":"Long.","cache_control":{"type":"ephemeral"}},
           {"type":"image","source":{"type":"url","url":"https://example.org/a.png"},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}],
         "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}
        """);

    [Fact]
    public void CacheMarks_WhereTheServiceTakesNone_AreLeftOutWithAQuirk() => AssertBody(
        new ChatRequest { Messages = [Message.User(new TextPart("Long.") { Cache = PromptCache.FiveMinutes })] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Long."}]}]}""",
        new AnthropicProtocol { TakesCacheMarks = false },
        quirks: "LeftOut at messages[].content[].cache_control");

    [Fact]
    public void CacheMarks_BeyondFour_AreTheLastFour() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                new Message(Role.System, [new TextPart("S") { Cache = PromptCache.OneHour }]),
                Message.User(new TextPart("q1") { Cache = PromptCache.FiveMinutes }, new TextPart("q2") { Cache = PromptCache.FiveMinutes }),
                Message.Assistant("a"),
                Message.User(new TextPart("q3") { Cache = PromptCache.FiveMinutes }),
                Message.Assistant("b"),
                Message.ToolResults(new ToolResultPart("t1", [new TextPart("r") { Cache = PromptCache.FiveMinutes }]) { Cache = PromptCache.FiveMinutes }),
            ],
            Tools = [Weather with { Cache = PromptCache.OneHour }],
        },
        """
        {"model":"m","max_tokens":4096,"system":[{"type":"text","text":"S"}],
         "messages":[
           {"role":"user","content":[{"type":"text","text":"q1"},{"type":"text","text":"q2","cache_control":{"type":"ephemeral"}}]},
           {"role":"assistant","content":"a"},
           {"role":"user","content":[{"type":"text","text":"q3","cache_control":{"type":"ephemeral"}}]},
           {"role":"assistant","content":"b"},
           {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r","cache_control":{"type":"ephemeral"}}],"cache_control":{"type":"ephemeral"}}]}],
         "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}
        """,
        quirks: "LeftOut at messages[].content[].cache_control; LeftOut at tools[].cache_control");

    [Theory]
    [InlineData("", true, "\"content\":\"(failed)\",\"is_error\":true", "Adapted at messages[].content[].content")]
    [InlineData(" ", true, "\"content\":\"(failed)\",\"is_error\":true", "Adapted at messages[].content[].content")]
    [InlineData("No.", true, "\"content\":\"No.\",\"is_error\":true", "")]
    [InlineData("", false, "\"content\":\"\"", "")]
    public void Result_ThatFailedWithoutWords_IsGivenSome(string text, bool isError, string expected, string quirks) => AssertBody(
        new ChatRequest { Messages = [Message.ToolResults(new ToolResultPart("t1", text) { IsError = isError })], Tools = [new ToolDefinition("a")] },
        $$"""{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",{{expected}} }]}],"tools":[{"name":"a","input_schema":{"type":"object","properties":{} } }]}""",
        quirks: quirks);

    [Fact]
    public void PicturesAndDocuments_InEveryForm_AreSent() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                Message.User(
                    new ImagePart(new byte[] { 1, 2, 3 }, "image/png"),
                    new ImagePart(new Uri("data:image/gif;base64,AQID")),
                    new FilePart(new byte[] { 1, 2, 3 }, "application/pdf", "a.pdf"),
                    new FilePart(Encoding.UTF8.GetBytes("héllo"), "text/plain"),
                    new FilePart(new Uri("https://example.org/b.pdf")),
                    new FilePart("file_1"),
                    new FilePart(new byte[] { 1, 2, 3 }, "image/webp")),
            ],
        },
        """
        {"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[
          {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}},
          {"type":"image","source":{"type":"base64","media_type":"image/gif","data":"AQID"}},
          {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AQID"},"title":"a.pdf"},
          {"type":"document","source":{"type":"text","media_type":"text/plain","data":"héllo"}},
          {"type":"document","source":{"type":"url","url":"https://example.org/b.pdf"}},
          {"type":"document","source":{"type":"file","file_id":"file_1"}},
          {"type":"image","source":{"type":"base64","media_type":"image/webp","data":"AQID"}}]}]}
        """);

    [Fact]
    public void File_OfATypeThatTheWireCannotCarry_IsRefusedBeforeSending()
    {
        var e = Assert.Throws<ArgumentException>(() => Body(new ChatRequest { Messages = [Message.User(new FilePart(new byte[] { 1 }, "audio/wav"))] }));
        Assert.Contains("audio/wav", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data:image/png,abc")]
    [InlineData("data:;base64,abc")]
    public void DataAddress_WithoutTypeOrBase64_IsRefusedBeforeSending(string url) =>
        Assert.Throws<ArgumentException>(() => Body(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri(url)))] }));

    [Fact]
    public void Results_OfOneTurn_AreOneMessageWithTheResultsFirst() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                Message.User("Weather?"),
                new Message(Role.Assistant, [new ToolCallPart(new("t1", "get_weather", """{"city": "Paris"}""")), new ToolCallPart(new("t2", "get_weather", ""))]),
                Message.ToolResult(new("t1", "get_weather", "{}"), "18 degrees"),
                Message.ToolResults(new ToolResultPart("t2", [new TextPart("No city."), new ImagePart(new byte[] { 1, 2, 3 }, "image/png")]) { IsError = true, Cache = PromptCache.FiveMinutes }),
                Message.User("Go on."),
            ],
            Tools = [Weather],
        },
        """
        {"model":"m","max_tokens":4096,"messages":[
          {"role":"user","content":"Weather?"},
          {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}},{"type":"tool_use","id":"t2","name":"get_weather","input":{}}]},
          {"role":"user","content":[
            {"type":"tool_result","tool_use_id":"t1","content":"18 degrees"},
            {"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"No city."},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}],"is_error":true,"cache_control":{"type":"ephemeral"}},
            {"type":"text","text":"Go on."}]}],
         "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}
        """);

    [Fact]
    public void Results_BehindText_AreMovedToTheFrontWithAQuirk() => AssertBody(
        new ChatRequest { Messages = [Message.User(new TextPart("Here:"), new ToolResultPart("t1", "18"))] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"},{"type":"text","text":"Here:"}]}]}""",
        quirks: "Adapted at messages[].content[]");

    [Theory]
    [InlineData("{\"city\":")]
    [InlineData("[1]")]
    [InlineData("\"Paris\"")]
    public void Call_WhoseArgumentsAreNoObject_IsSentInOneWithAQuirk(string arguments)
    {
        using var wire = Write(new ChatRequest { Messages = [new Message(Role.Assistant, [new ToolCallPart(new("t1", "a", arguments) { IsComplete = false })])], Tools = [new ToolDefinition("a")] });
        var input = System.Text.Json.Nodes.JsonNode.Parse(wire.Body.Span)!["messages"]![0]!["content"]![0]!["input"]!;
        Assert.Equal(arguments, (string?)input["INVALID_JSON"]);
        Assert.Equal(QuirkKind.Adapted, Assert.Single(wire.Quirks).Kind);
    }

    [Fact]
    public void Thoughts_WithAndWithoutSignature_GoBackWithItOnly() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                new Message(Role.Assistant,
                [
                    new ReasoningPart("Hm.") { WireData = new("anthropic", """{"signature":"a\/b=="}""") },
                    new ReasoningPart("Of another service.") { WireData = new("openrouter", """{"reasoning_details":[]}""") },
                    new ReasoningPart("Unsigned."),
                    new OpaquePart(new("anthropic", """{ "type" : "redacted_thinking", "data":"E=="}""")),
                    new OpaquePart(new("responses", """{"type":"reasoning"}""")),
                    new TextPart("Yes.") { WireData = new("anthropic", """{"citations":[{"cited_text":"x"}]}""") },
                    new TextPart("\n\n"),
                    new RefusalPart("No."),
                ]),
            ],
        },
        """
        {"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[
          {"type":"thinking","thinking":"Hm.","signature":"a\/b=="},
          {"type":"redacted_thinking","data":"E=="},
          {"type":"text","text":"Yes.","citations":[{"cited_text":"x"}]},
          {"type":"text","text":"No."}]}]}
        """,
        quirks: "LeftOut at messages[].content[]; Adapted at messages[].content[]");

    [Fact]
    public void Thoughts_ThatGoBack_KeepTheirBytes()
    {
        using var wire = Write(new ChatRequest { Messages = [new Message(Role.Assistant, [new OpaquePart(new("anthropic", """{ "type" : "redacted_thinking", "data":"E\/=="}""")), new TextPart("So.")])] });
        Assert.Contains("""[{ "type" : "redacted_thinking", "data":"E\/=="},""", Encoding.UTF8.GetString(wire.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Thoughts_WhereTheServerChecksNoSignature_GoBackUnsigned() => AssertBody(
        new ChatRequest { Messages = [new Message(Role.Assistant, [new ReasoningPart("Hm."), new TextPart("Yes.")])] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":""},{"type":"text","text":"Yes."}]}]}""",
        new AnthropicProtocol { ReturnsUnsignedThinking = true });

    public static TheoryData<string, string> ToolChoices => new()
    {
        { "auto", """{"type":"auto"}""" },
        { "none", """{"type":"none"}""" },
        { "required", """{"type":"any"}""" },
        { "named", """{"type":"tool","name":"get_weather"}""" },
        { "one", """{"type":"auto","disable_parallel_tool_use":true}""" },
        { "required one", """{"type":"any","disable_parallel_tool_use":true}""" },
        { "none one", """{"type":"none"}""" },
        { "several", """{"type":"auto","disable_parallel_tool_use":false}""" },
    };

    [Theory]
    [MemberData(nameof(ToolChoices))]
    public void ToolChoice_OfEveryKind_IsSent(string asked, string expected)
    {
        var request = ChatRequest.Ask("Why?") with
        {
            Tools = [new ToolDefinition("get_weather")],
            ToolChoice = asked.Split(' ')[0] switch
            {
                "auto" => ToolChoice.Auto,
                "none" => ToolChoice.None,
                "required" => ToolChoice.Required,
                "named" => ToolChoice.Named("get_weather"),
                _ => null,
            },
            ParallelToolCalls = asked.Contains("one", StringComparison.Ordinal) && asked is not "none" ? false : asked == "several" ? true : null,
        };
        AssertBody(request, $$$"""{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{} }}],"tool_choice":{{{expected}}}}""");
    }

    [Fact]
    public void ToolChoice_ThatAsksForAFunctionWhereThereIsNone_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Body(ChatRequest.Ask("Why?") with { ToolChoice = ToolChoice.Required }));

    [Fact]
    public void Functions_StrictAndOfTheService_AreSent() => AssertBody(
        ChatRequest.Ask("Why?") with { Tools = [new ToolDefinition("a") { Strict = true }] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"a","input_schema":{"type":"object","properties":{},"additionalProperties":false},"strict":true},{"type":"web_search_20250305","name":"web_search","max_uses":2}]}""",
        new AnthropicProtocol { ServerTools = ["""{"type":"web_search_20250305","name":"web_search","max_uses":2}"""] });

    [Fact]
    public void Extra_OfTools_FollowsFunctionsAndThoseOfTheService() => AssertBody(
        ChatRequest.Ask("Why?") with { Tools = [new ToolDefinition("a")], Extra = new Dictionary<string, RawJson> { ["tools"] = """[{"type":"web_fetch_20250910","name":"web_fetch"}]""", ["x"] = "1" } },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"a","input_schema":{"type":"object","properties":{}}},{"type":"web_search_20250305","name":"web_search"},{"type":"web_fetch_20250910","name":"web_fetch"}],"x":1}""",
        new AnthropicProtocol { ServerTools = ["""{"type":"web_search_20250305","name":"web_search"}"""] });

    public static TheoryData<string, string, string, string> Thoughts => new()
    {
        { "AsAsked", "budget 2000", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", "" },
        { "AsAsked", "low", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\"}", "" },
        { "AsAsked", "max", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"max\"}", "" },
        { "AsAsked", "extraHigh", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\"}", "Adapted at output_config.effort" },
        { "AsAsked", "minimal", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\"}", "Adapted at output_config.effort" },
        { "AsAsked", "high hidden", "\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"},\"output_config\":{\"effort\":\"high\"}", "" },
        { "AsAsked", "high shown", "\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},\"output_config\":{\"effort\":\"high\"}", "" },
        { "AsAsked", "low budget 2000", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},\"output_config\":{\"effort\":\"low\"}", "" },
        { "AsAsked", "none", "\"thinking\":{\"type\":\"disabled\"}", "" },
        { "AsAsked", "shown", "", "LeftOut at thinking.display" },
        { "Budget", "medium", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":8192}", "Adapted at thinking.budget_tokens" },
        { "Budget", "low budget 2000", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", "LeftOut at output_config.effort" },
        { "Effort", "budget 2000", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"medium\"}", "Adapted at output_config.effort" },
        { "None", "high", "", "LeftOut at thinking" },
    };

    [Theory]
    [MemberData(nameof(Thoughts))]
    public void Thinking_InEveryForm_IsAskedFor(string dialect, string asked, string expected, string quirks)
    {
        string[] words = asked.Split(' ');
        var thinking = new Thinking
        {
            Effort = Enum.TryParse<ThinkingEffort>(words[0], ignoreCase: true, out var effort) ? effort : null,
            BudgetTokens = words.Contains("budget") ? int.Parse(words[^1], System.Globalization.CultureInfo.InvariantCulture) : null,
            Include = words.Contains("shown") ? true : words.Contains("hidden") ? false : null,
        };
        int budget = expected.Contains("2000", StringComparison.Ordinal) ? 2000
            : expected.Contains("8192", StringComparison.Ordinal) || expected.Contains("medium", StringComparison.Ordinal) ? 8192
            : expected.Contains("low", StringComparison.Ordinal) ? 1024
            : expected.Contains("high", StringComparison.Ordinal) ? 24576
            : expected.Contains("max", StringComparison.Ordinal) ? 32000 : 0;
        string rest = expected.Length > 0 ? "," + expected : "";
        AssertBody(
            ChatRequest.Ask("Why?") with { Thinking = thinking },
            $$$"""{"model":"m","max_tokens":{{{4096 + budget}}},"messages":[{"role":"user","content":"Why?"}]{{{rest}}}}""",
            new AnthropicProtocol { Thinking = Enum.Parse<AnthropicThinking>(dialect) },
            quirks: quirks);
    }

    [Fact]
    public void Thinking_WithATemperature_LeavesTheTemperatureOutWithAQuirk() => AssertBody(
        ChatRequest.Ask("Why?") with { Thinking = Thinking.Low, Temperature = 0.2, TopP = 0.5, MaxTokens = 9 },
        """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}""",
        quirks: "LeftOut at temperature; LeftOut at top_p");

    [Fact]
    public void Thinking_WithWhatItAllows_SendsIt() => AssertBody(
        ChatRequest.Ask("Why?") with { Thinking = Thinking.Low, Temperature = 1, TopP = 0.95 },
        """{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"low"},"temperature":1,"top_p":0.95}""");

    [Fact]
    public void Schema_AndAnEffort_AreSentSideBySide() => AssertBody(
        ChatRequest.Ask("Why?") with { Thinking = Thinking.Low, Format = ReplyFormat.JsonSchema("city", """{"type":"object"}""") },
        """{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}}""",
        quirks: "Adapted at output_config.format.schema");

    [Fact]
    public void Schema_InTheFormOf2025_IsAMemberOfItsOwn()
    {
        var protocol = new AnthropicProtocol { Format = AnthropicFormat.OutputFormat, Betas = ["structured-outputs-2025-11-13", "files-api-2025-04-14"] };
        using var wire = Write(ChatRequest.Ask("Why?") with { Format = ReplyFormat.JsonSchema("city", """{"type":"object"}""") }, protocol);
        JsonAssert.Equal("""{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"output_format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}""", Encoding.UTF8.GetString(wire.Body.Span));
        Assert.Contains(new("anthropic-beta", "structured-outputs-2025-11-13,files-api-2025-04-14"), wire.Headers);
    }

    [Fact]
    public void Format_ThatTheWireDoesNotKnow_IsLeftOutWithAQuirk()
    {
        const string Plain = """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""";
        AssertBody(ChatRequest.Ask("Why?") with { Format = ReplyFormat.Json }, Plain, quirks: "LeftOut at output_config.format");
        AssertBody(ChatRequest.Ask("Why?") with { Format = ReplyFormat.JsonSchema("a", "{}") }, Plain, new AnthropicProtocol { Format = AnthropicFormat.None }, quirks: "LeftOut at output_config.format");
        AssertBody(ChatRequest.Ask("Why?") with { Format = ReplyFormat.Text }, Plain);
    }

    [Fact]
    public void Body_ForAServiceThatNamesTheModelInItsAddress_NamesTheVersionInstead()
    {
        using var wire = Write(ChatRequest.Ask("Why?"), new AnthropicProtocol { BodyVersion = "bedrock-2023-05-31", WritesStream = false }, stream: true);
        JsonAssert.Equal("""{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""", Encoding.UTF8.GetString(wire.Body.Span));
        Assert.Empty(wire.Headers);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("Messages")]
    [InlineData("max_tokens")]
    [InlineData("stream")]
    public void Extra_ThatNamesWhatTheRequestSays_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => Body(ChatRequest.Ask("Why?") with { Extra = new Dictionary<string, RawJson> { [name] = "1" } }));

    [Theory]
    [InlineData("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1/messages/count_tokens")]
    [InlineData("http://localhost:8080", "http://localhost:8080/v1/messages", "http://localhost:8080/v1/messages/count_tokens")]
    [InlineData("http://localhost:8000/api/v1", "http://localhost:8000/api/v1/messages", "http://localhost:8000/api/v1/messages/count_tokens")]
    [InlineData("https://example.org/anthropic/v1/messages", "https://example.org/anthropic/v1/messages", "https://example.org/anthropic/v1/messages/count_tokens")]
    public void Address_OfEveryBase_LeadsToTheMessages(string baseUrl, string messages, string count)
    {
        using var wire = new WireRequest { BaseUrl = new(baseUrl) };
        new AnthropicProtocol().WriteRequest(ChatRequest.Ask("Why?"), stream: false, wire);
        Assert.Equal(messages, wire.Url!.AbsoluteUri);
        using var counting = new WireRequest { BaseUrl = new(baseUrl) };
        Assert.True(new AnthropicProtocol().WriteCountRequest(ChatRequest.Ask("Why?"), counting));
        Assert.Equal(count, counting.Url!.AbsoluteUri);
    }

    [Theory]
    [InlineData("""{"input_tokens":14}""", 14L)]
    [InlineData("""{"context_management":{"input_tokens":1},"input_tokens":14}""", 14L)]
    [InlineData("""{"input_tokens":"14"}""", null)]
    [InlineData("""{"input_tokens":-1}""", null)]
    [InlineData("""{"tokens":14}""", null)]
    [InlineData("""[14]""", null)]
    [InlineData("""<html>""", null)]
    [InlineData("", null)]
    public void Count_OfEveryBody_IsReadOrRefused(string body, long? expected) =>
        Assert.Equal(expected, new AnthropicProtocol().ReadCount(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void SameRequest_WrittenTwice_GivesTheSameBytes()
    {
        var request = new ChatRequest { System = "s", Messages = [Message.User("Why?")], Tools = [Weather], Thinking = Thinking.Low };
        Assert.Equal(Body(request), Body(request));
    }

    [Fact]
    public void Ids_OfOtherServices_AreGivenTheSameFormInCallAndResult()
    {
        using var wire = Write(new ChatRequest { Messages = [new(Role.Assistant, [Call("functions.get_weather:0"), Call("call_1")]), Message.ToolResults(new ToolResultPart("functions.get_weather:0", "18"), new ToolResultPart("call_1", "19"))], Tools = [Weather] });
        var (calls, results) = Ids(wire);
        Assert.Equal(calls, results);
        Assert.Matches("^id_[0-9a-f]{24}$", calls[0]);
        Assert.Equal("call_1", calls[1]);
        Assert.Equal("Adapted at messages[].content[].id", string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void Ids_ThatComeAgain_AreDistinctAndFoundByTheirResults()
    {
        List<Message> messages = [];
        for (int i = 0; i < 50; i++)
            messages.AddRange([Message.User("Weather?"), new(Role.Assistant, [Call("0"), Call("id-" + i)]), Message.ToolResults(new ToolResultPart("id-" + i, "19"), new ToolResultPart("0", "18"))]);
        using var wire = Write(new ChatRequest { Messages = messages, Tools = [Weather] });
        var (calls, results) = Ids(wire);
        Assert.Equal(100, calls.Distinct().Count());
        Assert.Equal("0", calls[0]);
        for (int i = 0; i < 100; i += 2)
            Assert.Equal([calls[i], calls[i + 1]], [results[i + 1], results[i]]);
    }

    [Fact]
    public void Id_ThatIsEmpty_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [new(Role.Assistant, [Call("")])] }));

    [Fact]
    public void Answer_OfWhichNothingIsLeft_IsLeftOutAndTheUsersMessagesAreOne() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                Message.Assistant(" \n"),
                Message.User("Why?"),
                new(Role.Assistant, [new ReasoningPart("Hm."), new OpaquePart(new WireData("responses", "{}")), new TextPart("")]),
                Message.Assistant(""),
                Message.User("How?"),
                new(Role.Assistant, []),
            ],
        },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Why?"},{"type":"text","text":"How?"}]}]}""",
        quirks: "LeftOut at messages[]");

    [Fact]
    public void Answer_ThatIsEmptyBesideAnother_LeavesTheOther() => AssertBody(
        new ChatRequest { Messages = [Message.User("Why?"), Message.Assistant(""), Message.Assistant("So."), Message.Assistant(" "), Message.User("How?")] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So."},{"role":"user","content":"How?"}]}""",
        quirks: "LeftOut at messages[]");

    // "The final block in an assistant message cannot be `thinking`." (2026)
    [Theory]
    [InlineData("signed", "user", "LeftOut at messages[]")]
    [InlineData("redacted", "user", "LeftOut at messages[]")]
    [InlineData("hidden", "user", "LeftOut at messages[]")]
    [InlineData("signed blank", "user", "LeftOut at messages[]")]
    [InlineData("signed, user, text", "user [text] user", "LeftOut at messages[]")]
    [InlineData("text, signed", "user [text] user", "LeftOut at messages[]")]
    [InlineData("text signed", "user [text] user", "LeftOut at messages[].content[]")]
    [InlineData("text signed redacted hidden", "user [text] user", "LeftOut at messages[].content[]")]
    [InlineData("signed text redacted", "user [thinking text] user", "LeftOut at messages[].content[]")]
    [InlineData("text signed, text hidden", "user [text thinking text] user", "LeftOut at messages[].content[]")]
    [InlineData("signed call", "user [thinking tool_use] user", "")]
    [InlineData("signed, call", "user [thinking tool_use] user", "")]
    [InlineData("signed, redacted, system, text", "user [thinking redacted_thinking text] user", "Adapted at system")]
    public void Turn_ThatEndsInAThought_GoesBackWithoutIt(string messages, string expected, string quirks)
    {
        static Part PartOf(string word) => word switch
        {
            "signed" => new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
            "redacted" => new OpaquePart(new WireData("anthropic", """{"data":"E==","type":"redacted_thinking"}""")),
            "hidden" => new OpaquePart(new WireData("anthropic", """{"type":"thinking","thinking":"","signature":"s"}""")),
            "blank" => new TextPart("\n\n"),
            "call" => Call("t1"),
            _ => new TextPart("So."),
        };
        static Message MessageOf(string words) => words switch
        {
            "user" => Message.User("How?"),
            "system" => Message.System("Be brief."),
            _ => new Message(Role.Assistant, [.. words.Split(' ').Select(PartOf)]),
        };
        using var wire = Write(new ChatRequest { Messages = [Message.User("Why?"), .. messages.Split(", ").Select(MessageOf), Message.User("Go on.")], Tools = [Weather] });

        Assert.Equal(expected, Turns(wire));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void Citations_ThatNameFiles_GoBackWithoutThem() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                new Message(Role.Assistant,
                [
                    new TextPart("a") { WireData = new("anthropic", """{"caller":{"file_id":"f"},"citations":[{"type":"page_location","file_id":null,"cited_text":"\"file_id\""},{"cited_text":"x"},7]}""") },
                    new TextPart("b") { WireData = new("anthropic", """{"citations":[{"cited_text":"\"file_id\""}]}""") },
                ]),
            ],
        },
        """
        {"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[
          {"type":"text","text":"a","caller":{"file_id":"f"},"citations":[{"type":"page_location","cited_text":"\"file_id\""},{"cited_text":"x"},7]},
          {"type":"text","text":"b","citations":[{"cited_text":"\"file_id\""}]}]}]}
        """);

    [Fact]
    public void Citations_OfAFile_GoBackWithoutItWithAQuirk() => AssertBody(
        new ChatRequest { Messages = [new Message(Role.Assistant, [new TextPart("a") { WireData = new("anthropic", """{"citations":[{"cited_text":"x","file_id":"file_1"}]}""") }])] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[{"type":"text","text":"a","citations":[{"cited_text":"x"}]}]}]}""",
        quirks: "LeftOut at messages[].content[].citations[].file_id");

    // "compaction.content: content cannot be empty" (2026)
    [Theory]
    [InlineData("""{"type":"compaction","content":null}""")]
    [InlineData("""{"content":"","type":"compaction"}""")]
    [InlineData("""{"type":"compaction"}""")]
    public void Summary_ThatIsEmpty_IsLeftOut(string block)
    {
        Part summary = new OpaquePart(new WireData("anthropic", block));
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), new(Role.Assistant, [summary, new TextPart("b")]), Message.User("c")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}""",
            quirks: "LeftOut at messages[].content[]");
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), new(Role.Assistant, [summary]), Message.User("c")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"c"}]}]}""",
            quirks: "LeftOut at messages[]");
        AssertBody(
            new ChatRequest { Messages = [Message.User(summary)] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"(empty)"}]}]}""",
            quirks: "Adapted at messages[].content[]; LeftOut at messages[].content[]");
    }

    [Fact]
    public void Summary_OfACompaction_GoesBack() => Assert.Contains(
        """[{"type":"compaction","content":"s"}]""",
        Body(new ChatRequest { Messages = [Message.User("a"), new(Role.Assistant, [new OpaquePart(new WireData("anthropic", """{"type":"compaction","content":"s"}"""))])] }),
        StringComparison.Ordinal);

    // "`web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block" (2026)
    [Theory]
    [InlineData("text s1, user", "[text] user", "LeftOut at messages[].content[]")]
    [InlineData("text m1, user", "[text] user", "LeftOut at messages[].content[]")]
    [InlineData("signed s1, user", "user", "LeftOut at messages[]")]
    [InlineData("signed text signed s1, user", "[thinking text] user", "LeftOut at messages[].content[]")]
    [InlineData("s1 f1 s2 text, user", "[server_tool_use web_search_tool_result text] user", "LeftOut at messages[].content[]")]
    [InlineData("s1, f1 text, user", "[server_tool_use web_search_tool_result text] user", "")]
    [InlineData("s1 call, result, user", "[tool_use] user", "LeftOut at messages[].content[]")]
    [InlineData("s1 call, result", "[server_tool_use tool_use] user", "")]
    [InlineData("s1 call, result, f1 text, user", "[server_tool_use tool_use] user [web_search_tool_result text] user", "")]
    [InlineData("text s1", "[text server_tool_use]", "")]
    public void ServerCall_WithoutItsResult_IsLeftOutOnceTheUserGoesOn(string messages, string expected, string quirks)
    {
        static OpaquePart Block(string type, string member, string id) => new(new WireData("anthropic", $$"""{"type":"{{type}}","{{member}}":"{{id}}","name":"x"}"""));
        static Part PartOf(string word) => word switch
        {
            "signed" => new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
            "s1" or "s2" => Block("server_tool_use", "id", word),
            "m1" => Block("mcp_tool_use", "id", word),
            "f1" => Block("web_search_tool_result", "tool_use_id", "s1"),
            "call" => Call("t1"),
            _ => new TextPart("So."),
        };
        static Message MessageOf(string words) => words switch
        {
            "user" => Message.User("How?"),
            "result" => Message.ToolResults(new ToolResultPart("t1", "18")),
            _ => new Message(Role.Assistant, [.. words.Split(' ').Select(PartOf)]),
        };
        using var wire = Write(new ChatRequest { Messages = [Message.User("Why?"), .. messages.Split(", ").Select(MessageOf)], Tools = [Weather] });

        Assert.Equal(expected == "user" ? expected : $"user {expected}", Turns(wire));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    // An answer of nothing but thoughts is no turn, whether it is the last or not: models of 2026 refuse to go on with an answer.
    [Fact]
    public void LastTurn_OfThoughtsAlone_IsNone() => AssertBody(
        new ChatRequest { Messages = [Message.User("Why?"), new Message(Role.Assistant, [new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") }])] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""",
        quirks: "LeftOut at messages[]");

    // A thought that does not go out is none that a call needs before it.
    [Fact]
    public void Thinking_WhereTheOnlyThoughtIsBehindTheCall_IsLeftOut() => AssertBody(
        new ChatRequest
        {
            Messages = [Message.User("Weather?"), new(Role.Assistant, [Call("t1"), new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") }]), Message.ToolResults(new ToolResultPart("t1", "18"))],
            Tools = [new ToolDefinition("get_weather")],
            Thinking = Thinking.Budget(2000),
        },
        """
        {"model":"m","max_tokens":4096,"messages":[
          {"role":"user","content":"Weather?"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"}]}],
          "tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{}}}]}
        """,
        quirks: "LeftOut at thinking; LeftOut at messages[].content[]");

    // A block is a thought by its type, and not by what it is about.
    [Fact]
    public void Thinking_WhereOnlyASearchIsAboutIt_IsLeftOut()
    {
        Part[] said =
        [
            new OpaquePart(new WireData("anthropic", """{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"design thinking"}}""")),
            new OpaquePart(new WireData("anthropic", """{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","title":"Redacted_thinking"}]}""")),
            Call("t1"),
        ];
        var request = new ChatRequest { Messages = [Message.User("Weather?"), new(Role.Assistant, said), Message.ToolResults(new ToolResultPart("t1", "18"))], Tools = [new ToolDefinition("get_weather")], Thinking = Thinking.Budget(2000) };

        Assert.DoesNotContain("\"thinking\":{", Body(request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Thinking_BesideAForcedFunction_LeavesTheChoiceToTheModel(bool isNamed)
    {
        var request = ChatRequest.Ask("Why?") with { Tools = [new ToolDefinition("a")], ToolChoice = isNamed ? ToolChoice.Named("a") : ToolChoice.Required, ParallelToolCalls = false };
        const string Tools = "\"tools\":[{\"name\":\"a\",\"input_schema\":{\"type\":\"object\",\"properties\":{}}}],\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}";
        AssertBody(
            request with { Thinking = Thinking.Budget(2000) },
            $$$"""{"model":"m","max_tokens":6096,"messages":[{"role":"user","content":"Why?"}],{{{Tools}}},"thinking":{"type":"enabled","budget_tokens":2000}}""",
            quirks: "Adapted at tool_choice");
        AssertBody(
            request with { Thinking = Thinking.Low },
            $$$"""{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"Why?"}],{{{Tools}}},"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}""",
            quirks: "Adapted at tool_choice");
    }

    [Theory]
    [InlineData(8193, 8192)]
    [InlineData(8192, 4096)]
    [InlineData(2100, 1050)]
    [InlineData(1500, 1024)]
    [InlineData(1025, 1024)]
    public void Thinking_ChosenFromAnEffort_StaysBelowTheLimit(int maxTokens, int budget) => AssertBody(
        ChatRequest.Ask("Why?") with { Thinking = Thinking.Medium, MaxTokens = maxTokens },
        $$$"""{"model":"m","max_tokens":{{{maxTokens}}},"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"enabled","budget_tokens":{{{budget}}}}}""",
        new AnthropicProtocol { Thinking = AnthropicThinking.Budget },
        quirks: "Adapted at thinking.budget_tokens");

    [Fact]
    public void Thinking_ForWhichTheLimitHasNoRoom_IsLeftOutWithAQuirk() => AssertBody(
        ChatRequest.Ask("Why?") with { Thinking = Thinking.Low, MaxTokens = 1024, Temperature = 0.5 },
        """{"model":"m","max_tokens":1024,"messages":[{"role":"user","content":"Why?"}],"temperature":0.5}""",
        new AnthropicProtocol { Thinking = AnthropicThinking.Budget },
        quirks: "LeftOut at thinking");

    public static TheoryData<string, Part?, bool> CallsBeforeThinking => new()
    {
        { "none", null, false },
        { "of another service", new ReasoningPart("Hm.") { WireData = new WireData("responses", "{}") }, false },
        { "signed", new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") }, true },
        { "redacted", new OpaquePart(new WireData("anthropic", """{"type":"redacted_thinking","data":"E=="}""")), true },
        { "not shown", new OpaquePart(new WireData("anthropic", """{"type":"thinking","thinking":"","signature":"s"}""")), true },
    };

    [Theory]
    [MemberData(nameof(CallsBeforeThinking))]
    public void Thinking_WhileACallIsUnderWay_IsAskedForOnlyBehindThoughtsOfItsOwn(string thought, Part? part, bool isAsked)
    {
        Assert.NotEmpty(thought);
        Part[] thoughts = part is null ? [] : [part];
        var request = new ChatRequest { Messages = [Message.User("Weather?"), new(Role.Assistant, [.. thoughts, Call("t1")]), Message.ToolResults(new ToolResultPart("t1", "18"))], Tools = [Weather], Thinking = Thinking.Budget(2000) };
        using var wire = Write(request);
        string body = Encoding.UTF8.GetString(wire.Body.Span);
        Assert.Equal(isAsked, body.Contains("\"thinking\":{\"type\":\"enabled\"", StringComparison.Ordinal));
        Assert.Equal(!isAsked, wire.Quirks.Contains(new Quirk(QuirkKind.LeftOut, "thinking")));
        using var effort = Write(request with { Thinking = Thinking.Low });
        Assert.Contains("\"adaptive\"", Encoding.UTF8.GetString(effort.Body.Span), StringComparison.Ordinal);
        using var later = Write(request with { Messages = [.. request.Messages, Message.Assistant("18."), Message.User("And now?")] });
        Assert.Contains("\"enabled\"", Encoding.UTF8.GetString(later.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Tools_MissingAfterACall_AreMadeFromTheConversationAndForbidden() => AssertBody(
        new ChatRequest { Messages = [new(Role.Assistant, [Call("t1"), Call("t2")]), Message.ToolResults(new ToolResultPart("t1", "18"), new ToolResultPart("t2", "18"))] },
        """
        {"model":"m","max_tokens":4096,"messages":[
          {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}},{"type":"tool_use","id":"t2","name":"get_weather","input":{"city":"Paris"}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"},{"type":"tool_result","tool_use_id":"t2","content":"18"}]}],
         "tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"none"}}
        """,
        quirks: "Adapted at tools");

    [Fact]
    public void Question_OfWhichNothingIsLeft_SaysSo() => AssertBody(
        new ChatRequest { Messages = [Message.User(" \n"), Message.Assistant("Yes?"), Message.User(new TextPart(""), new TextPart(" ")), Message.Assistant("Well?"), Message.User("")] },
        """
        {"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"(empty)"},{"role":"assistant","content":"Yes?"},
          {"role":"user","content":[{"type":"text","text":"(empty)"}]},{"role":"assistant","content":"Well?"},{"role":"user","content":"(empty)"}]}
        """,
        quirks: "Adapted at messages[].content[]; Adapted at messages[].content[].text");

    [Fact]
    public void Question_OfWhichSomethingIsLeft_IsThat() => AssertBody(
        new ChatRequest { Messages = [Message.User(" "), Message.User("Why?")] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Why?"}]}]}""",
        quirks: "Adapted at messages[].content[].text");

    [Fact]
    public void DataAddress_WithParameters_GivesItsTypeAlone() => AssertBody(
        new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("data:image/png;charset=x;base64,AQID")))] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]}]}""");

    [Theory]
    [InlineData("pictures/a.png")]
    [InlineData("file:///a.png")]
    public void Address_ThatTheServiceCannotOpen_IsRefusedBeforeSending(string url)
    {
        Assert.Throws<ArgumentException>(() => Body(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri(url, UriKind.RelativeOrAbsolute)))] }));
        Assert.Throws<ArgumentException>(() => Body(new ChatRequest { Messages = [Message.User(new FilePart(new Uri(url, UriKind.RelativeOrAbsolute)))] }));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("vertex-2023-10-16", null, false)]
    [InlineData("vertex-2023-10-16", true, true)]
    [InlineData(null, false, false)]
    public void Address_WhereTheServiceOpensNone_IsRefusedBeforeSending(string? version, bool? takes, bool isTaken)
    {
        var protocol = new AnthropicProtocol { BodyVersion = version };
        if (takes is { } value)
            protocol = protocol with { TakesUrls = value };
        var request = new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("https://example.org/a.png")))] };
        Assert.Equal(isTaken, protocol.TakesUrls);
        if (isTaken)
            Write(request, protocol).Dispose();
        else
            Assert.Contains("Pass the bytes", Assert.Throws<ArgumentException>(() => Write(request, protocol)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_OfTextThatIsNotUtf8_IsNoted() => AssertBody(
        new ChatRequest { Messages = [Message.User(new FilePart(new byte[] { (byte)'h', 0xE9 }, "text/plain"))] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"h\uFFFD"}}]}]}""",
        quirks: "Adapted at messages[].content[].source.data");

    [Fact]
    public void Container_OfTheLatestAnswerThatNamesOne_GoesBackAboveTheConversation() => AssertBody(
        new ChatRequest
        {
            Messages =
            [
                Message.User("a"),
                new Message(Role.Assistant, [new TextPart("b"), Container("container_1")]),
                Message.User("c"),
                new Message(Role.Assistant, [Container("container_2"), new TextPart("d")]),
                Message.User("e"),
                new Message(Role.Assistant, [new TextPart("f")]),
                Message.User("g"),
            ],
        },
        """
        {"model":"m","max_tokens":4096,"messages":[
          {"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"},
          {"role":"user","content":"e"},{"role":"assistant","content":"f"},{"role":"user","content":"g"}],"container":"container_2"}
        """);

    [Fact]
    public void Container_InAnAnswerThatSaysNothingElse_LeavesNoEmptyMessage() => AssertBody(
        new ChatRequest { Messages = [Message.User("a"), new Message(Role.Assistant, [Container("container_1")]), Message.User("b")] },
        """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"container":"container_1"}""",
        quirks: "LeftOut at messages[]");

    [Theory]
    [InlineData("container")]
    [InlineData("Container")]
    public void Container_ThatTheCallerSets_IsTheCallers(string name)
    {
        string body = Body(new ChatRequest { Messages = [Message.User("a"), new Message(Role.Assistant, [new TextPart("b"), Container("container_1")]), Message.User("c")], Extra = new Dictionary<string, RawJson> { [name] = """{"skills":[]}""" } });

        Assert.Contains($"\"{name}\":{{\"skills\":[]}}", body, StringComparison.Ordinal);
        Assert.DoesNotContain("container_1", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Container_WhereTheServiceRunsNoCode_IsLeftOutWithAQuirk() => AssertBody(
        new ChatRequest { Messages = [Message.User("a"), new Message(Role.Assistant, [new TextPart("b"), Container("container_1")]), Message.User("c")] },
        """{"anthropic_version":"vertex-2023-10-16","max_tokens":4096,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]}""",
        new AnthropicProtocol { BodyVersion = "vertex-2023-10-16" },
        quirks: "LeftOut at container");

    [Fact]
    public void Container_OfAnAnswer_ComesBackWithTheNextRequest()
    {
        byte[] answer = """{"id":"m1","type":"message","role":"assistant","model":"x","content":[{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{},"caller":{"type":"code_execution_20250825","tool_id":"srvtoolu_1"}}],"stop_reason":"tool_use","container":{"expires_at":"2026-11-21T12:00:00Z","id":"container_1"}}"""u8.ToArray();
        var reply = Support.Decoded.Whole(new AnthropicProtocol(), answer).Reply;
        var request = new ChatRequest { Messages = [Message.User("a"), reply.Choices[0].Message, Message.ToolResult(reply.ToolCalls[0], "1")], Tools = [Weather] };

        Assert.EndsWith(",\"container\":\"container_1\"}", Body(request), StringComparison.Ordinal);
        using var other = new WireRequest { BaseUrl = new("https://example.org/v1/") };
        new ChatCompletionsProtocol().WriteRequest(request with { Model = "m" }, stream: false, other);
        Assert.DoesNotContain("container", Encoding.UTF8.GetString(other.Body.Span), StringComparison.Ordinal);
    }

    private static OpaquePart Container(string id) => new(new("anthropic", RawJson.Parse($$$"""{"container":{"id":"{{{id}}}","expires_at":"2026-11-21T12:00:00Z"}}""")));

    private static ToolCallPart Call(string id) => new(new ToolCall(id, "get_weather", """{"city":"Paris"}"""));

    // "user" for one of the user's, and the types of the blocks of one of the model's.
    private static string Turns(WireRequest wire)
    {
        static string Blocks(System.Text.Json.Nodes.JsonNode content) => content is System.Text.Json.Nodes.JsonArray blocks ? string.Join(' ', blocks.Select(block => (string)block!["type"]!)) : "text";
        var turns = System.Text.Json.Nodes.JsonNode.Parse(wire.Body.Span)!["messages"]!.AsArray();
        return string.Join(' ', turns.Select(turn => (string)turn!["role"]! == "user" ? "user" : $"[{Blocks(turn["content"]!)}]"));
    }

    private static (List<string> Calls, List<string> Results) Ids(WireRequest wire)
    {
        List<string> calls = [];
        List<string> results = [];
        foreach (var message in System.Text.Json.Nodes.JsonNode.Parse(wire.Body.Span)!["messages"]!.AsArray())
        {
            if (message!["content"] is not System.Text.Json.Nodes.JsonArray content)
                continue;
            foreach (var block in content)
            {
                if (block!["id"] is { } id)
                    calls.Add((string)id!);
                if (block["tool_use_id"] is { } answered)
                    results.Add((string)answered!);
            }
        }
        return (calls, results);
    }

    // Anthropic (2026): what stood before the last fallback was declined. Its block, the words and the service's own finished calls go back.
    [Fact]
    public void Fallback_BetweenModels_LeavesOutWhatTheFirstThoughtAndCalled()
    {
        static OpaquePart Block(string json) => new(new WireData("anthropic", json));
        const string Fallback = """{"type":"fallback","from":{"model":"a"},"to":{"model":"b"}}""";
        const string Search = """{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}""";
        const string Found = """{"type":"web_search_tool_result","tool_use_id":"s1","content":[]}""";
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Hi"),
                    Message.Assistant(
                        new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                        new TextPart("So."),
                        Block(Search), Block(Found), Block("""{"type":"server_tool_use","id":"s2","name":"web_search","input":{}}"""),
                        Block("""{"type":"redacted_thinking","data":"E=="}"""),
                        new ToolCallPart(new ToolCall("A", "f", "{}")),
                        Block(Fallback),
                        new ToolCallPart(new ToolCall("B", "f", "{}"))),
                    new Message(Role.Tool, [new ToolResultPart("A", "no"), new ToolResultPart("B", "yes")]),
                ],
                Tools = [new ToolDefinition("f")],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"text","text":"So."},"""
                + Search + "," + Found + "," + Fallback
                + """,{"type":"tool_use","id":"B","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"B","content":"yes"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}""",
            quirks: "LeftOut at messages[].content[]");
    }

    private static void AssertBody(ChatRequest request, string expected, AnthropicProtocol? protocol = null, bool stream = false, string quirks = "")
    {
        using var wire = Write(request, protocol, stream);
        JsonAssert.Equal(expected, Encoding.UTF8.GetString(wire.Body.Span));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    private static string Body(ChatRequest request)
    {
        using var wire = Write(request);
        return Encoding.UTF8.GetString(wire.Body.Span);
    }

    private static WireRequest Write(ChatRequest request, AnthropicProtocol? protocol = null, bool stream = false)
    {
        var wire = new WireRequest { BaseUrl = new("https://api.anthropic.com/v1/") };
        (protocol ?? new AnthropicProtocol()).WriteRequest(request with { Model = "m" }, stream, wire);
        return wire;
    }
}
