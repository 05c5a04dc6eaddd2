using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Calls;

/// <summary><see cref="LlmClientOptions.AdaptToRefusals"/>: what a service refuses is left out or replaced, once and for later
/// requests.</summary>
public sealed class AdaptToRefusalsTests
{
    private const string NoSeed = """{"error":{"message":"Unknown parameter: 'seed'.","param":"seed","code":"unknown_parameter"}}""";
    private const string NoOptions =
        """{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error"}}""";
    private const string NoUser = """{"error":{"message":"Unrecognized request argument supplied: user"}}""";

    private const string BlueResponse =
        """{"id":"r","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"i","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Blue.","annotations":[]}]}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}""";

    private static readonly ChatRequest Seeded = new() { Messages = [Message.User("Hi")], Seed = 7 };

    public static TheoryData<string> Names => [.. RefusalCase.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SendAsync_RefusalAsServicesWordIt_IsAdaptedOnceAndRemembered(string name)
    {
        var one = RefusalCase.All.Single(other => other.Name == name);
        using var service = new RefusingService(
            (_, body) => body.Contains(one.Refused, StringComparison.Ordinal) ? one.Error : null,
            one.Status
        );
        using var client = service.Client(one.Protocol);
        var reply = await AskAsync(client, one);
        var later = await AskAsync(client, one);

        Assert.Equal(3, service.Bodies.Count);
        Assert.Contains(one.Refused, service.Bodies[0], StringComparison.Ordinal);
        foreach (string body in service.Bodies.Skip(1))
        {
            Assert.DoesNotContain(one.Refused, body, StringComparison.Ordinal);
            Assert.Contains(one.Sent, body, StringComparison.Ordinal);
        }
        Assert.Equal(service.Bodies[1], service.Bodies[2]);
        Assert.Equal(("Blue.", "Blue."), (reply.Text, later.Text));
        Assert.Contains(new Quirk(QuirkKind.MemberRefused, one.Place), reply.Quirks);
        Assert.Equal(one.Status, Assert.Single(reply.Attempts).Status);
        Assert.Equal(one.Status >= 500, reply.Attempts[0].MayBeBilled);
        Assert.DoesNotContain(later.Quirks, quirk => quirk.Kind == QuirkKind.MemberRefused);
        Assert.Empty(later.Attempts);
        if (one.Own is { } own)
        {
            Assert.Contains(own, reply.Quirks);
            Assert.Contains(own, later.Quirks);
        }
        var learned = Assert.Single(client.LearnedDialects);
        Assert.Equal("m", learned.Model);
        if (one.Change is { } change)
            Assert.Contains(change, learned.Changes);
        else
            Assert.Empty(learned.Changes);
        Assert.NotEqual(one.Protocol, learned.Protocol);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SendAsync_OptionIsNotSet_ThrowsTheRefusal(string name)
    {
        var one = RefusalCase.All.Single(other => other.Name == name);
        using var service = new RefusingService((_, _) => one.Error, one.Status);
        using var client = service.Client(one.Protocol, new LlmClientOptions { Retries = LlmRetries.None });
        await Assert.ThrowsAsync<LlmException>(() => AskAsync(client, one));

        Assert.Single(service.Bodies);
        Assert.Empty(client.LearnedDialects);
    }

    [Theory]
    [InlineData(
        """{"error":{"message":"Invalid 'seed': integer below minimum value. Expected a value >= 0, but got -1 instead.","param":"seed","code":"integer_below_min_value"}}"""
    )]
    [InlineData(
        """{"error":{"message":"temperature must be between 0 and 2, max_tokens is too large: this model supports at most 4096"}}"""
    )]
    [InlineData(
        """{"detail":[{"type":"less_than_equal","loc":["body","temperature"],"msg":"Input should be less than or equal to 2","input":3},{"type":"extra_forbidden","loc":["body","foo"],"msg":"Extra inputs are not permitted"}]}"""
    )]
    [InlineData("""{"error":{"message":"property 'store' is unsupported, did you mean 'stop'?","type":"invalid_request_error"}}""")]
    [InlineData("""{"error":{"message":"tools are not supported by this model"}}""")]
    [InlineData("""{"error":{"message":"Unknown parameter: 'top_k'."}}""")]
    [InlineData("""{"error":{"message":"The model stopped. This user is not supported, and neither is its name."}}""")]
    [InlineData(
        """{"object":"error","message":"[{'type': 'missing', 'loc': ('body', 'x'), 'msg': 'Field required', 'input': {'messages': [{'content': 'temperature is not supported'}]}}]","code":400}"""
    )]
    [InlineData("""{"error":{"message":"The system role must come first."}}""")]
    [InlineData("""{"error":{"message":"Unexpected value for 'temperature': must be between 0 and 1"}}""")]
    [InlineData("""{"error":{"message":"temperature 1.5 is not allowed: the maximum is 1"}}""")]
    [InlineData("""{"error":{"message":"Unsupported value: temperature must be less than or equal to 1"}}""")]
    [InlineData("""{"error":{"message":"temperature: must be <= 1","param":"temperature","code":"unsupported_value"}}""")]
    [InlineData("""{"error":{"message":"temperature above 1 is not allowed"}}""")]
    [InlineData("""{"error":{"message":"max_completion_tokens: values above 4096 are not supported by this model"}}""")]
    [InlineData(
        """{"error":{"message":"User requests of this tier are not allowed. Stop words do not support it. Reasoning models are unknown."}}"""
    )]
    [InlineData(
        """{"error":{"message":"Invalid schema for function 'look': In context=('properties', 'temperature'), 'default' is not permitted."}}"""
    )]
    [InlineData("not supported")]
    [InlineData("")]
    public async Task SendAsync_RefusalOfSomethingElse_IsThrownAsItIs(string error)
    {
        using var service = new RefusingService((_, _) => error);
        using var client = service.Client();
        var request = Seeded with
        {
            Temperature = 3,
            MaxTokens = 9,
            Stop = ["x"],
            User = "u",
            System = "Be brief.",
            Tools = [new ToolDefinition("look")],
            Extra = new Dictionary<string, RawJson> { ["top_k"] = "1" },
        };
        var failure = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request));

        Assert.Equal(LlmErrorKind.BadRequest, failure.Kind);
        Assert.Single(service.Bodies);
        Assert.Empty(client.LearnedDialects);
    }

    [Fact]
    public async Task SendAsync_CallersOwnExtraMemberIsRefused_IsThrown()
    {
        using var service = new RefusingService((_, _) => NoSeed);
        using var client = service.Client();
        var request = Seeded with
        {
            Seed = null,
            Extra = new Dictionary<string, RawJson> { ["seed"] = "7" },
        };
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request));

        Assert.Single(service.Bodies);
    }

    [Fact]
    public async Task SendAsync_ServiceStillRefuses_IsThrownAndForgotten()
    {
        using var service = new RefusingService((_, _) => NoSeed);
        using var client = service.Client();
        var failure = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Seeded));

        Assert.Equal(2, service.Bodies.Count);
        Assert.Equal(2, failure.Attempts.Count);
        Assert.Empty(client.LearnedDialects);
    }

    [Fact]
    public async Task SendAsync_SeveralMembersInOneRefusal_AreAdaptedTogether()
    {
        const string error =
            """{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"},{"type":"extra_forbidden","loc":["body","user"],"msg":"Extra inputs are not permitted"}]}""";
        using var service = new RefusingService((number, _) => number == 0 ? error : null, 422);
        using var client = service.Client();
        var reply = await client.SendAsync(Seeded with { User = "u" });

        JsonAssert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hi"}]}""", service.Bodies[1]);
        Assert.Equal(
            ["SeedName = null", "SupportsUser = false"],
            Assert.Single(client.LearnedDialects).Changes.Order(StringComparer.Ordinal)
        );
        Assert.Single(reply.Attempts);
    }

    [Fact]
    public async Task SendAsync_SeveralRefusals_StopAtMaxAttemptsAndGoOnInTheNextCall()
    {
        var request = Seeded with { User = "u", TopP = 0.5 };
        using var service = new RefusingService(
            (_, body) =>
                Has(body, "\"seed\"") ? NoSeed
                : Has(body, "\"user\":\"u\"") ? NoUser
                : Has(body, "top_p") ? """{"error":{"message":"Unsupported parameter: 'top_p'"}}"""
                : null
        );
        using var client = service.Client();
        var failure = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request));
        Assert.Equal(3, service.Bodies.Count);
        Assert.Equal(3, failure.Attempts.Count);
        // The service has named something else since.
        Assert.Equal(["SeedName = null", "SupportsUser = false"], Assert.Single(client.LearnedDialects).Changes);

        var reply = await client.SendAsync(request);
        Assert.Equal(5, service.Bodies.Count);
        Assert.Single(reply.Attempts);
        Assert.Equal(3, Assert.Single(client.LearnedDialects).Changes.Count);
    }

    [Fact]
    public async Task SendAsync_ManyRefusals_StopAfterFourAdaptions()
    {
        string[] names = ["seed", "user", "top_p", "temperature", "presence_penalty", "logprobs"];
        using var service = new RefusingService((number, _) => NoSeed.Replace("seed", names[number], StringComparison.Ordinal));
        using var client = service.Client(
            options: new LlmClientOptions { AdaptToRefusals = true, Retries = LlmRetries.Default with { MaxAttempts = 50 } }
        );
        var request = Seeded with { User = "u", TopP = 0.5, Temperature = 0, PresencePenalty = 1, TopLogProbs = 1 };
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request));

        Assert.Equal(5, service.Bodies.Count);
    }

    [Fact]
    public async Task SendAsync_OneAttemptIsAllowed_ThrowsTheRefusal()
    {
        using var service = new RefusingService((_, _) => NoSeed);
        using var client = service.Client(options: new LlmClientOptions { AdaptToRefusals = true, Retries = LlmRetries.None });
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Seeded));

        Assert.Single(service.Bodies);
        Assert.Empty(client.LearnedDialects);
    }

    [Fact]
    public async Task SendAsync_OtherModel_LearnsItsOwn()
    {
        using var service = new RefusingService((_, body) => Has(body, "\"seed\"") && Has(body, "\"model\":\"m\"") ? NoSeed : null);
        using var client = service.Client();
        await client.SendAsync(Seeded);
        await client.SendAsync(Seeded with { Model = "other" });

        Assert.Contains("\"seed\":7", service.Bodies[2], StringComparison.Ordinal);
        Assert.Equal("m", Assert.Single(client.LearnedDialects).Model);
    }

    [Fact]
    public async Task SendAsync_ManyModels_ForgetsTheFirst()
    {
        using var service = new RefusingService((_, body) => Has(body, "\"seed\"") ? NoSeed : null);
        using var client = service.Client();
        for (int i = 0; i < 70; i++)
            await client.SendAsync(Seeded with { Model = $"m{i}" });

        Assert.Equal(64, client.LearnedDialects.Count);
        Assert.Equal(("m6", "m69"), (client.LearnedDialects[0].Model, client.LearnedDialects[^1].Model));
    }

    [Fact]
    public async Task SendAsync_ManyAtOnce_AllAnswerAndLearnTheSame()
    {
        using var service = new RefusingService(
            (_, body) =>
                Has(body, "\"seed\"") ? NoSeed
                : Has(body, "\"user\":\"u\"") ? NoUser
                : null
        );
        using var client = service.Client();
        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => client.SendAsync(Seeded with { User = "u" }))));

        Assert.All(replies, reply => Assert.Equal("Blue.", reply.Text));
        Assert.Equal(["SeedName = null", "SupportsUser = false"], Assert.Single(client.LearnedDialects).Changes);
        int before = service.Bodies.Count;
        await client.SendAsync(Seeded with { User = "u" });
        Assert.Equal(before + 1, service.Bodies.Count);
    }

    [Fact]
    public async Task SendAsync_AnotherCallLearnsInTheMeantime_AnswersAsWell()
    {
        var (early, learned, service) = await LearnTwiceAsync(
            new ChatCompletionsProtocol(),
            Seeded,
            body => Has(body, "\"seed\"") ? NoSeed : null
        );
        Assert.Equal("Blue.", early.Text);
        Assert.Contains(new Quirk(QuirkKind.MemberRefused, "seed"), early.Quirks);
        Assert.Equal(["SeedName = null"], learned.Changes);
        Assert.Equal([true, true, false, false], service.Select(body => Has(body, "\"seed\"")));
    }

    public static TheoryData<string, string> Efforts =>
        new()
        {
            {
                "chat",
                """{"error":{"message":"Unsupported value: 'reasoning_effort' does not support 'high' with this model. Supported values are: 'low' and 'medium'."}}"""
            },
            {
                "chat",
                """{"error":{"message":"Function tools with reasoning_effort are not supported for m in /v1/chat/completions.","param":"reasoning_effort"}}"""
            },
            {
                "responses",
                """{"error":{"message":"Unsupported value: 'high' is not supported with the 'm' model. Supported values are: 'low' and 'medium'.","param":"reasoning.effort"}}"""
            },
        };

    [Theory]
    [MemberData(nameof(Efforts))]
    public async Task SendAsync_SameEffortsAreLearnedTwice_ChangesNothing(string wire, string error)
    {
        var request = new ChatRequest
        {
            Messages = [Message.User("Hi")],
            Thinking = Thinking.High,
            Tools = [new ToolDefinition("look")],
        };
        var (early, _, service) = await LearnTwiceAsync(
            wire == "chat" ? new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.ReasoningEffort } : new ResponsesProtocol(),
            request,
            body => Has(body, "\"high\"") ? error : null,
            wire == "chat" ? null : BlueResponse
        );
        Assert.Equal("Blue.", early.Text);
        Assert.Equal(service[2], service[3]);
    }

    [Fact]
    public async Task StreamAsync_RefusalBeforeTheFirstEvent_IsAdapted()
    {
        using var service = new RefusingService((_, body) => Has(body, "stream_options") ? NoOptions : null);
        using var client = service.Client();
        await using var stream = await client.StreamAsync("Hi");
        Assert.Empty(client.LearnedDialects);
        var reply = await stream.ReplyAsync();

        Assert.Equal("Blue.", reply.Text);
        Assert.Equal([new Quirk(QuirkKind.MemberRefused, "stream_options")], reply.Quirks);
        Assert.Equal("RequestsStreamUsage = false", Assert.Single(Assert.Single(client.LearnedDialects).Changes));
    }

    [Fact]
    public async Task StreamAsync_RefusalAsTheFirstEvent_IsAdapted()
    {
        int requests = 0;
        using var service = new RefusingService((_, _) => requests++ == 0 ? $"data: {NoOptions}\n\n" : null, status: 200);
        using var client = service.Client();
        await using var stream = await client.StreamAsync("Hi");
        var reply = await stream.ReplyAsync();

        Assert.Equal("Blue.", reply.Text);
        Assert.DoesNotContain("stream_options", service.Bodies[1], StringComparison.Ordinal);
        Assert.Contains(new Quirk(QuirkKind.MemberRefused, "stream_options"), reply.Quirks);
    }

    [Fact]
    public async Task SendAsync_Chain_EachClientLearnsItsOwn()
    {
        using var first = new RefusingService((_, _) => """{"error":{"message":"Overloaded"}}""", 503);
        using var second = new RefusingService((_, body) => Has(body, "\"seed\"") ? NoSeed : null);
        using var a = first.Client();
        using var b = second.Client();
        var reply = await new FallbackChain([a, b]).SendAsync(Seeded);

        Assert.Equal([LlmErrorKind.Overloaded, LlmErrorKind.BadRequest], reply.Attempts.Select(attempt => attempt.Kind));
        Assert.Contains(new Quirk(QuirkKind.MemberRefused, "seed"), reply.Quirks);
        Assert.Empty(a.LearnedDialects);
        Assert.Single(b.LearnedDialects);
    }

    [Fact]
    public async Task SendAsync_Chain_CountsEachAdaptionTowardItsAttempts()
    {
        using var service = new RefusingService((_, _) => NoSeed);
        using var client = service.Client();
        await Assert.ThrowsAsync<LlmException>(() =>
            new FallbackChain([client], new FallbackOptions { MaxAttempts = 1 }).SendAsync(Seeded)
        );

        Assert.Single(service.Bodies);
    }

    [Fact]
    public async Task SendAsync_Budget_IsNotChargedForTheRefusal()
    {
        using var service = new RefusingService((_, body) => Has(body, "\"seed\"") ? NoSeed : null);
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 9 });
        using var client = service.Client(options: new LlmClientOptions { AdaptToRefusals = true, Budget = budget });
        var reply = await client.SendAsync(Seeded with { MaxTokens = 7 });

        Assert.Equal("Blue.", reply.Text);
    }

    [Fact]
    public async Task SendAsync_Strict_AdaptsAsWell()
    {
        using var service = new RefusingService((_, body) => Has(body, "\"seed\"") ? NoSeed : null);
        using var client = service.Client(options: new LlmClientOptions { AdaptToRefusals = true, Strict = true });
        var reply = await client.SendAsync(Seeded);

        Assert.Equal([new Quirk(QuirkKind.LeftOut, "seed"), new Quirk(QuirkKind.MemberRefused, "seed")], reply.Quirks);
    }

    [Fact]
    public async Task SendAsync_CustomProtocol_ThrowsTheRefusal()
    {
        using var service = new RefusingService((_, _) => NoSeed);
        using var client = service.Client(new Protocols.Errors.FixedRequestProtocol());
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Seeded));

        Assert.Single(service.Bodies);
    }

    [Fact]
    public async Task SendAsync_LearnedProtocol_IsRightTheFirstTimeInAnotherClient()
    {
        using var service = new RefusingService((_, body) => Has(body, "\"seed\"") ? NoSeed : null);
        using var client = service.Client();
        await client.SendAsync(Seeded);
        using var next = service.Client(client.LearnedDialects[0].Protocol, LlmClientOptions.Default);
        await next.SendAsync(Seeded);

        Assert.Equal(3, service.Bodies.Count);
        Assert.Equal(new ChatCompletionsProtocol { SeedName = null }, client.LearnedDialects[0].Protocol);
    }

    [Fact]
    public async Task EmbedAsync_EncodingIsRefused_AsksForNumbers()
    {
        using var service = new RefusingService(
            (_, body) => Has(body, "encoding_format") ? """{"error":{"message":"Unknown parameter: 'encoding_format'."}}""" : null,
            answer: """{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5]}]}"""
        );
        using var client = service.Client(new ChatCompletionsProtocol { RequestsBase64Embeddings = true, EmbeddingBatchSize = 1 });
        var embeddings = await client.EmbedAsync(["a", "b"]);

        Assert.Equal(3, service.Bodies.Count);
        Assert.Contains(new Quirk(QuirkKind.MemberRefused, "encoding_format"), embeddings.Quirks);
        Assert.Single(embeddings.Attempts);
    }

    [Fact]
    public async Task SendAsync_Responses_LeavesOutWhatIsRefused()
    {
        using var service = new RefusingService(
            (_, body) =>
                Has(body, "\"store\"") ? """{"error":{"message":"Unknown parameter: 'store'.","param":"store"}}"""
                : Has(body, "temperature")
                    ? """{"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","param":"temperature"}}"""
                : null,
            answer: BlueResponse
        );
        using var client = service.Client(new ResponsesProtocol());
        var reply = await client.SendAsync(Seeded with { Seed = null, Temperature = 0.2 });

        Assert.Equal("Blue.", reply.Text);
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "temperature"), reply.Quirks);
        Assert.Equal(["Store = null"], Assert.Single(client.LearnedDialects).Changes);
    }

    [Fact]
    public async Task SendAsync_ResponsesRefusesOneMemberAfterTheOther_LearnsBoth()
    {
        using var service = new RefusingService(
            (_, body) =>
                Has(body, "temperature") ? """{"error":{"message":"Unsupported parameter: 'temperature'.","param":"temperature"}}"""
                : Has(body, "top_p") ? """{"error":{"message":"Unsupported parameter: 'top_p'.","param":"top_p"}}"""
                : null,
            answer: BlueResponse
        );
        using var client = service.Client(new ResponsesProtocol());
        var request = Seeded with { Seed = null, Temperature = 0.2, TopP = 0.5 };
        var reply = await client.SendAsync(request);

        Assert.Equal(3, service.Bodies.Count);
        Assert.Equal("Blue.", reply.Text);
        Assert.Equal(
            ["temperature", "top_p"],
            reply.Quirks.Where(quirk => quirk.Kind == QuirkKind.MemberRefused).Select(quirk => quirk.Place)
        );
        await client.SendAsync(request);
        Assert.Equal(4, service.Bodies.Count);
        Assert.Equal(service.Bodies[2], service.Bodies[3]);
    }

    [Fact]
    public async Task SendAsync_ResponsesRefusesWhatAModelRefusesOnlyWhileThinking_LeavesItOut()
    {
        using var service = new RefusingService(
            (_, body) =>
                Has(body, "temperature") ? """{"error":{"message":"Unsupported parameter: 'temperature'.","param":"temperature"}}""" : null,
            answer: BlueResponse
        );
        using var client = service.Client(new ResponsesProtocol { RefusedByModel = "m top_p if-asked temperature" });
        await client.SendAsync(Seeded with { Seed = null, Temperature = 0.2 });

        var learned = Assert.IsType<ResponsesProtocol>(Assert.Single(client.LearnedDialects).Protocol);
        Assert.Equal("m temperature top_p if-asked temperature\nm top_p if-asked temperature", learned.RefusedByModel);
    }

    [Theory]
    [InlineData("Internal server error. Contact the developer support team.", false)]
    [InlineData("Unsupported value: 'messages[0].role' does not support 'developer' with this model.", true)]
    [InlineData("Invalid value: 'developer'. Supported values are: 'system', 'assistant', and 'user'.", true)]
    [InlineData("developer is not one of ['system', 'assistant', 'user'] - 'messages.[0].role'", true)]
    [InlineData("messages[0].role: unknown variant `developer`, expected one of `system`, `user`", true)]
    public void FindChanges_TextWithTheWordDeveloper_ChangesTheRoleIfItIsRefused(string text, bool isRefused)
    {
        byte[] error = Encoding.UTF8.GetBytes($$$"""{"error":{"message":"{{{text}}}"}}""");
        byte[] sent = Encoding.UTF8.GetBytes("""{"messages":[{"role":"developer","content":"Be brief."}]}""");
        foreach (WireProtocol protocol in (WireProtocol[])[new ChatCompletionsProtocol(), new ResponsesProtocol()])
        {
            var changes = new List<DialectChange>();
            protocol.FindChanges(RequestRefusal.Read(error), new SentRequest(sent, "Hi"), changes);
            Assert.Equal(isRefused ? ["SystemRole = \"system\""] : [], changes.Select(change => change.Expression));
        }
    }

    [Fact]
    public async Task SendAsync_ServerErrorMentionsDevelopers_IsSentAgainAsItIs()
    {
        using var service = new RefusingService(
            (_, _) => """{"error":{"message":"Internal server error. Contact the developer support team."}}""",
            500
        );
        using var client = service.Client(
            new ChatCompletionsProtocol { SystemRole = "developer" },
            new LlmClientOptions { AdaptToRefusals = true, Retries = LlmRetries.Default with { BaseDelay = TimeSpan.Zero } }
        );
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Seeded with { System = "Be brief." }));

        Assert.All(service.Bodies, body => Assert.Contains("\"role\":\"developer\"", body, StringComparison.Ordinal));
        Assert.Empty(client.LearnedDialects);
    }

    [Fact]
    public async Task StreamAsync_RefusalAfterRefusedReasoning_IsJudgedByItsOwnText()
    {
        const string signature =
            """{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}""";
        const string marks =
            """{"type":"error","error":{"type":"invalid_request_error","message":"messages.2.content.0.cache_control: Extra inputs are not permitted"}}""";
        const string blue = """
            data: {"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}

            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Blue."}}

            data: {"type":"content_block_stop","index":0}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}

            data: {"type":"message_stop"}


            """;
        using var wire = new Faults.FaultWire(
            Faults.Script.OnRequest.Answer(400, "application/json", signature, "Connection: close").Fin(),
            Faults.Script.OnRequest.Sse().Chunk($"data: {marks}\n\n").LastChunk(),
            Faults.Script.OnRequest.Sse().Chunk(blue).LastChunk()
        );
        var client = wire.Client(
            new() { AdaptToRefusals = true, Retries = LlmRetries.Default with { MaxAttempts = 3 } },
            Faults.FaultWire.Compatible() with
            {
                Protocol = new AnthropicProtocol(),
            }
        );
        var thought = new ReasoningPart("Hm.") { WireData = new("anthropic", """{"signature":"c2ln"}""") };
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User("Why?"),
                new(Role.Assistant, [thought, new TextPart("Air.")]),
                Message.User([new TextPart("Go on.") { Cache = PromptCache.FiveMinutes }]),
            ],
        };
        await using var stream = await client.StreamAsync(request, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);

        Assert.Equal("Blue.", reply.Text);
        Assert.Equal("SupportsCacheMarks = false", Assert.Single(Assert.Single(client.LearnedDialects).Changes));
    }

    [Fact]
    public async Task SendAsync_AnthropicCompatible_LeavesOutCacheMarks()
    {
        const string blue =
            """{"id":"1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Blue."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}""";
        using var service = new RefusingService(
            (_, body) =>
                Has(body, "cache_control")
                    ? """{"type":"error","error":{"type":"invalid_request_error","message":"messages.0.content.0.cache_control: Extra inputs are not permitted"}}"""
                    : null,
            answer: blue
        );
        using var client = service.Client(new AnthropicProtocol());
        var reply = await client.SendAsync(
            new ChatRequest { Messages = [Message.User([new TextPart("Hi") { Cache = PromptCache.FiveMinutes }])] }
        );

        Assert.Equal("Blue.", reply.Text);
        Assert.Equal("SupportsCacheMarks = false", Assert.Single(Assert.Single(client.LearnedDialects).Changes));
    }

    [Fact]
    public void FindChanges_RandomText_NeverThrows()
    {
        var random = new SplitMix64(7);
        byte[] sent = Encoding.UTF8.GetBytes(
            """{"seed":1,"stop":[],"user":"u","temperature":1,"max_tokens":1,"tool_choice":{},"response_format":{}}"""
        );
        string[] pieces =
        [
            "'",
            "seed",
            "max_tokens",
            " must have stream=true",
            "maximum length ",
            "supported values are",
            "\n  ",
            ". ",
            "{",
            "99999999999",
            "tool call id",
            "\"",
            "not supported",
            "n",
            ".",
        ];
        for (int i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (int j = 0; j < 8; j++)
                text.Append(pieces[random.Below(pieces.Length)]);
            var changes = new List<DialectChange>();
            new ChatCompletionsProtocol().FindChanges(
                RequestRefusal.Read(Encoding.UTF8.GetBytes(text.ToString())),
                new SentRequest(sent, Seeded),
                changes
            );
            foreach (var change in changes)
                change.Apply(new ChatCompletionsProtocol());
        }
    }

    private static bool Has(string body, string piece) => body.Contains(piece, StringComparison.Ordinal);

    // The first call is refused when the second one has learned from the same refusal. Returns its answer.
    private static async Task<(ChatReply Early, LearnedDialect Learned, IReadOnlyList<string> Bodies)> LearnTwiceAsync(
        WireProtocol protocol,
        ChatRequest request,
        Func<string, string?> look,
        string? answer = null
    )
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var service = new RefusingService((_, body) => look(body), answer: answer)
        {
            Hold = number =>
            {
                if (number > 0)
                    return Task.CompletedTask;
                arrived.SetResult();
                return released.Task;
            },
        };
        using var client = service.Client(protocol);
        var early = client.SendAsync(request);
        await arrived.Task;
        await client.SendAsync(request);
        var learned = Assert.Single(client.LearnedDialects);
        released.SetResult();
        var reply = await early;
        Assert.Same(learned, Assert.Single(client.LearnedDialects));
        return (reply, learned, service.Bodies);
    }

    private static async Task<ChatReply> AskAsync(LlmClient client, RefusalCase one)
    {
        if (!one.IsStream)
            return await client.SendAsync(one.Request);
        await using var stream = await client.StreamAsync(one.Request);
        return await stream.ReplyAsync();
    }
}
