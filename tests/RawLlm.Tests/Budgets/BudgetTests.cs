using System.Net;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RawLlm.Tests.Tools;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Budgets;

/// <summary>
/// What calls may spend. An output token costs one dollar here and a prompt token nothing, so that the same numbers test both limits.
/// </summary>
public sealed class BudgetTests
{
    private const string Close = "Connection: close";
    private const string UsageChunk =
        """data: {"id":"c1","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""" + "\n\n";

    private static readonly PriceTable Prices = PriceTable
        .Empty.With("s0", "m0", new Price(0, 1_000_000))
        .With("s1", "m1", new Price(0, 1_000_000))
        .With("openai", "m", new Price(0, 1_000_000));
    private static readonly ChatRequest Five = ChatRequest.Ask("Hi") with { MaxTokens = 5 };
    private static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    [Fact]
    public async Task SendAsync_WithinBudget_CountsReportedUsage()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        var budget = new Budget(new BudgetLimits { MaxCost = 5, MaxOutputTokens = 5 });
        await Client(wire, new() { Budget = budget }).SendAsync(Five, wire.Token);
        Assert.Equal(
            (2m, 2L, 0m, 0L, 0L),
            (budget.KnownCost, budget.OutputTokens, budget.ReservedCost, budget.ReservedOutputTokens, budget.UnknownCosts)
        );
    }

    [Theory]
    [Case(163)]
    [InlineData(4.99, null, "$4.99 of $4.99 are left (BudgetLimits.MaxCost)")]
    [InlineData(null, 4L, "4 of 4 output tokens are left (BudgetLimits.MaxOutputTokens)")]
    [InlineData(0.0, null, "$0 of $0 are left")]
    public async Task SendAsync_CouldExceedLimit_ThrowsBudgetExceededWithoutSending(double? cost, long? tokens, string told)
    {
        using var wire = new FaultWire();
        var client = Client(
            wire,
            new()
            {
                CallBudget = new BudgetLimits { MaxCost = (decimal?)cost, MaxOutputTokens = tokens },
            }
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Five, wire.Token));
        Assert.Equal(
            (LlmErrorKind.BudgetExceeded, LlmPhase.Configure, false, "s0", "m0"),
            (error.Kind, error.Phase, error.IsRetryable, error.Provider, error.Model)
        );
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.Contains("ChatRequest.MaxTokens", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, (await Assert.ThrowsAsync<LlmException>(() => client.StreamAsync(Five, wire.Token))).Message);
    }

    [Theory]
    [InlineData(500, null, 10L, 2L)]
    [InlineData(500, 10.0, 10L, 0L)]
    [InlineData(504, 10.0, 10L, 0L)]
    [InlineData(501, 10.0, 5L, 0L)]
    [InlineData(503, 10.0, 0L, 0L)]
    [InlineData(529, 10.0, 0L, 0L)]
    public async Task SendAsync_ServiceFails_CountsReservationOfEachAttempt(int status, double? most, long tokens, long unknown)
    {
        var failed = Answers.Error(status, "x", Close).Fin();
        using var wire = new FaultWire(failed, failed) { AllowsUnused = true };
        var budget = new Budget(new BudgetLimits { MaxCost = (decimal?)most, MaxOutputTokens = 10 });
        var client = Client(
            wire,
            new()
            {
                Budget = budget,
                Retries = new() { MaxAttempts = 2 },
            }
        );
        await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Five, wire.Token));
        Assert.Equal((most is null ? 0 : tokens, tokens, unknown), (budget.KnownCost, budget.OutputTokens, budget.UnknownCosts));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-200_000)]
    [InlineData(int.MinValue)]
    public async Task SendAsync_NegativeMaxTokens_IsRejectedWithoutCredit(int tokens)
    {
        using var wire = new FaultWire();
        var budget = new Budget(new BudgetLimits { MaxCost = 5, MaxOutputTokens = 5 });
        var request = ChatRequest.Ask("Hi") with { MaxTokens = tokens };
        foreach (var limits in new[] { budget, null })
        {
            var client = Client(wire, new() { Budget = limits });
            await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(request, wire.Token));
            await Assert.ThrowsAsync<ArgumentException>(() => client.StreamAsync(request, wire.Token));
        }
        Assert.Equal("$0 and 0 output tokens spent, $0 and 0 output tokens reserved, 0 costs unknown", budget.ToString());
    }

    [Fact]
    public async Task SendAsync_NegativePrice_GivesNoCredit()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        var budget = new Budget(new BudgetLimits { MaxCost = 5 });
        var prices = PriceTable.Empty.With("s0", "m0", new Price(0, -1_000_000));
        await Client(wire, new() { Budget = budget, Prices = prices }).SendAsync(Five, wire.Token);
        Assert.Equal((0m, 0m, 2L), (budget.KnownCost, budget.ReservedCost, budget.OutputTokens));
    }

    [Fact]
    public void Budget_NegativeNumbers_GiveNoCredit()
    {
        var budget = new Budget(new BudgetLimits { MaxCost = 5, MaxOutputTokens = 5 });
        budget.Settle(reservedCost: 1, reservedTokens: 1, cost: -10, tokens: -10);
        Assert.Equal("$0 and 0 output tokens spent, $0 and 0 output tokens reserved, 0 costs unknown", budget.ToString());
    }

    [Theory]
    [Case(163)]
    [InlineData(500, UnknownUsage.AsReserved, false)]
    [InlineData(504, UnknownUsage.AsReserved, false)]
    [InlineData(500, UnknownUsage.AsEstimated, true)]
    [InlineData(500, UnknownUsage.NotCounted, true)]
    [InlineData(429, UnknownUsage.AsReserved, true)]
    [InlineData(529, UnknownUsage.AsReserved, true)]
    [InlineData(408, UnknownUsage.AsReserved, true)]
    [InlineData(409, UnknownUsage.AsReserved, true)]
    [InlineData(425, UnknownUsage.AsReserved, true)]
    public async Task Retry_FailedAttemptMayBeBilled_IsRejectedIfBothCouldExceedLimit(int status, UnknownUsage policy, bool isSentAgain)
    {
        var failed = Answers.Error(status, "x", Close).Fin();
        using var wire = isSentAgain ? new FaultWire(failed, Answers.WholeAnswer) : new FaultWire(failed);
        var client = Client(
            wire,
            new()
            {
                CallBudget = new BudgetLimits { MaxCost = 9, UnknownUsage = policy },
            }
        );
        if (isSentAgain)
        {
            Assert.Equal("Hi you", (await client.SendAsync(Five, wire.Token)).Text);
            return;
        }
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(Five, wire.Token));
        Assert.Equal(LlmErrorKind.BudgetExceeded, error.Kind);
        Assert.Equal(status, Assert.IsType<LlmException>(error.InnerException).Status);
        Assert.Equal([true, false], error.Attempts.Select(attempt => attempt.MayBeBilled));
        Assert.Equal(LlmErrorKind.BudgetExceeded, error.Attempts[1].Kind);
        // Refused before the wait.
        Assert.Empty(wire.Time.Waits);
    }

    [Theory]
    [Case(163)]
    [InlineData(400, "content_filter", LlmErrorKind.ContentFiltered)]
    [InlineData(499, "x", LlmErrorKind.ServerError)]
    public async Task ErrorStatus_ForRejectedRequest_CountsNoCost(int status, string code, LlmErrorKind kind)
    {
        using var wire = new FaultWire(Answers.Error(status, code, Close).Fin());
        var budget = new Budget(new BudgetLimits { MaxCost = 9 });
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            Client(wire, new() { Budget = budget, Retries = LlmRetries.None }).SendAsync(Five, wire.Token)
        );
        Assert.Equal((kind, status), (error.Kind, error.Status));
        Assert.Equal(0, budget.KnownCost);
    }

    // Matches what the budget counts: nothing for a refusal, whatever its status, and everything for an answer that breaks off after text.
    [Theory]
    [Case(163)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Retry_AnswerReportsQuotaExhausted_MayBeBilledOnlyAfterText(bool isStream, bool hasText)
    {
        const string UsedUp = """{"error":{"message":"x","code":"insufficient_quota"}}""";
        using var wire = new FaultWire(
            Answers.Error(503, "x", Close).Fin(),
            isStream
                ? Script.OnRequest.Sse(Close).Chunk(Answers.Role + (hasText ? Answers.Hi : "") + $"data: {UsedUp}\n\n").LastChunk().Fin()
                : Script.OnRequest.Answer(200, "application/json", UsedUp, Close).Fin()
        );
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 9 });
        var client = Client(wire, new() { Budget = budget });
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            if (isStream)
                await (await client.StreamAsync(Five, wire.Token)).ReplyAsync(wire.Token);
            else
                await client.SendAsync(Five, wire.Token);
        });
        Assert.Equal((LlmErrorKind.QuotaExhausted, hasText), (error.CauseKind ?? error.Kind, error.OutputCommitted));
        Assert.Equal([false, hasText], error.Attempts.Select(attempt => attempt.MayBeBilled));
        Assert.Equal((hasText ? 5L : 0L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    // Nothing of the answer itself has arrived, but the search must be paid for. If the stream is held until it begins, nothing has reached
    // the caller.
    [Theory]
    [Case(163)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_AnswerReportsQuotaExhaustedAfterSearch_MayBeBilled(bool isHeld)
    {
        const string Searched = """
            data: {"type":"response.created","sequence_number":0,"response":{"id":"r1","object":"response","model":"m","status":"in_progress","output":[]}}

            data: {"type":"response.web_search_call.searching","sequence_number":1,"output_index":0,"item_id":"ws_1"}

            data: {"type":"error","sequence_number":2,"code":"insufficient_quota","message":"x","param":null}


            """;
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Script.OnRequest.Sse(Close).Chunk(Searched).LastChunk().Fin());
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 9 });
        var client = wire.Client(new() { Budget = budget }, Service(0) with { Protocol = new ResponsesProtocol() }, "m0");
        var chain = new FallbackChain([client], new FallbackOptions { HedgeAfter = TimeSpan.FromMinutes(1) });
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
            await (await (isHeld ? chain.StreamAsync(Five, wire.Token) : client.StreamAsync(Five, wire.Token))).ReplyAsync(wire.Token)
        );
        Assert.Equal((LlmErrorKind.QuotaExhausted, !isHeld), (error.CauseKind ?? error.Kind, error.OutputCommitted));
        Assert.Equal([false, true], error.Attempts.Select(attempt => attempt.MayBeBilled));
        Assert.Equal((5L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    [Case(163)]
    public async Task Retry_StreamFailedBeforeFirstEvent_IsRejectedIfBothCouldExceedLimit()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse(Close).Chunk(Answers.Role).Fin());
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 9 });
        await using var stream = await Client(wire, new() { Budget = budget }).StreamAsync(Five, wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.BudgetExceeded, error.Kind);
        Assert.Equal((5L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Theory]
    [Case(163)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chain_NextServiceCouldExceedCallBudget_IsNotCalled(bool isStream)
    {
        using var wire = new FaultWire(Answers.Error(500, "x", Close).Fin());
        var chain = Chain(wire, new() { CallBudget = new BudgetLimits { MaxCost = 9 } }, new() { Retries = LlmRetries.None });
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            isStream ? chain.StreamAsync(Five, wire.Token) : chain.SendAsync(Five, wire.Token)
        );
        Assert.Equal((LlmErrorKind.BudgetExceeded, "s1"), (error.Kind, error.Provider));
        Assert.Equal(
            [("s0:m0", LlmErrorKind.ServerError), ("s1:m1", LlmErrorKind.BudgetExceeded)],
            error.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind))
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chain_FirstModelIsTooExpensive_FallsBackOnlyWithFallbackOnBudget(bool onBudget)
    {
        using var wire = onBudget ? new FaultWire(Answers.WholeAnswer) : new FaultWire();
        var prices = Prices.With("s1", "m1", new Price(0, 1));
        var chain = Chain(
            wire,
            new()
            {
                CallBudget = new BudgetLimits { MaxCost = 1 },
                FallbackOnBudget = onBudget,
            },
            new() { Prices = prices }
        );
        if (onBudget)
            Assert.Equal("s1", (await chain.SendAsync(Five, wire.Token)).Provider);
        else
            Assert.Equal("s0", (await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync(Five, wire.Token))).Provider);
    }

    [Fact]
    public async Task Budget_SharedByChainAndClients_IsChargedOnce()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        // If the chain and the client both reserved, the budget would not cover the call.
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 5 });
        await Chain(wire, new() { Budget = budget }, new() { Budget = budget }).SendAsync(Five, wire.Token);
        Assert.Equal((2L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Theory]
    [Case(163)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolLoop_NextTurnCouldExceedCallBudget_ThrowsWithRun(bool isChain)
    {
        // Each turn is estimated at five tokens and uses five.
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();
        var options = new ToolLoopOptions { CallBudget = new BudgetLimits { MaxOutputTokens = 14 } };
        var loop = isChain ? new ToolLoop(new FallbackChain([client]), [Clock], options) : new ToolLoop(client, [Clock], options);
        var error = await Assert.ThrowsAsync<LlmException>(() => loop.RunAsync(Five));
        Assert.Equal((LlmErrorKind.BudgetExceeded, 2, 2), (error.Kind, error.Run!.Turns, model.Bodies.Count));
        Assert.Contains("4 of 14 output tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolLoop_WithBudget_CountsEveryTurnOfEveryRun()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Text("Noon."), Say.Text("Two."));
        using var client = model.Client();
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 15 });
        var loop = new ToolLoop(client, [Clock], new() { Budget = budget });
        await loop.RunAsync(Five);
        await loop.RunAsync(Five);
        Assert.Equal((15L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
        Assert.Equal(LlmErrorKind.BudgetExceeded, (await Assert.ThrowsAsync<LlmException>(() => loop.RunAsync(Five))).Kind);
    }

    [Fact]
    public async Task ToolStream_NextTurnCouldExceedCallBudget_ThrowsBudgetExceeded()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedText("Noon."));
        using var client = model.Client();
        // The stream does not report usage, so the reserved amount counts.
        await using var stream = new ToolLoop(client, [Clock], new() { CallBudget = new BudgetLimits { MaxOutputTokens = 9 } }).Stream(
            Five
        );
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync()) { }
        });
        Assert.Equal((LlmErrorKind.BudgetExceeded, 1), (error.Kind, error.Run!.Turns));
    }

    [Fact]
    public async Task SendAsync_PriceIsUnknown_IsRejectedUnlessAllowed()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        var refused = new Budget(new BudgetLimits { MaxCost = 100 });
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            Client(wire, new() { Budget = refused, Prices = PriceTable.Empty }).SendAsync(Five, wire.Token)
        );
        Assert.Contains("LlmClientOptions.Prices", error.Message, StringComparison.Ordinal);
        var allowed = new Budget(new BudgetLimits { MaxCost = 100, AllowUnknown = true });
        await Client(wire, new() { Budget = allowed, Prices = PriceTable.Empty }).SendAsync(Five, wire.Token);
        // An unknown cost is not zero.
        Assert.Equal((0m, 1L, 2L), (allowed.KnownCost, allowed.UnknownCosts, allowed.OutputTokens));
    }

    [Fact]
    public async Task SendAsync_MaxTokensIsUnknown_IsRejectedUnlessAllowed()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            Client(wire, new() { CallBudget = new() { MaxOutputTokens = 100 } }).SendAsync("Hi", wire.Token)
        );
        Assert.Contains("ChatRequest.MaxTokens", error.Message, StringComparison.Ordinal);
        var budget = new Budget(new() { MaxCost = 2, AllowUnknown = true });
        await Client(wire, new() { Budget = budget }).SendAsync("Hi", wire.Token);
        Assert.Equal(2m, budget.KnownCost);
        // Nothing is left, so even a call of unknown cost is refused.
        Assert.Equal(
            LlmErrorKind.BudgetExceeded,
            (await Assert.ThrowsAsync<LlmException>(() => Client(wire, new() { Budget = budget }).SendAsync("Hi", wire.Token))).Kind
        );
    }

    [Fact]
    public async Task SendAsync_MaxOutputTokensOfModelIsKnown_NeedsNoMaxTokens()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        var provider = Service(0) with { Capabilities = new() { MaxOutputTokens = 7 } };
        var client = wire.Client(new() { CallBudget = new() { MaxOutputTokens = 7 } }, provider, "m0");
        Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
        Assert.Equal(
            LlmErrorKind.BudgetExceeded,
            (
                await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(ChatRequest.Ask("Hi") with { ChoiceCount = 2 }, wire.Token))
            ).Kind
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cost_ReportedByService_OverridesPriceTable(bool isStream)
    {
        const string Usage = "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"cost\":0.25}";
        using var service = isStream
            ? MockService.Sse(Answers.Hi + Answers.Stop + $$"""data: {"id":"c1","choices":[],{{Usage}}}""" + "\n\n" + Answers.End)
            : MockService.Json(
                $$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}],{{Usage}}}"""
            );
        var budget = new Budget(new BudgetLimits { MaxCost = 5 });
        using var client = new LlmClient(
            Providers.OpenRouter with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            new() { Budget = budget, Prices = PriceTable.Empty.With("openrouter", "m", new Price(0, 1_000_000)) },
            service.Http
        );
        if (isStream)
            await (await client.StreamAsync(Five)).ReplyAsync();
        else
            await client.SendAsync(Five);
        Assert.Equal((0.25m, 2L), (budget.KnownCost, budget.OutputTokens));
    }

    [Fact]
    public async Task Stream_ReadToEnd_CountsUsageBeforeDisposal()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Chunk(Answers.You + Answers.Stop + UsageChunk + Answers.End).LastChunk()
        );
        var budget = new Budget(new BudgetLimits { MaxCost = 5 });
        var stream = await Client(wire, new() { Budget = budget }).StreamAsync(Five, wire.Token);
        Assert.Equal(5m, budget.ReservedCost);
        while (await stream.ReadAsync(wire.Token)) { }
        // Counted before the stream is disposed.
        Assert.Equal((2m, 2L, 0m), (budget.KnownCost, budget.OutputTokens, budget.ReservedCost));
        await stream.DisposeAsync();
        Assert.Equal((2m, 2L), (budget.KnownCost, budget.OutputTokens));
    }

    [Theory]
    [InlineData(UnknownUsage.AsReserved, 5, 0, 5)]
    [InlineData(UnknownUsage.AsEstimated, 2, 0, 2)]
    [InlineData(UnknownUsage.NotCounted, 0, 1, 0)]
    public async Task Stream_UsageIsUnknown_CountsByUnknownUsagePolicy(UnknownUsage policy, int cost, int unknown, int tokens)
    {
        // One stream ends without usage, the other is abandoned before its end.
        using var wire = new FaultWire(Answers.Stream, Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi + Answers.You).Stall());
        foreach (bool isLeft in new[] { false, true })
        {
            var budget = new Budget(new BudgetLimits { MaxCost = 5, UnknownUsage = policy });
            await using (var stream = await Client(wire, new() { Budget = budget }).StreamAsync(Five, wire.Token))
            {
                for (int i = 0; i < (isLeft ? 3 : 5); i++)
                    Assert.True(await stream.ReadAsync(wire.Token));
                if (!isLeft)
                    Assert.False(await stream.ReadAsync(wire.Token));
            }
            Assert.Equal(
                (cost, unknown, tokens, 0m),
                ((int)budget.KnownCost, (int)budget.UnknownCosts, (int)budget.OutputTokens, budget.ReservedCost)
            );
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_ExceedsBudget_ThrowsWithPartialText(bool boundsCost)
    {
        string word = Answers.You;
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Role + word + word).Chunk(string.Concat(Enumerable.Repeat(word, 20))).Stall()
        );
        var budget = new Budget(
            boundsCost ? new() { MaxCost = 10, AllowUnknown = true } : new() { MaxOutputTokens = 10, AllowUnknown = true }
        );
        await using var stream = await Client(wire, new() { Budget = budget }).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(
            (LlmErrorKind.BudgetExceeded, LlmPhase.Streaming, true, false),
            (error.Kind, error.Phase, error.OutputCommitted, error.IsRetryable)
        );
        // The text that has arrived is paid for and kept.
        Assert.Equal(22, error.Partial!.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.False(error.Partial.IsComplete);
        Assert.Contains("about 22 tokens", error.Message, StringComparison.Ordinal);
        Assert.Equal((22L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task Stream_ExceedsItsReservation_UsesRemainingBudget()
    {
        // A service that ignores MaxTokens.
        string words = string.Concat(Enumerable.Repeat(Answers.You, 20));
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(words).Chunk(words + Answers.Stop + Answers.End).LastChunk());
        var budget = new Budget(new() { MaxOutputTokens = 100 });
        await using var stream = await Client(wire, new() { Budget = budget }).StreamAsync(Five, wire.Token);
        await stream.ReplyAsync(wire.Token);
        Assert.Equal((40L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task Stream_ErrorInFirstEvent_CountsNothing()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse(Close).Chunk("""data: {"error":{"message":"x","code":"overloaded_error"}}""" + "\n\n").Fin(),
            Answers.Stream
        );
        var budget = new Budget(new() { MaxOutputTokens = 5 });
        await using var stream = await Client(wire, new() { Budget = budget }).StreamAsync(Five, wire.Token);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
    }

    [Fact]
    public async Task Answer_WithoutMediaTypeOrNonStreaming_IsCountedCorrectly()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(200, "Transfer-Encoding: chunked", Close)
                .Chunk("\n")
                .Chunk(Answers.All.Replace(Answers.End, UsageChunk + Answers.End, StringComparison.Ordinal))
                .LastChunk(),
            Answers.WholeAnswer
        );
        var budget = new Budget(new() { MaxOutputTokens = 10 });
        var client = Client(wire, new() { Budget = budget });
        await (await client.StreamAsync(Five, wire.Token)).ReplyAsync(wire.Token);
        await (await client.StreamAsync(Five, wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal((4L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task Call_Cancelled_CountsOnlyIfSent()
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(Script.OnRequest.Do(source.Cancel).Stall());
        var budget = new Budget(new() { MaxOutputTokens = 10 });
        var client = Client(wire, new() { Budget = budget });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(Five, source.Token));
        Assert.Equal((5L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
        // A request that was never sent costs nothing.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(Five, source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.StreamAsync(Five, source.Token));
        Assert.Equal((5L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task Call_CancelledDuringRetryDelay_ReleasesReservation()
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(Answers.Error(500, "x", Close).Fin());
        wire.Time.IsPatient = true;
        wire.Time.OnWait = source.Cancel;
        var budget = new Budget(new() { MaxOutputTokens = 10 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Client(wire, new() { Budget = budget }).SendAsync(Five, source.Token)
        );
        Assert.Equal((5L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task Calls_Concurrent_NeverExceedBudget()
    {
        using var mock = new MockHttpMessageHandler();
        mock.When("*")
            .Respond(async () =>
            {
                await Task.Yield();
                return new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = new StringContent(Say.Text("x"), Encoding.UTF8, "application/json"),
                };
            });
        using var http = new HttpClient(mock);
        var budget = new Budget(new BudgetLimits { MaxCost = 103, MaxOutputTokens = 1000 });
        using var client = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            new() { Budget = budget, Prices = Prices },
            http
        );
        var chain = new FallbackChain([client], new() { Budget = budget });
        int answered = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 200),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, token) =>
            {
                try
                {
                    await (i % 2 == 0 ? client.SendAsync(Five, token) : chain.SendAsync(Five, token));
                    Interlocked.Increment(ref answered);
                }
                catch (LlmException e) when (e.Kind == LlmErrorKind.BudgetExceeded) { }
                Assert.True(budget.KnownCost + budget.ReservedCost <= 103);
            }
        );
        Assert.Equal((20, 100m, 0m), (answered, budget.KnownCost, budget.ReservedCost));
    }

    [Fact]
    public void Window_Elapses_ResetsSpentAndKeepsReservations()
    {
        var time = new VirtualTime();
        var budget = new Budget(new BudgetLimits { MaxCost = 10, MaxOutputTokens = 10 }, TimeSpan.FromDays(1), time);
        budget.Add(6, 6);
        Assert.Null(budget.TryReserve(4, 4));
        Assert.NotNull(budget.TryReserve(1, 0));
        Assert.NotNull(budget.TryReserve(0, 1));
        time.Advance(TimeSpan.FromHours(23.9));
        Assert.Equal(6, budget.KnownCost);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((0m, 0L, 4m, 4L), (budget.KnownCost, budget.OutputTokens, budget.ReservedCost, budget.ReservedOutputTokens));
        Assert.Null(budget.TryReserve(6, 6));
        budget.Settle(4, 4, 3, 3);
        Assert.Equal((3m, 6m), (budget.KnownCost, budget.ReservedCost));
        // The third window began two days after the first, regardless of when the budget was read.
        time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(3, budget.KnownCost);
        time.Advance(TimeSpan.FromHours(0.2));
        Assert.Equal(0, budget.KnownCost);
    }

    [Fact]
    public void Budget_ExtremeNumbers_SaturatesOrThrowsArgumentOutOfRangeException()
    {
        var budget = new Budget(new BudgetLimits { MaxCost = decimal.MaxValue, MaxOutputTokens = long.MaxValue });
        budget.Add(decimal.MaxValue, long.MaxValue);
        budget.Add(decimal.MaxValue, long.MaxValue);
        Assert.Equal((decimal.MaxValue, long.MaxValue), (budget.KnownCost, budget.OutputTokens));
        Assert.Throws<ArgumentOutOfRangeException>(() => budget.Add(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BudgetLimits { MaxCost = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BudgetLimits { MaxOutputTokens = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Budget(new(), TimeSpan.Zero));
        Assert.Throws<ArgumentNullException>(() => new Budget(null!));
    }

    [Theory]
    [InlineData(1000, 100, false, 0.00425)]
    [InlineData(1000, 100, true, 0.00575)]
    [InlineData(300_000, 0, false, 2.25025)]
    public void CostCeiling_OfPrice_UsesHighestRates(long input, long output, bool keepsForAnHour, double expected)
    {
        var price = new Price(2, 10)
        {
            CachedInput = 0.2m,
            CacheWrite = 2.5m,
            CacheWriteOneHour = 4,
            Reasoning = 15,
            PerRequest = 0.00025m,
            LongPromptTokens = 200_000,
            LongPrompt = new Price(4, 20) { CacheWrite = 7.5m },
        };
        Assert.Equal((decimal)expected, Math.Round(CostCeiling.Of(price, input, output, keepsForAnHour), 5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_CredentialFails_ReleasesReservation(bool isStream)
    {
        using var wire = new FaultWire(Answers.Error(429, "x", Close).Fin());
        var budget = new Budget(new BudgetLimits { MaxCost = 20 });
        var client = wire.Client(new() { Budget = budget, Prices = Prices }, Service(0) with { Credential = new OnceOnly() }, "m0");
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            isStream ? client.StreamAsync(Five, wire.Token) : client.SendAsync(Five, wire.Token)
        );
        Assert.Equal((0m, 0L, 0m), (budget.ReservedCost, budget.ReservedOutputTokens, budget.KnownCost));
    }

    // Regression: what was reserved for a retry that was never sent stayed reserved.
    [Theory]
    [Case(163)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_CancelledAfterReservationBeforeRetryIsSent_ReleasesReservation(bool isStream)
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin());
        var budget = new Budget(new BudgetLimits { MaxCost = 20, MaxOutputTokens = 20 });
        var client = wire.Client(
            new() { Budget = budget, Prices = Prices },
            Service(0) with
            {
                Credential = new OnceOnly(source.Cancel),
            },
            "m0"
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            isStream ? client.StreamAsync(Five, source.Token) : client.SendAsync(Five, source.Token)
        );
        Assert.Equal((0m, 0L, 0m, 0L), (budget.ReservedCost, budget.ReservedOutputTokens, budget.KnownCost, budget.OutputTokens));
        Assert.Single(wire.Requests);
    }

    [Fact]
    [Case(163)]
    public async Task ReplyAsync_CancelledAfterReservationBeforeRetryIsSent_CountsOnlySentAttempt()
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(Script.OnRequest.Sse(Close).Chunk(Answers.Role).Fin());
        var budget = new Budget(new BudgetLimits { MaxCost = 20, MaxOutputTokens = 20 });
        var client = wire.Client(
            new() { Budget = budget, Prices = Prices },
            Service(0) with
            {
                Credential = new OnceOnly(source.Cancel),
            },
            "m0"
        );
        await using var stream = await client.StreamAsync(Five, wire.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReplyAsync(source.Token));
        Assert.Equal((0m, 0L, 5m, 5L), (budget.ReservedCost, budget.ReservedOutputTokens, budget.KnownCost, budget.OutputTokens));
        Assert.Single(wire.Requests);
    }

    // Regression: a later call without arguments counted an earlier one again.
    [Fact]
    public void StreamProbe_ParallelToolCalls_CountsArgumentsOnce()
    {
        string words = string.Concat(Enumerable.Repeat("word ", 200));
        using var client = new LlmClient(Service(0), "m0", new LlmClientOptions { Prices = Prices });
        using var probe = new StreamProbe(client, "text/event-stream");
        probe.Feed(
            Encoding.UTF8.GetBytes(
                $$$"""
                data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\"{{{words}}}\"}"}}]}}]}

                data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":""}}]},"finish_reason":"tool_calls"}]}

                data: [DONE]


                """.ReplaceLineEndings("\n")
            )
        );

        Assert.True(probe.IsEnded);
        Assert.InRange(probe.Tokens, TokenEstimate.Of(words), 1.5 * TokenEstimate.Of(words));
    }

    // An exception on the finalizer's thread would end the process.
    [Fact]
    public void MeteredBodyFinalizer_TimeProviderOfBudgetFails_DoesNotThrow()
    {
        var time = new FailingTime();
        var budget = new Budget(new BudgetLimits { MaxCost = 20 }, TimeSpan.FromHours(1), time);
        using var client = new LlmClient(Service(0), "m0", new LlmClientOptions { Prices = Prices });
        var held = Reservation.Make([budget], client, Five, after: null);
        var body = new MeteredBody(new MemoryStream(), new StreamProbe(client, "text/event-stream"), held, reported: null);
        time.Fails = true;
        typeof(MeteredBody)
            .GetMethod("Finalize", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
            .Invoke(body, null);
        Assert.True(time.HasFailed);
        GC.SuppressFinalize(body);
    }

    private sealed class OnceOnly(Action? after = null) : Credential
    {
        private int _signed;

        public override void Sign(RawLlm.Protocols.WireRequest request)
        {
            if (++_signed == 1)
                return;
            if (after is null)
                throw new InvalidOperationException("The token has run out.");
            after();
        }
    }

    private sealed class FailingTime : TimeProvider
    {
        public bool Fails { get; set; }

        public bool HasFailed { get; private set; }

        public override long GetTimestamp()
        {
            HasFailed |= Fails;
            return Fails ? throw new InvalidTimeZoneException() : base.GetTimestamp();
        }
    }

    private static LlmClient Client(FaultWire wire, LlmClientOptions options, int number = 0) =>
        wire.Client(
            options with
            {
                Prices = options.Prices == PriceTable.BuiltIn ? Prices : options.Prices,
            },
            Service(number),
            $"m{number}"
        );

    private static FallbackChain Chain(FaultWire wire, FallbackOptions options, LlmClientOptions client) =>
        new([Client(wire, client), Client(wire, client, 1)], options);

    private static Provider Service(int number) => FaultWire.Compatible() with { Name = $"s{number}" };
}
