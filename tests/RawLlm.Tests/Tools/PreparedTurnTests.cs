namespace RawLlm.Tests.Tools;

/// <summary>Requests that a hook changes before they are sent.</summary>
public sealed class PreparedTurnTests
{
    private static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_ShortensConversation_LaterTurnsContinueFromIt(bool isStream)
    {
        using var model = isStream
            ? ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedCalls(("b", "clock", "{}")), Say.StreamedText("Noon."))
            : ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();
        var given = new List<string>();
        var options = new ToolLoopOptions
        {
            Prepare = (request, turn, _) =>
            {
                given.Add($"{turn}: {request.Messages.Count}");
                return new(
                    turn == 2
                        ? request with
                        {
                            Messages = [Message.User("In short."), .. request.Messages.Skip(2)],
                            ToolChoice = ToolChoice.None,
                        }
                        : request
                );
            },
        };
        var loop = new ToolLoop(client, [Clock], options);
        var asked = new ChatRequest { Messages = [Message.User("A long story."), Message.User("When?")] };

        await using var stream = loop.Stream(asked);
        while (isStream && await stream.ReadAsync()) { }
        var run = isStream ? stream.Run! : await loop.RunAsync(asked);

        Assert.Equal(["1: 2", "2: 4", "3: 5"], given);
        Assert.DoesNotContain("long story", model.Bodies[1], StringComparison.Ordinal);
        Assert.StartsWith(model.Bodies[1][..model.Bodies[1].IndexOf(']')], model.Bodies[2], StringComparison.Ordinal);
        Assert.Contains("\"tool_choice\":\"none\"", model.Bodies[2], StringComparison.Ordinal);
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant, Role.Tool, Role.Assistant], run.Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task Prepare_RemovesTool_CallIsNotRun()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Calls(("b", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();
        var options = new ToolLoopOptions { Prepare = (request, turn, _) => new(turn == 1 ? request : request with { Tools = [] }) };

        var run = await new ToolLoop(client, [Clock], options).RunAsync("When?");

        Assert.Equal([true, false], run.Invocations.Select(invocation => invocation.HasRun));
        Assert.DoesNotContain("\"tools\"", model.Bodies[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_CutsResultsButNotTheirCalls_NamesTheCallInTheError()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")));
        using var client = model.Client();
        var options = new ToolLoopOptions
        {
            Prepare = (request, turn, _) =>
                new(turn == 1 ? request : request with { Messages = [.. request.Messages.SkipLast(1), Message.User("And?")] }),
        };

        var e = await Assert.ThrowsAsync<LlmException>(() => new ToolLoop(client, [Clock], options).RunAsync("When?"));

        Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
        Assert.Contains("The call \"a\" of the tool \"clock\" has no result", e.Message, StringComparison.Ordinal);
        Assert.Equal("12:00", SampleTools.Told(e.Run!));
    }

    [Fact]
    public async Task Prepare_ThrowsOrReturnsInvalidRequest_EndsRunAndKeepsMessages()
    {
        foreach (bool throws in (bool[])[true, false])
        {
            using var model = ScriptedModel.Json(Say.Calls(("a", "clock", "{}")));
            using var client = model.Client();
            var progress = new ToolProgress();
            var loop = new ToolLoop(
                client,
                [Clock],
                new ToolLoopOptions
                {
                    Prepare = (request, turn, _) =>
                        turn == 1 ? new(request)
                        : throws ? throw new InvalidTimeZoneException()
                        : new(request with { ChoiceCount = 2 }),
                }
            );

            if (throws)
                await Assert.ThrowsAsync<InvalidTimeZoneException>(() => loop.RunAsync("When?", progress));
            else
            {
                Assert.Equal(
                    LlmErrorKind.InvalidConfiguration,
                    (await Assert.ThrowsAsync<LlmException>(() => loop.RunAsync("When?", progress))).Kind
                );
            }

            Assert.Equal([Role.Assistant, Role.Tool], progress.Run!.Messages.Select(message => message.Role));
        }
    }
}
