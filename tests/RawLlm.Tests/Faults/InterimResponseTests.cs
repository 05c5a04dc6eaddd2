using System.Text;

namespace RawLlm.Tests.Faults;

/// <summary>Endless interim responses. No other test may run meanwhile, because the memory of the whole process is measured.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class InterimResponseTests
{
    [Fact]
    [Case(25)]
    public async Task InterimResponses_Endless_StopAtTimeoutOrHeaderLimit()
    {
        byte[] interim = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1000)));
        var script = Script.OnRequest;
        for (int i = 0; i < 130; i++)
            script = script.Send(interim).Pass(1);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var wire = new FaultWire(script);
        var (_, error) = await FaultRun.StreamFails(wire);
        // The platform counts interim responses toward the limit on headers.
        Assert.True(
            error is { Kind: LlmErrorKind.HeadersTimeout } or { Kind: LlmErrorKind.LimitExceeded, Limit: LlmLimit.ResponseHeaders }
        );
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 4 << 20);
    }
}
