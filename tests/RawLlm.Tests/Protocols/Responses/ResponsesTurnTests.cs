using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Responses;

/// <summary>A service's answer goes back without loss, whatever items it contains.</summary>
public sealed class ResponsesTurnTests
{
    private static readonly ResponsesProtocol Protocol = new();

    [Fact]
    public void RoundTrip_RandomAnswers_KeepsEveryItem()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            string[] items = [.. Enumerable.Range(0, random.Next(1, 7)).Select(index => Item(random, index))];
            // Reasoning at the end of an answer does not go back.
            if (items[^1].Contains("\"reasoning\"", StringComparison.Ordinal))
                items = [.. items, """{"type":"web_search_call","id":"ws_9"}"""];
            string answer =
                $$"""{"id":"resp_{{seed}}","object":"response","status":"completed","model":"m","output":[{{string.Join(',', items)}}]}""";

            var whole = Decoded.Whole(Protocol, Encoding.UTF8.GetBytes(answer));
            var streamed = Decoded.Stream(Protocol, Stream(answer, items, random), pieces: random.Next(1, 200));

            Assert.True(whole.IsComplete && streamed.IsComplete, $"seed {seed}: {whole.Error} {streamed.Error}");
            Assert.True(
                whole.Reply.Message.Equals(streamed.Reply.Message),
                $"seed {seed}: a stream gives another message than the whole answer"
            );
            AssertSentBack(seed, items, whole.Reply.Message);
        }
    }

    private static void AssertSentBack(int seed, string[] items, Message message)
    {
        var written = WrittenRequest.Of(Protocol, new ChatRequest { Messages = [Message.User("?"), message] });
        var input = JsonNode.Parse(written.Body)!["input"]!.AsArray();
        Assert.True(written.Quirks.Count == 0, $"seed {seed}: {string.Join(", ", written.Quirks)}");
        Assert.True(input.Count == items.Length + 1, $"seed {seed}: {items.Length} items became {input.Count - 1}\n{written.Body}");
        for (int i = 0; i < items.Length; i++)
        {
            bool isRaw =
                items[i].Contains("\"reasoning\"", StringComparison.Ordinal) || items[i].Contains("_search_", StringComparison.Ordinal);
            // The service refuses a status of null that is sent back.
            string back = items[i].Replace("\"status\":null,", "", StringComparison.Ordinal);
            Assert.True(!isRaw || written.Body.Contains(back, StringComparison.Ordinal), $"seed {seed}: item {i} is not byte-identical");
            var expected = JsonNode.Parse(back)!;
            Assert.True(
                JsonNode.DeepEquals(expected, input[i + 1]),
                $"seed {seed}: item {i}\n{expected.ToJsonString()}\nbecame\n{input[i + 1]!.ToJsonString()}"
            );
        }
    }

    private static string Item(Random random, int index)
    {
        string text = Text(random);
        string text2 = Text(random);
        return random.Next(6) switch
        {
            0 =>
                $$"""{"id":"rs_{{index}}", "type":"reasoning","summary":[{"type":"summary_text","text":{{text}}}],"encrypted_content":"g{{index}}="}""",
            1 =>
                $$"""{"type":"reasoning","content":[{"type":"reasoning_text","text":{{text}}},{"type":"reasoning_text","text":{{text2}}}],"summary":[],"status":null,"id":"rs_{{index}}"}""",
            2 =>
                $$"""{"id":"msg_{{index}}","type":"message","status":"completed","role":"assistant","phase":"p","content":[{"type":"output_text","annotations":[{{(random.Next(2) == 0 ? "" : $$"""{"type":"url_citation","url":{{text2}},"start_index":0,"end_index":1}""")}}],"text":{{text}}},{"type":"refusal","refusal":{{text2}}}]}""",
            3 =>
                $$"""{"id":"fc_{{index}}","call_id":"call_{{index}}","type":"function_call","status":"completed","name":"f","arguments":{{JsonValue.Create($$"""{"a":{{text}}}""").ToJsonString()}},"caller":{"x":[1,null]} }""",
            4 => $$"""{"id":"ctc_{{index}}","call_id":"call_{{index}}","type":"custom_tool_call","name":"run","input":{{text}}}""",
            _ => $$"""{"type":"web_search_call","id":"ws_{{index}}","status":"completed","action":{"query":{{text}}, "n":1.50} }""",
        };
    }

    private static string Text(Random random)
    {
        string[] words = ["a", "ß", "😀", "\"", "\\", "\n", "</x>", "\u0001", " "];
        return JsonValue
            .Create(string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => words[random.Next(words.Length)])))!
            .ToJsonString();
    }

    /// <summary>
    /// The answer as a stream: texts and arguments in deltas of a few characters, sometimes only when their item is done.
    /// </summary>
    private static byte[] Stream(string answer, string[] items, Random random)
    {
        var stream = new StringBuilder();
        for (int i = 0; i < items.Length; i++)
        {
            var item = JsonNode.Parse(items[i])!.AsObject();
            string type = item["type"]!.GetValue<string>();
            var begin = item.DeepClone().AsObject();
            foreach (string name in new[] { "content", "summary" })
            {
                if (begin.ContainsKey(name))
                    begin[name] = new JsonArray();
            }
            foreach (string name in new[] { "arguments", "input" })
            {
                if (begin.ContainsKey(name))
                    begin[name] = "";
            }
            Send(
                new JsonObject
                {
                    ["type"] = "response.output_item.added",
                    ["output_index"] = i,
                    ["item"] = begin,
                }
            );
            if (random.Next(4) > 0)
                SendDeltas(item, type, i);
            stream.Append($"data: {{\"type\":\"response.output_item.done\",\"output_index\":{i},\"item\":{items[i]}}}\n\n");
        }
        stream.Append($"data: {{\"type\":\"response.completed\",\"response\":{answer}}}\n\n");
        return Encoding.UTF8.GetBytes(stream.ToString());

        void SendDeltas(JsonObject item, string type, int index)
        {
            switch (type)
            {
                case "function_call":
                    Pieces("response.function_call_arguments.delta", index, null, 0, item["arguments"]!.GetValue<string>());
                    break;
                case "custom_tool_call":
                    Pieces("response.custom_tool_call_input.delta", index, null, 0, item["input"]!.GetValue<string>());
                    break;
                case "message":
                    Pieces("response.output_text.delta", index, "content_index", 0, item["content"]![0]!["text"]!.GetValue<string>());
                    Pieces("response.refusal.delta", index, "content_index", 1, item["content"]![1]!["refusal"]!.GetValue<string>());
                    break;
                case "reasoning":
                    for (int i = 0; i < item["summary"]!.AsArray().Count; i++)
                    {
                        Pieces(
                            "response.reasoning_summary_text.delta",
                            index,
                            "summary_index",
                            i,
                            item["summary"]![i]!["text"]!.GetValue<string>()
                        );
                    }

                    for (int i = 0; i < (item["content"]?.AsArray().Count ?? 0); i++)
                    {
                        Pieces(
                            "response.reasoning_text.delta",
                            index,
                            "content_index",
                            i,
                            item["content"]![i]!["text"]!.GetValue<string>()
                        );
                    }

                    break;
            }
        }

        void Pieces(string type, int index, string? partName, int part, string text)
        {
            for (int start = 0; start < text.Length; )
            {
                int length = Math.Min(random.Next(1, 4), text.Length - start);
                string piece = text.Substring(start, length);
                start += length;
                // Half a surrogate pair at the end of a piece is written as an escape, as services do.
                string json = string.Concat(piece.Select(c => char.IsAsciiLetterOrDigit(c) ? c.ToString() : $"\\u{(int)c:x4}"));
                string place = partName is null ? "" : $",\"{partName}\":{part}";
                stream.Append($"data: {{\"type\":\"{type}\",\"output_index\":{index}{place},\"delta\":\"{json}\"}}\n\n");
            }
        }

        void Send(JsonObject e) => stream.Append("data: ").Append(e.ToJsonString()).Append("\n\n");
    }
}
