using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of services that use Gemini's own wire: events and whole answers.</summary>
public sealed class GeminiRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["google-gemini/vercel-ai__google-stream-tool-call-arguments.sse"] =
            "the expected file takes each piece of streamed arguments for a call of its own",
        ["google-gemini/vercel-ai__google-stream-no-args-tool-call.sse"] =
            "the expected file takes each piece of streamed arguments for a call of its own",
        ["google-gemini/vercel-ai__google-stream-tool-call-array-arguments-missing-terminal-function-call.sse"] =
            "the expected file takes each piece of streamed arguments for a call of its own",
        ["google-vertex/FirebaseExtended-vertexai-sdk-test-data__streaming-failure-error-mid-stream.sse"] =
            "the expected file passes over the error that follows the events as a bare document",
        ["google-vertex/FirebaseExtended-vertexai-sdk-test-data__streaming-success-quotes-escaped.sse"] =
            "a fixture without any finish reason",
    };

    private protected override string Wire => "gemini";

    private protected override WireProtocol Protocol { get; } = new GeminiProtocol();

    private protected override IReadOnlyDictionary<string, string> Disagreements => Known;

    // The wire has no end mark: after a finish reason for every candidate, a clean end of the body is the end.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) =>
        decoded.Reply.Choices.All(choice => choice.RawStopReason is not null);
}
