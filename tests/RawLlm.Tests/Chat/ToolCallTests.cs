using System.Text.Json.Serialization;

namespace RawLlm.Tests.Chat;

public sealed partial class ToolCallTests
{
    [Fact]
    public void TryRead_ArgumentsMatchType_ReturnsValue()
    {
        Assert.True(Call("""{"city":"Rome","days":3}""").TryRead(Json.Default.Weather, out var weather));
        Assert.Equal(new Weather("Rome", 3), weather);
    }

    [Theory]
    [InlineData("""{"city":["Rome"]}""")]
    [InlineData("""{"city":"Ro""")]
    [InlineData("null")]
    [InlineData("")]
    public void TryRead_ArgumentsDoNotMatchType_ReturnsFalse(string arguments) =>
        Assert.False(Call(arguments).TryRead(Json.Default.Weather, out _));

    [Fact]
    public void TryRead_IncompleteCallWithValidArguments_ReturnsFalse() =>
        Assert.False((Call("""{"city":"Rome","days":3}""") with { IsComplete = false }).TryRead(Json.Default.Weather, out _));

    [Fact]
    public void ReadArguments_JsonObject_ReturnsDictionary()
    {
        var arguments = Call("""{"city":"Rome","days":3,"city":"Oslo","note":null}""").ReadArguments();
        Assert.Null(arguments.Quirk);
        Assert.Equal(
            ("Oslo", "3", null, null),
            (arguments.Text("city"), arguments.Text("days"), arguments.Text("note"), arguments.Text("none"))
        );
        Assert.Equal(3, arguments["days"].GetInt32());
        Assert.Equal(3, arguments.Count);
    }

    [Fact]
    public void ReadArguments_ObjectAsJsonString_IsReadWithQuirk()
    {
        var arguments = Call(
                """
                "{\"city\":\"Rome\"}"
                """
            )
            .ReadArguments();
        Assert.Equal("Rome", arguments.Text("city"));
        Assert.Equal(QuirkKind.ToolArgumentsAsText, arguments.Quirk?.Kind);
    }

    [Theory]
    [InlineData("""{"city":"a\ud83d"}""", "a\uFFFD")]
    [InlineData("""{"city":"\uDE00\uD83D\uD83D\uDE00\ud83d"}""", "\uFFFD\uFFFD\U0001F600\uFFFD")]
    [InlineData("""{"city":"\ud83d\n\u0041"}""", "\uFFFD\nA")]
    [InlineData(
        """
            "{\"city\":\"\ud83d\"}"
            """,
        "\uFFFD"
    )]
    [InlineData(
        """
            "{\"city\":\"\\ud83d\"}"
            """,
        "\uFFFD"
    )]
    public void ReadArguments_EscapedLoneSurrogate_IsReplacedWithQuirk(string text, string city)
    {
        var arguments = Call(text).ReadArguments();
        Assert.Equal(city, arguments.Text("city"));
        Assert.Equal(city, arguments["city"].GetString());
        Assert.Equal(new Quirk(QuirkKind.LoneSurrogate, "arguments"), arguments.Quirk);
    }

    // Not inline data: a test's data is stored as UTF-8, which cannot hold half a surrogate pair.
    [Fact]
    public void ReadArguments_UnescapedLoneSurrogate_IsReplacedWithQuirk()
    {
        foreach (string half in (string[])["\uD83D", "\uDE00"])
        {
            var arguments = Call($$"""{"city":"a{{half}}"}""").ReadArguments();
            Assert.Equal("a\uFFFD", arguments.Text("city"));
            Assert.Equal(QuirkKind.LoneSurrogate, arguments.Quirk?.Kind);
        }
    }

    [Fact]
    public void ReadArguments_LoneSurrogateInNameOrNestedValue_IsReplacedWithQuirk()
    {
        var arguments = Call("""{"\ud83d":1,"list":[{"\ude00b":"\ud83d"}]}""").ReadArguments();
        Assert.Equal("1", arguments.Text("\uFFFD"));
        var member = arguments["list"][0].EnumerateObject().Single();
        Assert.Equal(("\uFFFDb", "\uFFFD"), (member.Name, member.Value.GetString()));
        Assert.Equal(QuirkKind.LoneSurrogate, arguments.Quirk?.Kind);
    }

    [Theory]
    [InlineData("""{"city":"\ud83d\ude00"}""", "\U0001F600")]
    [InlineData("""{"city":"\\ud83d"}""", "\\ud83d")]
    [InlineData("""{"city":"\\\"\u0041"}""", "\\\"A")]
    [InlineData("{\"city\":\"\U0001F600\"}", "\U0001F600")]
    public void ReadArguments_SurrogatePairsAndBackslashes_AreUnchanged(string text, string city)
    {
        var arguments = Call(text).ReadArguments();
        Assert.Equal(city, arguments.Text("city"));
        Assert.Null(arguments.Quirk);
    }

    [Theory]
    [InlineData("{\"city\":\"\\")]
    [InlineData("{\"city\":\"\\u")]
    [InlineData("{\"city\":\"\\ud83d")]
    [InlineData("{\"city\":\"\\ud83d\\u")]
    [InlineData("{\"city\":\"\\ud8")]
    [InlineData("{\"city\":")]
    [InlineData("[1,2]")]
    [InlineData("\"plain\"")]
    [InlineData("\"\\ud83d\"")]
    [InlineData("4 + 4")]
    public void ReadArguments_Unreadable_ReturnsEmptyWithQuirk(string text)
    {
        var arguments = Call(text).ReadArguments();
        Assert.Empty(arguments);
        Assert.Equal(QuirkKind.ToolArgumentsUnreadable, arguments.Quirk?.Kind);
    }

    [Fact]
    public void ToString_ToolCall_OmitsArguments() =>
        Assert.Equal("weather (a, incomplete)", (Call("""{"city":"Rome"}""") with { IsComplete = false }).ToString());

    private static ToolCall Call(string arguments) => new("a", "weather", arguments);

    internal sealed record Weather(string City, int Days);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Weather))]
    private sealed partial class Json : JsonSerializerContext;
}
