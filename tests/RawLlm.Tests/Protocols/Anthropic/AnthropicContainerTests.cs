using System.Text;
using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Containers of code execution on the Messages wire.</summary>
public sealed class AnthropicContainerTests
{
    [Fact]
    public void Container_InSeveralAnswers_LatestIsSentAtTopLevel() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("a"),
                    new Message(Role.Assistant, [new TextPart("b"), Container("container_1")]),
                    Message.User("c"),
                    new Message(Role.Assistant, [Container("container_2"), new TextPart("d")]),
                    Message.User("e"),
                    new Message(Role.Assistant, [new TextPart("f")]),
                    Message.User("g"),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"},
              {"role":"user","content":"e"},{"role":"assistant","content":"f"},{"role":"user","content":"g"}],"container":"container_2"}
            """
        );

    [Fact]
    public void Container_OnlyPartOfAnswer_WritesNoEmptyMessage() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), new Message(Role.Assistant, [Container("container_1")]), Message.User("b")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"container":"container_1"}""",
            quirks: "LeftOut at messages[]"
        );

    [Theory]
    [InlineData("container")]
    [InlineData("Container")]
    public void Container_SetInExtra_IsSentUnchanged(string name)
    {
        string body = Body(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("a"),
                    new Message(Role.Assistant, [new TextPart("b"), Container("container_1")]),
                    Message.User("c"),
                ],
                Extra = new Dictionary<string, RawJson> { [name] = """{"skills":[]}""" },
            }
        );

        Assert.Contains($"\"{name}\":{{\"skills\":[]}}", body, StringComparison.Ordinal);
        Assert.DoesNotContain("container_1", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Container_NotSupportedByService_IsOmittedAndRecordsQuirk() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("a"),
                    new Message(Role.Assistant, [new TextPart("b"), Container("container_1")]),
                    Message.User("c"),
                ],
            },
            """{"anthropic_version":"vertex-2023-10-16","max_tokens":4096,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]}""",
            new AnthropicProtocol { BodyVersion = "vertex-2023-10-16" },
            quirks: "LeftOut at container"
        );

    [Fact]
    public void Container_InAnswer_IsSentWithNextRequest()
    {
        byte[] answer =
            """{"id":"m1","type":"message","role":"assistant","model":"x","content":[{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{},"caller":{"type":"code_execution_20250825","tool_id":"srvtoolu_1"}}],"stop_reason":"tool_use","container":{"expires_at":"2026-11-21T12:00:00Z","id":"container_1"}}"""u8.ToArray();
        var reply = Support.Decoded.Whole(new AnthropicProtocol(), answer).Reply;
        var request = new ChatRequest
        {
            Messages = [Message.User("a"), reply.Choices[0].Message, Message.ToolResult(reply.ToolCalls[0], "1")],
            Tools = [Weather],
        };

        Assert.EndsWith(",\"container\":\"container_1\"}", Body(request), StringComparison.Ordinal);
        using var other = new WireRequest { BaseUrl = new("https://example.org/v1/") };
        new ChatCompletionsProtocol().WriteRequest(request with { Model = "m" }, stream: false, other);
        Assert.DoesNotContain("container", Encoding.UTF8.GetString(other.Body.Span), StringComparison.Ordinal);
    }

    private static OpaquePart Container(string id) =>
        new(new("anthropic", RawJson.Parse($$$"""{"container":{"id":"{{{id}}}","expires_at":"2026-11-21T12:00:00Z"}}""")));
}
