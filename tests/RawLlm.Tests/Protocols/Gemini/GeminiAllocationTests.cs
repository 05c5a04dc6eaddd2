using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>A streamed event of Gemini's wire allocates nothing once the buffers have grown.</summary>
public sealed class GeminiAllocationTests
{
    private const string Usage =
        """ "usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7},"modelVersion":"m","responseId":"r"} """;

    [Theory]
    [InlineData("text", """{"text":"Hello, \"wörld\"\n"}""")]
    [InlineData("reasoning", """{"text":"Hm, \u00e9","thought":true}""")]
    [InlineData("signed text", """{"text":"a","thoughtSignature":"c2ln"}""")]
    public void Events_AfterWarmUp_AllocateNothing(string name, string part)
    {
        string chunk = $$"""{"candidates":[{"content":{"parts":[{{part}}],"role":"model"},"index":0}],{{Usage}}""".Trim();
        byte[] sse = Encoding.UTF8.GetBytes($"data: {chunk}\r\n\r\n");
        byte[] element = Encoding.UTF8.GetBytes($",{chunk}\n");
        byte[] first = Encoding.UTF8.GetBytes($"[{chunk}\n");

        long events = EventAllocation.Measure(new GeminiProtocol(), sse, sse);
        long elements = EventAllocation.Measure(new GeminiProtocol(), first, element);

        Assert.True(events == 0 && elements == 0, $"{name}: {events} bytes as events, {elements} bytes as elements");
    }

    [Fact]
    public void PartialArguments_AfterWarmUp_AllocateNothing()
    {
        byte[] start = Chunk("""{"name":"f","willContinue":true}""");
        byte[] piece = Chunk(
            """{"partialArgs":[{"jsonPath":"$.a[0].b","stringValue":"piece \" \\ ","willContinue":true}],"willContinue":true}"""
        );

        long bytes = EventAllocation.Measure(new GeminiProtocol(), start, piece);

        Assert.True(bytes == 0, $"{bytes} bytes");
    }

    private static byte[] Chunk(string call) =>
        Encoding.UTF8.GetBytes($"data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"functionCall\":{call}}}]}}}}]}}\n\n");
}
