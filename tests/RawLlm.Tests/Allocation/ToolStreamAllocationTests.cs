using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Tools;
using Xunit.Abstractions;

namespace RawLlm.Tests.Allocation;

/// <summary>
/// A tool loop passes events on without allocating per event: only the answer's text is kept, no matter how many events deliver it.
/// </summary>
[Collection(AllocationCollection.Name)]
public sealed class ToolStreamAllocationTests(ITestOutputHelper output)
{
    private const int Characters = 32 << 10;

    [Fact]
    public void ToolStream_SameTextInMoreEvents_AllocatesSameBytes()
    {
        byte[] few = Body(64),
            many = Body(4);
        for (int i = 0; i < 3; i++)
            Count(many);
        var (fewer, more) = (Count(few), Count(many));
        for (int i = 0; i < 5 && fewer.Bytes != more.Bytes; i++)
            (fewer, more) = (Count(few), Count(many));

        output.WriteLine($"{fewer.Bytes} bytes for {fewer.Events} events, {more.Bytes} for {more.Events}");
        Assert.Equal((Characters / 64, Characters / 4), (fewer.Events, more.Events));
        Assert.Equal(fewer.Bytes, more.Bytes);
    }

    private static byte[] Body(int length) =>
        Encoding.UTF8.GetBytes(Say.StreamedText([.. Enumerable.Repeat(new string('x', length), Characters / length)]));

    private static (long Bytes, int Events) Count(byte[] body)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var task = Consume(body);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(task.IsCompletedSuccessfully, $"Did not run to its end on this thread: {task.Exception}");
            return (bytes, task.Result);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static async Task<int> Consume(byte[] body)
    {
        var dialogue = new ToolDialogue(ToolSet.Empty, ToolLoopOptions.Default, "When?", static (_, _) => { }, client: null);
        int count = 0;
        await foreach (
            var e in new ToolStream(
                dialogue,
                (_, _) => Task.FromResult(new ChatStream(new MemoryStream(body), new ChatCompletionsProtocol().CreateDecoder())),
                default
            )
        )
        {
            count += e.Answer.Kind == StreamEventKind.Text ? 1 : 0;
        }

        return count;
    }
}
