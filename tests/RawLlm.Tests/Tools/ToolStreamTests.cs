using System.Net;
using System.Text;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Tools;

/// <summary>The loop as it goes.</summary>
public sealed class ToolStreamTests
{
    private static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    [Fact]
    public async Task Stream_CallsThenAnswer_YieldsAnswerAndCallEvents()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}"), ("b", "other", "{}")), Say.StreamedText("No", "on."));
        using var client = model.Client();
        var events = new List<string>();

        await using var stream = new ToolLoop(client, [Clock], new ToolLoopOptions { MaxParallelCalls = 1 }).Stream("When?");
        Assert.Equal(ToolEventKind.None, stream.Current.Kind);
        Assert.Null(stream.Run);
        await foreach (var e in stream)
            events.Add(Describe(e));

        Assert.Equal(
            [
                "1 Connected",
                "1 ToolCallStarted",
                "1 ToolArguments {}",
                "1 ToolCallStarted",
                "1 ToolArguments {}",
                "1 ToolCall {}",
                "1 ToolCall {}",
                "1 Stop",
                "1 Done",
                "1 CallFailed b There is no tool \"other\". Available tools: clock.",
                "1 CallStarted a",
                "1 CallEnded a 12:00",
                "2 Connected",
                "2 Text No",
                "2 Text on.",
                "2 Stop",
                "2 Done",
            ],
            events
        );
        Assert.Equal("Noon.", stream.Run!.Text);
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant], stream.Run.Messages.Select(message => message.Role));
        Assert.False(await stream.ReadAsync().AsTask().ContinueWith(read => read.IsCompletedSuccessfully && read.Result));
    }

    [Fact]
    public async Task Stream_ComparedWithRunAsync_SendsSameRequests()
    {
        using var whole = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Text("Noon."));
        using var streamed = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedText("Noon."));
        using var one = whole.Client();
        using var other = streamed.Client();

        var run = await new ToolLoop(one, [Clock]).RunAsync("When?");
        await using var stream = new ToolLoop(other, [Clock]).Stream("When?");
        while (await stream.ReadAsync()) { }

        Assert.Equal(run.Messages, stream.Run!.Messages);
        Assert.StartsWith(whole.Bodies[1][..^1], streamed.Bodies[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_SeveralCalls_ReportsEachWhenItEnds()
    {
        var first = new TaskCompletionSource<string>();
        var tool = new Tool(new ToolDefinition("clock"), async (call, _) => call.Id == "a" ? await first.Task : "second");
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}"), ("b", "clock", "{}")), Say.StreamedText("Noon."));
        using var client = model.Client();
        var ended = new List<string>();

        await using var stream = new ToolLoop(client, [tool]).Stream("When?");
        while (await stream.ReadAsync())
        {
            if (stream.Current is not { Kind: ToolEventKind.CallEnded, Call.Id: var id })
                continue;
            ended.Add(id);
            first.TrySetResult("first");
        }

        Assert.Equal(["b", "a"], ended);
        // Told as they end, sent back in the model's order.
        Assert.Equal(["first", "second"], stream.Run!.Invocations.Select(invocation => invocation.Result.Text));
    }

    [Fact]
    public async Task Stream_TruncatedOnLaterTurn_KeepsMessages()
    {
        using var model = ScriptedModel.Sse(
            Say.StreamedCalls(("a", "clock", "{}")),
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"No\"}}]}\n\n"
        );
        using var client = model.Client();
        await using var stream = new ToolLoop(client, [Clock]).Stream("When?");

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync()) { }
        });

        Assert.Equal(LlmErrorKind.StreamTruncated, e.Kind);
        Assert.Equal("No", e.Partial!.Text);
        Assert.Equal("12:00", ((ToolResultPart)e.Run!.Messages[1].Parts[0]).Text);
        Assert.Equal(e.Run.Messages, stream.Run!.Messages);
        Assert.Same(e, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync()));
    }

    [Fact]
    public async Task Stream_OverChainAndFirstFailsOnLaterTurn_AsksNext()
    {
        using var first = new ScriptedModel(
            "text/event-stream",
            (HttpStatusCode.OK, Say.StreamedCalls(("a", "clock", "{}"))),
            (HttpStatusCode.ServiceUnavailable, "{}")
        );
        using var second = ScriptedModel.Sse(Say.StreamedText("Noon."));
        using var one = first.Client();
        using var other = second.Client(Providers.Groq);
        await using var stream = new ToolLoop(new FallbackChain([one, other]), [Clock]).Stream("When?");

        while (await stream.ReadAsync()) { }

        Assert.Equal("Noon.", stream.Run!.Text);
        Assert.Equal(["openai", "groq"], stream.Run.Replies.Select(reply => reply.Provider));
        Assert.Contains("12:00", second.Bodies[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ServiceErrorOnLaterTurn_KeepsRunAndIsNotRetryable()
    {
        using var model = new ScriptedModel(
            "text/event-stream",
            (HttpStatusCode.OK, Say.StreamedCalls(("a", "clock", "{}"))),
            (HttpStatusCode.ServiceUnavailable, "{}")
        );
        using var client = model.Client();
        await using var stream = new ToolLoop(client, [Clock]).Stream("When?");

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync()) { }
        });

        Assert.True(e is { Status: 503, IsRetryable: false, Run.Turns: 1 });
    }

    [Fact]
    public async Task Stream_CanceledWhileToolRuns_KeepsCompleteConversation()
    {
        using var source = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var tool = new Tool(
            new ToolDefinition("clock"),
            async (call, cancellationToken) =>
            {
                if (call.Id == "b")
                {
                    begun.SetResult();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                await begun.Task;
                return "12:00";
            }
        );
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}"), ("b", "clock", "{}")));
        using var client = model.Client();
        await using var stream = new ToolLoop(client, [tool]).Stream("When?", source.Token);

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.ReadAsync())
            {
                if (stream.Current.Kind == ToolEventKind.CallEnded)
                    source.Cancel();
            }
        });

        Assert.Equal(source.Token, e.CancellationToken);
        var run = stream.Run!;
        Assert.Equal(
            ["12:00", "The call was interrupted; it may have run in part."],
            run.Messages[1].Parts.Select(part => ((ToolResultPart)part).Text)
        );
        Assert.Equal("a", run.Invocations.Single().Call.Id);
    }

    [Fact]
    public async Task Partial_StreamLeftEarly_IsIncompleteAnswer()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedText("It is ", "noon", "."));
        using var client = model.Client();
        var stream = new ToolLoop(client, [Clock]).Stream("When?");
        Assert.Null(stream.Partial);
        await foreach (var e in stream)
        {
            if (e.Kind == ToolEventKind.CallEnded)
                Assert.Null(stream.Partial);
            if (e.Answer.Kind == StreamEventKind.Text && e.Answer.ToString() == "noon")
                break;
        }

        Assert.Equal(("It is noon", false), (stream.Partial?.Text, stream.Partial?.IsComplete));
        Assert.Equal([Role.Assistant, Role.Tool], stream.Run!.Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task Partial_CompletedRun_IsNull()
    {
        using var model = ScriptedModel.Sse(Say.StreamedText("It is ", "noon"));
        using var client = model.Client();
        await using var stream = new ToolLoop(client, [Clock]).Stream("When?");
        while (await stream.ReadAsync()) { }

        Assert.Null(stream.Partial);
        Assert.Equal("It is noon", stream.Run?.Text);
    }

    [Fact]
    public async Task Stream_DisposedWhileToolRuns_CancelsTool()
    {
        var cancelled = new TaskCompletionSource();
        var tool = Tool.Create(
            new ToolDefinition("clock"),
            async Task<string> (_, cancellationToken) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return "never";
                }
                finally
                {
                    cancelled.SetResult();
                }
            }
        );
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")));
        using var client = model.Client();

        var stream = new ToolLoop(client, [tool]).Stream("When?");
        await foreach (var e in stream)
        {
            if (e.Kind == ToolEventKind.CallStarted)
                break;
        }

        await cancelled.Task;
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadAsync());
        await stream.DisposeAsync();
        Assert.Throws<InvalidOperationException>(() => stream.GetAsyncEnumerator());
    }

    [Fact]
    public async Task Stream_TooManyTurns_ThrowsAfterLastAnswer()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")));
        using var client = model.Client();
        await using var stream = new ToolLoop(client, [Clock], new ToolLoopOptions { MaxTurns = 1 }).Stream("When?");
        var text = new StringBuilder();

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync())
                text.Append(stream.Current.Answer.Kind).Append(' ');
        });

        Assert.EndsWith("Done ", text.ToString(), StringComparison.Ordinal);
        Assert.True(e is { Kind: LlmErrorKind.TooManyTurns, Run.Turns: 1, Partial: null });
    }

    [Fact]
    public async Task DisposeAsync_HookIgnoresToken_AbandonsHook()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")));
        using var client = model.Client();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<ToolApproval>();
        var stream = new ToolLoop(
            client,
            [Clock],
            new ToolLoopOptions
            {
                Approve = (_, _) =>
                {
                    asked.SetResult();
                    return new(never.Task);
                },
            }
        ).Stream("When?");
        var reading = Task.Run(async () =>
        {
            while (await stream.ReadAsync()) { }
        });
        await asked.Task;

        await stream.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains("interrupted", ((ToolResultPart)stream.Run!.Messages[1].Parts[0]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisposeAsync_CancellationRegistrationOfHookThrows_EndsRead()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")));
        using var client = model.Client();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = new ToolLoop(
            client,
            [Clock],
            new ToolLoopOptions
            {
                Approve = async (_, cancellationToken) =>
                {
                    cancellationToken.Register(() => throw new InvalidTimeZoneException());
                    asked.SetResult();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return ToolApproval.Allow;
                },
            }
        ).Stream("When?");
        var reading = Task.Run(async () =>
        {
            while (await stream.ReadAsync()) { }
        });
        await asked.Task;

        await stream.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task AwaitForeach_WithTokenAndConfigureAwait_ReadsAndDisposesStream()
    {
        using var source = new CancellationTokenSource();
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedText("No", "on."));
        using var client = model.Client();
        string text = "";

        var stream = new ToolLoop(client, [Clock]).Stream("When?");
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var e in stream.ConfigureAwait(false).WithCancellation(source.Token))
                text += e.Answer.Kind == StreamEventKind.Text ? e.Answer.ToString() : "";
        }

        Assert.Equal("Noon.", text);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadAsync());
    }

    [Theory]
    [InlineData("head")]
    [InlineData("body")]
    [InlineData("function")]
    public async Task ReadAsync_TokenCanceledDuringRead_EndsStreamWithThatToken(string place)
    {
        using var source = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var head = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var body = new ScriptedStream();
        if (place == "function")
            body.Send(Say.StreamedCalls(("a", "clock", "{}"))).End();
        var handler = new Answering(async () =>
        {
            asked.SetResult();
            if (place == "head")
                await head.Task;
            var content = new StreamContent(body);
            content.Headers.ContentType = new("text/event-stream");
            return new HttpResponseMessage { Content = content };
        });
        var tool = Tool.Create(
            new ToolDefinition("clock"),
            async Task<string> (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return "never";
            }
        );
        using var http = new HttpClient(handler);
        using var client = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            new LlmClientOptions { Retries = LlmRetries.None },
            http
        );
        await using var stream = new ToolLoop(client, [tool]).Stream("When?");

        // One that was cancelled beforehand ends nothing.
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await stream.ReadAsync(new CancellationToken(true)));
        while (
            place == "body"
                ? stream.Current.Kind != ToolEventKind.Answer
                : place == "function" && stream.Current.Kind != ToolEventKind.CallStarted
        )
        {
            Assert.True(await stream.ReadAsync(source.Token));
        }

        var reading = stream.ReadAsync(source.Token).AsTask();
        await asked.Task;
        Assert.False(reading.IsCompleted);
        await source.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(source.Token, e.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadAsync());
        Assert.Equal(place == "function", stream.Run is not null);
        head.TrySetResult();
    }

    [Fact]
    public async Task ReadAsync_DuringAnotherRead_ThrowsAndKeepsStreamUsable()
    {
        var head = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var body = new ScriptedStream();
        var handler = new Answering(async () =>
        {
            await head.Task;
            var content = new StreamContent(body);
            content.Headers.ContentType = new("text/event-stream");
            return new HttpResponseMessage { Content = content };
        });
        using var http = new HttpClient(handler);
        using var client = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            new LlmClientOptions { Retries = LlmRetries.None },
            http
        );
        await using var stream = new ToolLoop(client, [Clock]).Stream("When?");

        var first = stream.ReadAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await stream.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2))
        );
        head.SetResult();
        Assert.True(await first);
        Assert.Equal(StreamEventKind.Connected, stream.Current.Answer.Kind);
        first = stream.ReadAsync().AsTask();
        await body.Waiting.WaitAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await stream.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2))
        );
        body.Send(Say.StreamedText("No", "on.")).End();
        Assert.True(await first);
        Assert.Equal("No", stream.Current.Answer.ToString());
        while (await stream.ReadAsync()) { }

        Assert.Equal(("Noon.", 1), (stream.Run!.Text, handler.Requests));
    }

    private sealed class Answering(Func<Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return answer();
        }
    }

    private static string Describe(in ToolEvent e) =>
        e.Kind == ToolEventKind.Answer
            ? $"{e.Turn} {e.Answer.Kind} {e.Answer.ToString()}".TrimEnd()
            : $"{e.Turn} {e.Kind} {e.Call!.Id} {e.Invocation?.Result.Text}".TrimEnd();
}
