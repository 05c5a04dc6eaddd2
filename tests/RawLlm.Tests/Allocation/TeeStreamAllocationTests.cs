using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Tools;
using Xunit.Abstractions;

namespace RawLlm.Tests.Allocation;

/// <summary>Watching a stream allocates nothing per event: only the answer's text is kept, no matter how many events deliver it.</summary>
[Collection(AllocationCollection.Name)]
public sealed class TeeStreamAllocationTests(ITestOutputHelper output)
{
    private const int Characters = 32 << 10;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void TeeStream_SameTextInMoreEvents_AllocatesSameBytes(int observers)
    {
        byte[] few = Body(64),
            many = Body(4);
        for (int i = 0; i < 3; i++)
            Count(many, observers);
        var (fewer, more) = (Count(few, observers), Count(many, observers));
        for (int i = 0; i < 5 && fewer.Bytes != more.Bytes; i++)
            (fewer, more) = (Count(few, observers), Count(many, observers));

        output.WriteLine($"{fewer.Bytes} bytes for {fewer.Events} events, {more.Bytes} for {more.Events}");
        Assert.Equal((Characters / 64 * (observers + 1), Characters / 4 * (observers + 1)), (fewer.Events, more.Events));
        Assert.Equal(fewer.Bytes, more.Bytes);
    }

    private static byte[] Body(int length) =>
        Encoding.UTF8.GetBytes(Say.StreamedText([.. Enumerable.Repeat(new string('x', length), Characters / length)]));

    private static (long Bytes, int Events) Count(byte[] body, int observers)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var task = Consume(body, observers);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(task.IsCompletedSuccessfully, $"Did not run to its end on this thread: {task.Exception}");
            return (bytes, task.Result);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static async Task<int> Consume(byte[] body, int observers)
    {
        Counter[] counters = [.. Enumerable.Range(0, observers).Select(_ => new Counter())];
        int count = 0;
        await foreach (var e in new ChatStream(new MemoryStream(body), new ChatCompletionsProtocol().CreateDecoder()).Tee([.. counters]))
            count += e.Kind == StreamEventKind.Text ? 1 : 0;
        return count + counters.Sum(counter => counter.Texts);
    }

    private sealed class Counter : IStreamObserver
    {
        public int Texts { get; private set; }

        public ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken)
        {
            Texts += e.Kind == StreamEventKind.Text ? 1 : 0;
            return default;
        }
    }
}
