using RawLlm.Protocols;
using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Gemini.GeminiRequests;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Tools, tool calls and tool results on the Gemini wire.</summary>
public sealed class GeminiToolTests
{
    [Fact]
    public void Tools_WithAndWithoutSchema_AreDeclared()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Tools = [new("weather", "Tells.", """{"type":"object","properties":{"city":{"type":"string"}}}"""), new("now")],
            }
        );

        JsonAssert.Equal(
            """
            {"tools":[{"functionDeclarations":[
               {"name":"weather","description":"Tells.","parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}}},
               {"name":"now"}]}],
             "contents":[{"role":"user","parts":[{"text":"x"}]}]}
            """,
            written.Body
        );
    }

    public static TheoryData<string, string> Choices =>
        new()
        {
            { "auto", """{"mode":"AUTO"}""" },
            { "none", """{"mode":"NONE"}""" },
            { "required", """{"mode":"ANY"}""" },
            { "named", """{"mode":"ANY","allowedFunctionNames":["now"]}""" },
        };

    [Theory]
    [MemberData(nameof(Choices))]
    public void ToolChoice_EachKind_WritesMode(string kind, string config)
    {
        var choice = kind switch
        {
            "auto" => ToolChoice.Auto,
            "none" => ToolChoice.None,
            "required" => ToolChoice.Required,
            _ => ToolChoice.Named("now"),
        };

        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Tools = [new("now")],
                ToolChoice = choice,
            }
        );

        JsonAssert.Equal(
            $$$"""
            {"tools":[{"functionDeclarations":[{"name":"now"}]}],"toolConfig":{"functionCallingConfig":{{{config}}}},
             "contents":[{"role":"user","parts":[{"text":"x"}]}]}
            """,
            written.Body
        );
    }

    [Fact]
    public void ToolChoice_WithoutTools_IsRejected() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User("x")], ToolChoice = ToolChoice.Required }));

    [Theory]
    [InlineData("""[{"functionDeclarations":[{"name":"f"}]}]""", true)]
    [InlineData("""[{"googleSearch":{}},{"function_declarations":[{"name":"f"}]}]""", true)]
    [InlineData("""[{"googleSearch":{"functionDeclarations":1}}]""", false)]
    public void ToolChoice_WithExtraTools_IsSentIfTheyDeclareFunctions(string tools, bool isSent)
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                ToolChoice = ToolChoice.Required,
                Extra = new Dictionary<string, RawJson> { ["tools"] = tools },
            }
        );

        string config = isSent ? ""","toolConfig":{"functionCallingConfig":{"mode":"ANY"}}""" : "";
        JsonAssert.Equal($$"""{"tools":{{tools}}{{config}},"contents":[{"role":"user","parts":[{"text":"x"}]}]}""", written.Body);
        Assert.Equal(isSent ? [] : [new Quirk(QuirkKind.LeftOut, "toolConfig.functionCallingConfig")], written.Quirks);
    }

    [Fact]
    public void ToolResults_OfOneTurn_AreOneContentWithToolNames()
    {
        var first = new ToolCall("a1", "weather", """{"city": "Rome"}""");
        var second = new ToolCall("k3j4", "now", "{}");

        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Go"),
                    new Message(
                        Role.Assistant,
                        [
                            new ToolCallPart(first)
                            {
                                WireData = new WireData("gemini", """{"functionCall":{"id":"a1"},"thoughtSignature":"c2ln"}"""),
                            },
                            new ToolCallPart(second),
                        ]
                    ),
                    new Message(Role.Tool, [new ToolResultPart("a1", """{"degrees":18}""")]),
                    new Message(Role.Tool, [new ToolResultPart("k3j4", "no clock") { IsError = true }]),
                    Message.User("And?"),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[
                {"functionCall":{"name":"weather","args":{"city":"Rome"},"id":"a1"},"thoughtSignature":"c2ln"},
                {"functionCall":{"name":"now","args":{}}}]},
              {"role":"user","parts":[
                {"functionResponse":{"id":"a1","name":"weather","response":{"degrees":18}}},
                {"functionResponse":{"name":"now","response":{"error":"no clock"}}}]},
              {"role":"user","parts":[{"text":"And?"}]}]}
            """,
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Theory]
    [InlineData("18 degrees", """{"output":"18 degrees"}""")]
    [InlineData("[1,2]", """{"output":"[1,2]"}""")]
    [InlineData("{broken", """{"output":"{broken"}""")]
    [InlineData("", """{"output":""}""")]
    [InlineData(""" {"a" : 1} """, """{"a":1}""")]
    public void ToolResult_AnyText_IsWrittenAsObject(string text, string response)
    {
        var written = Write(new ChatRequest { Messages = [new Message(Role.Tool, [new ToolResultPart("x", text) { Name = "f" }])] });

        JsonAssert.Equal(
            $$$"""{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{{{response}}}}}]}]}""",
            written.Body
        );
    }

    [Fact]
    public void ToolResult_WithImage_WritesImageInParts()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Tool,
                        [
                            new ToolResultPart("x", [new TextPart("Here."), new ImagePart(Conversations.Picture, "image/png")])
                            {
                                Name = "draw",
                            },
                        ]
                    ),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[{"role":"user","parts":[{"functionResponse":{"name":"draw","response":{"output":"Here."},
              "parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}}]}}]}]}
            """,
            written.Body
        );
    }

    // "function_response.parts is not supported for this model", and the service counts parts next to the results as results.
    [Fact]
    public void ToolResults_WithImagesForOlderModel_SendImagesAfterAllResults()
    {
        var draw = new ToolCall("a", "draw", "{}");
        var now = new ToolCall("b", "now", "{}");
        var written = Write(
            new ChatRequest
            {
                Model = "gemini-2.5-flash-lite",
                Messages =
                [
                    Message.User("Go"),
                    new Message(Role.Assistant, [new ToolCallPart(draw), new ToolCallPart(now)]),
                    new Message(
                        Role.Tool,
                        [new ToolResultPart("a", [new TextPart("Here."), new ImagePart(Conversations.Picture, "image/png")])]
                    ),
                    Message.ToolResult(now, "12:00"),
                    Message.User("And?"),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[{"functionCall":{"name":"draw","args":{}}},{"functionCall":{"name":"now","args":{}}}]},
              {"role":"user","parts":[
                {"functionResponse":{"name":"draw","response":{"output":"Here."}}},
                {"functionResponse":{"name":"now","response":{"output":"12:00"}}}]},
              {"role":"user","parts":[{"text":"Of the result of draw:"},{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}}]},
              {"role":"user","parts":[{"text":"And?"}]}]}
            """,
            written.Body
        );
        Assert.Equal([new Quirk(QuirkKind.Adapted, "contents[].parts[].functionResponse.parts")], written.Quirks);
    }

    // "Requests ending with a model turn are not supported." is the service's error for results that share their content.
    [Fact]
    public void ToolResults_WithUserText_AreInSeparateContent()
    {
        var call = new ToolCall("a", "f", "{}");
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Go"),
                    new Message(Role.Assistant, [new ToolCallPart(call)]),
                    Message.User(new TextPart("By the way:"), new ToolResultPart("a", "1"), new TextPart("is it one?")),
                    new Message(Role.Assistant, [new ToolCallPart(call)]),
                    Message.User(new ToolResultPart("a", "2"), new TextPart("")),
                ],
            },
            protocol: new GeminiProtocol { ForeignCallSignature = null }
        );

        JsonAssert.Equal(
            """
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}}]},
              {"role":"user","parts":[{"text":"By the way:"},{"text":"is it one?"}]},
              {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"2"}}}]}]}
            """,
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void ToolResult_InAssistantMessage_IsRejected()
    {
        var message = new Message(Role.Assistant, [new TextPart("Done."), new ToolResultPart("a", "1") { Name = "f" }]);

        var e = Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [Message.User("Go"), message] }));

        Assert.Contains("a message of the model", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ToolResult_InNamedMessage_OmitsNameWithQuirk(bool isUser)
    {
        var result = new ToolResultPart("a", "1") { Name = "f" };

        var written = Write(
            new ChatRequest
            {
                Messages = [new Message(isUser ? Role.User : Role.Tool, isUser ? [result, new TextPart("And?")] : [result]) { Name = "x" }],
            }
        );

        Assert.Equal([new Quirk(QuirkKind.LeftOut, "contents[].name")], written.Quirks);
    }

    [Theory]
    [InlineData("""{"functionCall":{"id":"a1"}}""", true)]
    [InlineData("""{"functionCall":{"id":"a1"},"thoughtSignature":"c2ln"}""", false)]
    public void ToolCall_WithoutSignature_IsSentWithForeignCallSignature(string data, bool isSigned)
    {
        var written = Write(
            new ChatRequest
            {
                Model = "gemini-3-flash",
                Messages =
                [
                    Message.User("Go"),
                    new Message(
                        Role.Assistant,
                        [new ToolCallPart(new ToolCall("a1", "f", "{}")) { WireData = new WireData("gemini", data) }]
                    ),
                ],
            }
        );

        Assert.Equal(isSigned, written.Body.Contains("c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", StringComparison.Ordinal));
        Assert.Contains("\"id\":\"a1\"", written.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void ToolResult_WithoutToolName_IsRejected()
    {
        var e = Assert.Throws<ArgumentException>(() =>
            Write(new ChatRequest { Messages = [new Message(Role.Tool, [new ToolResultPart("x", "y")])] })
        );

        Assert.Contains("ToolResultPart.Name", e.Message);
    }

    [Fact]
    public void ToolCall_ModelRequiresNoSignature_IsSentUnsigned()
    {
        var request = new ChatRequest
        {
            Model = "gemini-2.5-flash",
            Messages = [Message.User("Go"), new Message(Role.Assistant, [new ToolCallPart(new ToolCall("x", "f", "{}"))])],
        };

        Assert.DoesNotContain("thoughtSignature", Write(request).Body);
        Assert.DoesNotContain(
            "thoughtSignature",
            Write(request with { Model = "gemini-3-flash" }, protocol: new GeminiProtocol { ForeignCallSignature = null }).Body
        );
    }

    [Theory]
    [InlineData("{\"a\":", false)]
    [InlineData("[1]", true)]
    [InlineData("null", true)]
    [InlineData("\"x\"", true)]
    public void ToolCall_ArgumentsNotAnObject_AreWrappedAndResultIsKept(string arguments, bool isComplete)
    {
        var call = new ToolCall("x", "f", arguments) { IsComplete = isComplete };
        var written = Write(
            new ChatRequest
            {
                Model = "gemini-2.5-flash",
                Messages =
                [
                    Message.User("Go"),
                    new Message(Role.Assistant, [new TextPart("I"), new ToolCallPart(call)]),
                    Message.ToolResult(call, "It was cut off."),
                ],
            }
        );

        JsonAssert.Equal(
            $$"""
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[{"text":"I"},{"functionCall":{"name":"f","args":{"INVALID_JSON":{{System.Text.Json.JsonSerializer.Serialize(
                arguments
            )}} } } }]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"It was cut off."} } }]}]}
            """,
            written.Body
        );
        Assert.Equal([new Quirk(QuirkKind.Adapted, "contents[].parts[].functionCall.args")], written.Quirks);
    }
}
