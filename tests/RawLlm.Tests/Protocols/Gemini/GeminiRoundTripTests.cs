using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Random answers that are read in each of their three forms, appended and sent back keep every part in its place.</summary>
public sealed class GeminiRoundTripTests
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
    public void RoundTrip_RandomAnswers_KeepsEveryPart()
    {
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var parts = MakeParts(random);
            var message = Read(parts, random, out string form);
            using var wire = new WireRequest { BaseUrl = new("https://example.org/v1beta/") };
            new GeminiProtocol { ForeignCallSignature = null }.WriteRequest(
                new ChatRequest { Model = "m", Messages = [Message.User("x"), message] },
                stream: false,
                wire
            );
            // If nothing is left of an answer, nothing goes back.
            var back = JsonNode.Parse(wire.Body.Span)!["contents"]!.AsArray().ElementAtOrDefault(1)?["parts"] ?? new JsonArray();
            var expected = Join(parts);
            Assert.True(
                JsonNode.DeepEquals(expected, back) && wire.Quirks.Count == 0,
                $"seed {seed}, {form}: {string.Join(", ", wire.Quirks)}\n{expected.ToJsonString()}\nwent back as\n{back.ToJsonString()}"
            );
        }
    }

    private static JsonArray MakeParts(Random random)
    {
        var parts = new JsonArray();
        for (int i = random.Next(1, 8); i > 0; i--)
        {
            var part = random.Next(8) switch
            {
                0 => new JsonObject { ["functionCall"] = MakeCall(random, i) },
                1 => new JsonObject
                {
                    ["executableCode"] = new JsonObject { ["language"] = "PYTHON", ["code"] = Text(random) },
                },
                2 => new JsonObject
                {
                    ["inlineData"] = new JsonObject { ["mimeType"] = "image/png", ["data"] = "AAAA" },
                },
                3 or 4 => new JsonObject { ["text"] = Text(random), ["thought"] = true },
                5 => new JsonObject { ["text"] = "" },
                _ => new JsonObject { ["text"] = Text(random) },
            };
            if (random.Next(3) == 0)
                part["thoughtSignature"] = $"sig/{random.Next()}==";
            if (random.Next(10) == 0)
                part["partMetadata"] = new JsonObject { ["a"] = Text(random) };
            parts.Add(part);
        }
        return parts;
    }

    private static JsonObject MakeCall(Random random, int i)
    {
        var args = new JsonObject();
        for (int j = random.Next(3); j > 0; j--)
        {
            args[$"k{j}"] = random.Next(3) switch
            {
                0 => JsonValue.Create(random.Next()),
                1 => new JsonArray(1, null, true),
                _ => Text(random),
            };
        }

        var call = new JsonObject { ["name"] = "f", ["args"] = args };
        if (random.Next(2) == 0)
            call["id"] = $"id{i}";
        return call;
    }

    private static string Text(Random random) => Texts[random.Next(Texts.Length)];

    // The wire's own rule: pieces without other members belong together, and an empty piece does not count.
    private static JsonArray Join(JsonArray parts)
    {
        var joined = new JsonArray();
        JsonObject? run = null;
        foreach (var part in parts.Select(node => node!.AsObject()))
        {
            bool isPlain = part.ContainsKey("text") && part.All(member => member.Key is "text" or "thought");
            if (isPlain && (string)part["text"]! is "")
                continue;
            if (isPlain && run is not null && run.ContainsKey("thought") == part.ContainsKey("thought"))
            {
                run["text"] = (string)run["text"]! + (string)part["text"]!;
                continue;
            }
            var copy = part.DeepClone().AsObject();
            joined.Add(copy);
            run = isPlain ? copy : null;
        }
        return joined;
    }

    private static Message Read(JsonArray parts, Random random, out string form)
    {
        if (random.Next(3) == 0)
        {
            form = "whole";
            var whole = Decoded.Whole(
                new GeminiProtocol(),
                Encoding.UTF8.GetBytes(Chunk(parts.Select(part => part!.DeepClone()), isLast: true))
            );
            Assert.Null(whole.Error);
            return whole.Reply.Message;
        }
        bool isArray = random.Next(2) == 0;
        form = isArray ? "array" : "events";
        var chunks = new List<string>();
        for (int i = 0; i < parts.Count; )
        {
            int count = random.Next(1, parts.Count - i + 1);
            chunks.Add(Chunk(parts.Skip(i).Take(count).Select(part => part!.DeepClone()), isLast: i + count == parts.Count));
            i += count;
        }
        string body = isArray
            ? "[" + string.Join("\n,\n", chunks) + "\n]"
            : string.Concat(chunks.Select(chunk => $"data: {chunk}\r\n\r\n"));
        var decoded = Decoded.Stream(new GeminiProtocol(), Encoding.UTF8.GetBytes(body), random.Next(1, 60));
        Assert.Null(decoded.Error);
        return decoded.Reply.Message;
    }

    private static string Chunk(IEnumerable<JsonNode> parts, bool isLast)
    {
        var candidate = new JsonObject
        {
            ["content"] = new JsonObject { ["parts"] = new JsonArray([.. parts]), ["role"] = "model" },
        };
        if (isLast)
            candidate["finishReason"] = "STOP";
        return new JsonObject { ["candidates"] = new JsonArray(candidate), ["responseId"] = "r" }.ToJsonString();
    }
}
