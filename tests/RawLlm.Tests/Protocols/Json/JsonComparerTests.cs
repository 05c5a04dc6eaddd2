using RawLlm.Protocols;

namespace RawLlm.Tests;

public class JsonComparerTests
{
    [Theory]
    [InlineData("""{"city": "Rome"}""", """{"city":"Rome"}""")]
    [InlineData(""" {"q" : "é\n"} """, """{"q":"\u00e9\u000a"}""")]
    [InlineData("""{"\u0061":[1, 2, {"b": null}]}""", """{"a":[1,2,{"b":null}]}""")]
    [InlineData("""{"s":"\ud83d\ude00/"}""", """{"s":"😀\/"}""")]
    public void Is_DifferentWhiteSpaceAndEscapes_ReturnsTrue(string json, string other)
    {
        Assert.True(JsonComparer.Is(Utf8(json), Utf8(other)));
        Assert.True(JsonComparer.Begins(Utf8(json), Utf8(other)));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""")]
    [InlineData("""{"a":"1"}""", """{"a":1}""")]
    [InlineData("""{"a":"x y"}""", """{"a":"xy"}""")]
    [InlineData("""{"a":1}""", """{"a":1""")]
    [InlineData("""{"a":1""", """{"a":1""")]
    [InlineData("", "")]
    public void Is_DifferentJson_ReturnsFalse(string json, string other) => Assert.False(JsonComparer.Is(Utf8(json), Utf8(other)));

    [Fact]
    public void Begins_TruncatedAtEveryByte_ReturnsTrue()
    {
        byte[] whole = Utf8("""{ "a\u00e9\n": [1, -25, true, null, "x\\\"\ud83d\ude00y"], "b": {"c": 1.5e3} , "":[]}""").ToArray();
        byte[] again = new byte[whole.Length];
        int length = WireJson.Compact(whole, again);

        for (int i = 0; i <= whole.Length; i++)
            Assert.True(JsonComparer.Begins(whole.AsSpan(0, i), again.AsSpan(0, length)), $"{i} bytes");
    }

    [Theory]
    [InlineData("""{}""", """{"a":1}""")]
    [InlineData("""{"a":1,""", """{"a":1}""")]
    [InlineData("""{"a":1}{""", """{"a":1}""")]
    [InlineData("""{"a":1}}""", """{"a":1}""")]
    [InlineData("""{"b""", """{"a":1}""")]
    [InlineData("""{"a":"x""", """{"a":1}""")]
    [InlineData("""{"a":1""", """{"a":"1"}""")]
    [InlineData("""{"a":12""", """{"a":1}""")]
    [InlineData("""{"a":"b""", """{"a":"ab"}""")]
    [InlineData("""{"a" """, """{"ab":1}""")]
    [InlineData("""{"a":"1" x""", """{"a":"1"}""")]
    [InlineData("""[""", """{"a":1}""")]
    public void Begins_NotAPrefix_ReturnsFalse(string begun, string json) => Assert.False(JsonComparer.Begins(Utf8(begun), Utf8(json)));

    private static ReadOnlySpan<byte> Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
