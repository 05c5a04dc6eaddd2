using System.Text.Json.Nodes;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>Whole conversations with Gemini on its own wire, over HTTP.</summary>
public sealed class GeminiContractTests
{
    private const string Model = "gemini-3-flash";

    // What the model returned; it is sent back unchanged, part by part.
    private const string Parts = """
        [{"text":"Two cities.","thought":true},
         {"text":"I look both up."},
         {"functionCall":{"name":"get_weather","args":{"city":"Paris"},"id":"a1"},"thoughtSignature":"EqQB+/=="},
         {"functionCall":{"name":"get_weather","args":{"city":"Rome"}}},
         {"text":"","thoughtSignature":"c2ln"}]
        """;

    private const string Answer = $$"""
        {"candidates":[{"content":{"parts":{{Parts}},"role":"model"},"finishReason":"STOP","index":0}],
         "usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":12,"thoughtsTokenCount":30,"totalTokenCount":62,"cachedContentTokenCount":4},
         "modelVersion":"gemini-3-flash-001","responseId":"r1"}
        """;

    private const string Events = """
        data: {"candidates":[{"content":{"parts":[{"text":"Two ","thought":true}],"role":"model"},"index":0}],"modelVersion":"gemini-3-flash-001","responseId":"r1"}

        data: {"candidates":[{"content":{"parts":[{"text":"cities.","thought":true},{"text":"I look "}],"role":"model"},"index":0}],"modelVersion":"gemini-3-flash-001","responseId":"r1"}

        data: {"candidates":[{"content":{"parts":[{"text":"both up."},{"functionCall":{"name":"get_weather","args":{"city":"Paris"},"id":"a1"},"thoughtSignature":"EqQB+/=="}],"role":"model"},"index":0}],"responseId":"r1"}

        data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"get_weather","args":{"city":"Rome"}}}],"role":"model"},"index":0}],"responseId":"r1"}

        data: {"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"c2ln"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":12,"thoughtsTokenCount":30,"totalTokenCount":62,"cachedContentTokenCount":4},"responseId":"r1"}


        """;

    private const string Asked = """
        {"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Why is the sky blue?"}]}],
         "generationConfig":{"maxOutputTokens":100,"temperature":0.5,"seed":7}}
        """;

    private static readonly Provider Service = Providers.Gemini with { Credential = Credential.Header("x-goog-api-key", "test-key") };

    private static LlmClient Client(MockService service) => new(Service, Model, null, service.Http);

    [Fact]
    public async Task Send_NonStreamingAnswer_RequestAndReplyMatch()
    {
        using var service = MockService.Json(Answer);
        using var client = Client(service);

        var reply = await client.SendAsync(Conversations.Ask);

        service.AssertRequest(
            """
            POST https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:generateContent
            Accept: application/json
            Content-Type: application/json
            x-goog-api-key: test-key
            """,
            Asked
        );
        Check(reply);
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task Stream_Events_RequestAndReplyMatch()
    {
        using var service = MockService.Sse(Events);
        using var client = Client(service);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse
            Accept-Encoding: identity
            Accept: text/event-stream
            Content-Type: application/json
            x-goog-api-key: test-key
            """,
            Asked
        );
        Check(reply);
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task Stream_JsonArrayInsteadOfEvents_IsRead()
    {
        string[] events = Events.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        using var service = MockService.Json("[" + string.Join(",\n", events.Select(text => text["data: ".Length..])) + "]");
        using var client = Client(service);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        Check(reply);
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task Stream_NonStreamingAnswer_IsReadWithQuirk()
    {
        using var service = MockService.Json(Answer);
        using var client = Client(service);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        Check(reply);
        Assert.Equal([QuirkKind.StreamDowngraded], reply.Quirks.Select(quirk => quirk.Kind));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Conversation_WithReasoningAndTwoToolCalls_SendsAllPartsBack(bool streamed)
    {
        var request = new ChatRequest { Messages = [Message.User("Weather in Paris and Rome?")], Tools = [new("get_weather")] };
        using var first = streamed ? MockService.Sse(Events) : MockService.Json(Answer);
        ChatReply reply;
        using (var client = Client(first))
            reply = streamed ? await (await client.StreamAsync(request)).ReplyAsync() : await client.SendAsync(request);
        var calls = reply.CompletedToolCalls;

        using var second = MockService.Json(
            """{"candidates":[{"content":{"parts":[{"text":"18 and 21."}],"role":"model"},"finishReason":"STOP"}],"responseId":"r2"}"""
        );
        using (var client = Client(second))
        {
            var answer = await client.SendAsync(
                request with
                {
                    Messages =
                    [
                        .. request.Messages,
                        reply.Message,
                        Message.ToolResult(calls[0], "18"),
                        Message.ToolResult(calls[1], """{"degrees":21}"""),
                        Message.User("So?"),
                    ],
                }
            );
            Assert.Equal("18 and 21.", answer.Text);
        }

        JsonAssert.Equal(
            $$$$"""
            {"tools":[{"functionDeclarations":[{"name":"get_weather"}]}],
             "contents":[
               {"role":"user","parts":[{"text":"Weather in Paris and Rome?"}]},
               {"role":"model","parts":{{{{Parts}}}}},
               {"role":"user","parts":[
                 {"functionResponse":{"id":"a1","name":"get_weather","response":{"output":"18"}}},
                 {"functionResponse":{"name":"get_weather","response":{"degrees":21}}}]},
               {"role":"user","parts":[{"text":"So?"}]}]}
            """,
            second.Body
        );
        // Compared byte for byte, not only by structure.
        Assert.Contains("\"thoughtSignature\":\"EqQB+/==\"", second.Body);
    }

    [Fact]
    public async Task Send_BlockedPrompt_ThrowsContentFiltered()
    {
        using var service = MockService.Json(
            """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}"""
        );
        using var client = Client(service);

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("x"));

        Assert.Equal((LlmErrorKind.ContentFiltered, "SAFETY", 7L), (e.Kind, e.ProviderCode, e.Usage!.InputTokens));
        Assert.False(e.IsRetryable);
    }

    [Fact]
    public async Task Send_BlockedPromptWithMessage_ReportsMessage()
    {
        using var service = MockService.Json(
            """{"promptFeedback":{"blockReason":"MODEL_ARMOR","blockReasonMessage":"Blocked by Model Armor\n Floor Setting."}}"""
        );
        using var client = Client(service);

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("x"));

        Assert.Equal("The service blocked the prompt and gave no answer: Blocked by Model Armor Floor Setting.", e.Message);
    }

    [Fact]
    public async Task ListModels_ModelNames_AreUsableInRequests()
    {
        using var service = MockService.Json(
            """
            {"models":[{"name":"models/gemini-2.5-flash","version":"001","displayName":"Gemini 2.5 Flash","inputTokenLimit":1048576,"outputTokenLimit":65536,
              "supportedGenerationMethods":["generateContent","countTokens"]}]}
            """
        );
        using var client = Client(service);

        var model = Assert.Single(await client.ListModelsAsync());

        Assert.Equal(
            ("gemini-2.5-flash", "Gemini 2.5 Flash", 1048576L, 65536L),
            (model.Id, model.Title, model.ContextTokens, model.MaxOutputTokens)
        );
        Assert.StartsWith("GET https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000\n", service.Head);
    }

    [Fact]
    public async Task CountTokens_Prompt_SendsCompleteGenerateContentRequest()
    {
        using var service = MockService.Json("""{"totalTokens":31}""");
        using var client = Client(service);

        Assert.Equal(new TokenCount(31, IsEstimate: false), await client.CountTokensAsync("Hello"));

        service.AssertRequest(
            """
            POST https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:countTokens
            Accept: application/json
            Content-Type: application/json
            x-goog-api-key: test-key
            """,
            """{"generateContentRequest":{"model":"models/gemini-3-flash","contents":[{"role":"user","parts":[{"text":"Hello"}]}]}}"""
        );
    }

    [Fact]
    public void Provider_Gemini_SendsKeyInHeaderNotUrl()
    {
        var provider = Providers.Get("gemini");

        Assert.Equal("GEMINI_API_KEY", provider.Credential.Variable);
        Assert.Equal("https://generativelanguage.googleapis.com/v1beta/", provider.BaseUrl.AbsoluteUri);
        Assert.StartsWith("x-goog-api-key", provider.Credential.ToString());
    }

    private static void Check(ChatReply reply)
    {
        Assert.Equal(
            ("r1", "gemini-3-flash-001", "STOP", StopReason.ToolUse),
            (reply.Id, reply.Model, reply.RawStopReason, reply.StopReason)
        );
        Assert.Equal(("Two cities.", "I look both up."), (reply.Reasoning, reply.Text));
        Assert.Equal(
            (20L, 12L, 62L, 30L, 4L),
            (
                reply.Usage!.InputTokens,
                reply.Usage.OutputTokens,
                reply.Usage.TotalTokens,
                reply.Usage.ReasoningTokens,
                reply.Usage.CachedInputTokens
            )
        );
        Assert.Equal(2, reply.CompletedToolCalls.Count);
        Assert.Equal(
            ("a1", "get_weather", """{"city":"Paris"}"""),
            (reply.ToolCalls[0].Id, reply.ToolCalls[0].Name, reply.ToolCalls[0].Arguments)
        );
        Assert.Equal(9, reply.ToolCalls[1].Id.Length);
    }
}
