using System.Net;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Tools;

/// <summary>The loop over whole answers, in chat completions.</summary>
public sealed class ToolLoopTests
{
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}}}""";

    private static readonly Tool Weather = Tool.Create(new ToolDefinition("weather", "The weather", Schema), arguments => $"4 °C in {arguments.Text("city")}");
    private static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    private static CancellationToken None => CancellationToken.None;

    private static Tool Failing(Exception e) => Tool.Create(new ToolDefinition("weather"), string (_) => throw e);

    private static string Told(ToolRun run, int call = 0) => ((ToolResultPart)run.Messages.First(message => message.Role == Role.Tool).Parts[call]).Text;

    [Fact]
    public async Task Run_TwoCallsThenAnAnswer_SendsBothResultsAndSumsUp()
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
        JsonAssert.Equal("""
            {"model":"m","messages":[{"role":"user","content":"Coat?"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"b","type":"function","function":{"name":"clock","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"a","content":"4 °C in Oslo"},{"role":"tool","tool_call_id":"b","content":"12:00"}],
            "tools":[{"type":"function","function":{"name":"weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
            {"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}]}
            """, model.Bodies[1]);
    }

    [Fact]
    public async Task Create_OfAnyFunction_TakesItWithoutATypeBeingSaid()
    {
        var call = new ToolCall("a", "clock", "{}");
        var definition = new ToolDefinition("clock");
        var failed = ToolOutput.Error("stopped");

        Assert.Equal(failed, await Tool.Create(definition, _ => failed).RunAsync(call));
        Assert.Equal(failed, await Tool.Create(definition, async (_, token) => await Task.FromResult(failed).WaitAsync(token)).RunAsync(call));
        Assert.Equal(failed, await Tool.Create(definition, async _ => await Task.FromResult(failed)).RunAsync(call));
        Assert.Equal("12:00", (await Tool.Create(definition, _ => "12:00").RunAsync(call)).Text);
        Assert.Equal("12:00", (await Tool.Create(definition, (_, _) => Task.FromResult("12:00")).RunAsync(call)).Text);
        Assert.Equal("12:00", (await Tool.Create(definition, async _ => await Task.FromResult("12:00")).RunAsync(call)).Text);
        await Assert.ThrowsAsync<TimeoutException>(async () => await Tool.Create(definition, _ => throw new TimeoutException()).RunAsync(call));
        await Assert.ThrowsAsync<TimeoutException>(async () => await Tool.Create(definition, async _ => throw await Task.FromResult(new TimeoutException())).RunAsync(call));
        await Assert.ThrowsAsync<TimeoutException>(async () => await Tool.Create(definition, (_, _) => throw new TimeoutException()).RunAsync(call));
    }

    [Fact]
    public async Task Run_SeveralTurns_OnlyAppendsToTheSameMessages()
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

    [Theory]
    [InlineData("length")]
    [InlineData("content_filter")]
    [InlineData("refusal")]
    [InlineData("error")]
    public async Task Run_AnswerThatDidNotEndWell_RunsNoCallAndLeavesAConversationThatGoesOn(string finish)
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
    public async Task Run_UnknownFunction_TellsTheModelWhichThereAre()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "wether", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Weather, Clock]).RunAsync("Coat?");

        Assert.Equal("There is no function \"wether\". There are: weather, clock.", Told(run));
        Assert.Equal("Sorry.", run.Text);
    }

    [Fact]
    public async Task Run_FunctionThatThrows_TellsTheModelNothingOfTheExceptionAndTheCallerAllOfIt()
    {
        var error = new IOException("password=hunter2");
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Failing(error)]).RunAsync("Coat?");

        Assert.Equal("The function failed.", Told(run));
        Assert.DoesNotContain("hunter2", model.Bodies[1], StringComparison.Ordinal);
        Assert.Same(error, run.Invocations.Single().Error);
    }

    [Fact]
    public async Task Run_FailureThatAHookDescribes_TellsTheModelThatAndCutsIt()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();
        var options = new ToolLoopOptions { DescribeFailure = (call, e) => $"{call.Name}: {e.Message}", ErrorCharacters = 12 };

        var run = await new ToolLoop(client, [Failing(new IOException("no😀 disk"))], options).RunAsync("Coat?");

        // Half a character is left out.
        Assert.Equal("weather: no", Told(run));
    }

    [Fact]
    public async Task Run_ErrorOfTheFunctionsOwn_IsMarkedAsOne()
    {
        var tool = new Tool(new ToolDefinition("weather"), (_, _) => new(ToolOutput.Error("No such city.")));
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [tool]).RunAsync("Coat?");

        Assert.True(run.Invocations.Single() is { Result: { IsError: true, Text: "No such city." }, Error: null, HasRun: true });
    }

    [Fact]
    public async Task Run_ArgumentsThatAreNotJson_AreToldOrRepaired()
    {
        string[] answers = [Say.Calls(("a", "weather", """{"city":Oslo}""")), Say.Text("Done.")];
        using var model = ScriptedModel.Json(answers);
        using var client = model.Client();
        var run = await new ToolLoop(client, [Weather]).RunAsync("Coat?");
        Assert.Equal("The arguments are not whole JSON.", Told(run));
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

        Assert.Equal(["""{"city":Oslo} The arguments are not whole JSON."""], asked);
        Assert.Equal("4 °C in Oslo", Told(run));
        Assert.True(run.Invocations.Single() is { HasRun: true, RepairedArguments: """{"city":"Oslo"}""", Call.Arguments: """{"city":Oslo}""" });
        // The history holds what was run; the answer, what the model said.
        Assert.True(run.Messages[0].Parts is [ToolCallPart { Call: { IsComplete: true, Arguments: """{"city":"Oslo"}""" } }]);
        Assert.True(run.Replies[0].ToolCalls is [{ IsComplete: false, Arguments: """{"city":Oslo}""" }]);
    }

    [Fact]
    public async Task Run_RepairThatGivesNoJson_RunsNothing()
    {
        int runs = 0;
        var tool = new Tool(new ToolDefinition("weather"), (_, _) =>
        {
            runs++;
            return new(ToolOutput.Of("fine"));
        });
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", """{"city":Oslo}""")), Say.Text("Done."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [tool], new ToolLoopOptions { Repair = (_, _, _) => new("""{"city": """) }).RunAsync("Coat?");

        Assert.Equal("The arguments are not whole JSON.", Told(run));
        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task Run_ArgumentsThatTheFunctionRefuses_AreRepairedOnceAndApprovedAgain()
    {
        var tool = Tool.Create(new ToolDefinition("weather"), arguments => arguments.ContainsKey("city") ? "fine" : throw new ToolArgumentException("city is missing", "city"));
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}"), ("b", "weather", """{"x":1}""")), Say.Text("Done."));
        using var client = model.Client();
        var approved = new List<string>();
        var options = new ToolLoopOptions
        {
            ParallelCalls = 1,
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
    public async Task Run_RepairedArgumentsThatAreDenied_AreNotRun()
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
    public async Task Run_DeniedCall_IsNotRunAndTheModelIsTold()
    {
        int runs = 0;
        var tool = Tool.Create(new ToolDefinition("weather"), _ => $"{Interlocked.Increment(ref runs)}");
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}"), ("b", "weather", "{}"), ("c", "weather", "{}")), Say.Text("Done."));
        using var client = model.Client();
        var options = new ToolLoopOptions { Approve = (call, _) => new(call.Id switch { "a" => ToolApproval.Deny(), "b" => ToolApproval.Deny("Ask again tomorrow."), _ => ToolApproval.Allow }) };

        var run = await new ToolLoop(client, [tool], options).RunAsync("Coat?");

        Assert.Equal(["The call was not allowed.", "Ask again tomorrow.", "1"], run.Invocations.Select(invocation => invocation.Result.Text));
        Assert.Equal([true, true, false], run.Invocations.Select(invocation => invocation.Result.IsError));
    }

    [Fact]
    public async Task Run_SeveralCalls_RunSideBySide()
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
    public async Task Run_OneCallAtATime_KeepsTheModelsOrder()
    {
        int running = 0;
        int most = 0;
        var order = new List<string>();
        var tool = new Tool(new ToolDefinition("weather"), async (call, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            order.Add(call.Id);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return call.Id;
        });
        using var model = ScriptedModel.Json(Say.Calls([.. Enumerable.Range(0, 10).Select(i => ($"c{i}", "weather", "{}"))]), Say.Text("Done."));
        using var client = model.Client();

        await new ToolLoop(client, [tool], new ToolLoopOptions { ParallelCalls = 1 }).RunAsync("Coat?");

        Assert.Equal(1, most);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"c{i}"), order);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_FunctionThatTakesTooLong_IsCancelledAndTheModelIsTold(bool heedsToken)
    {
        var time = new VirtualTime();
        var begun = new TaskCompletionSource();
        var tool = Tool.Create(new ToolDefinition("weather"), async Task<string> (_, cancellationToken) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, heedsToken ? cancellationToken : None);
            return "never";
        });
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Done."));
        using var client = model.Client();
        var running = new ToolLoop(client, [tool], new ToolLoopOptions { CallTimeout = TimeSpan.FromSeconds(90), Time = time }).RunAsync("Coat?");
        await begun.Task;

        time.Advance(TimeSpan.FromSeconds(90));

        var run = await running;
        Assert.Equal("The function took longer than 90 s and was stopped.", Told(run));
        Assert.IsType<TimeoutException>(run.Invocations.Single().Error);
    }

    [Fact]
    public async Task Run_FunctionWhoseRegistrationThrows_FailsNobodyElse()
    {
        var time = new VirtualTime();
        using var source = new CancellationTokenSource();
        using var begun = new SemaphoreSlim(0);
        var tool = Tool.Create(new ToolDefinition("weather"), async Task<string> (_, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(() => throw new InvalidTimeZoneException());
            begun.Release();
            await Task.Delay(Timeout.Infinite, None);
            return "never";
        });
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
    public async Task Run_CallersTokenCancelled_EndsTheLoop(bool heedsToken)
    {
        using var source = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var tool = Tool.Create(new ToolDefinition("weather"), async Task<string> (_, cancellationToken) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, heedsToken ? cancellationToken : None);
            return "never";
        });
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
    public async Task Run_CancellationOfTheFunctionsOwn_IsAFailureOfTheFunction()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Failing(new TaskCanceledException("its own time-out"))]).RunAsync("Coat?");

        Assert.Equal("The function failed.", Told(run));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_CancelledInAHook_ThrowsTheCallersToken(bool isApproval)
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

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ToolLoop(client, [Weather], options).RunAsync("Coat?", source.Token));

        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Theory]
    [InlineData("approve")]
    [InlineData("repair")]
    [InlineData("blocks")]
    public async Task Run_HookThatHeedsNoToken_IsLeftBehind(string hook)
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

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { MaxTurns = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { ParallelCalls = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { ErrorCharacters = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { CallTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToolLoopOptions { CallTimeout = TimeSpan.MaxValue });
        Assert.Throws<ArgumentNullException>(() => new ToolLoopOptions { Time = null! });
        Assert.Equal(Timeout.InfiniteTimeSpan, new ToolLoopOptions { CallTimeout = Timeout.InfiniteTimeSpan }.CallTimeout);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ResultThatTheWireCannotCarry_IsToldToTheModelAndTheOthersAreSent(bool isStream)
    {
        byte[] bytes = [1, 2, 3];
        const string Calls = """{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"report","arguments":{}}},{"function":{"name":"chart","arguments":{}}},{"function":{"name":"clock","arguments":{}}}]},"done":true,"done_reason":"stop"}""";
        const string Text = """{"model":"m","message":{"role":"assistant","content":"Noon."},"done":true,"done_reason":"stop"}""";
        using var model = isStream ? new ScriptedModel("application/x-ndjson", Calls + "\n", Text + "\n") : ScriptedModel.Json(Calls, Text);
        using var client = model.Client(Providers.Ollama);
        var report = new Tool(new ToolDefinition("report"), (_, _) => new(new ToolOutput([new FilePart(bytes, "application/pdf")])));
        var chart = new Tool(new ToolDefinition("chart"), (_, _) => new(new ToolOutput([new TextPart("A chart"), new ImagePart(bytes, "image/png")])));
        var loop = new ToolLoop(client, [report, chart, Clock]);

        ToolRun run;
        if (isStream)
        {
            await using var stream = loop.Stream("When?");
            while (await stream.ReadAsync())
            {
            }
            run = stream.Run!;
        }
        else
        {
            run = await loop.RunAsync("When?");
        }

        Assert.Equal(("Noon.", 2, 2), (run.Text, run.Turns, model.Bodies.Count));
        Assert.Equal("The function gave what cannot be sent: This wire accepts no files other than images. Put the file's text into the message.", Told(run));
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
    public async Task Run_LaterTurnThatCannotBeWrittenForAnotherReason_KeepsTheRun(bool isStream)
    {
        using var model = isStream ? ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}"))) : ScriptedModel.Json(Say.Calls(("a", "clock", "{}")));
        using var client = model.Client();
        int turn = 0;
        var chain = new FallbackChain([client], new FallbackOptions { RequestFor = (_, request) => ++turn == 1 ? request : throw new ArgumentException("Not that.", nameof(request)) });
        var loop = new ToolLoop(chain, [Clock]);

        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            if (!isStream)
                await loop.RunAsync("When?");
            await using var stream = loop.Stream("When?");
            while (await stream.ReadAsync())
            {
            }
        });

        Assert.Equal((LlmErrorKind.InvalidConfiguration, "The request of turn 2 cannot be sent: Not that."), (e.Kind, e.Message));
        Assert.IsType<ArgumentException>(e.InnerException);
        Assert.Equal("12:00", Told(e.Run!));
    }

    [Fact]
    public async Task Run_FirstRequestThatTheWireCannotCarry_IsTheCallersMistake()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client(Providers.Ollama);
        byte[] bytes = [1];

        await Assert.ThrowsAsync<ArgumentException>(() => new ToolLoop(client, [Clock]).RunAsync(new ChatRequest { Messages = [new Message(Role.User, [new FilePart(bytes, "application/pdf")])] }));
    }

    [Fact]
    public async Task Run_HookThatThrows_EndsTheLoopWithThat()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("never"));
        using var client = model.Client();
        var options = new ToolLoopOptions { DescribeFailure = (_, _) => throw new InvalidTimeZoneException() };

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => new ToolLoop(client, [Failing(new IOException())], options).RunAsync("Coat?"));
    }

    [Fact]
    public async Task Run_TooManyTurns_ThrowsWithAllThatWasSaid()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}")), Say.Text("never"));
        using var client = model.Client();

        var e = await Assert.ThrowsAsync<LlmException>(() => new ToolLoop(client, [Clock], new ToolLoopOptions { MaxTurns = 2 }).RunAsync("When?"));

        Assert.Equal(LlmErrorKind.TooManyTurns, e.Kind);
        Assert.False(e.IsRetryable);
        Assert.Equal(2, e.Run!.Turns);
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant, Role.Tool], e.Run.Messages.Select(message => message.Role));
        Assert.Equal([true, false], e.Run.Invocations.Select(invocation => invocation.HasRun));
        Assert.Equal(2, model.Bodies.Count);
    }

    [Fact]
    public async Task Run_FailureOnALaterTurn_KeepsWhatWasSaidAndCanGoOn()
    {
        using var model = new ScriptedModel("application/json",
            (HttpStatusCode.OK, Say.Calls(("a", "clock", "{}"))),
            (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}"""),
            (HttpStatusCode.OK, Say.Text("Noon.")));
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
    public async Task Run_FailureOnTheFirstTurn_StaysWhatItWas()
    {
        using var model = new ScriptedModel("application/json", (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}"""));
        using var client = model.Client();

        var e = await Assert.ThrowsAsync<LlmException>(() => new ToolLoop(client, [Clock]).RunAsync("When?"));

        Assert.Null(e.Run);
        Assert.True(e.IsRetryable);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ForcedCall_IsForcedUntilTheFirstCallAlone(bool isNamed)
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();

        await new ToolLoop(client, [Clock]).RunAsync(ChatRequest.Ask("When?") with { ToolChoice = isNamed ? ToolChoice.Named("clock") : ToolChoice.Required });

        Assert.Contains(isNamed ? """{"type":"function","function":{"name":"clock"}}""" : "\"tool_choice\":\"required\"", model.Bodies[0], StringComparison.Ordinal);
        Assert.Contains("\"tool_choice\":\"auto\"", model.Bodies[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RequestThatOffersSomeOfTheTools_RunsNoOther()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "weather", "{}")), Say.Text("Sorry."));
        using var client = model.Client();
        var loop = new ToolLoop(client, [Weather, Clock]);

        var run = await loop.RunAsync(ChatRequest.Ask("When?") with { Tools = [Clock.Definition] });

        Assert.Equal("There is no function \"weather\". There are: clock.", Told(run));
        Assert.DoesNotContain("The weather", model.Bodies[0], StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<ArgumentException>(() => loop.RunAsync(ChatRequest.Ask("When?") with { Tools = [new ToolDefinition("other")] }));
        Assert.Contains("\"other\"", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => loop.RunAsync(ChatRequest.Ask("When?") with { ChoiceCount = 2 }));
    }

    [Fact]
    public async Task Run_OverAChain_AsksTheNextServiceWhereTheFirstFailsInTheMiddle()
    {
        using var first = new ScriptedModel("application/json", (HttpStatusCode.OK, Say.Calls(("a", "clock", "{}"))), (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}"""));
        using var second = ScriptedModel.Json(Say.Text("Noon."));
        using var one = first.Client();
        using var other = second.Client(Providers.Groq);

        var run = await new ToolLoop(new FallbackChain([one, other]), [Clock]).RunAsync("When?");

        Assert.Equal("Noon.", run.Text);
        Assert.Equal(["openai", "groq"], run.Replies.Select(reply => reply.Provider));
        Assert.Contains("12:00", second.Bodies[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_OfUsageAndCost_CountWhatIsKnownAndInventNothing()
    {
        var reply = new ChatReply("c", "m", [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")], new Usage { InputTokens = 1, CachedInputTokens = 1 });
        var table = new Cost(1m, CostSource.Table) { Prices = "p", PricesAsOf = new(2026, 1, 1) };

        var run = new ToolRun([reply with { Cost = table }, reply with { Usage = null, Cost = table }, reply with { Usage = new Usage { InputTokens = 2 }, Cost = new(2m, CostSource.Reported) }], [], []);

        Assert.Equal(new Usage { CachedInputTokens = 1 }, run.Usage);
        Assert.Equal(3, (run with { Replies = [run.Replies[0], run.Replies[2]] }).Usage!.InputTokens);
        Assert.Equal(table with { Amount = 4m }, run.Cost);
        Assert.Null((run with { Replies = [reply, reply with { Cost = table }] }).Cost);
        Assert.Null((run with { Replies = [reply with { Cost = table }, reply with { Cost = table with { Prices = "q" } }] }).Cost!.Prices);
        Assert.Equal(new Cost(4m, CostSource.Reported), (run with { Replies = [.. run.Replies.Skip(2), .. run.Replies.Skip(2)] }).Cost);
    }

    [Fact]
    public void Sums_OfAnswersThatCountDifferently_CountAllTheSameWay()
    {
        var reply = new ChatReply("c", "m", [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")], Usage: null);
        var run = new ToolRun(
            [
                reply with { Usage = new Usage { InputTokens = 10, OutputTokens = 5, CachedInputTokens = 3, CacheWriteTokens = 2 }, UsageConvention = UsageConvention.CacheOnTop },
                reply with { Usage = new Usage { InputTokens = 10, OutputTokens = 5, ReasoningTokens = 7, TotalTokens = 22 }, UsageConvention = UsageConvention.ReasoningOnTop },
                reply with { Usage = new Usage { InputTokens = 10, OutputTokens = 5, CachedInputTokens = 4, ReasoningTokens = 1, TotalTokens = 15 }, UsageConvention = UsageConvention.AllInside },
            ], [], []);

        Assert.Equal(new Usage { InputTokens = 35, OutputTokens = 22, TotalTokens = 57, CachedInputTokens = 7, CacheWriteTokens = 2, ReasoningTokens = 8 }, run.Usage);
        Assert.Null((run with { Replies = [run.Replies[0], reply with { Usage = new Usage { InputTokens = 1 } }] }).Usage!.TotalTokens);
    }

    [Fact]
    public async Task Run_OfferedToolsThatAreNull_AreRefused()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        var loop = new ToolLoop(client, [Clock]);
        await Assert.ThrowsAsync<ArgumentNullException>(() => loop.RunAsync(ChatRequest.Ask("x") with { Tools = null! }));
        await Assert.ThrowsAsync<ArgumentNullException>(() => loop.RunAsync(ChatRequest.Ask("x") with { Tools = [null!] }));
        Assert.Throws<ArgumentNullException>(() => loop.Stream(ChatRequest.Ask("x") with { Tools = null! }));
    }

    [Fact]
    public void Sums_ThatNoTypeHolds_AreNotKnown()
    {
        var reply = new ChatReply("c", "m", [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")], new Usage { InputTokens = long.MaxValue, OutputTokens = 1, ReportedCost = decimal.MaxValue })
        {
            Cost = new(decimal.MaxValue, CostSource.Reported),
        };

        var run = new ToolRun([reply, reply, reply], [], []);

        Assert.Equal(new Usage { OutputTokens = 3 }, run.Usage);
        Assert.Null(run.Cost);
    }

    [Fact]
    public void Argument_ObjectAsTextWithHalfASurrogatePair_IsReadMended()
    {
        var order = ToolArgument.Of(new ToolCall("a", "f", """{"order":"{\"name\":\"\\ud800\"}"}""")).Member("order").ReadObject();

        Assert.Equal("\uFFFD", order.Member("name").ReadText());
    }
}
