using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols.Converse;

/// <summary>Random answers that are streamed in random pieces or read whole, appended and sent back keep every block.</summary>
public sealed class ConverseRoundTripTests(ITestOutputHelper output)
{
    private static readonly ConverseProtocol Protocol = new();
    private static readonly string[] Texts = ["a", "Hello, ", "\"quoted\" \\ back", "line\n\ttab", "é ü 漢字", "😀", "\u2028", "}{][,:"];

    [Fact]
    public void RoundTrip_RandomAnswers_KeepsEveryBlock()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var content = MakeContent(random);
            var message = random.Next(4) == 0 ? ReadWhole(content) : ReadStreamed(content, random);
            using var wire = new WireRequest { BaseUrl = new("https://bedrock-runtime.eu-central-1.amazonaws.com/") };
            Protocol.WriteRequest(
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
                random.Next(7) switch
                {
                    0 => Block(
                        "reasoningContent",
                        "reasoningText",
                        new JsonObject { ["text"] = random.Next(3) == 0 ? "" : Text(random), ["signature"] = $"sig/{random.Next()}==" }
                    ),
                    1 => Block("reasoningContent", "redactedContent", Convert.ToBase64String(Bytes(random))),
                    2 => Call(random, i),
                    3 => new JsonObject
                    {
                        ["toolUse"] = new JsonObject
                        {
                            ["toolUseId"] = $"s{i}",
                            ["name"] = "n",
                            ["type"] = "server_tool_use",
                            ["input"] = Value(random, 2),
                        },
                    },
                    4 => new JsonObject
                    {
                        ["toolResult"] = new JsonObject
                        {
                            ["toolUseId"] = $"s{i}",
                            ["status"] = "success",
                            ["content"] = new JsonArray(
                                new JsonObject { ["text"] = Text(random) },
                                new JsonObject { ["json"] = Value(random, 2) }
                            ),
                        },
                    },
                    5 => new JsonObject
                    {
                        ["citationsContent"] = new JsonObject
                        {
                            ["content"] = new JsonArray(new JsonObject { ["text"] = Text(random) }),
                            ["citations"] = new JsonArray(Value(random, 2), new JsonObject { ["title"] = Text(random) }),
                        },
                    },
                    _ => new JsonObject { ["text"] = Text(random) },
                }
            );
        }
        // Reasoning at the end does not go back.
        if (content[^1]!["reasoningContent"] is not null)
            content.Add(new JsonObject { ["text"] = Text(random) });
        return content;
    }

    private static JsonObject Block(string outer, string inner, JsonNode value) => new() { [outer] = new JsonObject { [inner] = value } };

    private static JsonObject Call(Random random, int i)
    {
        var input = new JsonObject();
        for (int j = random.Next(3); j > 0; j--)
            input[$"k{j}"] = Value(random, 2);
        return new JsonObject
        {
            ["toolUse"] = new JsonObject
            {
                ["toolUseId"] = $"id{i}",
                ["name"] = "n",
                ["input"] = input,
            },
        };
    }

    private static JsonObject Value(Random random, int depth)
    {
        var value = new JsonObject { ["a"] = Text(random), ["b"] = random.NextDouble() };
        if (depth > 0)
            value["c"] = new JsonArray(Value(random, depth - 1), true);
        return value;
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 30)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder(Texts[random.Next(6)]);
        for (int i = random.Next(4); i > 0; i--)
            text.Append(Texts[random.Next(Texts.Length)]);
        return text.ToString();
    }

    private static Message ReadWhole(JsonArray content)
    {
        string body = new JsonObject
        {
            ["output"] = new JsonObject
            {
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() },
            },
            ["stopReason"] = "end_turn",
        }.ToJsonString();
        var decoded = Decoded.Whole(Protocol, Encoding.UTF8.GetBytes(body), strict: true);
        Assert.Null(decoded.Error);
        return decoded.Reply.Message;
    }

    private static Message ReadStreamed(JsonArray content, Random random)
    {
        var stream = new MemoryStream();
        stream.Write(AwsMessage.Event("messageStart", """{"role":"assistant"}"""));
        for (int i = 0; i < content.Count; i++)
        {
            foreach (var delta in Deltas(content[i]!.DeepClone().AsObject(), random, out var start))
            {
                if (start is not null)
                {
                    stream.Write(
                        AwsMessage.Event(
                            "contentBlockStart",
                            new JsonObject { ["contentBlockIndex"] = i, ["start"] = start }.ToJsonString()
                        )
                    );
                }

                start = null;
                if (delta is not null)
                {
                    stream.Write(
                        AwsMessage.Event(
                            "contentBlockDelta",
                            new JsonObject
                            {
                                ["contentBlockIndex"] = i,
                                ["delta"] = delta,
                                ["p"] = "abc",
                            }.ToJsonString()
                        )
                    );
                }
            }
            stream.Write(AwsMessage.Event("contentBlockStop", $$"""{"contentBlockIndex":{{i}}}"""));
        }
        stream.Write(AwsMessage.Event("messageStop", """{"stopReason":"end_turn"}"""));
        stream.Write(AwsMessage.Event("metadata", """{"usage":{"inputTokens":1,"outputTokens":1}}"""));
        var decoded = Decoded.Stream(Protocol, stream.ToArray(), random.Next(1, 200), strict: true);
        Assert.Null(decoded.Error);
        Assert.True(decoded.IsComplete);
        return decoded.Reply.Message;
    }

    // A null delta stands for a block that has only a start.
    private static List<JsonNode?> Deltas(JsonObject block, Random random, out JsonObject? start)
    {
        start = null;
        var (kind, value) = block.First();
        switch (kind)
        {
            case "text":
                return Pieces((string)value!, random, text => new JsonObject { ["text"] = text });
            case "citationsContent":
                var deltas = Pieces((string)value!["content"]![0]!["text"]!, random, text => new JsonObject { ["text"] = text });
                foreach (var citation in value["citations"]!.AsArray())
                {
                    deltas.Insert(
                        random.Next(deltas.Count + 1) is var at && deltas.Any(delta => delta!["citation"] is not null) ? deltas.Count : at,
                        new JsonObject { ["citation"] = citation!.DeepClone() }
                    );
                }

                return deltas;
            case "reasoningContent" when value!["redactedContent"] is { } redacted:
                byte[] bytes = Convert.FromBase64String((string)redacted!);
                int cut = random.Next(bytes.Length + 1);
                return
                [
                    .. new[] { bytes[..cut], bytes[cut..] }
                        .Where(piece => piece.Length > 0)
                        .Select(piece => (JsonNode?)Block("reasoningContent", "redactedContent", Convert.ToBase64String(piece))),
                ];
            case "reasoningContent":
                var inner = value!["reasoningText"]!;
                var thoughts = Pieces((string)inner["text"]!, random, text => Block("reasoningContent", "text", text));
                thoughts.Add(Block("reasoningContent", "signature", (string)inner["signature"]!));
                return thoughts;
            case "toolUse":
                string input = value!["input"]!.ToJsonString();
                value.AsObject().Remove("input");
                start = block;
                return input == "{}"
                    ? [null]
                    : Pieces(input, random, text => new JsonObject { ["toolUse"] = new JsonObject { ["input"] = text } });
            default:
                var items = value!["content"]!.AsArray();
                value.AsObject().Remove("content");
                start = block;
                return [.. items.Select(item => (JsonNode?)new JsonObject { ["toolResult"] = new JsonArray(item!.DeepClone()) })];
        }
    }

    // Cuts anywhere except between the halves of a surrogate pair, which this JSON library does not write.
    private static List<JsonNode?> Pieces(string text, Random random, Func<string, JsonObject> make)
    {
        var pieces = new List<JsonNode?>();
        for (int start = 0; start < text.Length; )
        {
            int length = Math.Min(random.Next(1, 12), text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
                length = text.Length - start;
            pieces.Add(make(text.Substring(start, length)));
            start += length;
        }
        return pieces;
    }
}
