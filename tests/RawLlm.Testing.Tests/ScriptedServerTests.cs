using System.Text.Json;
using RawLlm.Testing.Tests.Support;

namespace RawLlm.Testing.Tests;

public sealed class ScriptedServerTests
{
    private static readonly LlmClientOptions Strict = new() { Retries = LlmRetries.None, Strict = true };

    private static readonly Dictionary<string, Provider> Wires = new()
    {
        ["chat-completions"] = Providers.OpenAI,
        ["responses"] = Providers.OpenAIResponses,
        ["anthropic"] = Providers.Anthropic,
        ["gemini"] = Providers.Gemini,
        ["ollama"] = Providers.Ollama,
        ["converse"] = Providers.BedrockIn("us-east-1"),
        ["bedrock-invoke"] = Providers.BedrockInvokeIn("us-east-1"),
    };

    private static readonly LlmErrorKind[] Refusals =
    [
        LlmErrorKind.Authentication,
        LlmErrorKind.PermissionDenied,
        LlmErrorKind.NotFound,
        LlmErrorKind.BadRequest,
        LlmErrorKind.ContextLengthExceeded,
        LlmErrorKind.ContentFiltered,
        LlmErrorKind.RequestTooLarge,
        LlmErrorKind.QuotaExhausted,
        LlmErrorKind.RateLimited,
        LlmErrorKind.Overloaded,
        LlmErrorKind.ServerError,
    ];

    public static IEnumerable<object[]> Ways => Wires.Keys.SelectMany(wire => new object[][] { [wire, false], [wire, true] });

    public static IEnumerable<object[]> WireNames => Wires.Keys.Select(wire => new object[] { wire });

    public static IEnumerable<object[]> Stops =>
        Ways.SelectMany(way =>
            Enum.GetValues<StopReason>()
                .Where(reason => reason != StopReason.Unknown)
                .Select(reason => new object[] { way[0], way[1], reason })
        );

    public static IEnumerable<object[]> Kinds => Wires.Keys.SelectMany(wire => Refusals.Select(kind => new object[] { wire, kind }));

    [Fact]
    public async Task AnswerWhen_SeveralConditions_AnswersMatchingRequests()
    {
        using var server = new ScriptedServer()
            .AnswerWhen(request => request.Prompt.Contains("Oslo"), "4 °C")
            .RefuseWhen(request => request.Prompt.Contains("Rome"), LlmErrorKind.Overloaded, TimeSpan.FromSeconds(2))
            .AnswerWhen(request => request.Prompt.Contains("Rome"), "20 °C", Fault.CutAfterPieces(1))
            .Answer("Any");
        using var client = server.CreateClient(Providers.OpenAI, "m", Strict);

        var refused = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Rome?"));
        Assert.Equal((LlmErrorKind.Overloaded, TimeSpan.FromSeconds(2)), (refused.Kind, refused.RetryAfter));
        Assert.Equal("Any", (await client.SendAsync("Paris?")).Text);
        Assert.Equal("4 °C", (await client.SendAsync("Oslo?")).Text);
        Assert.Throws<InvalidOperationException>(server.AssertScriptEnded);
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Rome?"));
        server.AssertScriptEnded();
    }

    [Fact]
    public void AnswerWhen_InvalidArguments_ThrowsArgumentException()
    {
        using var server = new ScriptedServer();
        Assert.Throws<ArgumentNullException>(() => server.AnswerWhen(null!, "x"));
        Assert.Throws<ArgumentNullException>(() => server.RefuseWhen(null!, LlmErrorKind.Overloaded));
        Assert.Throws<ArgumentException>(() => server.RefuseWhen(_ => true, LlmErrorKind.NameResolution));
        Assert.Throws<ArgumentOutOfRangeException>(() => server.RefuseWhen(_ => true, LlmErrorKind.Overloaded, TimeSpan.FromSeconds(-1)));
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task Requests_OnEveryWire_ReportSystemPromptAndTools(string wire)
    {
        using var server = new ScriptedServer().Answer("a").Answer("b");
        using var client = server.CreateClient(Wires[wire], "m", new LlmClientOptions { Retries = LlmRetries.None });
        await client.SendAsync(
            new ChatRequest
            {
                System = "Be brief.",
                Messages = [Message.User("Hi")],
                Tools = [new ToolDefinition("weather", "The weather", """{"type":"object","properties":{}}"""), new ToolDefinition("time")],
            }
        );
        await client.SendAsync("Hi");

        Assert.Equal("Be brief.", server.Requests[0].System);
        Assert.Equal(["weather", "time"], server.Requests[0].Tools);
        Assert.Equal("", server.Requests[1].System);
        Assert.Empty(server.Requests[1].Tools);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answer_WithText_IsReturnedAsReplyText(string wire, bool isStream)
    {
        using var server = new ScriptedServer().Answer(
            ScriptedAnswer.Text("Why \"blue\"?\n\\ Grüße, 日本 🎉  twice") with
            {
                Id = "a-1",
                Model = "m-1",
            }
        );
        var reply = await AskAsync(server, wire, isStream);

        Assert.Equal("Why \"blue\"?\n\\ Grüße, 日本 🎉  twice", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((10, 5), (reply.Usage?.InputTokens, reply.Usage?.OutputTokens));
        Assert.Empty(reply.Quirks);
        if (wire is not "converse")
            Assert.Equal("m-1", reply.Model);
        if (wire is not ("converse" or "ollama"))
            Assert.Equal("a-1", reply.Id);
        server.AssertScriptEnded();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_AtVertexUrl_UsesAnthropicWire(bool isStream)
    {
        using var server = new ScriptedServer().Answer(ScriptedAnswer.Text("Blue.").WithReasoning("Hm."));
        using var client = server.CreateClient(Providers.AnthropicVertexIn("p-1"), "claude-sonnet-4-5@20250929", Strict);
        ChatReply reply;
        if (isStream)
        {
            await using var stream = await client.StreamAsync("Why?");
            reply = await stream.ReplyAsync();
        }
        else
        {
            reply = await client.SendAsync("Why?");
        }
        Assert.Equal(("Hm.", "Blue."), (reply.Reasoning, reply.Text));
        Assert.Equal(("claude-sonnet-4-5@20250929", isStream), (server.Requests[0].Model, server.Requests[0].IsStream));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answer_WithReasoningTextAndToolCalls_IsReturnedAsReply(string wire, bool isStream)
    {
        using var server = new ScriptedServer().Answer(
            ScriptedAnswer
                .Text("Let me look.")
                .WithReasoning("Two cities, then.")
                .WithCall("weather", """{"city":"Oslo"}""")
                .WithCall("weather", """{"city":"Rome"}""", "mine")
        );
        var reply = await AskAsync(server, wire, isStream);

        Assert.Equal("Two cities, then.", reply.Reasoning);
        Assert.Equal("Let me look.", reply.Text);
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
        Assert.Equal(
            [("call_1", "weather", """{"city":"Oslo"}"""), ("mine", "weather", """{"city":"Rome"}""")],
            reply.CompletedToolCalls.Select(call => (call.Id, call.Name, call.Arguments))
        );
        Assert.Empty(reply.Quirks);
    }

    [Theory]
    [InlineData("chat-completions")]
    [InlineData("responses")]
    public async Task Answer_WithRefusalPart_IsRefusal(string wire)
    {
        using var server = new ScriptedServer();
        foreach (bool isStream in new[] { false, true })
        {
            server.Answer(new ScriptedAnswer([new RefusalPart("I will not.")]));
            var reply = await AskAsync(server, wire, isStream);

            Assert.Equal(("I will not.", "", StopReason.Refusal), (reply.Refusal, reply.Text, reply.StopReason));
        }
    }

    [Fact]
    public async Task Answer_UnsupportedByWire_ThrowsInvalidOperationException()
    {
        using var server = new ScriptedServer()
            .Answer(new ScriptedAnswer([new RefusalPart("I will not.")]))
            .AnswerWithCall("weather", "no JSON");

        Assert.Contains(
            "no separate part for a refusal",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "anthropic", true))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "not a JSON object",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "gemini", true))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("chat-completions", false)]
    [InlineData("chat-completions", true)]
    [InlineData("gemini", false)]
    [InlineData("gemini", true)]
    public async Task Answer_WithChoices_ReturnsAllChoices(string wire, bool isStream)
    {
        using var server = new ScriptedServer().Answer(
            ScriptedAnswer
                .Text("One of three.")
                .WithChoice(ScriptedAnswer.Call("weather", """{"city":"Oslo"}"""))
                .WithChoice(ScriptedAnswer.Text("The third") with { StopReason = StopReason.MaxTokens })
        );
        var reply = await AskAsync(server, wire, isStream);

        Assert.Equal(
            [(0, "One of three.", StopReason.EndTurn), (1, "", StopReason.ToolUse), (2, "The third", StopReason.MaxTokens)],
            reply.Choices.Select(choice => (choice.Index, choice.Text, choice.StopReason))
        );
        Assert.Equal("""{"city":"Oslo"}""", Assert.Single(reply.Choices[1].ToolCalls).Arguments);
        Assert.Empty(reply.Quirks);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answer_WithCitations_ReturnsCitations(string wire, bool isStream)
    {
        var script = ScriptedAnswer.Text("Grüß: It rains in Oslo.").WithCitation("https://a.example/", "Weather", "Rain.");
        var passage = new Citation(RawJson.Parse("{}"))
        {
            Url = "https://b.example/",
            Title = "Norway",
            Start = 18,
            End = 22,
        };
        using var server = new ScriptedServer().Answer(script with { Citations = [.. script.Citations, passage] });
        if (wire == "ollama")
        {
            Assert.Contains(
                "no place for the scripted citations",
                (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, wire, isStream))).Message,
                StringComparison.Ordinal
            );
            return;
        }
        var reply = await AskAsync(server, wire, isStream);

        Assert.Equal("Grüß: It rains in Oslo.", reply.Text);
        Assert.Equal(
            [("https://a.example/", "Weather"), ("https://b.example/", "Norway")],
            reply.Citations.Select(citation => (citation.Url, citation.Title)).Order()
        );
        Assert.All(reply.Citations, citation => Assert.Equal(0, citation.PartIndex));
        if (wire is "chat-completions" or "responses" or "gemini")
        {
            Assert.Equal(
                (18, 22),
                (reply.Citations.Single(citation => citation.Url == "https://b.example/") is { } found ? (found.Start, found.End) : default)
            );
        }

        if (wire is "anthropic" or "bedrock-invoke" or "converse")
            Assert.Equal("Rain.", reply.Citations[0].CitedText);
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task Answer_ChoicesOrCitationsUnsupported_ThrowsInvalidOperationException()
    {
        using var server = new ScriptedServer();
        foreach (string wire in Wires.Keys.Where(wire => wire is not ("chat-completions" or "gemini")))
        {
            server.Answer(ScriptedAnswer.Text("One").WithChoice("Two"));
            Assert.Contains(
                "gives one answer at a time",
                (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, wire, isStream: true))).Message,
                StringComparison.Ordinal
            );
        }
        server
            .Answer(ScriptedAnswer.Call("weather").WithCitation("https://a.example/"))
            .Answer(ScriptedAnswer.Text("Hi") with { Citations = [new Citation(RawJson.Parse("{}")) { Start = 1, End = 9 }] });
        Assert.Contains(
            "need a text",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "anthropic", isStream: true))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "from 1 to 9",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "gemini", isStream: false))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("chat-completions", 7)]
    [InlineData("gemini", null)]
    [InlineData("ollama", 7)]
    public async Task Embeddings_Scripted_AreReturnedByEmbedAsync(string wire, int? tokens)
    {
        using var server = new ScriptedServer()
            .AnswerEmbeddings(
                [
                    [0.5f, -1, 0.1f],
                    [1, 2, 3e-8f],
                ],
                inputTokens: 7
            )
            .Refuse(LlmErrorKind.RateLimited)
            .Answer("No vectors");
        using var client = server.CreateClient(Wires[wire], "m", Strict);
        var vectors = await client.EmbedAsync(["one", "two"]);

        Assert.Equal(
            [
                [0.5f, -1, 0.1f],
                [1, 2, 3e-8f],
            ],
            vectors.Vectors
        );
        Assert.Equal(tokens, (int?)vectors.Usage?.InputTokens);
        Assert.Equal(LlmErrorKind.RateLimited, (await Assert.ThrowsAsync<LlmException>(() => client.EmbedAsync(["one"]))).Kind);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.EmbedAsync(["one"]));
        server.AssertScriptEnded();
    }

    [Fact]
    public async Task Embeddings_ForChatRequest_ThrowsInvalidOperationException()
    {
        using var server = new ScriptedServer()
            .AnswerEmbeddings([
                [1],
            ])
            .AnswerModels(["m"]);
        Assert.Contains(
            "with embeddings",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "anthropic", isStream: false))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "list of models",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "anthropic", isStream: false))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task Models_Scripted_AreReturnedByListModelsAsync(string wire)
    {
        using var server = new ScriptedServer().AnswerModels(["one", "two-2"]).Refuse(LlmErrorKind.PermissionDenied);
        using var client = server.CreateClient(Wires[wire], "m", Strict);

        Assert.Equal(["one", "two-2"], (await client.ListModelsAsync()).Select(model => model.Id));
        Assert.Equal(LlmErrorKind.PermissionDenied, (await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync())).Kind);
        server.AssertScriptEnded();
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public async Task Answer_WithStopReason_EndsWithIt(string wire, bool isStream, StopReason reason)
    {
        using var server = new ScriptedServer().Answer(ScriptedAnswer.Text("Hi") with { StopReason = reason });
        var reply = await AskAsync(server, wire, isStream);

        Assert.Equal(("Hi", reason), (reply.Text, reply.StopReason));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answer_WithUsage_ReportsUsageSupportedByWire(string wire, bool isStream)
    {
        var usage = new Usage
        {
            InputTokens = 100,
            OutputTokens = 50,
            CachedInputTokens = 20,
            CacheWriteTokens = 7,
            ReasoningTokens = 30,
        };
        using var server = new ScriptedServer().Answer(ScriptedAnswer.Text("Hi") with { Usage = usage });
        var expected = wire switch
        {
            "chat-completions" or "responses" => usage with { TotalTokens = 150 },
            "gemini" => usage with { CacheWriteTokens = null, TotalTokens = 180 },
            "converse" => usage with { ReasoningTokens = null, TotalTokens = 177 },
            "ollama" => new Usage { InputTokens = 100, OutputTokens = 50 },
            _ => usage,
        };

        Assert.Equal(expected, (await AskAsync(server, wire, isStream)).Usage);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answer_WithoutUsage_ReportsNoUsage(string wire, bool isStream)
    {
        using var server = new ScriptedServer().Answer(ScriptedAnswer.Text("Hi") with { Usage = null });

        Assert.Null((await AskAsync(server, wire, isStream)).Usage);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Refuse_WithEachKind_ThrowsErrorOfThatKind(string wire, LlmErrorKind kind)
    {
        using var server = new ScriptedServer().Refuse(kind, TimeSpan.FromSeconds(7)).Refuse(kind, message: "Because it is so.");

        var e = await Assert.ThrowsAsync<LlmException>(() => AskAsync(server, wire, isStream: true));
        Assert.Equal((kind, TimeSpan.FromSeconds(7)), (e.Kind, e.RetryAfter));
        e = await Assert.ThrowsAsync<LlmException>(() => AskAsync(server, wire, isStream: false));
        Assert.Equal(kind, e.Kind);
        Assert.Contains("Because it is so.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ErrorInStream_OfEachKind_ThrowsStreamErrorWithThatCause(string wire, LlmErrorKind kind)
    {
        using var server = new ScriptedServer().Answer("One two three", Fault.ErrorInStream(kind, 2));
        var e = await Assert.ThrowsAsync<LlmException>(() => AskAsync(server, wire, isStream: true));

        Assert.Equal((LlmErrorKind.StreamError, kind, "One two "), (e.Kind, e.CauseKind, e.Partial?.Text));
    }

    [Fact]
    public void Refuse_WithClientSideKind_ThrowsArgumentException()
    {
        using var server = new ScriptedServer();

        Assert.Throws<ArgumentException>(() => server.Refuse(LlmErrorKind.StreamTruncated));
        Assert.Throws<ArgumentException>(() => Fault.ErrorInStream(LlmErrorKind.IdleTimeout));
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task Request_AfterAnswer_IsRecorded(string wire)
    {
        using var server = new ScriptedServer().Answer("Hi");
        var provider = Wires[wire] with
        {
            Headers = new Dictionary<string, string> { ["x-team"] = "search", ["x-secret-thing"] = "hidden-0123" },
        };
        await using var stream = await server
            .CreateClient(provider, "the.model", Strict)
            .StreamAsync(
                new ChatRequest
                {
                    System = "Be short.",
                    Messages = [Message.User("First?"), Message.Assistant("Yes."), Message.User("Why is the sky blue?")],
                }
            );
        await stream.ReplyAsync();

        var request = Assert.Single(server.Requests);
        Assert.Equal(
            ("the.model", true, "Why is the sky blue?", "POST"),
            (request.Model, request.IsStream, request.Prompt, request.Method)
        );
        Assert.Equal(JsonValueKind.Array, request.Messages.ValueKind);
        Assert.Equal(("search", "present"), (request.Headers["X-Team"], request.Headers["x-secret-thing"]));
        Assert.DoesNotContain(KeylessClient.Placeholder, string.Join('\n', request.Headers.Values), StringComparison.Ordinal);
        if (wire != "ollama")
        {
            Assert.Contains(
                "present",
                request
                    .Headers.Where(header => header.Key is "Authorization" or "x-api-key" or "x-goog-api-key")
                    .Select(header => header.Value)
            );
        }
    }

    [Fact]
    public async Task CreateClient_ForPrivateNetworkUrl_Succeeds()
    {
        using var server = new ScriptedServer().Answer("Hi");
        using var client = server.CreateClient(Providers.Vllm with { BaseUrl = new Uri("http://192.168.1.2/v1/") }, "m");

        Assert.Equal("Hi", (await client.SendAsync("Hello")).Text);
    }

    public static TheoryData<string> Services => [.. Providers.All().Select(provider => provider.Name)];

    // No variable of the environment is set where tests run.
    [Theory]
    [MemberData(nameof(Services))]
    public async Task CreateClient_ForEveryProvider_NeedsNoEnvironmentVariables(string name)
    {
        var provider = Providers.All().Single(provider => provider.Name == name);
        using var server = new ScriptedServer().Answer("Hi");
        using var client = server.CreateClient(provider, "m");

        Assert.Equal("Hi", (await client.SendAsync("Hello")).Text);
    }

    [Fact]
    public async Task Keyless_ProviderWithoutKey_WorksWithSeparateClient()
    {
        var provider = Providers.OpenAI with { Credential = Credential.BearerFrom("RAWLLM_TESTS_NOT_SET") };
        Assert.NotNull(provider.Credential.Problem);
        using var server = new ScriptedServer().Answer("Hi");
        using var client = new LlmClient(ScriptedServer.Keyless(provider), "m", http: server.Http);

        Assert.Equal("Hi", (await client.SendAsync("Hello")).Text);
        var given = Providers.OpenAI with { Credential = Credential.Bearer("key-of-a-tenant") };
        Assert.Same(given, ScriptedServer.Keyless(given));
        Assert.Throws<ArgumentNullException>(() => ScriptedServer.Keyless(null!));
    }

    [Theory]
    [InlineData("chat-completions")]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task HasKey_WithSentKey_IsTrueOnlyForThatKey(string wire)
    {
        var credential = Wires[wire].Credential;
        using var server = new ScriptedServer().Answer("a").Answer("b");
        foreach (string key in (string[])["key-of-tenant-1", "key-of-tenant-2"])
        {
            using var client = server.CreateClient(Wires[wire] with { Credential = credential.WithKey(key)! }, "m");
            await client.SendAsync("Hi");
        }

        Assert.Equal([true, false], server.Requests.Select(request => request.HasKey("key-of-tenant-1")));
        Assert.Equal([false, true], server.Requests.Select(request => request.HasKey("key-of-tenant-2")));
        Assert.DoesNotContain(
            server.Requests,
            request =>
                request.HasKey("Bearer")
                || request.HasKey("key-of-tenant")
                || request.Headers.Values.Any(value => value.Contains("key-of", StringComparison.Ordinal))
        );
        Assert.Throws<ArgumentException>(() => server.Requests[0].HasKey(" "));
    }

    [Fact]
    public async Task HasKey_KeyIsInQuery_IsTrue()
    {
        using var server = new ScriptedServer().AnswerRaw(200, "application/json", "{}");
        await server.Http.GetStringAsync("http://localhost/v1beta/models?key=k%2F1&alt=sse");

        Assert.True(server.Requests[0].HasKey("k/1"));
        Assert.DoesNotContain("k%2F1", server.Requests[0].Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat-completions", false, "x-ratelimit-reset-tokens")]
    [InlineData("responses", true, "x-ratelimit-reset-tokens")]
    [InlineData("anthropic", false, "anthropic-ratelimit-tokens-reset")]
    [InlineData("anthropic", true, "anthropic-ratelimit-tokens-reset")]
    public async Task RateLimits_OnSupportingWire_AreReturnedInReply(string wire, bool isStream, string header)
    {
        var limits = new RateLimits
        {
            Requests = new(60, 59, null, null),
            Tokens = new(200_000, 0, new TimeSpan(1, 2, 3), null),
            InputTokens = new(9, 8, TimeSpan.FromMilliseconds(17), null),
        };
        using var server = new ScriptedServer(new ManualTime()).Answer(
            ScriptedAnswer.Text("Hi") with
            {
                RateLimits = limits,
                Headers = new Dictionary<string, string> { ["X-Request-Id"] = "r-1" },
            }
        );
        var reply = await AskAsync(server, wire, isStream);

        Assert.Equal(limits.Requests, reply.RateLimits?.Requests);
        Assert.Equal((200_000L, 0L), (reply.RateLimits?.Tokens?.Limit, reply.RateLimits?.Tokens?.Remaining));
        var (after, at) = (reply.RateLimits?.Tokens?.ResetAfter, reply.RateLimits?.Tokens?.ResetAt);
        Assert.Equal(wire == "anthropic" ? null : new TimeSpan(1, 2, 3), after);
        Assert.Equal(wire == "anthropic" ? new ManualTime().GetUtcNow() + new TimeSpan(1, 2, 3) : null, at);
        Assert.Equal((9L, 8L), (reply.RateLimits?.InputTokens?.Limit, reply.RateLimits?.InputTokens?.Remaining));
        Assert.Equal("r-1", reply.RequestId);
        using var raw = new ScriptedServer().Answer(ScriptedAnswer.Text("Hi") with { RateLimits = limits });
        using var request = new StringContent("""{"model":"m"}""");
        using var response = await raw.Http.PostAsync(
            new Uri(
                wire switch
                {
                    "anthropic" => "http://localhost/v1/messages",
                    "responses" => "http://localhost/v1/responses",
                    _ => "http://localhost/v1/chat/completions",
                }
            ),
            request
        );
        Assert.True(response.Headers.Contains(header));
    }

    [Fact]
    public async Task RateLimits_OnUnsupportedWire_ThrowsInvalidOperationException()
    {
        using var server = new ScriptedServer().Answer(
            ScriptedAnswer.Text("Hi") with
            {
                RateLimits = new RateLimits { Requests = new(1, 1, null, null) },
            }
        );
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "gemini", false));

        Assert.Contains("ScriptedAnswer.Headers", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_WithInvalidName_ThrowsArgumentException()
    {
        Assert.Throws<ArgumentException>(() =>
            ScriptedAnswer.Text("Hi") with
            {
                Headers = new Dictionary<string, string> { ["no name"] = "1" },
            }
        );
        Assert.Throws<ArgumentNullException>(() => ScriptedAnswer.Text("Hi") with { Headers = null! });
    }

    [Fact]
    public async Task Refuse_WithStatus_UsesThatStatus()
    {
        using var server = new ScriptedServer().Refuse(LlmErrorKind.Overloaded, status: 529);
        var e = await Assert.ThrowsAsync<LlmException>(() => AskAsync(server, "chat-completions", false));

        Assert.Equal((LlmErrorKind.Overloaded, 529), (e.Kind, (int?)e.Status));
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Refuse(LlmErrorKind.Overloaded, status: 200));
    }

    [Fact]
    public async Task Script_Exhausted_ThrowsUnlessAnswerOthersIsSet()
    {
        using var server = new ScriptedServer();
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(server, "anthropic", false));
        Assert.Contains("The script has no answer to request 1 (POST /v1/messages, model m)", e.Message, StringComparison.Ordinal);

        server.AnswerOthers(request => $"You said: {request.Prompt}").Answer("First");

        Assert.Equal("First", (await AskAsync(server, "anthropic", false)).Text);
        Assert.Equal("You said: Hello", (await AskAsync(server, "gemini", true)).Text);
    }

    [Fact]
    public void AssertScriptEnded_OneAnswerRemains_ThrowsInvalidOperationException()
    {
        using var server = new ScriptedServer().Answer("Hi");

        Assert.Equal(
            "1 scripted answer was not used after 0 requests: \"Hi\".",
            Assert.Throws<InvalidOperationException>(server.AssertScriptEnded).Message
        );
    }

    [Fact]
    public async Task AssertScriptEnded_SeveralAnswersRemain_ListsThem()
    {
        using var server = new ScriptedServer()
            .Answer("First")
            .Answer(new string('x', 70))
            .AnswerWithCall("weather", "{}")
            .Refuse(LlmErrorKind.Overloaded)
            .AnswerModels(["m"])
            .AnswerEmbeddings([
                [1],
                [2],
            ])
            .AnswerRaw(204, "text/plain", "")
            .AnswerWhen(_ => false, "Never");
        await AskAsync(server, "gemini", false);

        Assert.Equal(
            $"7 scripted answers were not used after 1 request: \"{new string('x', 60)}…\", a call to weather, a refusal (Overloaded), a list of models, 2 vectors, a response of status 204, \"Never\" on a condition.",
            Assert.Throws<InvalidOperationException>(server.AssertScriptEnded).Message
        );
        for (int i = 0; i < 5; i++)
            server.Answer("More");
        Assert.EndsWith(
            "\"More\", \"More\", \"More\", and 2 more.",
            Assert.Throws<InvalidOperationException>(server.AssertScriptEnded).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Script_ConcurrentRequests_UsesEachAnswerOnce()
    {
        const int Calls = 50;
        using var server = new ScriptedServer();
        for (int i = 0; i < Calls; i++)
            server.Answer($"Answer {i}");
        using var client = server.CreateClient(Providers.OpenAI, "m", Strict);

        var replies = await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(() => client.SendAsync("Hello"))));

        Assert.Equal(Calls, replies.Select(reply => reply.Text).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, Calls), server.Requests.Select(request => request.Number));
    }

    [Fact]
    public async Task AnswerRaw_ForListModelsRequest_IsReturned()
    {
        using var server = new ScriptedServer().AnswerRaw(
            200,
            "application/json",
            """{"data":[{"id":"m-1"}]}""",
            new Dictionary<string, string> { ["x-request-id"] = "r-1" }
        );
        using var client = server.CreateClient(Providers.OpenAI, "m");

        Assert.Equal("m-1", Assert.Single(await client.ListModelsAsync()).Id);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            server.Answer("Hi").CreateClient(Providers.OpenAI, "m").ListModelsAsync()
        );
        Assert.Contains("AnswerRaw", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_WithToolResultPart_ThrowsArgumentException() =>
        Assert.Throws<ArgumentException>(() => new ScriptedAnswer([new ToolResultPart("a", "b")]));

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task ToolLoop_WithScriptedToolCall_ContinuesWithResult(string wire, bool isStream)
    {
        using var server = new ScriptedServer()
            .Answer(ScriptedAnswer.Call("weather", """{"city":"Oslo"}""").WithReasoning("Look it up."))
            .Answer("Take a coat.");
        var weather = Tool.Create(
            new ToolDefinition("weather", "The weather", """{"type":"object","properties":{"city":{"type":"string"}}}"""),
            arguments => $"4 °C in {arguments.Text("city")}"
        );
        var loop = new ToolLoop(server.CreateClient(Wires[wire], "m", Strict), [weather]);
        ToolRun run;
        if (isStream)
        {
            await using var stream = loop.Stream("Do I need a coat?");
            while (await stream.ReadAsync()) { }
            run = stream.Run!;
        }
        else
        {
            run = await loop.RunAsync("Do I need a coat?");
        }

        Assert.Equal("Take a coat.", run.Text);
        Assert.Contains(
            "4 °C in Oslo",
            System.Text.RegularExpressions.Regex.Unescape(server.Requests[1].Messages.GetRawText()),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_OnResponsesWire_IsSentBack(bool isStream)
    {
        var sent = await GoOnAsync(Wires["responses"], isStream);

        Assert.Contains("\"encrypted_content\":\"c2NyaXB0ZWQ=\"", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_OnOpenRouter_IsSentBackWithSignature(bool isStream)
    {
        var sent = await GoOnAsync(Providers.OpenRouter, isStream);

        Assert.Contains("\"text\":\"Look it up.\"", sent, StringComparison.Ordinal);
        Assert.Contains("\"signature\":\"c2NyaXB0ZWQ=\"", sent, StringComparison.Ordinal);
    }

    private static async Task<string> GoOnAsync(Provider provider, bool isStream)
    {
        using var server = new ScriptedServer().Answer(ScriptedAnswer.Text("Take a coat.").WithReasoning("Look it up.")).Answer("Yes.");
        using var client = server.CreateClient(provider, "m", Strict);
        var request = new ChatRequest { Messages = [Message.User("Do I need a coat?")] };
        ChatReply reply;
        if (isStream)
        {
            await using var stream = await client.StreamAsync(request);
            reply = await stream.ReplyAsync();
        }
        else
        {
            reply = await client.SendAsync(request);
        }
        Assert.Equal("Look it up.", reply.Reasoning);
        var next = await client.SendAsync(request with { Messages = [.. request.Messages, reply.Message, Message.User("Sure?")] });
        Assert.Empty(next.Quirks);
        return server.Requests[1].Messages.GetRawText();
    }

    internal static Provider Provider(string wire) => Wires[wire];

    internal static async Task<ChatReply> AskAsync(ScriptedServer server, string wire, bool isStream, LlmClientOptions? options = null)
    {
        using var client = server.CreateClient(Wires[wire], "m", options ?? Strict);
        if (!isStream)
            return await client.SendAsync("Hello");
        await using var stream = await client.StreamAsync("Hello");
        return await stream.ReplyAsync();
    }
}
