using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.JsonSuite;

/// <summary>
/// A place in a wire that can contain arbitrary JSON: in a whole answer, in an event, or as the arguments of a tool call.
/// </summary>
/// <param name="Name">Wire and place.</param>
/// <param name="Accepts">Whether the wire's decoder accepts an answer with the JSON in that place.</param>
internal sealed record JsonPlace(string Name, Func<byte[], bool> Accepts)
{
    // Replaced by the JSON: the value of a member that no wire knows, before the known members.
    private const string Mark = "@";

    public static IReadOnlyList<JsonPlace> BodiesAndEvents { get; } =
    [
        Body(
            "chat-completions",
            new ChatCompletionsProtocol(),
            """{"x":@,"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}"""
        ),
        Body(
            "responses",
            new ResponsesProtocol(),
            """{"x":@,"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]}]}"""
        ),
        Body(
            "anthropic",
            new AnthropicProtocol(),
            """{"x":@,"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"}"""
        ),
        Body("gemini", new GeminiProtocol(), """{"x":@,"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"""),
        Body("ollama", new OllamaProtocol(), """{"x":@,"message":{"role":"assistant","content":"a"},"done":true,"done_reason":"stop"}"""),
        Body(
            "converse",
            new ConverseProtocol(),
            """{"x":@,"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"end_turn"}"""
        ),
        Event(
            "chat-completions",
            new ChatCompletionsProtocol(),
            Sse,
            """{"x":@,"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            "[DONE]"
        ),
        Event(
            "responses",
            new ResponsesProtocol(),
            Sse,
            """{"x":@,"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"a"}""",
            """{"type":"response.completed","response":{"status":"completed","output":[]}}"""
        ),
        Event(
            "anthropic",
            new AnthropicProtocol(),
            Sse,
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """{"x":@,"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""",
            """{"type":"message_stop"}"""
        ),
        Event("gemini", new GeminiProtocol(), Sse, """{"x":@,"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"""),
        Event(
            "converse",
            new ConverseProtocol(),
            Aws,
            """contentBlockDelta {"x":@,"contentBlockIndex":0,"delta":{"text":"a"}}""",
            """messageStop {"stopReason":"end_turn"}""",
            """metadata {"usage":{"inputTokens":1,"outputTokens":1}}"""
        ),
    ];

    /// <summary>An Ollama event: a line cannot contain a line end, so JSON that has one is not an event.</summary>
    public static JsonPlace OllamaLine { get; } =
        Event(
            "ollama",
            new OllamaProtocol(),
            (json, line) => Concat(Insert(line, json), "\n"u8.ToArray()),
            """{"x":@,"message":{"role":"assistant","content":"a"},"done":true,"done_reason":"stop"}"""
        );

    public static IReadOnlyList<JsonPlace> Arguments { get; } =
    [
        new(
            "chat-completions, arguments",
            json =>
                Calls(
                    new ChatCompletionsProtocol(),
                    Sse,
                    json,
                    """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":@}}]},"finish_reason":null}]}""",
                    """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
                    "[DONE]"
                )
        ),
        new(
            "responses, arguments",
            json =>
                Calls(
                    new ResponsesProtocol(),
                    Sse,
                    json,
                    """{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":""}}""",
                    """{"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc","delta":@}""",
                    """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":@}}""",
                    """{"type":"response.completed","response":{"status":"completed","output":[]}}"""
                )
        ),
        new(
            "anthropic, arguments",
            json =>
                Calls(
                    new AnthropicProtocol(),
                    Sse,
                    json,
                    """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}""",
                    """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":@}}""",
                    """{"type":"message_delta","delta":{"stop_reason":"tool_use"}}""",
                    """{"type":"message_stop"}"""
                )
        ),
        new(
            "converse, arguments",
            json =>
                Calls(
                    new ConverseProtocol(),
                    Aws,
                    json,
                    """contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"c","name":"f"}}}""",
                    """contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":@}}}""",
                    """messageStop {"stopReason":"tool_use"}""",
                    """metadata {"usage":{"inputTokens":1,"outputTokens":1}}"""
                )
        ),
    ];

    /// <summary>Wraps the JSON as a body does; the result is also given to the platform's reader.</summary>
    public static byte[] Surround(byte[] json) => Insert("""{"x":@}""", json);

    private static JsonPlace Body(string wire, WireProtocol protocol, string answer) =>
        new($"{wire}, body", json => Decoded.Whole(protocol, Insert(answer, json)) is { IsComplete: true, Reply.Text: "a" });

    private static JsonPlace Event(string wire, WireProtocol protocol, Func<byte[], string, byte[]> frame, params string[] events) =>
        new(
            $"{wire}, event",
            json => Decoded.Stream(protocol, Concat([.. events.Select(e => frame(json, e))])) is { IsComplete: true, Reply.Text: "a" }
        );

    private static bool Calls(WireProtocol protocol, Func<byte[], string, byte[]> frame, byte[] json, params string[] events)
    {
        byte[] quoted = JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(json));
        var decoded = Decoded.Stream(protocol, Concat([.. events.Select(e => frame(quoted, e))]));
        Assert.True(decoded.IsComplete, decoded.Error?.ToString());
        return Assert.Single(decoded.Reply.ToolCalls).IsComplete;
    }

    // A line end inside the JSON continues in another data line, as the framing's specification requires.
    private static byte[] Sse(byte[] json, string data)
    {
        var wire = new List<byte>();
        wire.AddRange("data: "u8);
        foreach (byte b in Insert(data, json))
        {
            if (b is (byte)'\n' or (byte)'\r')
                wire.AddRange("\ndata: "u8);
            else
                wire.Add(b);
        }
        wire.AddRange("\n\n"u8);
        return [.. wire];
    }

    private static byte[] Aws(byte[] json, string typed)
    {
        int space = typed.IndexOf(' ', StringComparison.Ordinal);
        byte[] payload = Insert(typed[(space + 1)..], json);
        return AwsMessage.Write([.. AwsMessage.Text(":event-type", typed[..space]), .. AwsMessage.Text(":message-type", "event")], payload);
    }

    private static byte[] Insert(string text, byte[] json)
    {
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0
            ? Encoding.UTF8.GetBytes(text)
            : Concat(Encoding.UTF8.GetBytes(text[..at]), json, Encoding.UTF8.GetBytes(text[(at + 1)..]));
    }

    private static byte[] Concat(params byte[][] parts) => [.. parts.SelectMany(part => part)];
}
