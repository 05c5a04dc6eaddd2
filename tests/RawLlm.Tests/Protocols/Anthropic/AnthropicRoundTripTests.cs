using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Random answers that are streamed in random pieces, read, appended and sent back keep every block.</summary>
public sealed class AnthropicRoundTripTests(ITestOutputHelper output)
{
    private static readonly string[] Texts =
    [
        "a",
        "Hello, ",
        "\"quoted\" \\ back",
        "line\n\ttab",
        "é ü 漢字",
        "😀",
        "\u2028",
        "}{][,:",
        "data: x\n\nevent: y",
    ];

    [Fact]
    public void Answers_RandomContent_AreSentBackWithEveryBlock()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var content = MakeContent(random);
            var message = random.Next(4) == 0 ? ReadWhole(content) : ReadStreamed(content, random);
            using var wire = new WireRequest { BaseUrl = new("https://api.anthropic.com/v1/") };
            new AnthropicProtocol().WriteRequest(
                new ChatRequest
                {
                    Model = "m",
                    Messages = [Message.User("x"), message],
                    Tools = [new ToolDefinition("n")],
                },
                stream: false,
                wire
            );
            var back = JsonNode.Parse(wire.Body.Span)!["messages"]![1]!["content"]!;
            if (back is JsonValue text)
                back = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = (string)text! });
            if (!JsonNode.DeepEquals(content, back) || wire.Quirks.Count > 0)
            {
                output.WriteLine($"seed {seed}");
                Assert.Fail(
                    $"seed {seed}: {string.Join(", ", wire.Quirks)}\n{content.ToJsonString()}\nwent back as\n{back.ToJsonString()}"
                );
            }
        }
    }

    private static JsonArray MakeContent(Random random)
    {
        var content = new JsonArray();
        int count = random.Next(1, 6);
        for (int i = 0; i < count; i++)
        {
            content.Add(
                random.Next(6) switch
                {
                    0 => new JsonObject
                    {
                        ["type"] = "thinking",
                        ["thinking"] = random.Next(3) == 0 ? "" : Text(random),
                        ["signature"] = $"sig/{random.Next()}==",
                    },
                    1 => new JsonObject { ["type"] = "redacted_thinking", ["data"] = Text(random) },
                    2 => Call(random, i, "tool_use"),
                    3 => Call(random, i, "server_tool_use"),
                    4 => new JsonObject
                    {
                        ["type"] = "web_search_tool_result",
                        ["tool_use_id"] = $"s{i}",
                        ["content"] = new JsonArray(Value(random, 2), Value(random, 2)),
                    },
                    _ => TextBlock(random),
                }
            );
        }
        // Reasoning at the end does not go back.
        if ((string)content[^1]!["type"]! is "thinking" or "redacted_thinking")
            content.Add(TextBlock(random));
        return content;
    }

    private static JsonObject TextBlock(Random random)
    {
        var block = new JsonObject { ["type"] = "text", ["text"] = Text(random) };
        if (random.Next(3) == 0)
            block["citations"] = new JsonArray(Value(random, 1), new JsonObject { ["cited_text"] = Text(random) });
        return block;
    }

    private static JsonObject Call(Random random, int i, string type)
    {
        var input = new JsonObject();
        for (int j = random.Next(3); j > 0; j--)
            input[$"k{j}"] = Value(random, 2);
        var block = new JsonObject
        {
            ["type"] = type,
            ["id"] = $"id{i}",
            ["name"] = "n",
            ["input"] = input,
        };
        if (random.Next(2) == 0)
            block["caller"] = new JsonObject { ["type"] = "direct" };
        return block;
    }

    private static JsonNode Value(Random random, int depth) =>
        random.Next(depth > 0 ? 6 : 4) switch
        {
            0 => random.Next(),
            1 => true,
            2 => Text(random),
            3 => random.NextDouble(),
            4 => new JsonArray(Value(random, depth - 1)),
            _ => new JsonObject { ["a"] = Value(random, depth - 1), ["b"] = "" },
        };

    private static string Text(Random random)
    {
        var text = new StringBuilder(Texts[random.Next(6)]);
        for (int i = random.Next(4); i > 0; i--)
            text.Append(Texts[random.Next(Texts.Length)]);
        return string.IsNullOrWhiteSpace(text.ToString()) ? "x" : text.ToString();
    }

    private static Message ReadWhole(JsonArray content)
    {
        string body = new JsonObject
        {
            ["type"] = "message",
            ["id"] = "i",
            ["model"] = "m",
            ["content"] = content.DeepClone(),
            ["stop_reason"] = "end_turn",
        }.ToJsonString();
        var decoded = Decoded.Whole(new AnthropicProtocol(), Encoding.UTF8.GetBytes(body), strict: true);
        Assert.Null(decoded.Error);
        return decoded.Reply.Message;
    }

    private static Message ReadStreamed(JsonArray content, Random random)
    {
        var stream = new StringBuilder();
        Event(stream, """{"type":"message_start","message":{"id":"i","model":"m","content":[]}}""");
        for (int i = 0; i < content.Count; i++)
        {
            var block = content[i]!.DeepClone().AsObject();
            var deltas = new List<JsonObject>();
            switch ((string)block["type"]!)
            {
                case "text":
                    Split(block, "text", "text_delta", "text", deltas, random);
                    if (block["citations"] is JsonArray citations)
                    {
                        foreach (var citation in citations)
                            deltas.Add(new JsonObject { ["type"] = "citations_delta", ["citation"] = citation!.DeepClone() });
                        block["citations"] = new JsonArray();
                    }
                    break;
                case "thinking":
                    Split(block, "thinking", "thinking_delta", "thinking", deltas, random);
                    deltas.Add(new JsonObject { ["type"] = "signature_delta", ["signature"] = (string)block["signature"]! });
                    block["signature"] = "";
                    break;
                case "tool_use" or "server_tool_use":
                    block["input"] = block["input"]!.AsObject().Count == 0 ? "" : block["input"]!.ToJsonString();
                    Split(block, "input", "input_json_delta", "partial_json", deltas, random);
                    block["input"] = new JsonObject();
                    break;
            }
            Event(
                stream,
                new JsonObject
                {
                    ["type"] = "content_block_start",
                    ["index"] = i,
                    ["content_block"] = block,
                }.ToJsonString()
            );
            foreach (var delta in deltas)
            {
                Event(
                    stream,
                    new JsonObject
                    {
                        ["type"] = "content_block_delta",
                        ["index"] = i,
                        ["delta"] = delta,
                    }.ToJsonString()
                );
            }

            Event(stream, $$"""{"type":"content_block_stop","index":{{i}}}""");
        }
        Event(stream, """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}""");
        Event(stream, """{"type":"message_stop"}""");
        var decoded = Decoded.Stream(new AnthropicProtocol(), Encoding.UTF8.GetBytes(stream.ToString()), random.Next(1, 200), strict: true);
        Assert.Null(decoded.Error);
        Assert.True(decoded.IsComplete);
        return decoded.Reply.Message;
    }

    // Cuts anywhere except between the halves of a surrogate pair, which this JSON library does not write.
    private static void Split(JsonObject block, string member, string type, string name, List<JsonObject> deltas, Random random)
    {
        string text = (string)block[member]!;
        for (int start = 0; start < text.Length; )
        {
            int length = Math.Min(random.Next(1, 12), text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
                length = text.Length - start;
            deltas.Add(new JsonObject { ["type"] = type, [name] = text.Substring(start, length) });
            start += length;
        }
        block[member] = "";
    }

    private static void Event(StringBuilder stream, string json) => stream.Append("data: ").Append(json).Append("\n\n");
}
