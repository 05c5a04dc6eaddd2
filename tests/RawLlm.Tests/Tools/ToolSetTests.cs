namespace RawLlm.Tests.Tools;

public sealed class ToolSetTests
{
    [Fact]
    public void Definitions_OfToolSet_AreReadOnly() =>
        Assert.IsNotType<ToolDefinition[]>(ToolSet.Create(Tool.Create(new ToolDefinition("clock"), _ => "12:00")).Definitions);

    private static readonly Tool Echo = Tool.Create(new ToolDefinition("echo"), arguments => arguments.Text("text") ?? "nothing");
    private static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    [Fact]
    public void ToolSet_DuplicateNameOrNull_Throws()
    {
        var e = Assert.Throws<ArgumentException>(() => ToolSet.Create(Echo, Clock, Echo));

        Assert.Contains("\"echo\"", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ToolSet.Create(Echo).With(Echo));
        Assert.Throws<ArgumentNullException>(() => ToolSet.Create(Echo, null!));
    }

    [Fact]
    public void ToolSet_FromCollectionExpression_KeepsOrderAndFindsByExactName()
    {
        ToolSet tools = [Echo, Clock];

        Assert.Equal(["echo", "clock"], tools.Definitions.Select(definition => definition.Name));
        Assert.Same(tools.Definitions, tools.Definitions);
        Assert.True(tools.TryGet("clock", out var found));
        Assert.Same(Clock, found);
        Assert.False(tools.TryGet("Clock", out _));
        Assert.Equal(3, tools.With(Tool.Create(new ToolDefinition("third"), _ => "")).Count);
        Assert.Empty(ToolSet.Empty);
    }

    [Fact]
    public async Task RunAsync_IncompleteCallOrOtherName_Throws()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await Echo.RunAsync(new ToolCall("a", "echo", "{\"te") { IsComplete = false })
        );
        await Assert.ThrowsAsync<ArgumentException>(async () => await Echo.RunAsync(new ToolCall("a", "clock", "{}")));
    }

    [Fact]
    public async Task Create_AsyncDelegate_ReturnsText()
    {
        var later = Tool.Create(
            new ToolDefinition("later"),
            async arguments =>
            {
                await Task.Yield();
                return arguments.Text("text") ?? "nothing";
            }
        );

        Assert.Equal("Hi", (await later.RunAsync(new ToolCall("a", "later", """{"text":"Hi"}"""))).Text);
    }

    [Fact]
    public async Task RunAsync_ArgumentsAreNoObject_ThrowsToolArgumentException()
    {
        Assert.Equal("hi", (await Echo.RunAsync(new ToolCall("a", "echo", """{"text":"hi"}"""))).Text);
        Assert.Equal("nothing", (await Echo.RunAsync(new ToolCall("a", "echo", "{}"))).Text);
        var e = await Assert.ThrowsAsync<ToolArgumentException>(async () => await Echo.RunAsync(new ToolCall("a", "echo", "[1]")));
        Assert.Equal("The arguments are not a JSON object.", e.Message);
    }

    [Fact]
    public void ToolOutput_SameContent_IsEqual()
    {
        ToolOutput text = "hi";

        Assert.Equal(ToolOutput.Of("hi"), text);
        Assert.NotEqual(ToolOutput.Error("hi"), text);
        Assert.Equal("hi", new ToolOutput([new TextPart("h"), new ImagePart(new byte[] { 1 }, "image/png"), new TextPart("i")]).Text);
    }

    [Fact]
    public async Task WithApproval_Tool_ReturnsMarkedCopy()
    {
        var tool = Tool.Create(new ToolDefinition("f"), _ => "done");
        var marked = tool.WithApproval();
        ToolSet set = [marked, Tool.Create(new ToolDefinition("g"), _ => "done")];
        var call = new ToolCall("a", "f", "{}");

        Assert.Equal((false, true), (tool.NeedsApproval, marked.NeedsApproval));
        Assert.Same(tool.Definition, marked.Definition);
        Assert.Same(marked, marked.WithApproval());
        Assert.Equal(
            (true, false, true),
            (set.NeedsApproval(call), set.NeedsApproval(call with { Name = "g" }), set.NeedsApproval(call with { Name = "h" }))
        );
        Assert.True(
            await set.InvokeAsync(call)
                is { HasRun: false, Result: { IsError: true, Text: "The call waits for a decision and was not run." } }
        );
        Assert.True(
            await set.InvokeAsync(call, new ToolLoopOptions { Approve = (_, _) => new(ToolApproval.Allow) })
                is { HasRun: true, Result.Text: "done" }
        );
        Assert.Equal("done", (await marked.RunAsync(call)).Text);
    }

    [Fact]
    public async Task InvokeAsync_AnyFailure_ThrowsOnlyForCanceledToken()
    {
        var given = new ToolCall("a", "f", """{"x":1}""");
        ToolSet set =
        [
            Tool.Create(new ToolDefinition("f"), arguments => arguments.Text("x") ?? throw new ToolArgumentException("x is missing")),
            Tool.Create(new ToolDefinition("g"), string (_) => throw new IOException("secret")),
        ];
        var later = new ToolLoopOptions { Approve = (_, _) => new(ToolApproval.Defer) };

        Assert.True(
            await set.InvokeAsync(given) is { Turn: 0, HasRun: true, Result: { CallId: "a", Name: "f", Text: "1", IsError: false } }
        );
        Assert.True(
            await set.InvokeAsync(given with { Arguments = "{}" })
                is { Result: { IsError: true, Text: "x is missing" }, Error: ToolArgumentException }
        );
        Assert.True(
            await set.InvokeAsync(given with { Name = "g" }) is { Result: { IsError: true, Text: "The tool failed." }, Error: IOException }
        );
        Assert.True(
            await set.InvokeAsync(given with { Name = "h" })
                is { HasRun: false, Result: { IsError: true, Text: "There is no tool \"h\". Available tools: f, g." } }
        );
        Assert.True(
            await set.InvokeAsync(given with { IsComplete = false }, new ToolLoopOptions { Repair = (_, _, _) => new("{}") })
                is { HasRun: false, Result.IsError: true }
        );
        Assert.True(
            await set.InvokeAsync(given, later)
                is { HasRun: false, Result: { IsError: true, Text: "The call waits for a decision and was not run." } }
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            set.InvokeAsync(given, cancellationToken: new CancellationToken(true))
        );
    }

    [Fact]
    public void ToolResult_FromToolOutput_KeepsCallAndError()
    {
        var call = new ToolCall("a", "f", "{}");

        Assert.Equal(Message.ToolResult(call, "x"), Message.ToolResult(call, ToolOutput.Of("x")));
        Assert.Equal(Message.ToolError(call, "x"), Message.ToolResult(call, ToolOutput.Error("x")));
    }

    [Fact]
    public async Task RequiredArgument_MissingOrWrongType_IsReportedToModel()
    {
        ToolSet set =
        [
            Tool.Create(
                new ToolDefinition("f"),
                arguments => $"{arguments.RequiredText("city")} {arguments.Argument("days").ReadNumber<int>()}"
            ),
        ];

        Assert.Equal("Oslo 2", (await set.InvokeAsync(new ToolCall("a", "f", """{"city":"Oslo","days":"2"}"""))).Result.Text);
        Assert.Equal(
            "\"city\" must be a string, but it is missing.",
            (await set.InvokeAsync(new ToolCall("a", "f", """{"days":2}"""))).Result.Text
        );
        Assert.StartsWith(
            "\"days\" must be an integer",
            (await set.InvokeAsync(new ToolCall("a", "f", """{"city":"Oslo","days":"two"}"""))).Result.Text,
            StringComparison.Ordinal
        );
    }
}
