using System.Net;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Routing;

/// <summary>
/// Hedged calls: a second service is asked if the first is late. The first connection belongs to the first service and advances the clock.
/// </summary>
public sealed class HedgeTests
{
    private const string Close = "Connection: close";

    private static readonly FallbackOptions AfterTwoSeconds = new() { HedgeAfter = TimeSpan.FromSeconds(2) };

    [Theory]
    [Case(159)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FirstIsLate_UsesNextAndCancelsFirst(bool isStream)
    {
        using var wire = Wire();
        // The head and an event that only marks the beginning do not count as an answer.
        wire.Expect(
            Late(wire, Script.OnRequest.Sse().Chunk(": ping\n\n" + Answers.Role)).Stall(),
            isStream ? Answers.Stream : Answers.WholeAnswer
        );
        var reply = await AskAsync(Chain(wire, AfterTwoSeconds), isStream, wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal([new LlmAttempt("s0:m0", LlmErrorKind.HedgeLost, TimeSpan.FromSeconds(2)) { MayBeBilled = true }], reply.Attempts);
        // Disposing the wire checks that all connections are closed.
        Assert.Equal(2, wire.Requests.Count);
    }

    [Theory]
    [Case(159)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FirstAnswersBeforeHedge_UsesFirstAndCancelsHedge(bool isStream)
    {
        var asked = new TaskCompletionSource();
        using var wire = Wire();
        wire.Expect(
            Then(Late(wire, Script.OnRequest).Then(new Act.Wait(asked.Task)), isStream),
            Script.OnRequest.Do(asked.SetResult).Stall()
        );
        var reply = await AskAsync(Chain(wire, AfterTwoSeconds), isStream, wire.Token);
        Assert.Equal(("Hi you", "s0"), (reply.Text, reply.Provider));
        Assert.Equal(
            [("s1:m1", LlmErrorKind.HedgeLost, true)],
            reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled))
        );
    }

    [Theory]
    [Case(159)]
    [InlineData(false, "503 Busy", "application/json")]
    [InlineData(true, "503 Busy", "application/json")]
    [InlineData(true, "200 OK", "text/html")]
    public async Task Call_FirstStallsInErrorBody_IsCanceledWhenNextAnswers(bool isStream, string status, string type)
    {
        using var wire = Wire();
        wire.Expect(
            Late(wire, Script.OnRequest.Send($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n")).Stall(),
            isStream ? Answers.Stream : Answers.WholeAnswer
        );
        var reply = await AskAsync(Chain(wire, AfterTwoSeconds), isStream, wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal([("s0:m0", LlmErrorKind.HedgeLost)], reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind)));
        // The clock no longer advances, and the clients are not disposed.
        await wire
            .Connections.Single(connection => connection.Requests[0].Contains("m0", StringComparison.Ordinal))
            .Closed.WaitAsync(wire.Token);
    }

    [Theory]
    [Case(159)]
    [InlineData("", "Content-Type: text/event-stream")]
    [InlineData("", "Content-Type: application/json")]
    [InlineData("\r\n  ", "X-Type: none")]
    public async Task StreamAsync_FirstBodyIsEmpty_UsesNext(string body, string type)
    {
        using var wire = Wire();
        var empty = Script.OnRequest.Head(200, type, "Transfer-Encoding: chunked", Close);
        wire.Expect((body.Length == 0 ? empty : empty.Chunk(body)).LastChunk().Fin(), Answers.Stream);
        await using var stream = await Chain(wire, AfterTwoSeconds).StreamAsync("Hi", wire.Token);
        Assert.Equal("s1", stream.Provider);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal([("s0:m0", LlmErrorKind.MalformedResponse)], reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind)));
    }

    [Fact]
    [Case(159)]
    public async Task StreamAsync_StrictHedgeHasWrongContentType_DoesNotWin()
    {
        using var wire = Wire();
        var asked = new TaskCompletionSource();
        // More of the second stream is read only because it has not begun; if it had, it would win before the first may continue.
        wire.Expect(
            Late(wire, Script.OnRequest).Then(new Act.Wait(asked.Task)).Sse().Chunk(Answers.All).LastChunk(),
            Script
                .OnRequest.Head(200, "Content-Type: application/json", "Transfer-Encoding: chunked", "Connection: close")
                .Chunk(Answers.All)
                .Do(() => asked.TrySetResult())
                .LastChunk()
                .Fin()
        );
        var chain = new FallbackChain(
            [
                .. Enumerable
                    .Range(0, 2)
                    .Select(i =>
                        wire.Client(
                            new() { Retries = LlmRetries.None, Strict = i == 1 },
                            FaultWire.Compatible() with
                            {
                                Name = $"s{i}",
                            },
                            $"m{i}"
                        )
                    ),
            ],
            AfterTwoSeconds
        );
        var reply = await AskAsync(chain, isStream: true, wire.Token);
        Assert.Equal(("Hi you", "s0"), (reply.Text, reply.Provider));
        // By then it has failed or lost.
        Assert.Equal("s1:m1", Assert.Single(reply.Attempts).Endpoint);
    }

    [Fact]
    public async Task Call_RequestForChangesModel_LostAttemptNamesThatModel()
    {
        using var wire = Wire();
        wire.Expect(Late(wire, Script.OnRequest).Stall(), Answers.WholeAnswer);
        var options = AfterTwoSeconds with
        {
            RequestFor = (client, request) => client.Model == "m0" ? request with { Model = "large" } : request,
        };
        var reply = await Chain(wire, options).SendAsync("Hi", wire.Token);
        Assert.Equal(("s0:large", LlmErrorKind.HedgeLost), (Assert.Single(reply.Attempts).Endpoint, reply.Attempts[0].Kind));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FirstIsInTime_AsksNoOtherService(bool isStream)
    {
        using var wire = Wire();
        wire.Expect(isStream ? Answers.Stream : Answers.WholeAnswer);
        var reply = await AskAsync(Chain(wire, AfterTwoSeconds), isStream, wire.Token);
        Assert.Equal(("s0", 0), (reply.Provider, reply.Attempts.Count));
        Assert.Equal(0, wire.Time.Pending);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FirstFailsInTime_FallsBackToNext(bool isStream)
    {
        using var wire = Wire();
        wire.Expect(Answers.Error(429, "x", Close).Fin(), isStream ? Answers.Stream : Answers.WholeAnswer);
        var reply = await AskAsync(Chain(wire, AfterTwoSeconds), isStream, wire.Token);
        Assert.Equal("s1", reply.Provider);
        Assert.Equal([LlmErrorKind.RateLimited], reply.Attempts.Select(attempt => attempt.Kind));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FirstFailsAfterHedgeStarted_WaitsForHedge(bool isStream)
    {
        using var wire = Wire();
        var chain = Chain(wire, AfterTwoSeconds);
        wire.Expect(
            Late(wire, Script.OnRequest).Answer(529, "application/json", "{}", "Retry-After: 30", Close).Fin(),
            Then(Script.OnRequest.Do(() => Rests(chain, 0)), isStream)
        );
        var reply = await AskAsync(chain, isStream, wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal([("s0:m0", LlmErrorKind.Overloaded)], reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_HedgeFailsAndNoServiceRemains_WaitsForFirst(bool isStream)
    {
        using var wire = Wire();
        var chain = Chain(wire, AfterTwoSeconds);
        wire.Expect(
            Then(Late(wire, Script.OnRequest).Do(() => Rests(chain, 1)), isStream),
            Answers.Error(429, "x", "Retry-After: 30", Close).Fin()
        );
        var reply = await AskAsync(chain, isStream, wire.Token);
        Assert.Equal(("Hi you", "s0"), (reply.Text, reply.Provider));
        Assert.Equal(("s1:m1", LlmErrorKind.RateLimited), (reply.Attempts[0].Endpoint, reply.Attempts[0].Kind));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_AllServicesFail_ListsAllAttempts(bool isStream)
    {
        using var wire = Wire();
        var chain = Chain(wire, AfterTwoSeconds, 3);
        wire.Expect(
            Late(wire, Script.OnRequest).Do(() => Rests(chain, 2)).Answer(529, "application/json", "{}", Close).Fin(),
            Answers.Error(402, "x", Close).Fin(),
            Answers.Error(529, "x", "Retry-After: 30", Close).Fin()
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => AskAsync(chain, isStream, wire.Token));
        Assert.Equal((LlmErrorKind.QuotaExhausted, "s1"), (error.Kind, error.Provider));
        Assert.Equal(["s0:m0", "s1:m1", "s2:m2"], error.Attempts.Select(attempt => attempt.Endpoint).Order());
    }

    [Fact]
    public async Task Call_FirstReturnsBadRequest_CancelsHedge()
    {
        var asked = new TaskCompletionSource();
        using var wire = Wire();
        wire.Expect(
            Late(wire, Script.OnRequest).Then(new Act.Wait(asked.Task)).Answer(400, "application/json", "{}", Close).Fin(),
            Script.OnRequest.Do(asked.SetResult).Stall()
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => Chain(wire, AfterTwoSeconds).SendAsync("Hi", wire.Token));
        Assert.Equal((LlmErrorKind.BadRequest, "s0"), (error.Kind, error.Provider));
        Assert.Equal([LlmErrorKind.BadRequest, LlmErrorKind.HedgeLost], error.Attempts.Select(attempt => attempt.Kind));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_IsCanceled_CancelsBothWithTokenOfCaller(bool isStream)
    {
        using var source = new CancellationTokenSource();
        using var wire = Wire();
        wire.Expect(Late(wire, Script.OnRequest).Stall(), Script.OnRequest.Do(source.Cancel).Stall());
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            AskAsync(Chain(wire, AfterTwoSeconds), isStream, source.Token)
        );
        Assert.Equal(source.Token, error.CancellationToken);
    }

    // Regression: while it only waited for its retry, it was counted as sent a second time and as lost.
    [Theory]
    [Case(159)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_FirstWaitsForRetryWhenHedgeWins_IsListedOnceWithItsError(bool isStream)
    {
        using var wire = Wire();
        var retries = new LlmRetries { BaseDelay = TimeSpan.FromSeconds(30), MaxDelay = TimeSpan.FromSeconds(30) };
        FallbackChain chain = new(
            [
                .. Enumerable
                    .Range(0, 2)
                    .Select(i => wire.Client(new() { Retries = retries }, FaultWire.Compatible() with { Name = $"s{i}" }, $"m{i}")),
            ],
            AfterTwoSeconds
        );
        // The first wait is for the first client to begin, the second for its retry.
        int waits = 0;
        wire.Time.OnWait = () =>
        {
            if (Interlocked.Increment(ref waits) == 2)
                ThreadPool.QueueUserWorkItem(_ => wire.Time.Advance(TimeSpan.FromSeconds(2)));
        };
        wire.Expect(Answers.Error(500, "x", Close).Fin(), isStream ? Answers.Stream : Answers.WholeAnswer);
        var reply = await AskAsync(chain, isStream, wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal(
            [("s0:m0", LlmErrorKind.ServerError, true)],
            reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled))
        );
        Assert.Equal(2, wire.Requests.Count);
    }

    // Regression: the losing call was counted twice, as lost and as still running next to the winner.
    [Theory]
    [Case(159)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task StreamAsync_WinnerFails_FailsOverUpToMaxAttempts(int most)
    {
        using var wire = Wire();
        Script[] scripts =
        [
            Late(wire, Script.OnRequest).Stall(),
            Script.OnRequest.Sse(Close).Chunk(Answers.Role + Answers.Hi).Rst(),
            Answers.Error(402, "x", Close).Fin(),
            Answers.Stream,
        ];
        wire.Expect(scripts[..most]);
        var chain = Chain(wire, AfterTwoSeconds with { MaxAttempts = most, StreamFailover = StreamFailover.Default }, 4);
        if (most == 4)
        {
            var reply = await AskAsync(chain, isStream: true, wire.Token);
            Assert.Equal(("Hi you", "s3"), (reply.Text, reply.Provider));
            Assert.Equal(
                [LlmErrorKind.HedgeLost, LlmErrorKind.ConnectionLost, LlmErrorKind.QuotaExhausted],
                reply.Attempts.Select(attempt => attempt.Kind)
            );
        }
        else
        {
            var error = await Assert.ThrowsAsync<LlmException>(() => AskAsync(chain, isStream: true, wire.Token));
            Assert.Equal((LlmErrorKind.ConnectionLost, "s1"), (error.Kind, error.Provider));
        }
        Assert.Equal(most, wire.Requests.Count);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 1)]
    public async Task Call_NoOtherServiceAllowed_WaitsForFirst(int attempts, int clients)
    {
        using var wire = Wire();
        wire.Expect(Late(wire, Script.OnRequest).Answer(200, "application/json", Answers.Whole));
        Assert.Equal(
            "s0",
            (await Chain(wire, AfterTwoSeconds with { MaxAttempts = attempts }, clients).SendAsync("Hi", wire.Token)).Provider
        );
    }

    [Fact]
    public async Task Call_NextRestsAfterRetryAfter_WaitsForFirst()
    {
        using var wire = Wire();
        wire.Expect(
            Answers.Error(429, "x", "Retry-After: 30", Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", Answers.Whole, Close).Fin()
        );
        var chain = Chain(wire, AfterTwoSeconds);
        await chain.SendAsync("Hi", wire.Token);
        wire.Expect(Late(wire, Script.OnRequest).Answer(200, "application/json", Answers.Whole));
        Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
    }

    /// <summary>
    /// Both end before the result is examined: the failed call is listed once, by its own error, and rests for as long as its service
    /// asked.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_OneFailsWhileOtherAnswers_IsListedOnceWithItsError(bool firstFails)
    {
        using var wire = Wire();
        var chain = Chain(wire, AfterTwoSeconds);
        var call = new FallbackCall(chain, "Hi", [0, 1]);
        var first = new TaskCompletionSource<string>();
        var busy = new LlmException(LlmErrorKind.RateLimited, "Busy.")
        {
            Phase = LlmPhase.AwaitHeaders,
            IsRetryable = true,
            RetryAfter = TimeSpan.FromSeconds(30),
        };
        var hedge = new Hedge<string>(
            Ask,
            static _ => default,
            TimeSpan.FromSeconds(2),
            new HedgeLimiter(1),
            times: null,
            wire.Time,
            wire.Token
        );
        var running = hedge.RunAsync(call);
        wire.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(firstFails ? "second" : "first", await running);
        Assert.Equal([LlmErrorKind.RateLimited], call.Attempts.Select(attempt => attempt.Kind));
        Assert.Equal((firstFails, !firstFails), (chain.IsResting(0), chain.IsResting(1)));

        Task<string> Ask(FallbackCall asking, ChatRequest request, CancellationToken token)
        {
            if (ReferenceEquals(asking, call))
                return first.Task;
            asking.Send();
            asking.Add(new LlmAttempt(firstFails ? "s0:m0" : "s1:m1", busy.Kind, TimeSpan.FromSeconds(2)));
            if (!firstFails)
            {
                first.SetResult("first");
                return Task.FromException<string>(busy);
            }
            first.SetException(busy);
            return Task.FromResult("second");
        }
    }

    [Fact]
    [Case(163)]
    public async Task Budget_HedgedCall_CountsBothRequests()
    {
        using var wire = Wire();
        wire.Expect(Late(wire, Script.OnRequest).Stall(), Answers.WholeAnswer);
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 10 });
        await Chain(wire, AfterTwoSeconds with { Budget = budget }).SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 5 }, wire.Token);
        while (budget.ReservedOutputTokens > 0)
            await Task.Yield();
        // The usage of the canceled call is unknown, so it counts as five; the other used two.
        Assert.Equal(7, budget.OutputTokens);
    }

    [Fact]
    public async Task Budget_DoesNotCoverHedge_WaitsForFirst()
    {
        using var wire = Wire();
        wire.Expect(Late(wire, Script.OnRequest).Answer(200, "application/json", Answers.Whole));
        // Even if the first call is settled between the clock tick and the check, the budget would not cover the next.
        var reply = await Chain(wire, AfterTwoSeconds with { CallBudget = new BudgetLimits { MaxOutputTokens = 5 } })
            .SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 5 }, wire.Token);
        Assert.Equal("s0", reply.Provider);
    }

    [Theory]
    [Case(159)]
    [InlineData("store")]
    [InlineData("previous_response_id")]
    [InlineData(null)]
    public async Task Request_WithToolsOrStoredState_IsRejected(string? member)
    {
        using var wire = new FaultWire();
        var request = member is null
            ? ChatRequest.Ask("Hi") with
            {
                Tools = [new ToolDefinition("clock")],
            }
            : ChatRequest.Ask("Hi") with
            {
                Extra = new Dictionary<string, RawJson> { [member] = "true" },
            };
        var chain = Chain(wire, AfterTwoSeconds);
        Assert.Contains(
            member ?? "tools",
            (await Assert.ThrowsAsync<ArgumentException>(() => chain.SendAsync(request, wire.Token))).Message,
            StringComparison.Ordinal
        );
        await Assert.ThrowsAsync<ArgumentException>(() => chain.StreamAsync(request, wire.Token));
    }

    [Fact]
    public async Task RequestFor_ThrowsForHedge_ThrowsAndCancelsFirst()
    {
        using var wire = Wire();
        wire.Expect(Late(wire, Script.OnRequest).Stall());
        int calls = 0;
        // RequestFor is called twice in advance, to check whether anything forbids two requests.
        var chain = Chain(
            wire,
            AfterTwoSeconds with
            {
                RequestFor = (_, request) => ++calls > 3 ? throw new FormatException("mine") : request,
            }
        );
        await Assert.ThrowsAsync<FormatException>(() => chain.SendAsync("Hi", wire.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HedgePace_EnoughCallsMeasured_DelaysHedgeByMeasuredTime(bool isStream)
    {
        using var wire = Wire();
        wire.Expect(Then(Script.OnRequest.Pass(3), isStream, Close).Fin(), Then(Script.OnRequest.Pass(2), isStream, Close).Fin());
        var chain = Chain(
            wire,
            new FallbackOptions
            {
                HedgeAfter = TimeSpan.FromSeconds(10),
                HedgePace = new() { MinCalls = 2 },
            }
        );
        await AskAsync(chain, isStream, wire.Token);
        await AskAsync(chain, isStream, wire.Token);
        wire.Expect(Late(wire, Script.OnRequest, 3).Stall(), Then(Script.OnRequest, isStream));
        var reply = await AskAsync(chain, isStream, wire.Token);
        Assert.Equal([new LlmAttempt("s0:m0", LlmErrorKind.HedgeLost, TimeSpan.FromSeconds(3)) { MayBeBilled = true }], reply.Attempts);
        Assert.Equal(new HedgeCounts(3, 1, 0), chain.Hedges);
    }

    [Fact]
    public async Task Telemetry_StreamLostAfterItBegan_KeepsActivityOfChainOpen()
    {
        using var probe = new TelemetryProbe();
        var time = new VirtualTime();
        var late = new DeafStream(Answers.All);
        var heard = new ScriptedStream().Send(Answers.Role + Answers.Hi);
        var clients = new Stream[] { late, heard }
            .Select(
                (body, i) =>
                {
                    var mock = new MockHttpMessageHandler();
                    mock.When("*")
                        .Respond(_ => new HttpResponseMessage(HttpStatusCode.OK)
                        {
                            Content = new StreamContent(body) { Headers = { ContentType = new("text/event-stream") } },
                        });
                    return new LlmClient(
                        probe.Service(FaultWire.Compatible() with { Name = $"s{i}" }),
                        $"m{i}",
                        new LlmClientOptions { Time = time },
                        mock.ToHttpClient()
                    );
                }
            )
            .ToArray();
        var opening = new FallbackChain(clients, AfterTwoSeconds).StreamAsync("Hi");
        await late.Asked.Task;
        var delay = AfterTwoSeconds.HedgeAfter!.Value;
        Assert.True(SpinWait.SpinUntil(() => time.Next <= delay, TimeSpan.FromMinutes(1)));
        time.Advance(delay);
        await using var stream = await opening;
        Assert.Equal("s1", stream.Provider);

        // A request that ignores its token begins all the same, and is disposed.
        await Task.Run(late.Gate.SetResult);
        Assert.True(SpinWait.SpinUntil(() => probe.Activities.Count > 0, TimeSpan.FromMinutes(1)));
        heard.Send(Answers.Stop + Answers.End).End();
        await stream.ReplyAsync();
        Assert.Equal(
            [("chat m0", "left"), ("chat m1", "done"), ("fallback", "done")],
            probe.Activities.Select(activity => (activity.DisplayName, (string?)activity.GetTagItem("rawllm.outcome")))
        );
        foreach (var client in clients)
            client.Dispose();
    }

    [Fact]
    [Case(159)]
    public async Task MaxHedgeShare_IsUsedUp_WaitsForFirstAndCountsRefusal()
    {
        using var probe = new TelemetryProbe();
        using var wire = Wire();
        var chain = new FallbackChain(
            [
                .. Enumerable
                    .Range(0, 2)
                    .Select(i => wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = $"s{i}" }), $"m{i}")),
            ],
            AfterTwoSeconds with
            {
                MaxHedgeShare = 0.01,
            }
        );
        wire.Expect(Late(wire, Script.OnRequest).Stall(), Answers.WholeAnswer);
        Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
        var refused = new TaskCompletionSource();
        wire.Expect(Late(wire, Script.OnRequest).Then(new Act.Wait(refused.Task)).Answer(200, "application/json", Answers.Whole));
        var asked = chain.SendAsync("Hi", wire.Token);
        Assert.True(SpinWait.SpinUntil(() => chain.Hedges.Refused == 1, TimeSpan.FromMinutes(1)));
        refused.SetResult();
        var reply = await asked;
        Assert.Equal(("s0", 0), (reply.Provider, reply.Attempts.Count));
        Assert.Equal(new HedgeCounts(2, 1, 1), chain.Hedges);
        Assert.Equal(
            ["asked", "refused"],
            probe.Activities.Where(activity => activity.DisplayName == "fallback").Select(activity => activity.GetTagItem("rawllm.hedge"))
        );
    }

    [Fact]
    public void HedgeLimiter_ShareOfFivePercent_AllowsInitialBurstThenFivePercent()
    {
        var limiter = new HedgeLimiter(0.05);
        int hedged = 0;
        for (int call = 0; call < 10_000; call++)
        {
            limiter.Call();
            hedged += limiter.TryHedge() ? 1 : 0;
        }
        Assert.Equal(504, hedged);
        Assert.Equal(new HedgeCounts(10_000, 504, 9_496), limiter.Counts);
        var all = new HedgeLimiter(1);
        for (int call = 0; call < 1000; call++)
        {
            all.Call();
            Assert.True(all.TryHedge());
        }
    }

    [Fact]
    public void HedgeTimes_RecentCalls_Return95thPercentileWithinBounds()
    {
        using var wire = Wire();
        var client = wire.Client();
        var times = new LearnedHedgeTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), minCalls: 20);
        for (int i = 1; i <= 20; i++)
        {
            Assert.Null(times.Delay(client, "m", isStream: true));
            times.Add(client, "m", isStream: true, TimeSpan.FromSeconds(i));
        }
        Assert.Equal(TimeSpan.FromSeconds(19), times.Delay(client, "m", isStream: true));
        // Whole answers and other models are measured separately.
        Assert.Null(times.Delay(client, "m", isStream: false));
        Assert.Null(times.Delay(client, "n", isStream: true));
        Fill(TimeSpan.FromMinutes(9));
        Assert.Equal(TimeSpan.FromSeconds(30), times.Delay(client, "m", isStream: true));
        Fill(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), times.Delay(client, "m", isStream: true));

        void Fill(TimeSpan time)
        {
            for (int i = 0; i < HedgeTimes.Window; i++)
                times.Add(client, "m", isStream: true, time);
        }
    }

    [Fact]
    public void HedgeTimes_TooManyModels_AreNotMeasured()
    {
        using var wire = Wire();
        var client = wire.Client();
        var times = new LearnedHedgeTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), minCalls: 1);
        for (int i = 0; i < 100; i++)
            times.Add(client, $"m{i}", isStream: true, TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), times.Delay(client, "m63", isStream: true));
        Assert.Null(times.Delay(client, "m64", isStream: true));
    }

    [Fact]
    public void Options_OutOfRange_AreRejected()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FallbackOptions { MaxHedgeShare = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FallbackOptions { MaxHedgeShare = 1.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FallbackOptions { MaxHedgeShare = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HedgePace { MinDelay = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HedgePace { MaxDelay = TimeSpan.FromDays(99) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HedgePace { MinCalls = 129 });
        using var wire = Wire();
        Assert.Throws<ArgumentException>(() => Chain(wire, new FallbackOptions { HedgePace = new() }));
    }

    [Fact]
    public void HedgeAfter_Zero_IsRejected() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FallbackOptions { HedgeAfter = TimeSpan.Zero });

    [Fact]
    [Case(44)]
    public async Task StreamAsync_NonStreamingAnswer_IsLimitedByReplyBytes()
    {
        var limits = new LlmLimits { EventBytes = 40, ReplyBytes = Answers.Whole.Length };
        using var wire = new FaultWire(
            Answers.WholeAnswer.Again().Answer(200, "application/json", Answers.Whole + " ", "Connection: close").Fin()
        );
        var client = wire.Client(new LlmClientOptions { Retries = LlmRetries.None, Limits = limits });
        var chain = new FallbackChain([client], AfterTwoSeconds);
        Assert.Equal("Hi you", (await (await chain.StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token)).Text);
        var error = await Assert.ThrowsAsync<LlmException>(() => chain.StreamAsync("Hi", wire.Token));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ReplyBytes), (error.Kind, error.Limit));
    }

    private static FaultWire Wire()
    {
        var wire = new FaultWire();
        wire.Time.IsPatient = true;
        return wire;
    }

    // Two seconds pass as soon as the client waits for them.
    private static Script Late(FaultWire wire, Script script, int seconds = 2)
    {
        var waits = new ManualResetEventSlim();
        wire.Time.OnWait = waits.Set;
        return script.Do(() =>
        {
            waits.Wait(wire.Token);
            // Like a timer: on another thread, not in the middle of a read.
            ThreadPool.QueueUserWorkItem(_ => wire.Time.Advance(TimeSpan.FromSeconds(seconds)));
        });
    }

    // A service that said when to come back has failed, and the chain knows it.
    private static void Rests(FallbackChain chain, int number) =>
        Assert.True(SpinWait.SpinUntil(() => chain.IsResting(number), TimeSpan.FromMinutes(1)));

    private static Script Then(Script script, bool isStream, params string[] headers) =>
        isStream ? script.Sse(headers).Chunk(Answers.All).LastChunk() : script.Answer(200, "application/json", Answers.Whole, headers);

    private static async Task<ChatReply> AskAsync(FallbackChain chain, bool isStream, CancellationToken cancellationToken)
    {
        if (!isStream)
            return await chain.SendAsync("Hi", cancellationToken);
        await using var stream = await chain.StreamAsync("Hi", cancellationToken);
        return await stream.ReplyAsync(cancellationToken);
    }

    private static FallbackChain Chain(FaultWire wire, FallbackOptions options, int count = 2) =>
        new(
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(i => wire.Client(new() { Retries = LlmRetries.None }, FaultWire.Compatible() with { Name = $"s{i}" }, $"m{i}")),
            ],
            options
        );
}
