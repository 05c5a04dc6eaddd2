using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using RawLlm.Tests.Faults;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

/// <summary>Exceptions of caller-supplied handlers and bodies that are not network errors.</summary>
public sealed class ForeignFailureTests
{
    [Theory]
    [InlineData("handler")]
    [InlineData("whole")]
    [InlineData("stream")]
    [InlineData("hedged")]
    public async Task Exception_Rethrown_KeepsOriginalStackTrace(string place)
    {
        using var http = new HttpClient(
            new Handler(request =>
            {
                if (place == "handler")
                    Broken.BreakDown();
                var content = new StreamContent(new Broken());
                content.Headers.ContentType = new(place == "whole" ? "application/json" : "text/event-stream");
                return new HttpResponseMessage { RequestMessage = request, Content = content };
            })
        );
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        var chain = new FallbackChain([client], new FallbackOptions { HedgeAfter = TimeSpan.FromMinutes(1) });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            if (place is "handler" or "whole")
                await client.SendAsync("Hi");
            else
                await (await (place == "hedged" ? chain.StreamAsync("Hi") : client.StreamAsync("Hi"))).ReplyAsync();
        });

        Assert.Contains(nameof(Broken.BreakDown), error.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handler_ThrowsUnknownException_IsInnerException()
    {
        var mine = new FormatException("secret-0123456789");
        using var http = new HttpClient(new Handler(_ => throw mine));
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        Assert.Equal((LlmErrorKind.ConnectionLost, LlmPhase.AwaitHeaders, false), (error.Kind, error.Phase, error.IsRetryable));
        Assert.Same(mine, error.InnerException);
        Assert.Contains(nameof(FormatException), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<Exception, LlmErrorKind, string, string> OwnLimits =>
        new()
        {
            {
                new TaskCanceledException("x", new TimeoutException()),
                LlmErrorKind.ConnectTimeout,
                "ConnectTimeout of the handler",
                "LlmTimeouts.Connect"
            },
            {
                new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded),
                LlmErrorKind.LimitExceeded,
                "MaxResponseHeadersLength of the handler",
                "LlmLimits.ResponseHeaderBytes"
            },
        };

    [Theory]
    [MemberData(nameof(OwnLimits))]
    [Case(4, 23)]
    public async Task Limit_OfSuppliedHandler_IsNamedInMessage(Exception thrown, LlmErrorKind kind, string theirs, string ours)
    {
        using var http = new HttpClient(new Handler(_ => throw thrown));
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(theirs, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ours, error.Message, StringComparison.Ordinal);
        Assert.Contains(ours, HttpFailure.Read(thrown, LlmPhase.Connect)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_FailsAfterCancellation_LeavesNoUnobservedException()
    {
        var unobserved = new ConcurrentQueue<string>();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, e) => unobserved.Enqueue(e.Exception.ToString());
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            await GiveUpAsync();
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }
        Assert.DoesNotContain(unobserved, text => text.Contains(Late.Words, StringComparison.Ordinal));
    }

    // A separate method, so that nothing of it is alive when the test checks.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task GiveUpAsync()
    {
        using var caller = new CancellationTokenSource();
        var content = new Late();
        using var http = new HttpClient(
            new Handler(request => new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content })
        );
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        var asking = client.SendAsync("Hi", caller.Token);
        await content.Asked;
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        content.Fail();
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return answer(request);
        }
    }

    private sealed class Broken : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            BreakDown();
            return 0;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void BreakDown() => throw new InvalidOperationException("It is broken.");
    }

    private sealed class Late : HttpContent
    {
        public const string Words = "too late for anybody";

        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<Stream> _stream = new();

        public Task Asked => _asked.Task;

        public void Fail() => _stream.SetException(new IOException(Words));

        protected override Task<Stream> CreateContentReadStreamAsync()
        {
            _asked.SetResult();
            return _stream.Task;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
