using System.Net;
using static RawLlm.Tests.Tools.SampleTools;

namespace RawLlm.Tests.Tools;

/// <summary>Tools, hooks and turns that fail.</summary>
public sealed class ToolLoopFailureTests
{
    [Theory]
    [InlineData("length")]
    [InlineData("content_filter")]
    [InlineData("refusal")]
    [InlineData("error")]
    public async Task RunAsync_AnswerEndedAbnormally_RunsNoCallAndAddsErrorResults(string finish)
    {
        int runs = 0;
        var tool = Tool.Create(new ToolDefinition("weather"), _ => $"{++runs}");
        using var model = ScriptedModel.Json(Say.Calls(finish, ("a", "weather", """{"city":"Oslo"}""")), Say.Text("never"));
        using var client = model.Client();

        var run = await new ToolLoop(client, [tool]).RunAsync("Coat?");

        Assert.Equal(0, runs);
        Assert.Single(model.Bodies);
        Assert.NotEqual(StopReason.ToolUse, run.Reply.StopReason);
        Assert.Equal("a", ((ToolResultPart)run.Messages[1].Parts[0]).CallId);
        Assert.True(run.Invocations.Single() is { HasRun: false, Result.IsError: true });
    }

    [Fact]
    public async Task RunAsync_ToolThrows_HidesExceptionFromModelOnly()
    {
        var error = new IOException("password=hunter2");
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Failing(error)]).RunAsync("Coat?");

        Assert.Equal("The tool failed.", Told(run));
        Assert.DoesNotContain("hunter2", model.Bodies[1], StringComparison.Ordinal);
        Assert.Same(error, run.Invocations.Single().Error);
    }

    [Fact]
    public async Task RunAsync_DescribeFailureHook_SendsTruncatedDescription()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();
        var options = new ToolLoopOptions { DescribeFailure = (call, e) => $"{call.Name}: {e.Message}", MaxErrorLength = 12 };

        var run = await new ToolLoop(client, [Failing(new IOException("no😀 disk"))], options).RunAsync("Coat?");

        // Half a character is left out.
        Assert.Equal("weather: no\n\n[Truncated: only the first 11 of 18 characters are shown.]", Told(run));
    }

    [Fact]
    public async Task RunAsync_ToolReturnsError_IsMarkedAsError()
    {
        var tool = new Tool(new ToolDefinition("weather"), (_, _) => new(ToolOutput.Error("No such city.")));
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [tool]).RunAsync("Coat?");

        Assert.True(run.Invocations.Single() is { Result: { IsError: true, Text: "No such city." }, Error: null, HasRun: true });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_UnsupportedResult_IsReportedToModelAndOthersAreSent(bool isStream)
    {
        byte[] bytes = [1, 2, 3];
        const string Calls =
            """{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"report","arguments":{}}},{"function":{"name":"chart","arguments":{}}},{"function":{"name":"clock","arguments":{}}}]},"done":true,"done_reason":"stop"}""";
        const string Text = """{"model":"m","message":{"role":"assistant","content":"Noon."},"done":true,"done_reason":"stop"}""";
        using var model = isStream ? new ScriptedModel("application/x-ndjson", Calls + "\n", Text + "\n") : ScriptedModel.Json(Calls, Text);
        using var client = model.Client(Providers.Ollama);
        var report = new Tool(new ToolDefinition("report"), (_, _) => new(new ToolOutput([new FilePart(bytes, "application/pdf")])));
        var chart = new Tool(
            new ToolDefinition("chart"),
            (_, _) => new(new ToolOutput([new TextPart("A chart"), new ImagePart(bytes, "image/png")]))
        );
        var loop = new ToolLoop(client, [report, chart, Clock]);

        ToolRun run;
        if (isStream)
        {
            await using var stream = loop.Stream("When?");
            while (await stream.ReadAsync()) { }
            run = stream.Run!;
        }
        else
        {
            run = await loop.RunAsync("When?");
        }

        Assert.Equal(("Noon.", 2, 2), (run.Text, run.Turns, model.Bodies.Count));
        Assert.Equal(
            "The tool returned a result that cannot be sent: This wire accepts no files other than images. Put the file's text into the message.",
            Told(run)
        );
        Assert.Equal([true, false, false], run.Invocations.Select(invocation => invocation.Result.IsError));
        Assert.True(run.Invocations[0] is { HasRun: true, Turn: 1, Error: ArgumentException });
        Assert.Same(run.Invocations[0].Result, run.Messages[1].Parts[0]);
        Assert.Contains("accepts no files other than images", model.Bodies[1], StringComparison.Ordinal);
        Assert.Contains("AQID", model.Bodies[1], StringComparison.Ordinal);
        Assert.Contains("12:00", model.Bodies[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_LaterRequestCannotBeWritten_ThrowsWithRun(bool isStream)
    {
        using var model = isStream
            ? ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")))
            : ScriptedModel.Json(Say.Calls(("a", "clock", "{}")));
        using var client = model.Client();
        int turn = 0;
        var chain = new FallbackChain(
            [client],
            new FallbackOptions
            {
                RequestFor = (_, request) => ++turn == 1 ? request : throw new ArgumentException("Not that.", nameof(request)),
            }
        );
        var loop = new ToolLoop(chain, [Clock]);

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            if (!isStream)
                await loop.RunAsync("When?");
            await using var stream = loop.Stream("When?");
            while (await stream.ReadAsync()) { }
        });

        Assert.Equal((LlmErrorKind.InvalidConfiguration, "The request of turn 2 cannot be sent: Not that."), (e.Kind, e.Message));
        Assert.IsType<ArgumentException>(e.InnerException);
        Assert.Equal("12:00", Told(e.Run!));
    }

    [Fact]
    public async Task RunAsync_FirstRequestRejectedByWire_ThrowsArgumentException()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client(Providers.Ollama);
        byte[] bytes = [1];

        await Assert.ThrowsAsync<ArgumentException>(() =>
            new ToolLoop(client, [Clock]).RunAsync(
                new ChatRequest { Messages = [new Message(Role.User, [new FilePart(bytes, "application/pdf")])] }
            )
        );
    }

    [Fact]
    public async Task RunAsync_HookThrows_ExceptionIsPassedToCaller()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("never"));
        using var client = model.Client();
        var options = new ToolLoopOptions { DescribeFailure = (_, _) => throw new InvalidTimeZoneException() };

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() =>
            new ToolLoop(client, [Failing(new IOException())], options).RunAsync("Coat?")
        );
    }

    [Fact]
    public async Task RunAsync_LaterTurnFails_KeepsMessagesAndCanContinue()
    {
        using var model = new ScriptedModel(
            "application/json",
            (HttpStatusCode.OK, Say.Calls(("a", "clock", "{}"))),
            (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}"""),
            (HttpStatusCode.OK, Say.Text("Noon."))
        );
        using var client = model.Client();
        var loop = new ToolLoop(client, [Clock]);
        var request = ChatRequest.Ask("When?");

        var e = await Assert.ThrowsAsync<LlmException>(() => loop.RunAsync(request));
        var rest = await loop.RunAsync(request with { Messages = [.. request.Messages, .. e.Run!.Messages] });

        Assert.Equal(503, e.Status);
        // The same request once more would run the functions again.
        Assert.False(e.IsRetryable);
        Assert.Equal("12:00", Told(e.Run));
        Assert.Equal("Noon.", rest.Text);
        Assert.Contains("12:00", model.Bodies[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_FirstTurnFails_ErrorIsUnchanged()
    {
        using var model = new ScriptedModel("application/json", (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}"""));
        using var client = model.Client();

        var e = await Assert.ThrowsAsync<LlmException>(() => new ToolLoop(client, [Clock]).RunAsync("When?"));

        Assert.Null(e.Run);
        Assert.True(e.IsRetryable);
    }
}
