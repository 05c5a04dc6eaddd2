using System.Text.Json.Nodes;

namespace RawLlm.Tests.Tools;

/// <summary>Answers of a model in chat completions.</summary>
internal static class Say
{
    public static string Text(string text, string finish = "stop") =>
        Answer(new JsonObject { ["role"] = "assistant", ["content"] = text }, finish);

    public static string Calls(params (string Id, string Name, string Arguments)[] calls) => Calls("tool_calls", calls);

    public static string Calls(string finish, params (string Id, string Name, string Arguments)[] calls) =>
        Answer(new JsonObject { ["role"] = "assistant", ["tool_calls"] = List(calls, isStream: false) }, finish);

    public static string StreamedText(params string[] pieces) =>
        string.Concat(pieces.Select(piece => Chunk(new JsonObject { ["content"] = piece }, null))) + Chunk([], "stop") + "data: [DONE]\n\n";

    public static string StreamedCalls(params (string Id, string Name, string Arguments)[] calls) =>
        Chunk(new JsonObject { ["tool_calls"] = List(calls, isStream: true) }, null) + Chunk([], "tool_calls") + "data: [DONE]\n\n";

    private static JsonArray List((string Id, string Name, string Arguments)[] calls, bool isStream)
    {
        var list = new JsonArray();
        foreach (var (id, name, arguments) in calls)
        {
            var call = new JsonObject
            {
                ["id"] = id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
            };
            if (isStream)
                call["index"] = list.Count;
            list.Add((JsonNode)call);
        }
        return list;
    }

    private static string Answer(JsonObject message, string finish) =>
        new JsonObject
        {
            ["id"] = "c",
            ["model"] = "m",
            ["choices"] = new JsonArray(
                new JsonObject
                {
                    ["index"] = 0,
                    ["message"] = message,
                    ["finish_reason"] = finish,
                }
            ),
            ["usage"] = new JsonObject
            {
                ["prompt_tokens"] = 10,
                ["completion_tokens"] = 5,
                ["total_tokens"] = 15,
            },
        }.ToJsonString();

    private static string Chunk(JsonObject delta, string? finish) =>
        "data: "
        + new JsonObject
        {
            ["id"] = "c",
            ["model"] = "m",
            ["choices"] = new JsonArray(
                new JsonObject
                {
                    ["index"] = 0,
                    ["delta"] = delta,
                    ["finish_reason"] = finish,
                }
            ),
        }.ToJsonString()
        + "\n\n";
}
