using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawLlm.Cli.Demo;

/// <summary>
/// The demonstration's answer to a request: it explains that no model is answering, with reasoning, text, a tool call and usage.
/// </summary>
/// <param name="Prompt">The last user message, shortened.</param>
/// <param name="IsStream">Whether the request asks for a stream.</param>
/// <param name="ReportsUsage">Whether a stream ends with its usage.</param>
internal sealed record DemoAnswer(string Prompt, bool IsStream, bool ReportsUsage)
{
    public const string Model = "demonstration";

    private const int LongestPrompt = 200;
    private const string Id = "chatcmpl-demonstration";
    private const string CallId = "call_demo_1";
    private const string CallName = "ask_a_real_model";
    private const string Arguments = """{"command": "rawllm chat --provider openai", "needs": "OPENAI_API_KEY"}""";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] ReasoningWords =
    [
        "There is no model here to think. ",
        "But a stream that thinks aloud ",
        "looks like this.",
    ];

    /// <summary>The answer's text.</summary>
    public string Text =>
        "This is the built-in demonstration of rawllm: no model is answering. "
        + $"You asked: \u201C{Prompt}\u201D "
        + "This text arrived over real HTTP as server-sent events, word by word, the way a service sends them; "
        + "so did the tool call below, in fragments, and the token counts at the end. "
        + "To ask a model, set an API key variable such as OPENAI_API_KEY, start a local server such as Ollama, or pass --base-url.";

    private int PromptTokens => Words(Prompt).Count();

    private int TextTokens => Words(Text).Count();

    /// <summary>Reads a chat completions request.</summary>
    /// <exception cref="DemoFault">The body is not such a request.</exception>
    public static DemoAnswer Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (
                root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("messages", out var messages)
                || messages.ValueKind != JsonValueKind.Array
            )
            {
                throw new DemoFault(400, "bad_request", "The body contains no messages.");
            }

            return new DemoAnswer(
                Shorten(LastPrompt(messages)),
                IsTrue(root, "stream"),
                root.TryGetProperty("stream_options", out var options) && IsTrue(options, "include_usage")
            );
        }
        catch (JsonException)
        {
            throw new DemoFault(400, "bad_request", "The body is not JSON.");
        }
    }

    /// <summary>The list of models.</summary>
    public static byte[] Models() =>
        Write(json =>
        {
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            json.WriteStartObject();
            json.WriteString("id", Model);
            json.WriteString("object", "model");
            json.WriteString("owned_by", "rawllm");
            json.WriteEndObject();
            json.WriteEndArray();
        });

    /// <summary>The data of each stream event, without the end mark.</summary>
    public IEnumerable<byte[]> Events()
    {
        yield return Delta(json => json.WriteString("role", "assistant"));
        foreach (string piece in ReasoningWords)
            yield return Delta(json => json.WriteString("reasoning_content", piece));
        foreach (string word in Words(Text))
            yield return Delta(json => json.WriteString("content", word));
        yield return Delta(json => WriteCall(json, "", isFirst: true));
        for (int start = 0; start < Arguments.Length; start += 9)
        {
            string fragment = Arguments[start..Math.Min(start + 9, Arguments.Length)];
            yield return Delta(json => WriteCall(json, fragment, isFirst: false));
        }
        yield return Chunk(json =>
        {
            json.WriteStartObject("delta");
            json.WriteEndObject();
            json.WriteString("finish_reason", "tool_calls");
        });
        if (ReportsUsage)
        {
            yield return Envelope(
                "chat.completion.chunk",
                json =>
                {
                    json.WriteStartArray("choices");
                    json.WriteEndArray();
                    WriteUsage(json);
                }
            );
        }
    }

    /// <summary>The whole answer.</summary>
    public byte[] Whole() =>
        Envelope(
            "chat.completion",
            json =>
            {
                json.WriteStartArray("choices");
                json.WriteStartObject();
                json.WriteNumber("index", 0);
                json.WriteStartObject("message");
                json.WriteString("role", "assistant");
                json.WriteString("reasoning_content", string.Concat(ReasoningWords));
                json.WriteString("content", Text);
                WriteCall(json, Arguments, isFirst: true);
                json.WriteEndObject();
                json.WriteString("finish_reason", "tool_calls");
                json.WriteEndObject();
                json.WriteEndArray();
                WriteUsage(json);
            }
        );

    private static byte[] Delta(Action<Utf8JsonWriter> members) =>
        Chunk(json =>
        {
            json.WriteStartObject("delta");
            members(json);
            json.WriteEndObject();
            json.WriteNull("finish_reason");
        });

    private static byte[] Chunk(Action<Utf8JsonWriter> choice) =>
        Envelope(
            "chat.completion.chunk",
            json =>
            {
                json.WriteStartArray("choices");
                json.WriteStartObject();
                json.WriteNumber("index", 0);
                choice(json);
                json.WriteEndObject();
                json.WriteEndArray();
            }
        );

    private static byte[] Envelope(string type, Action<Utf8JsonWriter> members) =>
        Write(json =>
        {
            json.WriteString("id", Id);
            json.WriteString("object", type);
            json.WriteNumber("created", 0);
            json.WriteString("model", Model);
            members(json);
        });

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    private static void WriteCall(Utf8JsonWriter json, string arguments, bool isFirst)
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        if (isFirst)
        {
            json.WriteString("id", CallId);
            json.WriteString("type", "function");
        }
        json.WriteStartObject("function");
        if (isFirst)
            json.WriteString("name", CallName);
        json.WriteString("arguments", arguments);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    // Counts words as tokens: the demonstration has no tokenizer.
    private void WriteUsage(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", PromptTokens);
        json.WriteNumber("completion_tokens", TextTokens + ReasoningWords.Length);
        json.WriteNumber("total_tokens", PromptTokens + TextTokens + ReasoningWords.Length);
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", ReasoningWords.Length);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static IEnumerable<string> Words(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int space = text.IndexOf(' ', start);
            int end = space < 0 ? text.Length : space + 1;
            yield return text[start..end];
            start = end;
        }
    }

    private static string LastPrompt(JsonElement messages)
    {
        foreach (var message in messages.EnumerateArray().Reverse())
        {
            if (
                message.ValueKind == JsonValueKind.Object
                && message.TryGetProperty("role", out var role)
                && role.ValueKind == JsonValueKind.String
                && role.ValueEquals("user")
                && message.TryGetProperty("content", out var content)
            )
            {
                return Text(content);
            }
        }
        return "";

        static string Text(JsonElement content) =>
            content.ValueKind switch
            {
                JsonValueKind.String => content.GetString()!,
                JsonValueKind.Array => string.Concat(
                    content
                        .EnumerateArray()
                        .Where(part =>
                            part.ValueKind == JsonValueKind.Object
                            && part.TryGetProperty("text", out var text)
                            && text.ValueKind == JsonValueKind.String
                        )
                        .Select(part => part.GetProperty("text").GetString())
                ),
                _ => "",
            };
    }

    private static string Shorten(string prompt)
    {
        if (prompt.Length <= LongestPrompt)
            return prompt;
        int end = char.IsHighSurrogate(prompt[LongestPrompt - 1]) ? LongestPrompt - 1 : LongestPrompt;
        return prompt[..end] + "\u2026";
    }

    private static bool IsTrue(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
