namespace RawLlm.Tests.Support;

/// <summary>The requests that the contract tests send to every service.</summary>
internal static class Conversations
{
    public static ToolDefinition Weather { get; } =
        new("get_weather", "Tells the weather.", """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""")
        {
            Strict = true,
        };

    /// <summary>The bytes need not be a valid image; they only have to arrive.</summary>
    public static byte[] Picture { get; } = [0x89, 0x50, 0x4E, 0x47];

    /// <summary>System prompt, question, and the settings that differ most between services.</summary>
    public static ChatRequest Ask { get; } =
        new()
        {
            System = "Be brief.",
            Messages = [Message.User("Why is the sky blue?")],
            MaxTokens = 100,
            Temperature = 0.5,
            Seed = 7,
        };

    public static ChatRequest AskWithTools { get; } =
        new()
        {
            Messages = [Message.User("Weather in Paris?")],
            Tools = [Weather],
            ToolChoice = ToolChoice.Required,
        };

    /// <summary>The turn after a tool call of the model.</summary>
    public static ChatRequest AnswerTools(ToolCallPart call) =>
        new()
        {
            Messages =
            [
                Message.User("Weather in Paris?"),
                new Message(Role.Assistant, [call]),
                Message.ToolResult(call.Call, "18 degrees"),
            ],
            Tools = [Weather],
        };

    public static ChatRequest Look { get; } =
        new()
        {
            Messages =
            [
                Message.User(
                    new TextPart("Compare."),
                    new ImagePart(Picture, "image/png"),
                    new ImagePart(new Uri("https://example.org/cat.jpg?size=1")) { Detail = "low" }
                ),
            ],
        };

    public static ChatRequest Structured { get; } =
        new()
        {
            Messages = [Message.User("Name a city, as JSON.")],
            Format = ReplyFormat.JsonSchema(
                "city",
                """{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}"""
            ) with
            {
                Strict = true,
            },
        };
}
