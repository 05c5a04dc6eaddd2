using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

/// <summary>
/// Instructions in several places: those at the beginning are one message, and if a service accepts no other, the rest moves there.
/// </summary>
public sealed class ChatInstructionsTests
{
    private const string Hi = """{"role":"user","content":"Hi"}""";

    [Theory]
    [InlineData("openai")]
    [InlineData("openrouter")]
    [InlineData("vllm")]
    [InlineData("lmstudio")]
    public void LeadingInstructions_Several_AreOneMessage(string service)
    {
        var request = new ChatRequest
        {
            System = "A",
            Messages =
            [
                Message.System("B"),
                Message.System(""),
                new Message(Role.System, [new TextPart("C"), new TextPart("D")]),
                Message.User("Hi"),
            ],
        };

        AssertWritten(service, request, $$"""{"messages":[{"role":"system","content":"A\n\nB\n\nCD"},{{Hi}}]}""");
    }

    [Theory]
    [InlineData("vllm")]
    [InlineData("sglang")]
    [InlineData("llama.cpp")]
    [InlineData("lmstudio")]
    [InlineData("localai")]
    [InlineData("tgi")]
    [InlineData("ollama-compatible")]
    [InlineData("fireworks")]
    [InlineData("cloudflare")]
    [InlineData("nebius")]
    [InlineData("siliconflow")]
    [InlineData("scaleway")]
    [InlineData("docker")]
    public void LaterInstructions_NotSupportedByService_AreMovedToFirstMessage(string service)
    {
        var request = new ChatRequest
        {
            System = "A",
            Messages = [Message.User("1"), Message.Assistant("2"), Message.System("B"), Message.User("Hi")],
        };

        AssertWritten(
            service,
            request,
            $$"""{"messages":[{"role":"system","content":"A\n\nB"},{"role":"user","content":"1"},{"role":"assistant","content":"2"},{{Hi}}]}""",
            "Adapted at messages[].role"
        );
        AssertWritten(
            service,
            request with
            {
                System = null,
            },
            $$"""{"messages":[{"role":"system","content":"B"},{"role":"user","content":"1"},{"role":"assistant","content":"2"},{{Hi}}]}""",
            "Adapted at messages[].role"
        );
    }

    [Fact]
    public void LaterInstructions_UnknownServer_AreMovedToFirstMessage()
    {
        var request = new ChatRequest { Messages = [Message.User("Hi"), Message.System("B")] };
        var written = WrittenRequest.Of(Providers.OpenAICompatible("http://localhost:8000").Protocol, request);

        Assert.Equal($$"""{"messages":[{"role":"system","content":"B"},{{Hi}}]}""", written.Body);
    }

    [Fact]
    public void LaterInstructions_SupportedByService_StayInPlace()
    {
        var request = new ChatRequest { System = "A", Messages = [Message.User("Hi"), Message.System("B"), Message.System("C")] };

        AssertWritten(
            "openai",
            request,
            $$"""{"messages":[{"role":"system","content":"A"},{{Hi}},{"role":"system","content":"B"},{"role":"system","content":"C"}]}"""
        );
    }

    [Fact]
    public void Instructions_WithDifferentNames_AreJoinedOnlyIfRequired()
    {
        var request = new ChatRequest
        {
            System = "A",
            Messages = [Message.System("B"), Message.System("Hello") with { Name = "example_user" }, Message.User("Hi")],
        };

        AssertWritten(
            "openai",
            request,
            $$"""{"messages":[{"role":"system","content":"A\n\nB"},{"role":"system","content":"Hello","name":"example_user"},{{Hi}}]}"""
        );
        AssertWritten(
            "vllm",
            request,
            $$"""{"messages":[{"role":"system","content":"A\n\nB\n\nHello"},{{Hi}}]}""",
            "LeftOut at messages[].name"
        );
    }

    [Fact]
    public void Instructions_WithCacheMark_AreSentAsParts()
    {
        var request = new ChatRequest
        {
            System = "A",
            Messages =
            [
                new Message(Role.System, [new TextPart("B") { Cache = PromptCache.FiveMinutes }]),
                Message.System("C"),
                Message.User("Hi"),
            ],
        };

        AssertWritten(
            "openrouter",
            request,
            $$$"""{"messages":[{"role":"system","content":[{"type":"text","text":"A"},{"type":"text","text":"B","cache_control":{"type":"ephemeral"}},{"type":"text","text":"C"}]},{{{Hi}}}]}"""
        );
        AssertWritten(
            "openai",
            request,
            $$"""{"messages":[{"role":"system","content":"A\n\nB\n\nC"},{{Hi}}]}""",
            "LeftOut at messages[].content[].cache_control"
        );
    }

    [Fact]
    public void Schema_InInstructions_IsWrittenAfterAllOthers()
    {
        var request = new ChatRequest
        {
            System = "A",
            Messages = [Message.System("B"), Message.User("Hi")],
            Format = ReplyFormat.JsonSchema("n", "{}"),
        };

        AssertWritten(
            "deepseek",
            request,
            """
            {"messages":[{"role":"system","content":"A\n\nB\n\nAnswer with one JSON object and nothing else. It must fit this JSON schema:\n{}"},{"role":"user","content":"Hi"}],"response_format":{"type":"json_object"}}
            """,
            "Adapted at response_format"
        );
    }

    [Fact]
    public void LaterInstructions_BetweenToolResults_DoNotEndTurn()
    {
        var picture = new ImagePart(new Uri("https://example.org/a.png"));
        var request = new ChatRequest
        {
            Messages =
            [
                new Message(
                    Role.Assistant,
                    [new ToolCallPart(new ToolCall("a", "f", "{}")), new ToolCallPart(new ToolCall("b", "f", "{}"))]
                ),
                Message.ToolResults(new ToolResultPart("a", [picture])),
                Message.System("B"),
                Message.ToolResults(new ToolResultPart("b", "two")),
            ],
        };
        var written = WrittenRequest.Of(Providers.Vllm.Protocol, request);

        Assert.EndsWith(
            """
            {"role":"tool","tool_call_id":"a","content":"It follows behind the results."},{"role":"tool","tool_call_id":"b","content":"two"},{"role":"user","content":[{"type":"text","text":"Of the result of the call a:"},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}]}
            """,
            written.Body
        );
    }

    [Fact]
    public void JoinedInstructions_WithUnsupportedPart_AreRejected()
    {
        var request = new ChatRequest { System = "A", Messages = [new Message(Role.System, [new RefusalPart("B")])] };

        Assert.Throws<ArgumentException>(() => WrittenRequest.Of(Providers.Vllm.Protocol, request));
    }

    [Fact]
    public void KeptBodies_ConversationContinuesAfterJoinedInstructions_CopiesEarlierBody()
    {
        using var bodies = new KeptBodies(1 << 20);
        var protocol = Providers.Vllm.Protocol;
        List<Message> messages = [Message.System("B"), Message.User(new string('x', 5000)), Message.Assistant("2")];
        Write("A", Of("A\n\nB"), 0);
        messages.Add(Message.User("3"));

        Write("A", Of("A\n\nB"), 5000);
        // The same length, different words.
        Write("C", Of("C\n\nB"), 5000);
        messages.Add(Message.System("Late"));
        Write("C", Of("C\n\nB\n\nLate"), 5000);
        messages.Add(Message.Assistant("4"));
        Write("C", Of("C\n\nB\n\nLate"), 5000);

        string Of(string system) =>
            $$"""{"messages":[{"role":"system","content":"{{system}}"},{"role":"user","content":""".Replace(
                "\n",
                "\\n",
                StringComparison.Ordinal
            );

        void Write(string system, string start, int copied)
        {
            var request = new ChatRequest { System = system, Messages = [.. messages] };
            using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org/v1/") };
            bodies.Begin(protocol, request, wire);
            protocol.WriteRequest(request, stream: false, wire);
            wire.EndWriting(isWhole: true);
            string body = System.Text.Encoding.UTF8.GetString(wire.Body.Span);
            Assert.StartsWith(start, body);
            Assert.Equal(WrittenRequest.Of(protocol, request).Body, body);
            Assert.True(wire.Copied >= copied, $"{wire.Copied} bytes copied");
        }
    }

    private static void AssertWritten(string service, ChatRequest request, string body, params string[] quirks)
    {
        var written = WrittenRequest.Of(Providers.Get(service).Protocol, request);
        Assert.Equal(body, written.Body);
        Assert.Equal(quirks, written.Quirks.Select(quirk => quirk.ToString()));
    }
}
