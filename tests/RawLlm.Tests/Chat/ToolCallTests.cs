using System.Text.Json.Serialization;

namespace RawLlm.Tests.Chat;

public sealed partial class ToolCallTests
{
    [Fact]
    public void TryRead_ArgumentsThatFit_GivesTheValue()
    {
        Assert.True(Call("""{"city":"Rome","days":3}""").TryRead(Json.Default.Weather, out var weather));
        Assert.Equal(new Weather("Rome", 3), weather);
    }

    [Theory]
    [InlineData("""{"city":["Rome"]}""")]
    [InlineData("""{"city":"Ro""")]
    [InlineData("null")]
    [InlineData("")]
    public void TryRead_ArgumentsThatDoNotFit_IsFalse(string arguments) =>
        Assert.False(Call(arguments).TryRead(Json.Default.Weather, out _));

    [Fact]
    public void TryRead_IncompleteCall_IsFalseEvenWhenItParses() =>
        Assert.False((Call("""{"city":"Rome","days":3}""") with { IsComplete = false }).TryRead(Json.Default.Weather, out _));

    [Fact]
    public void ReadArguments_Object_IsLikeADictionary()
    {
        var arguments = Call("""{"city":"Rome","days":3,"city":"Oslo","note":null}""").ReadArguments();
        Assert.Null(arguments.Quirk);
        Assert.Equal(("Oslo", "3", null, null), (arguments.Text("city"), arguments.Text("days"), arguments.Text("note"), arguments.Text("none")));
        Assert.Equal(3, arguments["days"].GetInt32());
        Assert.Equal(3, arguments.Count);
    }

    [Fact]
    public void ReadArguments_TextInsideText_IsReadWithAQuirk()
    {
        var arguments = Call("""
            "{\"city\":\"Rome\"}"
            """).ReadArguments();
        Assert.Equal("Rome", arguments.Text("city"));
        Assert.Equal(QuirkKind.ToolArgumentsAsText, arguments.Quirk?.Kind);
    }

    [Theory]
    [InlineData("{\"city\":")]
    [InlineData("[1,2]")]
    [InlineData("\"plain\"")]
    [InlineData("\"\\ud83d\"")]
    [InlineData("4 + 4")]
    public void ReadArguments_Unreadable_IsEmptyWithAQuirk(string text)
    {
        var arguments = Call(text).ReadArguments();
        Assert.Empty(arguments);
        Assert.Equal(QuirkKind.ToolArgumentsUnreadable, arguments.Quirk?.Kind);
    }

    [Fact]
    public void ToString_LeavesTheArgumentsOut() =>
        Assert.Equal("weather (a, incomplete)", (Call("""{"city":"Rome"}""") with { IsComplete = false }).ToString());

    private static ToolCall Call(string arguments) => new("a", "weather", arguments);

    internal sealed record Weather(string City, int Days);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Weather))]
    private sealed partial class Json : JsonSerializerContext;
}
