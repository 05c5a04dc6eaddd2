using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Cache marks on the Messages wire.</summary>
public sealed class AnthropicCacheMarkTests
{
    [Fact]
    public void CacheMarks_OnPartsAndTools_AreSentWithTtl() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(
                        new TextPart("Long.") { Cache = PromptCache.FiveMinutes },
                        new ImagePart(new Uri("https://example.org/a.png")) { Cache = PromptCache.OneHour }
                    ),
                ],
                Tools = [Weather with { Cache = PromptCache.OneHour }],
            },
            """
            {"model":"m","max_tokens":4096,
             "messages":[{"role":"user","content":[
               {"type":"text","text":"Long.","cache_control":{"type":"ephemeral"}},
               {"type":"image","source":{"type":"url","url":"https://example.org/a.png"},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}],
             "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}
            """
        );

    [Fact]
    public void CacheMarks_NotSupported_AreOmittedAndRecordQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(new TextPart("Long.") { Cache = PromptCache.FiveMinutes })] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Long."}]}]}""",
            new AnthropicProtocol { SupportsCacheMarks = false },
            quirks: "LeftOut at messages[].content[].cache_control"
        );

    [Fact]
    public void CacheMarks_MoreThanFour_OnlyLastFourAreSent() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new Message(Role.System, [new TextPart("S") { Cache = PromptCache.OneHour }]),
                    Message.User(
                        new TextPart("q1") { Cache = PromptCache.FiveMinutes },
                        new TextPart("q2") { Cache = PromptCache.FiveMinutes }
                    ),
                    Message.Assistant("a"),
                    Message.User(new TextPart("q3") { Cache = PromptCache.FiveMinutes }),
                    Message.Assistant("b"),
                    Message.ToolResults(
                        new ToolResultPart("t1", [new TextPart("r") { Cache = PromptCache.FiveMinutes }])
                        {
                            Cache = PromptCache.FiveMinutes,
                        }
                    ),
                ],
                Tools = [Weather with { Cache = PromptCache.OneHour }],
            },
            """
            {"model":"m","max_tokens":4096,"system":[{"type":"text","text":"S"}],
             "messages":[
               {"role":"user","content":[{"type":"text","text":"q1"},{"type":"text","text":"q2","cache_control":{"type":"ephemeral"}}]},
               {"role":"assistant","content":"a"},
               {"role":"user","content":[{"type":"text","text":"q3","cache_control":{"type":"ephemeral"}}]},
               {"role":"assistant","content":"b"},
               {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r","cache_control":{"type":"ephemeral"}}],"cache_control":{"type":"ephemeral"}}]}],
             "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}
            """,
            quirks: "LeftOut at messages[].content[].cache_control; LeftOut at tools[].cache_control"
        );
}
