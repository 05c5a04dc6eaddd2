using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Ollama;

/// <summary>
/// Random answers that are streamed in random pieces or read whole, appended and sent back keep reasoning, text and calls.
/// </summary>
public sealed class OllamaRoundTripTests
{
    private static readonly string[] Texts = ["a", "Hello, ", "\"quoted\" \\ back", "line\n\ttab", "é ü 漢字", "😀", "\u2028", "}{][,:"];

    [Fact]
    public void RoundTrip_RandomAnswers_KeepsEveryPart()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var expected = new JsonObject { ["role"] = "assistant", ["content"] = "" };
            var message = Read(expected, random);
            using var wire = new WireRequest { BaseUrl = new("http://localhost:11434/") };
            new OllamaProtocol().WriteRequest(
                new ChatRequest { Model = "m", Messages = [Message.User("x"), message] },
                stream: false,
                wire
            );
            var back = JsonNode.Parse(wire.Body.Span)!["messages"]![1]!;
            Assert.True(
                JsonNode.DeepEquals(expected, back) && wire.Quirks.Count == 0,
                $"seed {seed}: {string.Join(", ", wire.Quirks)}\n{expected.ToJsonString()}\nwent back as\n{back.ToJsonString()}"
            );
        }
    }

    private static Message Read(JsonObject expected, Random random)
    {
        bool isWhole = random.Next(4) == 0;
        int count = isWhole ? 1 : random.Next(1, 6);
        var body = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            var message = new JsonObject { ["role"] = "assistant", ["content"] = "" };
            if (random.Next(2) == 0)
                message["thinking"] = Add(expected, "thinking", random, other: i == count - 1 ? (string?)expected["thinking"] : null);
            if (random.Next(2) == 0)
                message["content"] = Add(expected, "content", random);
            if (random.Next(3) == 0)
                message["tool_calls"] = AddCalls(expected, random, i);
            var line = new JsonObject
            {
                ["model"] = "m",
                ["message"] = message,
                ["done"] = i == count - 1,
            };
            if (i == count - 1)
                line["done_reason"] = "stop";
            body.Append(line.ToJsonString()).Append(random.Next(2) == 0 ? "\n" : "\r\n");
        }
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToString());
        var decoded = isWhole
            ? Decoded.Whole(new OllamaProtocol(), bytes)
            : Decoded.Stream(new OllamaProtocol(), bytes, random.Next(1, 60));
        Assert.Null(decoded.Error);
        return decoded.Reply.Message;
    }

    // All reasoning once more on the last line would be taken for a repetition.
    private static string Add(JsonObject expected, string name, Random random, string? other = null)
    {
        string text = Texts[random.Next(Texts.Length)];
        while (text == other)
            text = Texts[random.Next(Texts.Length)];
        expected[name] = (string?)expected[name] + text;
        return text;
    }

    private static JsonArray AddCalls(JsonObject expected, Random random, int line)
    {
        var calls = new JsonArray();
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            var call = new JsonObject
            {
                ["id"] = $"call_{line}_{i}",
                ["function"] = new JsonObject
                {
                    ["name"] = "f",
                    ["arguments"] = new JsonObject
                    {
                        ["n"] = random.Next(),
                        ["s"] = Texts[random.Next(Texts.Length)],
                        ["l"] = new JsonArray(1, null),
                    },
                },
            };
            calls.Add(call);
            if (expected["tool_calls"] is not JsonArray all)
                expected["tool_calls"] = all = [];
            all.Add(call.DeepClone());
        }
        return calls;
    }
}
