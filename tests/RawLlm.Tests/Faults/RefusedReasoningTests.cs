using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary>
/// Services that cannot verify or read a conversation's reasoning for reasons the origin does not show, such as another region or a changed
/// key.
/// </summary>
public sealed class RefusedReasoningTests
{
    private const string Close = "Connection: close";
    private const string Signature =
        """{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"},"request_id":"req_1"}""";
    private const string Encrypted =
        """{"error":{"message":"The encrypted content gAAA...abc= could not be verified. Reason: Encrypted content could not be decrypted or parsed.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}}""";
    private const string Blue =
        """{"id":"1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Blue."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}""";
    private const string BlueStream = """
        data: {"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}

        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Blue."}}

        data: {"type":"content_block_stop","index":0}

        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}

        data: {"type":"message_stop"}


        """;

    private static readonly ChatRequest Signed = new()
    {
        MaxTokens = 9,
        Messages =
        [
            Message.User("Why?"),
            new(
                Role.Assistant,
                [new ReasoningPart("Hm.") { WireData = new("anthropic", """{"signature":"c2ln"}""") }, new TextPart("Air.")]
            ),
            Message.User("Go on."),
        ],
    };

    public static TheoryData<string, int, string, bool> Refusals =>
        new()
        {
            { "Anthropic", 400, Signature, true },
            { "Bedrock", 400, """{"message":"messages.3.content.0: Invalid `signature` in `thinking` block"}""", true },
            { "Vertex", 400, $"[{Signature}]", true },
            { "quoted otherwise", 400, Signature.Replace('`', '\''), true },
            {
                "OpenRouter",
                400,
                """{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"messages.1.content.0: Invalid `signature` in `thinking` block\"}}","provider_name":"Anthropic"}}}""",
                true
            },
            {
                "LiteLLM",
                400,
                """{"error":{"message":"litellm.BadRequestError: AnthropicException - {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"messages.1.content.0: Invalid `signature` in `thinking` block\"}}","type":null,"param":null,"code":"400"}}""",
                true
            },
            { "OpenAI", 400, Encrypted, true },
            { "the message alone", 400, Encrypted.Replace("invalid_encrypted_content", "x", StringComparison.Ordinal), true },
            { "the code alone", 400, """{"error":{"message":"x","code":"invalid_encrypted_content"}}""", true },
            {
                "another field",
                400,
                """{"error":{"type":"invalid_request_error","message":"messages.1.content.0.thinking.signature: Field required"}}""",
                false
            },
            { "no refusal of the request", 500, Signature, false },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void RefusesReasoning_ErrorOfEachService_IsDetected(string service, int status, string body, bool expected)
    {
        var error = ErrorReader.Read(status, [], System.Text.Encoding.UTF8.GetBytes(body));
        Assert.True(expected == error.RefusesReasoning, service);
        Assert.Equal(expected, error.With(provider: "x").RefusesReasoning);
    }

    [Fact]
    public async Task SendAsync_SignatureIsRefused_RetriesOnceWithoutReasoning()
    {
        using var wire = new FaultWire(Refused(Signature, "x-should-retry: false"), Whole());
        var reply = await Client(wire).SendAsync(Signed, wire.Token);

        Assert.Equal("Blue.", reply.Text);
        JsonAssert.Equal(
            """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},{"type":"text","text":"Air."}]},{"role":"user","content":"Go on."}]}""",
            Body(wire, 0)
        );
        JsonAssert.Equal(
            """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":[{"type":"text","text":"Air."}]},{"role":"user","content":"Go on."}]}""",
            Body(wire, 1)
        );
        Assert.Equal(
            [new Quirk(QuirkKind.LeftOut, "messages[].content[]"), new Quirk(QuirkKind.ReasoningRefused, "messages")],
            reply.Quirks
        );
        Assert.Equal([LlmErrorKind.BadRequest], reply.Attempts.Select(attempt => attempt.Kind));
        Assert.Empty(wire.Time.Waits);
        Assert.Equal(Head(wire, 0), Head(wire, 1));
    }

    [Fact]
    public async Task StreamAsync_SignatureIsRefused_RetriesOnceWithoutReasoning()
    {
        using var wire = new FaultWire(Refused(Signature), Script.OnRequest.Sse().Chunk(BlueStream).LastChunk());
        await using var stream = await Client(wire).StreamAsync(Signed, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);

        Assert.Equal("Blue.", reply.Text);
        Assert.DoesNotContain("thinking", Body(wire, 1), StringComparison.Ordinal);
        Assert.Contains(new Quirk(QuirkKind.ReasoningRefused, "messages"), reply.Quirks);
        Assert.Single(reply.Attempts);
    }

    [Fact]
    public async Task SendAsync_EncryptedContentIsRefused_RetriesOnceWithoutWireData()
    {
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User("Why?"),
                new(
                    Role.Assistant,
                    [
                        new OpaquePart(
                            new("responses", """{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}""")
                            {
                                Origin = "127.0.0.1:9",
                            }
                        ),
                        new TextPart("Air.") { WireData = new("responses", """{"id":"msg_1"}""") },
                    ]
                ),
                Message.User(new TextPart("Go on.") { WireData = new("responses", """{"x":1}""") }),
            ],
        };
        using var wire = new FaultWire(
            Refused(Encrypted),
            Script.OnRequest.Answer(200, "application/json", Contract.Answers.Whole(new ResponsesProtocol()))
        );
        var reply = await Client(wire, new ResponsesProtocol()).SendAsync(request, wire.Token);

        Assert.Contains("rs_1", Body(wire, 0), StringComparison.Ordinal);
        JsonAssert.Equal(
            """
            {"model":"m","store":false,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Why?"}]},{"type":"message","role":"assistant","content":"Air."},
             {"type":"message","role":"user","content":[{"type":"input_text","text":"Go on."}]}]}
            """,
            Body(wire, 1)
        );
        Assert.Contains(new Quirk(QuirkKind.ReasoningRefused, "messages"), reply.Quirks);
    }

    [Fact]
    public async Task SendAsync_RefusedAgainWithoutReasoning_IsNotRetriedAgain()
    {
        using var wire = new FaultWire(Refused(Signature), Refused(Signature));
        var error = await Assert.ThrowsAsync<LlmException>(() => Client(wire, retries: 9).SendAsync(Signed, wire.Token));
        Assert.Equal((LlmErrorKind.BadRequest, 2), (error.Kind, error.Attempts.Count));
        Assert.Equal(2, wire.Requests.Count);
    }

    [Theory]
    [InlineData("no attempt is left")]
    [InlineData("no thoughts")]
    [InlineData("thoughts of another service")]
    [InlineData("thoughts of another wire")]
    [InlineData("another mistake")]
    public async Task SendAsync_RetryWithoutReasoningCannotHelp_IsNotRetried(string why)
    {
        var data = why switch
        {
            "thoughts of another service" => new WireData("anthropic", """{"signature":"c2ln"}""") { Origin = "elsewhere" },
            "thoughts of another wire" => new WireData("gemini", """{"thoughtSignature":"c2ln"}"""),
            "no thoughts" => null,
            _ => new WireData("anthropic", """{"signature":"c2ln"}"""),
        };
        var request = Signed with
        {
            Messages =
            [
                Message.User("Why?"),
                new(Role.Assistant, [new ReasoningPart("Hm.") { WireData = data }, new TextPart("Air.")]),
                Message.User("Go on."),
            ],
        };
        using var wire = new FaultWire(
            Refused(
                why == "another mistake" ? """{"error":{"type":"invalid_request_error","message":"max_tokens: too many"}}""" : Signature
            )
        );
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            Client(wire, retries: why == "no attempt is left" ? 1 : 3).SendAsync(request, wire.Token)
        );
        Assert.Equal(LlmErrorKind.BadRequest, error.Kind);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task SendAsync_RefusedAfterEarlierFailure_CountsAllAttempts()
    {
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Refused(Signature), Answers.Error(503, "x", Close).Fin());
        var error = await Assert.ThrowsAsync<LlmException>(() => Client(wire).SendAsync(Signed, wire.Token));
        Assert.Equal(
            [LlmErrorKind.Overloaded, LlmErrorKind.BadRequest, LlmErrorKind.Overloaded],
            error.Attempts.Select(attempt => attempt.Kind)
        );
        Assert.DoesNotContain("thinking", Body(wire, 2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(1, false)]
    public async Task FallbackChain_ReasoningIsRefused_RetriesOnceWithinMaxAttempts(int most, bool isAnswered)
    {
        using var wire = isAnswered ? new FaultWire(Refused(Signature), Whole()) : new FaultWire(Refused(Signature));
        var chain = new FallbackChain([Client(wire), Client(wire, name: "s1")], new FallbackOptions { MaxAttempts = most });
        if (!isAnswered)
        {
            Assert.Equal(LlmErrorKind.BadRequest, (await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync(Signed, wire.Token))).Kind);
            return;
        }
        var reply = await chain.SendAsync(Signed, wire.Token);
        Assert.Equal(("Blue.", "s0"), (reply.Text, reply.Provider));
        Assert.Equal(["s0:m"], reply.Attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task FallbackChain_ReasoningOfStreamIsRefused_RetriesOnce()
    {
        using var wire = new FaultWire(Refused(Signature), Script.OnRequest.Sse().Chunk(BlueStream).LastChunk());
        await using var stream = await new FallbackChain([Client(wire), Client(wire, name: "s1")]).StreamAsync(Signed, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Blue.", "s0"), (reply.Text, reply.Provider));
        Assert.Contains(new Quirk(QuirkKind.ReasoningRefused, "messages"), reply.Quirks);
    }

    [Fact]
    public async Task SendAsync_NextRequestAfterRefusal_ContainsReasoningAgain()
    {
        var request = Signed with { System = new string('s', 4096) };
        using var wire = new FaultWire(Refused(Signature), Whole(), Whole());
        var client = Client(wire);
        await client.SendAsync(request, wire.Token);
        var reply = await client.SendAsync(
            request with
            {
                Messages = [.. request.Messages, Message.Assistant("Blue."), Message.User("More.")],
            },
            wire.Token
        );
        Assert.Contains("c2ln", Body(wire, 2), StringComparison.Ordinal);
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task SendAsync_WithBudget_ReservesEachAttemptAndBillsOnlyAnswer()
    {
        using var wire = new FaultWire(Refused(Signature), Whole());
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 9 });
        await wire.Client(new() { Budget = budget }, Provider("s0", new AnthropicProtocol())).SendAsync(Signed, wire.Token);
        Assert.Equal((2L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task SendAsync_WithTelemetryListeners_ReportsBothAttempts()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Refused(Signature), Whole());
        await wire.Client(null, probe.Service(Provider("s0", new AnthropicProtocol()))).SendAsync(Signed, wire.Token);
        var activity = Assert.Single(probe.Activities);
        Assert.Equal(2, activity.GetTagItem("rawllm.attempts"));
        Assert.Equal("rawllm.attempt_failed", Assert.Single(activity.Events).Name);
    }

    [Fact]
    public async Task CountTokensAsync_SignatureIsRefused_IsNotRetried()
    {
        using var wire = new FaultWire(Refused(Signature));
        await Assert.ThrowsAsync<LlmException>(() => Client(wire).CountTokensAsync(Signed, wire.Token));
        Assert.Contains("/messages/count_tokens", wire.Requests[0], StringComparison.Ordinal);
    }

    private static Script Refused(string body, params string[] headers) =>
        Script.OnRequest.Answer(400, "application/json", body, [Close, .. headers]).Fin();

    private static Script Whole() => Script.OnRequest.Answer(200, "application/json", Blue, Close).Fin();

    private static LlmClient Client(FaultWire wire, WireProtocol? protocol = null, int retries = 3, string name = "s0") =>
        wire.Client(new() { Retries = new() { MaxAttempts = retries } }, Provider(name, protocol ?? new AnthropicProtocol()));

    private static Provider Provider(string name, WireProtocol protocol) =>
        FaultWire.Compatible() with
        {
            Name = name,
            Protocol = protocol,
        };

    private static string Body(FaultWire wire, int request) => wire.Requests[request].Split("\r\n\r\n")[1];

    private static string Head(FaultWire wire, int request) =>
        System.Text.RegularExpressions.Regex.Replace(wire.Requests[request].Split("\r\n\r\n")[0], "Content-Length: \\d+", "");
}
