namespace RawLlm.Cli.Doctor;

/// <summary>The questions of the examination, each of which tests one ability.</summary>
internal static class Questions
{
    // Leaves room for models that reason before they answer.
    private const int MaxTokens = 1024;

    private static readonly ToolDefinition Weather = new(
        "get_weather",
        "Tells the current weather of one city.",
        """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"""
    );

    public static ChatRequest Hello { get; } = Ask("Reply with the single word: hello");

    public static ChatRequest Count { get; } = Ask("Count from 1 to 20 in words, separated by commas.");

    public static ChatRequest OneTool { get; } = Ask("What is the weather in Paris? Use the tool.") with { Tools = [Weather] };

    public static ChatRequest TwoTools { get; } =
        Ask("What is the weather in Paris and in Rome? Call the tool once for each city, both in one turn.") with
        {
            Tools = [Weather],
            ParallelToolCalls = true,
        };

    public static ChatRequest ForcedTool { get; } = Ask("Good morning!") with { Tools = [Weather], ToolChoice = ToolChoice.Required };

    public static ChatRequest NamedTool { get; } =
        Ask("Good morning!") with
        {
            Tools = [Weather],
            ToolChoice = ToolChoice.Named("get_weather"),
        };

    public static ChatRequest NoTool { get; } =
        Ask("What is the weather in Paris? Use the tool.") with
        {
            Tools = [Weather],
            ToolChoice = ToolChoice.None,
        };

    public static ChatRequest Schema { get; } =
        Ask("Name the capital of France, as JSON with the member capital.") with
        {
            Format = ReplyFormat.JsonSchema(
                "capital",
                """{"type":"object","properties":{"capital":{"type":"string"}},"required":["capital"],"additionalProperties":false}"""
            ) with
            {
                Strict = true,
            },
        };

    public static ChatRequest Thought { get; } =
        Ask("Is 91 a prime number? Think first, then answer yes or no.") with
        {
            MaxTokens = 4096,
            Thinking = Thinking.Low,
        };

    /// <summary>A red square of 32 by 32 pixels.</summary>
    public static ChatRequest Image { get; } =
        new()
        {
            MaxTokens = MaxTokens,
            Messages =
            [
                Message.User(
                    new TextPart("Which colour is this square? One word."),
                    new ImagePart(
                        Convert.FromBase64String(
                            "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3NsQkAAAjAsP7/tF7hIASyp6lTCQQCgUAgEAgEgi/BAjLD/C5w/SM9AAAAAElFTkSuQmCC"
                        ),
                        "image/png"
                    )
                ),
            ],
        };

    public static ChatRequest NoSuchModel { get; } = Hello with { Model = "rawllm-doctor-no-such-model" };

    private static ChatRequest Ask(string prompt) => ChatRequest.Ask(prompt) with { MaxTokens = MaxTokens };
}
