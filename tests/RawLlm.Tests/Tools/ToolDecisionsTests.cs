using System.Text.Json;

namespace RawLlm.Tests.Tools;

/// <summary>A decision is about one call, whatever IDs the model gives to later ones.</summary>
public sealed class ToolDecisionsTests
{
    private readonly List<string> _paid = [];

    private ToolSet Tools =>
        [
            Tool.Create(
                    new ToolDefinition("pay"),
                    arguments =>
                    {
                        lock (_paid)
                            _paid.Add(arguments.Text("amount")!);
                        return "paid";
                    }
                )
                .WithApproval(),
        ];

    private static IReadOnlyList<Message> Stored(params IEnumerable<Message> messages) => Conversation.Read(Conversation.Write(messages));

    private static ToolCall Stored(ToolCall call) => JsonSerializer.Deserialize<ToolCall>(JsonSerializer.Serialize(call))!;

    private static ToolDecisions Allowing(params IEnumerable<ToolCall> calls)
    {
        var decisions = new ToolDecisions();
        foreach (var call in calls)
            decisions.Add(call, ToolApproval.Allow);
        return decisions;
    }

    // Servers that know one ID only: TGI calls every first call of a turn "0".
    [Theory]
    [InlineData("""{"amount":100000}""", false)]
    [InlineData("""{"amount":100000}""", true)]
    [InlineData("""{"amount":1}""", false)]
    [InlineData("""{"amount":1}""", true)]
    public async Task RunAsync_CallIdRepeatsInNextTurn_NeedsNewDecision(string second, bool isStream)
    {
        using var model = isStream
            ? ScriptedModel.Sse(
                Say.StreamedCalls(("0", "pay", """{"amount":1}""")),
                Say.StreamedCalls(("0", "pay", second)),
                Say.StreamedText("Paid.")
            )
            : ScriptedModel.Json(Say.Calls(("0", "pay", """{"amount":1}""")), Say.Calls(("0", "pay", second)), Say.Text("Paid."));
        using var client = model.Client();
        List<Message> messages = [Message.User("Pay.")];

        var first = await RunAsync(decisions: null);
        Assert.Empty(_paid);

        var decisions = Allowing(first.Pending.Select(Stored));
        var next = await RunAsync(decisions);
        Assert.Equal(["1"], _paid);
        Assert.Equal((second, 1, 0), (Assert.Single(next.Pending).Arguments, next.Turns, decisions.Count));

        // The decision is used up, even if the caller does not notice that there is a new call.
        var again = await RunAsync(decisions);
        Assert.Equal((1, 0), (again.Pending.Count, again.Turns));
        Assert.Equal(["1"], _paid);

        var last = await RunAsync(Allowing(again.Pending.Select(Stored)));
        Assert.Equal("Paid.", last.Text);
        Assert.Equal(["1", second[10..^1]], _paid);

        async Task<ToolRun> RunAsync(ToolDecisions? decisions)
        {
            var loop = new ToolLoop(client, Tools, new ToolLoopOptions { Decisions = decisions });
            var request = new ChatRequest { Messages = Stored(messages) };
            ToolRun run;
            if (isStream)
            {
                await using var stream = loop.Stream(request);
                while (await stream.ReadAsync()) { }
                run = stream.Run!;
            }
            else
            {
                run = await loop.RunAsync(request);
            }
            messages.AddRange(run.Messages);
            return run;
        }
    }

    // A decision that was stored and read twice, or made for a call that is not there, is not used up by the conversation's calls.
    [Theory]
    [InlineData("0", "pay", """{"amount":100000}""")]
    [InlineData("1", "pay", """{"amount":1}""")]
    [InlineData("0", "give", """{"amount":1}""")]
    [InlineData("0", "pay", """{"amount": 1}""")]
    public async Task RunAsync_DecisionForOtherCall_IsNotUsed(string id, string name, string arguments)
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        var decisions = Allowing(new ToolCall(id, name, arguments));
        var messages = Stored(Message.User("Pay."), Message.Assistant(new ToolCallPart(new ToolCall("0", "pay", """{"amount":1}"""))));

        var run = await new ToolLoop(client, Tools, new ToolLoopOptions { Decisions = decisions }).RunAsync(
            new ChatRequest { Messages = messages }
        );

        Assert.Equal((1, 1, 0), (run.Pending.Count, decisions.Count, _paid.Count));
    }

    [Fact]
    public async Task RunAsync_DecisionsInAdvance_DoNotApplyToNewCalls()
    {
        using var model = ScriptedModel.Json(Say.Calls(("0", "pay", """{"amount":1}""")));
        using var client = model.Client();
        var decisions = Allowing(new ToolCall("0", "pay", """{"amount":1}"""));

        var run = await new ToolLoop(client, Tools, new ToolLoopOptions { Decisions = decisions }).RunAsync("Pay.");

        Assert.Equal((1, 1, 0), (run.Pending.Count, decisions.Count, _paid.Count));
    }

    [Fact]
    public async Task RunAsync_DecisionsAndApproveHook_DecisionsAreUsedFirstAndOnce()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "pay", """{"amount":4}""")), Say.Text("Done."));
        using var client = model.Client();
        ToolCall[] calls = [new("a", "pay", """{"amount":1}"""), new("b", "pay", """{"amount":2}"""), new("c", "pay", """{"amount":3}""")];
        var decisions = Allowing(calls[0]);
        decisions.Add(calls[1], ToolApproval.Deny("Too much."));
        var asked = new List<string>();
        var options = new ToolLoopOptions
        {
            Decisions = decisions,
            Approve = (call, _) =>
            {
                asked.Add(call.Arguments);
                return new(ToolApproval.Deny());
            },
        };

        var run = await new ToolLoop(client, Tools, options).RunAsync(
            new ChatRequest
            {
                Messages = Stored(Message.User("Pay."), Message.Assistant([.. calls.Select(call => new ToolCallPart(call))])),
            }
        );

        Assert.Equal(["1"], _paid);
        Assert.Equal(["""{"amount":3}""", """{"amount":4}"""], asked);
        Assert.Equal("Too much.", run.Invocations[1].Result.Text);
        Assert.Equal("Done.", run.Text);
    }

    [Fact]
    public async Task RunAsync_AllowedCallIsRepaired_NeedsNewDecision()
    {
        using var model = ScriptedModel.Json();
        using var client = model.Client();
        ToolSet tools =
        [
            Tool.Create(new ToolDefinition("pay"), string (_) => throw new ToolArgumentException("There is no such amount."))
                .WithApproval(),
        ];
        var call = new ToolCall("0", "pay", """{"amount":1}""");
        var options = new ToolLoopOptions { Decisions = Allowing(call), Repair = (_, _, _) => new("""{"amount":100000}""") };

        var run = await new ToolLoop(client, tools, options).RunAsync(
            new ChatRequest { Messages = Stored(Message.User("Pay."), Message.Assistant(new ToolCallPart(call))) }
        );

        Assert.Equal("""{"amount":100000}""", Assert.Single(run.Pending).Arguments);
    }

    [Fact]
    public async Task InvokeAsync_AllowedCall_RunsOnce()
    {
        var call = new ToolCall("0", "pay", """{"amount":1}""");
        var options = new ToolLoopOptions { Decisions = Allowing(call) };

        var done = await Tools.InvokeAsync(call, options);
        var again = await Tools.InvokeAsync(call, options);

        Assert.Equal((true, false), (done.HasRun, again.HasRun));
        Assert.Equal(["1"], _paid);
    }

    [Fact]
    public void Decisions_ForEqualCalls_AreUsedInOrder()
    {
        var call = new ToolCall("0", "pay", "{}");
        var decisions = Allowing(call);
        decisions.Add(call with { }, ToolApproval.Defer);

        Assert.True(decisions.TryTake(call with { }, out var first));
        Assert.True(decisions.TryTake(call, out var second));

        Assert.Equal((ToolApproval.Allow, ToolApproval.Defer), (first, second));
        Assert.False(decisions.TryTake(call, out _));
        Assert.Equal(0, decisions.Count);
    }
}
