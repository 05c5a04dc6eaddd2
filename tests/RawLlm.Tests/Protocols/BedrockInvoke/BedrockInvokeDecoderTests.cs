using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Framing;
using RawLlm.Tests.Recorded;

namespace RawLlm.Tests.Protocols.BedrockInvoke;

public sealed class BedrockInvokeDecoderTests
{
    [Theory]
    [InlineData("""{"messageStart":{"role":"assistant"}}""")]
    [InlineData("""{"outputText":"Hi","index":0}""")]
    [InlineData("""{"generation":"Hi","stop_reason":null}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"Hi"}}]}""")]
    public void Stream_OfAnotherMakersModel_NamesTheOtherProtocolAndIsNotTriedAgain(string json)
    {
        var error = Decoded.Stream(new BedrockInvokeProtocol(), Event(json)).Error!;

        Assert.Equal((LlmErrorKind.MalformedResponse, false), (error.Kind, error.IsRetryable));
        Assert.Contains(nameof(ConverseProtocol), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_ErrorWithoutEnvelopeInside_IsTheServicesError()
    {
        var error = Decoded.Stream(new BedrockInvokeProtocol(), Event("""{"throttlingException":{"message":"Too many requests"}}""")).Error!;

        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.RateLimited), (error.Kind, error.CauseKind));
        Assert.Contains("Too many requests", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Event(string json) =>
        AwsMessage.Write([.. AwsMessage.Text(":event-type", "chunk"), .. AwsMessage.Text(":content-type", "application/json"), .. AwsMessage.Text(":message-type", "event")],
            Encoding.UTF8.GetBytes($$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(json))}}"}"""));
}
