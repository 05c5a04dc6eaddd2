using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using static RawLlm.Tests.Seams.SeamScripts;

namespace RawLlm.Tests.Seams;

/// <summary>Streams that break after text was handed on, and continue at the next service of the chain.</summary>
public sealed class StreamFailoverTests
{
    public static TheoryData<string, string> Cuts =>
        new()
        {
            { "fin", nameof(LlmErrorKind.ConnectionLost) },
            { "rst", nameof(LlmErrorKind.ConnectionLost) },
            { "end", nameof(LlmErrorKind.StreamTruncated) },
            { "idle", nameof(LlmErrorKind.IdleTimeout) },
            { "error", nameof(LlmErrorKind.StreamError) },
            { "json", nameof(LlmErrorKind.MalformedResponse) },
        };

    [Theory]
    [Case(154)]
    [MemberData(nameof(Cuts))]
    public async Task Stream_FailsAfterText_RestartsAtNextAfterSeam(string cut, string kind)
    {
        using var wire = new FaultWire(Cut(Answers.Role + Answers.Hi, cut), Answers.Stream);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var updates = await ReadAsync(stream, wire.Token);
        Assert.Equal(["Connected", "Text Hi", "Switched", "Text Hi", "Text  you", "Stop", "Done"], updates.Select(Describe));
        var seam = updates[2].Switch!;
        Assert.Equal(("s0:m0", "s1:m1", false, 2, 1L), (seam.From, seam.To, seam.IsContinued, seam.Characters, seam.Events));
        Assert.Equal((kind, "s0", true), (seam.Failure.Kind.ToString(), seam.Failure.Provider, seam.Failure.OutputCommitted));
        Assert.Equal([seam], stream.Switches);
        Assert.Equal("s1", stream.Provider);
    }

    [Theory]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(TaskCanceledException))]
    [Case(153)]
    public async Task RequestFor_ThrowsAtSeam_ExceptionIsPassedToCaller(Type type)
    {
        var mine = (Exception)Activator.CreateInstance(type, "Mine.")!;
        using var wire = new FaultWire(Cut(Answers.Role + Answers.Hi, "rst"));
        var options = new FallbackOptions
        {
            StreamFailover = StreamFailover.Default,
            RequestFor = (client, request) => client.Provider.Name == "s0" ? request : throw mine,
        };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        Assert.Same(mine, await Record.ExceptionAsync(() => ReadAsync(stream, wire.Token)));
    }

    [Theory]
    [Case(154)]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task Continuation_FailedStreamYieldedNothing_AddsNoText(string type)
    {
        // JSON lines are read as they come, or else, under the type of a whole answer, at their end.
        const string Line = """{"model":"m","message":{"role":"assistant","content":"Unseen"},"done":false}""" + "\n";
        bool isWhole = type == "application/json";
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked")
                .Chunk(isWhole ? Line + Line : Line[..40])
                .Rst(),
            Cut(Answers.Hi, "rst"),
            Script.OnRequest.Sse().Chunk(Answers.You + Answers.Stop + Answers.End).LastChunk()
        );
        var quick = new LlmClientOptions { Retries = LlmRetries.None };
        WireProtocol[] wires = [new OllamaProtocol(), FaultWire.Compatible().Protocol, Providers.Vllm.Protocol];
        var clients = wires
            .Select((protocol, i) => wire.Client(quick, FaultWire.Compatible() with { Name = $"s{i}", Protocol = protocol }, $"m{i}"))
            .ToArray();
        var reply = await (await Chain(wire, clients).StreamAsync("Hello", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", 2, 1L), (reply.Text, Assert.Single(reply.Switches).Characters, reply.Switches[0].Events));
        Assert.Contains("""{"role":"assistant","content":"Hi"}]""", wire.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switch_StreamOfBareJsonDocuments_ReportsYieldedTextAndEvents()
    {
        using var wire = new FaultWire(Cut(Answers.Hi["data: ".Length..^1] + Answers.You["data: ".Length..^1], "rst"), Answers.Stream);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", 6, 2L), (reply.Text, Assert.Single(reply.Switches).Characters, reply.Switches[0].Events));
    }

    [Fact]
    public async Task Stream_FailsTwice_IsContinuedFromAllReceivedText()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi).Rst(),
            Script.OnRequest.Sse().Chunk(MessageStart + BlockStart + Delta(" you")).Rst(),
            Script.OnRequest.Sse().Chunk(Anthropic(" all")).LastChunk()
        );
        await using var stream = await Chain(
                wire,
                Open(wire, 0),
                Client(wire, 1, new AnthropicProtocol(), Claude),
                Client(wire, 2, new AnthropicProtocol(), Claude)
            )
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal("Hi you all", reply.Text);
        Assert.Single(reply.Message.Parts);
        Assert.Equal(
            [("s0:m0", $"s1:{Claude}", 2), ($"s1:{Claude}", $"s2:{Claude}", 6)],
            reply.Switches.Select(seam => (seam.From, seam.To, seam.Characters))
        );
        Assert.Contains("""{"role":"assistant","content":"Hi you"}]""", wire.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_FailsTwice_RestartsTwice()
    {
        using var wire = new FaultWire(
            Cut(Answers.Hi, "rst"),
            Cut(Answers.Hi.Replace("Hi", "Ho", StringComparison.Ordinal), "error"),
            Answers.Stream
        );
        var reply = await (await Chain(wire, Open(wire, 0), Open(wire, 1), Open(wire, 2)).StreamAsync("Hi", wire.Token)).ReplyAsync(
            wire.Token
        );
        Assert.Equal(("Hi you", 2), (reply.Text, reply.Switches.Count));
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.StreamError], reply.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    public async Task Stream_NextFailsBeforeFirstEvent_FailsOverFurtherWithOneSeam()
    {
        using var wire = new FaultWire(
            Cut(Answers.Hi, "rst"),
            Answers.Error(429, "x", Close).Fin(),
            Script.OnRequest.Sse().Chunk(Answers.Role + ErrorInside).LastChunk().Fin(),
            Answers.Stream
        );
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, MaxAttempts = 9 };
        var quick = new LlmClientOptions { Retries = LlmRetries.None };
        var clients = Enumerable
            .Range(0, 4)
            .Select(i => wire.Client(quick, FaultWire.Compatible() with { Name = $"s{i}" }, $"m{i}"))
            .ToArray();
        var reply = await (await Chain(wire, options, clients).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s0:m0", "s3:m3"), (reply.Text, Assert.Single(reply.Switches).From, reply.Switches[0].To));
        Assert.Equal(["s0:m0", "s1:m1", "s2:m2"], reply.Attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task Stream_NoServiceRemains_ThrowsFirstErrorWithAllAttempts()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Error(402, "x", Close).Fin(), Answers.Error(404, "x", Close).Fin());
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1), Open(wire, 2)).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(
            (LlmErrorKind.ConnectionLost, "s0", true, "Hi"),
            (error.Kind, error.Provider, error.OutputCommitted, error.Partial?.Text)
        );
        Assert.Equal(
            [("s0:m0", LlmErrorKind.ConnectionLost), ("s1:m1", LlmErrorKind.QuotaExhausted), ("s2:m2", LlmErrorKind.NotFound)],
            error.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind))
        );
        Assert.Empty(stream.Switches);
    }

    [Fact]
    public async Task Stream_LastServiceFails_ThrowsItsErrorWithAllAttempts()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Cut(Answers.Hi, "error"));
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(
            (LlmErrorKind.StreamError, "s1", "Hi", 1),
            (error.Kind, error.Provider, error.Partial?.Text, error.Partial?.Switches.Count)
        );
        Assert.Equal(["s0:m0", "s1:m1"], error.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(error.Partial?.Switches[0].Failure.Message, error.Attempts[0].Message);
        Assert.Equal((error.ProviderCode, error.Message), (error.Attempts[1].ProviderCode, error.Attempts[1].Message));
    }

    [Fact]
    public async Task MaxAttempts_Reached_AsksNoOtherService()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"));
        await using var stream = await Chain(
                wire,
                new FallbackOptions { StreamFailover = StreamFailover.Default, MaxAttempts = 1 },
                Open(wire, 0),
                Open(wire, 1)
            )
            .StreamAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task AllowRestart_False_AsksOnlyServicesThatCanContinue()
    {
        var options = new FallbackOptions { StreamFailover = new() { AllowRestart = false } };
        using (var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream))
        {
            var reply = await (
                await Chain(wire, options, Open(wire, 0), Open(wire, 1), Client(wire, 2, Providers.Vllm.Protocol))
                    .StreamAsync("Hi", wire.Token)
            ).ReplyAsync(wire.Token);
            Assert.Equal(("HiHi you", "s2:m2"), (reply.Text, Assert.Single(reply.Switches).To));
        }
        using (var wire = new FaultWire(Cut(Answers.Hi, "rst")))
        {
            await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
            await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
            Assert.Single(wire.Requests);
        }
    }

    [Fact]
    public async Task StreamTextAsync_ConnectionLost_IsContinuedAndNeverRestarted()
    {
        using (
            var wire = new FaultWire(
                Cut(Answers.Hi, "rst"),
                Script.OnRequest.Sse().Chunk(Answers.You + Answers.Stop + Answers.End).LastChunk()
            )
        )
        {
            Assert.Equal(
                "Hi you",
                await TextAsync(Chain(wire, Open(wire, 0), Open(wire, 1), Client(wire, 2, Providers.Vllm.Protocol)), wire)
            );
        }

        using (var wire = new FaultWire(Cut(Answers.Hi, "rst")))
        {
            await Assert.ThrowsAsync<LlmException>(() => TextAsync(Chain(wire, Open(wire, 0), Open(wire, 1)), wire));
            Assert.Single(wire.Requests);
        }

        static async Task<string> TextAsync(FallbackChain chain, FaultWire wire)
        {
            string text = "";
            await foreach (string piece in chain.StreamTextAsync("Hi", wire.Token))
                text += piece;
            return text;
        }
    }

    [Theory]
    [Case(143, 145)]
    [InlineData("read", false)]
    [InlineData("call", false)]
    [InlineData("dispose", false)]
    [InlineData("read", true)]
    [InlineData("call", true)]
    [InlineData("dispose", true)]
    public async Task Seam_CanceledOrDisposedByCaller_EndsImmediately(string how, bool isError)
    {
        using var read = new CancellationTokenSource();
        using var call = new CancellationTokenSource();
        ChatStream? opened = null;
        ValueTask disposal = default;
        var next = isError ? Script.OnRequest.Head(503, "Content-Type: application/json", "Transfer-Encoding: chunked") : Script.OnRequest;
        using var wire = new FaultWire(
            Cut(Answers.Hi, "rst"),
            next.Do(() =>
                {
                    if (how == "read")
                        read.Cancel();
                    else if (how == "call")
                        call.Cancel();
                    else
                        disposal = opened!.DisposeAsync();
                })
                .Stall()
        );
        await using var stream = opened = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", call.Token);
        var error = await Record.ExceptionAsync(async () =>
        {
            while (await stream.ReadAsync(read.Token)) { }
        });
        await disposal;
        if (how == "dispose")
            Assert.IsType<ObjectDisposedException>(error);
        else
        {
            Assert.Equal(
                how == "read" ? read.Token : call.Token,
                Assert.IsAssignableFrom<OperationCanceledException>(error).CancellationToken
            );
        }

        Assert.Equal(2, wire.Requests.Count);
        Assert.Equal(0, wire.Time.Pending);
    }

    [Fact]
    public async Task RequestFor_AfterSeam_ChangesRequestOfNext()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var options = new FallbackOptions
        {
            StreamFailover = StreamFailover.Default,
            RequestFor = (client, request) => request with { MaxTokens = client.Provider.Name == "s0" ? 11 : 22 },
        };
        await (
            await Chain(wire, options, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)
        ).ReplyAsync(wire.Token);
        Assert.Contains("\"max_tokens\":22", wire.Requests[1], StringComparison.Ordinal);
        Assert.Contains("continue_final_message", wire.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextAsync_StreamWithSeam_KeepsSwitchInStream()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        string text = "";
        await foreach (string piece in stream.TextAsync(wire.Token))
            text += piece;
        Assert.Equal("HiHi you", text);
        Assert.Equal("Hi you", text[Assert.Single(stream.Switches).Characters..]);
    }

    [Fact]
    public async Task Stream_HedgeWinsThenFails_FailsOverToNext()
    {
        using var wire = new FaultWire();
        wire.Time.IsPatient = true;
        var waits = new ManualResetEventSlim();
        wire.Time.OnWait = waits.Set;
        var late = Script.OnRequest.Do(() =>
        {
            waits.Wait(wire.Token);
            // As a timer does: on a thread of its own, and not in the middle of a read.
            ThreadPool.QueueUserWorkItem(_ => wire.Time.Advance(TimeSpan.FromSeconds(2)));
        });
        wire.Expect(late.Stall(), Cut(Answers.Hi, "error"), Answers.Stream);
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, HedgeAfter = TimeSpan.FromSeconds(2) };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1), Open(wire, 2)).StreamAsync("Hi", wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s1:m1", "s2:m2"), (reply.Text, Assert.Single(reply.Switches).From, reply.Switches[0].To));
        Assert.Equal([LlmErrorKind.HedgeLost, LlmErrorKind.StreamError], reply.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    public async Task ToolLoop_AnswerFailsInStream_ContinuesWithAnswerAfterSeam()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var chain = Chain(wire, Open(wire, 0), Open(wire, 1));
        await using var stream = new ToolLoop(chain, []).Stream("Hi", wire.Token);
        int seams = 0;
        while (await stream.ReadAsync())
            seams += stream.Current.Answer.Kind == StreamEventKind.Switched ? 1 : 0;
        Assert.Equal(("Hi you", 1, 1), (stream.Run!.Reply.Text, stream.Run.Reply.Switches.Count, seams));
    }

    [Fact]
    public void ToUpdate_SwitchedEvent_KeepsSwitch()
    {
        var seam = new StreamSwitch("a:m", "b:m", new LlmException(LlmErrorKind.ConnectionLost, "x"), IsContinued: true);
        Assert.Same(
            seam,
            new StreamEvent(StreamEventKind.Switched) { Switch = seam, Id = "1" }
                .ToUpdate()
                .Switch
        );
    }
}
