using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>The answer "Blue." on every wire, whole and streamed.</summary>
internal static class Answers
{
    public static string Whole(WireProtocol protocol) =>
        protocol switch
        {
            ChatCompletionsProtocol =>
                """{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Blue."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}""",
            ResponsesProtocol =>
                """{"id":"1","object":"response","model":"m","status":"completed","output":[{"type":"message","id":"a","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Blue.","annotations":[]}]}],"usage":{"input_tokens":1000,"output_tokens":100,"total_tokens":1100}}""",
            AnthropicProtocol or BedrockInvokeProtocol =>
                """{"id":"1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Blue."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1000,"output_tokens":100}}""",
            GeminiProtocol =>
                """{"candidates":[{"content":{"parts":[{"text":"Blue."}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":100,"totalTokenCount":1100},"modelVersion":"m","responseId":"1"}""",
            ConverseProtocol =>
                """{"output":{"message":{"role":"assistant","content":[{"text":"Blue."}]}},"stopReason":"end_turn","usage":{"inputTokens":1000,"outputTokens":100,"totalTokens":1100},"metrics":{"latencyMs":1}}""",
            OllamaProtocol =>
                """{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Blue."},"done":true,"done_reason":"stop","prompt_eval_count":1000,"eval_count":100}""",
            _ => throw new ArgumentException($"No answer of the wire {protocol.Name} is known here."),
        };

    public static (byte[] Body, string MediaType) Stream(WireProtocol protocol) =>
        protocol switch
        {
            ChatCompletionsProtocol => Sse(
                """data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Blue."},"finish_reason":null}]}""",
                """data: {"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
                """data: {"id":"1","model":"m","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}""",
                "data: [DONE]"
            ),
            ResponsesProtocol => Sse(
                """data: {"type":"response.created","response":{"id":"1","model":"m","status":"in_progress","output":[]}}""",
                """data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"a","role":"assistant","status":"in_progress","content":[]}}""",
                """data: {"type":"response.content_part.added","item_id":"a","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}""",
                """data: {"type":"response.output_text.delta","item_id":"a","output_index":0,"content_index":0,"delta":"Blue."}""",
                """data: {"type":"response.completed","response":{"id":"1","model":"m","status":"completed","output":[{"type":"message","id":"a","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Blue.","annotations":[]}]}],"usage":{"input_tokens":1000,"output_tokens":100,"total_tokens":1100}}}"""
            ),
            AnthropicProtocol => Sse(
                """data: {"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1000,"output_tokens":1}}}""",
                """data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
                """data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Blue."}}""",
                """data: {"type":"content_block_stop","index":0}""",
                """data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":100}}""",
                """data: {"type":"message_stop"}"""
            ),
            GeminiProtocol => Sse("data: " + Whole(protocol)),
            OllamaProtocol => (Encoding.UTF8.GetBytes(Whole(protocol) + "\n"), "application/x-ndjson"),
            ConverseProtocol => Frames(
                ("messageStart", """{"role":"assistant"}"""),
                ("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"Blue."}}"""),
                ("contentBlockStop", """{"contentBlockIndex":0}"""),
                ("messageStop", """{"stopReason":"end_turn"}"""),
                ("metadata", """{"usage":{"inputTokens":1000,"outputTokens":100,"totalTokens":1100},"metrics":{"latencyMs":1}}""")
            ),
            BedrockInvokeProtocol => Frames([
                .. Lines(Stream(new AnthropicProtocol()).Body)
                    .Select(line => ("chunk", $$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(line))}}"}""")),
            ]),
            _ => throw new ArgumentException($"No stream of the wire {protocol.Name} is known here."),
        };

    private static (byte[], string) Sse(params string[] events) =>
        (Encoding.UTF8.GetBytes(string.Join("\n\n", events) + "\n\n"), "text/event-stream");

    private static IEnumerable<string> Lines(byte[] sse) =>
        Encoding.UTF8.GetString(sse).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..]);

    private static (byte[], string) Frames(params (string Type, string Json)[] events) =>
        ([.. events.SelectMany(e => AwsMessage.Event(e.Type, e.Json))], "application/vnd.amazon.eventstream");
}
