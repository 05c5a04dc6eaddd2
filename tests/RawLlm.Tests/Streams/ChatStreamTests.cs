using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Streams;

public sealed class ChatStreamTests
{
    private const string Hi = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}""" + "\n\n";
    private const string You =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":" you"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"""
        + "\n\n";
    private const string Done = "data: [DONE]\n\n";

    [Fact]
    public async Task ReadAsync_CompleteAnswer_YieldsConnectedTextStopUsageDone()
    {
        await using var stream = Open(new ScriptedStream().Send(Hi).Send(You).Send(Done).End());
        var kinds = new List<StreamEventKind>();
        while (await stream.ReadAsync())
            kinds.Add(stream.Current.Kind);
        Assert.Equal(
            [
                StreamEventKind.Connected,
                StreamEventKind.Text,
                StreamEventKind.Text,
                StreamEventKind.Stop,
                StreamEventKind.Usage,
                StreamEventKind.Done,
            ],
            kinds
        );
        Assert.False(await stream.ReadAsync());
    }

    [Fact]
    public async Task AwaitForeach_OverStream_SeesTextAndFrame()
    {
        string text = "";
        var frames = new List<string>();
        await foreach (var e in Open(new ScriptedStream().Send(Hi).Send(You + Done).End()))
        {
            if (e.Kind == StreamEventKind.Text)
            {
                text += e.ToString();
                frames.Add(System.Text.Encoding.UTF8.GetString(e.Frame));
            }
        }
        Assert.Equal("Hi you", text);
        Assert.Equal([Hi.Trim()[6..], You.Trim()[6..]], frames);
    }

    [Fact]
    public async Task ConfigureAwait_OnForeachAndUsing_ReadsAndDisposesStream()
    {
        string text = "";
        var stream = Open(new ScriptedStream().Send(Hi).Send(You + Done).End());
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var e in stream.ConfigureAwait(false))
            {
                if (e.Kind == StreamEventKind.Text)
                    text += e.ToString();
            }
        }
        Assert.Equal("Hi you", text);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadAsync());
    }

    [Fact]
    public async Task Quirks_OfEarlierReply_AreNotChanged()
    {
        await using var stream = Open(new ScriptedStream().Send(Hi + You + Done).End());
        stream.Record(new Quirk(QuirkKind.UnexpectedType, "a"));
        var early = new ReplyBuilder().Build(stream);
        foreach (var quirk in early.Quirks)
            stream.Record(quirk with { Place = "b" });
        Assert.Equal("a", Assert.Single(early.Quirks).Place);
        Assert.Equal(["a", "b"], stream.Quirks.Select(quirk => quirk.Place));
    }

    [Theory]
    [InlineData(StreamEventKind.Connected, "Hi you", true)]
    [InlineData(StreamEventKind.Text, " you", false)]
    [InlineData(StreamEventKind.Done, "", false)]
    public async Task ReplyAsync_AfterReadAsync_ReportsWhetherReplyIsComplete(StreamEventKind last, string text, bool isComplete)
    {
        await using var stream = Open(new ScriptedStream().Send(Hi).Send(You + Done).End());
        while (await stream.ReadAsync() && stream.Current.Kind != last) { }
        var reply = await stream.ReplyAsync();
        Assert.Equal((text, isComplete), (reply.Text, reply.IsComplete));
    }

    [Fact]
    public async Task Current_BeforeTheFirstRead_IsNone()
    {
        await using var stream = Open(new ScriptedStream());
        Assert.Equal(StreamEventKind.None, stream.Current.Kind);
    }

    [Fact]
    public async Task TextAsync_CompleteAnswer_YieldsEachPiece()
    {
        var pieces = new List<string>();
        await foreach (string piece in Open(new ScriptedStream().Send(Hi + You + Done)).TextAsync())
            pieces.Add(piece);
        Assert.Equal(["Hi", " you"], pieces);
    }

    [Fact]
    public async Task UpdatesAsync_CompleteAnswer_YieldsCopies()
    {
        var updates = new List<StreamUpdate>();
        await foreach (var update in Open(new ScriptedStream().Send(Hi + You + Done)).UpdatesAsync())
            updates.Add(update);
        Assert.Equal("Hi you", string.Concat(updates.Where(update => update.Kind == StreamEventKind.Text).Select(update => update.Text)));
        Assert.Equal(3, updates.Single(update => update.Kind == StreamEventKind.Usage).Usage?.InputTokens);
        Assert.Equal("stop", updates.Single(update => update.Kind == StreamEventKind.Stop).RawStopReason);
    }

    [Fact]
    public async Task ReplyAsync_CompleteAnswer_ReturnsReply()
    {
        var reply = await Open(new ScriptedStream().Send(Hi + You + Done)).ReplyAsync();
        Assert.Equal("Hi you", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal(("c1", "m"), (reply.Id, reply.Model));
        Assert.True(reply.IsComplete);
    }

    [Fact]
    public async Task ReplyAsync_TruncatedAnswer_ThrowsWithPartialReply()
    {
        var error = await Assert.ThrowsAsync<LlmException>(() => Open(new ScriptedStream().Send(Hi).End()).ReplyAsync());
        Assert.Equal(LlmErrorKind.StreamTruncated, error.Kind);
        Assert.True(error.OutputCommitted);
        Assert.False(error.IsRetryable);
        Assert.Equal("Hi", error.Partial?.Text);
        Assert.False(error.Partial?.IsComplete);
    }

    [Fact]
    public async Task ReadAsync_AfterError_ThrowsSameErrorAgain()
    {
        await using var stream = Open(new ScriptedStream().Send(Hi).End());
        Assert.True(await stream.ReadAsync());
        Assert.True(await stream.ReadAsync());
        for (int i = 0; i < 2; i++)
            Assert.Equal(LlmErrorKind.StreamTruncated, (await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync())).Kind);
    }

    [Fact]
    public async Task ReadAsync_ConnectionLost_ThrowsAfterReceivedEvents()
    {
        await using var stream = Open(new ScriptedStream().Send(Hi).Fail(new IOException("reset")));
        Assert.True(await stream.ReadAsync());
        Assert.True(await stream.ReadAsync());
        Assert.Equal("Hi", stream.Current.ToString());
        var error = await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync());
        Assert.Equal((LlmErrorKind.ConnectionLost, true), (error.Kind, error.OutputCommitted));
    }

    [Fact]
    [Case(147)]
    public async Task GetAsyncEnumerator_CalledTwice_Throws()
    {
        await using var stream = Open(new ScriptedStream().Send(Hi + You + Done));
        await foreach (var e in stream)
            Assert.NotEqual(StreamEventKind.None, e.Kind);
        Assert.Throws<InvalidOperationException>(() => stream.GetAsyncEnumerator());
    }

    [Fact]
    [Case(145)]
    public async Task ReadAsync_DuringAnotherRead_Throws()
    {
        var body = new ScriptedStream();
        await using var stream = Open(body);
        Assert.True(await stream.ReadAsync());
        var first = stream.ReadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.ReadAsync());
        body.Send(Hi);
        Assert.True(await first);
        Assert.Equal("Hi", stream.Current.ToString());
    }

    [Fact]
    [Case(145)]
    public async Task DisposeAsync_CalledTwice_DisposesOnce()
    {
        var body = new ScriptedStream().Send(Hi);
        var stream = Open(body);
        await stream.ReadAsync();
        await stream.DisposeAsync();
        await stream.DisposeAsync();
        Assert.Equal(1, body.DisposeCount);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadAsync());
    }

    [Fact]
    [Case(145)]
    public async Task DisposeAsync_WhileReading_EndsTheRead()
    {
        var body = new ScriptedStream();
        var stream = Open(body);
        await stream.ReadAsync();
        var reading = stream.ReadAsync().AsTask();
        await body.Waiting.WaitAsync();
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
    }

    [Fact]
    public async Task AwaitForeach_LeftEarly_DisposesBody()
    {
        var body = new ScriptedStream().Send(Hi).Send(You);
        await foreach (var e in Open(body))
        {
            if (e.Kind == StreamEventKind.Text)
                break;
        }
        Assert.True(body.IsDisposed);
    }

    [Fact]
    public async Task ReadAsync_TokenCanceled_ThrowsWithThatToken()
    {
        var body = new ScriptedStream();
        await using var stream = Open(body);
        await stream.ReadAsync();
        using var source = new CancellationTokenSource();
        var reading = stream.ReadAsync(source.Token).AsTask();
        await body.Waiting.WaitAsync();
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public async Task WithCancellation_AwaitForeach_UsesToken()
    {
        using var source = new CancellationTokenSource();
        var body = new ScriptedStream().Send(Hi);
        var stream = Open(body);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var e in stream.WithCancellation(source.Token))
            {
                if (e.Kind == StreamEventKind.Text)
                    source.Cancel();
            }
        });
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.True(body.IsDisposed);
    }

    [Fact]
    public async Task WithCancellation_AndConfigureAwaitInEitherOrder_UsesToken()
    {
        for (int i = 0; i < 2; i++)
        {
            using var source = new CancellationTokenSource();
            var body = new ScriptedStream().Send(Hi);
            var stream = Open(body);
            var events =
                i == 0
                    ? stream.WithCancellation(source.Token).ConfigureAwait(false)
                    : stream.ConfigureAwait(false).WithCancellation(source.Token);
            string text = "";
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (var e in events)
                {
                    if (e.Kind != StreamEventKind.Text)
                        continue;
                    text += e.ToString();
                    source.Cancel();
                }
            });
            Assert.Equal(("Hi", source.Token), (text, error.CancellationToken));
            Assert.True(body.IsDisposed);
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, false)]
    [InlineData(20, false)]
    [InlineData(333, false)]
    [InlineData(1, true)]
    [InlineData(37, true)]
    [InlineData(333, true)]
    public async Task AwaitForeach_CanceledWithBufferedEvents_EndsSoon(int after, bool isOpeningsToken)
    {
        using var source = new CancellationTokenSource();
        // The whole body is available, and it ignores cancellation.
        byte[] body = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Hi, 1000)) + You + Done);
        using var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ =>
            {
                var content = new StreamContent(new DripStream(body, int.MaxValue));
                content.Headers.ContentType = new("text/event-stream");
                return new HttpResponseMessage { Content = content };
            });
        using var client = new LlmClient(
            new Provider("test", new Uri("https://service.example"), new ChatCompletionsProtocol(), Credential.None),
            "m",
            http: http.ToHttpClient()
        );
        var stream = isOpeningsToken ? await client.StreamAsync("Hi", source.Token) : Open(new DripStream(body, int.MaxValue));
        int count = 0;
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var e in stream.WithCancellation(isOpeningsToken ? default : source.Token))
            {
                if (e.Kind == StreamEventKind.Text && ++count == after)
                    source.Cancel();
            }
        });
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.InRange(count, after, after + 15);
    }

    [Fact]
    public async Task AwaitForeach_CanceledAfterEndWasRead_YieldsRemainingEvents()
    {
        using var source = new CancellationTokenSource();
        var kinds = new List<StreamEventKind>();
        await foreach (var e in Open(new ScriptedStream().Send(Hi + You + Done)).WithCancellation(source.Token))
        {
            kinds.Add(e.Kind);
            if (e.Kind == StreamEventKind.Stop)
                source.Cancel();
        }
        Assert.Equal([StreamEventKind.Stop, StreamEventKind.Usage, StreamEventKind.Done], kinds[^3..]);
    }

    [Fact]
    [Case(68)]
    public async Task ReadAsync_EndMarkOnOpenConnection_EndsImmediately()
    {
        await using var stream = Open(new ScriptedStream().Send(Hi + You + Done));
        int count = 0;
        while (await stream.ReadAsync())
            count++;
        Assert.Equal(6, count);
    }

    private static ChatStream Open(Stream body) => new(body, new ChatCompletionsProtocol().CreateDecoder());
}
