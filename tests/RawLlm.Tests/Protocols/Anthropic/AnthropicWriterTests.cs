using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Requests as the Messages wire carries them: settings, system prompts, schemas and addresses.</summary>
public sealed class AnthropicWriterTests
{
    [Fact]
    public void MaxTokens_NotSet_IsSentWithDefault() =>
        AssertBody(ChatRequest.Ask("Why?"), """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""");

    [Fact]
    public void Settings_SomeUnsupported_OnlySupportedAreSent() =>
        AssertBody(
            new ChatRequest
            {
                System = "Be brief.",
                Messages = [Message.User("Why?")],
                MaxTokens = 100,
                Temperature = 0.5,
                TopP = 0.9,
                Stop = ["END", "\n"],
                User = "u1",
                Seed = 7,
                FrequencyPenalty = 1,
                PresencePenalty = 1,
                TopLogProbs = 2,
                ChoiceCount = 2,
                Extra = new Dictionary<string, RawJson> { ["top_k"] = "5" },
            },
            """{"model":"m","max_tokens":100,"system":"Be brief.","messages":[{"role":"user","content":"Why?"}],"temperature":0.5,"top_p":0.9,"stop_sequences":["END","\n"],"metadata":{"user_id":"u1"},"stream":true,"top_k":5}""",
            stream: true,
            quirks: "LeftOut at seed; LeftOut at frequency_penalty; LeftOut at presence_penalty; LeftOut at logprobs; LeftOut at n"
        );

    [Fact]
    public void System_WithCacheMarkOrSeveralTexts_IsSentAsBlocks() =>
        AssertBody(
            new ChatRequest
            {
                System = "One.",
                Messages = [new Message(Role.System, [new TextPart("Two.") { Cache = PromptCache.OneHour }]), Message.User("Why?")],
            },
            """{"model":"m","max_tokens":4096,"system":[{"type":"text","text":"One."},{"type":"text","text":"Two.","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"Why?"}]}"""
        );

    [Fact]
    public void System_SingleSystemMessage_IsSentAsText() =>
        AssertBody(
            new ChatRequest { Messages = [Message.System("One."), Message.User("Why?")] },
            """{"model":"m","max_tokens":4096,"system":"One.","messages":[{"role":"user","content":"Why?"}]}"""
        );

    [Fact]
    public void Version_Of2026_LeavesOutSamplingAndCitationsOfUser()
    {
        const string Cited =
            """{"citations":[{"type":"char_location","cited_text":"a","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}],"other":1}""";
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User(new TextPart("a") { WireData = new("anthropic", Cited) }),
                new Message(Role.Assistant, [new TextPart("b") { WireData = new("anthropic", Cited) }]),
                Message.User("c"),
            ],
            Temperature = 0.2,
            TopP = 0.9,
        };
        AssertBody(
            request,
            $$"""
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"user","content":[{"type":"text","text":"a","other":1}]},
              {"role":"assistant","content":[{"type":"text","text":"b",{{Cited[1..]}}]},
              {"role":"user","content":"c"}]}
            """,
            new AnthropicProtocol { Version = "2026-10-21" },
            quirks: "LeftOut at messages[].content[].citations; LeftOut at temperature; LeftOut at top_p"
        );
        foreach (var dialect in (AnthropicProtocol[])[new(), new() { Version = "2026-10-21", BodyVersion = "vertex-2023-10-16" }])
        {
            using var wire = Write(request, dialect);
            Assert.Empty(wire.Quirks);
        }
    }

    [Fact]
    public void System_InMiddleOfConversation_IsMovedToTopAndRecordsQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User("Why?"), Message.System("Be brief."), Message.User("How?")] },
            """{"model":"m","max_tokens":4096,"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Why?"},{"type":"text","text":"How?"}]}]}""",
            quirks: "Adapted at system"
        );

    [Fact]
    public void Schema_WithEffort_AreBothSentInOutputConfig() =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Thinking = Thinking.Low,
                Format = ReplyFormat.JsonSchema("city", """{"type":"object"}"""),
            },
            """{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}}""",
            quirks: "Adapted at output_config.format.schema"
        );

    [Fact]
    public void Schema_OutputFormatOf2025_IsSentAsSeparateMember()
    {
        var protocol = new AnthropicProtocol
        {
            Format = AnthropicFormat.OutputFormat,
            Betas = ["structured-outputs-2025-11-13", "files-api-2025-04-14"],
        };
        using var wire = Write(ChatRequest.Ask("Why?") with { Format = ReplyFormat.JsonSchema("city", """{"type":"object"}""") }, protocol);
        JsonAssert.Equal(
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"output_format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}""",
            Encoding.UTF8.GetString(wire.Body.Span)
        );
        Assert.Contains(new("anthropic-beta", "structured-outputs-2025-11-13,files-api-2025-04-14"), wire.Headers);
    }

    [Fact]
    public void Format_NotSupported_IsOmittedAndRecordsQuirk()
    {
        const string Plain = """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""";
        AssertBody(ChatRequest.Ask("Why?") with { Format = ReplyFormat.Json }, Plain, quirks: "LeftOut at output_config.format");
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Format = ReplyFormat.JsonSchema("a", "{}"),
            },
            Plain,
            new AnthropicProtocol { Format = AnthropicFormat.None },
            quirks: "LeftOut at output_config.format"
        );
        AssertBody(ChatRequest.Ask("Why?") with { Format = ReplyFormat.Text }, Plain);
    }

    [Fact]
    public void Body_BodyVersionIsSet_ContainsVersionInsteadOfModel()
    {
        using var wire = Write(
            ChatRequest.Ask("Why?"),
            new AnthropicProtocol { BodyVersion = "bedrock-2023-05-31", WritesStream = false },
            stream: true
        );
        JsonAssert.Equal(
            """{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""",
            Encoding.UTF8.GetString(wire.Body.Span)
        );
        Assert.Empty(wire.Headers);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("Messages")]
    [InlineData("max_tokens")]
    [InlineData("stream")]
    public void Extra_ReservedMember_IsRejected(string name) =>
        Assert.Throws<ArgumentException>(() =>
            Body(ChatRequest.Ask("Why?") with { Extra = new Dictionary<string, RawJson> { [name] = "1" } })
        );

    [Theory]
    [InlineData(
        "https://api.anthropic.com/v1/",
        "https://api.anthropic.com/v1/messages",
        "https://api.anthropic.com/v1/messages/count_tokens"
    )]
    [InlineData("http://localhost:8080", "http://localhost:8080/v1/messages", "http://localhost:8080/v1/messages/count_tokens")]
    [InlineData(
        "http://localhost:8000/api/v1",
        "http://localhost:8000/api/v1/messages",
        "http://localhost:8000/api/v1/messages/count_tokens"
    )]
    [InlineData(
        "https://example.org/anthropic/v1/messages",
        "https://example.org/anthropic/v1/messages",
        "https://example.org/anthropic/v1/messages/count_tokens"
    )]
    public void Url_AnyBaseUrl_EndsInMessages(string baseUrl, string messages, string count)
    {
        using var wire = new WireRequest { BaseUrl = new(baseUrl) };
        new AnthropicProtocol().WriteRequest(ChatRequest.Ask("Why?"), stream: false, wire);
        Assert.Equal(messages, wire.Url!.AbsoluteUri);
        using var counting = new WireRequest { BaseUrl = new(baseUrl) };
        Assert.True(new AnthropicProtocol().WriteCountRequest(ChatRequest.Ask("Why?"), counting));
        Assert.Equal(count, counting.Url!.AbsoluteUri);
    }

    [Theory]
    [InlineData("""{"input_tokens":14}""", 14L)]
    [InlineData("""{"context_management":{"input_tokens":1},"input_tokens":14}""", 14L)]
    [InlineData("""{"input_tokens":"14"}""", null)]
    [InlineData("""{"input_tokens":-1}""", null)]
    [InlineData("""{"tokens":14}""", null)]
    [InlineData("""[14]""", null)]
    [InlineData("""<html>""", null)]
    [InlineData("", null)]
    public void ReadCount_EachBody_ReturnsCountOrNull(string body, long? expected) =>
        Assert.Equal(expected, new AnthropicProtocol().ReadCount(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void WriteRequest_SameRequestTwice_WritesSameBytes()
    {
        var request = new ChatRequest
        {
            System = "s",
            Messages = [Message.User("Why?")],
            Tools = [Weather],
            Thinking = Thinking.Low,
        };
        Assert.Equal(Body(request), Body(request));
    }

    [Fact]
    public void UserMessage_OnlyBlankText_IsSentWithPlaceholder() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(" \n"),
                    Message.Assistant("Yes?"),
                    Message.User(new TextPart(""), new TextPart(" ")),
                    Message.Assistant("Well?"),
                    Message.User(""),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"(empty)"},{"role":"assistant","content":"Yes?"},
              {"role":"user","content":[{"type":"text","text":"(empty)"}]},{"role":"assistant","content":"Well?"},{"role":"user","content":"(empty)"}]}
            """,
            quirks: "Adapted at messages[].content[]; Adapted at messages[].content[].text"
        );

    [Fact]
    public void UserMessages_OneIsBlank_OnlyOtherIsSent() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(" "), Message.User("Why?")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Why?"}]}]}""",
            quirks: "Adapted at messages[].content[].text"
        );
}
