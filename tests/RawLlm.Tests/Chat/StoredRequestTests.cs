using System.Text.Json;
using System.Text.Json.Serialization;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Chat;

/// <summary>Requests that are stored and sent later.</summary>
public sealed partial class StoredRequestTests
{
    private static readonly ChatRequest Whole = new()
    {
        Model = "m",
        System = "Be brief.",
        Messages = [Message.User("Hi"), Message.Assistant("Hello"), Message.User("Go on")],
        MaxTokens = 10,
        Temperature = 0.5,
        TopP = 0.9,
        Seed = 7,
        Stop = ["x"],
        Tools = [new ToolDefinition("weather", "The weather", """{"type":"object"}""") { Strict = true, Cache = PromptCache.OneHour }],
        ToolChoice = ToolChoice.Named("weather"),
        ParallelToolCalls = false,
        Format = ReplyFormat.JsonSchema("city", """{ "type" : "object" }""") with { Strict = true, Description = "A city" },
        Thinking = Thinking.High with { Include = true },
        Extra = new Dictionary<string, RawJson> { ["service_tier"] = RawJson.FromText("flex") },
        Headers = new Dictionary<string, string> { ["x-a"] = "b" },
    };

    [Fact]
    public void Serialize_FullRequest_RoundTrips()
    {
        var read = JsonSerializer.Deserialize<ChatRequest>(JsonSerializer.Serialize(Whole))!;
        Assert.Equal(Written(Whole), Written(read));
        Assert.Equal((Whole.ToolChoice, Whole.Format, Whole.Thinking), (read.ToolChoice, read.Format, read.Thinking));
        Assert.Equal(Whole.Headers, read.Headers);
    }

    [Fact]
    public void Serialize_ThinkingExtraHigh_WritesEffortAsName()
    {
        string json = JsonSerializer.Serialize(Thinking.ExtraHigh);

        Assert.Equal("""{"Effort":"ExtraHigh","BudgetTokens":null,"Include":null}""", json);
        Assert.Equal(Thinking.ExtraHigh, JsonSerializer.Deserialize<Thinking>(json));
    }

    [Fact]
    public void Serialize_WithSourceGeneratedMetadata_RoundTrips()
    {
        string json = JsonSerializer.Serialize(Whole, RequestJson.Default.ChatRequest);
        Assert.Equal(JsonSerializer.Serialize(Whole), json);
        Assert.Equal(Written(Whole), Written(JsonSerializer.Deserialize(json, RequestJson.Default.ChatRequest)!));
    }

    [Fact]
    public void Serialize_MinimalRequest_RoundTrips()
    {
        var request = ChatRequest.Ask("Hi") with { Model = "m" };
        Assert.Equal(
            Written(request),
            Written(
                JsonSerializer.Deserialize(
                    JsonSerializer.Serialize(request, RequestJson.Default.ChatRequest),
                    RequestJson.Default.ChatRequest
                )!
            )
        );
        Assert.Equal(Written(request), Written(JsonSerializer.Deserialize<ChatRequest>(JsonSerializer.Serialize(request))!));
    }

    [Fact]
    public void Serialize_ToolChoicesAndReplyFormats_RoundTrip()
    {
        foreach (var choice in (ToolChoice[])[ToolChoice.Auto, ToolChoice.None, ToolChoice.Required, ToolChoice.Named("f")])
            Assert.Equal(choice, JsonSerializer.Deserialize<ToolChoice>(JsonSerializer.Serialize(choice)));
        foreach (
            var format in (ReplyFormat[])[ReplyFormat.Text, ReplyFormat.Json with { Strict = false }, ReplyFormat.JsonSchema("n", "true")]
        )
        {
            Assert.Equal(format, JsonSerializer.Deserialize<ReplyFormat>(JsonSerializer.Serialize(format)));
        }

        Assert.Equal("""{"kind":"named","name":"f"}""", JsonSerializer.Serialize(ToolChoice.Named("f")));
        Assert.Equal("""{"kind":"json_schema","name":"n","schema":true}""", JsonSerializer.Serialize(ReplyFormat.JsonSchema("n", "true")));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"kind":"often"}""")]
    [InlineData("""{"kind":"named"}""")]
    [InlineData("""{"kind":"named","name":""}""")]
    [InlineData("""{"kind":1}""")]
    public void Deserialize_InvalidToolChoice_ThrowsJsonException(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ToolChoice>(json));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"kind":"yaml"}""")]
    [InlineData("""{"kind":"json_schema","name":"n"}""")]
    [InlineData("""{"kind":"json_schema","schema":{}}""")]
    [InlineData("""{"kind":"json_schema","name":"","schema":{}}""")]
    public void Deserialize_InvalidReplyFormat_ThrowsJsonException(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ReplyFormat>(json));

    private static string Written(ChatRequest request) => WrittenRequest.Of(new ChatCompletionsProtocol(), request).Body;

    [JsonSerializable(typeof(ChatRequest))]
    private sealed partial class RequestJson : JsonSerializerContext;
}
