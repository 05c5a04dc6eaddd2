using RawLlm.Protocols;

namespace RawLlm.Tests.Support;

/// <summary>What a streamed event allocates once the buffers have grown.</summary>
internal static class EventAllocation
{
    private const int WarmUp = 200;
    private const int Measured = 2000;

    /// <summary>
    /// Returns the bytes that <see cref="Measured"/> equal pieces of a stream allocate after the warm-up. Each piece must give at least one
    /// event, or none if <paramref name="isSilent"/> is true.
    /// </summary>
    public static long Measure(WireProtocol protocol, byte[] start, byte[] piece, bool isSilent = false)
    {
        // The first run fills the array pool with every size that the second run needs.
        Run(protocol, start, piece, isSilent);
        return MinAllocation.Of(() => Run(protocol, start, piece, isSilent));
    }

    private static long Run(WireProtocol protocol, byte[] start, byte[] piece, bool isSilent)
    {
        using var decoder = protocol.CreateDecoder();
        Feed(decoder, start);
        for (int i = 0; i < WarmUp; i++)
            Feed(decoder, piece);
        int events = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Measured; i++)
            events += Feed(decoder, piece);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(isSilent ? events == 0 : events >= Measured, $"{events} events of {Measured} pieces");
        return allocated;
    }

    private static int Feed(StreamDecoder decoder, byte[] bytes)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        int events = 0;
        while (decoder.TryRead())
            events++;
        return events;
    }
}
