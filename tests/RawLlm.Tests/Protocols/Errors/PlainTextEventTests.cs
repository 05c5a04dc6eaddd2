using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Events that are not JSON: mistral.rs (2026) sends failures as plain text.</summary>
public sealed class PlainTextEventTests
{
    [Fact]
    public void ErrorMessage_PlainTextEvent_QuotesText()
    {
        var error = Fail("data: Model error: out of memory\n\n");
        Assert.Equal(
            (LlmErrorKind.MalformedResponse, "Event 1 is plain text, not JSON: Model error: out of memory"),
            (error.Kind, error.Message)
        );
    }

    [Fact]
    public void ErrorMessage_PlainTextEvent_IsSanitizedAndTruncated()
    {
        var error = Fail($"data: failed:\u0007{new string('x', 100)}\n\n", new LlmLimits { ErrorTextCharacters = 20 });
        Assert.Equal("Event 1 is plain text, not JSON: failed:\\u0007xxxxxx…", error.Message);
    }

    // What may be the beginning of an answer does not belong in a log.
    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"secret words""")]
    [InlineData("""["secret words""")]
    [InlineData("\"secret words")]
    public void ErrorMessage_EventStartsAsJson_DoesNotContainData(string data) =>
        Assert.DoesNotContain("secret", Fail($"data: {data}\n\n").Message, StringComparison.Ordinal);

    // What a proxy says in place of the events.
    [Theory]
    [InlineData("chat-completions", "Internal error")]
    [InlineData("chat-completions", "Internal error\n")]
    [InlineData("chat-completions", "\"Internal error\"\n\n")]
    [InlineData("anthropic", "Internal error\r\n")]
    [InlineData("responses", "Internal error")]
    [InlineData("gemini", "Internal error\n\n")]
    public void ErrorMessage_PlainTextBody_QuotesText(string wire, string body)
    {
        foreach (int pieces in (int[])[1, 7, int.MaxValue])
        {
            var error = Decoded.Stream(WireProtocols.Get(wire), Encoding.UTF8.GetBytes(body), pieces).Error;
            Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.ServerError, true), (error?.Kind, error?.CauseKind, error?.IsRetryable));
            Assert.Contains(": Internal error.", error?.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("eve")]
    [InlineData("data: {\"a\"")]
    [InlineData(": ping\nInternal error")]
    [InlineData("LONG")]
    public void ErrorMessage_CutOrLongBody_SaysOnlyThatItEnded(string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body == "LONG" ? string.Concat(Enumerable.Repeat("words\n", 500)) : body);
        foreach (int pieces in (int[])[1, 7, int.MaxValue])
            Assert.Equal(LlmErrorKind.StreamTruncated, Decoded.Stream(WireProtocols.Get("chat-completions"), bytes, pieces).Error?.Kind);
    }

    private static LlmException Fail(string stream, LlmLimits? limits = null)
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Limits = limits ?? LlmLimits.Default });
        decoder.Append(Encoding.UTF8.GetBytes(stream));
        decoder.Complete();
        return Assert.Throws<LlmException>(() =>
        {
            while (decoder.TryRead()) { }
        });
    }
}
