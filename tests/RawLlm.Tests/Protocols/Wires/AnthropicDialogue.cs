using System.Text.Json.Nodes;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

internal sealed class AnthropicDialogue : WireDialogue
{
    public override WireProtocol Protocol { get; } = new AnthropicProtocol();

    protected override JsonNode Reply(SpokenTurn turn) =>
        new JsonObject
        {
            ["type"] = "message",
            ["role"] = "assistant",
            ["stop_reason"] = "tool_use",
            ["content"] = new JsonArray([
                new JsonObject
                {
                    ["type"] = "thinking",
                    ["thinking"] = turn.Thoughts,
                    ["signature"] = Secret,
                },
                new JsonObject { ["type"] = "text", ["text"] = turn.Text },
                .. turn.Calls.Select(
                    (call, i) =>
                        new JsonObject
                        {
                            ["type"] = "tool_use",
                            ["id"] = $"toolu_{i}",
                            ["name"] = call.Name,
                            ["input"] = Json(call.Arguments),
                        }
                ),
            ]),
        };

    public override SpokenTurn ReadBack(JsonNode request)
    {
        var messages = request["messages"]!.AsArray();
        var blocks = messages.Single(message => (string)message!["role"]! == "assistant")!["content"]!.AsArray();
        var calls = blocks.Where(block => (string)block!["type"]! == "tool_use").ToList();
        var results = messages
            .SelectMany(message => message!["content"] as JsonArray ?? [])
            .Where(block => (string)block!["type"]! == "tool_result")
            .ToList();
        return new(
            Text(blocks.Select(block => block!["thinking"])),
            Text(blocks.Select(block => block!["text"])),
            [.. calls.Select(call => ((string)call!["name"]!, Compact(call["input"])))],
            [
                .. calls.Select(call =>
                    Content(results.Single(result => (string)result!["tool_use_id"]! == (string)call!["id"]!)!["content"]!)
                ),
            ]
        );
    }

    private static string Content(JsonNode content) =>
        content is JsonArray blocks ? Text(blocks.Select(block => block!["text"])) : (string)content!;
}
