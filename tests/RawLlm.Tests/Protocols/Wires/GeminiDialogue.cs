using System.Text.Json.Nodes;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

internal sealed class GeminiDialogue : WireDialogue
{
    public override WireProtocol Protocol { get; } = new GeminiProtocol { ForeignCallSignature = null };

    protected override JsonNode Reply(SpokenTurn turn) =>
        new JsonObject
        {
            ["candidates"] = new JsonArray(
                new JsonObject
                {
                    ["finishReason"] = "STOP",
                    ["content"] = new JsonObject
                    {
                        ["role"] = "model",
                        ["parts"] = new JsonArray([
                            new JsonObject { ["text"] = turn.Thoughts, ["thought"] = true },
                            new JsonObject { ["text"] = turn.Text },
                            .. turn.Calls.Select(
                                (call, i) =>
                                    new JsonObject
                                    {
                                        ["functionCall"] = new JsonObject { ["name"] = call.Name, ["args"] = Json(call.Arguments) },
                                        ["thoughtSignature"] = $"{Secret}{i}",
                                    }
                            ),
                        ]),
                    },
                }
            ),
        };

    public override SpokenTurn ReadBack(JsonNode request)
    {
        var contents = request["contents"]!.AsArray();
        var parts = contents.Single(content => (string)content!["role"]! == "model")!["parts"]!.AsArray();
        var calls = parts.Where(part => part!["functionCall"] is not null).Select(part => part!["functionCall"]!).ToList();
        var results = contents
            .SelectMany(content => content!["parts"]!.AsArray())
            .Select(part => part!["functionResponse"])
            .Where(result => result is not null)
            .ToList();
        // This wire pairs results with calls by their order if the calls have no ID.
        Assert.Equal(
            calls.Select(call => ((string)call["name"]!, (string?)call["id"])),
            results.Select(result => ((string)result!["name"]!, (string?)result["id"]))
        );
        return new(
            Text(parts.Where(part => part!["thought"] is not null).Select(part => part!["text"])),
            Text(parts.Where(part => part!["thought"] is null).Select(part => part!["text"])),
            [.. calls.Select(call => ((string)call["name"]!, Compact(call["args"] ?? new JsonObject())))],
            [.. results.Select(result => (string)result!["response"]!["output"]!)]
        );
    }
}
