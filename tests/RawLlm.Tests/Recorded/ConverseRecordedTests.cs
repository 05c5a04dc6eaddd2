using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of AWS Bedrock's Converse and ConverseStream.</summary>
public sealed class ConverseRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private readonly ITestOutputHelper _output = output;

    private protected override string Wire => "bedrock-converse";

    private protected override WireProtocol Protocol { get; } = new ConverseProtocol();

    // The usage follows the end of the message; an answer that is cut between the two, at the end of an event, is whole.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) =>
        kept.IndexOf("messageStop"u8) >= 0 && decoded.Reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.MissingSentinel);

    [Fact]
    public void RecordedAnswers_Decoded_ReportUsageOfWireAndNoQuirks()
    {
        var failures = new List<string>();
        int count = 0;
        foreach (var recording in Recording.All(Wire, "stream").Concat(Recording.All(Wire, "unary")))
        {
            var decoded =
                recording.Kind == "stream" ? Decoded.Stream(Protocol, recording.Read()) : Decoded.Whole(Protocol, recording.Read());
            var raw = recording.ReadExpected().GetProperty("usage_raw");
            string expected = string.Join(
                ' ',
                Count(raw, "inputTokens"),
                Count(raw, "outputTokens"),
                Count(raw, "totalTokens"),
                Count(raw, "cacheReadInputTokens") ?? Count(raw, "cacheReadInputTokenCount"),
                Count(raw, "cacheWriteInputTokens") ?? Count(raw, "cacheWriteInputTokenCount")
            );
            var usage = decoded.Reply.Usage;
            string actual = string.Join(
                ' ',
                usage?.InputTokens,
                usage?.OutputTokens,
                usage?.TotalTokens,
                usage?.CachedInputTokens,
                usage?.CacheWriteTokens
            );
            if (expected != actual || decoded.Reply.Quirks.Count > 0)
                failures.Add($"{recording.File}: {actual} expected {expected}; {string.Join(", ", decoded.Reply.Quirks)}");
            count++;
        }
        _output.WriteLine($"{count} answers");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static long? Count(JsonElement usage, string name) => usage.TryGetProperty(name, out var value) ? value.GetInt64() : null;
}
