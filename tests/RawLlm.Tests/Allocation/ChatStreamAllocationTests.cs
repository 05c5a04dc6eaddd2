using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Tests.Support;
using RawLlm.Traffic;
using RawLlm.Transport;
using Xunit.Abstractions;

namespace RawLlm.Tests.Allocation;

/// <summary>
/// Nothing is allocated per event. After a warm-up, two streams that differ only in length are read and must allocate the same number of
/// bytes. What one stream allocates in total (its decoder, its first buffers, the ids) has its own limit.
/// </summary>
/// <remarks>
/// On one thread the count is exact: the test completes each suspended read, and everything that waits for it continues before that call
/// returns. In debug builds the compiler makes a class of every async method's state, so each call that has to read may allocate one
/// there; release builds may allocate nothing.
/// </remarks>
[Collection(AllocationCollection.Name)]
public sealed class ChatStreamAllocationTests(ITestOutputHelper output)
{
    private const int Short = 500;
    private const int Long = 4500;

    // Measured in a release build: 1.3 to 1.6 KB for stream, decoder, ids and usage, and 0.9 KB more for a watchdog and its response;
    // none of it grows with the answer.
    private const long MaxPerStream = 2560;

    // Measured: 5.6 to 6.0 KB, including the activity with its tags.
    private const long MaxPerStreamThatIsListenedTo = 8192;
    private const long MaxPerDebugRead = 256;

    private static readonly CancellationTokenSource Own = new();
    private static readonly bool IsOptimized = !typeof(ChatStream)
        .Assembly.GetCustomAttributes<DebuggableAttribute>()
        .Any(attribute => attribute.IsJITOptimizerDisabled);

    public enum Consumer
    {
        Cursor,
        Loop,
        LoopWithToken,
        ConfiguredLoopWithToken,
    }

    public static TheoryData<string, Consumer, string> Cases
    {
        get
        {
            var data = new TheoryData<string, Consumer, string>();
            foreach (string shape in (string[])["tokens", "reasoning", "tool-arguments", "interleaved", "multibyte", "keep-alives"])
            {
                foreach (var consumer in Enum.GetValues<Consumer>())
                {
                    data.Add(shape, consumer, ReadPattern.PerChunk.Name);
                    data.Add(shape, consumer, ReadPattern.FourKibibytes.Name);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ChatStream_ReadsCompleteSynchronously_AllocatesNothingPerEvent(string name, Consumer consumer, string pattern)
    {
        var reads = Pattern(pattern);
        AssertNothingPerEvent(name, shape => Count(new TrafficStream(shape, reads), consumer));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ChatStream_ReadsSuspend_AllocatesNothingPerEvent(string name, Consumer consumer, string pattern)
    {
        var reads = Pattern(pattern);
        AssertNothingPerEvent(name, shape => Count(new SuspendingStream(shape, reads, pooled: false), consumer));
    }

    // Each read is measured; an activity and its tags are allocated once per stream.
    [Theory]
    [InlineData("tokens", Consumer.Loop, "per chunk", false)]
    [InlineData("tokens", Consumer.LoopWithToken, "per chunk", true)]
    [InlineData("tokens", Consumer.Loop, "4 KiB", false)]
    [InlineData("tool-arguments", Consumer.Cursor, "per chunk", true)]
    public void ChatStream_WithTelemetryListeners_AllocatesNothingPerEvent(string name, Consumer consumer, string pattern, bool suspends)
    {
        var reads = Pattern(pattern);
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9/v1/", "k"), "m");
        using var listening = new Listening();
        AssertNothingPerEvent(
            name,
            shape =>
            {
                Stream body = suspends ? new SuspendingStream(shape, reads, pooled: false) : new TrafficStream(shape, reads);
                return Count(
                    body,
                    new ChatCompletionsProtocol(),
                    protocol => new ChatStream(body, protocol.CreateDecoder())
                    {
                        Telemetry = CallTelemetry.Begin(client, "Hi", isStream: true, chain: null),
                    },
                    consumer,
                    null
                );
            },
            MaxPerStreamThatIsListenedTo
        );
        Assert.True(
            listening.Activities > 0 && listening.Measurements > 1000,
            $"{listening.Activities} activities, {listening.Measurements} measurements"
        );
    }

    [Fact]
    public void CallTelemetry_WithoutListeners_AllocatesNothing()
    {
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9/v1/", "k"), "m");
        ChatRequest request = "Hi";
        Assert.Null(CallTelemetry.Begin(client, request, isStream: true, chain: null));
        Assert.Null(ChainTelemetry.Begin(2));
        // The minimum of several runs: the runtime itself occasionally allocates on the thread when it recompiles a method.
        long least = long.MaxValue;
        for (int run = 0; run < 5 && least > 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                CallTelemetry.Begin(client, request, isStream: true, chain: null);
                ChainTelemetry.Begin(2);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    // The stream as the client opens it: with timeouts, and with a token of the loop in addition to the token of the stream.
    [Theory]
    [InlineData("tokens", Consumer.Loop)]
    [InlineData("tokens", Consumer.LoopWithToken)]
    [InlineData("tool-arguments", Consumer.LoopWithToken)]
    public void ChatStream_WithWatchdog_AllocatesNothingPerEvent(string name, Consumer consumer)
    {
        using var opened = new CancellationTokenSource();
        AssertNothingPerEvent(
            name,
            shape =>
            {
                var body = new SuspendingStream(shape, ReadPattern.PerChunk, pooled: false);
                var watchdog = new Watchdog(LlmTimeouts.Default, TimeProvider.System, isStream: true, opened.Token);
                watchdog.HeadersCame();
                var answer = new HttpAnswer(new HttpResponseMessage { Content = new StreamContent(body) }, body, watchdog, opened.Token);
                return Count(
                    body,
                    new ChatCompletionsProtocol(),
                    protocol => new ChatStream(answer, protocol.CreateDecoder()),
                    consumer,
                    null
                );
            }
        );
    }

    [Theory]
    [InlineData("tokens", Consumer.Cursor)]
    [InlineData("tokens", Consumer.Loop)]
    [InlineData("reasoning", Consumer.Loop)]
    [InlineData("tool-arguments", Consumer.Loop)]
    public async Task ChatStream_ReadsSuspendOnThreadPool_AllocatesNothingPerEvent(string name, Consumer consumer)
    {
        // Other threads are counted too, so one quiet round is enough; a cost per event would appear in every round.
        const long Noise = 1024;
        TrafficShape few = Make(name, Short),
            many = Make(name, Long);
        for (int i = 0; i < 3; i++)
            await CountPooled(many, consumer);
        long least = long.MaxValue;
        long reads = 0;
        for (int round = 0; round < 20 && least > Noise; round++)
        {
            var (shortBytes, shortReads) = await CountPooled(few, consumer);
            var (longBytes, longReads) = await CountPooled(many, consumer);
            least = Math.Min(least, longBytes - shortBytes);
            reads = longReads - shortReads;
        }

        output.WriteLine($"{least} bytes for {many.ContentCount - few.ContentCount} events more, in {reads} reads more");
        Assert.True(least <= Noise + Allowance(reads), $"{least} bytes for {many.ContentCount - few.ContentCount} events more.");
    }

    [Theory]
    [InlineData("tokens")]
    [InlineData("reasoning")]
    [InlineData("tool-arguments")]
    [InlineData("interleaved")]
    [InlineData("multibyte")]
    [InlineData("obfuscation")]
    [InlineData("logprobs")]
    [InlineData("crlf")]
    public void StreamDecoder_FedFromMemory_AllocatesNothingPerEvent(string name)
    {
        AssertNothingPerEvent(
            name,
            shape =>
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                using var decoder = new ChatCompletionsProtocol().CreateDecoder();
                var rest = shape.Bytes.Span;
                int count = 0;
                while (true)
                {
                    while (decoder.TryRead())
                        count += decoder.Current.Utf8.IsEmpty ? 0 : 1;
                    if (decoder.IsEnded)
                        break;
                    int size = Math.Min(1000, rest.Length);
                    rest[..size].CopyTo(decoder.GetSpan(size));
                    decoder.Advance(size);
                    rest = rest[size..];
                }
                long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                return (bytes, count, 0);
            }
        );
    }

    [Fact]
    public async Task TextAsync_WithTokens_AllocatesOneStringPerPiece()
    {
        var shape = Make("tokens", Long);
        long expected = 0;
        await foreach (
            string piece in new ChatStream(new TrafficStream(shape, shape.Reads), new ChatCompletionsProtocol().CreateDecoder()).TextAsync()
        )
        {
            expected += StringBytes(piece);
        }

        long Count()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var task = ReadText(shape);
            Assert.True(task.IsCompletedSuccessfully);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        for (int i = 0; i < 5; i++)
            Count();

        long bytes = MinAllocation.Of(Count);

        output.WriteLine($"{bytes} bytes, {expected} of them strings");
        Assert.InRange(bytes, expected, expected + MaxPerStream + Allowance(shape.Bytes.Length / 4096 + 2));
    }

    // Fails if the measurement misses an allocation.
    [Fact]
    public void Count_EventsAllocate_DetectsAllocations()
    {
        var shape = Make("tokens", Short);
        var (bytes, _, _) = Count(new TrafficStream(shape, shape.Reads), Consumer.Cursor, new List<string>(Short + 8));

        Assert.True(bytes > Short * 24);
    }

    private void AssertNothingPerEvent(
        string name,
        Func<TrafficShape, (long Bytes, int Events, int Reads)> count,
        long mostPerStream = MaxPerStream
    )
    {
        TrafficShape few = Make(name, Short),
            many = Make(name, Long);
        for (int i = 0; i < 3; i++)
            count(many);
        var less = count(few);
        var more = count(many);
        bool IsWithin() =>
            more.Bytes >= less.Bytes
            && more.Bytes - less.Bytes <= Allowance(more.Reads - less.Reads)
            && less.Bytes <= mostPerStream + Allowance(less.Reads);
        // A collection may empty the pool between two streams; a cost per event would appear every time.
        for (int i = 0; i < 5 && !IsWithin(); i++)
            (less, more) = (count(few), count(many));

        Assert.Equal(few.ContentCount, less.Events);
        Assert.Equal(many.ContentCount, more.Events);
        output.WriteLine(
            $"{less.Bytes} bytes for {less.Events} events in {less.Reads} reads, {more.Bytes} for {more.Events} in {more.Reads}"
        );
        if (!IsOptimized)
            output.WriteLine("Debug build: the states of async methods are classes, so that many reads may allocate.");
        Assert.InRange(more.Bytes - less.Bytes, 0, Allowance(more.Reads - less.Reads));
        Assert.InRange(less.Bytes, 0, mostPerStream + Allowance(less.Reads));
    }

    private static (long Bytes, int Events, int Reads) Count(Stream body, Consumer consumer, List<string>? kept = null) =>
        Count(body, new ChatCompletionsProtocol(), protocol => new ChatStream(body, protocol.CreateDecoder()), consumer, kept);

    private static (long Bytes, int Events, int Reads) Count(
        Stream body,
        WireProtocol protocol,
        Func<WireProtocol, ChatStream> open,
        Consumer consumer,
        List<string>? kept
    )
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var task = Consume(open(protocol), consumer, kept);
            if (body is SuspendingStream suspending)
            {
                while (suspending.IsWaiting)
                    suspending.Release();
            }
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(task.IsCompletedSuccessfully, $"Did not run to its end on this thread: {task.Exception}");
            return (
                bytes,
                task.GetAwaiter().GetResult(),
                body is SuspendingStream waiting ? waiting.ReadCount : ((TrafficStream)body).ReadCount
            );
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static async Task<(long Bytes, int Reads)> CountPooled(TrafficShape shape, Consumer consumer)
    {
        var body = new SuspendingStream(shape, ReadPattern.PerChunk, pooled: true);
        var protocol = new ChatCompletionsProtocol();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        int events = await Task.Run(() => Consume(new ChatStream(body, protocol.CreateDecoder()), consumer, null)).ConfigureAwait(false);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(shape.ContentCount, events);
        return (bytes, body.ReadCount);
    }

    private static async Task<int> Consume(ChatStream stream, Consumer consumer, List<string>? kept)
    {
        int count = 0;
        if (consumer == Consumer.Cursor)
        {
            await using (stream)
            {
                while (await stream.ReadAsync().ConfigureAwait(false))
                {
                    if (stream.Current.Utf8.IsEmpty)
                        continue;
                    count++;
                    kept?.Add(stream.Current.ToString());
                }
            }
        }
        else if (consumer == Consumer.Loop)
        {
            await foreach (var e in stream)
                count += e.Utf8.IsEmpty ? 0 : 1;
        }
        else if (consumer == Consumer.LoopWithToken)
        {
            await foreach (var e in stream.WithCancellation(Own.Token))
                count += e.Utf8.IsEmpty ? 0 : 1;
        }
        else
        {
            await foreach (var e in stream.ConfigureAwait(false).WithCancellation(Own.Token))
                count += e.Utf8.IsEmpty ? 0 : 1;
        }
        return count;
    }

    private static async Task ReadText(TrafficShape shape)
    {
        await foreach (
            string piece in new ChatStream(new TrafficStream(shape, shape.Reads), new ChatCompletionsProtocol().CreateDecoder()).TextAsync()
        )
        {
            GC.KeepAlive(piece);
        }
    }

    private static long Allowance(long reads) => IsOptimized ? 0 : reads * MaxPerDebugRead;

    // Object header, length, characters and terminating zero, rounded up to a multiple of 8.
    private static long StringBytes(string text) => (22 + 2 * text.Length + 7) / 8 * 8;

    private static ReadPattern Pattern(string name) => ReadPattern.All.Single(reads => reads.Name == name);

    private static TrafficShape Make(string name, int count) =>
        name switch
        {
            "tokens" => TrafficShapes.Tokens(count),
            "reasoning" => TrafficShapes.Reasoning(count),
            "tool-arguments" => TrafficShapes.ToolArguments(count * 16),
            "interleaved" => TrafficShapes.Interleaved(count),
            "multibyte" => TrafficShapes.Multibyte(count),
            "keep-alives" => TrafficShapes.KeepAlives(count),
            "obfuscation" => TrafficShapes.Obfuscation(count),
            "logprobs" => TrafficShapes.Logprobs(count),
            "crlf" => TrafficShapes.Crlf(count),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

    /// <summary>Listens to all of the library's activities and measurements, and only counts them.</summary>
    private sealed class Listening : IDisposable
    {
        private readonly ActivityListener _activities;
        private readonly MeterListener _meters = new();

        public Listening()
        {
            _activities = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "RawLlm",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ => Activities++,
            };
            ActivitySource.AddActivityListener(_activities);
            _meters.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "RawLlm")
                    listener.EnableMeasurementEvents(instrument);
            };
            _meters.SetMeasurementEventCallback<double>((_, _, _, _) => Measurements++);
            _meters.SetMeasurementEventCallback<long>((_, _, _, _) => Measurements++);
            _meters.Start();
        }

        public int Activities { get; private set; }

        public int Measurements { get; private set; }

        public void Dispose()
        {
            _meters.Dispose();
            _activities.Dispose();
        }
    }
}
