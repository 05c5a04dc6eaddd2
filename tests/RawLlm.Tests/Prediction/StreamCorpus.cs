using System.Buffers.Binary;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Prediction;

/// <summary>
/// Stream bodies, cut into frames that can be recombined: recordings if they are present, wire cases, and made-up traffic.
/// </summary>
internal sealed record StreamCorpus(string Name, WireProtocol Protocol, IReadOnlyList<byte[]> Frames)
{
    private const string Image = """,{"type":"image_url","image_url":{}}""";

    private static readonly (string Wire, Func<WireProtocol> Create)[] Wires =
    [
        ("openai-chat", () => new ChatCompletionsProtocol()),
        ("openai-responses", () => new ResponsesProtocol()),
        ("anthropic", () => new AnthropicProtocol()),
        ("gemini", () => new GeminiProtocol()),
        ("gemini-jsonarray", () => new GeminiProtocol()),
        ("ollama", () => new OllamaProtocol()),
        ("bedrock-converse", () => new ConverseProtocol()),
        ("bedrock-invoke", () => new BedrockInvokeProtocol()),
    ];

    /// <summary>Whether this is a binary event stream, whose messages carry checksums.</summary>
    public bool IsBinary => Protocol is ConverseProtocol or BedrockInvokeProtocol;

    public static IReadOnlyList<StreamCorpus> All =>
        field ??= [.. Recorded().Concat(Cases()).Concat(MadeUp()).Where(corpus => corpus.Frames.Count > 0)];

    private static IEnumerable<StreamCorpus> Recorded()
    {
        foreach (var (wire, create) in Wires)
        {
            foreach (var recording in Recording.All(wire, "stream"))
                yield return Cut(recording.File, create(), recording.Read());
        }
    }

    private static IEnumerable<StreamCorpus> Cases()
    {
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.IsStream))
            yield return Cut($"{wireCase.Protocol}/{wireCase.Name}", WireProtocols.Get(wireCase.Protocol), wireCase.ReadBody());
    }

    // Combines what recordings show only one at a time: counts in some of the chunks, and several choices.
    private static IEnumerable<StreamCorpus> MadeUp()
    {
        foreach (int choices in (int[])[1, 2])
        {
            var text = new StringBuilder();
            for (int i = 0; i < 12; i++)
            {
                string usage = i % 3 == 0 ? "null" : $$"""{"prompt_tokens":3,"completion_tokens":{{i}},"total_tokens":{{3 + i}}}""";
                text.Append(
                        $$$"""data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":{{{i % choices}}},"delta":{"content":"a{{{i}}}"},"finish_reason":null}],"usage":{{{usage}}}}"""
                    )
                    .Append("\n\n");
            }
            for (int i = 0; i < choices; i++)
            {
                text.Append(
                        $$$"""data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":{{{i}}},"delta":{},"finish_reason":"stop"}]}"""
                    )
                    .Append("\n\n");
            }

            text.Append("data: [DONE]\n\n");
            yield return Cut($"made up, {choices} choices", new ChatCompletionsProtocol(), Encoding.UTF8.GetBytes(text.ToString()));
        }
        foreach (var (name, deltas) in Thoughts())
        {
            var text = new StringBuilder();
            foreach (string delta in deltas)
                Add(delta, "null");
            Add("""{"content":"so"}""", "\"stop\"");
            text.Append("data: [DONE]\n\n");
            yield return Cut($"made up, {name}", new ChatCompletionsProtocol(), Encoding.UTF8.GetBytes(text.ToString()));

            void Add(string delta, string reason) =>
                text.Append($$$"""data: {"id":"x","model":"m","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":{{{reason}}}}]}""")
                    .Append("\n\n");
        }
        yield return Cut("made up, filled up with spaces", new AnthropicProtocol(), Encoding.UTF8.GetBytes(FilledUp()));
        yield return new("made up, invoked", new BedrockInvokeProtocol(), [.. Invoked(FilledUp())]);
        yield return new("made up, invoked and guarded", new BedrockInvokeProtocol(), [.. Invoked(Guarded())]);
        yield return new("made up, invoked in chat completions", new BedrockInvokeProtocol(), [.. Invoked(InvokedChat())]);
        yield return new("made up, invoked in Converse", new BedrockInvokeProtocol(), [.. Invoked(InvokedNova())]);
        yield return Cut(
            "made up, halves beside other events",
            new ChatCompletionsProtocol(),
            Halves("""{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"$"},{"type":"image_url","image_url":"x"}]}}]}""")
        );
        yield return Cut(
            "made up, halves beside sources",
            new GeminiProtocol(),
            Halves("""{"candidates":[{"content":{"parts":[{"text":"$"}],"role":"model"},"urlContextMetadata":{"a":1},"index":0}]}""")
        );
    }

    // Reasoning that is sent twice, because it goes back: in its usual form, and with everything that may come in between.
    private static IEnumerable<(string Name, IEnumerable<string> Deltas)> Thoughts()
    {
        string[] words = [" a", @"\n", " \\\"b\\\"", @"\ud83d\ude00", @"\ud83d", "é", " c"];
        yield return (
            "details",
            Turns(i =>
                $$$"""{"reasoning":"{{{words[i % words.Length]}}}","reasoning_details":[{"type":"reasoning.text","text":"{{{words[i % words.Length]}}}","format":"unknown","index":0}]}"""
            )
        );
        yield return (
            "details first",
            Turns(i =>
                $$$"""{"reasoning_details":[{"text":"{{{words[i % words.Length]}}}","type":"reasoning.text","signature":""}],"content":"","reasoning":"{{{words[i % words.Length]}}}"}"""
            )
        );
        yield return (
            "details alone",
            Turns(i =>
                $$$"""{"content":"","reasoning_details":[{"type":"reasoning.summary","summary":"{{{words[i % words.Length]}}}","index":0}]}"""
            )
        );
        yield return (
            "details of several kinds",
            Turns(i =>
                $$$"""{"reasoning":"r{{{i % 3}}}","reasoning_details":[{"type":"reasoning.text","text":"r{{{i % 4}}}","format":"{{{(i / 5 % 2 == 0 ? "a" : "b")}}}","index":{{{i / 9 % 2}}}}]}"""
            )
        );
        yield return (
            "details now and then",
            Turns(i =>
                (i / 4 % 4) switch
                {
                    0 => $$"""{"content":"t{{i}}","reasoning_details":[]}""",
                    1 => $$$"""{"reasoning_details":[{"type":"reasoning.text","text":"r{{{i}}}"}]}""",
                    2 => $$$"""{"reasoning":"r{{{i}}}","reasoning_details":[{"type":"reasoning.text","text":"r{{{i}}}"}]}""",
                    _ =>
                        $$$"""{"reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"r"},{"type":"reasoning.encrypted","data":"d{{{i}}}"}]}""",
                }
            )
        );
        yield return (
            "blocks",
            Turns(i =>
                $$$"""{"reasoning_content":"r{{{i}}}","thinking_blocks":[{"type":"thinking","thinking":"r{{{i}}}","signature":{{{(i % 7 == 6 ? "\"s\"" : "null")}}}}],"provider_specific_fields":{"thinking_blocks":[{"type":"thinking","thinking":"r{{{i}}}"}]}}"""
            )
        );
        yield return (
            "parts",
            Turns(i =>
                i < 14
                    ? $$$"""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"r{{{i}}}"}],"closed":{{{(i / 6 == 1 ? "false" : "true")}}}}]}"""
                    : $$$"""{"content":[{"type":"text","text":"t{{{i}}}"}{{{(i % 9 == 8 ? Image : "")}}}]}"""
            )
        );
    }

    private static IEnumerable<string> Turns(Func<int, string> delta) => Enumerable.Range(0, 24).Select(delta);

    private static string FilledUp()
    {
        var text = new StringBuilder();
        Add(
            "message_start",
            """{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}   }"""
        );
        for (int block = 0; block < 4; block++)
        {
            bool isCall = block % 2 == 1;
            Add(
                "content_block_start",
                $$$"""{"type":"content_block_start","index":{{{block}}},"content_block":{{{(isCall ? """{"type":"tool_use","id":"t","name":"f","input":{}}""" : """{"type":"text","text":""}""")}}}    }"""
            );
            for (int i = 0; i < 6; i++)
            {
                string delta = isCall
                    ? $$"""{"type":"input_json_delta","partial_json":"{{(i == 0 ? "[" : i == 5 ? "]" : i == 1 ? "1" : ",1")}}"}"""
                    : $$"""{"type":"text_delta","text":"t{{i}}"}""";
                Add(
                    "content_block_delta",
                    $$"""{"type":"content_block_delta","index":{{block}},"delta":{{delta}}{{new string(' ', i * 5 % 7)}}}"""
                );
            }
            Add("content_block_stop", $$"""{"type":"content_block_stop","index":{{block}}  }""");
        }
        Add("message_delta", """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}     }""");
        Add("message_stop", """{"type":"message_stop" }""");
        return text.ToString();

        void Add(string name, string json) => text.Append("event: ").Append(name).Append("\ndata: ").Append(json).Append("\n\n");
    }

    // Each event says whether a guardrail intervened.
    private static string Guarded()
    {
        var text = new StringBuilder();
        Add(
            """{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"""
        );
        Add("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""");
        foreach (string action in (string[])["\"NONE\"", "\"NONE\" ", "\"NONE\"  ", "\"OTHER\"", "\"NONE\"", "\"NONE\"", "\"INTERVENED\""])
        {
            Add(
                """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"amazon-bedrock-guardrailAction":"""
                    + action
                    + "}"
            );
        }

        Add("""{"type":"content_block_stop","index":0}""");
        Add("""{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}""");
        Add("""{"type":"message_stop"}""");
        return text.ToString();

        void Add(string json) => text.Append("data: ").Append(json).Append('\n');
    }

    // Chunks that are rewritten and chunks that are not, and a guardrail that intervenes in between.
    private static string InvokedChat()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 24; i++)
        {
            string choice = i is 10 or 17
                ? $$"""{"index":0,"text":"t{{i}}","stop_reason":null}"""
                : $$$"""{"index":0,"delta":{"content":"t{{{i}}}"},"finish_reason":null}""";
            text.Append(
                    $$"""data: {"choices":[{{choice}}],"created":{{i}},"amazon-bedrock-guardrailAction":"{{(i == 14 ? "INTERVENED" : "NONE")}}"}"""
                )
                .Append('\n');
        }
        text.Append(
                """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":9}}"""
            )
            .Append('\n');
        return text.ToString();
    }

    private static string InvokedNova()
    {
        var text = new StringBuilder();
        Add("messageStart", """{"role":"assistant"}""");
        for (int i = 0; i < 8; i++)
            Add("contentBlockDelta", $$$"""{"delta":{"text":"t{{{i}}}"},"contentBlockIndex":0}""");
        Add("contentBlockStop", """{"contentBlockIndex":0}""");
        Add("contentBlockStart", """{"start":{"toolUse":{"toolUseId":"c","name":"f"}},"contentBlockIndex":1}""");
        foreach (string piece in (string[])["[", "1", ",1", ",1", ",1", "]"])
            Add("contentBlockDelta", $$$$"""{"delta":{"toolUse":{"input":"{{{{piece}}}}"}},"contentBlockIndex":1}""");
        Add("contentBlockStop", """{"contentBlockIndex":1}""");
        Add("messageStop", """{"stopReason":"tool_use"}""");
        Add("metadata", """{"usage":{"inputTokens":3,"outputTokens":9}}""");
        return text.ToString();

        void Add(string type, string json) => text.Append($$"""data: {"{{type}}":{{json}}}""").Append('\n');
    }

    // The first half of a surrogate pair gives no event of its own.
    private static byte[] Halves(string json) =>
        Encoding.UTF8.GetBytes(
            string.Concat(
                ((string[])["hi", @"\ud83d", @"\ude00a", "b", "c"]).Select(piece =>
                    "data: " + json.Replace("$", piece, StringComparison.Ordinal) + "\n\n"
                )
            )
        );

    // The same events, as InvokeModelWithResponseStream carries them.
    private static IEnumerable<byte[]> Invoked(string events) =>
        events
            .Split('\n')
            .Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
            .Select(
                (line, i) =>
                    $$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(line["data: ".Length..]))}}","p":"{{new string('p', i % 9)}}"}"""
            )
            .Select(payload => AwsMessage.Event("chunk", payload));

    private static StreamCorpus Cut(string name, WireProtocol protocol, byte[] body)
    {
        var frames = new List<byte[]>();
        bool isBinary = protocol is ConverseProtocol or BedrockInvokeProtocol;
        for (int at = 0; at < body.Length; )
        {
            var rest = body.AsSpan(at);
            int length = isBinary ? BinaryLength(rest) : TextLength(rest, protocol is OllamaProtocol);
            frames.Add(rest[..length].ToArray());
            at += length;
        }
        return new StreamCorpus(name, protocol, frames);
    }

    private static int BinaryLength(ReadOnlySpan<byte> rest)
    {
        uint length = rest.Length < 4 ? uint.MaxValue : BinaryPrimitives.ReadUInt32BigEndian(rest);
        return length is >= 16 and < int.MaxValue && length <= rest.Length ? (int)length : rest.Length;
    }

    private static int TextLength(ReadOnlySpan<byte> rest, bool isLines)
    {
        int end =
            isLines ? rest.IndexOf((byte)'\n')
            : rest.IndexOf("\n\n"u8) is var two and >= 0 ? two + 1
            : -1;
        int crlf = isLines ? -1 : rest.IndexOf("\r\n\r\n"u8);
        if (crlf >= 0 && (end < 0 || crlf < end))
            end = crlf + 3;
        return end < 0 ? rest.Length : end + 1;
    }
}
