using System.Text.Json.Nodes;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

internal sealed class OllamaDialogue : WireDialogue
{
    public override WireProtocol Protocol { get; } = new OllamaProtocol();

    public override bool HasSecret => false;

    protected override JsonNode Reply(SpokenTurn turn) =>
        new JsonObject
        {
            ["model"] = "m",
            ["message"] = new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = turn.Text,
                ["thinking"] = turn.Thoughts,
                ["tool_calls"] = new JsonArray([
                    .. turn.Calls.Select(
                        (call, i) =>
                            new JsonObject
                            {
                                ["id"] = $"call_{i}",
                                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = Json(call.Arguments) },
                            }
                    ),
                ]),
            },
            ["done"] = true,
            ["done_reason"] = "stop",
        };

    public override SpokenTurn ReadBack(JsonNode request)
    {
        var messages = request["messages"]!.AsArray();
        var answer = messages.Single(message => (string)message!["role"]! == "assistant")!;
        var calls = answer["tool_calls"]!.AsArray();
        var results = messages.Where(message => (string)message!["role"]! == "tool").ToList();
        Assert.Equal(calls.Select(call => (string)call!["function"]!["name"]!), results.Select(result => (string)result!["tool_name"]!));
        return new(
            (string?)answer["thinking"] ?? "",
            (string?)answer["content"] ?? "",
            [.. calls.Select(call => ((string)call!["function"]!["name"]!, Compact(call["function"]!["arguments"])))],
            [.. results.Select(result => (string)result!["content"]!)]
        );
    }
}
