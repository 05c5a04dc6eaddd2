using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.BedrockInvoke;

public sealed class BedrockInvokeDecoderTests
{
    [Fact]
    public void Stream_UnknownFormat_ErrorNamesConverseAndIsNotRetryable()
    {
        var error = Decoded.Stream(new BedrockInvokeProtocol(), Event("""{"tokens":["Hi"]}""")).Error!;

        Assert.Equal((LlmErrorKind.MalformedResponse, false), (error.Kind, error.IsRetryable));
        Assert.Contains(nameof(ConverseProtocol), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"outputText":"a","index":0,"completionReason":null}""", """{"outputText":"","completionReason":"FINISH"}""")]
    [InlineData("""{"generation":"a","stop_reason":null}""", """{"generation":"","stop_reason":"stop"}""")]
    [InlineData("""{"text":"a","is_finished":false}""", """{"is_finished":true,"finish_reason":"COMPLETE"}""")]
    [InlineData("""{"outputs":[{"text":"a","stop_reason":null}]}""", """{"outputs":[{"text":"","stop_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"text":"a","stop_reason":null}]}""", """{"choices":[{"text":"","stop_reason":"stop"}]}""")]
    [InlineData(
        """{"choices":[{"index":0,"message":{"content":"a"},"stop_reason":null}]}""",
        """{"choices":[{"index":0,"message":{"content":""},"stop_reason":"stop"}]}"""
    )]
    public void Stream_OfEachModelVendor_ReturnsTextAndIsCompleteOnlyWithEnd(string piece, string end)
    {
        byte[] pieces = [.. Event(piece), .. Event(piece)];
        var cut = Decoded.Stream(new BedrockInvokeProtocol(), pieces);
        var whole = Decoded.Stream(
            new BedrockInvokeProtocol(),
            [.. pieces, .. Event(end), .. Event("""{"amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":2}}""")]
        );

        Assert.Equal(("aa", LlmErrorKind.StreamTruncated), (cut.Reply.Text, cut.Error?.Kind));
        Assert.Null(whole.Error);
        Assert.Equal(
            ("aa", StopReason.EndTurn, 3, 2),
            (whole.Reply.Text, whole.Reply.StopReason, whole.Reply.Usage?.InputTokens, whole.Reply.Usage?.OutputTokens)
        );
        Assert.Empty(whole.Reply.Quirks);
    }

    [Theory]
    [InlineData(
        """{"type":"message_start","message":{}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"""
    )]
    [InlineData("""{"messageStart":{"role":"assistant"}}""", """{"contentBlockDelta":{"delta":{"text":"a"},"contentBlockIndex":0}}""")]
    [InlineData(
        """{"choices":[{"index":0,"delta":{"role":"assistant"}}]}""",
        """{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"""
    )]
    public void Stream_InMultiEventFormat_IsPredicted(string start, string piece)
    {
        using var decoder = new BedrockInvokeProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        decoder.Append(Event(start));
        while (decoder.TryRead()) { }
        int texts = 0;
        for (int i = 0; i < 20; i++)
        {
            decoder.Append(Event(piece));
            while (decoder.TryRead())
                texts += decoder.Current.Kind == StreamEventKind.Text ? 1 : 0;
        }

        Assert.Equal(20, texts);
        Assert.InRange(decoder.PredictedCount, 18, 19);
    }

    [Fact]
    public void Stream_ErrorWithoutEnvelope_IsReportedAsStreamError()
    {
        var error = Decoded
            .Stream(new BedrockInvokeProtocol(), Event("""{"throttlingException":{"message":"Too many requests"}}"""))
            .Error!;

        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.RateLimited), (error.Kind, error.CauseKind));
        Assert.Contains("Too many requests", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Event(string json) =>
        AwsMessage.Write(
            [
                .. AwsMessage.Text(":event-type", "chunk"),
                .. AwsMessage.Text(":content-type", "application/json"),
                .. AwsMessage.Text(":message-type", "event"),
            ],
            Encoding.UTF8.GetBytes($$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(json))}}"}""")
        );
}
