using System.Text;
using RawLlm.Framing;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Framing;

public sealed class FramingAllocationTests
{
    private static readonly Dictionary<string, (Func<FrameReader> Create, byte[] Wire)> Cases = new()
    {
        ["sse, one line"] = (() => new SseReader(), "data: {\"a\":1}\n\n"u8.ToArray()),
        ["sse, several lines, type, comment"] = (() => new SseReader(), ": c\r\nevent: x\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n"u8.ToArray()),
        ["sse, changing ids and retry"] = (
            () => new SseReader(),
            "id: 1\nretry: 10\ndata: a\n\nid: 123456\ndata: b\n\nid\ndata: c\n\n"u8.ToArray()
        ),
        ["sse, one line after several"] = (() => new SseReader(), "data: a\ndata: b\n\ndata: c\n\n"u8.ToArray()),
        ["json lines"] = (() => new JsonLinesReader(), "{\"a\":1}\r\n\n{\"b\":2}\n"u8.ToArray()),
        ["event stream"] = (
            () => new AwsEventStreamReader(),
            [.. AwsMessage.Event("a", "{}"), .. AwsMessage.Event("b", new string('x', 300))]
        ),
        ["json array"] = (() => new JsonArrayReader(), "{\"a\":\"x\\\"]\"},\n"u8.ToArray()),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    [Case(62)]
    public void TryRead_AfterWarmUp_AllocatesNothing(string name)
    {
        const int Rounds = 200;
        var (create, wire) = Cases[name];
        foreach (int size in new[] { 1, 7, int.MaxValue })
        {
            using var reader = create();
            if (reader is JsonArrayReader)
                Read(reader, "["u8.ToArray(), 1);
            int perRound = Read(reader, wire, size);
            Assert.Equal(
                0,
                MinAllocation.Of(() =>
                {
                    int frames = 0;
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    for (int i = 0; i < Rounds; i++)
                        frames += Read(reader, wire, size);
                    long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                    Assert.Equal(Rounds * perRound, frames);
                    return bytes;
                })
            );
            Assert.NotEqual(0, perRound);
        }
    }

    [Fact]
    public void TryRead_ManyLinesWithoutEventEnd_MakesNoCopy()
    {
        byte[] wire = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("data: x\n", 1 << 17)));
        Assert.Equal(
            0,
            MinAllocation.Of(() =>
            {
                using var reader = new SseReader();
                long before = GC.GetAllocatedBytesForCurrentThread();
                bool isFound = reader.TryRead(wire, false, out _, out _);
                long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.False(isFound);
                return bytes;
            })
        );
    }

    private static int Read(FrameReader reader, byte[] wire, int size)
    {
        int start = 0,
            end = 0,
            frames = 0;
        while (end < wire.Length)
        {
            end = (int)Math.Min(wire.Length, (long)end + size);
            int consumed;
            while (reader.TryRead(wire.AsSpan(start, end - start), false, out _, out consumed))
            {
                frames++;
                start += consumed;
            }
            start += consumed;
        }
        return start == wire.Length ? frames : throw new InvalidOperationException("Bytes were left unread.");
    }
}
