using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of services that use the Responses wire.</summary>
public sealed class ResponsesRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private const string AfterTheError =
        "the expected file takes the stop reason from the response.failed after the error event, at which reading ends";

    // Cases in which the expected file or the fixture is wrong; each is shown in the test's output.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["openai/vercel-ai__openai-shell-tool.1.sse"] =
            "two answers one after the other in one file; the first ends with its response.completed",
        ["openai/prism-php-prism__stream-rate-limited-1.sse"] = AfterTheError,
        ["openai/prism-php-prism__stream-unknown-error-responses-1.sse"] = AfterTheError,
        ["openai/vercel-ai__openai-error.1.sse"] = AfterTheError,
    };

    private protected override string Wire => "openai-responses";

    private protected override WireProtocol Protocol { get; } = new ResponsesProtocol();

    private protected override IReadOnlyDictionary<string, string> Disagreements => Known;

    // Nothing after the event that ends the answer is read, so the end mark that some gateways add does not count.
    private protected override long Frames(JsonElement expected) =>
        base.Frames(expected) - (expected.GetProperty("done_marker").GetBoolean() ? 1 : 0);

    // The bytes must contain the complete event that ends the answer; its blank line may be missing.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded)
    {
        foreach (string line in Encoding.UTF8.GetString(kept).Split('\n'))
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal) || !line.Contains("response.", StringComparison.Ordinal))
                continue;
            try
            {
                using var document = JsonDocument.Parse(line.AsMemory(5));
                if (document.RootElement.GetProperty("type").GetString() is "response.completed" or "response.incomplete")
                    return true;
            }
            catch (JsonException) { }
        }
        return false;
    }
}
