using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Json;

public sealed class GrowingJsonTests
{
    [Theory]
    [InlineData("""{"a":[1,{"b":"}]\"{"}],"c":"\\"} """)]
    [InlineData("""{"a":1}} """)]
    [InlineData("{} {}")]
    [InlineData("{]} ")]
    [InlineData(" \n[1,[2,[]]] \t")]
    [InlineData("[\"]\"]x")]
    [InlineData(" \"a\\\"b\\\\\" ")]
    [InlineData("\"\" \"\"")]
    [InlineData("  nullx")]
    [InlineData("null  ")]
    [InlineData(" -12.5e3 4")]
    [InlineData("true")]
    [InlineData("   {}   ")]
    [InlineData("   ")]
    public void IsWhole_GrowingPrefixes_AnswersAsForEachAlone(string text)
    {
        byte[] json = Encoding.UTF8.GetBytes(text);
        for (int step = 1; step <= 3; step++)
        {
            var known = new GrowingJson();
            for (int length = 0; length <= json.Length; length += step)
            {
                var prefix = json.AsSpan(0, length);
                Assert.Equal(WireJson.IsWhole(prefix), known.IsWhole(prefix));
                Assert.Equal(WireJson.IsEmpty(prefix.Trim(WireJson.WhiteSpace)), known.IsEmpty(prefix));
            }
        }
    }

    [Fact]
    public void SayWhole_MoreBytesFollow_IsNotWhole()
    {
        var known = new GrowingJson();
        known.MarkComplete(2);

        Assert.True(known.IsWhole("{}"u8));
        Assert.True(known.IsWhole("{} "u8));
        Assert.False(known.IsWhole("{} {"u8));
    }
}
