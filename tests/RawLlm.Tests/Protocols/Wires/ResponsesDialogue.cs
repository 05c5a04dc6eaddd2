using System.Text.Json.Nodes;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

internal sealed class ResponsesDialogue : WireDialogue
{
    public override WireProtocol Protocol { get; } = new ResponsesProtocol();

    protected override JsonNode Reply(SpokenTurn turn) =>
        new JsonObject
        {
            ["id"] = "resp_1",
            ["status"] = "completed",
            ["output"] = new JsonArray([
                new JsonObject
                {
                    ["id"] = "rs_1",
                    ["type"] = "reasoning",
                    ["summary"] = new JsonArray(new JsonObject { ["type"] = "summary_text", ["text"] = turn.Thoughts }),
                    ["encrypted_content"] = Secret,
                },
                new JsonObject
                {
                    ["id"] = "msg_1",
                    ["type"] = "message",
                    ["role"] = "assistant",
                    ["status"] = "completed",
                    ["content"] = new JsonArray(
                        new JsonObject
                        {
                            ["type"] = "output_text",
                            ["text"] = turn.Text,
                            ["annotations"] = new JsonArray(),
                        }
                    ),
                },
                .. turn.Calls.Select(
                    (call, i) =>
                        new JsonObject
                        {
                            ["id"] = $"fc_{i}",
                            ["type"] = "function_call",
                            ["call_id"] = $"call_{i}",
                            ["name"] = call.Name,
                            ["arguments"] = call.Arguments,
                            ["status"] = "completed",
                        }
                ),
            ]),
        };

    public override SpokenTurn ReadBack(JsonNode request)
    {
        var input = request["input"]!.AsArray();
        var calls = input.Where(item => (string?)item!["type"] == "function_call").ToList();
        return new(
            Text(
                input
                    .Where(item => (string?)item!["type"] == "reasoning")
                    .SelectMany(item => item!["summary"]!.AsArray())
                    .Select(part => part!["text"])
            ),
            Text(input.Where(item => (string?)item!["role"] == "assistant").SelectMany(Texts)),
            [.. calls.Select(call => ((string)call!["name"]!, Compact(Json((string)call["arguments"]!))))],
            [
                .. calls.Select(call =>
                    (string)
                        input.Single(item =>
                            (string?)item!["type"] == "function_call_output" && (string?)item["call_id"] == (string)call!["call_id"]!
                        )!["output"]!
                ),
            ]
        );
    }

    private static IEnumerable<JsonNode?> Texts(JsonNode? message) =>
        message!["content"] is JsonArray parts ? parts.Select(part => part!["text"]) : [message["content"]];
}
