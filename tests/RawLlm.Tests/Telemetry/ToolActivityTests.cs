using System.Diagnostics;
using RawLlm.Tests.Support;
using RawLlm.Tests.Tools;

namespace RawLlm.Tests.Telemetry;

/// <summary>The telemetry of a tool loop: the hierarchy of its activities, and none of the content.</summary>
public sealed class ToolActivityTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolLoop_TwoTurns_RecordsCallsAndToolsBelowOneActivity(bool isStream)
    {
        using var probe = new TelemetryProbe();
        using var model = isStream
            ? ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", """{"zone":"secret"}"""), ("b", "fails", "{}")), Say.StreamedText("Noon."))
            : ScriptedModel.Json(Say.Calls(("a", "clock", """{"zone":"secret"}"""), ("b", "fails", "{}")), Say.Text("Noon."));
        using var client = model.Client();
        string? inside = null;
        var clock = Tool.Create(new ToolDefinition("clock"), _ => $"secret {inside = Activity.Current?.DisplayName}");
        var loop = new ToolLoop(client, [clock, Tool.Create(new ToolDefinition("fails"), string (_) => throw new IOException("secret"))]);

        if (!isStream)
            await loop.RunAsync("When?");
        await using var stream = loop.Stream("When?");
        while (isStream && await stream.ReadAsync())
            Assert.Same(probe.Root, Activity.Current);

        Assert.Same(probe.Root, Activity.Current);
        Assert.Equal("execute_tool clock", inside);
        var parent = probe.Activities[^1];
        Assert.Equal(("invoke_agent", ActivityKind.Internal, ActivityStatusCode.Unset), (parent.DisplayName, parent.Kind, parent.Status));
        Assert.Same(probe.Root, parent.Parent);
        Assert.Equal(
            [
                "gen_ai.operation.name=invoke_agent",
                $"gen_ai.provider.name={client.Provider.Name}",
                "gen_ai.request.model=m",
                "rawllm.outcome=done",
            ],
            Tags(parent)
        );
        Assert.Equal(
            ["chat m", "chat m", "execute_tool clock", "execute_tool fails"],
            probe.Activities.SkipLast(1).Select(activity => activity.DisplayName).Order()
        );
        Assert.All(probe.Activities.SkipLast(1), activity => Assert.Same(parent, activity.Parent));
        Assert.Equal(
            ["gen_ai.operation.name=execute_tool", "gen_ai.tool.name=clock", "gen_ai.tool.type=function", "rawllm.outcome=done"],
            Tags(probe.Activities.Single(activity => activity.DisplayName == "execute_tool clock"))
        );
        var failed = probe.Activities.Single(activity => activity.DisplayName == "execute_tool fails");
        Assert.Equal(
            (ActivityStatusCode.Error, "_OTHER", "failed"),
            (failed.Status, failed.GetTagItem("error.type"), failed.GetTagItem("rawllm.outcome"))
        );
        Assert.DoesNotContain("secret", string.Concat(probe.Activities.SelectMany(Tags)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OverChain_RecordsNoProviderName()
    {
        using var probe = new TelemetryProbe();
        using var model = ScriptedModel.Json(Say.Text("Now."));
        using var client = model.Client();

        await new ToolLoop(new FallbackChain([client]), [Tool.Create(new ToolDefinition("clock"), _ => "1")]).RunAsync("When?");

        Assert.Equal(["gen_ai.operation.name=invoke_agent", "rawllm.outcome=done"], Tags(probe.Activities[^1]));
    }

    [Fact]
    public async Task Stream_LeftWhileToolRuns_EndsAllActivities()
    {
        using var probe = new TelemetryProbe();
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")));
        using var client = model.Client();
        var clock = Tool.Create(
            new ToolDefinition("clock"),
            async Task<string> (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return "never";
            }
        );
        await foreach (var e in new ToolLoop(client, [clock]).Stream("When?"))
        {
            if (e.Kind == ToolEventKind.CallStarted)
                break;
        }

        Assert.Equal("left", probe.Activities[^1].GetTagItem("rawllm.outcome"));
        Assert.Equal(["chat m", "execute_tool clock", "invoke_agent"], probe.Activities.Select(activity => activity.DisplayName));
    }

    private static IEnumerable<string> Tags(Activity activity) =>
        activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);
}
