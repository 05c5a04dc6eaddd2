using System.Net;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;
using static RawLlm.Tests.Seams.SeamScripts;

namespace RawLlm.Tests.Seams;

/// <summary>Streams that break, and whose text the next service continues instead of starting over.</summary>
public sealed class StreamContinuationTests
{
    public static TheoryData<string> Wires =>
        ["chat-completions", "anthropic", "responses", "gemini", "ollama", "converse", "bedrock-invoke"];

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Stream_ConnectionLostOnAnyWire_IsContinuedIfNextAcceptsPrefill(string name)
    {
        var (protocol, type, body) = Broken(name);
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked").Chunk(body).Rst(),
            Script.OnRequest.Sse().Chunk(Anthropic(" you")).LastChunk()
        );
        await using var stream = await Chain(wire, Client(wire, 0, protocol), Client(wire, 1, new AnthropicProtocol(), Claude))
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s1", true), (reply.Text, reply.Provider, reply.IsComplete));
        Assert.Equal("Hi you", Assert.IsType<TextPart>(Assert.Single(reply.Message.Parts)).Text);
        Assert.True(Assert.Single(reply.Switches).IsContinued);
        Assert.Equal(
            [("s0:m0", LlmErrorKind.ConnectionLost, true)],
            reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled))
        );
        Assert.Contains("""{"role":"assistant","content":"Hi"}]""", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Stream_ConnectionLostOnAnyWire_RestartsIfNextHasNoPrefill(string name)
    {
        var (protocol, type, body) = Broken(name);
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked").Chunk(body).Rst(),
            Answers.Stream
        );
        var reply = await (
            await Chain(wire, Client(wire, 0, protocol), Open(wire, 1))
                .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", false), (reply.Text, Assert.Single(reply.Switches).IsContinued));
        Assert.DoesNotContain("assistant", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi", " you", "Hi you", "Hi")]
    [InlineData("Hi ", " you", "Hi you", "Hi")]
    [InlineData("Hi ", "you", "Hi you", "Hi")]
    [InlineData("Hi\\n\\n", "\\nyou", "Hi\n\nyou", "Hi")]
    public async Task Continuation_TrailingWhiteSpace_IsNotSentOrDuplicated(string before, string behind, string whole, string sent)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi.Replace("Hi", before, StringComparison.Ordinal)).Rst(),
            Script.OnRequest.Sse().Chunk(Anthropic(behind)).LastChunk()
        );
        await using var stream = await Chain(wire, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude))
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        Assert.Equal(whole, (await stream.ReplyAsync(wire.Token)).Text);
        Assert.Contains($$"""{"role":"assistant","content":"{{sent}}"}]""", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Continuation_ServiceEchoesPrefill_YieldsItOnce(bool echoes)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.You).Rst(),
            Script
                .OnRequest.Sse()
                .Chunk(
                    (
                        echoes
                            ? Answers.Hi + Answers.You.Replace(" you", " you all", StringComparison.Ordinal)
                            : Answers.Hi.Replace("Hi", " all", StringComparison.Ordinal)
                    )
                        + Answers.Stop
                        + Answers.End
                )
                .LastChunk()
        );
        var reply = await (
            await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Mistral.Protocol)).StreamAsync("Hi", wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal("Hi you all", reply.Text);
        Assert.Contains("""{"role":"assistant","content":"Hi you","prefix":true}]""", wire.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continuation_PartialEcho_IsYielded()
    {
        // What looks like the echo ends before it is one.
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.You).Rst(),
            Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.Stop + Answers.End).LastChunk()
        );
        var reply = await (
            await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Mistral.Protocol)).StreamAsync("Hi", wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal("Hi youHi", reply.Text);
    }

    [Theory]
    [InlineData("vllm", "http://127.0.0.1:9/v1/", "\"continue_final_message\":true,\"add_generation_prompt\":false")]
    [InlineData("sglang", "http://127.0.0.1:9/v1/", "\"continue_final_message\":true,\"add_generation_prompt\":false")]
    [InlineData("llama.cpp", "http://127.0.0.1:9/v1/", "{\"role\":\"assistant\",\"content\":\"Hi\"}]")]
    [InlineData("ollama", "http://127.0.0.1:9/", "{\"role\":\"assistant\",\"content\":\"Hi\"}]")]
    [InlineData("deepseek", "http://127.0.0.1:9/beta", "\"content\":\"Hi\",\"prefix\":true}]")]
    [InlineData("deepseek", "http://127.0.0.1:9/v1/", null)]
    [InlineData("openai", "http://127.0.0.1:9/v1/", null)]
    [InlineData("gemini", "http://127.0.0.1:9/v1/", null)]
    [InlineData("openai-responses", "http://127.0.0.1:9/v1/", null)]
    public async Task Continuation_ServiceWithPrefillSupport_SendsDocumentedMembers(string name, string url, string? sent)
    {
        // Only what is asked counts here: there is no third one.
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi).Rst(),
            Answers.Error(400, "x", Close).Fin(),
            Answers.Error(400, "x", Close).Fin()
        )
        {
            AllowsUnused = true,
        };
        var second = wire.Client(null, Providers.Get(name) with { BaseUrl = new Uri(url), Credential = Credential.Bearer("k") }, "m1");
        await using var stream = await Chain(wire, Open(wire, 0), second).StreamAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<LlmException>(() => ReadAsync(stream, wire.Token));
        if (sent is null)
            Assert.DoesNotContain("assistant", wire.Requests[1], StringComparison.Ordinal);
        else
            Assert.Contains(sent, wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude-3-haiku-20240307", true)]
    [InlineData("claude-3-5-haiku-latest", true)]
    [InlineData("anthropic/claude-3.7-sonnet", true)]
    [InlineData("claude-sonnet-4-20250514", true)]
    [InlineData("claude-sonnet-4-0", true)]
    [InlineData("claude-opus-4-1-20250805", true)]
    [InlineData("anthropic/claude-opus-4.5", true)]
    [InlineData("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", true)]
    [InlineData("claude-haiku-4-5", true)]
    [InlineData("anthropic.claude-v2:1", true)]
    [InlineData("claude-opus-4-6", false)]
    [InlineData("claude-sonnet-4-6", false)]
    [InlineData("us.anthropic.claude-opus-4-6-v1", false)]
    [InlineData("anthropic/claude-opus-4.8", false)]
    [InlineData("claude-sonnet-5", false)]
    [InlineData("claude-fable-5-20260801", false)]
    [InlineData("claude-opus-10-1", false)]
    [InlineData("anthropic/claude-3.7-sonnet:thinking", false)]
    [InlineData("claude-latest", false)]
    [InlineData("gpt-4", false)]
    public void IsClaudeBefore46_ModelName_ReturnsPrefillSupport(string model, bool takes) =>
        Assert.Equal(takes, Prefill.IsClaudeBefore46(model));

    [Fact]
    public async Task Continuation_ServiceRejectsPrefill_RestartsAtSameService()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi).Rst(),
            Answers.Error(400, "invalid_request_error", Close).Fin(),
            Script.OnRequest.Sse().Chunk(Anthropic("Hello")).LastChunk()
        );
        var reply = await (
            await Chain(wire, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude))
                .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal(("Hello", false), (reply.Text, reply.Switches[0].IsContinued));
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.BadRequest], reply.Attempts.Select(attempt => attempt.Kind));
        Assert.DoesNotContain("assistant", wire.Requests[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task Continuation_ByteOrderMarkInPieces_SendsAllReceivedText(string? type)
    {
        string? sent = null;
        var body = new ScriptedStream()
            .Send([0xEF])
            .Send([0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Answers.Hi)])
            .Send(Answers.You)
            .Fail(new IOException("Reset."));
        using var first = new MockHttpMessageHandler();
        first.When("*").Respond(_ => Answered(body, type));
        using var second = new MockHttpMessageHandler();
        second
            .When("*")
            .Respond(async request =>
            {
                sent = await request.Content!.ReadAsStringAsync();
                return Answered(
                    new ScriptedStream()
                        .Send(Answers.Hi.Replace("Hi", " all", StringComparison.Ordinal) + Answers.Stop + Answers.End)
                        .End(),
                    "text/event-stream"
                );
            });
        using var one = new LlmClient(FaultWire.Compatible() with { Name = "s0" }, "m0", null, first.ToHttpClient());
        using var other = new LlmClient(
            FaultWire.Compatible() with
            {
                Name = "s1",
                Protocol = Providers.Vllm.Protocol,
            },
            "m1",
            null,
            second.ToHttpClient()
        );
        await using var stream = await new FallbackChain(
            [one, other],
            new FallbackOptions { StreamFailover = StreamFailover.Default }
        ).StreamAsync("Hello");
        var updates = await ReadAsync(stream, CancellationToken.None);
        Assert.Equal(["Connected", "Text Hi", "Text  you", "Switched", "Text  all", "Stop", "Done"], updates.Select(Describe));
        Assert.Contains("""{"role":"assistant","content":"Hi you"}]""", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format")]
    [InlineData("thinking")]
    [InlineData("tools")]
    [InlineData("choices")]
    [InlineData("begun")]
    [InlineData("off")]
    public async Task Request_NotContinuable_RestartsAnswer(string what)
    {
        var asked = ChatRequest.Ask("Hi");
        asked = what switch
        {
            "format" => asked with { Format = ReplyFormat.Json },
            "thinking" => asked with { Thinking = Thinking.High },
            "tools" => asked with { Tools = [new ToolDefinition("f", "d", RawJson.Parse("""{"type":"object"}"""))] },
            "choices" => asked with { ChoiceCount = 2 },
            "begun" => asked with { Messages = [.. asked.Messages, new Message(Role.Assistant, [new TextPart("I ")])] },
            _ => asked,
        };
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var options = new FallbackOptions { StreamFailover = new() { AllowContinuation = what != "off" } };
        var reply = await (
            await Chain(wire, options, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync(asked, wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", false), (reply.Text, reply.Switches[0].IsContinued));
        Assert.DoesNotContain("continue_final_message", wire.Requests[1], StringComparison.Ordinal);
    }

    private static (WireProtocol Protocol, string Type, byte[] Body) Broken(string wire)
    {
        return wire switch
        {
            "chat-completions" => (new ChatCompletionsProtocol(), "text/event-stream", Bytes(Answers.Role + Answers.Hi)),
            "anthropic" => (new AnthropicProtocol(), "text/event-stream", Bytes(MessageStart + BlockStart + Delta("Hi"))),
            "responses" => (
                new ResponsesProtocol(),
                "text/event-stream",
                Bytes(
                    """
                    event: response.output_text.delta
                    data: {"type":"response.output_text.delta","item_id":"i1","output_index":0,"content_index":0,"delta":"Hi"}


                    """
                )
            ),
            "gemini" => (
                new GeminiProtocol(),
                "text/event-stream",
                Bytes("""data: {"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0}]}""" + "\n\n")
            ),
            "ollama" => (
                new OllamaProtocol(),
                "application/x-ndjson",
                Bytes("""{"model":"m","message":{"role":"assistant","content":"Hi"},"done":false}""" + "\n")
            ),
            "converse" => (
                new ConverseProtocol(),
                "application/vnd.amazon.eventstream",
                Message("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"Hi"}}""")
            ),
            _ => (
                new BedrockInvokeProtocol(),
                "application/vnd.amazon.eventstream",
                (byte[])
                    [
                        .. Piece(
                            """{"type":"message_start","message":{"id":"m1","role":"assistant","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"""
                        ),
                        .. Piece("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
                        .. Piece("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"""),
                    ]
            ),
        };

        static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

        static byte[] Piece(string json) => Message("chunk", $$"""{"bytes":"{{Convert.ToBase64String(Bytes(json))}}"}""");

        static byte[] Message(string type, string payload) => AwsMessage.Event(type, payload);
    }

    private static HttpResponseMessage Answered(Stream body, string? type)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
        if (type is not null)
            response.Content.Headers.ContentType = new(type);
        return response;
    }
}
