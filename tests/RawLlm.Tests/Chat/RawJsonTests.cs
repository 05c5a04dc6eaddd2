using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm.Tests.Chat;

public sealed partial class RawJsonTests
{
    [Fact]
    public void Read_MatchingValue_ReturnsIt() =>
        Assert.Equal(new Town("Rome", 3), RawJson.Parse("""{"name":"Rome","days":3}""").Read(TownJson.Default.Town));

    [Theory]
    [InlineData("""{"name":["Rome"]}""")]
    [InlineData("""{"days":"x"}""")]
    [InlineData("5")]
    [InlineData(null)]
    public void Read_MismatchedValue_ThrowsInvalidOperationException(string? json)
    {
        var value = json is null ? default : RawJson.Parse(json);
        var error = Assert.Throws<InvalidOperationException>(() => value.Read(TownJson.Default.Town));
        Assert.IsType<JsonException>(error.InnerException);
        Assert.Contains("Town", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flex", "\"flex\"")]
    [InlineData("😀", "\"\\uD83D\\uDE00\"")]
    [InlineData("", "\"\"")]
    [InlineData("a\"b\\\n\u0001é", "\"a\\\"b\\\\\\n\\u0001é\"")]
    public void FromText_AnyText_ReturnsJsonString(string text, string json)
    {
        Assert.Equal(json, RawJson.FromText(text).ToString());
        Assert.Equal(RawJson.Parse(json), RawJson.FromText(text));
    }

    [Fact]
    public void FromText_LoneSurrogate_ThrowsArgumentException() => Assert.Throws<ArgumentException>(() => RawJson.FromText("a\ud83d"));

    [Fact]
    public void ImplicitConversion_OfNumbersAndBooleans_WritesJson()
    {
        RawJson[] values = [40, 40L, 0.5, true, false, -1];
        Assert.Equal(["40", "40", "0.5", "true", "false", "-1"], values.Select(value => value.ToString()));
        Assert.Throws<ArgumentException>(() =>
        {
            RawJson nothing = double.NaN;
            return nothing;
        });
    }

    [Fact]
    public void Parse_UnquotedWord_ErrorSuggestsFromText()
    {
        var error = Assert.Throws<ArgumentException>(() => RawJson.Parse("flex"));
        Assert.Contains("line 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("RawJson.FromText", error.Message, StringComparison.Ordinal);
        Assert.Equal("json", error.ParamName);
    }

    [Fact]
    public void FromUtf8_InvalidJson_ThrowsNamingUtf8Parameter()
    {
        Assert.Equal("utf8", Assert.Throws<ArgumentException>(() => RawJson.FromUtf8("flex"u8.ToArray())).ParamName);
        Assert.Equal("utf8", Assert.Throws<ArgumentException>(() => RawJson.FromUtf8((byte[])[(byte)'"', 0xFF, (byte)'"'])).ParamName);
    }

    [Fact]
    public void Parse_NestedTooDeep_ThrowsArgumentException()
    {
        RawJson.Parse(new string('[', 64) + new string(']', 64));
        Assert.Contains(
            "deeper than 64",
            Assert.Throws<ArgumentException>(() => RawJson.Parse(new string('[', 65) + new string(']', 65))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "The text is not a whole JSON value (line 1, byte ",
            Assert.Throws<ArgumentException>(() => RawJson.Parse(new string('[', 65))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_TypeInfoIsNull_ThrowsArgumentNullException() =>
        Assert.Throws<ArgumentNullException>(() => RawJson.Parse("5").Read<int>(null!));

    [Theory]
    [InlineData("""{"a": 1.50, "b":"\u00e9"}""")]
    [InlineData("null")]
    [InlineData("\"\\ud83d\"")]
    public void FromElement_AnyElement_KeepsItsBytes(string json)
    {
        using var document = JsonDocument.Parse($" [ {json} ] ");

        Assert.Equal(json, RawJson.FromElement(document.RootElement[0]).ToString());
    }

    [Fact]
    public void FromElement_CommentsAndTrailingCommas_AreLeftOut()
    {
        using var document = JsonDocument.Parse(
            """{ "a": [1,], /* b */ "c": "é" } // d""",
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
        );

        Assert.Equal("""{"a":[1],"c":"é"}""", RawJson.FromElement(document.RootElement).ToString());
    }

    [Fact]
    public void FromElement_UnusableElement_ThrowsOrIsNoValue()
    {
        Assert.True(RawJson.FromElement(default).IsEmpty);
        var deep = JsonDocument.Parse(new string('[', 70) + new string(']', 70), new JsonDocumentOptions { MaxDepth = 80 });
        Assert.Throws<ArgumentException>("element", () => RawJson.FromElement(deep.RootElement));
        using var broken = JsonDocument.Parse((byte[])[(byte)'"', 0xFF, (byte)'"']);
        Assert.Throws<ArgumentException>("element", () => RawJson.FromElement(broken.RootElement));
        var root = deep.RootElement;
        deep.Dispose();
        Assert.Throws<ObjectDisposedException>(() => RawJson.FromElement(root));
    }

    [Theory]
    [InlineData("""{"a": 1}""")]
    [InlineData(null)]
    public void WriteTo_Writer_WritesItsBytesOrNull(string? json)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
            (json is null ? default : RawJson.Parse(json)).WriteTo(writer);

        Assert.Equal(json ?? "null", System.Text.Encoding.UTF8.GetString(bytes.WrittenSpan));
        Assert.Throws<ArgumentNullException>(() => default(RawJson).WriteTo(null!));
    }

    internal sealed record Town(string Name, int Days);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Town))]
    private sealed partial class TownJson : JsonSerializerContext;
}
