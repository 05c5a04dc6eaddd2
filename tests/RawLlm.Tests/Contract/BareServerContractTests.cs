using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>A server of which only the address is known.</summary>
public sealed class BareServerContractTests
{
    private const string Answer =
        """{"id":"1","model":"local","choices":[{"index":0,"message":{"role":"assistant","content":"Scattering."},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}""";

    [Fact]
    public async Task Send_NoKey_SendsPlaceholder()
    {
        using var service = MockService.Json(Answer);
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9000"), "local", null, service.Http);

        var reply = await client.SendAsync(Conversations.Ask);

        service.AssertRequest(
            """
            POST http://127.0.0.1:9000/v1/chat/completions
            Accept: application/json
            Authorization: Bearer not-needed
            Content-Type: application/json
            """,
            """
            {"model":"local",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal((5L, 2L, 7L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Send_NoCredential_SendsNoAuthorizationHeader()
    {
        using var service = MockService.Json(Answer);
        var provider = Providers.OpenAICompatible("http://127.0.0.1:9000/v1/") with { Credential = Credential.None };
        using var client = new LlmClient(provider, "local", null, service.Http);

        await client.SendAsync("Hello");

        service.AssertRequest(
            """
            POST http://127.0.0.1:9000/v1/chat/completions
            Accept: application/json
            Content-Type: application/json
            """,
            """{"model":"local","messages":[{"role":"user","content":"Hello"}]}"""
        );
    }

    [Fact]
    public async Task Send_WithKey_SendsAuthorizationHeader()
    {
        using var service = MockService.Json(Answer);
        using var client = new LlmClient(
            Providers.OpenAICompatible("https://llm.example.org/proxy/v1", "secret-1"),
            "local",
            null,
            service.Http
        );

        await client.SendAsync("Hello");

        service.AssertRequest(
            """
            POST https://llm.example.org/proxy/v1/chat/completions
            Accept: application/json
            Authorization: Bearer secret-1
            Content-Type: application/json
            """,
            """{"model":"local","messages":[{"role":"user","content":"Hello"}]}"""
        );
    }

    [Fact]
    public async Task Send_RequestSetsModelAndHeaders_OverridesClient()
    {
        using var service = MockService.Json(Answer);
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9000"), "local", null, service.Http);

        await client.SendAsync(
            ChatRequest.Ask("Hello") with
            {
                Model = "other",
                Headers = new Dictionary<string, string> { ["x-litellm-tags"] = "a,b" },
            }
        );

        service.AssertRequest(
            """
            POST http://127.0.0.1:9000/v1/chat/completions
            Accept: application/json
            Authorization: Bearer not-needed
            Content-Type: application/json
            x-litellm-tags: a,b
            """,
            """{"model":"other","messages":[{"role":"user","content":"Hello"}]}"""
        );
    }

    [Fact]
    public async Task Stream_Answer_RequestAndReplyMatch()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"1","model":"local","choices":[{"index":0,"delta":{"content":"Scat"}}]}

            data: {"id":"1","model":"local","choices":[{"index":0,"delta":{"content":"tering."},"finish_reason":"stop"}]}

            data: [DONE]


            """
        );
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9000"), "local", null, service.Http);

        string text = "";
        await foreach (string piece in client.StreamTextAsync("Hello"))
            text += piece;

        service.AssertRequest(
            """
            POST http://127.0.0.1:9000/v1/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer not-needed
            Content-Type: application/json
            """,
            """{"model":"local","messages":[{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true}}"""
        );
        Assert.Equal("Scattering.", text);
    }

    [Fact]
    public async Task Send_ToolTurn_SendsDefinitionsCallsAndResults()
    {
        using var service = MockService.Json(Answer);
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9000"), "local", null, service.Http);

        await client.SendAsync(
            Conversations.AnswerTools(new ToolCallPart(new ToolCall("1", "get_weather", """{"city":"Paris"}"""))) with
            {
                ToolChoice = ToolChoice.Auto,
            }
        );

        JsonAssert.Equal(
            """
            {"model":"local","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"1","content":"18 degrees"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"auto"}
            """,
            service.Body
        );
    }

    [Fact]
    public async Task Send_ImagesAndSchema_AreSent()
    {
        using var service = MockService.Json(Answer);
        using var client = new LlmClient(Providers.OpenAICompatible("http://127.0.0.1:9000"), "local", null, service.Http);

        await client.SendAsync(Conversations.Look with { Format = Conversations.Structured.Format });

        JsonAssert.Equal(
            """
            {"model":"local","messages":[{"role":"user","content":[
              {"type":"text","text":"Compare."},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},
              {"type":"image_url","image_url":{"url":"https://example.org/cat.jpg?size=1","detail":"low"}}]}],
             "response_format":{"type":"json_schema","json_schema":{"name":"city",
               "schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false},"strict":true}}}
            """,
            service.Body
        );
    }
}
