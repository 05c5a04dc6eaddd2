using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Seams;

/// <summary>Chains, scripts and bodies for streams that break. The connections follow the scripts in order.</summary>
internal static class SeamScripts
{
    public const string Close = "Connection: close";
    public const string Claude = "claude-sonnet-4-5";
    public const string ErrorInside = """data: {"error":{"message":"x","code":"server_error"}}""" + "\n\n";
    public const string Thought = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]}""" + "\n\n";
    public const string CallBegins =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]}}]}"""
        + "\n\n";
    public const string CallEnds =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}"""
        + "\n\n";
    public const string MessageStart = """
        event: message_start
        data: {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":1000,"output_tokens":1}}}


        """;
    public const string BlockStart = """
        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}


        """;
    public const string MessageEnd = """
        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":20}}

        event: message_stop
        data: {"type":"message_stop"}


        """;

    public static FallbackChain Chain(FaultWire wire, params LlmClient[] clients) =>
        Chain(wire, new FallbackOptions { StreamFailover = StreamFailover.Default }, clients);

    public static FallbackChain Chain(FaultWire wire, FallbackOptions options, params LlmClient[] clients) => new(clients, options);

    public static LlmClient Open(FaultWire wire, int number) => Client(wire, number, FaultWire.Compatible().Protocol);

    public static LlmClient Client(FaultWire wire, int number, WireProtocol protocol, string? model = null) =>
        wire.Client(
            new LlmClientOptions { Timeouts = new() { Idle = TimeSpan.FromSeconds(30) } },
            FaultWire.Compatible() with
            {
                Name = $"s{number}",
                Protocol = protocol,
            },
            model ?? $"m{number}"
        );

    public static Script Cut(string body, string cut)
    {
        var script = Script.OnRequest.Sse().Chunk(body);
        return cut switch
        {
            "fin" => script.Fin(),
            "rst" => script.Rst(),
            "end" => script.LastChunk(),
            "idle" => script.PassForever(),
            "error" => script.Chunk(ErrorInside).LastChunk(),
            "json" => script.Chunk("data: {\"choices\":[{\n\n").Stall(),
            _ => throw new ArgumentOutOfRangeException(nameof(cut)),
        };
    }

    public static string Anthropic(params string[] texts) => MessageStart + BlockStart + string.Concat(texts.Select(Delta)) + MessageEnd;

    public static string Delta(string text) =>
        $$"""
            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{text}}"} }


            """;

    public static async Task<List<StreamUpdate>> ReadAsync(ChatStream stream, CancellationToken token)
    {
        var updates = new List<StreamUpdate>();
        while (await stream.ReadAsync(token))
            updates.Add(stream.Current.ToUpdate());
        return updates;
    }

    public static string Describe(StreamUpdate update) => update.Text is { } text ? $"{update.Kind} {text}" : update.Kind.ToString();
}
