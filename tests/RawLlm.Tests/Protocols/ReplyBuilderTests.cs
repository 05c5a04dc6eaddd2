using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

public sealed class ReplyBuilderTests
{
    [Theory]
    [InlineData(StreamEventKind.Text)]
    [InlineData(StreamEventKind.Reasoning)]
    [InlineData(StreamEventKind.ToolArguments)]
    public void Add_MoreThanATextHolds_IsALimit(StreamEventKind kind)
    {
        var builder = new ReplyBuilder(mostPartBytes: 10);
        builder.Add(new StreamEvent(kind, 0, 0, "12345"u8));
        builder.Add(new StreamEvent(kind, 0, 0, "67890"u8));
        builder.Add(new StreamEvent(kind, 0, 1, "1234567890"u8));
        var error = Assert.Throws<LlmException>(() => builder.Add(new StreamEvent(kind, 0, 0, "1"u8)));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.StreamBytes, false), (error.Kind, error.Limit, error.IsRetryable));
        Assert.Equal(2, builder.Build().Choices[0].Message.Parts.Count);
    }

    [Fact]
    public void Add_WholeCallAfterItsPieces_CountsAlone()
    {
        var builder = new ReplyBuilder(mostPartBytes: 10);
        builder.Add(new StreamEvent(StreamEventKind.ToolArguments, 0, 0, "{\"a\":123"u8));
        builder.Add(new StreamEvent(StreamEventKind.ToolCall, 0, 0, "{\"a\":1234}"u8));
        Assert.Equal("{\"a\":1234}", builder.Build().ToolCalls[0].Arguments);
    }
}
