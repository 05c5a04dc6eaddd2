using System.Text.Json;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData(85)]
    [InlineData(86)]
    [InlineData(251)]
    [InlineData(252)]
    public void Is_EscapesAndInvalidUtf8_DoesNotOverflowBuffer(int count)
    {
        // Each byte that is not UTF-8 becomes three.
        byte[] json = [.. "\"\\n"u8, .. Enumerable.Repeat((byte)0xFF, count), .. "\""u8];
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var text = JsonText.Read(ref reader);

        Assert.True(text.IsEscaped);
        Assert.False(text.Is("n"u8));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1024, 3075)]
    [InlineData(715_827_862, 2_147_483_589)]
    public void MaxOf_AnyLength_ReturnsRoomForReplacedBytes(int length, int most) => Assert.Equal(most, JsonText.MaxOf(length));

    [Theory]
    [InlineData(715_827_863)]
    [InlineData(int.MaxValue)]
    public void MaxOf_AboveMaxArrayLength_ThrowsLimitExceeded(int length)
    {
        var e = Assert.Throws<LlmException>(() => JsonText.MaxOf(length));

        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.EventBytes), (e.Kind, e.Limit));
    }
}
