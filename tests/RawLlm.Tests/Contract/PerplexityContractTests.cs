using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>
/// Perplexity's agents (2026-09): the Responses wire, but members that their schema does not name are rejected.
/// Source: docs.perplexity.ai/docs/agent-api.
/// </summary>
public sealed class PerplexityContractTests
{
    private const string Whole = """
        {"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"incomplete_details":null,"model":"perplexity/sonar",
         "output":[{"type":"search_results","queries":["weather"],"results":[{"id":1,"url":"https://example.org/w","title":"Weather","snippet":"s","source":"web"}]},
                   {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Let me see.[1]","annotations":[]}]},
                   {"type":"function_call","id":"fc_1","status":"completed","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Paris\"}","thought_signature":"c2ln"}],
         "usage":{"input_tokens":31,"output_tokens":5,"total_tokens":36,"cost":{"currency":"USD","input_cost":0.00001,"output_cost":0.00001,"total_cost":0.00002}}}
        """;

    private static WireProtocol Protocol => Providers.Perplexity.Protocol;

    [Fact]
    public async Task Answer_WithSearchResults_IsSentBackWithSchemaMembersOnly()
    {
        using var service = MockService.Json(Whole);
        using var client = service.Client(Providers.Perplexity, "perplexity/sonar");
        var asked = ChatRequest.Ask("Do I need a coat?") with { Tools = [Conversations.Weather] };

        var reply = await client.SendAsync(asked);
        var call = Assert.Single(reply.ToolCalls);
        Assert.Equal((StopReason.ToolUse, "get_weather", 0.00002m), (reply.StopReason, call.Name, reply.Usage!.ReportedCost));
        Assert.Equal("https://example.org/w", Assert.Single(reply.Citations).Url);
        using var next = MockService.Json(Whole);
        using var nextClient = next.Client(Providers.Perplexity, "perplexity/sonar");
        var again = await nextClient.SendAsync(
            asked with
            {
                Messages = [.. asked.Messages, reply.Message, Message.ToolResult(call, "4 °C")],
            }
        );

        JsonAssert.Equal(
            """
            [{"type":"message","role":"user","content":[{"type":"input_text","text":"Do I need a coat?"}]},
             {"type":"message","role":"assistant","content":"Let me see.[1]"},
             {"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Paris\"}","thought_signature":"c2ln"},
             {"type":"function_call_output","call_id":"call_1","name":"get_weather","output":"4 °C"}]
            """,
            System.Text.Json.Nodes.JsonNode.Parse(next.Body)!["input"]!.ToJsonString()
        );
        Assert.Equal(["LeftOut at input[]"], again.Quirks.Select(quirk => quirk.ToString()));
    }

    [Fact]
    public void ReplyFormat_JsonSchema_IsWrittenAsResponseFormat()
    {
        var schema = WrittenRequest.Of(
            Protocol,
            ChatRequest.Ask("Hi") with
            {
                Format = ReplyFormat.JsonSchema("n", """{"type":"object"}"""),
            }
        );
        var some = WrittenRequest.Of(Protocol, ChatRequest.Ask("Hi") with { Format = ReplyFormat.Json });
        var text = WrittenRequest.Of(Protocol, ChatRequest.Ask("Hi") with { Format = ReplyFormat.Text });

        Assert.Equal(
            $$$$"""{{{{{Hi}}}},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}},"store":false}""",
            schema.Body
        );
        Assert.Empty(schema.Quirks);
        Assert.Equal(
            $$$$"""{{{{{Hi}}}},"response_format":{"type":"json_schema","json_schema":{"name":"object","schema":{"type":"object"}}},"store":false}""",
            some.Body
        );
        Assert.Equal(["Adapted at response_format"], some.Quirks.Select(quirk => quirk.ToString()));
        Assert.Equal($$$$"""{{{{{Hi}}}},"store":false}""", text.Body);
    }

    [Fact]
    public void Request_MembersOutsideSchema_AreOmitted()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            User = "u",
            TopLogProbs = 2,
            Thinking = Thinking.Off with { Include = true },
            FrequencyPenalty = 1,
            Stop = ["a"],
        };

        var written = WrittenRequest.Of(Protocol, request, stream: true);

        Assert.Equal($$$$"""{{{{{Hi}}}},"reasoning":{"effort":"minimal"},"store":false,"stream":true}""", written.Body);
        Assert.Equal(
            [
                "LeftOut at logprobs",
                "LeftOut at stop",
                "LeftOut at frequency_penalty",
                "Adapted at reasoning.effort",
                "LeftOut at reasoning.summary",
                "LeftOut at user",
            ],
            written.Quirks.Select(quirk => quirk.ToString())
        );
    }

    [Fact]
    public void Images_InPromptAndToolResult_AreWrittenOnlyInPrompt()
    {
        var picture = new ImagePart(new Uri("https://example.org/a.png"));
        var messages = new[]
        {
            Message.User([picture]),
            new Message(Role.Assistant, [new RefusalPart("No."), new ToolCallPart(new ToolCall("c", "f", "{}"))]),
            new Message(Role.Tool, [new ToolResultPart("c", [new TextPart("r"), picture])]),
        };

        var written = WrittenRequest.Of(Protocol, new ChatRequest { Messages = messages });

        Assert.Equal(
            """{"input":[{"type":"message","role":"user","content":[{"type":"input_image","image_url":"https://example.org/a.png"}]},{"type":"message","role":"assistant","content":"No."},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"}],"store":false}""",
            written.Body
        );
        Assert.Equal(["Adapted at input[].content[]", "LeftOut at input[].output[]"], written.Quirks.Select(quirk => quirk.ToString()));
    }

    [Fact]
    public void HostedTools_WebSearch_IsWrittenToTools()
    {
        var protocol = (ResponsesProtocol)Protocol with { HostedTools = ["""{"type":"web_search"}"""] };

        Assert.Equal(
            $$$$"""{{{{{Hi}}}},"tools":[{"type":"web_search"}],"store":false}""",
            WrittenRequest.Of(protocol, ChatRequest.Ask("Hi")).Body
        );
    }

    private const string Hi =
        "\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"Hi\"}]}]";
}
