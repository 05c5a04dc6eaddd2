using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Errors without an envelope, as gateways send them instead of an event or an answer.</summary>
public sealed class FlatErrorTests
{
    public static TheoryData<WireProtocol, string, LlmErrorKind, bool, string> Flat
    {
        get
        {
            var data = new TheoryData<WireProtocol, string, LlmErrorKind, bool, string>();
            foreach (WireProtocol protocol in new WireProtocol[] { new ResponsesProtocol(), new AnthropicProtocol() })
            {
                data.Add(
                    protocol,
                    """{"type":"invalid_request_error","code":"context_length_exceeded","message":"Too long."}""",
                    LlmErrorKind.ContextLengthExceeded,
                    false,
                    "Too long."
                );
                data.Add(
                    protocol,
                    """{"object":"error","message":"Wrong.","type":"BadRequestError","param":null,"code":400}""",
                    LlmErrorKind.BadRequest,
                    false,
                    "Wrong."
                );
                data.Add(
                    protocol,
                    """{"code":503,"message":"Loading model","type":"unavailable_error"}""",
                    LlmErrorKind.Overloaded,
                    true,
                    "Loading model"
                );
                data.Add(protocol, """{"message":"Slow down."}""", LlmErrorKind.ServerError, true, "Slow down.");
                data.Add(protocol, """{"Message":"Slow down."}""", LlmErrorKind.ServerError, true, "Slow down.");
                data.Add(protocol, """{"detail":"Not Found"}""", LlmErrorKind.ServerError, true, "Not Found");
                data.Add(
                    protocol,
                    """{"detail":[{"loc":["body","model"],"msg":"Field required","type":"missing"}]}""",
                    LlmErrorKind.ServerError,
                    true,
                    "Field required"
                );
                data.Add(
                    protocol,
                    """{"code":500,"msg":"404 NOT_FOUND","success":false}""",
                    LlmErrorKind.ServerError,
                    true,
                    "404 NOT_FOUND"
                );
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Flat))]
    public void Stream_FlatError_ReturnsServiceErrorWithMessage(
        WireProtocol protocol,
        string json,
        LlmErrorKind cause,
        bool isRetryable,
        string said
    )
    {
        var error = Decoded.Stream(protocol, Encoding.UTF8.GetBytes($"data: {json}\n\n")).Error!;

        Assert.Equal((LlmErrorKind.StreamError, cause, isRetryable), (error.Kind, error.CauseKind, error.IsRetryable));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Flat))]
    public void Reply_FlatError_ReturnsServiceErrorWithMessage(
        WireProtocol protocol,
        string json,
        LlmErrorKind kind,
        bool isRetryable,
        string said
    )
    {
        var error = Decoded.Whole(protocol, Encoding.UTF8.GetBytes(json)).Error!;

        Assert.Equal((kind, isRetryable), (error.Kind, error.IsRetryable));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<WireProtocol> OfEvents =>
        [new ResponsesProtocol(), new AnthropicProtocol(), new GeminiProtocol(), new ChatCompletionsProtocol()];

    [Theory]
    [MemberData(nameof(OfEvents))]
    public void Stream_ErrorEventWithAnyData_MessageContainsData(WireProtocol protocol)
    {
        foreach (string data in (string[])["upstream died", "\"upstream died\"", "502 upstream died"])
        {
            var error = Decoded.Stream(protocol, Encoding.UTF8.GetBytes($"event: error\ndata: {data}\n\n")).Error!;

            Assert.Equal(LlmErrorKind.StreamError, error.Kind);
            Assert.Contains("upstream died", error.Message, StringComparison.Ordinal);
        }
    }
}
