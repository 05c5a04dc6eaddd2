using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using static RawLlm.Tests.Seams.SeamScripts;

namespace RawLlm.Tests.Seams;

/// <summary>Cost, budgets and telemetry of an answer with a seam.</summary>
public sealed class SeamAccountingTests
{
    [Fact]
    public async Task Cost_AnswerWithSeam_SumsKnownCostsOfAttempts()
    {
        var prices = PriceTable.BuiltIn.With("s0", Claude, new Price(3, 15)).With("s1", Claude, new Price(3, 15));
        using var wire = new FaultWire(
            Cut(MessageStart + BlockStart + Delta("Hi"), "rst"),
            Script.OnRequest.Sse().Chunk(Anthropic(" you")).LastChunk()
        );
        var clients = Enumerable
            .Range(0, 2)
            .Select(i =>
                wire.Client(
                    new LlmClientOptions { Prices = prices },
                    FaultWire.Compatible() with
                    {
                        Name = $"s{i}",
                        Protocol = new AnthropicProtocol(),
                    },
                    Claude
                )
            )
            .ToArray();
        var reply = await (await Chain(wire, clients).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token)).ReplyAsync(
            wire.Token
        );
        decimal before = ((1000 * 3) + (1 * 15)) / 1_000_000m;
        decimal behind = ((1000 * 3) + (20 * 15)) / 1_000_000m;
        Assert.Equal((1000L, before), (reply.Switches[0].Usage?.InputTokens, reply.Switches[0].Cost?.Amount));
        Assert.Equal((20L, before + behind), (reply.Usage?.OutputTokens, reply.Cost?.Amount));
    }

    [Fact]
    public async Task Cost_SumAfterSeamOverflows_IsNull()
    {
        const string Huge = "x-litellm-response-cost: 79228162514264337593543950335";
        using var wire = new FaultWire(
            Script.OnRequest.Sse(Huge).Chunk(Answers.Role + Answers.Hi).Rst(),
            Script.OnRequest.Sse(Huge).Chunk(Answers.All).LastChunk()
        );
        var reply = await (await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(decimal.MaxValue, Assert.Single(reply.Switches).Cost?.Amount);
        Assert.Null(reply.Cost);
    }

    [Fact]
    public async Task Budget_CallWithSeam_CountsBothAttempts()
    {
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 1000 });
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Script.OnRequest.Sse().Chunk(Anthropic(" you")).LastChunk());
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, Budget = budget };
        await using var stream = await Chain(wire, options, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude))
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
        // Nobody says what the broken one used: as much is counted as was held for it.
        Assert.Equal((100 + 20, 0), (budget.OutputTokens, budget.ReservedOutputTokens));
    }

    [Fact]
    public async Task Budget_DoesNotCoverNext_ThrowsOriginalError()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"));
        var options = new FallbackOptions
        {
            StreamFailover = StreamFailover.Default,
            CallBudget = new BudgetLimits { MaxOutputTokens = 150 },
        };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1))
            .StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.ConnectionLost, error.Kind);
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.BudgetExceeded], error.Attempts.Select(attempt => attempt.Kind));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task Budget_IsExceededByAnswer_AsksNoOtherService()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Sse()
                .Chunk(Answers.Hi.Replace("Hi", new string('x', 4000), StringComparison.Ordinal))
                .Chunk(Answers.You)
                .Stall()
        );
        var options = new FallbackOptions
        {
            StreamFailover = StreamFailover.Default,
            CallBudget = new BudgetLimits { MaxOutputTokens = 10, AllowUnknown = true },
        };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.BudgetExceeded, error.Kind);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task Telemetry_CallWithSeam_HasSpanPerAttempt()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var clients = Enumerable
            .Range(0, 2)
            .Select(i => wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = $"s{i}" }), $"m{i}"))
            .ToArray();
        await using var stream = await Chain(wire, clients).StreamAsync("Hi", wire.Token);
        await ReadAsync(stream, wire.Token);
        Assert.Equal(
            [("chat m0", "failed"), ("chat m1", "done"), ("fallback", "done")],
            probe.Activities.Select(activity => (activity.DisplayName, (string?)activity.GetTagItem("rawllm.outcome")))
        );
        Assert.All(probe.Activities.Take(2), child => Assert.Same(probe.Activities[2], child.Parent));
    }
}
