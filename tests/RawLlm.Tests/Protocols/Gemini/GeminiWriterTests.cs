using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Gemini;

public sealed class GeminiWriterTests
{
    private const string Base = "https://generativelanguage.googleapis.com/v1beta/";

    private static WrittenRequest Write(ChatRequest request, bool stream = false, GeminiProtocol? protocol = null, string baseUrl = Base) =>
        WrittenRequest.Of(protocol ?? new GeminiProtocol(), request with { Model = request.Model ?? "gemini-3-flash" }, stream, baseUrl);

    [Fact]
    public void Request_TextAlone_HoldsOnlyContents()
    {
        var written = Write("Hello");

        Assert.Equal("""{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}""", written.Body);
        Assert.Equal(Base + "models/gemini-3-flash:generateContent", written.Url);
        Assert.Equal("application/json", written.Accept);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Request_Streamed_AsksForEvents()
    {
        var written = Write("Hello", stream: true);

        Assert.Equal(Base + "models/gemini-3-flash:streamGenerateContent?alt=sse", written.Url);
        Assert.Equal("text/event-stream", written.Accept);
    }

    [Theory]
    [InlineData("models/gemini-2.5-flash", "models/gemini-2.5-flash")]
    [InlineData("tunedModels/mine-1", "tunedModels/mine-1")]
    [InlineData("a/../b", "models/a%2F..%2Fb")]
    [InlineData("a?key=b#c", "models/a%3Fkey%3Db%23c")]
    [InlineData("a:b@c\\d e%2f", "models/a%3Ab%40c%5Cd%20e%252f")]
    [InlineData("a\r\nb", "models/a%0D%0Ab")]
    public void Request_AnyModelName_StaysOneSegment(string model, string path) =>
        Assert.Equal(Base + path + ":generateContent", Write(new ChatRequest { Model = model, Messages = [Message.User("x")] }).Url);

    [Theory]
    [InlineData("https://example.org", "https://example.org/v1beta/models/m:generateContent")]
    [InlineData("https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google", "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google/models/m:generateContent")]
    public void Request_BaseUrl_IsJoined(string baseUrl, string url) =>
        Assert.Equal(url, Write(new ChatRequest { Model = "m", Messages = [Message.User("x")] }, baseUrl: baseUrl).Url);

    [Fact]
    public void Request_WithoutModel_IsRefused() =>
        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new GeminiProtocol(), "Hello"));

    [Fact]
    public void Request_EverySetting_StandsInItsPlace()
    {
        var written = Write(new ChatRequest
        {
            // One of which nothing is known, and nothing left out.
            Model = "tunedModels/mine",
            System = "Be brief.",
            Messages = [Message.User("Hi"), Message.Assistant("Hello."), Message.User("Bye")],
            MaxTokens = 100,
            Temperature = 0.5,
            TopP = 0.9,
            Seed = 7,
            Stop = ["END", "STOP"],
            FrequencyPenalty = 0.25,
            PresencePenalty = -0.5,
            ChoiceCount = 2,
            TopLogProbs = 3,
            Thinking = new Thinking { Effort = ThinkingEffort.Low, Include = true },
            Format = ReplyFormat.Json,
        });

        JsonAssert.Equal("""
            {"systemInstruction":{"parts":[{"text":"Be brief."}]},
             "contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello."}]},{"role":"user","parts":[{"text":"Bye"}]}],
             "generationConfig":{"maxOutputTokens":100,"temperature":0.5,"topP":0.9,"seed":7,"stopSequences":["END","STOP"],"frequencyPenalty":0.25,
               "presencePenalty":-0.5,"candidateCount":2,"responseLogprobs":true,"logprobs":3,"responseMimeType":"application/json",
               "thinkingConfig":{"thinkingLevel":"low","includeThoughts":true}}}
            """, written.Body);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Request_WrittenTwice_GivesTheSameBytes()
    {
        var request = new ChatRequest { System = "s", Messages = [Message.User("x")], Tools = [Conversations.Weather], Extra = new Dictionary<string, RawJson> { ["safetySettings"] = "[]" } };

        Assert.Equal(Write(request).Body, Write(request).Body);
    }

    [Fact]
    public void Request_WhatTheWireCannotCarry_IsLeftOutWithAQuirk()
    {
        var written = Write(new ChatRequest
        {
            Messages = [Message.User("x") with { Name = "Ann" }],
            Tools = [Conversations.Weather],
            ParallelToolCalls = false,
            User = "u1",
        });

        Assert.Equal(
            [
                new Quirk(QuirkKind.LeftOut, "contents[].name"),
                new Quirk(QuirkKind.LeftOut, "parallel_tool_calls"),
                new Quirk(QuirkKind.LeftOut, "tools[].functionDeclarations[].strict"),
                new Quirk(QuirkKind.LeftOut, "user"),
            ],
            written.Quirks.OrderBy(quirk => quirk.Place, StringComparer.Ordinal));
        Assert.DoesNotContain("u1", written.Body);
    }

    [Fact]
    public void Tools_WithAndWithoutSchema_AreDeclared()
    {
        var written = Write(new ChatRequest
        {
            Messages = [Message.User("x")],
            Tools = [new("weather", "Tells.", """{"type":"object","properties":{"city":{"type":"string"}}}"""), new("now")],
        });

        JsonAssert.Equal("""
            {"tools":[{"functionDeclarations":[
               {"name":"weather","description":"Tells.","parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}}},
               {"name":"now"}]}],
             "contents":[{"role":"user","parts":[{"text":"x"}]}]}
            """, written.Body);
    }

    public static TheoryData<string, string> Choices => new()
    {
        { "auto", """{"mode":"AUTO"}""" },
        { "none", """{"mode":"NONE"}""" },
        { "required", """{"mode":"ANY"}""" },
        { "named", """{"mode":"ANY","allowedFunctionNames":["now"]}""" },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public void ToolChoice_EveryKind_HasItsMode(string kind, string config)
    {
        var choice = kind switch { "auto" => ToolChoice.Auto, "none" => ToolChoice.None, "required" => ToolChoice.Required, _ => ToolChoice.Named("now") };

        var written = Write(new ChatRequest { Messages = [Message.User("x")], Tools = [new("now")], ToolChoice = choice });

        JsonAssert.Equal($$$"""
            {"tools":[{"functionDeclarations":[{"name":"now"}]}],"toolConfig":{"functionCallingConfig":{{{config}}}},
             "contents":[{"role":"user","parts":[{"text":"x"}]}]}
            """, written.Body);
    }

    [Fact]
    public void ToolChoice_WithoutTools_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User("x")], ToolChoice = ToolChoice.Required }));

    [Fact]
    public void Format_Schema_GoesOutAsItIs()
    {
        var written = Write(Conversations.Structured);

        JsonAssert.Equal("""
            {"contents":[{"role":"user","parts":[{"text":"Name a city, as JSON."}]}],
             "generationConfig":{"responseMimeType":"application/json",
               "responseJsonSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}
            """, written.Body);
    }

    [Fact]
    public void Format_SchemaOfOlderModels_IsReducedToWhatTheyTake()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Format = ReplyFormat.JsonSchema("s", """
                    {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"required":["a"],
                     "properties":{
                       "a":{"type":["string","null"],"format":"uuid","description":"d"},
                       "b":{"$ref":"#/$defs/Point"},
                       "c":{"anyOf":[{"type":"integer","format":"int32"},{"type":"null"}]},
                       "d":{"const":"only"},
                       "e":{"type":"array","items":{"$ref":"#/$defs/Point"},"minItems":1,"uniqueItems":true},
                       "f":{"enum":["x","y",null]}},
                     "$defs":{"Point":{"type":"object","properties":{"x":{"type":"number"}}}}}
                    """),
                Tools = [new("f", null, """{"type":"object","properties":{"n":{"type":"integer","exclusiveMinimum":0}}}""")],
            },
            protocol: new GeminiProtocol { TakesJsonSchema = false });

        JsonAssert.Equal("""
            {"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}]}],
             "contents":[{"role":"user","parts":[{"text":"x"}]}],
             "generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"object","required":["a"],"properties":{
               "a":{"type":"string","nullable":true,"description":"d"},
               "b":{"type":"object","properties":{"x":{"type":"number"}}},
               "c":{"anyOf":[{"type":"integer","format":"int32"}],"nullable":true},
               "d":{"enum":["only"]},
               "e":{"type":"array","items":{"type":"object","properties":{"x":{"type":"number"}}},"minItems":1},
               "f":{"enum":["x","y"],"nullable":true}}}}}
            """, written.Body);
        Assert.Equal(
            [
                "generationConfig.responseSchema: additionalProperties",
                "generationConfig.responseSchema: format",
                "generationConfig.responseSchema: uniqueItems",
                "tools[].functionDeclarations[].parameters: exclusiveMinimum",
            ],
            written.Quirks.Where(quirk => quirk.Kind == QuirkKind.LeftOut).Select(quirk => quirk.Place).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$ref":"#/$defs/missing"}""")]
    [InlineData("""{"$ref":"https://example.org/schema"}""")]
    [InlineData("\"text\"")]
    public void Format_SchemaThatOlderModelsCannotTake_IsRefused(string schema) =>
        Assert.Throws<ArgumentException>(() => Write(
            new ChatRequest { Messages = [Message.User("x")], Format = ReplyFormat.JsonSchema("s", schema) },
            protocol: new GeminiProtocol { TakesJsonSchema = false }));

    public static TheoryData<string, string, string?> Thoughts => new()
    {
        { "gemini-2.5-flash", "off", """{"thinkingBudget":0}""" },
        { "models/gemini-2.5-pro", "low", """{"thinkingBudget":1024}""" },
        { "gemini-2.5-flash", "medium", """{"thinkingBudget":8192}""" },
        { "gemini-2.5-flash", "high", """{"thinkingBudget":24576}""" },
        { "gemini-3-flash", "off", """{"thinkingLevel":"minimal"}""" },
        { "gemini-2.5-pro", "off", """{"thinkingBudget":128}""" },
        { "gemini-2.5-pro-preview-06-05", "off", """{"thinkingBudget":128}""" },
        { "gemini-3-pro-preview", "off", """{"thinkingLevel":"low"}""" },
        { "gemini-3-pro-preview", "minimal", """{"thinkingLevel":"low"}""" },
        { "gemini-3-pro-preview", "medium", """{"thinkingLevel":"high"}""" },
        { "gemini-3-pro-preview", "low", """{"thinkingLevel":"low"}""" },
        { "gemini-3.1-pro-preview", "medium", """{"thinkingLevel":"medium"}""" },
        { "gemini-3.1-pro-preview", "off", """{"thinkingLevel":"low"}""" },
        { "gemini-3.7-flash", "minimal", """{"thinkingLevel":"low"}""" },
        { "gemini-3-flash", "minimal", """{"thinkingLevel":"minimal"}""" },
        { "gemini-3-flash", "medium", """{"thinkingLevel":"medium"}""" },
        { "gemini-2.5-flash", "xhigh", """{"thinkingBudget":24576}""" },
        { "gemini-3-flash", "xhigh", """{"thinkingLevel":"high"}""" },
        { "gemini-3-flash", "max", """{"thinkingLevel":"high"}""" },
        { "gemini-3-flash", "budget", """{"thinkingBudget":500}""" },
        { "gemini-3-flash", "show", """{"includeThoughts":true}""" },
        { "gemini-3-flash", "nothing", null },
    };

    [Theory]
    [MemberData(nameof(Thoughts))]
    public void Thinking_ByModel_IsANumberOrALevel(string model, string how, string? config)
    {
        var thinking = how switch
        {
            "off" => Thinking.Off,
            "low" => Thinking.Low,
            "medium" => Thinking.Medium,
            "high" => Thinking.High,
            "xhigh" => Thinking.ExtraHigh,
            "max" => new Thinking { Effort = ThinkingEffort.Max },
            "minimal" => new Thinking { Effort = ThinkingEffort.Minimal },
            "budget" => Thinking.Budget(500),
            "show" => new Thinking { Include = true },
            _ => new Thinking(),
        };

        var written = Write(new ChatRequest { Model = model, Messages = [Message.User("x")], Thinking = thinking });

        JsonAssert.Equal(
            config is null
                ? """{"contents":[{"role":"user","parts":[{"text":"x"}]}]}"""
                : $$$"""{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"thinkingConfig":{{{config}}}}}""",
            written.Body);
        bool isAdapted = how switch
        {
            "off" => model != "gemini-2.5-flash",
            "xhigh" => model != "gemini-2.5-flash",
            "max" => true,
            "minimal" => model != "gemini-3-flash",
            "medium" => model == "gemini-3-pro-preview",
            _ => false,
        };
        Assert.Equal(isAdapted, written.Quirks.Any(quirk => quirk.Kind == QuirkKind.Adapted));
    }

    [Fact]
    public void Question_OfWhichNothingIsLeft_SaysSo()
    {
        var written = Write(new ChatRequest { Messages = [Message.User(""), Message.Assistant("Yes?"), Message.User(new TextPart(""), new TextPart("Why?"))] });

        JsonAssert.Equal("""
            {"contents":[{"role":"user","parts":[{"text":"(empty)"}]},{"role":"model","parts":[{"text":"Yes?"}]},{"role":"user","parts":[{"text":"Why?"}]}]}
            """, written.Body);
        Assert.Equal("Adapted at contents[].parts[]", Assert.Single(written.Quirks).ToString());
    }

    [Fact]
    public void Parts_OfAKnownTypeAtAnAddress_SayIt()
    {
        var written = Write(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("https://example.org/cat"), "image/webp"), new FilePart(new Uri("https://example.org/a.txt"), "application/pdf"))] });

        JsonAssert.Equal("""
            {"contents":[{"role":"user","parts":[
              {"fileData":{"mimeType":"image/webp","fileUri":"https://example.org/cat"}},
              {"fileData":{"mimeType":"application/pdf","fileUri":"https://example.org/a.txt"}}]}]}
            """, written.Body);
    }

    [Fact]
    public void Parts_ImagesAndFiles_AreInlineOrByAddress()
    {
        var written = Write(new ChatRequest
        {
            Messages =
            [
                Message.User(
                    new TextPart("Compare."),
                    new ImagePart(Conversations.Picture, "image/png"),
                    new ImagePart(new Uri("https://example.org/cat.jpg?size=1")),
                    new ImagePart(new Uri("data:image/gif;base64,R0lGODlh")),
                    new FilePart(new byte[] { 1, 2, 3 }, "application/pdf"),
                    new FilePart("https://generativelanguage.googleapis.com/v1beta/files/abc"),
                    new FilePart(new Uri("gs://bucket/a.mp4"))),
            ],
        });

        JsonAssert.Equal("""
            {"contents":[{"role":"user","parts":[
              {"text":"Compare."},
              {"inlineData":{"mimeType":"image/png","data":"iVBORw=="}},
              {"fileData":{"mimeType":"image/jpeg","fileUri":"https://example.org/cat.jpg?size=1"}},
              {"inlineData":{"mimeType":"image/gif","data":"R0lGODlh"}},
              {"inlineData":{"mimeType":"application/pdf","data":"AQID"}},
              {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}},
              {"fileData":{"mimeType":"video/mp4","fileUri":"gs://bucket/a.mp4"}}]}]}
            """, written.Body);
    }

    [Fact]
    public void Answer_OfWhichNothingIsLeft_IsLeftOutWithAQuirk()
    {
        var written = Write(new ChatRequest
        {
            Messages =
            [
                Message.User("x"),
                new Message(Role.Assistant, [new ReasoningPart("Hm."), new OpaquePart(new WireData("responses", "{}")), new RefusalPart("")]),
                Message.Assistant(""),
                Message.User("y"),
            ],
        });

        JsonAssert.Equal("""{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"user","parts":[{"text":"y"}]}]}""", written.Body);
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "contents[]"), written.Quirks);
    }

    [Theory]
    [InlineData("""[{"functionDeclarations":[{"name":"f"}]}]""", true)]
    [InlineData("""[{"googleSearch":{}},{"function_declarations":[{"name":"f"}]}]""", true)]
    [InlineData("""[{"googleSearch":{"functionDeclarations":1}}]""", false)]
    public void ToolChoice_WithToolsOfTheCallersOwn_IsSentWhereTheyHoldFunctions(string tools, bool isSent)
    {
        var written = Write(new ChatRequest { Messages = [Message.User("x")], ToolChoice = ToolChoice.Required, Extra = new Dictionary<string, RawJson> { ["tools"] = tools } });

        string config = isSent ? ""","toolConfig":{"functionCallingConfig":{"mode":"ANY"}}""" : "";
        JsonAssert.Equal($$"""{"tools":{{tools}}{{config}},"contents":[{"role":"user","parts":[{"text":"x"}]}]}""", written.Body);
        Assert.Equal(isSent ? [] : [new Quirk(QuirkKind.LeftOut, "toolConfig.functionCallingConfig")], written.Quirks);
    }

    [Fact]
    public void Parts_ImageOnThisMachine_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("file:///a.png")))] }));

    [Fact]
    public void ToolResults_OfOneTurn_AreOneContentWithTheNamesOfTheCalls()
    {
        var first = new ToolCall("a1", "weather", """{"city": "Rome"}""");
        var second = new ToolCall("k3j4", "now", "{}");

        var written = Write(new ChatRequest
        {
            Messages =
            [
                Message.User("Go"),
                new Message(Role.Assistant,
                [
                    new ToolCallPart(first) { WireData = new WireData("gemini", """{"functionCall":{"id":"a1"},"thoughtSignature":"c2ln"}""") },
                    new ToolCallPart(second),
                ]),
                new Message(Role.Tool, [new ToolResultPart("a1", """{"degrees":18}""")]),
                new Message(Role.Tool, [new ToolResultPart("k3j4", "no clock") { IsError = true }]),
                Message.User("And?"),
            ],
        });

        JsonAssert.Equal("""
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[
                {"functionCall":{"name":"weather","args":{"city":"Rome"},"id":"a1"},"thoughtSignature":"c2ln"},
                {"functionCall":{"name":"now","args":{}}}]},
              {"role":"user","parts":[
                {"functionResponse":{"id":"a1","name":"weather","response":{"degrees":18}}},
                {"functionResponse":{"name":"now","response":{"error":"no clock"}}}]},
              {"role":"user","parts":[{"text":"And?"}]}]}
            """, written.Body);
        Assert.Empty(written.Quirks);
    }

    [Theory]
    [InlineData("18 degrees", """{"output":"18 degrees"}""")]
    [InlineData("[1,2]", """{"output":"[1,2]"}""")]
    [InlineData("{broken", """{"output":"{broken"}""")]
    [InlineData("", """{"output":""}""")]
    [InlineData(""" {"a" : 1} """, """{"a":1}""")]
    public void ToolResult_AnyText_IsAnObjectOnTheWire(string text, string response)
    {
        var written = Write(new ChatRequest { Messages = [new Message(Role.Tool, [new ToolResultPart("x", text) { Name = "f" }])] });

        JsonAssert.Equal($$$"""{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{{{response}}}}}]}]}""", written.Body);
    }

    [Fact]
    public void ToolResult_WithAPicture_CarriesItBeside()
    {
        var written = Write(new ChatRequest
        {
            Messages = [new Message(Role.Tool, [new ToolResultPart("x", [new TextPart("Here."), new ImagePart(Conversations.Picture, "image/png")]) { Name = "draw" }])],
        });

        JsonAssert.Equal("""
            {"contents":[{"role":"user","parts":[{"functionResponse":{"name":"draw","response":{"output":"Here."},
              "parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}}]}}]}]}
            """, written.Body);
    }

    [Theory]
    [InlineData("gemini-2.0-flash", """{"temperature":0.5,"topP":0.9,"frequencyPenalty":0.25,"presencePenalty":0.5}""", 0)]
    [InlineData("gemini-2.5-flash", """{"temperature":0.5,"topP":0.9}""", 2)]
    [InlineData("models/gemini-3.5-flash", """{"temperature":0.5,"topP":0.9}""", 2)]
    [InlineData("gemini-3.5-flash-lite", "{}", 4)]
    [InlineData("models/gemini-3.8-flash", "{}", 4)]
    [InlineData("tunedModels/mine", """{"temperature":0.5,"topP":0.9,"frequencyPenalty":0.25,"presencePenalty":0.5}""", 0)]
    public void Sampling_ThatAModelRefusesOrPassesOver_IsLeftOutWithAQuirk(string model, string config, int quirks)
    {
        var written = Write(new ChatRequest { Model = model, Messages = [Message.User("Go")], Temperature = 0.5, TopP = 0.9, FrequencyPenalty = 0.25, PresencePenalty = 0.5 });

        JsonAssert.Equal(config == "{}" ? """{"contents":[{"role":"user","parts":[{"text":"Go"}]}]}""" : $$"""{"contents":[{"role":"user","parts":[{"text":"Go"}]}],"generationConfig":{{config}}}""", written.Body);
        Assert.Equal(quirks, written.Quirks.Count(quirk => quirk.Kind == QuirkKind.LeftOut));
    }

    [Fact]
    public void Sampling_AsTheModelHasItAnyway_IsLeftOutWithoutAWord()
    {
        var written = Write(new ChatRequest { Model = "gemini-3.7-flash", Messages = [Message.User("Go")], Temperature = 1, TopP = 0.95, FrequencyPenalty = 0, PresencePenalty = 0 });

        JsonAssert.Equal("""{"contents":[{"role":"user","parts":[{"text":"Go"}]}]}""", written.Body);
        Assert.Empty(written.Quirks);
    }

    // "function_response.parts is not supported for this model", and beside the results the service counts them as results.
    [Fact]
    public void ToolResults_WithPicturesForAnOlderModel_HandThemOverBehindAllResults()
    {
        var draw = new ToolCall("a", "draw", "{}");
        var now = new ToolCall("b", "now", "{}");
        var written = Write(new ChatRequest
        {
            Model = "gemini-2.5-flash-lite",
            Messages =
            [
                Message.User("Go"),
                new Message(Role.Assistant, [new ToolCallPart(draw), new ToolCallPart(now)]),
                new Message(Role.Tool, [new ToolResultPart("a", [new TextPart("Here."), new ImagePart(Conversations.Picture, "image/png")])]),
                Message.ToolResult(now, "12:00"),
                Message.User("And?"),
            ],
        });

        JsonAssert.Equal("""
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[{"functionCall":{"name":"draw","args":{}}},{"functionCall":{"name":"now","args":{}}}]},
              {"role":"user","parts":[
                {"functionResponse":{"name":"draw","response":{"output":"Here."}}},
                {"functionResponse":{"name":"now","response":{"output":"12:00"}}}]},
              {"role":"user","parts":[{"text":"Of the result of draw:"},{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}}]},
              {"role":"user","parts":[{"text":"And?"}]}]}
            """, written.Body);
        Assert.Equal([new Quirk(QuirkKind.Adapted, "contents[].parts[].functionResponse.parts")], written.Quirks);
    }

    // "Requests ending with a model turn are not supported.", says the service of results that share their content.
    [Fact]
    public void ToolResults_BesideATextOfTheUser_StandInAContentOfTheirOwn()
    {
        var call = new ToolCall("a", "f", "{}");
        var written = Write(new ChatRequest
        {
            Messages =
            [
                Message.User("Go"),
                new Message(Role.Assistant, [new ToolCallPart(call)]),
                Message.User(new TextPart("By the way:"), new ToolResultPart("a", "1"), new TextPart("is it one?")),
                new Message(Role.Assistant, [new ToolCallPart(call)]),
                Message.User(new ToolResultPart("a", "2"), new TextPart("")),
            ],
        }, protocol: new GeminiProtocol { ForeignCallSignature = null });

        JsonAssert.Equal("""
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}}]},
              {"role":"user","parts":[{"text":"By the way:"},{"text":"is it one?"}]},
              {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"2"}}}]}]}
            """, written.Body);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void ToolResult_InAMessageOfTheModel_IsRefused()
    {
        var message = new Message(Role.Assistant, [new TextPart("Done."), new ToolResultPart("a", "1") { Name = "f" }]);

        var e = Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User("Go"), message] }));

        Assert.Contains("a message of the model", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ToolResult_InAMessageWithAName_LosesTheNameWithAQuirk(bool isUser)
    {
        var result = new ToolResultPart("a", "1") { Name = "f" };

        var written = Write(new ChatRequest { Messages = [new Message(isUser ? Role.User : Role.Tool, isUser ? [result, new TextPart("And?")] : [result]) { Name = "x" }] });

        Assert.Equal([new Quirk(QuirkKind.LeftOut, "contents[].name")], written.Quirks);
    }

    [Theory]
    [InlineData("""{"functionCall":{"id":"a1"}}""", true)]
    [InlineData("""{"functionCall":{"id":"a1"},"thoughtSignature":"c2ln"}""", false)]
    public void Call_OfTheServiceWithoutASignature_IsSignedAsThoseOfOthersAre(string data, bool isSigned)
    {
        var written = Write(new ChatRequest
        {
            Model = "gemini-3-flash",
            Messages = [Message.User("Go"), new Message(Role.Assistant, [new ToolCallPart(new ToolCall("a1", "f", "{}")) { WireData = new WireData("gemini", data) }])],
        });

        Assert.Equal(isSigned, written.Body.Contains("c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", StringComparison.Ordinal));
        Assert.Contains("\"id\":\"a1\"", written.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void ToolResult_WithoutAnyName_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [new Message(Role.Tool, [new ToolResultPart("x", "y")])] }));

        Assert.Contains("ToolResultPart.Name", e.Message);
    }

    [Fact]
    public void Conversation_OfAnotherWire_LosesWhatOnlyThatWireUnderstands()
    {
        var written = Write(new ChatRequest
        {
            Messages =
            [
                Message.User("Go"),
                new Message(Role.Assistant,
                [
                    new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                    new OpaquePart(new WireData("anthropic", """{"type":"redacted_thinking"}""")),
                    new TextPart("I look."),
                    new ToolCallPart(new ToolCall("toolu_1", "f", """{"a":1}""")),
                    new ToolCallPart(new ToolCall("toolu_2", "g", "")),
                ]),
                Message.ToolResult(new ToolCall("toolu_1", "f", "{}"), "1"),
            ],
        });

        JsonAssert.Equal("""
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[
                {"text":"I look."},
                {"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="},
                {"functionCall":{"name":"g","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}}]}]}
            """, written.Body);
        Assert.Equal(
            [new Quirk(QuirkKind.LeftOut, "contents[].parts[]"), new Quirk(QuirkKind.Adapted, "contents[].parts[].thoughtSignature")],
            written.Quirks);
    }

    [Fact]
    public void Call_OfAnotherModel_IsNotSignedForModelsThatDoNotAsk()
    {
        var request = new ChatRequest { Model = "gemini-2.5-flash", Messages = [Message.User("Go"), new Message(Role.Assistant, [new ToolCallPart(new ToolCall("x", "f", "{}"))])] };

        Assert.DoesNotContain("thoughtSignature", Write(request).Body);
        Assert.DoesNotContain("thoughtSignature", Write(request with { Model = "gemini-3-flash" }, protocol: new GeminiProtocol { ForeignCallSignature = null }).Body);
    }

    [Theory]
    [InlineData("{\"a\":", false)]
    [InlineData("[1]", true)]
    [InlineData("null", true)]
    [InlineData("\"x\"", true)]
    public void Call_WhoseArgumentsAreNoObject_IsSentInOneAndKeepsItsResult(string arguments, bool isComplete)
    {
        var call = new ToolCall("x", "f", arguments) { IsComplete = isComplete };
        var written = Write(new ChatRequest
        {
            Model = "gemini-2.5-flash",
            Messages = [Message.User("Go"), new Message(Role.Assistant, [new TextPart("I"), new ToolCallPart(call)]), Message.ToolResult(call, "It was cut off.")],
        });

        JsonAssert.Equal(
            $$"""
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[{"text":"I"},{"functionCall":{"name":"f","args":{"INVALID_JSON":{{System.Text.Json.JsonSerializer.Serialize(arguments)}} } } }]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"It was cut off."} } }]}]}
            """, written.Body);
        Assert.Equal([new Quirk(QuirkKind.Adapted, "contents[].parts[].functionCall.args")], written.Quirks);
    }

    [Fact]
    public void Instructions_InTheConversation_GoToTheirOnePlace()
    {
        var written = Write(new ChatRequest { System = "A", Messages = [Message.System("B"), Message.User("x"), Message.System("C")] });

        JsonAssert.Equal("""
            {"systemInstruction":{"parts":[{"text":"A"},{"text":"B"},{"text":"C"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}
            """, written.Body);
        Assert.Equal([new Quirk(QuirkKind.Adapted, "contents[].role")], written.Quirks);
    }

    [Fact]
    public void Instructions_Alone_AreRefused() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { System = "A" }));

    [Fact]
    public void Extra_OfItsOwn_IsJoinedWithWhatTheRequestSays()
    {
        var written = Write(new ChatRequest
        {
            Messages = [Message.User("x")],
            Temperature = 1,
            Tools = [new("now")],
            ToolChoice = ToolChoice.Auto,
            Extra = new Dictionary<string, RawJson>
            {
                ["safetySettings"] = """[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]""",
                ["generationConfig"] = """{"topK":40,"responseModalities":["TEXT"]}""",
                ["tools"] = """[{"googleSearch":{}},{"codeExecution":{}}]""",
                ["tool_config"] = """{"includeServerSideToolInvocations":true}""",
                ["cachedContent"] = "\"cachedContents/1\"",
            },
        });

        JsonAssert.Equal("""
            {"tools":[{"functionDeclarations":[{"name":"now"}]},{"googleSearch":{}},{"codeExecution":{}}],
             "toolConfig":{"functionCallingConfig":{"mode":"AUTO"},"includeServerSideToolInvocations":true},
             "contents":[{"role":"user","parts":[{"text":"x"}]}],
             "generationConfig":{"temperature":1,"topK":40,"responseModalities":["TEXT"]},
             "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
             "cachedContent":"cachedContents/1"}
            """, written.Body);
    }

    [Fact]
    public void Extra_Alone_MakesItsPlace()
    {
        var written = Write(new ChatRequest
        {
            Messages = [Message.User("x")],
            Extra = new Dictionary<string, RawJson> { ["generationConfig"] = """{"topK":40}""", ["tools"] = """[{"googleSearch":{}}]""" },
        });

        JsonAssert.Equal("""{"tools":[{"googleSearch":{}}],"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"topK":40}}""", written.Body);
    }

    [Theory]
    [InlineData("contents", "[]")]
    [InlineData("model", "\"x\"")]
    [InlineData("system_instruction", "{}")]
    [InlineData("generationConfig", """{"temperature":0}""")]
    [InlineData("generation_config", """{"max_output_tokens":1}""")]
    [InlineData("toolConfig", """{"functionCallingConfig":{}}""")]
    [InlineData("tools", "{}")]
    [InlineData("generationConfig", "[]")]
    public void Extra_ThatNamesWhatIsSaid_IsRefused(string name, string value) =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest
        {
            System = "s",
            Messages = [Message.User("x")],
            Temperature = 1,
            MaxTokens = 5,
            Tools = [new("now")],
            ToolChoice = ToolChoice.Auto,
            Extra = new Dictionary<string, RawJson> { [name] = value },
        }));

    [Theory]
    [InlineData("generationConfig", """{"topK":1,"top_k":2}""", "top_k")]
    [InlineData("toolConfig", """{"retrievalConfig":{},"retrievalConfig":{}}""", "retrievalConfig")]
    public void Extra_ThatNamesAMemberTwiceInItself_IsRefused(string name, string value, string member)
    {
        var e = Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User("x")], Extra = new Dictionary<string, RawJson> { [name] = value } }));

        Assert.Contains($"'{name}' contains '{member}' twice", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_Request_AsksForOnePage()
    {
        using var wire = new WireRequest { BaseUrl = new Uri(Base), Method = "GET" };

        Assert.True(new GeminiProtocol().WriteModelsRequest(wire));

        Assert.Equal(Base + "models?pageSize=1000", wire.Url!.AbsoluteUri);
    }

    [Theory]
    [InlineData(true, """{"generateContentRequest":{"model":"models/gemini-3-flash","systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}}""")]
    [InlineData(false, """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}""")]
    public void Count_Request_HoldsTheWholeRequest(bool wraps, string body)
    {
        using var wire = new WireRequest { BaseUrl = new Uri(Base) };

        Assert.True(new GeminiProtocol { WrapsCountedRequest = wraps }.WriteCountRequest(new ChatRequest { Model = "gemini-3-flash", System = "s", Messages = [Message.User("x")] }, wire));

        Assert.Equal(Base + "models/gemini-3-flash:countTokens", wire.Url!.AbsoluteUri);
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(wire.Body.Span));
    }

    [Theory]
    [InlineData("""{"totalTokens":31,"cachedContentTokenCount":4}""", 31L)]
    [InlineData("""{"promptTokensDetails":[{"totalTokens":1}],"totalTokens":0}""", 0L)]
    [InlineData("""{"totalTokens":"31"}""", null)]
    [InlineData("{}", null)]
    [InlineData("[]", null)]
    [InlineData("<html>", null)]
    public void Count_Answer_IsTheTotal(string body, long? count) =>
        Assert.Equal(count, new GeminiProtocol().ReadCount(System.Text.Encoding.UTF8.GetBytes(body)));
}
