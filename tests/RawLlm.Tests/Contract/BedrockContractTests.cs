using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Contract;

/// <summary>Whole conversations with AWS Bedrock, over HTTP.</summary>
public sealed class BedrockContractTests : IDisposable
{
    private const string Model = "us.anthropic.claude-x-v1:0";
    private const string Address = "https://bedrock-runtime.eu-central-1.amazonaws.com/model/us.anthropic.claude-x-v1%3A0/";

    private const string Content = """
        [{"reasoningContent":{"reasoningText":{"text":"Two cities.","signature":"EqQB+/=="}}},
         {"reasoningContent":{"redactedContent":"AAECAw=="}},
         {"text":"I look both up."},
         {"toolUse":{"toolUseId":"tooluse_1","name":"get_weather","input":{"city":"Paris"}}},
         {"toolUse":{"toolUseId":"tooluse_2","name":"get_weather","input":{"city":"Rome"}}}]
        """;

    private const string Answer = $$"""
        {"metrics":{"latencyMs":1300},"output":{"message":{"content":{{Content}},"role":"assistant"} },"stopReason":"tool_use",
         "usage":{"cacheReadInputTokens":7,"cacheWriteInputTokens":0,"inputTokens":20,"outputTokens":50,"totalTokens":77} }
        """;

    private const string Streamed = """
        :event-type messageStart
        {"p":"abcdefgh","role":"assistant"}

        :event-type contentBlockDelta
        {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Two "}},"p":"abc"}

        :event-type contentBlockDelta
        {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"cities."}},"p":"abcd"}

        :event-type contentBlockDelta
        {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"EqQB+/=="}},"p":"a"}

        :event-type contentBlockStop
        {"contentBlockIndex":0,"p":"ab"}

        :event-type contentBlockDelta
        {"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"AAECAw=="}},"p":"a"}

        :event-type contentBlockStop
        {"contentBlockIndex":1,"p":"ab"}

        :event-type contentBlockDelta
        {"contentBlockIndex":2,"delta":{"text":"I look both up."},"p":"a"}

        :event-type contentBlockStop
        {"contentBlockIndex":2,"p":"ab"}

        :event-type contentBlockStart
        {"contentBlockIndex":3,"p":"abcde","start":{"toolUse":{"name":"get_weather","toolUseId":"tooluse_1"}}}

        :event-type contentBlockDelta
        {"contentBlockIndex":3,"delta":{"toolUse":{"input":""}},"p":"a"}

        :event-type contentBlockDelta
        {"contentBlockIndex":3,"delta":{"toolUse":{"input":"{\"city\":\"Paris\"}"}},"p":"abcdef"}

        :event-type contentBlockStop
        {"contentBlockIndex":3,"p":"ab"}

        :event-type contentBlockStart
        {"contentBlockIndex":4,"p":"abcde","start":{"toolUse":{"name":"get_weather","toolUseId":"tooluse_2"}}}

        :event-type contentBlockDelta
        {"contentBlockIndex":4,"delta":{"toolUse":{"input":"{\"city\":\"Rome\"}"}},"p":"abcdef"}

        :event-type contentBlockStop
        {"contentBlockIndex":4,"p":"ab"}

        :event-type messageStop
        {"p":"abcdefghi","stopReason":"tool_use"}

        :event-type metadata
        {"metrics":{"latencyMs":1300},"p":"abc","usage":{"cacheReadInputTokens":7,"cacheWriteInputTokens":0,"inputTokens":20,"outputTokens":50,"totalTokens":77}}
        """;

    private const string InvokeStreamed = """
        !chunk
        :event-type chunk
        {"type":"message_start","message":{"model":"claude-x","id":"msg_bdrk_1","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":7,"output_tokens":1}}}

        !chunk
        :event-type chunk
        {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

        !chunk
        :event-type chunk
        {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Two cities."}}

        !chunk
        :event-type chunk
        {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB+/=="}}

        !chunk
        :event-type chunk
        {"type":"content_block_stop","index":0}

        !chunk
        :event-type chunk
        {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_bdrk_1","name":"get_weather","input":{}}}

        !chunk
        :event-type chunk
        {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":\"Paris\"}"}}

        !chunk
        :event-type chunk
        {"type":"content_block_stop","index":1}

        !chunk
        :event-type chunk
        {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":50}}

        !chunk
        :event-type chunk
        {"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":20,"outputTokenCount":50,"invocationLatency":1726,"firstByteLatency":1460}}
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
    public async Task Converse_ChainOfTwoModels_ReportsRequestedModel(bool stream)
    {
        var provider = Providers.BedrockIn("eu-central-1", Credential.Bearer("test-key"));
        var (body, mediaType) = Answers.Stream(provider.Protocol);
        _mock.When("*/model/first/*").Respond(HttpStatusCode.NotFound, "application/json", """{"message":"The model is gone."}""");
        _mock.When("*/model/second/converse").Respond("application/json", Answers.Whole(provider.Protocol));
        _mock.When("*/model/second/converse-stream").Respond(mediaType, new MemoryStream(body));
        var http = _mock.ToHttpClient();
        using var first = new LlmClient(provider, "first", http: http);
        using var second = new LlmClient(provider, "second", http: http);
        var chain = new FallbackChain([first, second]);

        ChatReply reply;
        if (stream)
        {
            await using var answer = await chain.StreamAsync("Why?");
            reply = await answer.ReplyAsync();
            Assert.Equal((null, "second"), (answer.Model, answer.RequestedModel));
        }
        else
        {
            reply = await chain.SendAsync("Why?");
        }

        // The wire names no model.
        Assert.Equal(("Blue.", null, "bedrock", "second"), (reply.Text, reply.Model, reply.Provider, reply.RequestedModel));
        Assert.Contains("RequestedModel = second", reply.ToString(), StringComparison.Ordinal);
        Assert.Equal("second", JsonSerializer.Deserialize<ChatReply>(JsonSerializer.Serialize(reply))!.RequestedModel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Converse_WithReasoningAndTwoToolCalls_SendsAllBlocksBack(bool stream)
    {
        if (stream)
            ExpectStream("converse-stream", Streamed);
        else
            ExpectJson("converse", Answer);
        ExpectJson(
            "converse",
            """{"output":{"message":{"content":[{"text":"Paris 18, Rome 25."}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":90,"outputTokens":9,"totalTokens":99}}"""
        );
        using var client = Client(Providers.BedrockIn("eu-central-1", Credential.Bearer("test-key")));
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
        Assert.Equal(["tooluse_1", "tooluse_2"], reply.CompletedToolCalls.Select(call => call.Id));
        Assert.Equal(
            new Usage
            {
                InputTokens = 20,
                OutputTokens = 50,
                TotalTokens = 77,
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
            """
            {"messages":[{"role":"user","content":[{"text":"Weather in Paris and Rome?"}]}],"inferenceConfig":{"maxTokens":1000},
             "toolConfig":{"tools":[{"toolSpec":{"name":"get_weather","description":"Tells the weather.","inputSchema":{"json":{"type":"object","properties":{"city":{"type":"string"}}}}}}]},
             "additionalModelRequestFields":{"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}}
            """,
            _sent[0].Body
        );
        var messages = JsonNode.Parse(_sent[1].Body)!["messages"]!;
        JsonAssert.Equal(Content, messages[1]!["content"]!.ToJsonString());
        JsonAssert.Equal(
            """[{"toolResult":{"toolUseId":"tooluse_1","content":[{"text":"18 degrees"}]}},{"toolResult":{"toolUseId":"tooluse_2","content":[{"text":"25 degrees"}]}}]""",
            messages[2]!["content"]!.ToJsonString()
        );
        // Signed content is compared byte by byte.
        Assert.Contains(
            """{"reasoningContent":{"reasoningText":{"text":"Two cities.","signature":"EqQB+/=="}}}""",
            _sent[1].Body,
            StringComparison.Ordinal
        );
        Assert.Contains("""{"reasoningContent":{"redactedContent":"AAECAw=="}}""", _sent[1].Body, StringComparison.Ordinal);
        Assert.Equal("Bearer test-key", _sent[0].Request.Headers.Authorization!.ToString());
        Assert.Equal(stream ? "application/vnd.amazon.eventstream" : "application/json", _sent[0].Request.Headers.Accept.ToString());
    }

    [Fact]
    public async Task Invoke_WithReasoningAndToolCall_SendsAllBlocksBack()
    {
        ExpectStream("invoke-with-response-stream", InvokeStreamed);
        ExpectJson(
            "invoke",
            """{"id":"msg_bdrk_2","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"18 degrees."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":90,"output_tokens":9}}"""
        );
        using var client = Client(Providers.BedrockInvokeIn("eu-central-1", Credential.Bearer("test-key")));
        var request = new ChatRequest
        {
            Messages = [Message.User("Weather in Paris?")],
            Tools = [Weather],
            MaxTokens = 1000,
        };

        var reply = await (await client.StreamAsync(request)).ReplyAsync();

        Assert.Equal(StopReason.ToolUse, reply.StopReason);
        Assert.Equal("msg_bdrk_1", reply.Id);
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
        var answer = await client.SendAsync(
            request with
            {
                Messages = [.. request.Messages, reply.Message, Message.ToolResult(reply.ToolCalls[0], "18 degrees")],
            }
        );
        Assert.Equal("18 degrees.", answer.Text);
        _mock.VerifyNoOutstandingExpectation();
        JsonAssert.Equal(
            """
            {"anthropic_version":"bedrock-2023-05-31","max_tokens":1000,"messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"Two cities.","signature":"EqQB+/=="},{"type":"tool_use","id":"toolu_bdrk_1","name":"get_weather","input":{"city":"Paris"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_bdrk_1","content":"18 degrees"}]}],
             "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}
            """,
            _sent[1].Body
        );
    }

    [Theory]
    [InlineData("token")]
    [InlineData(null)]
    public async Task Converse_WithAwsSignature_SignsSentRequest(string? token)
    {
        ExpectJson("converse", Answer);
        var signature = new AwsSignature(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "eu-central-1",
            token,
            time: new VirtualTime()
        );
        using var client = Client(Providers.BedrockIn(credential: signature));

        await client.SendAsync("Weather in Paris?");

        var (request, body) = _sent[0];
        string signed = token is null ? "content-type;host;x-amz-date" : "content-type;host;x-amz-date;x-amz-security-token";
        string head =
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/bedrock/aws4_request, SignedHeaders={signed}, Signature=";
        string authorization = request.Headers.GetValues("Authorization").Single();
        Assert.StartsWith(head, authorization, StringComparison.Ordinal);
        var headers = new List<KeyValuePair<string, string>>
        {
            new("host", request.RequestUri!.IdnHost),
            new("content-type", request.Content!.Headers.ContentType!.ToString()),
            new("x-amz-date", request.Headers.GetValues("X-Amz-Date").Single()),
        };
        if (token is not null)
            headers.Add(new("x-amz-security-token", request.Headers.GetValues("X-Amz-Security-Token").Single()));
        var expected = new AwsSigning(
            "AKIDEXAMPLE",
            ApiKey.From("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            "eu-central-1",
            "bedrock",
            "20260101T000000Z"
        ).Authorize("POST", "/model/us.anthropic.claude-x-v1%3A0/converse", "", headers, System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(expected.Authorization, authorization);
        Assert.Contains("/model/us.anthropic.claude-x-v1%253A0/converse", expected.Canonical, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Converse_ExceptionInStream_ThrowsWithCause()
    {
        ExpectStream(
            "converse-stream",
            Streamed.Split(":event-type contentBlockStart")[0]
                + ":message-type exception\n:exception-type throttlingException\n{\"message\":\"Too many tokens, please wait before trying again.\"}"
        );
        using var client = Client(Providers.BedrockIn("eu-central-1", Credential.Bearer("test-key")));

        var e = await Assert.ThrowsAsync<LlmException>(async () => await (await client.StreamAsync("Weather?")).ReplyAsync());

        Assert.Equal(LlmErrorKind.StreamError, e.Kind);
        Assert.Equal(LlmErrorKind.RateLimited, e.CauseKind);
        Assert.Equal("throttlingException", e.ProviderCode);
    }

    [Fact]
    public async Task Converse_ErrorTypeInHeader_IsRead()
    {
        _mock
            .Expect(Address + "converse")
            .Respond(_ =>
            {
                var response = new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    Content = new StringContent("""{"message":"The security token included in the request is expired"}"""),
                };
                response.Headers.Add(
                    "x-amzn-errortype",
                    "ExpiredTokenException:http://internal.amazon.com/coral/com.amazon.coral.service/"
                );
                response.Headers.Add("x-amzn-requestid", "402bd639");
                return response;
            });
        using var client = Client(Providers.BedrockIn("eu-central-1", Credential.Bearer("test-key")));

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Weather?"));

        Assert.Equal(LlmErrorKind.Authentication, e.Kind);
        Assert.Equal("ExpiredTokenException", e.ProviderCode);
        Assert.Equal("402bd639", e.RequestId);
    }

    private LlmClient Client(Provider provider) => new(provider, Model, null, _mock.ToHttpClient());

    private void ExpectJson(string operation, string answer) =>
        Expect(operation, System.Text.Encoding.UTF8.GetBytes(answer), "application/json");

    private void ExpectStream(string operation, string frames) =>
        Expect(operation, FramesText.Encode(frames), "application/vnd.amazon.eventstream");

    private void Expect(string operation, byte[] answer, string mediaType) =>
        _mock
            .Expect(HttpMethod.Post, Address + operation)
            .Respond(async request =>
            {
                _sent.Add((request, await request.Content!.ReadAsStringAsync()));
                var content = new ByteArrayContent(answer);
                content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
            });
}
