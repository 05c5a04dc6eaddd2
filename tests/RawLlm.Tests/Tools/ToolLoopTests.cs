using System.Net;
using RawLlm.Tests.Support;
using static RawLlm.Tests.Tools.SampleTools;

namespace RawLlm.Tests.Tools;

/// <summary>The loop over whole answers, in chat completions.</summary>
public sealed class ToolLoopTests
{
    [Fact]
    public async Task RunAsync_TwoCallsThenAnswer_SendsBothResultsAndSumsUsage()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", """{"city":"Oslo"}"""), ("b", "clock", "")), Say.Text("A coat."));
        using var client = model.Client();
        var request = ChatRequest.Ask("Coat?");

        var run = await new ToolLoop(client, [Weather, Clock]).RunAsync(request);

        Assert.Equal("A coat.", run.Text);
        Assert.Equal(2, run.Turns);
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant], run.Messages.Select(message => message.Role));
        Assert.Equal((20L, 10L, 30L), (run.Usage!.InputTokens, run.Usage.OutputTokens, run.Usage.TotalTokens));
        Assert.Null(run.Cost);
        Assert.Equal(["4 °C in Oslo", "12:00"], run.Invocations.Select(invocation => invocation.Result.Text));
        Assert.All(run.Invocations, invocation => Assert.True(invocation is { Turn: 1, HasRun: true, Error: null }));
        JsonAssert.Equal(
            """
            {"model":"m","messages":[{"role":"user","content":"Coat?"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"b","type":"function","function":{"name":"clock","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"a","content":"4 °C in Oslo"},{"role":"tool","tool_call_id":"b","content":"12:00"}],
            "tools":[{"type":"function","function":{"name":"weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
            {"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}]}
            """,
            model.Bodies[1]
        );
    }

    [Fact]
    public async Task RunAsync_SeveralTurns_OnlyAppendsMessages()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Clock]).RunAsync("When?");

        Assert.Equal(3, run.Turns);
        // What was sent before stands at the start of what is sent next, byte for byte.
        for (int i = 1; i < model.Bodies.Count; i++)
        {
            int end = model.Bodies[i - 1].IndexOf("]", StringComparison.Ordinal);
            Assert.StartsWith(model.Bodies[i - 1][..end], model.Bodies[i], StringComparison.Ordinal);
        }
        Assert.Same(run.Replies[1].Message, run.Messages[2]);
    }

    [Fact]
    public async Task RunAsync_UnknownTool_SendsAvailableTools()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "wether", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Weather, Clock]).RunAsync("Coat?");

        Assert.Equal("There is no tool \"wether\". Available tools: weather, clock.", Told(run));
        Assert.Equal("Sorry.", run.Text);
    }

    [Fact]
    public async Task RunAsync_SeveralCalls_RunInParallel()
    {
        // Each waits for the other: one at a time would never end.
        using var both = new Barrier(2);
        var tool = Tool.Create(new ToolDefinition("weather"), _ => both.SignalAndWait(TimeSpan.FromMinutes(1)) ? "met" : "alone");
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}"), ("b", "weather", "{}")), Say.Text("Done."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [tool]).RunAsync("Coat?");

        Assert.Equal(["met", "met"], run.Invocations.Select(invocation => invocation.Result.Text));
    }

    [Fact]
    public async Task RunAsync_MaxParallelCallsIsOne_KeepsOrderOfCalls()
    {
        int running = 0;
        int most = 0;
        var order = new List<string>();
        var tool = new Tool(
            new ToolDefinition("weather"),
            async (call, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                order.Add(call.Id);
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return call.Id;
            }
        );
        using var model = ScriptedModel.Json(
            Say.Calls([.. Enumerable.Range(0, 10).Select(i => ($"c{i}", "weather", "{}"))]),
            Say.Text("Done.")
        );
        using var client = model.Client();

        await new ToolLoop(client, [tool], new ToolLoopOptions { MaxParallelCalls = 1 }).RunAsync("Coat?");

        Assert.Equal(1, most);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"c{i}"), order);
    }

    [Fact]
    public void Options_OutOfRange_AreRejected()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { MaxTurns = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { MaxParallelCalls = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { MaxErrorLength = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { MaxResultLength = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { MaxCalls = -1 });
        Assert.Null(new ToolLoopOptions { MaxResultLength = null }.MaxResultLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { CallTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { CallTimeout = TimeSpan.MaxValue });
        Assert.Throws<ArgumentNullException>(() => new ToolLoopOptions { Time = null! });
        Assert.Equal(Timeout.InfiniteTimeSpan, new ToolLoopOptions { CallTimeout = Timeout.InfiniteTimeSpan }.CallTimeout);
    }

    [Fact]
    public async Task RunAsync_TooManyTurns_ThrowsWithRun()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}")), Say.Text("never"));
        using var client = model.Client();

        var e = await Assert.ThrowsAsync<LlmException>(() =>
            new ToolLoop(client, [Clock], new ToolLoopOptions { MaxTurns = 2 }).RunAsync("When?")
        );

        Assert.Equal(LlmErrorKind.TooManyTurns, e.Kind);
        Assert.False(e.IsRetryable);
        Assert.Equal(2, e.Run!.Turns);
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant, Role.Tool], e.Run.Messages.Select(message => message.Role));
        Assert.Equal([true, false], e.Run.Invocations.Select(invocation => invocation.HasRun));
        Assert.Equal(2, model.Bodies.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_ForcedToolChoice_IsAutoAfterFirstCall(bool isNamed)
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();

        await new ToolLoop(client, [Clock]).RunAsync(
            ChatRequest.Ask("When?") with
            {
                ToolChoice = isNamed ? ToolChoice.Named("clock") : ToolChoice.Required,
            }
        );

        Assert.Contains(
            isNamed ? """{"type":"function","function":{"name":"clock"}}""" : "\"tool_choice\":\"required\"",
            model.Bodies[0],
            StringComparison.Ordinal
        );
        Assert.Contains("\"tool_choice\":\"auto\"", model.Bodies[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_RequestOffersSomeTools_RunsNoOthers()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();
        var loop = new ToolLoop(client, [Weather, Clock]);

        var run = await loop.RunAsync(ChatRequest.Ask("When?") with { Tools = [Clock.Definition] });

        Assert.Equal("There is no tool \"weather\". Available tools: clock.", Told(run));
        Assert.DoesNotContain("The weather", model.Bodies[0], StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<ArgumentException>(() =>
            loop.RunAsync(ChatRequest.Ask("When?") with { Tools = [new ToolDefinition("other")] })
        );
        Assert.Contains("\"other\"", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => loop.RunAsync(ChatRequest.Ask("When?") with { ChoiceCount = 2 }));
    }

    [Fact]
    public async Task RunAsync_OverChainAndFirstFailsOnLaterTurn_AsksNext()
    {
        using var first = new ScriptedModel(
            "application/json",
            (HttpStatusCode.OK, Say.Calls(("a", "clock", "{}"))),
            (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}""")
        );
        using var second = ScriptedModel.Json(Say.Text("Noon."));
        using var one = first.Client();
        using var other = second.Client(Providers.Groq);

        var run = await new ToolLoop(new FallbackChain([one, other]), [Clock]).RunAsync("When?");

        Assert.Equal("Noon.", run.Text);
        Assert.Equal(["openai", "groq"], run.Replies.Select(reply => reply.Provider));
        Assert.Contains("12:00", second.Bodies[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_RequestToolsAreNull_Throws()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        var loop = new ToolLoop(client, [Clock]);
        await Assert.ThrowsAsync<ArgumentNullException>(() => loop.RunAsync(ChatRequest.Ask("x") with { Tools = null! }));
        await Assert.ThrowsAsync<ArgumentNullException>(() => loop.RunAsync(ChatRequest.Ask("x") with { Tools = [null!] }));
        Assert.Throws<ArgumentNullException>(() => loop.Stream(ChatRequest.Ask("x") with { Tools = null! }));
    }
}
