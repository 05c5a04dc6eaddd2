using System.Diagnostics;
using System.Reflection;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Telemetry;

/// <summary>One activity per call, however it ends, and the caller's own activity left unchanged.</summary>
public sealed class ActivityTests
{
    private const string Close = "Connection: close";

    [Theory]
    [InlineData("anthropic", "anthropic")]
    [InlineData("anthropic-vertex", "gcp.vertex_ai")]
    [InlineData("bedrock-invoke", "aws.bedrock")]
    [InlineData("gemini-compatible", "gcp.gemini")]
    [InlineData("moonshot", "moonshot_ai")]
    [InlineData("ollama", "ollama")]
    public void ProviderName_Service_FollowsSemanticConventions(string provider, string name) =>
        Assert.Equal(name, RawLlm.Telemetry.ProviderNames.Of(Providers.All().Single(each => each.Name == provider)));

    [Fact]
    public async Task SendAsync_Succeeds_RecordsTagsWithoutContent()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", Answers.Whole, "x-request-id: r1"));
        var request = ChatRequest.Ask("a question") with
        {
            MaxTokens = 50,
            Temperature = 0.5,
            TopP = 0.9,
            Seed = 7,
            Stop = ["halt"],
            System = "be brief",
            ChoiceCount = 1,
            Format = ReplyFormat.Json,
        };

        await wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = "mistral" }), "m1").SendAsync(request, wire.Token);

        var activity = Assert.Single(probe.Activities);
        Assert.Equal(("chat m1", ActivityKind.Client, ActivityStatusCode.Unset), (activity.DisplayName, activity.Kind, activity.Status));
        Assert.Same(probe.Root, activity.Parent);
        Assert.Empty(activity.Events);
        Assert.Equal(
            [
                "gen_ai.operation.name=chat",
                "gen_ai.output.type=json",
                "gen_ai.provider.name=mistral_ai",
                "gen_ai.request.max_tokens=50",
                "gen_ai.request.model=m1",
                "gen_ai.request.seed=7",
                "gen_ai.request.temperature=0.5",
                "gen_ai.request.top_p=0.9",
                "gen_ai.response.finish_reasons=stop",
                "gen_ai.response.id=c1",
                "gen_ai.response.model=m",
                "gen_ai.usage.input_tokens=3",
                "gen_ai.usage.output_tokens=2",
                "rawllm.attempts=1",
                "rawllm.outcome=done",
                "rawllm.request.id=r1",
                "server.address=127.0.0.1",
                $"server.port={probe.Port}",
            ],
            Tags(activity)
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_ListenerThrows_ResultIsUnchanged(bool answers)
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(answers ? Answers.WholeAnswer : Answers.Error(401));
        using var throwing = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RawLlm",
            // For this test only: requests of other tests would have an additional header.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == probe.Root.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity => ThrowFor(activity, probe.Port),
        };
        ActivitySource.AddActivityListener(throwing);
        var asking = Client(probe, wire).SendAsync("Hi", wire.Token);

        if (answers)
            Assert.Equal(StopReason.EndTurn, (await asking).StopReason);
        else
            Assert.Equal(LlmErrorKind.Authentication, (await Assert.ThrowsAsync<LlmException>(() => asking)).Kind);

        static void ThrowFor(Activity activity, int port)
        {
            if (Equals(activity.GetTagItem("server.port"), port))
                throw new TimeZoneNotFoundException();
        }
    }

    [Fact]
    public async Task Stream_ReadToEnd_EndsActivity()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Answers.Stream);
        await using var stream = await Client(probe, wire).StreamAsync("Hi", wire.Token);
        while (await stream.ReadAsync(wire.Token))
        {
            Assert.Empty(probe.Activities);
            Assert.Same(probe.Root, Activity.Current);
        }

        var activity = Assert.Single(probe.Activities);
        Assert.Equal(("done", null, ActivityStatusCode.Unset), End(activity));
        Assert.Equal(
            (true, "c1", "m"),
            (
                activity.GetTagItem("gen_ai.request.stream"),
                activity.GetTagItem("gen_ai.response.id"),
                activity.GetTagItem("gen_ai.response.model")
            )
        );
        Assert.Equal(["stop"], (string[])activity.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.NotNull(activity.GetTagItem("gen_ai.response.time_to_first_chunk"));
        Assert.Same(probe.Root, Activity.Current);
        await stream.DisposeAsync();
        Assert.Single(probe.Activities);
    }

    [Fact]
    public async Task Stream_ConnectionLost_ActivityHasErrorKind()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Fin());
        await using var stream = await Client(probe, wire).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token))
                Assert.Empty(probe.Activities);
        });
        await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync(wire.Token));

        Assert.Equal(("failed", error.Kind.ToString(), ActivityStatusCode.Error), End(Assert.Single(probe.Activities)));
        Assert.Null(probe.Activities[0].StatusDescription);
        Assert.Same(probe.Root, Activity.Current);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_CanceledDuringRead_ActivityIsCanceled(bool byTheReadsToken)
    {
        using var probe = new TelemetryProbe();
        using var opened = new CancellationTokenSource();
        using var read = new CancellationTokenSource();
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Do((byTheReadsToken ? read : opened).Cancel).Stall()
        );
        await using var stream = await Client(probe, wire).StreamAsync("Hi", opened.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.ReadAsync(read.Token))
                Assert.Same(probe.Root, Activity.Current);
        });

        Assert.Equal(("cancelled", "System.OperationCanceledException", ActivityStatusCode.Error), End(Assert.Single(probe.Activities)));
        Assert.Same(probe.Root, Activity.Current);
    }

    [Fact]
    public async Task Stream_LeftByCanceledToken_ActivityIsCanceled()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Stall());
        using var read = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var e in (await Client(probe, wire).StreamAsync("Hi", wire.Token)).WithCancellation(read.Token))
                read.Cancel();
        });

        Assert.Equal("cancelled", End(Assert.Single(probe.Activities)).Outcome);
    }

    [Fact]
    public async Task Stream_LeftEarly_ActivityIsNoError()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Stall());
        await foreach (var e in await Client(probe, wire).StreamAsync("Hi", wire.Token))
        {
            if (e.Kind == StreamEventKind.Text && !e.Utf8.IsEmpty)
                break;
        }

        Assert.Equal(("left", null, ActivityStatusCode.Unset), End(Assert.Single(probe.Activities)));
        Assert.Same(probe.Root, Activity.Current);
    }

    [Fact]
    public async Task Stream_DisposedDuringRead_EndsActivityOnce()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Stall());
        var stream = await Client(probe, wire).StreamAsync("Hi", wire.Token);
        while (stream.Current.Kind != StreamEventKind.Text)
            await stream.ReadAsync(wire.Token);
        var read = stream.ReadAsync(wire.Token);
        Assert.False(read.IsCompleted);
        await stream.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await read);

        Assert.Equal("left", End(Assert.Single(probe.Activities)).Outcome);
    }

    [Fact]
    public async Task Call_RetriedOnce_RecordsFailedAttemptAsEvent()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Answers.Error(503, "x", "Retry-After: 2", Close).Fin(), Answers.WholeAnswer);
        await Client(probe, wire).SendAsync("Hi", wire.Token);

        var activity = Assert.Single(probe.Activities);
        Assert.Equal(("done", null, ActivityStatusCode.Unset), End(activity));
        Assert.Equal(2, activity.GetTagItem("rawllm.attempts"));
        var failed = Assert.Single(activity.Events);
        Assert.Equal("rawllm.attempt_failed", failed.Name);
        var tags = failed.Tags.ToDictionary(tag => tag.Key, tag => tag.Value);
        Assert.Equal((1, "Overloaded", 503), (tags["rawllm.attempt"], tags["error.type"], tags["http.response.status_code"]));
        Assert.Equal(Assert.Single(wire.Time.Waits).TotalSeconds, (double)tags["rawllm.retry.wait"]!);
    }

    [Fact]
    public async Task Call_FailsWithoutRetry_RecordsErrorAndStatus()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Answers.Error(401, "invalid_api_key", Close).Fin());
        await Assert.ThrowsAsync<LlmException>(() => Client(probe, wire).StreamAsync("Hi", wire.Token));

        var activity = Assert.Single(probe.Activities);
        Assert.Equal(("failed", "Authentication", ActivityStatusCode.Error), End(activity));
        Assert.Equal(401, activity.GetTagItem("http.response.status_code"));
        Assert.DoesNotContain("rawllm.retry.wait", Assert.Single(activity.Events).Tags.Select(tag => tag.Key));
        Assert.Same(probe.Root, Activity.Current);
    }

    [Fact]
    public async Task Stream_ConnectionLostBeforeFirstEvent_IsOneActivityWithTwoAttempts()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Sse().Fin(), Answers.Stream);
        await using var stream = await Client(probe, wire).StreamAsync("Hi", wire.Token);
        while (await stream.ReadAsync(wire.Token))
            Assert.Same(probe.Root, Activity.Current);

        var activity = Assert.Single(probe.Activities);
        Assert.Equal(("done", 2, 1), (End(activity).Outcome, activity.GetTagItem("rawllm.attempts"), activity.Events.Count()));
    }

    [Fact]
    public async Task Call_InvalidRequest_RecordsErrorWithZeroAttempts()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire();
        await Assert.ThrowsAsync<ArgumentNullException>(() => Client(probe, wire).SendAsync(null!, wire.Token));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Client(probe, wire).StreamAsync(null!, wire.Token));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Client(probe, wire).EmbedAsync((EmbeddingRequest)null!, wire.Token));

        var headless = ChatRequest.Ask("Hi") with { Headers = new Dictionary<string, string> { ["Authorization"] = null! } };
        await Assert.ThrowsAsync<ArgumentNullException>(() => Client(probe, wire).SendAsync(headless, wire.Token));

        Assert.Equal(4, probe.Activities.Count);
        Assert.All(
            probe.Activities,
            activity =>
                Assert.Equal((0, "System.ArgumentException"), (activity.GetTagItem("rawllm.attempts"), activity.GetTagItem("error.type")))
        );
    }

    [Fact]
    public async Task HttpActivity_OwnOrSuppliedHandler_IsChildOfCall()
    {
        foreach (bool isOwn in (bool[])[true, false])
        {
            using var probe = new TelemetryProbe();
            using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Answers.WholeAnswer);
            LlmClient client;
            HttpClient? http = null;
            if (isOwn)
            {
                client = Client(probe, wire);
            }
            else
            {
                SocketsHttpHandler? handler = null;
                wire.OnHandler = own => handler = own;
                var owner = Client(probe, wire);
                http = new HttpClient(handler!, disposeHandler: false);
                client = new LlmClient(owner.Provider, "m", new LlmClientOptions { Time = wire.Time, Random = () => 0.5 }, http);
            }
            await client.SendAsync("Hi", wire.Token);

            var call = Assert.Single(probe.Activities);
            Assert.Equal(2, probe.Http.Count);
            Assert.All(probe.Http, sent => Assert.Equal(call.SpanId, sent.ParentSpanId));
            Assert.All(wire.Requests, request => Assert.Contains("traceparent", request, StringComparison.Ordinal));
            if (!isOwn)
            {
                client.Dispose();
                http!.Dispose();
            }
        }
    }

    [Fact]
    public async Task CurrentActivity_StoppedBeforeCall_IsUnchanged()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Answers.Stream);
        var client = Client(probe, wire);
        var own = new Activity("own").Start();
        Task<bool> stayed = Task.Run(async () =>
        {
            // The activity that flowed here stops in the context that it came from.
            await Task.Run(own.Stop);
            var before = Activity.Current;
            bool isSame = true;
            await using var stream = await client.StreamAsync("Hi", wire.Token);
            while (await stream.ReadAsync(wire.Token))
                isSame &= ReferenceEquals(before, Activity.Current);
            return isSame && ReferenceEquals(before, Activity.Current) && ReferenceEquals(own, before);
        });
        Assert.True(await stayed);
        Activity.Current = probe.Root;
        Assert.Equal("done", End(Assert.Single(probe.Activities)).Outcome);
    }

    [Fact]
    public async Task CurrentActivity_FlowSuppressed_IsUnchanged()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Answers.Stream);
        Task<ChatStream> opening;
        using (ExecutionContext.SuppressFlow())
        {
            opening = Client(probe, wire).StreamAsync("Hi", wire.Token);
            Assert.Same(probe.Root, Activity.Current);
        }
        await (await opening).ReplyAsync(wire.Token);

        Assert.Same(probe.Root, Assert.Single(probe.Activities).Parent);
    }

    [Fact]
    public async Task Chain_FirstServiceFails_RecordsParentWithChildPerClient()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Answers.WholeAnswer);
        await Chain(probe, wire, 2).SendAsync("Hi", wire.Token);

        Assert.Equal(["chat m0", "chat m1", "fallback"], probe.Activities.Select(activity => activity.DisplayName));
        var parent = probe.Activities[2];
        Assert.Equal((ActivityKind.Internal, 2), (parent.Kind, parent.GetTagItem("rawllm.clients")));
        Assert.Same(probe.Root, parent.Parent);
        Assert.All(probe.Activities.Take(2), child => Assert.Same(parent, child.Parent));
        Assert.Equal(
            [
                ("failed", "Overloaded", ActivityStatusCode.Error),
                ("done", null, ActivityStatusCode.Unset),
                ("done", null, ActivityStatusCode.Unset),
            ],
            probe.Activities.Select(End)
        );
        Assert.Same(probe.Root, Activity.Current);
    }

    [Fact]
    public async Task Chain_StreamFailsBeforeFirstEvent_RecordsSecondChild()
    {
        using var probe = new TelemetryProbe();
        const string Overloaded = """data: {"error":{"message":"x","code":"overloaded_error"}}""" + "\n\n";
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Overloaded).LastChunk(), Answers.Stream);
        await using var stream = await Chain(probe, wire, 2).StreamAsync("Hi", wire.Token);
        while (await stream.ReadAsync(wire.Token))
            Assert.Same(probe.Root, Activity.Current);

        Assert.Equal(["chat m0", "chat m1", "fallback"], probe.Activities.Select(activity => activity.DisplayName));
        Assert.Equal(["failed", "done", "done"], probe.Activities.Select(activity => End(activity).Outcome));
        Assert.All(probe.Activities.Take(2), child => Assert.Same(probe.Activities[2], child.Parent));
    }

    [Fact]
    public async Task Chain_StreamLeftEarly_RecordsBothAsLeft()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Stall());
        await (await Chain(probe, wire, 2).StreamAsync("Hi", wire.Token)).DisposeAsync();

        Assert.Equal(
            [("chat m0", "left"), ("fallback", "left")],
            probe.Activities.Select(activity => (activity.DisplayName, End(activity).Outcome))
        );
    }

    [Fact]
    public async Task Chain_AllStreamsFail_RecordsEachFailureOnce()
    {
        using var probe = new TelemetryProbe();
        const string UsedUp = """data: {"error":{"message":"x","code":"insufficient_quota"}}""" + "\n\n";
        var broken = Script.OnRequest.Sse().Chunk(UsedUp).LastChunk();
        using var wire = new FaultWire(broken, broken);
        await using var stream = await Chain(probe, wire, 2).StreamAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token))
                Assert.Same(probe.Root, Activity.Current);
        });

        Assert.Equal(["chat m0", "chat m1", "fallback"], probe.Activities.Select(activity => activity.DisplayName));
        Assert.All(probe.Activities, activity => Assert.Equal(("failed", "StreamError", ActivityStatusCode.Error), End(activity)));
        Assert.Equal("QuotaExhausted", probe.Activities[0].GetTagItem("rawllm.error.cause"));
    }

    [Fact]
    public async Task Activities_OtherOperations_AreNamedByOperation()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(
            Script.OnRequest.Answer(200, "application/json", """{"data":[{"id":"a"}]}""", Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", """{"id":"a"}""", Close).Fin(),
            Script
                .OnRequest.Answer(
                    200,
                    "application/json",
                    """{"model":"e","data":[{"index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":4,"total_tokens":4}}""",
                    Close
                )
                .Fin(),
            Script.OnRequest.Answer(200, "application/json", """{"input_tokens":4}""", Close).Fin()
        );
        var client = Client(probe, wire);
        await client.ListModelsAsync(wire.Token);
        await client.GetModelAsync("a", wire.Token);
        await client.EmbedAsync(new EmbeddingRequest(["x"]) { Model = "e", Dimensions = 1 }, wire.Token);
        await wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = "anthropic", Protocol = new AnthropicProtocol() }))
            .CountTokensAsync("Hi", wire.Token);

        Assert.Equal(
            ["list_models", "get_model a", "embeddings e", "count_tokens m"],
            probe.Activities.Select(activity => activity.DisplayName)
        );
        Assert.All(probe.Activities, activity => Assert.Equal(("done", null, ActivityStatusCode.Unset), End(activity)));
        Assert.Equal(
            (1, 4L),
            (
                probe.Activities[2].GetTagItem("gen_ai.embeddings.dimension.count"),
                probe.Activities[2].GetTagItem("gen_ai.usage.input_tokens")
            )
        );
    }

    [Theory]
    [InlineData(256 - 20)]
    [InlineData(256 - 1)]
    [InlineData(256)]
    [InlineData(256 + 20)]
    [Case(112)]
    public async Task Tag_LongTextWithKey_IsTruncatedWithoutKey(int before)
    {
        using var probe = new TelemetryProbe();
        string key = FaultWire.Compatible().Credential.Secrets!.Single();
        string answer = Answers.Whole.Replace(
            "\"model\":\"m\"",
            $"\"model\":\"{new string('x', before)}{key}{new string('y', 1000)}\"",
            StringComparison.Ordinal
        );
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", answer));
        await Client(probe, wire).SendAsync("Hi", wire.Token);
        string told = (string)Assert.Single(probe.Activities).GetTagItem("gen_ai.response.model")!;
        Assert.Equal(256, told.Length);
        Assert.StartsWith(new string('x', Math.Min(255, before)), told, StringComparison.Ordinal);
        Assert.DoesNotContain(key[..3], told, StringComparison.Ordinal);
    }

    [Fact]
    [Case(112)]
    public async Task Tag_TextWithKeyOfCustomCredential_IsRedacted()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", Answers.Whole, "x-request-id: tok-0123456789"));
        await wire.Client(null, probe.Service(FaultWire.Compatible() with { Credential = new Own() })).SendAsync("Hi", wire.Token);
        Assert.Equal("[redacted]", Assert.Single(probe.Activities).GetTagItem("rawllm.request.id"));
    }

    private sealed class Own : Credential
    {
        public override void Sign(WireRequest request) => request.SetHeader("x-own-key", "tok-0123456789");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(112, 113)]
    public async Task Tag_TextWithKeyOrControlCharacters_IsSanitized(bool isStream)
    {
        using var probe = new TelemetryProbe();
        string key = FaultWire.Compatible().Credential.Secrets!.Single();
        string model = "m\\u202e\\n" + new string('x', 300);
        string answer = isStream
            ? $$$"""data: {"id":"{{{key}}}","model":"{{{model}}}","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"{{{key}}}"}]}"""
                + "\n\ndata: [DONE]\n\n"
            : $$$"""{"id":"{{{key}}}","model":"{{{model}}}","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"{{{key}}}"}]}""";
        using var wire = new FaultWire(
            Script.OnRequest.Answer(200, isStream ? "text/event-stream" : "application/json", answer, $"x-request-id: {key}")
        );
        if (isStream)
            await (await Client(probe, wire).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        else
            await Client(probe, wire).SendAsync("Hi", wire.Token);

        var activity = Assert.Single(probe.Activities);
        Assert.Equal(("[redacted]", "[redacted]"), (activity.GetTagItem("gen_ai.response.id"), activity.GetTagItem("rawllm.request.id")));
        Assert.Equal(["[redacted]"], (string[])activity.GetTagItem("gen_ai.response.finish_reasons")!);
        string told = (string)activity.GetTagItem("gen_ai.response.model")!;
        Assert.StartsWith("m\\u202E x", told, StringComparison.Ordinal);
        Assert.Equal(256, told.Length);
    }

    [Fact]
    public void Tags_ComparedWithTelemetryPage_AreAllDocumented()
    {
        string page = File.ReadAllText(Path.Combine(Folders.Repository, "docs", "telemetry.md"));
        var names = typeof(RawLlm.Telemetry.Tags)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetValue(null)!);
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    private static (string? Outcome, string? ErrorType, ActivityStatusCode Status) End(Activity activity) =>
        ((string?)activity.GetTagItem("rawllm.outcome"), (string?)activity.GetTagItem("error.type"), activity.Status);

    private static IEnumerable<string> Tags(Activity activity) =>
        activity
            .TagObjects.Select(tag =>
                FormattableString.Invariant($"{tag.Key}={(tag.Value is string[] texts ? string.Join(',', texts) : tag.Value)}")
            )
            .Order(StringComparer.Ordinal);

    private static LlmClient Client(TelemetryProbe probe, FaultWire wire) => wire.Client(null, probe.Service(FaultWire.Compatible()));

    private static FallbackChain Chain(TelemetryProbe probe, FaultWire wire, int count) =>
        new([
            .. Enumerable
                .Range(0, count)
                .Select(number => wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = $"s{number}" }), $"m{number}")),
        ]);
}
