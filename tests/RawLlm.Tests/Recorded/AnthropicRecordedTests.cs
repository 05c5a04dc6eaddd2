using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of services that use the Messages wire.</summary>
public sealed class AnthropicRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    // Cases in which the expected file or the fixture is wrong; each is shown in the test's output.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["anthropic/vercel-ai__anthropic-programmatic-tool-calling.1.sse"] =
            "a fixture of several answers one after the other; the expected file runs them together",
        ["anthropic/vercel-ai__anthropic-tool-search-deferred-bm25.sse"] =
            "a fixture of several answers one after the other; the expected file runs them together",
    };

    private readonly ITestOutputHelper _output = output;

    private protected override string Wire => "anthropic";

    private protected override WireProtocol Protocol { get; } = new AnthropicProtocol();

    private protected override IReadOnlyDictionary<string, string> Disagreements => Known;

    // A second "message_stop" belongs to another answer in the same file, which is never read.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) => kept.IndexOf("\"message_stop\""u8) >= 0;

    [Fact]
    public void RecordedAnswers_Decoded_ReportUsageOfWire() =>
        ForAll(
            (recording, decoded) =>
            {
                if (Known.ContainsKey(recording.File) || !recording.ReadExpected().TryGetProperty("usage_raw", out var raw))
                    return null;
                var usage = decoded.Reply.Usage;
                string expected = string.Join(
                    ' ',
                    Count(raw, "input_tokens"),
                    Count(raw, "output_tokens"),
                    Count(raw, "cache_read_input_tokens"),
                    Count(raw, "cache_creation_input_tokens"),
                    Count(raw, "cache_creation", "ephemeral_1h_input_tokens"),
                    Count(raw, "output_tokens_details", "thinking_tokens")
                );
                string actual = string.Join(
                    ' ',
                    usage?.InputTokens,
                    usage?.OutputTokens,
                    usage?.CachedInputTokens,
                    usage?.CacheWriteTokens,
                    usage?.CacheWriteOneHourTokens,
                    usage?.ReasoningTokens
                );
                return expected == actual ? null : $"{actual} expected {expected}";
            }
        );

    [Fact]
    public void RecordedAnswers_SentBack_KeepAllBlocks() =>
        ForAll(
            (recording, decoded) =>
            {
                var rebuilt =
                    recording.Kind == "stream" ? RebuiltBlocks.OfStream(recording.Read()) : RebuiltBlocks.OfReply(recording.Read());
                using var wire = new WireRequest { BaseUrl = new("https://api.anthropic.com/v1/") };
                Protocol.WriteRequest(new ChatRequest { Model = "m", Messages = [decoded.Reply.Message] }, stream: false, wire);
                // An answer without content is not sent back.
                var messages = JsonNode.Parse(wire.Body.Span)!["messages"]!.AsArray();
                var content = messages.Count == 0 ? new JsonArray() : messages[0]!["content"]!;
                // The short form of a single text.
                if (content is JsonValue)
                {
                    content = (string)content! is { Length: > 0 } text
                        ? new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text })
                        : new JsonArray();
                }

                return JsonNode.DeepEquals(rebuilt, content) ? null : $"{content.ToJsonString()}\nexpected\n{rebuilt.ToJsonString()}";
            }
        );

    [Fact]
    public void RecordedAnswers_FromService_HaveNoQuirks() =>
        ForAll(
            (recording, decoded) =>
                recording.Authenticity == "C" || decoded.Reply.Quirks.Count == 0 ? null : string.Join(", ", decoded.Reply.Quirks)
        );

    [Fact]
    public void RecordedStreams_InBedrockFraming_DecodeAsExpected()
    {
        int count = 0;
        var failures = new List<string>();
        foreach (var recording in Recording.All("bedrock-invoke", "stream"))
        {
            var payloads = Payloads(recording.Read());
            if (!payloads[0].AsSpan().StartsWith("{\"type\":\"message_start\""u8))
                continue;
            count++;
            failures.AddRange(
                Comparison.Differences(recording.ReadExpected(), Decode(payloads)).Select(difference => $"{recording.File}: {difference}")
            );
        }
        _output.WriteLine($"{count} event streams");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private void ForAll(Func<Recording, Decoded, string?> check)
    {
        var failures = new List<string>();
        int count = 0;
        foreach (var recording in Recording.All(Wire, "stream").Concat(Recording.All(Wire, "unary")))
        {
            byte[] body = recording.Read();
            var decoded = recording.Kind == "stream" ? Decoded.Stream(Protocol, body) : Decoded.Whole(Protocol, body);
            count++;
            if (check(recording, decoded) is { } failure)
                failures.Add($"[{recording.Authenticity}] {recording.File}: {failure}");
        }
        _output.WriteLine(
            count == 0 ? "The recordings are not present: not applicable." : $"{count - failures.Count} of {count} bodies agree"
        );
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(20)));
    }

    private static string Count(JsonElement usage, params string[] path)
    {
        foreach (string name in path)
        {
            if (usage.ValueKind != JsonValueKind.Object || !usage.TryGetProperty(name, out usage))
                return "";
        }
        return usage.ValueKind == JsonValueKind.Number ? usage.GetRawText() : "";
    }

    // The framing is tested elsewhere; this only extracts the payloads.
    private static List<byte[]> Payloads(byte[] stream)
    {
        var payloads = new List<byte[]>();
        for (var rest = stream.AsSpan(); rest.Length > 0; )
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            int headers = BinaryPrimitives.ReadInt32BigEndian(rest[4..]);
            var payload = JsonNode.Parse(rest[(12 + headers)..(length - 4)])!;
            payloads.Add(Convert.FromBase64String((string)payload["bytes"]!));
            rest = rest[length..];
        }
        return payloads;
    }

    private static Decoded Decode(List<byte[]> payloads)
    {
        using var decoder = new AnthropicDecoder();
        using var events = new EventBuffer();
        var builder = new ReplyBuilder();
        LlmException? error = null;
        try
        {
            bool goesOn = true;
            foreach (byte[] payload in payloads)
                goesOn = goesOn && decoder.Decode(payload, [], events);
            if (goesOn)
                decoder.Complete(isCut: false, events);
        }
        catch (LlmException e)
        {
            error = e;
        }
        while (events.MoveNext())
            builder.Add(events.Current);
        return new(builder.Build(), error, payloads.Count);
    }
}
