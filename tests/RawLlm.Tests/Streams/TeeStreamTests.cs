using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RawLlm.Tests.Tools;

namespace RawLlm.Tests.Streams;

public sealed class TeeStreamTests
{
    [Fact]
    public async Task Tee_SeveralObservers_SeeEachEventBeforeReader()
    {
        var told = new List<string>();
        var first = new Watcher { OnEvent = e => told.Add($"first {Line(e)}") };
        var second = new Watcher { OnEvent = e => told.Add($"second {Line(e)}") };
        await foreach (var e in Open("Hi", " you").Tee(first, second))
            told.Add($"reader {Line(e)}");

        string[] events = ["Connected ", "Text Hi", "Text  you", "Stop ", "Done "];
        Assert.Equal(events.SelectMany(line => (string[])[$"first {line}", $"second {line}", $"reader {line}"]), told);
    }

    [Fact]
    public async Task OnEnd_CompleteAnswer_GivesAllObserversSameReplyOnce()
    {
        var first = new Watcher();
        var second = new Watcher();
        var stream = Open("Hi", " you").Tee(first, second);

        var reply = await stream.ReplyAsync();
        await stream.DisposeAsync();

        Assert.Equal(("Hi you", true, StopReason.EndTurn), (reply.Text, reply.IsComplete, reply.StopReason));
        Assert.Same(reply, stream.Reply);
        Assert.Equal([(reply, null)], first.Ends);
        Assert.Equal([(reply, null)], second.Ends);
        Assert.Empty(stream.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Observer_ThrowsOnEvent_IsDetachedAndListedInFailures(bool waits)
    {
        var error = new InvalidOperationException("The disk is full.");
        int events = 0;
        var faulty = new Watcher
        {
            OnEvent = e =>
            {
                events++;
                if (e.Kind == StreamEventKind.Text && !waits)
                    throw error;
            },
            Wait = async kind =>
            {
                await Task.Yield();
                if (kind == StreamEventKind.Text && waits)
                    throw error;
            },
        };
        var other = new Watcher();
        var stream = Open("Hi", " you").Tee(faulty, other);

        var reply = await stream.ReplyAsync();

        Assert.Equal("Hi you", reply.Text);
        Assert.Equal("Hi you", other.Text);
        Assert.Equal(2, events);
        Assert.Equal(new ObserverFailure(faulty, error), Assert.Single(stream.Failures));
        Assert.Empty(faulty.Ends);
        Assert.Single(other.Ends);
    }

    [Fact]
    public async Task Failures_ReadEarlier_AreNotChanged()
    {
        var first = new Watcher { OnEvent = e => throw new IOException("gone") };
        var second = new Watcher { OnEnd = () => throw new IOException("gone as well") };
        var stream = Open("Hi").Tee(first, second);
        Assert.True(await stream.ReadAsync());
        var before = stream.Failures;

        await stream.ReplyAsync();

        Assert.Same(first, Assert.Single(before).Observer);
        Assert.Equal([first, second], stream.Failures.Select(failure => failure.Observer));
    }

    [Fact]
    public async Task Observer_ThrowsOnEnd_IsListedInFailures()
    {
        var faulty = new Watcher { OnEnd = () => throw new IOException("gone") };
        var other = new Watcher();
        var stream = Open("Hi").Tee(faulty, other);

        Assert.Equal("Hi", (await stream.ReplyAsync()).Text);

        Assert.Same(faulty, Assert.Single(stream.Failures).Observer);
        Assert.Single(other.Ends);
    }

    [Fact]
    public async Task ReadAsync_SlowObservers_WaitsForSlowest()
    {
        TaskCompletionSource slow = new(),
            slower = new();
        var first = new Watcher { Wait = kind => kind == StreamEventKind.Text ? slow.Task : Task.CompletedTask };
        var second = new Watcher { Wait = kind => kind == StreamEventKind.Text ? slower.Task : Task.CompletedTask };
        var body = new ScriptedStream().Send(Say.StreamedText("Hi", " you")).End();
        await using var stream = new ChatStream(body, new ChatCompletionsProtocol().CreateDecoder()).Tee(first, second);
        Assert.True(await stream.ReadAsync());

        var read = stream.ReadAsync().AsTask();
        // Both have seen the event already, and wait concurrently.
        Assert.Equal(("Hi", "Hi"), (first.Text, second.Text));
        Assert.False(read.IsCompleted);
        slow.SetResult();
        Assert.False(read.IsCompleted);
        slower.SetResult();

        Assert.True(await read);
        Assert.Equal("Hi", stream.Current.ToString());
        Assert.Equal("Hi", first.Text);
    }

    [Fact]
    public async Task ReadAsync_Fails_GivesObserversPartialReplyAndError()
    {
        var watcher = new Watcher();
        string body = Say.StreamedText("Hi", " you");
        body = body[..body.IndexOf("data: {", body.IndexOf("you", StringComparison.Ordinal), StringComparison.Ordinal)];
        var stream = new ChatStream(new MemoryStream(Encoding.UTF8.GetBytes(body)), new ChatCompletionsProtocol().CreateDecoder()).Tee(
            watcher
        );

        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

        Assert.Equal(LlmErrorKind.StreamTruncated, error.Kind);
        Assert.Equal("Hi you", error.Partial!.Text);
        var (reply, told) = Assert.Single(watcher.Ends);
        Assert.Equal(("Hi you", false), (reply.Text, reply.IsComplete));
        Assert.Equal(LlmErrorKind.StreamTruncated, Assert.IsType<LlmException>(told).Kind);
    }

    [Fact]
    public async Task AwaitForeach_LeftEarly_EndsObserversAndDisposesStream()
    {
        var watcher = new Watcher();
        var body = new ScriptedStream().Send(Say.StreamedText("Hi", " you"));
        await foreach (var e in new ChatStream(body, new ChatCompletionsProtocol().CreateDecoder()).Tee(watcher))
        {
            if (e.Kind == StreamEventKind.Text)
                break;
        }

        Assert.True(body.IsDisposed);
        var (reply, error) = Assert.Single(watcher.Ends);
        Assert.Equal(("Hi", false, null), (reply.Text, reply.IsComplete, error));
    }

    [Fact]
    public async Task ReadAsync_TokenAlreadyCanceled_KeepsStreamUsable()
    {
        var watcher = new Watcher();
        var stream = Open("Hi").Tee(watcher);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await stream.ReadAsync(new CancellationToken(true)));

        Assert.Equal("Hi", (await stream.ReplyAsync()).Text);
        Assert.Null(Assert.Single(watcher.Ends).Error);
    }

    [Fact]
    public async Task AwaitForeach_WithTokenAndConfigureAwait_ReadsStream()
    {
        using var source = new CancellationTokenSource();
        var watcher = new Watcher();
        string text = "";
        var stream = Open("Hi", " you").Tee(watcher);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var e in stream.WithCancellation(source.Token).ConfigureAwait(false))
                text += e.Kind == StreamEventKind.Text ? e.ToString() : "";
        }
        Assert.Equal(("Hi you", "Hi you"), (text, watcher.Text));

        // The token is passed to each read.
        await source.CancelAsync();
        var loop = Open("Hi").Tee(watcher).GetAsyncEnumerator(source.Token);
        Assert.Equal(
            source.Token,
            (await Assert.ThrowsAsync<OperationCanceledException>(async () => await loop.MoveNextAsync())).CancellationToken
        );
        await loop.DisposeAsync();
    }

    [Fact]
    public async Task Tee_Delegate_ReceivesEvents()
    {
        string text = "";
        await Open("Hi", " you").Tee(e => text += e.Kind == StreamEventKind.Text ? e.ToString() : "").ReplyAsync();

        Assert.Equal("Hi you", text);
    }

    [Fact]
    public async Task Tee_NullObserverOrCalledTwice_Throws()
    {
        await using var stream = Open("Hi");
        Assert.Throws<ArgumentNullException>(() => stream.Tee(new Watcher(), null!));
        var tee = stream.Tee(new Watcher());
        Assert.Throws<InvalidOperationException>(() => stream.Tee(new Watcher()));
        Assert.Throws<InvalidOperationException>(() => stream.GetAsyncEnumerator());
        tee.GetAsyncEnumerator();
        Assert.Throws<InvalidOperationException>(() => tee.GetAsyncEnumerator());
    }

    [Fact]
    public async Task ReadAsync_DuringAnotherRead_ThrowsAndKeepsStreamUsable()
    {
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = new Watcher { Wait = kind => kind == StreamEventKind.Text ? slow.Task : Task.CompletedTask };
        var stream = Open("one", "two").Tee(watcher);
        Assert.True(await stream.ReadAsync());
        var first = stream.ReadAsync().AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await stream.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2))
        );

        // The watcher is still busy with the first one.
        Assert.Equal("one", watcher.Text);
        slow.SetResult();
        Assert.True(await first);
        Assert.Equal("one", stream.Current.ToString());
        Assert.Equal("onetwo", (await stream.ReplyAsync()).Text);
        Assert.Null(Assert.Single(watcher.Ends).Error);
    }

    private static ChatStream Open(params string[] pieces) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(Say.StreamedText(pieces))), new ChatCompletionsProtocol().CreateDecoder());

    private static string Line(StreamEvent e) => $"{e.Kind} {e.ToString()}";

    private sealed class Watcher : IStreamObserver
    {
        public Action<StreamEvent>? OnEvent { get; init; }

        public Func<StreamEventKind, Task>? Wait { get; init; }

        public Action? OnEnd { get; init; }

        public string Text { get; private set; } = "";

        public List<(ChatReply Reply, Exception? Error)> Ends { get; } = [];

        public ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken)
        {
            OnEvent?.Invoke(e);
            if (e.Kind == StreamEventKind.Text)
                Text += e.ToString();
            return Wait is null ? default : new(Wait(e.Kind));
        }

        public ValueTask OnEndAsync(ChatReply reply, Exception? error)
        {
            Ends.Add((reply, error));
            OnEnd?.Invoke();
            return default;
        }
    }
}
