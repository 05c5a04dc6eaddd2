using RawLlm.Tests.Support;
using static RawLlm.Tests.Tools.SampleTools;

namespace RawLlm.Tests.Tools;

/// <summary>Tools and hooks that are canceled or take too long.</summary>
public sealed class ToolLoopCancellationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_ToolExceedsCallTimeout_IsCanceledAndReportedToModel(bool heedsToken)
    {
        var time = new VirtualTime();
        var begun = new TaskCompletionSource();
        var tool = Tool.Create(
            new ToolDefinition("weather"),
            async Task<string> (_, cancellationToken) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, heedsToken ? cancellationToken : None);
                return "never";
            }
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Done."));
        using var client = model.Client();
        var running = new ToolLoop(client, [tool], new ToolLoopOptions { CallTimeout = TimeSpan.FromSeconds(90), Time = time }).RunAsync(
            "Coat?"
        );
        await begun.Task;

        time.Advance(TimeSpan.FromSeconds(90));

        var run = await running;
        Assert.Equal("The tool took longer than 90 s and was stopped.", Told(run));
        Assert.IsType<TimeoutException>(run.Invocations.Single().Error);
    }

    [Fact]
    public async Task RunAsync_CancellationRegistrationOfToolThrows_IsIgnored()
    {
        var time = new VirtualTime();
        using var source = new CancellationTokenSource();
        using var begun = new SemaphoreSlim(0);
        var tool = Tool.Create(
            new ToolDefinition("weather"),
            async Task<string> (_, cancellationToken) =>
            {
                using var registration = cancellationToken.Register(() => throw new InvalidTimeZoneException());
                begun.Release();
                await Task.Delay(Timeout.Infinite, None);
                return "never";
            }
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Calls(("b", "weather", "{}")));
        using var client = model.Client();
        var running = new ToolLoop(client, [tool], new ToolLoopOptions { Time = time }).RunAsync("Coat?", source.Token);
        await begun.WaitAsync();

        // On the platform's own clock that would be the end of the process.
        time.Advance(TimeSpan.FromMinutes(5));
        await begun.WaitAsync();
        source.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Contains("took longer than 300 s", model.Bodies[1], StringComparison.Ordinal);
        Assert.Equal(0, time.Alive);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_TokenCanceled_EndsLoop(bool heedsToken)
    {
        using var source = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var tool = Tool.Create(
            new ToolDefinition("weather"),
            async Task<string> (_, cancellationToken) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, heedsToken ? cancellationToken : None);
                return "never";
            }
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("never"));
        using var client = model.Client();
        var running = new ToolLoop(client, [tool]).RunAsync("Coat?", source.Token);
        await begun.Task;

        await source.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Single(model.Bodies);
    }

    [Fact]
    public async Task RunAsync_ToolThrowsTaskCanceled_IsReportedAsToolFailure()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Failing(new TaskCanceledException("its own time-out"))]).RunAsync("Coat?");

        Assert.Equal("The tool failed.", Told(run));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_CanceledInHook_ThrowsWithTokenOfCaller(bool isApproval)
    {
        using var source = new CancellationTokenSource();
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{")));
        using var client = model.Client();
        async ValueTask<T> Cancel<T>(CancellationToken cancellationToken)
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
        var options = new ToolLoopOptions
        {
            Approve = (_, cancellationToken) => Cancel<ToolApproval>(cancellationToken),
            Repair = (_, _, cancellationToken) => isApproval ? new("{}") : Cancel<string?>(cancellationToken),
        };

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ToolLoop(client, [Weather], options).RunAsync("Coat?", source.Token)
        );

        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Theory]
    [InlineData("approve")]
    [InlineData("repair")]
    [InlineData("blocks")]
    public async Task RunAsync_HookIgnoresToken_IsAbandonedOnCancellation(string hook)
    {
        using var source = new CancellationTokenSource();
        using var gate = new ManualResetEventSlim();
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{")));
        using var client = model.Client();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var repaired = new TaskCompletionSource<string?>();
        var approved = new TaskCompletionSource<ToolApproval>();
        var options = new ToolLoopOptions
        {
            Repair = (_, _, _) => hook == "repair" ? Never(repaired) : new("{}"),
            Approve = (_, _) => Never(approved),
        };
        ValueTask<T> Never<T>(TaskCompletionSource<T> never)
        {
            asked.SetResult();
            if (hook == "blocks")
                gate.Wait();
            return new(never.Task);
        }

        var run = Task.Run(() => new ToolLoop(client, [Weather], options).RunAsync("Coat?", source.Token));
        await asked.Task;
        await source.CancelAsync();
        try
        {
            var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromMinutes(2)));
            Assert.Equal(source.Token, e.CancellationToken);
        }
        finally
        {
            gate.Set();
            repaired.SetException(new InvalidTimeZoneException());
            approved.SetException(new InvalidTimeZoneException());
        }
    }
}
