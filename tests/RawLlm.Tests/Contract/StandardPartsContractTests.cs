using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>Parts that services with deviations elsewhere accept as the specification of chat completions defines them.</summary>
public sealed class StandardPartsContractTests
{
    [Theory]
    [InlineData("groq", "meta-llama/llama-4-scout-17b-16e-instruct")]
    [InlineData("mistral", "mistral-small-latest")]
    [InlineData("vllm", "Qwen/Qwen3-8B")]
    [InlineData("gemini-compatible", "gemini-2.5-flash")]
    [InlineData("glm", "glm-4.5v")]
    public async Task Send_Images_AreSentInStandardFormat(string provider, string model)
    {
        using var service = MockService.Json(
            """{"id":"g","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Cats."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Get(provider), model);

        var reply = await client.SendAsync(Conversations.Look);

        JsonAssert.Equal(
            """
            {"model":"MODEL","messages":[{"role":"user","content":[
              {"type":"text","text":"Compare."},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},
              {"type":"image_url","image_url":{"url":"https://example.org/cat.jpg?size=1","detail":"low"}}]}]}
            """.Replace("MODEL", model, StringComparison.Ordinal),
            service.Body
        );
        Assert.Equal("Cats.", reply.Text);
    }

    [Theory]
    [InlineData("groq", "openai/gpt-oss-20b")]
    [InlineData("mistral", "mistral-small-latest")]
    [InlineData("vllm", "Qwen/Qwen3-8B")]
    [InlineData("gemini-compatible", "gemini-2.5-flash")]
    public async Task Send_JsonSchema_IsSentAsResponseFormat(string provider, string model)
    {
        using var service = MockService.Json(
            """{"id":"g","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"name\":\"Paris\"}"},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Get(provider), model);

        var reply = await client.SendAsync(Conversations.Structured);

        JsonAssert.Equal(
            """
            {"model":"MODEL","messages":[{"role":"user","content":"Name a city, as JSON."}],
             "response_format":{"type":"json_schema","json_schema":{"name":"city",
               "schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false},"strict":true}}}
            """.Replace("MODEL", model, StringComparison.Ordinal),
            service.Body
        );
        Assert.Equal("""{"name":"Paris"}""", reply.Text);
    }
}
