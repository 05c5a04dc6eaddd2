using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Writes requests of the Messages wire and compares what goes out.</summary>
internal static class AnthropicRequests
{
    public static readonly ToolDefinition Weather = new(
        "get_weather",
        "Tells the weather.",
        """{"type":"object","properties":{"city":{"type":"string"}}}"""
    );

    public static ToolCallPart Call(string id) => new(new ToolCall(id, "get_weather", """{"city":"Paris"}"""));

    // "user" for a message of the user, and the types of its blocks for a message of the model.
    public static string Turns(WireRequest wire)
    {
        static string Blocks(System.Text.Json.Nodes.JsonNode content) =>
            content is System.Text.Json.Nodes.JsonArray blocks ? string.Join(' ', blocks.Select(block => (string)block!["type"]!)) : "text";
        var turns = System.Text.Json.Nodes.JsonNode.Parse(wire.Body.Span)!["messages"]!.AsArray();
        return string.Join(' ', turns.Select(turn => (string)turn!["role"]! == "user" ? "user" : $"[{Blocks(turn["content"]!)}]"));
    }

    public static void AssertBody(
        ChatRequest request,
        string expected,
        AnthropicProtocol? protocol = null,
        bool stream = false,
        string quirks = ""
    )
    {
        using var wire = Write(request, protocol, stream);
        JsonAssert.Equal(expected, Encoding.UTF8.GetString(wire.Body.Span));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    public static string Body(ChatRequest request)
    {
        using var wire = Write(request);
        return Encoding.UTF8.GetString(wire.Body.Span);
    }

    public static WireRequest Write(ChatRequest request, AnthropicProtocol? protocol = null, bool stream = false)
    {
        var wire = new WireRequest { BaseUrl = new("https://api.anthropic.com/v1/") };
        (protocol ?? new AnthropicProtocol()).WriteRequest(request with { Model = "m" }, stream, wire);
        return wire;
    }
}
