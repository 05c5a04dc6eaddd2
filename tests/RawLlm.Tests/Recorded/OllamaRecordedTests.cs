using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of Ollama's own wire: <c>/api/chat</c> and <c>/api/generate</c>.</summary>
public sealed class OllamaRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private protected override string Wire => "ollama";

    private protected override WireProtocol Protocol { get; } = new OllamaProtocol();

    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) =>
        Encoding.UTF8.GetString(kept).Contains("\"done\":true", StringComparison.Ordinal);
}
