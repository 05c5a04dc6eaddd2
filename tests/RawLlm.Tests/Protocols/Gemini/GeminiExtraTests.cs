using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Gemini.GeminiRequests;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Extra members of a request on the Gemini wire.</summary>
public sealed class GeminiExtraTests
{
    [Fact]
    public void Extra_WithOtherMembers_IsMergedWithRequest()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Temperature = 1,
                Tools = [new("now")],
                ToolChoice = ToolChoice.Auto,
                Extra = new Dictionary<string, RawJson>
                {
                    ["safetySettings"] = """[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]""",
                    ["generationConfig"] = """{"topK":40,"responseModalities":["TEXT"]}""",
                    ["tools"] = """[{"googleSearch":{}},{"codeExecution":{}}]""",
                    ["tool_config"] = """{"includeServerSideToolInvocations":true}""",
                    ["cachedContent"] = "\"cachedContents/1\"",
                },
            }
        );

        JsonAssert.Equal(
            """
            {"tools":[{"functionDeclarations":[{"name":"now"}]},{"googleSearch":{}},{"codeExecution":{}}],
             "toolConfig":{"functionCallingConfig":{"mode":"AUTO"},"includeServerSideToolInvocations":true},
             "contents":[{"role":"user","parts":[{"text":"x"}]}],
             "generationConfig":{"temperature":1,"topK":40,"responseModalities":["TEXT"]},
             "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
             "cachedContent":"cachedContents/1"}
            """,
            written.Body
        );
    }

    [Fact]
    public void Extra_WithoutRequestSettings_IsWritten()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Extra = new Dictionary<string, RawJson>
                {
                    ["generationConfig"] = """{"topK":40}""",
                    ["tools"] = """[{"googleSearch":{}}]""",
                },
            }
        );

        JsonAssert.Equal(
            """{"tools":[{"googleSearch":{}}],"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"topK":40}}""",
            written.Body
        );
    }

    [Theory]
    [InlineData("contents", "[]")]
    [InlineData("model", "\"x\"")]
    [InlineData("system_instruction", "{}")]
    [InlineData("generationConfig", """{"temperature":0}""")]
    [InlineData("generation_config", """{"max_output_tokens":1}""")]
    [InlineData("toolConfig", """{"functionCallingConfig":{}}""")]
    [InlineData("tools", "{}")]
    [InlineData("generationConfig", "[]")]
    public void Extra_DuplicatesRequestMember_IsRejected(string name, string value) =>
        Assert.Throws<ArgumentException>(() =>
            Write(
                new ChatRequest
                {
                    System = "s",
                    Messages = [Message.User("x")],
                    Temperature = 1,
                    MaxTokens = 5,
                    Tools = [new("now")],
                    ToolChoice = ToolChoice.Auto,
                    Extra = new Dictionary<string, RawJson> { [name] = value },
                }
            )
        );

    [Theory]
    [InlineData("generationConfig", """{"topK":1,"top_k":2}""", "top_k")]
    [InlineData("toolConfig", """{"retrievalConfig":{},"retrievalConfig":{}}""", "retrievalConfig")]
    public void Extra_ContainsMemberTwice_IsRejected(string name, string value, string member)
    {
        var e = Assert.Throws<ArgumentException>(() =>
            Write(
                new ChatRequest
                {
                    Messages = [Message.User("x")],
                    Extra = new Dictionary<string, RawJson> { [name] = value },
                }
            )
        );

        Assert.Contains($"'{name}' contains '{member}' twice", e.Message, StringComparison.Ordinal);
    }
}
