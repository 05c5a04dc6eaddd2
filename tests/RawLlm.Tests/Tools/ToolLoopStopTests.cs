using RawLlm.Tests.Support;
using static RawLlm.Tests.Tools.SampleTools;

namespace RawLlm.Tests.Tools;

/// <summary>Runs that the caller's hook ends, limits of calls, and tools with a timeout of their own.</summary>
public sealed class ToolLoopStopTests
{
    private static readonly ToolLoopOptions StopsAtClock = new()
    {
        StopWhen = (run, _) => new(run.Invocations.Any(invocation => invocation.Call.Name == "clock" && invocation.HasRun)),
    };

    private static async Task<ToolRun> Run(ToolLoop loop, ChatRequest request, bool isStream)
    {
        if (!isStream)
            return await loop.RunAsync(request, None);
        await using var stream = loop.Stream(request, None);
        while (await stream.ReadAsync()) { }
        Assert.False(await stream.ReadAsync());
        return stream.Run!;
    }

    private static ScriptedModel Model(bool isStream, params string[] names) =>
        isStream
            ? ScriptedModel.Sse([.. names.Select(name => Say.StreamedCalls(("a", name, "{}"))), Say.StreamedText("Noon.")])
            : ScriptedModel.Json([.. names.Select(name => Say.Calls(("a", name, "{}"))), Say.Text("Noon.")]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StopWhen_ReturnsTrue_EndsTheRunWithAllResults(bool isStream)
    {
        using var model = Model(isStream, "weather", "clock");
        using var client = model.Client();
        var loop = new ToolLoop(client, [Weather, Clock], StopsAtClock);

        var run = await Run(loop, "When?", isStream);

        Assert.Equal((2, 2, StopReason.ToolUse), (run.Turns, model.Bodies.Count, run.Reply.StopReason));
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant, Role.Tool], run.Messages.Select(message => message.Role));
        Assert.Equal("12:00", run.Invocations[^1].Result.Text);
        Assert.Empty(run.Pending);

        // The conversation goes on as it is.
        var rest = await Run(
            new ToolLoop(client, [Weather, Clock]),
            new ChatRequest { Messages = [Message.User("When?"), .. run.Messages, Message.User("And?")] },
            isStream
        );
        Assert.Equal("Noon.", rest.Text);
    }

    [Fact]
    public async Task StopWhen_CallsOfTheConversationRunFirst_SeesThemToo()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        var request = new ChatRequest
        {
            Messages = [Message.User("When?"), new Message(Role.Assistant, [new ToolCallPart(new ToolCall("a", "clock", "{}"))])],
        };

        var run = await new ToolLoop(client, [Clock], StopsAtClock).RunAsync(request);

        Assert.Equal((0, "12:00"), (run.Turns, Told(run)));
        Assert.Empty(model.Bodies);
    }

    [Fact]
    public async Task StopWhen_LastTurn_RunsItsCalls()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "weather", "{}")));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Weather, Clock], StopsAtClock with { MaxTurns = 1 }).RunAsync("When?");
        Assert.Equal("12:00", Told(run));

        var e = await Assert.ThrowsAsync<LlmException>(() =>
            new ToolLoop(client, [Weather, Clock], StopsAtClock with { MaxTurns = 1 }).RunAsync("Coat?")
        );
        Assert.Equal(LlmErrorKind.TooManyTurns, e.Kind);
        Assert.True(e.Run!.Invocations.Single().HasRun);
    }

    [Fact]
    public async Task StopWhen_CallWaits_IsNotAsked()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}"), ("b", "weather", "{}")));
        using var client = model.Client();

        var run = await new ToolLoop(
            client,
            [Weather.WithApproval(), Clock],
            new ToolLoopOptions { StopWhen = (_, _) => throw new InvalidTimeZoneException() }
        ).RunAsync("When?");

        Assert.Single(run.Pending);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StopWhen_Throws_ReachesTheCallerAndKeepsTheRun(bool isStream)
    {
        using var model = Model(isStream, "clock");
        using var client = model.Client();
        var loop = new ToolLoop(client, [Clock], new ToolLoopOptions { StopWhen = (_, _) => throw new InvalidTimeZoneException() });
        ToolRun? run;
        if (isStream)
        {
            await using var stream = loop.Stream("When?", None);
            await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
            {
                while (await stream.ReadAsync()) { }
            });
            run = stream.Run;
        }
        else
        {
            var progress = new ToolProgress();
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => loop.RunAsync("When?", progress, None));
            run = progress.Run;
        }

        Assert.Equal("12:00", Told(run!));
    }

    [Fact]
    public async Task StopWhen_ReadIsCanceled_EndsTheStream()
    {
        using var model = Model(isStream: true, "clock");
        using var client = model.Client();
        using var source = new CancellationTokenSource();
        var options = new ToolLoopOptions
        {
            StopWhen = async (_, cancellationToken) =>
            {
                await source.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return false;
            },
        };
        await using var stream = new ToolLoop(client, [Clock], options).Stream("When?", None);

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.ReadAsync(source.Token)) { }
        });

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Equal("12:00", Told(stream.Run!));
    }

    [Fact]
    public async Task MaxCalls_Reached_FurtherCallsAreNotRunAndTheModelAnswers()
    {
        using var model = ScriptedModel.Json(
            Say.Calls(("a", "clock", "{}"), ("b", "nothing", "{}"), ("c", "weather", "{}")),
            Say.Calls(("d", "clock", "{}"), ("e", "weather", "{}")),
            Say.Text("Noon.")
        );
        using var client = model.Client();
        var asked = new List<string>();
        var options = new ToolLoopOptions
        {
            MaxCalls = 2,
            Approve = (call, _) =>
            {
                asked.Add(call.Id);
                return new(call.Id == "a" ? ToolApproval.Deny() : ToolApproval.Allow);
            },
        };

        var run = await new ToolLoop(client, [Weather, Clock], options).RunAsync("When?");

        Assert.Equal("Noon.", run.Text);
        Assert.Equal([false, false, true, true, false], run.Invocations.Select(invocation => invocation.HasRun));
        Assert.Equal(
            "The call was not run, because no more calls are allowed. Answer with what you have.",
            run.Invocations[^1].Result.Text
        );
        // Nobody is asked about a call that cannot run.
        Assert.Equal(["a", "c", "d"], asked);
    }

    [Fact]
    public async Task Timeout_OfTool_ReplacesThatOfTheLoop()
    {
        var time = new VirtualTime();
        using var begun = new SemaphoreSlim(0);
        Tool Waiting(string name) =>
            new(
                new ToolDefinition(name),
                async (_, cancellationToken) =>
                {
                    begun.Release();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return "never";
                }
            );
        ToolSet tools = [Waiting("clock").WithApproval().WithTimeout(TimeSpan.FromSeconds(10)), Waiting("weather")];
        Assert.True(tools.First() is { NeedsApproval: true, Timeout: { TotalSeconds: 10 } });
        Assert.Equal(TimeSpan.FromSeconds(10), Weather.WithTimeout(TimeSpan.FromSeconds(10)).WithApproval().Timeout);
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => Clock.WithTimeout(TimeSpan.Zero));
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}"), ("b", "weather", "{}")), Say.Text("Noon."));
        using var client = model.Client();
        var options = new ToolLoopOptions
        {
            CallTimeout = TimeSpan.FromSeconds(90),
            Time = time,
            Approve = (_, _) => new(ToolApproval.Allow),
        };
        var running = new ToolLoop(client, tools, options).RunAsync("When?");
        await begun.WaitAsync();
        await begun.WaitAsync();

        time.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(
            ["The tool took longer than 10 s and was stopped.", "The tool took longer than 90 s and was stopped."],
            (await running).Invocations.Select(invocation => invocation.Result.Text)
        );
    }

    [Fact]
    public async Task RunAsync_UnansweredCallBeforeOneWithTheSameId_IsRefused()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        static Message Calls(string name) => new(Role.Assistant, [new ToolCallPart(new ToolCall("call_0", name, "{}"))]);
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User("When?"),
                Calls("clock"),
                Message.User("Coat?"),
                Calls("weather"),
                Message.ToolResult(new ToolCall("call_0", "weather", "{}"), "4 °C"),
            ],
        };

        var e = await Assert.ThrowsAsync<ArgumentException>(() => new ToolLoop(client, [Weather, Clock]).RunAsync(request));

        Assert.Contains("\"call_0\" of the tool \"clock\" has no result", e.Message, StringComparison.Ordinal);
    }
}
