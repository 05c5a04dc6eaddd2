using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>
/// Conversations that move between services of one wire: content that only its own service can verify is sent to no other service.
/// </summary>
public sealed class OriginContractTests
{
    private const string Claude = """
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"thinking","thinking":"Hm.","signature":"EqQB+/=="},{"type":"redacted_thinking","data":"EmwKAhgB"},
         {"type":"text","text":"Blue."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":2,"output_tokens":5} }
        """;

    private const string StreamedClaude = """
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":2,"output_tokens":1}}}

        data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}

        data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB+/=="}}

        data: {"type":"content_block_stop","index":0}

        data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Blue."}}

        data: {"type":"content_block_stop","index":1}

        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}

        data: {"type":"message_stop"}


        """;

    private const string Responses = """
        {"id":"resp_1","object":"response","status":"completed","model":"gpt-x","output":[{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA="},
         {"id":"ctc_1","type":"custom_tool_call","status":"completed","call_id":"call_1","name":"shell","input":"ls"},
         {"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Blue.","annotations":[]}]}],"usage":{"input_tokens":2,"output_tokens":5,"total_tokens":7} }
        """;

    private const string Chat = """
        {"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"Blue.","reasoning":"Hm.",
         "reasoning_details":[{"type":"reasoning.text","text":"Hm.","signature":"s==","format":"anthropic-claude-v1","index":0}],
         "tool_calls":[{"index":0,"id":"call_1","type":"custom","custom":{"name":"shell","input":"ls"} }]} }],"usage":{"prompt_tokens":2,"completion_tokens":5,"total_tokens":7} }
        """;

    private const string Gemini = """
        {"candidates":[{"index":0,"finishReason":"STOP","content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1},"id":"g1"},"thoughtSignature":"c2ln"}]} }],
         "usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":5,"totalTokenCount":7},"modelVersion":"gemini-3.5-flash"}
        """;

    private static readonly Provider DeepSeek = Providers.AnthropicCompatible("https://api.deepseek.com/anthropic/v1");

    private static readonly Provider AzureResponses = Providers.AzureOpenAIAt(new("https://res.openai.azure.com")) with
    {
        Protocol = new ResponsesProtocol(),
    };

    private static readonly Provider Vertex = new(
        "vertex",
        new("https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/"),
        new GeminiProtocol(),
        Credential.Bearer("k")
    );

    [Theory]
    [InlineData("anthropic", "deepseek")]
    [InlineData("deepseek", "anthropic")]
    public async Task Anthropic_ReasoningOfOtherService_IsOmitted(string from, string to)
    {
        var (body, quirks) = await MoveAsync(
            from == "anthropic" ? Providers.Anthropic : DeepSeek,
            Claude,
            to == "anthropic" ? Providers.Anthropic : DeepSeek,
            Claude
        );

        JsonAssert.Equal(
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":[{"type":"text","text":"Blue."}]},{"role":"user","content":"Go on."}]}""",
            body
        );
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "messages[].content[]")], quirks);
    }

    [Theory]
    [InlineData("anthropic", "anthropic")]
    [InlineData("bedrock-invoke", "anthropic")]
    [InlineData("deepseek", "deepseek")]
    public async Task Anthropic_ReasoningOfSameOrigin_IsSentBack(string from, string to)
    {
        Provider Of(string name) => name == "deepseek" ? DeepSeek : Providers.Get(name);
        var (body, quirks) = await MoveAsync(Of(from), Claude, Of(to), Claude);

        JsonAssert.Equal(
            """
            {"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"},
             {"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"EqQB+/=="},{"type":"redacted_thinking","data":"EmwKAhgB"},{"type":"text","text":"Blue."}]},{"role":"user","content":"Go on."}]}
            """,
            body
        );
        Assert.Empty(quirks);
    }

    [Fact]
    public async Task Anthropic_StreamedReasoning_RecordsOrigin()
    {
        using var service = MockService.Sse(StreamedClaude);
        using var client = service.Client(Providers.Anthropic, "m");
        await using var stream = await client.StreamAsync("Why?");
        var answer = new ReplyBuilder();
        var updates = new List<StreamUpdate>();
        await foreach (var e in stream)
        {
            answer.Add(e);
            updates.Add(e.ToUpdate());
        }

        Assert.Equal("anthropic", answer.Build().Message.Parts[0].WireData!.Origin);
        Assert.All(updates, update => Assert.Equal(update.Kind == StreamEventKind.WireData ? "anthropic" : null, update.Origin));
        Assert.Single(updates, update => update.Origin is not null);
    }

    [Fact]
    public async Task Responses_ItemsOfOtherService_AreOmittedExceptToolCalls()
    {
        var (body, quirks) = await MoveAsync(Providers.OpenAIResponses, Responses, AzureResponses, Responses);

        JsonAssert.Equal(
            """
            {"model":"m","store":false,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Why?"}]},{"type":"custom_tool_call","call_id":"call_1","name":"shell","input":"ls"},
             {"type":"message","role":"assistant","content":"Blue."},{"type":"message","role":"user","content":[{"type":"input_text","text":"Go on."}]}]}
            """,
            body
        );
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "input[]"), quirks);
        var (same, none) = await MoveAsync(AzureResponses, Responses, AzureResponses, Responses);
        Assert.Contains("\"encrypted_content\":\"gAAA=\"", same, StringComparison.Ordinal);
        Assert.Contains("\"id\":\"msg_1\"", same, StringComparison.Ordinal);
        Assert.Empty(none);
    }

    [Fact]
    public async Task ChatCompletions_DetailsOfOtherService_AreOmittedExceptToolCalls()
    {
        var (body, quirks) = await MoveAsync(Providers.OpenRouter, Chat, Providers.OpenAI, Chat);

        JsonAssert.Equal(
            """
            {"model":"m","messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":"Blue.","tool_calls":[{"id":"call_1","type":"custom","custom":{"name":"shell","input":"ls"} }]},{"role":"user","content":"Go on."}]}
            """,
            body
        );
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "messages[].reasoning"), quirks);
        var (same, _) = await MoveAsync(Providers.OpenRouter, Chat, Providers.OpenRouter, Chat);
        Assert.Contains("\"signature\":\"s==\"", same, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gemini_SignatureOfOtherService_IsReplaced()
    {
        var (body, quirks) = await MoveAsync(Vertex, Gemini, Providers.Gemini, Gemini);

        JsonAssert.Equal(
            """
            {"contents":[{"role":"user","parts":[{"text":"Why?"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1} },"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="}]},{"role":"user","parts":[{"text":"Go on."}]}]}
            """,
            body
        );
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "contents[].parts[]"), quirks);
    }

    [Fact]
    public async Task FallbackChain_SwitchesService_OmitsReasoningOfFirstService()
    {
        using var first = MockService.Json(Claude);
        using var down = MockService.Json(
            """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""",
            (System.Net.HttpStatusCode)529
        );
        using var second = MockService.Json(Claude);
        using var asked = first.Client(Providers.Anthropic, "m");
        using var failing = down.Client(Providers.Anthropic, "m");
        using var other = second.Client(DeepSeek, "m");
        Message said = (await asked.SendAsync("Why?")).Message;

        var reply = await new FallbackChain([failing, other]).SendAsync(
            new ChatRequest { Messages = [Message.User("Why?"), said, Message.User("Go on.")] }
        );

        Assert.Contains("EqQB+/==", down.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("EqQB+/==", second.Body, StringComparison.Ordinal);
        Assert.Equal("api.deepseek.com", reply.Message.Parts[0].WireData!.Origin);
    }

    /// <summary>A stored answer is still sent only to its own service; one stored without an origin counts as the service's own.</summary>
    [Theory]
    [InlineData(",\"origin\":\"anthropic\"", false)]
    [InlineData("", true)]
    public async Task Stored_Conversation_KeepsItsOrigin(string origin, bool goesBack)
    {
        string stored =
            """[{"role":"user","parts":[{"type":"text","text":"Why?"}]},{"role":"assistant","parts":[{"type":"reasoning","text":"Hm.","wire":{"protocol":"anthropic","origin":"anthropic","json":{"signature":"EqQB+/=="}}},{"type":"text","text":"Blue."}]}]""".Replace(
                ",\"origin\":\"anthropic\"",
                origin,
                StringComparison.Ordinal
            );
        var messages = Conversation.Read(System.Text.Encoding.UTF8.GetBytes(stored));
        Assert.Equal(stored, System.Text.Encoding.UTF8.GetString(Conversation.Write(messages)));

        using var service = MockService.Json(Claude);
        using var client = service.Client(DeepSeek, "m");
        await client.SendAsync(new ChatRequest { Messages = [.. messages, Message.User("Go on.")] });

        Assert.Equal(goesBack, service.Body.Contains("EqQB+/==", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Container_OfOtherService_IsOmitted()
    {
        var message = new Message(
            Role.Assistant,
            [new TextPart("Ran."), new OpaquePart(new("anthropic", """{"container":{"id":"container_1"}}""") { Origin = "anthropic" })]
        );
        using var service = MockService.Json(Claude);
        using var client = service.Client(DeepSeek, "m");
        var reply = await client.SendAsync(new ChatRequest { Messages = [Message.User("Run."), message, Message.User("Go on.")] });

        JsonAssert.Equal(
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Run."},{"role":"assistant","content":"Ran."},{"role":"user","content":"Go on."}]}""",
            service.Body
        );
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "container")], reply.Quirks);
    }

    [Fact]
    public void Origin_NotSet_IsServiceOrHost()
    {
        Assert.Equal(
            ("anthropic", "anthropic", "bedrock"),
            (Providers.Anthropic.Origin, Providers.BedrockInvokeIn("eu-west-1").Origin, Providers.BedrockIn("eu-west-1").Origin)
        );
        Assert.Equal(Providers.OpenAI.Origin, Providers.OpenAIResponses.Origin);
        Assert.Equal(("api.openai.com", "res.openai.azure.com"), (Providers.OpenAI.Origin, AzureResponses.Origin));
        Assert.Equal("localhost:8000", Providers.Vllm.Origin);
        var gateway = Providers.Anthropic with { BaseUrl = new("https://llm.example.org/v1") };
        Assert.Equal("llm.example.org", gateway.Origin);
        Assert.Equal("anthropic", (gateway with { Origin = Providers.Anthropic.Origin }).Origin);
        Assert.Equal("anthropic", (Providers.Anthropic with { BaseUrl = new("https://api.anthropic.com/v2") }).Origin);
        Assert.Equal("host.example:8443", (gateway with { BaseUrl = new("https://user:sekret@host.example:8443/a") }).Origin);
        Assert.Throws<ArgumentException>(() => gateway with { Origin = " " });
    }

    // Returns the body of the request that asks the second service to continue after the first one's answer.
    private static async Task<(string Body, IReadOnlyList<Quirk> Quirks)> MoveAsync(Provider from, string answer, Provider to, string next)
    {
        using var first = MockService.Json(answer);
        using var asked = first.Client(from, "m");
        using var second = MockService.Json(next);
        using var other = second.Client(to, "m");
        var said = (await asked.SendAsync("Why?")).Message;
        var reply = await other.SendAsync(new ChatRequest { Messages = [Message.User("Why?"), said, Message.User("Go on.")] });
        return (second.Body, reply.Quirks);
    }
}
