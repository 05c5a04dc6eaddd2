using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of AWS Bedrock's InvokeModelWithResponseStream, in the formats of Anthropic, Amazon and Cohere.</summary>
public sealed class BedrockInvokeRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    private protected override string Wire => "bedrock-invoke";

    private protected override WireProtocol Protocol { get; } = new BedrockInvokeProtocol();

    private protected override IReadOnlyDictionary<string, string> Disagreements { get; } =
        new Dictionary<string, string>
        {
            [
                "bedrock/open-telemetry-opentelemetry-python-contrib__test_invoke_model_with_response_stream_no_content_tool_call-amazon.nova.eventstream"
            ] = "The independent decoder knows no calls of Nova's; the stream holds two.",
        };

    [Fact]
    public void RecordedStream_NovaWithTools_ReturnsBothCalls()
    {
        foreach (var recording in Recording.All(Wire, "stream").Where(recording => Disagreements.ContainsKey(recording.File)))
        {
            var reply = Decoded.Stream(Protocol, recording.Read()).Reply;

            Assert.Equal(recording.ReadExpected().GetProperty("text").GetString(), reply.Text);
            Assert.Equal(
                ("tool_use", StopReason.ToolUse, 427L, 160L),
                (reply.RawStopReason, reply.StopReason, reply.Usage?.InputTokens, reply.Usage?.OutputTokens)
            );
            Assert.Equal(
                [("get_current_weather", """{"location":"Seattle"}"""), ("get_current_weather", """{"location":"San Francisco"}""")],
                reply.ToolCalls.Select(call => (call.Name, call.Arguments))
            );
            Assert.All(reply.ToolCalls, call => Assert.True(call.IsComplete));
        }
    }

    /// <summary>The whole answers of other vendors' models are listed under the wires that they resemble.</summary>
    [Theory]
    [InlineData("cohere-v1", 2)]
    [InlineData("openai-completions", 1)]
    [InlineData("openai-chat", 1)]
    [InlineData("bedrock-converse", 5)]
    [InlineData("anthropic", 5)]
    public void RecordedAnswers_OtherWiresOnBedrock_DecodeAsExpected(string wire, int least)
    {
        var recordings = Recording.All(wire, "unary").Where(recording => recording.Server == "bedrock").ToList();
        foreach (var recording in recordings)
        {
            byte[] body = recording.Read();
            var decoded = Decoded.Whole(Protocol, body);
            Assert.True(decoded.Error is null, $"{recording.File}: {decoded.Error?.Message}");
            if (wire != "cohere-v1")
            {
                Assert.Empty(Comparison.Differences(recording.ReadExpected(), decoded));
                continue;
            }
            // The independent decoder does not support this format.
            using var json = JsonDocument.Parse(body);
            Assert.Equal(json.RootElement.GetProperty("text").GetString(), decoded.Reply.Text);
            Assert.Equal(json.RootElement.GetProperty("finish_reason").GetString(), decoded.Reply.RawStopReason);
        }
        Assert.True(Support.Folders.Wire is null || recordings.Count >= least, $"{recordings.Count} answers");
    }

    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded)
    {
        bool holds = false;
        while (kept.Length >= 16 && BinaryPrimitives.ReadInt32BigEndian(kept) is var length && length <= kept.Length)
        {
            int headers = BinaryPrimitives.ReadInt32BigEndian(kept[4..]);
            using var payload = JsonDocument.Parse(kept[(12 + headers)..(length - 4)].ToArray());
            string json = Encoding.UTF8.GetString(payload.RootElement.GetProperty("bytes").GetBytesFromBase64());
            string[] ends =
            [
                "\"message_stop\"",
                "\"messageStop\"",
                "\"completionReason\":\"",
                "\"finish_reason\":\"",
                "\"completion\":\"\",\"stop_reason\":\"",
                "\"amazon-bedrock-trace\"",
            ];
            holds |= ends.Any(end => json.Contains(end, StringComparison.Ordinal));
            kept = kept[length..];
        }
        return holds;
    }
}
