using RawLlm.Protocols;
using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Gemini.GeminiRequests;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Requests as the Gemini wire carries them: addresses, settings and instructions.</summary>
public sealed class GeminiWriterTests
{
    [Fact]
    public void Request_TextOnly_ContainsOnlyContents()
    {
        var written = Write("Hello");

        Assert.Equal("""{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}""", written.Body);
        Assert.Equal(Base + "models/gemini-3-flash:generateContent", written.Url);
        Assert.Equal("application/json", written.Accept);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Request_Streaming_RequestsServerSentEvents()
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
    public void Request_AnyModelName_IsOnePathSegment(string model, string path) =>
        Assert.Equal(Base + path + ":generateContent", Write(new ChatRequest { Model = model, Messages = [Message.User("x")] }).Url);

    [Theory]
    [InlineData("https://example.org", "https://example.org/v1beta/models/m:generateContent")]
    [InlineData(
        "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google",
        "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google/models/m:generateContent"
    )]
    public void Request_AnyBaseUrl_IsJoinedWithPath(string baseUrl, string url) =>
        Assert.Equal(url, Write(new ChatRequest { Model = "m", Messages = [Message.User("x")] }, baseUrl: baseUrl).Url);

    [Fact]
    public void Request_WithoutModel_IsRejected() =>
        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new GeminiProtocol(), "Hello"));

    [Fact]
    public void Request_EverySetting_IsWritten()
    {
        var written = Write(
            new ChatRequest
            {
                // A model about which nothing is known, so nothing is left out.
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
            }
        );

        JsonAssert.Equal(
            """
            {"systemInstruction":{"parts":[{"text":"Be brief."}]},
             "contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello."}]},{"role":"user","parts":[{"text":"Bye"}]}],
             "generationConfig":{"maxOutputTokens":100,"temperature":0.5,"topP":0.9,"seed":7,"stopSequences":["END","STOP"],"frequencyPenalty":0.25,
               "presencePenalty":-0.5,"candidateCount":2,"responseLogprobs":true,"logprobs":3,"responseMimeType":"application/json",
               "thinkingConfig":{"thinkingLevel":"low","includeThoughts":true}}}
            """,
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Request_WrittenTwice_HasSameBody()
    {
        var request = new ChatRequest
        {
            System = "s",
            Messages = [Message.User("x")],
            Tools = [Conversations.Weather],
            Extra = new Dictionary<string, RawJson> { ["safetySettings"] = "[]" },
        };

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
                ParallelToolCalls = false,
                User = "u1",
            }
        );

        Assert.Equal(
            [
                new Quirk(QuirkKind.LeftOut, "contents[].name"),
                new Quirk(QuirkKind.LeftOut, "parallel_tool_calls"),
                new Quirk(QuirkKind.LeftOut, "tools[].functionDeclarations[].strict"),
                new Quirk(QuirkKind.LeftOut, "user"),
            ],
            written.Quirks.OrderBy(quirk => quirk.Place, StringComparer.Ordinal)
        );
        Assert.DoesNotContain("u1", written.Body);
    }

    [Fact]
    public void UserMessage_WithoutContent_IsSentWithPlaceholderText()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User(""), Message.Assistant("Yes?"), Message.User(new TextPart(""), new TextPart("Why?"))],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[{"role":"user","parts":[{"text":"(empty)"}]},{"role":"model","parts":[{"text":"Yes?"}]},{"role":"user","parts":[{"text":"Why?"}]}]}
            """,
            written.Body
        );
        Assert.Equal("Adapted at contents[].parts[]", Assert.Single(written.Quirks).ToString());
    }

    [Fact]
    public void AssistantMessage_EmptyAfterOmissions_IsOmittedWithQuirk()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("x"),
                    new Message(
                        Role.Assistant,
                        [new ReasoningPart("Hm."), new OpaquePart(new WireData("responses", "{}")), new RefusalPart("")]
                    ),
                    Message.Assistant(""),
                    Message.User("y"),
                ],
            }
        );

        JsonAssert.Equal("""{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"user","parts":[{"text":"y"}]}]}""", written.Body);
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "contents[]"), written.Quirks);
    }

    [Fact]
    public void Conversation_FromOtherWire_OmitsWireSpecificParts()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Go"),
                    new Message(
                        Role.Assistant,
                        [
                            new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                            new OpaquePart(new WireData("anthropic", """{"type":"redacted_thinking"}""")),
                            new TextPart("I look."),
                            new ToolCallPart(new ToolCall("toolu_1", "f", """{"a":1}""")),
                            new ToolCallPart(new ToolCall("toolu_2", "g", "")),
                        ]
                    ),
                    Message.ToolResult(new ToolCall("toolu_1", "f", "{}"), "1"),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[
              {"role":"user","parts":[{"text":"Go"}]},
              {"role":"model","parts":[
                {"text":"I look."},
                {"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="},
                {"functionCall":{"name":"g","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}}]}]}
            """,
            written.Body
        );
        Assert.Equal(
            [new Quirk(QuirkKind.LeftOut, "contents[].parts[]"), new Quirk(QuirkKind.Adapted, "contents[].parts[].thoughtSignature")],
            written.Quirks
        );
    }

    [Fact]
    public void SystemMessages_InConversation_AreMovedToSystemInstruction()
    {
        var written = Write(new ChatRequest { System = "A", Messages = [Message.System("B"), Message.User("x"), Message.System("C")] });

        JsonAssert.Equal(
            """
            {"systemInstruction":{"parts":[{"text":"A"},{"text":"B"},{"text":"C"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}
            """,
            written.Body
        );
        Assert.Equal([new Quirk(QuirkKind.Adapted, "contents[].role")], written.Quirks);
    }

    [Fact]
    public void SystemInstruction_WithoutMessages_IsRejected() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { System = "A" }));

    [Fact]
    public void WriteModelsRequest_Always_RequestsOnePage()
    {
        using var wire = new WireRequest { BaseUrl = new Uri(Base), Method = "GET" };

        Assert.True(new GeminiProtocol().WriteModelsRequest(wire));

        Assert.Equal(Base + "models?pageSize=1000", wire.Url!.AbsoluteUri);
    }

    [Theory]
    [InlineData(
        true,
        """{"generateContentRequest":{"model":"models/gemini-3-flash","systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}}"""
    )]
    [InlineData(false, """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}""")]
    public void WriteCountRequest_AnyRequest_ContainsFullRequest(bool wraps, string body)
    {
        using var wire = new WireRequest { BaseUrl = new Uri(Base) };

        Assert.True(
            new GeminiProtocol { WrapsCountedRequest = wraps }.WriteCountRequest(
                new ChatRequest
                {
                    Model = "gemini-3-flash",
                    System = "s",
                    Messages = [Message.User("x")],
                },
                wire
            )
        );

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
    public void ReadCount_AnyAnswer_ReturnsTotalTokens(string body, long? count) =>
        Assert.Equal(count, new GeminiProtocol().ReadCount(System.Text.Encoding.UTF8.GetBytes(body)));
}
