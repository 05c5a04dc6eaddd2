using RawLlm.Protocols;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of AWS Bedrock's InvokeModelWithResponseStream for Anthropic's models; other makers' formats are not read.</summary>
public sealed class BedrockInvokeRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private protected override string Wire => "bedrock-invoke";

    private protected override WireProtocol Protocol { get; } = new BedrockInvokeProtocol();

    private protected override bool Belongs(Recording recording) =>
        recording.ReadExpected().TryGetProperty("inner", out var inner) && inner.GetString() is "anthropic" or "anthropic-complete";

    // {"type":"message_stop", or of the older format the one event of the recording.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) =>
        kept.IndexOf("eyJ0eXBlIjoibWVzc2FnZV9zdG9wI"u8) >= 0 || kept.IndexOf("eyJjb21wbGV0aW9uI"u8) >= 0;
}
