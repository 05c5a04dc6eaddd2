using System.Net;
using System.Text.Json;

namespace RawLlm.Tests.Tools;

/// <summary>Runs that wait for somebody and go on, and what is left of those that end otherwise.</summary>
public sealed class DeferredCallTests
{
    private static readonly ToolLoopOptions AsksLater = new()
    {
        Approve = (call, _) => new(call.Name == "clock" ? ToolApproval.Allow : ToolApproval.Defer),
    };

    private static Tool Clock => Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    private static Tool Pay => Tool.Create(new ToolDefinition("pay"), arguments => $"paid {arguments.Text("euros")}");

    private static IReadOnlyList<Message> Stored(params IEnumerable<Message> messages) => Conversation.Read(Conversation.Write(messages));

    private static IEnumerable<string> Results(ToolRun run) =>
        run
            .Messages.Where(message => message.Role == Role.Tool)
            .SelectMany(message => message.Parts)
            .Select(part => $"{((ToolResultPart)part).CallId}: {((ToolResultPart)part).Text}");

    [Fact]
    public async Task RunAsync_CallDeferred_EndsAndContinuesFromStoredConversation()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", """{"euros":5}"""), ("b", "clock", "{}")), Say.Text("Paid."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Clock, Pay], AsksLater).RunAsync("Pay.");

        Assert.Equal(["pay (a)"], run.Pending.Select(call => call.ToString()));
        Assert.Equal(["b: 12:00"], Results(run));
        Assert.Equal((StopReason.ToolUse, 1), (run.Reply.StopReason, model.Bodies.Count));
        Assert.Equal(["b"], run.Invocations.Select(invocation => invocation.Call.Id));

        var messages = Stored([Message.User("Pay."), .. run.Messages]);
        var asked = new List<string>();
        var options = new ToolLoopOptions
        {
            Approve = (call, _) =>
            {
                asked.Add(call.Id);
                return new(ToolApproval.Allow);
            },
        };
        var rest = await new ToolLoop(client, [Clock, Pay], options).RunAsync(
            new ChatRequest { Messages = messages, ToolChoice = ToolChoice.Required }
        );

        // Neither is what has run run again, nor what waited sent without a result.
        Assert.Equal(["a"], asked);
        Assert.Equal(("Paid.", 1, 0), (rest.Text, rest.Turns, rest.Pending.Count));
        Assert.Equal([Role.Tool, Role.Assistant], rest.Messages.Select(message => message.Role));
        Assert.Equal(["a: paid 5"], Results(rest));
        Assert.True(rest.Invocations.Single() is { Turn: 0, HasRun: true });
        Assert.Contains(
            """
            {"role":"tool","tool_call_id":"b","content":"12:00"},{"role":"tool","tool_call_id":"a","content":"paid 5"}]
            """,
            model.Bodies[1],
            StringComparison.Ordinal
        );
        // What forced the call has been done.
        Assert.Contains("\"tool_choice\":\"auto\"", model.Bodies[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ToolNeedsApproval_IsPendingUntilDecided()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", """{"euros":5}"""), ("b", "clock", "{}")), Say.Text("Paid."));
        using var client = model.Client();
        ToolSet tools = [Clock, Pay.WithApproval()];

        var run = await new ToolLoop(client, tools).RunAsync("Pay.");

        Assert.Equal(["pay (a)"], run.Pending.Select(call => call.ToString()));
        Assert.Equal(["b: 12:00"], Results(run));
        var messages = Stored([Message.User("Pay."), .. run.Messages]);

        // Nobody is asked this time either: it still waits, and so does the model.
        var again = await new ToolLoop(client, tools).RunAsync(new ChatRequest { Messages = messages });
        Assert.Equal((1, 0, 1), (again.Pending.Count, again.Messages.Count, model.Bodies.Count));

        var rest = await new ToolLoop(client, tools, new ToolLoopOptions { Approve = (_, _) => new(ToolApproval.Allow) }).RunAsync(
            new ChatRequest { Messages = messages }
        );
        Assert.Equal(["a: paid 5"], Results(rest));
        Assert.Equal("Paid.", rest.Text);
    }

    [Fact]
    public async Task Stream_ToolNeedsApproval_YieldsCallDeferred()
    {
        using var model = ScriptedModel.Sse(Say.StreamedCalls(("a", "pay", """{"euros":5}""")));
        using var client = model.Client();
        var events = new List<string>();

        await using var stream = new ToolLoop(client, [Pay.WithApproval()]).Stream("Pay.");
        while (await stream.ReadAsync())
        {
            if (stream.Current.Kind != ToolEventKind.Answer)
                events.Add($"{stream.Current.Kind} {stream.Current.Call!.Id}");
        }

        Assert.Equal(["CallDeferred a"], events);
        Assert.Equal("a", Assert.Single(stream.Run!.Pending).Id);
    }

    // Whoever asks decides about all of them: what needs approval by its mark, and what does not.
    [Fact]
    public async Task RunAsync_ApproveHookWithToolNeedingApproval_HookDecidesAll()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", """{"euros":5}"""), ("b", "clock", "{}")), Say.Text("Paid."));
        using var client = model.Client();
        ToolSet tools = [Clock, Pay.WithApproval()];

        var run = await new ToolLoop(
            client,
            tools,
            new ToolLoopOptions
            {
                Approve = (call, _) => new(tools.NeedsApproval(call) ? ToolApproval.Allow : ToolApproval.Deny("Not now.")),
            }
        ).RunAsync("Pay.");

        Assert.Equal(["a: paid 5", "b: Not now."], Results(run));
        Assert.Empty(run.Pending);
    }

    [Fact]
    public async Task RunAsync_RepairedCallNeedsApproval_PendingHasRepairedArguments()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", "{'euros':5}")), Say.Text("Paid."));
        using var client = model.Client();
        var mends = new ToolLoopOptions { Repair = (call, _, _) => new(call.Arguments.Replace('\'', '"')) };

        var run = await new ToolLoop(client, [Pay.WithApproval()], mends).RunAsync("Pay.");

        Assert.Equal("""{"euros":5}""", Assert.Single(run.Pending).Arguments);
    }

    [Fact]
    public async Task Stream_CallDeferred_YieldsEventAndContinuesFromStoredConversation()
    {
        using var model = ScriptedModel.Sse(
            Say.StreamedCalls(("a", "pay", """{"euros":5}"""), ("b", "clock", "{}")),
            Say.StreamedText("Paid.")
        );
        using var client = model.Client();
        var events = new List<string>();

        await using var first = new ToolLoop(client, [Clock, Pay], AsksLater).Stream("Pay.");
        while (await first.ReadAsync())
            Note(first.Current);
        await using var second = new ToolLoop(client, [Clock, Pay]).Stream(
            new ChatRequest { Messages = Stored([Message.User("Pay."), .. first.Run!.Messages]) }
        );
        while (await second.ReadAsync())
            Note(second.Current);

        Assert.Equal(["1 CallDeferred a", "1 CallStarted b", "1 CallEnded b", "0 CallStarted a", "0 CallEnded a"], events);
        Assert.Equal("a", Assert.Single(first.Run.Pending).Id);
        Assert.Equal("Paid.", second.Run!.Text);
        Assert.Equal(["a: paid 5"], Results(second.Run));

        void Note(in ToolEvent e)
        {
            if (e.Kind != ToolEventKind.Answer)
                events.Add($"{e.Turn} {e.Kind} {e.Call!.Id}");
        }
    }

    [Fact]
    public async Task RunAsync_CallStillPending_DoesNotAskModel()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        var messages = Stored(Message.User("Pay."), Message.Assistant(new ToolCallPart(new ToolCall("a", "pay", "{}"))));

        var run = await new ToolLoop(client, [Pay], AsksLater).RunAsync(new ChatRequest { Messages = messages });

        Assert.Empty(model.Bodies);
        Assert.Equal(("", 0, 0), (run.Text, run.Turns, run.Messages.Count));
        Assert.Equal("a", Assert.Single(run.Pending).Id);
        Assert.Throws<InvalidOperationException>(() => run.Reply);
    }

    [Fact]
    public async Task RunAsync_RepairedCallDeferred_MessageHasRepairedArguments()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", "{'euros':5}")));
        using var client = model.Client();
        var options = AsksLater with { Repair = (call, _, _) => new(call.Arguments.Replace('\'', '"')) };

        var run = await new ToolLoop(client, [Pay], options).RunAsync("Pay.");

        Assert.Equal("""{"euros":5}""", Assert.Single(run.Pending).Arguments);
        Assert.Equal(run.Pending[0], ((ToolCallPart)Assert.Single(run.Messages).Parts[0]).Call);
        Assert.Equal("{'euros':5}", run.Replies[0].ToolCalls[0].Arguments);
    }

    [Fact]
    public async Task RunAsync_CallDeferredAfterRepair_MessageHasRepairedArguments()
    {
        var pay = Tool.Create(
            new ToolDefinition("pay"),
            arguments => arguments.ContainsKey("euros") ? "paid" : throw new ToolArgumentException("euros is missing")
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", "{}"), ("b", "clock", "{}")));
        using var client = model.Client();
        var options = new ToolLoopOptions
        {
            Approve = (call, _) => new(call.Arguments == "{}" ? ToolApproval.Allow : ToolApproval.Defer),
            Repair = (_, _, _) => new("""{"euros":5}"""),
        };

        var run = await new ToolLoop(client, [pay, Clock], options).RunAsync("Pay.");

        Assert.Equal("""{"euros":5}""", ((ToolCallPart)run.Messages[0].Parts[0]).Call.Arguments);
        Assert.Equal("""{"euros":5}""", Assert.Single(run.Pending).Arguments);
        Assert.Equal(["b: 12:00"], Results(run));
    }

    [Fact]
    public async Task RunAsync_IncompleteCallInConversation_IsNotRepaired()
    {
        // Nobody knows any more whether it was cut off.
        using var model = ScriptedModel.Json(Say.Text("Sorry."));
        using var client = model.Client();
        var messages = Stored(
            Message.User("Pay."),
            Message.Assistant(new ToolCallPart(new ToolCall("a", "pay", """{"euros":5""") { IsComplete = false }))
        );

        var run = await new ToolLoop(client, [Pay], new ToolLoopOptions { Repair = (call, _, _) => new(call.Arguments + "}") }).RunAsync(
            new ChatRequest { Messages = messages }
        );

        Assert.Equal(["a: The arguments are not complete JSON."], Results(run));
        Assert.Equal("Sorry.", run.Text);
    }

    [Fact]
    public async Task RunAsync_FailsAfterPendingCalls_KeepsResults()
    {
        using var model = new ScriptedModel("application/json", (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"busy"}}"""));
        using var client = model.Client();
        var messages = Stored(Message.User("Pay."), Message.Assistant(new ToolCallPart(new ToolCall("a", "pay", """{"euros":5}"""))));

        var e = await Assert.ThrowsAsync<LlmException>(() => new ToolLoop(client, [Pay]).RunAsync(new ChatRequest { Messages = messages }));

        Assert.True(e is { Status: 503, IsRetryable: false, Run.Turns: 0 });
        Assert.Equal(["a: paid 5"], Results(e.Run!));
    }

    [Fact]
    public async Task RunAsync_ConversationRejectedByWire_RunsNoPendingCall()
    {
        int runs = 0;
        var pay = Tool.Create(new ToolDefinition("pay"), _ => $"{++runs}");
        using var model = ScriptedModel.Json();
        using var client = model.Client(Providers.Ollama);
        byte[] bytes = [1];
        var messages = Stored(
            new Message(Role.User, [new FilePart(bytes, "application/pdf")]),
            Message.Assistant(new ToolCallPart(new ToolCall("a", "pay", "{}")))
        );

        await Assert.ThrowsAsync<ArgumentException>(() => new ToolLoop(client, [pay]).RunAsync(new ChatRequest { Messages = messages }));

        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task RunAsync_UnsupportedResultWithDeferredCall_IsStoredAsError()
    {
        const string Calls =
            """{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"report","arguments":{}}},{"function":{"name":"pay","arguments":{}}}]},"done":true,"done_reason":"stop"}""";
        using var model = ScriptedModel.Json(
            Calls,
            """{"model":"m","message":{"role":"assistant","content":"Paid."},"done":true,"done_reason":"stop"}"""
        );
        using var client = model.Client(Providers.Ollama);
        byte[] bytes = [1, 2, 3];
        var report = new Tool(new ToolDefinition("report"), (_, _) => new(new ToolOutput([new FilePart(bytes, "application/pdf")])));
        var options = new ToolLoopOptions { Approve = (call, _) => new(call.Name == "pay" ? ToolApproval.Defer : ToolApproval.Allow) };

        var run = await new ToolLoop(client, [report, Pay], options).RunAsync("Pay.");
        var rest = await new ToolLoop(client, [report, Pay]).RunAsync(
            new ChatRequest { Messages = Stored([Message.User("Pay."), .. run.Messages]) }
        );

        Assert.Contains("accepts no files", Results(run).Single(), StringComparison.Ordinal);
        Assert.Equal("Paid.", rest.Text);
    }

    [Fact]
    public async Task RunAsync_UserMessageAfterCall_RunsNoEarlierCall()
    {
        using var model = ScriptedModel.Json(Say.Text("Fine."));
        using var client = model.Client();
        var call = new ToolCall("a", "pay", "{}");

        var run = await new ToolLoop(client, [Pay]).RunAsync(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Pay."),
                    Message.Assistant(new ToolCallPart(call)),
                    Message.ToolError(call, "The user does not want that."),
                    Message.User("Never mind."),
                ],
            }
        );

        Assert.Empty(run.Invocations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_ApproveThrows_KeepsConversationInRun(bool isStream)
    {
        using var model = isStream
            ? ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedCalls(("b", "clock", "{}"), ("c", "pay", "{}")))
            : ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}"), ("c", "pay", "{}")));
        using var client = model.Client();
        var loop = new ToolLoop(
            client,
            [Clock, Pay],
            new ToolLoopOptions { Approve = (call, _) => call.Id == "c" ? throw new InvalidTimeZoneException() : new(ToolApproval.Allow) }
        );
        var progress = new ToolProgress();
        Assert.Null(progress.Run);
        await using var stream = loop.Stream("Pay.");

        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
        {
            if (!isStream)
                await loop.RunAsync("Pay.", progress);
            while (await stream.ReadAsync()) { }
        });

        var run = (isStream ? stream.Run : progress.Run)!;
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant, Role.Tool], run.Messages.Select(message => message.Role));
        // Approve is asked for all before the first runs.
        Assert.Equal(
            [
                "a: 12:00",
                "b: The call was not run, because the run was interrupted first.",
                "c: The call was not run, because the run was interrupted first.",
            ],
            Results(run)
        );
        if (!isStream)
            await Assert.ThrowsAsync<InvalidOperationException>(() => loop.RunAsync("Pay.", progress));
    }

    [Fact]
    public async Task RunAsync_Canceled_ReportsWhichCallsHadStarted()
    {
        using var source = new CancellationTokenSource();
        var pay = new Tool(
            new ToolDefinition("pay"),
            async (_, cancellationToken) =>
            {
                await source.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return "never";
            }
        );
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}"), ("b", "pay", "{}"), ("c", "clock", "{}")));
        using var client = model.Client();
        var progress = new ToolProgress();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ToolLoop(client, [Clock, pay], new ToolLoopOptions { MaxParallelCalls = 1 }).RunAsync("Pay.", progress, source.Token)
        );

        Assert.Equal(
            [
                "a: 12:00",
                "b: The call was interrupted; it may have run in part.",
                "c: The call was not run, because the run was interrupted first.",
            ],
            Results(progress.Run!)
        );
        Assert.Equal(["a"], progress.Run!.Invocations.Select(invocation => invocation.Call.Id));
    }

    [Fact]
    public async Task ToolRun_WithFailedCall_SerializesWithoutException()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", "{}")), Say.Text("Sorry."));
        using var client = model.Client();
        var run = await new ToolLoop(
            client,
            [Tool.Create(new ToolDefinition("pay"), string (_) => throw new IOException("hunter2"))]
        ).RunAsync("Pay.");
        Assert.NotNull(run.Invocations[0].Error);

        string json = JsonSerializer.Serialize(run);

        Assert.Contains("The tool failed.", json, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", json, StringComparison.Ordinal);
        Assert.DoesNotContain("TargetSite", json, StringComparison.Ordinal);
        // One that asked no model has no last answer to write.
        Assert.Contains(
            "\"Pending\"",
            JsonSerializer.Serialize(new ToolRun([], [], []) { Pending = [new ToolCall("a", "pay", "{}")] }),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Conversation_CallWithoutResult_IsRejectedBeforeSending(bool isStream)
    {
        using var model = ScriptedModel.Json(Say.Text("Fine."));
        using var client = model.Client();
        var call = new ToolCall("a", "pay", "{}");
        var answered = new ToolCall("b", "pay", "{}");
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User("Pay."),
                new(Role.Assistant, [new ToolCallPart(call), new ToolCallPart(answered)]),
                Message.ToolResult(answered, "Paid."),
                Message.User("Any news?"),
            ],
        };
        var loop = new ToolLoop(client, [new Tool(new ToolDefinition("pay"), (_, _) => new("Paid."))]);

        var e = isStream
            ? Assert.Throws<ArgumentException>(() => loop.Stream(request))
            : await Assert.ThrowsAsync<ArgumentException>(() => loop.RunAsync(request));

        Assert.StartsWith("The call \"a\" of the tool \"pay\" has no result", e.Message, StringComparison.Ordinal);
        Assert.Empty(model.Bodies);
    }
}
