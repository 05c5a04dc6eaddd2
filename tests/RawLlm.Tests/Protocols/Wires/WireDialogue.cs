using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>
/// A wire as a conversation uses it: an answer in its format, and what its request contains of that answer and of the results.
/// </summary>
internal abstract class WireDialogue
{
    /// <summary>Appears wherever only the wire itself understands what it sent.</summary>
    public const string Secret = "SIG";

    public static IReadOnlyDictionary<string, WireDialogue> All { get; } =
        new Dictionary<string, WireDialogue>
        {
            ["chat-completions"] = new ChatCompletionsDialogue(),
            ["responses"] = new ResponsesDialogue(),
            ["anthropic"] = new AnthropicDialogue(),
            ["gemini"] = new GeminiDialogue(),
            ["ollama"] = new OllamaDialogue(),
            ["converse"] = new ConverseDialogue(),
        };

    public abstract WireProtocol Protocol { get; }

    /// <summary>Whether the wire sends something that must go back to it and means nothing elsewhere.</summary>
    public virtual bool HasSecret => true;

    /// <summary>The turn as a whole answer of the wire.</summary>
    protected abstract JsonNode Reply(SpokenTurn turn);

    /// <summary>What a request contains of the answer and of the results of its calls.</summary>
    public abstract SpokenTurn ReadBack(JsonNode request);

    /// <summary>Decodes the wire's answer.</summary>
    public Message Answer(SpokenTurn turn)
    {
        var decoded = Decoded.Whole(Protocol, Encoding.UTF8.GetBytes(Reply(turn).ToJsonString()), strict: true);
        Assert.True(decoded.IsComplete, decoded.Error?.ToString());
        return decoded.Reply.Message;
    }

    /// <summary>Writes the conversation's next request.</summary>
    public WrittenRequest Continue(IReadOnlyList<Message> messages) =>
        WrittenRequest.Of(
            Protocol,
            new ChatRequest
            {
                Model = "m",
                Messages = messages,
                Tools = [Conversations.Weather with { Strict = null }],
            },
            baseUrl: "https://llm.example.org/"
        );

    protected static JsonNode Json(string text) => JsonNode.Parse(text)!;

    protected static string Text(IEnumerable<JsonNode?> texts) => string.Concat(texts.Select(text => (string?)text));

    /// <summary>The JSON of a value in one spelling, so that values can be compared as text.</summary>
    protected static string Compact(JsonNode? value) => value is null ? "" : JsonSerializer.Serialize(value);
}
