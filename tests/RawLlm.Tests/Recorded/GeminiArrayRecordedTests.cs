using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>
/// Recorded bodies of services that use Gemini's own wire, in the form without <c>alt=sse</c>: one JSON array that grows.
/// </summary>
public sealed class GeminiArrayRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private protected override string Wire => "gemini-jsonarray";

    private protected override WireProtocol Protocol { get; } = new GeminiProtocol();

    // The closing bracket of the array is the end mark.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) => kept.TrimEnd(" \t\r\n"u8).EndsWith("]"u8);
}
