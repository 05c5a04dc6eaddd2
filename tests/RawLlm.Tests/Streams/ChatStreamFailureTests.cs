using System.Runtime.CompilerServices;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Streams;

/// <summary>What a stream reports after it has failed, and whose cancellation ended it.</summary>
public sealed class ChatStreamFailureTests
{
    private const string Ends =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":" you"},"finish_reason":"stop"}]}""" + "\n\n";

    [Fact]
    [Case(16)]
    public async Task ReadAsync_AfterConnectionLost_ThrowsSameExceptionAgain()
    {
        // There is no end mark, but the answer would be whole if its body had simply ended.
        await using var stream = Open(new ScriptedStream().Send(Answers.Hi + Ends).Fail(new IOException("reset")).End());
        string text = "";
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync())
                text += stream.Current.Kind == StreamEventKind.Text ? stream.Current.ToString() : "";
        });
        Assert.Equal(("Hi you", LlmErrorKind.ConnectionLost), (text, error.Kind));
        Assert.Same(error, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync()));
        Assert.Same(error, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync()));
    }

    // The stop reason arrived before the error.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StopReason_BeforeError_IsKept(bool isPredicted)
    {
        const string Body =
            """data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"length"}]}"""
            + "\n\n"
            + """data: {"error":{"message":"boom"}}"""
            + "\n\n";
        await using var stream = new ChatStream(
            new MemoryStream(Encoding.UTF8.GetBytes(Body)),
            new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = isPredicted })
        );

        await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync()) { }
        });

        Assert.Equal((StopReason.MaxTokens, "length"), (stream.StopReason, stream.RawStopReason));
    }

    [Fact]
    public async Task ReadAsync_AfterCanceledRead_ThrowsConnectionLost()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Stall());
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync(wire.Token));
        using var source = new CancellationTokenSource();
        var reading = stream.ReadAsync(source.Token).AsTask();
        await source.CancelAsync();
        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading)).CancellationToken);

        var error = await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync(wire.Token));
        Assert.Equal((LlmErrorKind.ConnectionLost, true, false), (error.Kind, error.OutputCommitted, error.IsRetryable));
        Assert.Contains("canceled", error.Message, StringComparison.Ordinal);
        Assert.Same(error, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync(wire.Token)));
    }

    [Fact]
    public async Task ReadAsync_CanceledTokenOrConcurrentRead_LeavesStreamUsable()
    {
        var body = new ScriptedStream();
        await using var stream = Open(body);
        Assert.True(await stream.ReadAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadAsync(new CancellationToken(canceled: true)));
        var reading = stream.ReadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.ReadAsync());
        body.Send(Answers.Hi);
        Assert.True(await reading);
        Assert.Equal("Hi", stream.Current.ToString());
    }

    [Fact]
    [Case(155)]
    public async Task ReadAsync_ReopenedAfterConnectionLost_ReadsNewBody()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role).Rst(), Answers.Stream);
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UpdatesAndText_TwoTokens_ThrowWithCanceledToken(bool isFirst)
    {
        foreach (bool isText in (bool[])[true, false])
        {
            using CancellationTokenSource first = new(),
                second = new();
            var cancelled = isFirst ? first : second;
            var body = new ScriptedStream().Send(Answers.Hi);
            var stream = Open(body);
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                if (isText)
                    await CancelAfterOneAsync(stream.TextAsync(first.Token).WithCancellation(second.Token), body, cancelled);
                else
                    await CancelAfterOneAsync(stream.UpdatesAsync(first.Token).WithCancellation(second.Token), body, cancelled);
            });
            Assert.Equal(cancelled.Token, error.CancellationToken);
            Assert.True(body.IsDisposed);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StreamTextAsync_TwoTokens_ThrowsWithCanceledToken(bool isFirst)
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Stall());
        using CancellationTokenSource first = new(),
            second = new();
        var cancelled = isFirst ? first : second;
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (string piece in wire.Client().StreamTextAsync("Hi", first.Token).WithCancellation(second.Token))
            {
                Assert.Equal("Hi", piece);
                cancelled.CancelAfter(1);
            }
        });
        Assert.Equal(cancelled.Token, error.CancellationToken);
    }

    [Fact]
    public async Task TextAsync_ReadToEnd_StreamHasStopReasonAndUsage()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Sse()
                .Chunk(Answers.Role + Answers.Hi)
                .Chunk(
                    Answers.Stop.Replace("stop", "length", StringComparison.Ordinal)
                        + """data: {"id":"c1","model":"m2","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"""
                        + "\n\n"
                        + Answers.End
                )
                .LastChunk()
        );
        var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        var pieces = stream.TextAsync(wire.Token).GetAsyncEnumerator();
        Assert.True(await pieces.MoveNextAsync());
        Assert.Equal(
            (StopReason.Unknown, null, null, "c1", "m"),
            (stream.StopReason, stream.RawStopReason, stream.Usage, stream.Id, stream.Model)
        );
        Assert.False(await pieces.MoveNextAsync());
        await pieces.DisposeAsync();
        Assert.Equal(
            (StopReason.MaxTokens, "length", 2L, "c1"),
            (stream.StopReason, stream.RawStopReason, stream.Usage?.OutputTokens, stream.Id)
        );
        Assert.NotNull(stream.Model);
    }

    [Fact]
    public async Task DisposeAsync_BodyThrows_ReturnsBuffers()
    {
        byte[] text = Encoding.UTF8.GetBytes(Answers.Hi + Answers.You);
        var decoder = new ChatCompletionsProtocol().CreateDecoder();
        var stream = new ChatStream(new BreakingStream(text), decoder);
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync());

        await stream.DisposeAsync();

        Assert.True(decoder.IsIdle);
        Assert.Equal(StreamEventKind.None, decoder.Current.Kind);
    }

    private static async Task CancelAfterOneAsync<T>(
        ConfiguredCancelableAsyncEnumerable<T> pieces,
        ScriptedStream body,
        CancellationTokenSource cancelled
    )
    {
        bool isFirst = true;
        await foreach (var piece in pieces)
        {
            Assert.NotNull(piece);
            if (!isFirst || piece is StreamUpdate { Kind: StreamEventKind.Connected })
                continue;
            isFirst = false;
            _ = Task.Run(async () =>
            {
                await body.Waiting.WaitAsync();
                await cancelled.CancelAsync();
            });
        }
    }

    private static ChatStream Open(Stream body) => new(body, new ChatCompletionsProtocol().CreateDecoder());

    private sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask DisposeAsync() => ValueTask.FromException(new IOException("The body breaks when it is closed."));
    }
}
