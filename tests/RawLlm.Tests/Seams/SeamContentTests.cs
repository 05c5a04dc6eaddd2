using RawLlm.Framing;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using static RawLlm.Tests.Seams.SeamScripts;

namespace RawLlm.Tests.Seams;

/// <summary>Streams that break after something other than text: reasoning, citations, tool calls or a stop reason.</summary>
public sealed class SeamContentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Citations_PendingWhenFailoverFails_ArriveBeforeError(bool isBehindASeam)
    {
        string cited = Answers.Hi.Replace(
            "\"model\":\"m\",",
            "\"model\":\"m\",\"citations\":[\"https://one.test/\"],",
            StringComparison.Ordinal
        );
        using var wire = new FaultWire(
            isBehindASeam ? [Cut(Answers.You, "rst"), Cut(cited, "rst")] : [Cut(cited, "rst"), Answers.Error(402, "x", Close).Fin()]
        );
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var kinds = new List<StreamEventKind>();
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token))
                kinds.Add(stream.Current.Kind);
        });
        StreamEventKind[] before = isBehindASeam
            ? [StreamEventKind.Connected, StreamEventKind.Text, StreamEventKind.Switched]
            : [StreamEventKind.Connected];
        Assert.Equal([.. before, StreamEventKind.Text, StreamEventKind.Citation], kinds);
        Assert.Equal((LlmErrorKind.ConnectionLost, isBehindASeam ? "s1" : "s0", 2), (error.Kind, error.Provider, error.Attempts.Count));
        // And every later read says the same.
        Assert.Same(error, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync(wire.Token)));
    }

    [Fact]
    public async Task ToolCall_IncompleteAtSeam_RestartsWithoutMerging()
    {
        using var wire = new FaultWire(
            Cut(Answers.Hi + CallBegins, "rst"),
            Script.OnRequest.Sse().Chunk(CallBegins + CallEnds + Answers.Stop + Answers.End).LastChunk()
        );
        var request = ChatRequest.Ask("Hi") with { Tools = [new ToolDefinition("f", "d", RawJson.Parse("""{"type":"object"}"""))] };
        var reply = await (
            await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync(request, wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal(
            ("", """{"a":1}""", false),
            (reply.Text, Assert.Single(reply.CompletedToolCalls).Arguments, reply.Switches[0].IsContinued)
        );
    }

    [Fact]
    public async Task ToolCall_CompleteBeforeError_AsksNoOtherService()
    {
        // The library's own wires give no call before the answer's end; somebody else's may.
        using var wire = new FaultWire(Cut("data: x\n\n", "rst"));
        await using var stream = await Chain(wire, Client(wire, 0, new EarlyCalls()), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var kinds = new List<StreamEventKind>();
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token))
                kinds.Add(stream.Current.Kind);
        });
        Assert.Equal([StreamEventKind.Connected, StreamEventKind.ToolCall], kinds);
        Assert.Equal((true, "s0"), (error.OutputCommitted, error.Provider));
    }

    [Fact]
    public async Task Reasoning_WithoutSignature_IsNotSentAndTextIsContinued()
    {
        using var wire = new FaultWire(Cut(Thought + Answers.Hi, "rst"), Answers.Stream);
        var reply = await (
            await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal(("Hm", "HiHi you", true), (reply.Reasoning, reply.Text, reply.Switches[0].IsContinued));
    }

    [Fact]
    public async Task Reasoning_AfterSeam_IsSeparatePart()
    {
        using var wire = new FaultWire(
            Cut(Answers.Hi, "rst"),
            Script.OnRequest.Sse().Chunk(Thought + Answers.You + Answers.Stop + Answers.End).LastChunk()
        );
        var reply = await (
            await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Equal(("Hm", "Hi you", 2), (reply.Reasoning, reply.Text, reply.Message.Parts.Count));
    }

    [Fact]
    public async Task Reasoning_WithSignature_RestartsAnswer()
    {
        const string Signed = """
            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}


            """;
        using var wire = new FaultWire(
            Cut(
                MessageStart
                    + Signed
                    + BlockStart.Replace(":0", ":1", StringComparison.Ordinal)
                    + Delta("Hi").Replace("index\":0", "index\":1", StringComparison.Ordinal),
                "rst"
            ),
            Script.OnRequest.Sse().Chunk(Anthropic("Hello")).LastChunk()
        );
        await using var stream = await Chain(
                wire,
                Client(wire, 0, new AnthropicProtocol(), Claude),
                Client(wire, 1, new AnthropicProtocol(), Claude)
            )
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("", "Hello", false), (reply.Reasoning, reply.Text, reply.Switches[0].IsContinued));
    }

    [Theory]
    [InlineData(Claude, true)]
    [InlineData("m1", false)]
    public async Task Reasoning_SignedAfterSeam_KeepsOriginOfItsService(string model, bool isContinued)
    {
        const string Signed = """
            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}


            """;
        using var wire = new FaultWire(
            Cut(Answers.Role + Answers.Hi, "rst"),
            Script
                .OnRequest.Sse()
                .Chunk(
                    MessageStart
                        + Signed
                        + BlockStart.Replace(":0", ":1", StringComparison.Ordinal)
                        + Delta("Hello").Replace("index\":0", "index\":1", StringComparison.Ordinal)
                        + MessageEnd.Replace("index\":0", "index\":1", StringComparison.Ordinal)
                )
                .LastChunk()
        );
        var second = wire.Client(
            new LlmClientOptions(),
            FaultWire.Compatible() with
            {
                Name = "s1",
                Protocol = new AnthropicProtocol(),
                Origin = "second",
            },
            model
        );
        await using var stream = await Chain(wire, Open(wire, 0), second)
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(isContinued, reply.Switches[0].IsContinued);
        var data = Assert.Single(reply.Message.Parts, part => part.WireData is not null).WireData!;
        Assert.Equal(("second", """{"type":"thinking","thinking":"","signature":"c2ln"}"""), (data.Origin, data.Json.ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StopReason_ArrivedBeforeError_AsksNoOtherService(bool isAnthropic)
    {
        const string Stopped = """
            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}


            """;
        using var wire = new FaultWire(
            Cut(isAnthropic ? MessageStart + BlockStart + Delta("Hi") + Stopped : Answers.Hi + Answers.Stop, "rst")
        );
        await using var stream = await Chain(
                wire,
                isAnthropic ? Client(wire, 0, new AnthropicProtocol(), Claude) : Open(wire, 0),
                Open(wire, 1)
            )
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.ConnectionLost, error.Kind);
        Assert.Single(wire.Requests);
    }

    private sealed record EarlyCalls : WireProtocol
    {
        public override string Name => "early";

        public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire) =>
            new ChatCompletionsProtocol().WriteRequest(request, stream, wire);

        public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events) => throw new NotSupportedException();

        public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => new(new SseReader(), new EarlyDecoder(), options);

        public override bool IsStream(string? mediaType) => true;
    }

    private sealed class EarlyDecoder : EventDecoder
    {
        public override bool Decode(in Frame frame, EventBuffer events)
        {
            events.Add(StreamEventKind.ToolCall, 0, 0, "{}"u8, "t1", "f");
            return true;
        }

        public override void Complete(bool isCut, EventBuffer events) => throw new LlmException(LlmErrorKind.StreamTruncated, "Cut.");
    }
}
