using RawLlm.Cli.Output;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Allocation;

/// <summary>Printing an event as a line of JSON allocates nothing.</summary>
[Collection(AllocationCollection.Name)]
public sealed class EventLinesAllocationTests
{
    [Theory]
    [InlineData(StreamEventKind.Text)]
    [InlineData(StreamEventKind.ToolArguments)]
    public void EventLines_AfterWarmUp_AllocateNothing(StreamEventKind kind)
    {
        using var lines = new EventLines(Stream.Null);
        Run(lines, kind);

        Assert.Equal(0, MinAllocation.Of(() => Run(lines, kind)));
    }

    private static long Run(EventLines lines, StreamEventKind kind)
    {
        // Setting a name would allocate.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            lines.Add(new StreamEvent(kind, choice: 0, index: i, utf8: "Grüße \"quoted\" \n 🙂 {\"city\": \"Paris\"}"u8));
            lines.Flush();
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
