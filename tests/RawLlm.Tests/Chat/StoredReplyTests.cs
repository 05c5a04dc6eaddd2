using System.Text.Json;
using System.Text.Json.Serialization;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Chat;

/// <summary>Stored answers: everything is stored only once, and as words instead of numbers.</summary>
public sealed partial class StoredReplyTests
{
    private static readonly ChatReply Whole = new(
        "a1",
        "m",
        [
            new ChatChoice(
                0,
                Message.Assistant(new ReasoningPart("Hm."), new TextPart("Once upon"), new ToolCallPart(new ToolCall("c", "f", "{}"))),
                StopReason.ToolUse,
                "tool_calls"
            )
            {
                StopMessage = "It wants to know more.",
                StopSequence = "END",
                Citations =
                [
                    new Citation("""{"u":1}""")
                    {
                        Url = "https://example.org/",
                        PartIndex = 1,
                        Start = 0,
                        End = 4,
                    },
                ],
                LogProbs = new LogProbs([
                    new TokenLogProb("Once", double.NegativeInfinity)
                    {
                        Bytes = new byte[] { 1, 2 },
                        Alternatives = [new TokenLogProb("On", -0.5)],
                    },
                ]),
            },
        ],
        new Usage
        {
            InputTokens = 3,
            OutputTokens = 4,
            ReportedCost = 0.001m,
        }
    )
    {
        Cost = new Cost(0.001m, CostSource.Reported),
        Quirks = [new Quirk(QuirkKind.MissingSentinel, "data")],
        RateLimits = new RateLimits { Requests = new RateLimit(10, 9, TimeSpan.FromSeconds(3), null) },
        RequestId = "r1",
        Provider = "openai",
        Attempts =
        [
            new LlmAttempt("openai:m", LlmErrorKind.Overloaded, TimeSpan.FromMilliseconds(5))
            {
                Status = 503,
                ProviderCode = "busy",
                RequestId = "r0",
                Message = "Come again.",
            },
        ],
        Switches =
        [
            new StreamSwitch(
                "a:m",
                "b:m",
                new LlmException(LlmErrorKind.StreamError, "It broke.")
                {
                    CauseKind = LlmErrorKind.Overloaded,
                    Phase = LlmPhase.Streaming,
                    Status = 200,
                    Provider = "a",
                    RetryAfter = TimeSpan.FromSeconds(2),
                    IsRetryable = true,
                },
                true
            )
            {
                Characters = 4,
            },
        ],
    };

    [Fact]
    public void Serialize_FullReply_RoundTrips()
    {
        string json = JsonSerializer.Serialize(Whole);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<ChatReply>(json)));
        Check(JsonSerializer.Deserialize<ChatReply>(json)!);
    }

    [Fact]
    public void Serialize_WithSourceGeneratedMetadata_WritesSameJson()
    {
        string json = JsonSerializer.Serialize(Whole, ReplyJson.Default.ChatReply);
        Assert.Equal(JsonSerializer.Serialize(Whole), json);
        Check(JsonSerializer.Deserialize(json, ReplyJson.Default.ChatReply)!);
    }

    [Fact]
    public void Serialize_FullReply_WritesEachValueOnceAndEnumsAsNames()
    {
        string json = JsonSerializer.Serialize(Whole);
        foreach (
            string once in (string[])
                [
                    "Once upon",
                    "Hm.",
                    "https://example.org/",
                    "tool_calls",
                    "It wants to know more.",
                    "\"ToolUse\"",
                    "\"MissingSentinel\"",
                    "\"Reported\"",
                ]
        )
        {
            Assert.Single(json.Split(once)[1..]);
        }

        Assert.Contains("\"Kind\":\"Overloaded\"", json, StringComparison.Ordinal);
    }

    /// <summary>JSON as earlier versions wrote it: with calculated members, and numbers instead of words.</summary>
    [Fact]
    public void Deserialize_JsonOfEarlierVersions_IsRead()
    {
        string json = JsonSerializer
            .Serialize(Whole)
            .Replace("\"ToolUse\"", $"{(int)StopReason.ToolUse},\"Text\":\"Once upon\"", StringComparison.Ordinal)
            .Replace("\"MissingSentinel\"", $"{(int)QuirkKind.MissingSentinel}", StringComparison.Ordinal)
            .Replace("\"Reported\"", "0", StringComparison.Ordinal);
        Check(JsonSerializer.Deserialize<ChatReply>(json)!);
    }

    [Fact]
    public void Deserialize_ReplyWithoutChoices_ThrowsJsonException() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ChatReply>("""{"Id":"a"}"""));

    [Theory]
    [InlineData("""{"kind":"Overloaded","message":"x","status":4294967496}""")]
    [InlineData("""{"kind":"999","message":"x"}""")]
    [InlineData("""{"kind":"Overloaded","message":"x","cause_kind":"-1"}""")]
    [InlineData("""{"kind":"Overloaded","message":"x","phase":"99"}""")]
    public void Deserialize_ErrorWithInvalidValue_ThrowsJsonException(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LlmException>(json));

    [Fact]
    public void Serialize_RepliesOfAllWires_RoundTrip()
    {
        int count = 0;
        foreach (var wire in WireCase.All().Where(wire => wire.ErrorStatus is null))
        {
            var protocol = WireProtocols.Get(wire.Protocol);
            var reply = (wire.IsStream ? Decoded.Stream(protocol, wire.ReadBody()) : Decoded.Whole(protocol, wire.ReadBody())).Reply;
            string json = JsonSerializer.Serialize(reply, ReplyJson.Default.ChatReply);
            Assert.Equal(
                json,
                JsonSerializer.Serialize(JsonSerializer.Deserialize(json, ReplyJson.Default.ChatReply)!, ReplyJson.Default.ChatReply)
            );
            count++;
        }
        Assert.True(count > 500, $"{count}");
    }

    private static void Check(ChatReply read)
    {
        Assert.Equal(Whole.Message, read.Message);
        Assert.Equal(
            (Whole.StopReason, Whole.RawStopReason, Whole.Text, Whole.Usage, Whole.Cost),
            (read.StopReason, read.RawStopReason, read.Text, read.Usage, read.Cost)
        );
        Assert.Equal(Whole.Citations, read.Citations);
        Assert.Equal(Whole.Quirks, read.Quirks);
        Assert.Equal(Whole.Attempts, read.Attempts);
        Assert.Equal(double.NegativeInfinity, read.LogProbs!.Tokens[0].LogProb);
        var seam = Assert.Single(read.Switches);
        Assert.Equal(
            ("a:m", 4, LlmErrorKind.StreamError, LlmErrorKind.Overloaded, "It broke."),
            (seam.From, seam.Characters, seam.Failure.Kind, seam.Failure.CauseKind!.Value, seam.Failure.Message)
        );
        Assert.Equal(
            (200, TimeSpan.FromSeconds(2), true, LlmPhase.Streaming),
            (seam.Failure.Status!.Value, seam.Failure.RetryAfter!.Value, seam.Failure.IsRetryable, seam.Failure.Phase)
        );
    }

    [JsonSerializable(typeof(ChatReply))]
    private sealed partial class ReplyJson : JsonSerializerContext;
}
