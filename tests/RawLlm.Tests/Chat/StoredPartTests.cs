using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm.Tests.Chat;

/// <summary>Parts that are stored outside a message.</summary>
public sealed partial class StoredPartTests
{
    public static TheoryData<string> Kinds => [.. OfEveryKind.Keys];

    private static readonly Dictionary<string, Part> OfEveryKind = new()
    {
        ["text"] = new TextPart("Hi") { Cache = PromptCache.OneHour },
        ["reasoning"] = new ReasoningPart("Hm.")
        {
            WireData = new WireData("anthropic", """{ "signature" : "a/b+c==" }""") { Origin = "api.anthropic.com" },
        },
        ["refusal"] = new RefusalPart("No."),
        ["image"] = new ImagePart(new byte[] { 1, 2, 250 }, "image/png") { Detail = "low" },
        ["address"] = new ImagePart(new Uri("https://example.org/a b.png?x=%20")),
        ["file"] = new FilePart(new byte[] { 0 }, "application/pdf", "a.pdf"),
        ["call"] = new ToolCallPart(new ToolCall("c1", "f", """{"a""") { IsComplete = false }),
        ["result"] = new ToolResultPart("c1", [new TextPart("4 \u00b0C"), new ImagePart(new byte[] { 9 }, "image/jpeg")])
        {
            Name = "f",
            IsError = true,
        },
        ["opaque"] = new OpaquePart(new WireData("responses", """{"type":"web_search_call"}""")),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Serialize_PartAsBaseType_RoundTrips(string kind) =>
        Assert.Equal(OfEveryKind[kind], JsonSerializer.Deserialize<Part>(JsonSerializer.Serialize(OfEveryKind[kind])));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Serialize_PartAsConcreteType_RoundTrips(string kind)
    {
        var part = OfEveryKind[kind];
        string json = JsonSerializer.Serialize(part, part.GetType());
        Assert.Equal(part, JsonSerializer.Deserialize(json, part.GetType()));
        Assert.Equal(JsonSerializer.Serialize(part), json);
    }

    [Fact]
    public void Serialize_PartsWithSourceGeneratedMetadata_RoundTrip()
    {
        var kept = new Kept(
            OfEveryKind["text"],
            (TextPart)OfEveryKind["text"],
            null,
            [.. OfEveryKind.Values],
            [(ToolResultPart)OfEveryKind["result"]],
            ToolOutput.Error("It broke.")
        );
        string json = JsonSerializer.Serialize(kept, KeptJson.Default.Kept);
        var read = JsonSerializer.Deserialize(json, KeptJson.Default.Kept)!;

        Assert.Equal(kept with { All = read.All, Results = read.Results }, read);
        Assert.Equal(kept.All, read.All);
        Assert.Equal(kept.Results, read.Results);
        Assert.Equal("""{"Content":[{"type":"text","text":"It broke."}],"IsError":true}""", JsonSerializer.Serialize(kept.Output));
    }

    [Theory]
    [InlineData("""{"type":"reasoning","text":"x"}""")]
    [InlineData("""{"text":"x"}""")]
    [InlineData("[]")]
    public void Deserialize_JsonOfOtherPartType_ThrowsJsonException(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TextPart>(json));

    [Fact]
    public void Deserialize_ToolOutputWithoutContent_ThrowsJsonException() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ToolOutput>("""{"IsError":true}"""));

    private sealed record Kept(Part Any, TextPart Text, ReasoningPart? None, List<Part> All, ToolResultPart[] Results, ToolOutput Output);

    [JsonSerializable(typeof(Kept))]
    private sealed partial class KeptJson : JsonSerializerContext;
}
