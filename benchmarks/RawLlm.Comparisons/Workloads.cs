using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Comparisons;

/// <summary>The streams that are compared: shapes of chat completions, and text and tool calls on every wire.</summary>
internal static class Workloads
{
    private const int MaxCalls = 100;

    private static readonly string[] Words =
    [
        " the",
        " of",
        " and",
        " to",
        " stream",
        " value",
        ",",
        ".",
        "'s",
        " question",
        " `",
        "\n\n",
        " \"",
        "ing",
        " answer",
        " é",
        " small",
    ];

    public static IEnumerable<Workload> All(int count)
    {
        var chat = new ChatCompletionsProtocol();
        yield return new(chat, TrafficShapes.Tokens(count));
        yield return new(chat, TrafficShapes.Interleaved(count));
        yield return new(
            chat,
            Chat(
                "created",
                count,
                i =>
                    $$$"""{"id":"chatcmpl-CJzVd2fQ0w9HgL4sYbT7nUeXaMpRk","object":"chat.completion.chunk","created":{{{1759410245 + (i * 7)}}},"model":"gpt-4o-mini","service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[{"index":0,"delta":{"content":%},"logprobs":null,"finish_reason":null}],"usage":null}"""
            )
        );
        yield return new(chat, TrafficShapes.Obfuscation(count));
        yield return new(chat, TrafficShapes.Logprobs(count));
        yield return new(
            chat,
            Chat(
                "spaces",
                count,
                _ =>
                    """{"id": "chatcmpl-7f0d2b", "object": "chat.completion.chunk", "created": 1759410245, "model": "meta-llama/Llama-3.1-8B-Instruct", "choices": [{"index": 0, "delta": {"content": %}, "logprobs": null, "finish_reason": null}]}""",
                JavaScriptEncoder.Default
            )
        );
        yield return new(
            chat,
            Chat(
                "escapes",
                count,
                _ =>
                    """{"id":"chatcmpl-CJzVd2fQ0w9HgL4sYbT7nUeXaMpRk","object":"chat.completion.chunk","created":1759410245,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":%},"logprobs":null,"finish_reason":null}]}""",
                JavaScriptEncoder.Default
            )
        );
        yield return new(chat, Chat("shuffled", count, Shuffled));
        yield return new(chat, TrafficShapes.ToolArguments(count * 16));
        yield return new(
            new AnthropicProtocol(),
            Events(
                "text",
                count,
                """event: message_start%data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5","stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}%%event: content_block_start%data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}%%""",
                """event: content_block_delta%data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":$}}%%""",
                """event: content_block_stop%data: {"type":"content_block_stop","index":0}%%event: message_delta%data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}%%event: message_stop%data: {"type":"message_stop"}%%"""
            )
        );
        yield return new(
            new AnthropicProtocol(),
            Events(
                "tools",
                count,
                """event: message_start%data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5","stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}%%event: content_block_start%data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"write","input":{}}}%%""",
                """event: content_block_delta%data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":$}}%%""",
                """event: content_block_stop%data: {"type":"content_block_stop","index":0}%%event: message_delta%data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}%%event: message_stop%data: {"type":"message_stop"}%%""",
                isCall: true
            )
        );
        yield return new(
            new ResponsesProtocol(),
            Events(
                "text",
                count,
                """event: response.created%data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","model":"gpt-5","output":[]}}%%event: response.output_item.added%data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}}%%""",
                """event: response.output_text.delta%data: {"type":"response.output_text.delta","sequence_number":#,"item_id":"msg_1","output_index":0,"content_index":0,"delta":$,"logprobs":[],"obfuscation":"@"}%%""",
                """event: response.completed%data: {"type":"response.completed","sequence_number":9999,"response":{"id":"resp_1","object":"response","status":"completed","model":"gpt-5","output":[],"usage":{"input_tokens":10,"output_tokens":9,"total_tokens":19}}}%%"""
            )
        );
        yield return new(
            new ResponsesProtocol(),
            Events(
                "tools",
                count,
                """event: response.created%data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","model":"gpt-5","output":[]}}%%event: response.output_item.added%data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_1","name":"write"}}%%""",
                """event: response.function_call_arguments.delta%data: {"type":"response.function_call_arguments.delta","sequence_number":#,"item_id":"fc_1","output_index":0,"delta":$,"obfuscation":"@"}%%""",
                """event: response.completed%data: {"type":"response.completed","sequence_number":9999,"response":{"id":"resp_1","object":"response","status":"completed","model":"gpt-5","output":[],"usage":{"input_tokens":10,"output_tokens":9,"total_tokens":19}}}%%""",
                isCall: true
            )
        );
        yield return new(
            new GeminiProtocol(),
            Events(
                "text",
                count,
                "",
                """data: {"candidates": [{"content": {"parts": [{"text": $}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": #,"totalTokenCount": #,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},"modelVersion": "gemini-2.5-flash","responseId": "abc"}%%""",
                """data: {"candidates": [{"content": {"parts": [{"text": ""}],"role": "model"},"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 9,"totalTokenCount": 21},"modelVersion": "gemini-2.5-flash","responseId": "abc"}%%""",
                lineEnd: "\r\n"
            )
        );
        yield return new(
            new GeminiProtocol(),
            Calls(
                Math.Min(count, MaxCalls),
                """data: {"candidates": [{"content": {"parts": [{"functionCall": {"id": "call_#","name": "write","args": $}}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": #,"totalTokenCount": #},"modelVersion": "gemini-2.5-flash","responseId": "abc"}%%""",
                """data: {"candidates": [{"content": {"parts": [{"text": ""}],"role": "model"},"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 9,"totalTokenCount": 21},"modelVersion": "gemini-2.5-flash","responseId": "abc"}%%""",
                "\r\n"
            )
        );
        yield return new(
            new OllamaProtocol(),
            Events(
                "text",
                count,
                "",
                """{"model":"llama3.2","created_at":"2025-10-02T13:04:05.#Z","message":{"role":"assistant","content":$},"done":false}%""",
                """{"model":"llama3.2","created_at":"2025-10-02T13:04:06Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":9}%"""
            )
        );
        yield return new(
            new OllamaProtocol(),
            Calls(
                Math.Min(count, MaxCalls),
                """{"model":"llama3.2","created_at":"2025-10-02T13:04:05.#Z","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_#","function":{"name":"write","arguments":$}}]},"done":false}%""",
                """{"model":"llama3.2","created_at":"2025-10-02T13:04:06Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":9}%""",
                "\n"
            )
        );
        yield return new(new ConverseProtocol(), Binary("text", count, isCall: false));
        yield return new(new ConverseProtocol(), Binary("tools", count, isCall: true));
    }

    private static TrafficShape Chat(string name, int count, Func<int, string> chunk, JavaScriptEncoder? encoder = null)
    {
        var random = new SplitMix64(0x5EED);
        var builder = new Builder();
        for (int i = 0; i < count; i++)
        {
            builder.Text(
                "data: "
                    + chunk(i).Replace("%", Quote(builder.Piece(ref random, isCall: false), encoder), StringComparison.Ordinal)
                    + "\n\n"
            );
        }

        builder.Text(
            """data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""
                + "\n\n"
        );
        builder.Text("data: [DONE]\n\n");
        return builder.Build(name, isCall: false);
    }

    // Each chunk has its members in a different order from the one before.
    private static string Shuffled(int i)
    {
        var random = new SplitMix64((ulong)i + 77);
        string[] members =
        [
            "\"id\":\"chatcmpl-CJzVd2fQ0w9HgL4sYbT7nUeXaMpRk\"",
            "\"object\":\"chat.completion.chunk\"",
            "\"created\":1759410245",
            "\"model\":\"gpt-4o-mini\"",
            "\"service_tier\":\"default\"",
            "\"system_fingerprint\":\"fp_560af6e559\"",
            "\"usage\":null",
            "\"choices\":[{\"index\":0,\"delta\":{\"content\":%},\"logprobs\":null,\"finish_reason\":null}]",
        ];
        for (int n = members.Length - 1; n > 0; n--)
        {
            int other = random.Below(n + 1);
            (members[n], members[other]) = (members[other], members[n]);
        }
        return "{" + string.Join(',', members) + "}";
    }

    // % is a line end, $ the piece as a JSON string, # an increasing number, @ padding.
    private static TrafficShape Events(
        string name,
        int count,
        string head,
        string chunk,
        string tail,
        bool isCall = false,
        string lineEnd = "\n"
    )
    {
        var random = new SplitMix64(0xE7E7);
        var builder = new Builder();
        if (head.Length > 0)
            builder.Text(head.Replace("%", lineEnd, StringComparison.Ordinal));
        for (int i = 0; i < count; i++)
        {
            string padding = new('x', 1 + random.Below(16));
            builder.Text(
                chunk
                    .Replace("%", lineEnd, StringComparison.Ordinal)
                    .Replace("#", (i + 2).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("@", padding, StringComparison.Ordinal)
                    .Replace("$", Quote(builder.Piece(ref random, isCall), null), StringComparison.Ordinal)
            );
        }
        builder.Text(tail.Replace("%", lineEnd, StringComparison.Ordinal));
        return builder.Build(name, isCall);
    }

    // Wires that send no fragments: each chunk is a whole call.
    private static TrafficShape Calls(int count, string chunk, string tail, string lineEnd)
    {
        var random = new SplitMix64(0xCA11);
        var builder = new Builder();
        for (int i = 0; i < count; i++)
        {
            string number = (i + 2).ToString(CultureInfo.InvariantCulture);
            string arguments = $$"""{"path":"notes/{{number}}.md","content":{{Quote(builder.Paragraph(ref random), null)}}}""";
            builder.Call("call_" + number, arguments);
            builder.Text(
                chunk
                    .Replace("%", lineEnd, StringComparison.Ordinal)
                    .Replace("#", number, StringComparison.Ordinal)
                    .Replace("$", arguments, StringComparison.Ordinal)
            );
        }
        builder.Text(tail.Replace("%", lineEnd, StringComparison.Ordinal));
        return builder.Build("tools", isCall: true);
    }

    private static TrafficShape Binary(string name, int count, bool isCall)
    {
        var random = new SplitMix64(0xAA55);
        var builder = new Builder();
        builder.Message("messageStart", """{"role":"assistant","p":"abcdef"}""");
        if (isCall)
        {
            builder.Message(
                "contentBlockStart",
                """{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t1","name":"write"}},"p":"abc"}"""
            );
        }

        for (int i = 0; i < count; i++)
        {
            string piece = Quote(builder.Piece(ref random, isCall), null);
            string delta = isCall ? $$$"""{"toolUse":{"input":{{{piece}}}}}""" : $$"""{"text":{{piece}}}""";
            builder.Message(
                "contentBlockDelta",
                $$"""{"contentBlockIndex":0,"delta":{{delta}},"p":"{{new string('x', 1 + random.Below(30))}}"}"""
            );
        }
        builder.Message("contentBlockStop", """{"contentBlockIndex":0,"p":"abc"}""");
        builder.Message("messageStop", $$"""{"stopReason":"{{(isCall ? "tool_use" : "end_turn")}}","p":"abc"}""");
        builder.Message(
            "metadata",
            """{"usage":{"inputTokens":10,"outputTokens":9,"totalTokens":19},"metrics":{"latencyMs":100},"p":"abc"}"""
        );
        return builder.Build(name, isCall);
    }

    private static string Quote(string text, JavaScriptEncoder? encoder) =>
        "\"" + JsonEncodedText.Encode(text, encoder ?? JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    private sealed class Builder
    {
        private readonly MemoryStream _bytes = new();
        private readonly List<int> _ends = [];
        private readonly StringBuilder _text = new();
        private readonly List<TrafficCall> _calls = [];
        private int _count;

        public string Paragraph(ref SplitMix64 random)
        {
            var text = new StringBuilder();
            for (int i = 0; i < 30; i++)
                text.Append(random.Pick<string>(Words));
            return text.ToString();
        }

        public void Call(string id, string arguments) => _calls.Add(new(id, "write", arguments, 1));

        public string Piece(ref SplitMix64 random, bool isCall)
        {
            string piece = random.Pick<string>(Words);
            if (isCall)
                piece = (_count == 0 ? "{\"a\":\"" : "") + piece.Replace("\"", "'").Replace("\n", " ");
            _text.Append(piece);
            _count++;
            return piece;
        }

        public void Text(string text)
        {
            _bytes.Write(Encoding.UTF8.GetBytes(text));
            _ends.Add((int)_bytes.Length);
        }

        public void Message(string type, string payload)
        {
            using var headers = new MemoryStream();
            foreach (
                var (name, value) in (ReadOnlySpan<(string, string)>)
                    [(":event-type", type), (":content-type", "application/json"), (":message-type", "event")]
            )
            {
                headers.WriteByte((byte)name.Length);
                headers.Write(Encoding.UTF8.GetBytes(name));
                headers.Write([7, 0, (byte)value.Length]);
                headers.Write(Encoding.UTF8.GetBytes(value));
            }
            byte[] body = Encoding.UTF8.GetBytes(payload);
            byte[] message = new byte[16 + headers.Length + body.Length];
            BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), (int)headers.Length);
            BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), Framing.Crc32.Compute(message.AsSpan(0, 8)));
            headers.ToArray().CopyTo(message, 12);
            body.CopyTo(message, 12 + headers.Length);
            BinaryPrimitives.WriteUInt32BigEndian(
                message.AsSpan(message.Length - 4),
                Framing.Crc32.Compute(message.AsSpan(0, message.Length - 4))
            );
            _bytes.Write(message);
            _ends.Add((int)_bytes.Length);
        }

        public TrafficShape Build(string name, bool isCall) =>
            new()
            {
                Name = name,
                Bytes = _bytes.ToArray(),
                WriteEnds = [.. _ends],
                ChunkCount = _ends.Count,
                CommentCount = 0,
                Choices =
                [
                    new TrafficChoice
                    {
                        Text = isCall ? "" : _text.ToString(),
                        TextCount = isCall ? 0 : _count,
                        Reasoning = "",
                        ReasoningCount = 0,
                        Calls =
                            _calls.Count > 0 ? _calls
                            : isCall ? [new TrafficCall("call_1", "write", _text.ToString(), _count)]
                            : [],
                        FinishReason = "stop",
                    },
                ],
            };
    }
}
