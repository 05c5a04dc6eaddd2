using System.Text;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Answers with a success status that contain nothing, or break off: another attempt may bring one, as it may for a
/// stream.</summary>
public sealed class EmptyAnswerTests
{
    [Theory]
    [InlineData("chat-completions", """{"id":"c1","choices":null}""", true)]
    [InlineData("chat-completions", """{"id":"c1","choices":[]}""", true)]
    [InlineData("chat-completions", """{"data":{}}""", false)]
    [InlineData("gemini", """{"usageMetadata":{"promptTokenCount":7},"modelVersion":"m"}""", true)]
    [InlineData("gemini", """{"data":{}}""", false)]
    [InlineData("responses", """{"id":"r1","object":"response","status":"completed"}""", true)]
    [InlineData("responses", """{"id":"r1","object":"response","status":"completed","output":null}""", true)]
    [InlineData("responses", """{"id":"r1","object":"response","status":"queued"}""", false)]
    public void ReadReply_WithoutContent_IsRetryableIfItIsOfThisWire(string wire, string body, bool isRetryable)
    {
        var error = Decoded.Whole(WireProtocols.Get(wire), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal((LlmErrorKind.MalformedResponse, isRetryable), (error?.Kind, error?.IsRetryable));
    }

    [Theory]
    [InlineData("chat-completions", """{"choices":[{"message":{"content":"hi""")]
    [InlineData("chat-completions", "{")]
    [InlineData("anthropic", """{"type":"message","content":[{"type":"text","text":"a"}""")]
    [InlineData("responses", """{"object":"response","output":[""")]
    [InlineData("gemini", """{"candidates":[{"content":{"parts":[{"text":"a\""")]
    [InlineData("converse", """{"output":{"message":""")]
    [InlineData("ollama", """{"message":{"content":"a"},"done":tr""")]
    [InlineData("ollama", "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"mess")]
    public void ReadReply_CutJson_IsRetryableStreamTruncated(string wire, string body)
    {
        var error = Decoded.Whole(WireProtocols.Get(wire), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal((LlmErrorKind.StreamTruncated, true), (error?.Kind, error?.IsRetryable));
    }

    [Theory]
    [InlineData("chat-completions", """{"choices":oops""")]
    [InlineData("chat-completions", """{"choices":[]}{""")]
    [InlineData("anthropic", "busy")]
    [InlineData("gemini", """{"candidates":[}""")]
    public void ReadReply_InvalidJson_IsMalformedAndFinal(string wire, string body)
    {
        var error = Decoded.Whole(WireProtocols.Get(wire), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal((LlmErrorKind.MalformedResponse, false), (error?.Kind, error?.IsRetryable));
    }
}
