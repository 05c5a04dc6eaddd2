using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Ollama;

/// <summary>A streamed line of Ollama's wire allocates nothing once the buffers have grown.</summary>
public sealed class OllamaAllocationTests
{
    [Theory]
    [InlineData("text", """{"role":"assistant","content":"Hello, \"wörld\"\n"}""")]
    [InlineData("reasoning", """{"role":"assistant","content":"","thinking":"Hm, \u00e9"}""")]
    public void Lines_AfterWarmUp_AllocateNothing(string name, string message)
    {
        byte[] line = Encoding.UTF8.GetBytes(
            $"{{\"model\":\"m\",\"created_at\":\"2026-01-02T03:04:05Z\",\"message\":{message},\"done\":false}}\n"
        );

        long bytes = EventAllocation.Measure(new OllamaProtocol(), line, line);

        Assert.True(bytes == 0, $"{name}: {bytes} bytes");
    }
}
