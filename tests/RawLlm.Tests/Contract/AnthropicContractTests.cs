using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Contract;

/// <summary>Whole conversations with Anthropic's service, over HTTP.</summary>
public sealed class AnthropicContractTests : IDisposable
{
    private const string Thoughts = """{"type":"thinking","thinking":"Two cities.","signature":"EqQB+/=="}""";

    private const string Content = $$"""
        [{{Thoughts}},
         {"type":"redacted_thinking","data":"EmwKAhgB"},
         {"type":"text","text":"I look both up."},
         {"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"city":"Paris"} },
         {"type":"tool_use","id":"toolu_2","name":"get_weather","input":{"city":"Rome"} }]
        """;

    private const string Answer = $$"""
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":{{Content}},"stop_reason":"tool_use","stop_sequence":null,
         "usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":7,"output_tokens":50} }
        """;

    private const string Streamed = """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":7,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

        event: ping
        data: {"type": "ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Two "}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"cities."}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB+/=="}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"EmwKAhgB"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":1}

        event: content_block_start
        data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"I look both up."}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":2}

        event: content_block_start
        data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"\"Paris\"}"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":3}

        event: content_block_start
        data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_2","name":"get_weather","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"city\":\"Rome\"}"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":4}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":50}}

        event: message_stop
        data: {"type":"message_stop"}


        """;

    private static readonly ToolDefinition Weather = new(
        "get_weather",
        "Tells the weather.",
        """{"type":"object","properties":{"city":{"type":"string"}}}"""
    );

    private readonly MockHttpMessageHandler _mock = new();
    private readonly List<(HttpRequestMessage Request, string Body)> _sent = [];

    public void Dispose() => _mock.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Conversation_WithReasoningAndTwoToolCalls_SendsAllBlocksBack(bool stream)
    {
        Expect("https://api.anthropic.com/v1/messages", stream ? Streamed : Answer, stream ? "text/event-stream" : "application/json");
        Expect(
            "https://api.anthropic.com/v1/messages",
            """{"id":"msg_2","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"Paris 18, Rome 25."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":90,"output_tokens":9}}""",
            "application/json"
        );
        using var client = Client();
        var request = new ChatRequest
        {
            Messages = [Message.User("Weather in Paris and Rome?")],
            Tools = [Weather],
            MaxTokens = 1000,
            Thinking = Thinking.Low,
        };

        var reply = stream ? await (await client.StreamAsync(request)).ReplyAsync() : await client.SendAsync(request);

        Assert.True(reply.IsComplete);
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
        Assert.Equal("Two cities.", reply.Reasoning);
        Assert.Equal("I look both up.", reply.Text);
        Assert.Equal(["toolu_1", "toolu_2"], reply.CompletedToolCalls.Select(call => call.Id));
        Assert.Equal(["Paris", "Rome"], reply.CompletedToolCalls.Select(call => call.ReadArguments().Text("city")));
        Assert.Equal(
            new Usage
            {
                InputTokens = 20,
                OutputTokens = 50,
                CachedInputTokens = 7,
                CacheWriteTokens = 0,
            },
            reply.Usage
        );
        Assert.Empty(reply.Quirks);

        var next = request with
        {
            Messages =
            [
                .. request.Messages,
                reply.Message,
                Message.ToolResult(reply.ToolCalls[0], "18 degrees"),
                Message.ToolResult(reply.ToolCalls[1], "25 degrees"),
            ],
        };
        Assert.Equal("Paris 18, Rome 25.", (await client.SendAsync(next)).Text);

        _mock.VerifyNoOutstandingExpectation();
        JsonAssert.Equal(
            $$"""
            {"model":"claude-x","max_tokens":1000,"messages":[{"role":"user","content":"Weather in Paris and Rome?"}],
             "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"} } } }],
             "thinking":{"type":"adaptive"},"output_config":{"effort":"low"}{{(stream ? ",\"stream\":true" : "")}} }
            """,
            _sent[0].Body
        );
        var messages = JsonNode.Parse(_sent[1].Body)!["messages"]!;
        JsonAssert.Equal(Content, messages[1]!["content"]!.ToJsonString());
        JsonAssert.Equal(
            """[{"type":"tool_result","tool_use_id":"toolu_1","content":"18 degrees"},{"type":"tool_result","tool_use_id":"toolu_2","content":"25 degrees"}]""",
            messages[2]!["content"]!.ToJsonString()
        );
        // Signed content is compared byte by byte.
        Assert.Contains(Thoughts, _sent[1].Body, StringComparison.Ordinal);
        Assert.Contains("""{"type":"redacted_thinking","data":"EmwKAhgB"}""", _sent[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ToAnthropic_SendsKeyAndVersionHeaders()
    {
        Expect("https://api.anthropic.com/v1/messages", Answer, "application/json");
        using var client = Client();
        await client.SendAsync("Why?");
        var headers = _sent[0].Request.Headers;
        Assert.Equal("test-key", Assert.Single(headers.GetValues("x-api-key")));
        Assert.Equal("2023-06-01", Assert.Single(headers.GetValues("anthropic-version")));
        Assert.False(headers.Contains("Authorization"));
        Assert.False(headers.Contains("anthropic-beta"));
    }

    [Fact]
    public async Task Turn_PausedByService_IsSentBackUnchanged()
    {
        const string Search = """{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"x"}}""";
        Expect(
            "https://api.anthropic.com/v1/messages",
            $$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{{Search}}],"stop_reason":"pause_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1} }""",
            "application/json"
        );
        Expect("https://api.anthropic.com/v1/messages", Answer, "application/json");
        using var client = Client();
        var reply = await client.SendAsync("Search.");
        Assert.Equal(StopReason.Paused, reply.StopReason);
        Assert.Empty(reply.ToolCalls);
        await client.SendAsync(new ChatRequest { Messages = [Message.User("Search."), reply.Message] });
        Assert.Contains($$"""{"role":"assistant","content":[{{Search}}]}""", _sent[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CountTokens_Request_SendsPromptAndReturnsCount()
    {
        Expect("https://api.anthropic.com/v1/messages/count_tokens", """{"input_tokens":2095}""", "application/json");
        using var client = Client();
        var count = await client.CountTokensAsync(
            new ChatRequest
            {
                System = "Be brief.",
                Messages = [Message.User("Why?")],
                Tools = [Weather],
                MaxTokens = 100,
                Temperature = 0,
                Stop = ["x"],
                User = "u",
                Thinking = Thinking.Budget(2000),
                Extra = new Dictionary<string, RawJson> { ["top_k"] = "5" },
            }
        );
        Assert.Equal(new TokenCount(2095, IsEstimate: false), count);
        JsonAssert.Equal(
            """{"model":"claude-x","system":"Be brief.","messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}],"thinking":{"type":"enabled","budget_tokens":2000}}""",
            _sent[0].Body
        );
        Assert.Equal("test-key", Assert.Single(_sent[0].Request.Headers.GetValues("x-api-key")));
        Assert.Equal("2023-06-01", Assert.Single(_sent[0].Request.Headers.GetValues("anthropic-version")));
    }

    [Fact]
    public async Task CountTokens_UnexpectedResponse_ThrowsLlmException()
    {
        Expect("https://api.anthropic.com/v1/messages/count_tokens", """{"count":1}""", "application/json");
        using var client = Client();
        var e = await Assert.ThrowsAsync<LlmException>(() => client.CountTokensAsync("Why?"));
        Assert.Equal(LlmErrorKind.MalformedResponse, e.Kind);
        Assert.Equal("anthropic", e.Provider);
    }

    [Fact]
    public async Task ListModels_Anthropic_ReturnsModels()
    {
        Expect(
            "https://api.anthropic.com/v1/models?limit=1000",
            """{"data":[{"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2026-01-01T00:00:00Z"}],"has_more":false,"first_id":"claude-x","last_id":"claude-x"}""",
            "application/json"
        );
        using var client = Client();
        Assert.Equal("claude-x", Assert.Single(await client.ListModelsAsync()).Id);
        Assert.Equal("2023-06-01", Assert.Single(_sent[0].Request.Headers.GetValues("anthropic-version")));
    }

    [Fact]
    public async Task CompatibleServer_WithoutKey_SendsPlaceholderKey()
    {
        Expect("http://localhost:12346/v1/messages", Answer, "application/json");
        using var client = new LlmClient(Providers.AnthropicCompatible("http://localhost:12346"), "claude-x", null, _mock.ToHttpClient());
        await client.SendAsync("Why?");
        Assert.Equal("not-needed", Assert.Single(_sent[0].Request.Headers.GetValues("x-api-key")));
    }

    private LlmClient Client() =>
        new(Providers.Anthropic with { Credential = Credential.Header("x-api-key", "test-key") }, "claude-x", null, _mock.ToHttpClient());

    private void Expect(string url, string answer, string mediaType) =>
        _mock
            .Expect(url)
            .Respond(async request =>
            {
                _sent.Add((request, request.Content is null ? "" : await request.Content.ReadAsStringAsync()));
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer, Encoding.UTF8, mediaType) };
            });
}
