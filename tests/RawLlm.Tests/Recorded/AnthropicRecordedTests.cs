using RawLlm.Protocols;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of services that speak the Messages wire.</summary>
public sealed class AnthropicRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    // Where the expected file, or the fixture, is at fault; each is shown in the output of the test.
    private static readonly Dictionary<string, string> Known = [];

    private protected override string Wire => "anthropic";

    private protected override WireProtocol Protocol { get; } = new AnthropicProtocol();

    private protected override IReadOnlyDictionary<string, string> Disagreements => Known;

    // A second "message_stop" belongs to another answer in the same file, which is never read.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) =>
        kept.IndexOf("\"message_stop\""u8) >= 0;
}
