using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>Tool names that a model made up, on their way back.</summary>
public sealed class CallNamesTests
{
    private static readonly string Long = new('n', 65);

    public static TheoryData<string, string, string, string> Names =>
        new()
        {
            { "chat", "multi_tool_use.parallel", "multi_tool_use_parallel", "Adapted at messages[].tool_calls[].function.name" },
            { "chat", "$READFILE", "_READFILE", "Adapted at messages[].tool_calls[].function.name" },
            { "chat", "<|channel|>", "__channel__", "Adapted at messages[].tool_calls[].function.name" },
            { "chat", "", "_", "Adapted at messages[].tool_calls[].function.name" },
            { "chat", Long, Long[1..], "Adapted at messages[].tool_calls[].function.name" },
            { "chat", "weather-2_B", "weather-2_B", "" },
            { "chat", "known.name", "known.name", "" },
            {
                "chat with names",
                "browser.open",
                "browser_open",
                "Adapted at messages[].tool_calls[].function.name; Adapted at messages[].name"
            },
            { "responses", "multi_tool_use.parallel", "multi_tool_use_parallel", "Adapted at input[].name" },
            { "responses", "", "_", "Adapted at input[].name" },
            { "responses", "known.name", "known.name", "" },
            { "anthropic", "multi_tool_use.parallel", "multi_tool_use_parallel", "Adapted at messages[].content[].name" },
            { "anthropic", "", "_", "Adapted at messages[].content[].name" },
            { "anthropic", "known.name", "known.name", "" },
            { "converse", "multi_tool_use.parallel", "multi_tool_use_parallel", "Adapted at messages[].content[].toolUse.name" },
            { "converse", "", "_", "Adapted at messages[].content[].toolUse.name" },
            { "gemini", "multi_tool_use.parallel", "multi_tool_use.parallel", "" },
            {
                "gemini",
                "$READFILE",
                "_READFILE",
                "Adapted at contents[].parts[].functionCall.name; Adapted at contents[].parts[].functionResponse.name"
            },
            {
                "gemini",
                "1st",
                "_st",
                "Adapted at contents[].parts[].functionCall.name; Adapted at contents[].parts[].functionResponse.name"
            },
            { "gemini", "", "_", "Adapted at contents[].parts[].functionCall.name; Adapted at contents[].parts[].functionResponse.name" },
            { "ollama", "<|channel|>", "<|channel|>", "" },
        };

    [Theory]
    [MemberData(nameof(Names))]
    public void ToolName_InvalidForService_IsReplacedInCallAndResultUnlessDefined(string wire, string name, string expected, string quirks)
    {
        var written = Written(wire, name, [new ToolDefinition("known.name")]);

        Assert.Equal([expected], NamesIn(JsonNode.Parse(written.Body)!, "tools").Distinct());
        Assert.Equal(quirks, string.Join("; ", written.Quirks));
    }

    [Theory]
    [InlineData("anthropic", "Adapted at messages[].content[].name; Adapted at tools[].name; Adapted at tools")]
    [InlineData(
        "converse",
        "Adapted at messages[].content[].toolUse.name; Adapted at toolConfig.tools[].toolSpec.name; Adapted at toolConfig.tools"
    )]
    public void ToolsOfHistory_InvalidNames_AreRenamedLikeCallsAndListedOnce(string wire, string quirks)
    {
        var first = new ToolCall("c1", "a.b", "{}");
        var second = new ToolCall("c2", "a:b", "{}");
        var written = WrittenRequest.Of(
            Protocol(wire),
            new ChatRequest
            {
                Model = "m",
                Messages =
                [
                    new Message(Role.Assistant, [new ToolCallPart(first), new ToolCallPart(second)]),
                    Message.ToolResults(new ToolResultPart("c1", "x") { Name = "a.b" }, new ToolResultPart("c2", "x") { Name = "a:b" }),
                ],
            }
        );

        Assert.Equal(["a_b", "a_b", "a_b"], NamesIn(JsonNode.Parse(written.Body)!, ""));
        Assert.Equal(quirks, string.Join("; ", written.Quirks));
    }

    private static (string Body, IReadOnlyList<Quirk> Quirks) Written(string wire, string name, ToolDefinition[] tools)
    {
        var call = new ToolCall("c1", name, "{}");
        var written = WrittenRequest.Of(
            Protocol(wire),
            new ChatRequest
            {
                Model = "gemini-2.5-flash",
                Messages =
                [
                    Message.User("?"),
                    new Message(Role.Assistant, [new ToolCallPart(call)]),
                    Message.ToolResult(call, "There is no such function."),
                ],
                Tools = tools,
            }
        );
        return (written.Body, written.Quirks);
    }

    private static WireProtocol Protocol(string wire) =>
        wire switch
        {
            "chat" => new ChatCompletionsProtocol(),
            "chat with names" => new ChatCompletionsProtocol { SendsToolResultName = true },
            "responses" => new ResponsesProtocol(),
            "anthropic" => new AnthropicProtocol(),
            "converse" => new ConverseProtocol(),
            "gemini" => new GeminiProtocol(),
            _ => new OllamaProtocol(),
        };

    // The name of every tool, except those under the given member.
    private static IEnumerable<string> NamesIn(JsonNode node, string passedOver) =>
        node switch
        {
            JsonObject members => members.SelectMany(member =>
                member.Key == passedOver || (member.Key == "toolConfig" && passedOver is not "") ? []
                : member.Key is "name" or "tool_name" ? [(string)member.Value!]
                : member.Value is null ? []
                : NamesIn(member.Value, passedOver)
            ),
            JsonArray items => items.SelectMany(item => NamesIn(item!, passedOver)),
            _ => [],
        };
}
