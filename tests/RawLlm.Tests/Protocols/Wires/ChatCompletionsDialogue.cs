using System.Text.Json.Nodes;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

internal sealed class ChatCompletionsDialogue : WireDialogue
{
    public override WireProtocol Protocol { get; } = new ChatCompletionsProtocol { ReasoningName = "reasoning_content" };

    protected override JsonNode Reply(SpokenTurn turn) =>
        new JsonObject
        {
            ["choices"] = new JsonArray(
                new JsonObject
                {
                    ["index"] = 0,
                    ["finish_reason"] = "tool_calls",
                    ["message"] = new JsonObject
                    {
                        ["role"] = "assistant",
                        ["content"] = turn.Text,
                        ["reasoning"] = turn.Thoughts,
                        ["reasoning_details"] = new JsonArray(Json($$"""{"type":"reasoning.encrypted","data":"{{Secret}}","index":0}""")),
                        ["tool_calls"] = new JsonArray([
                            .. turn.Calls.Select(
                                (call, i) =>
                                    new JsonObject
                                    {
                                        ["id"] = $"call_{i}",
                                        ["type"] = "function",
                                        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
                                    }
                            ),
                        ]),
                    },
                }
            ),
        };

    public override SpokenTurn ReadBack(JsonNode request)
    {
        var messages = request["messages"]!.AsArray();
        var answer = messages.Single(message => (string)message!["role"]! == "assistant")!;
        var calls = answer["tool_calls"]!.AsArray();
        return new(
            (string?)answer["reasoning_content"] ?? "",
            (string?)answer["content"] ?? "",
            [.. calls.Select(call => ((string)call!["function"]!["name"]!, Compact(Json((string)call["function"]!["arguments"]!))))],
            [
                .. calls.Select(call =>
                    (string)messages.Single(message => (string?)message!["tool_call_id"] == (string)call!["id"]!)!["content"]!
                ),
            ]
        );
    }
}
