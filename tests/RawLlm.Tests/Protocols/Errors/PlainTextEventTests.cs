using System.Text;
using RawLlm.Protocols;

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
