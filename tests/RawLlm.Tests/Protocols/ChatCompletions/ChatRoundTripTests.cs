using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

/// <summary>Random answers that are streamed in random pieces or read whole, appended and sent back keep every member.</summary>
public sealed class ChatRoundTripTests
{
    private static readonly ChatCompletionsProtocol Protocol = new() { ReasoningName = "reasoning_content" };
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
        "data: x\n\ndata: [DONE]\n\n",
    ];

    [Theory]
    [InlineData("SIG", "text")]
    [InlineData("SIG", "call")]
    [InlineData(null, "text")]
    public void ReasoningSummary_WithSignature_IsSentBackAsOriginalParts(string? signature, string beside)
    {
        string said = beside == "text" ? """,{"type":"text","text":"answer"}""" : "";
        string calls = beside == "call" ? ""","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""" : "";
        string summary =
            $$"""[{"type":"summary_text","text":"think \"twice\""{{(signature is null ? "" : $",\"signature\":\"{signature}\"")}}}]""";
        var reply = Decoded
            .Whole(
                Protocol,
                Encoding.UTF8.GetBytes(
                    $$$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"reasoning","summary":{{{summary}}}}{{{said}}}]{{{calls}}}},"finish_reason":"stop"}]}"""
                )
            )
            .Reply;
        Assert.Equal("think \"twice\"", reply.Reasoning);
        // Stored, and continued.
        var message = Conversation.Read(Conversation.Write([reply.Message]))[0];

        string body = WrittenRequest
            .Of(
                Protocol,
                new ChatRequest
                {
                    Messages =
                    [
                        Message.User("?"),
                        message,
                        beside == "call" ? Message.ToolResult(new ToolCall("a", "f", "{}"), "1") : Message.User("Go on."),
                    ],
                }
            )
            .Body;

        if (signature is null)
        {
            Assert.Contains(
                """{"role":"assistant","content":"answer","reasoning_content":"think \"twice\""}""",
                body,
                StringComparison.Ordinal
            );
        }
        else
        {
            Assert.Contains(
                $$"""{"role":"assistant","content":[{"type":"reasoning","summary":{{summary}}}{{said}}]{{calls}}}""",
                body,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("SIG", "text")]
    [InlineData("SIG", "call")]
    [InlineData("", "text")]
    public void ReasoningContentBlocks_WithSignature_AreSentBackAsContentParts(string signature, string beside)
    {
        string said = beside == "text" ? "answer" : "";
        string calls = beside == "call" ? ""","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""" : "";
        string blocks = $$"""{"type":"thinking","thinking":"think \"twice\"","signature":"{{signature}}"}""";
        string others = signature is ""
            ? ""
            : """,{"type":"redacted_thinking","data":"x="},{"type":"thinking","thinking":"","signature":"SIG2"}""";
        var reply = Decoded
            .Whole(
                Protocol,
                Encoding.UTF8.GetBytes(
                    $$$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"{{{said}}}","content_blocks":[{{{blocks}}}{{{others}}},{"type":"text","text":"answer"}]{{{calls}}}},"finish_reason":"stop"}]}"""
                )
            )
            .Reply;
        Assert.Equal(("think \"twice\"", said), (reply.Reasoning, reply.Text));
        var message = Conversation.Read(Conversation.Write([reply.Message]))[0];

        string body = WrittenRequest
            .Of(
                Protocol,
                new ChatRequest
                {
                    Messages =
                    [
                        Message.User("?"),
                        message,
                        beside == "call" ? Message.ToolResult(new ToolCall("a", "f", "{}"), "1") : Message.User("Go on."),
                    ],
                }
            )
            .Body;

        if (signature is "")
        {
            Assert.Contains(
                """{"role":"assistant","content":"answer","reasoning_content":"think \"twice\""}""",
                body,
                StringComparison.Ordinal
            );
        }
        else
        {
            Assert.Contains(
                $$"""{"role":"assistant","content":[{{blocks}}{{others}}{{(said is "" ? "" : """,{"type":"text","text":"answer"}""")}}]{{calls}}}""",
                body,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void ReasoningBetweenTags_WithSignature_SendsSignatureBackWithAnswerText()
    {
        var reply = Decoded
            .Whole(
                Protocol,
                Encoding.UTF8.GetBytes(
                    """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"<thought>moon</thought>High water.","extra_content":{"google":{"thought":true,"thought_signature":"c2ln\/MQ=="}}},"finish_reason":"stop"}]}"""
                )
            )
            .Reply;
        var message = Conversation.Read(Conversation.Write([reply.Message]))[0];

        string body = WrittenRequest.Of(Protocol, new ChatRequest { Messages = [Message.User("?"), message, Message.User("Go on.")] }).Body;

        Assert.Equal(("High water.", "moon"), (reply.Text, reply.Reasoning));
        Assert.Contains("\"content\":\"High water.\"", body, StringComparison.Ordinal);
        Assert.Contains("\"extra_content\":" + """{"google":{"thought_signature":"c2ln\/MQ=="}}""", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """content":"High water.","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"thought_signature":"c2ln\/MQ=="}]}"""
    )]
    [InlineData("""content":"High water.","thought_signature":"c2ln\/MQ=="}""")]
    public void VeniceSignature_OnToolCallOrMessage_IsSentBackInSamePlace(string said)
    {
        var reply = Decoded
            .Whole(
                Protocol,
                Encoding.UTF8.GetBytes(
                    $$$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","{{{said}}},"finish_reason":"stop"}]}"""
                )
            )
            .Reply;
        var message = Conversation.Read(Conversation.Write([reply.Message]))[0];

        string body = WrittenRequest
            .Of(
                Protocol,
                new ChatRequest { Messages = [Message.User("?"), message, Message.ToolResult(new ToolCall("a", "f", "{}"), "1")] }
            )
            .Body;

        Assert.Contains("{\"role\":\"assistant\",\"" + said, body, StringComparison.Ordinal);
    }

    [Fact]
    public void ReasoningSummary_InManyChunks_IsPredictedAndJoined()
    {
        var body = new StringBuilder();
        for (int i = 0; i < 60; i++)
        {
            body.Append(
                    $$$"""data: {"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"t{{{i % 10}}}","signature":""}]}]}}]}"""
                )
                .Append("\n\n");
        }

        body.Append(
                """data: {"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"","signature":"SIG"}]}]}}]}"""
            )
            .Append("\n\n");
        body.Append("""data: {"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}""")
            .Append("\n\ndata: [DONE]\n\n");
        string thoughts = string.Concat(Enumerable.Range(0, 60).Select(i => $"t{i % 10}"));
        foreach (bool predicts in (bool[])[false, true])
        {
            using var decoder = Protocol.CreateDecoder(new DecoderOptions { Prediction = predicts });
            decoder.Append(Encoding.UTF8.GetBytes(body.ToString()));
            decoder.Complete();
            var builder = new ReplyBuilder();
            while (decoder.TryRead())
                builder.Add(decoder.Current);
            var part = Assert.IsType<ReasoningPart>(builder.Build().Message.Parts[0]);
            Assert.Equal(thoughts, part.Text);
            Assert.Equal(
                $$"""{"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"{{thoughts}}","signature":"SIG"}]}]}""",
                part.WireData!.Json.ToString()
            );
            Assert.True(decoder.PredictedCount > 40 == predicts, $"{decoder.PredictedCount} predicted");
        }
    }

    [Fact]
    public void Answers_RandomContent_AreSentBackWithEveryMember()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var said = MakeMessage(random);
            byte[] body = Encoding.UTF8.GetBytes(random.Next(3) == 0 ? Whole(said) : "");
            var decoded =
                body.Length > 0
                    ? Decoded.Whole(Protocol, body, strict: true)
                    : Decoded.Stream(Protocol, Encoding.UTF8.GetBytes(Streamed(said, random)), random.Next(1, 60), strict: true);
            Assert.True(decoded.IsComplete, $"seed {seed}: {decoded.Error}");

            using var wire = new WireRequest { BaseUrl = new("https://llm.example.org/v1/") };
            Protocol.WriteRequest(
                new ChatRequest { Model = "m", Messages = [Message.User("x"), decoded.Reply.Message] },
                stream: false,
                wire
            );
            var back = JsonNode.Parse(wire.Body.Span)!["messages"]![1]!;
            Assert.True(
                JsonNode.DeepEquals(said, back) && wire.Quirks.Count == 0,
                $"seed {seed}: {string.Join(", ", wire.Quirks)}\n{said.ToJsonString()}\nwent back as\n{back.ToJsonString()}"
            );
        }
    }

    [Fact]
    public void CustomToolCall_SentBack_IsUnchanged()
    {
        var said = new JsonObject
        {
            ["id"] = "a",
            ["type"] = "custom",
            ["custom"] = new JsonObject { ["name"] = "code", ["input"] = "print(\"1\")" },
        };
        var message = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["tool_calls"] = new JsonArray(said),
        };
        var decoded = Decoded.Whole(Protocol, Encoding.UTF8.GetBytes(Whole(message)), strict: true);
        Assert.True(decoded.IsComplete, $"{decoded.Error}");

        using var wire = new WireRequest { BaseUrl = new("https://llm.example.org/v1/") };
        Protocol.WriteRequest(new ChatRequest { Model = "m", Messages = [Message.User("x"), decoded.Reply.Message] }, stream: false, wire);
        Assert.True(JsonNode.DeepEquals(said, JsonNode.Parse(wire.Body.Span)!["messages"]![1]!["tool_calls"]![0]));
        Assert.Empty(wire.Quirks);
    }

    private static JsonObject MakeMessage(Random random)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = Text(random) };
        if (random.Next(2) == 0)
            message["reasoning_content"] = Text(random);
        if (random.Next(3) == 0)
        {
            // The text of an entry that shows it is the reasoning, which is given only once.
            var details = new JsonArray(
                new JsonObject
                {
                    ["type"] = "reasoning.encrypted",
                    ["data"] = $"enc/{random.Next()}==",
                    ["index"] = 0,
                }
            );
            if (message["reasoning_content"] is { } thoughts)
            {
                details.Insert(
                    0,
                    new JsonObject
                    {
                        ["type"] = "reasoning.text",
                        ["text"] = thoughts.DeepClone(),
                        ["signature"] = $"sig{random.Next()}",
                        ["index"] = 1,
                    }
                );
            }

            message["reasoning_details"] = details;
        }
        if (random.Next(4) == 0)
            message["refusal"] = Text(random);
        if (random.Next(2) == 0)
        {
            message["tool_calls"] = new JsonArray([
                .. Enumerable
                    .Range(0, random.Next(1, 4))
                    .Select(i =>
                    {
                        var call = new JsonObject
                        {
                            ["id"] = $"call_{i}",
                            ["type"] = "function",
                            ["function"] = new JsonObject
                            {
                                ["name"] = $"f{i}",
                                ["arguments"] = new JsonObject { ["s"] = Text(random), ["n"] = random.Next() }.ToJsonString(),
                            },
                        };
                        if (random.Next(3) == 0)
                        {
                            call["extra_content"] = new JsonObject
                            {
                                ["google"] = new JsonObject { ["thought_signature"] = $"sig/{random.Next()}==" },
                            };
                        }
                        return (JsonNode)call;
                    }),
            ]);
        }
        return message;
    }

    private static string Whole(JsonObject message) => Envelope("message", message.DeepClone(), isLast: true);

    private static string Streamed(JsonObject message, Random random)
    {
        var deltas = new List<JsonObject>();
        foreach (string name in new[] { "reasoning_content", "content", "refusal" })
        {
            if ((string?)message[name] is { } text)
                deltas.AddRange(Pieces(text, random).Select(piece => new JsonObject { [name] = piece }));
        }
        if (message["reasoning_details"] is JsonArray details)
            deltas.AddRange(details.Select(detail => new JsonObject { ["reasoning_details"] = new JsonArray(detail!.DeepClone()) }));
        var calls = message["tool_calls"] as JsonArray ?? [];
        for (int i = 0; i < calls.Count; i++)
        {
            var begin = calls[i]!.DeepClone().AsObject();
            string arguments = (string)begin["function"]!["arguments"]!;
            begin["index"] = i;
            begin["function"]!["arguments"] = "";
            deltas.Add(Call(begin));
            foreach (string piece in Pieces(arguments, random))
            {
                deltas.Add(
                    Call(
                        new JsonObject
                        {
                            ["index"] = i,
                            ["function"] = new JsonObject { ["arguments"] = piece },
                        }
                    )
                );
            }
        }
        deltas.Insert(0, new JsonObject { ["role"] = "assistant" });
        string end = random.Next(2) == 0 ? "\n\n" : "\r\n\r\n";
        var stream = new StringBuilder();
        for (int i = 0; i < deltas.Count; i++)
            stream.Append("data: ").Append(Envelope("delta", deltas[i], isLast: i == deltas.Count - 1)).Append(end);
        return stream.Append("data: [DONE]").Append(end).ToString();
    }

    private static JsonObject Call(JsonObject call) => new() { ["tool_calls"] = new JsonArray(call) };

    private static string Envelope(string name, JsonNode value, bool isLast)
    {
        var choice = new JsonObject
        {
            ["index"] = 0,
            [name] = value,
            ["finish_reason"] = isLast ? "stop" : null,
        };
        return new JsonObject
        {
            ["id"] = "c",
            ["model"] = "m",
            ["choices"] = new JsonArray(choice),
        }.ToJsonString();
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Texts[random.Next(Texts.Length)]));

    // Cuts anywhere except between the halves of a surrogate pair, which this JSON library does not write.
    private static IEnumerable<string> Pieces(string text, Random random)
    {
        for (int start = 0; start < text.Length; )
        {
            int length = Math.Min(random.Next(1, 12), text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
                length = text.Length - start;
            yield return text.Substring(start, length);
            start += length;
        }
    }
}
