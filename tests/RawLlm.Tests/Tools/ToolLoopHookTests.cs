using static RawLlm.Tests.Tools.SampleTools;

namespace RawLlm.Tests.Tools;

/// <summary>Repair of arguments and approval of tool calls.</summary>
public sealed class ToolLoopHookTests
{
    [Fact]
    public async Task RunAsync_ArgumentsAreInvalidJson_AreReportedOrRepaired()
    {
        string[] answers = [Say.Calls(("a", "weather", """{"city":Oslo}""")), Say.Text("Done.")];
        using var model = ScriptedModel.Json(answers);
        using var client = model.Client();
        var run = await new ToolLoop(client, [Weather]).RunAsync("Coat?");
        Assert.Equal("The arguments are not complete JSON.", Told(run));
        Assert.False(run.Invocations.Single().HasRun);

        using var second = ScriptedModel.Json(answers);
        using var again = second.Client();
        var asked = new List<string>();
        var options = new ToolLoopOptions
        {
            Repair = (call, flaw, _) =>
            {
                asked.Add($"{call.Arguments} {flaw.Message}");
                return new("""{"city":"Oslo"}""");
            },
        };
        run = await new ToolLoop(again, [Weather], options).RunAsync("Coat?");

        Assert.Equal(["""{"city":Oslo} The arguments are not complete JSON."""], asked);
        Assert.Equal("4 °C in Oslo", Told(run));
        Assert.True(
            run.Invocations.Single() is { HasRun: true, RepairedArguments: """{"city":"Oslo"}""", Call.Arguments: """{"city":Oslo}""" }
        );
        // The history holds what was run; the answer, what the model said.
        Assert.True(run.Messages[0].Parts is [ToolCallPart { Call: { IsComplete: true, Arguments: """{"city":"Oslo"}""" } }]);
        Assert.True(run.Replies[0].ToolCalls is [{ IsComplete: false, Arguments: """{"city":Oslo}""" }]);
    }

    [Fact]
    public async Task RunAsync_RepairReturnsInvalidJson_RunsNothing()
    {
        int runs = 0;
        var tool = new Tool(
            new ToolDefinition("weather"),
            (_, _) =>
            {
                runs++;
                return new(ToolOutput.Of("fine"));
            }
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", """{"city":Oslo}""")), Say.Text("Done."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [tool], new ToolLoopOptions { Repair = (_, _, _) => new("""{"city": """) }).RunAsync("Coat?");

        Assert.Equal("The arguments are not complete JSON.", Told(run));
        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task RunAsync_ToolRejectsArguments_AreRepairedOnceAndApprovedAgain()
    {
        var tool = Tool.Create(
            new ToolDefinition("weather"),
            arguments => arguments.ContainsKey("city") ? "fine" : throw new ToolArgumentException("city is missing", "city")
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}"), ("b", "weather", """{"x":1}""")), Say.Text("Done."));
        using var client = model.Client();
        var approved = new List<string>();
        var options = new ToolLoopOptions
        {
            MaxParallelCalls = 1,
            Approve = (call, _) =>
            {
                approved.Add($"{call.Id}{call.Arguments}");
                return new(ToolApproval.Allow);
            },
            Repair = (call, _, _) => new(call.Id == "a" ? """{"city":"Oslo"}""" : """{"town":"Oslo"}"""),
        };

        var run = await new ToolLoop(client, [tool], options).RunAsync("Coat?");

        Assert.Equal(["a{}", """b{"x":1}""", """a{"city":"Oslo"}""", """b{"town":"Oslo"}"""], approved);
        Assert.Equal("fine", Told(run, 0));
        Assert.Equal("city is missing", Told(run, 1));
        Assert.Equal("city", ((ToolArgumentException)run.Invocations[1].Error!).Argument);
    }

    [Fact]
    public async Task RunAsync_RepairedArgumentsDenied_AreNotRun()
    {
        int runs = 0;
        var tool = Tool.Create(new ToolDefinition("weather"), arguments => ++runs > 1 ? "ran" : throw new ToolArgumentException("no"));
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Done."));
        using var client = model.Client();
        var options = new ToolLoopOptions
        {
            Approve = (call, _) => new(call.Arguments == "{}" ? ToolApproval.Allow : ToolApproval.Deny("Not that.")),
            Repair = (_, _, _) => new("""{"all":true}"""),
        };

        var run = await new ToolLoop(client, [tool], options).RunAsync("Coat?");

        Assert.Equal(1, runs);
        Assert.Equal("Not that.", Told(run));
    }

    [Fact]
    public async Task RunAsync_CallDenied_IsNotRunAndReportedToModel()
    {
        int runs = 0;
        var tool = Tool.Create(new ToolDefinition("weather"), _ => $"{Interlocked.Increment(ref runs)}");
        using var model = ScriptedModel.Json(
            Say.Calls(("a", "weather", "{}"), ("b", "weather", "{}"), ("c", "weather", "{}")),
            Say.Text("Done.")
        );
        using var client = model.Client();
        var options = new ToolLoopOptions
        {
            Approve = (call, _) =>
                new(
                    call.Id switch
                    {
                        "a" => ToolApproval.Deny(),
                        "b" => ToolApproval.Deny("Ask again tomorrow."),
                        _ => ToolApproval.Allow,
                    }
                ),
        };

        var run = await new ToolLoop(client, [tool], options).RunAsync("Coat?");

        Assert.Equal(
            ["The call was not allowed.", "Ask again tomorrow.", "1"],
            run.Invocations.Select(invocation => invocation.Result.Text)
        );
        Assert.Equal([true, true, false], run.Invocations.Select(invocation => invocation.Result.IsError));
    }
}
