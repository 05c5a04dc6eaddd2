using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Responses;

/// <summary>A failure that gives no reason, and the event after it that may.</summary>
public sealed class ResponsesFailureTests
{
    private const string Failed = """data: {"type":"response.failed","response":{"id":"resp_1","status":"failed","error":null}}""" + "\n\n";
    private const string Error =
        """data: {"type":"error","code":null,"message":null,"param":null,"error":{"type":"invalid_request_error","code":"content_policy_violation","message":"Blocked.","param":"input"}}"""
        + "\n\n";

    [Theory]
    [InlineData(Error)]
    [InlineData("event: error\n" + Error)]
    [InlineData(": still here\n\n" + Error)]
    public void TryRead_FailureExplainedByNextEvent_ThrowsErrorOfNextEvent(string next)
    {
        using var decoder = new ResponsesProtocol().CreateDecoder();
        Write(decoder, Failed + next);

        var error = Fail(decoder);

        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.ContentFiltered, false), (error.Kind, error.CauseKind, error.IsRetryable));
        Assert.Equal("content_policy_violation", error.ProviderCode);
        Assert.Contains("Blocked.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: nothing that can be read\n\n")]
    [InlineData("""data: {"type":"error","error":null}""" + "\n\n")]
    [InlineData("""data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"Hi"}""" + "\n\n")]
    [InlineData("""data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[]}}""" + "\n\n")]
    public void TryRead_FailureWithoutExplanation_ThrowsFailure(string next)
    {
        using var decoder = new ResponsesProtocol().CreateDecoder();
        Write(decoder, Failed + next);

        ThrowsUnexplained(decoder);
        // A later read throws it again, as with any failure.
        ThrowsUnexplained(decoder);
    }

    [Fact]
    public void TryRead_FailureThenPartialEvent_WaitsForRest()
    {
        using var decoder = new ResponsesProtocol().CreateDecoder();
        Write(decoder, Failed + Error[..20]);
        while (decoder.TryRead()) { }
        Write(decoder, Error[20..]);

        Assert.Equal(LlmErrorKind.ContentFiltered, Fail(decoder).CauseKind);
    }

    [Fact]
    public void TryRead_FailureThenEndOfBody_ThrowsFailure()
    {
        using var decoder = new ResponsesProtocol().CreateDecoder();
        Write(decoder, Failed + Error[..20]);
        decoder.Complete();

        ThrowsUnexplained(decoder);
    }

    private static void ThrowsUnexplained(StreamDecoder decoder)
    {
        var error = Fail(decoder);
        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.ServerError, true), (error.Kind, error.CauseKind, error.IsRetryable));
    }

    private static LlmException Fail(StreamDecoder decoder) =>
        Assert.Throws<LlmException>(() =>
        {
            while (decoder.TryRead()) { }
        });

    private static void Write(StreamDecoder decoder, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
    }
}
