using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm.Tests.Chat;

public sealed partial class RawJsonTests
{
    [Fact]
    public void Read_ValueThatFits_GivesIt() => Assert.Equal(new Town("Rome", 3), RawJson.Parse("""{"name":"Rome","days":3}""").Read(TownJson.Default.Town));

    [Theory]
    [InlineData("""{"name":["Rome"]}""")]
    [InlineData("""{"days":"x"}""")]
    [InlineData("5")]
    [InlineData(null)]
    public void Read_ValueThatDoesNotFit_IsAnInvalidOperation(string? json)
    {
        var value = json is null ? default : RawJson.Parse(json);
        var error = Assert.Throws<InvalidOperationException>(() => value.Read(TownJson.Default.Town));
        Assert.IsType<JsonException>(error.InnerException);
        Assert.Contains("Town", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutAType_IsRefused() => Assert.Throws<ArgumentNullException>(() => RawJson.Parse("5").Read<int>(null!));

    internal sealed record Town(string Name, int Days);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Town))]
    private sealed partial class TownJson : JsonSerializerContext;
}
