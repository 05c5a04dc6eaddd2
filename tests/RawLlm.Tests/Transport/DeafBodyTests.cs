using System.Net;
using System.Text;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Transport;

/// <summary>Handlers and bodies that the caller supplies and that ignore tokens: timeouts and cancellation work all the same.</summary>
public sealed class DeafBodyTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    // A body that is closed may report its end: that must not make this answer whole or truncated.
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [Case(139, 143)]
    public async Task Body_IgnoresToken_EndsOnTimeoutOrCancellation(bool isStream, bool isCancelled)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var caller = new CancellationTokenSource();
        var time = new VirtualTime();
        using var body = new DeafBody(isStream ? Answers.Role + Answers.Hi + Answers.Stop : Answers.Whole[..20]);
        using var http = new HttpClient(
            new DeafHandler(_ => Task.FromResult(Response(body, isStream ? "text/event-stream" : "application/json")))
        );
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once with { Time = time }, http);
        var asking = Task.Run(() => isStream ? FaultRun.Text(client, caller.Token) : client.SendAsync("Hi", caller.Token));
        await body.Waiting.WaitAsync(watchdog.Token);

        if (isCancelled)
            await caller.CancelAsync();
        else
            time.Advance(LlmTimeouts.Default.Idle);
        time.Advance(Moment);

        var error = await Record.ExceptionAsync(() => asking.WaitAsync(watchdog.Token));
        if (isCancelled)
            Assert.Equal(caller.Token, Assert.IsType<OperationCanceledException>(error).CancellationToken);
        else
            Assert.Equal(LlmErrorKind.IdleTimeout, Assert.IsType<LlmException>(error).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Case(143)]
    public async Task Handler_IgnoresToken_IsAbandonedAndLateResponseIsDisposed(bool isCancelled)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var caller = new CancellationTokenSource();
        var time = new VirtualTime();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var response = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var http = new HttpClient(
            new DeafHandler(_ =>
            {
                begun.SetResult();
                return response.Task;
            })
        );
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once with { Time = time }, http);
        var asking = Task.Run(() => client.SendAsync("Hi", caller.Token));
        await begun.Task.WaitAsync(watchdog.Token);

        if (isCancelled)
            await caller.CancelAsync();
        else
            time.Advance(LlmTimeouts.Default.ReplyHeaders);

        var error = await Record.ExceptionAsync(() => asking.WaitAsync(watchdog.Token));
        if (isCancelled)
            Assert.Equal(caller.Token, Assert.IsAssignableFrom<OperationCanceledException>(error).CancellationToken);
        else
            Assert.Equal(LlmErrorKind.HeadersTimeout, Assert.IsType<LlmException>(error).Kind);
        using var late = new DeafBody("");
        response.SetResult(Response(late, "application/json"));
        await late.Closed.WaitAsync(watchdog.Token);
    }

    private static HttpResponseMessage Response(Stream body, string type)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new(type);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private sealed class DeafHandler(Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(CancellationToken.None);
    }

    /// <summary>Supports only the blocking read, which returns a text, then blocks until the body is closed, and ends.</summary>
    private sealed class DeafBody(string text) : ReadOnlyStream
    {
        private readonly MemoryStream _text = new(Encoding.UTF8.GetBytes(text));
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closed => _closed.Task;

        public SemaphoreSlim Waiting { get; } = new(0);

        public override int Read(byte[] buffer, int offset, int count)
        {
            ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
            if (_text.Position < _text.Length)
                return _text.Read(buffer, offset, count);
            Waiting.Release();
            _closed.Task.GetAwaiter().GetResult();
            return 0;
        }

        protected override void Dispose(bool disposing) => _closed.TrySetResult();
    }
}
