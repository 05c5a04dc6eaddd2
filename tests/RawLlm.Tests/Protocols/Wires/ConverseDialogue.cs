using System.Text.Json.Nodes;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

internal sealed class ConverseDialogue : WireDialogue
{
    public override WireProtocol Protocol { get; } = new ConverseProtocol();

    protected override JsonNode Reply(SpokenTurn turn) =>
        new JsonObject
        {
            ["stopReason"] = "tool_use",
            ["output"] = new JsonObject
            {
                ["message"] = new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = new JsonArray([
                        new JsonObject
                        {
                            ["reasoningContent"] = new JsonObject
                            {
                                ["reasoningText"] = new JsonObject { ["text"] = turn.Thoughts, ["signature"] = Secret },
                            },
                        },
                        new JsonObject { ["text"] = turn.Text },
                        .. turn.Calls.Select(
                            (call, i) =>
                                new JsonObject
                                {
                                    ["toolUse"] = new JsonObject
                                    {
                                        ["toolUseId"] = $"tooluse_{i}",
                                        ["name"] = call.Name,
                                        ["input"] = Json(call.Arguments),
                                    },
                                }
                        ),
                    ]),
                },
            },
        };

    public override SpokenTurn ReadBack(JsonNode request)
    {
        var messages = request["messages"]!.AsArray();
        var blocks = messages.Single(message => (string)message!["role"]! == "assistant")!["content"]!.AsArray();
        var calls = blocks.Select(block => block!["toolUse"]).Where(call => call is not null).ToList();
        var results = messages
            .SelectMany(message => message!["content"]!.AsArray())
            .Select(block => block!["toolResult"])
            .Where(result => result is not null)
            .ToList();
        return new(
            Text(blocks.Select(block => block!["reasoningContent"]?["reasoningText"]?["text"])),
            Text(blocks.Select(block => block!["text"])),
            [.. calls.Select(call => ((string)call!["name"]!, Compact(call["input"])))],
            [
                .. calls.Select(call =>
                    Text(
                        results.Single(result => (string)result!["toolUseId"]! == (string)call!["toolUseId"]!)!["content"]!
                            .AsArray()
                            .Select(part => part!["text"])
                    )
                ),
            ]
        );
    }
}
