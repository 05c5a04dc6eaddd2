namespace RawLlm.Tests.Tools;

/// <summary>Tool calls that come as text because the server does not parse what its model writes.</summary>
public sealed class UnparsedCallTests
{
    private static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    [Theory]
    [InlineData("""<tool_call>\n{"name":"clock","arguments":{}}\n</tool_call>""", "<tool_call>")]
    [InlineData("""Let me look. [TOOL_CALLS][{"name":"clock","arguments":{}}]""", "[TOOL_CALLS]")]
    [InlineData("<function=clock>{}</function>", "<function=")]
    [InlineData("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function", "<｜tool▁calls▁begin｜>")]
    [InlineData("<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"clock\">", "｜DSML｜")]
    [InlineData("<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"clock\">", "｜DSML｜")]
    [InlineData("Let me look. </｜DSML｜invoke>\n</｜DSML｜tool_calls>", "｜DSML｜")]
    [InlineData("<｜｜DSML｜｜invoke name=\"clock\">", "｜DSML｜")]
    [InlineData("[TOOL_CALL]\n{tool => \"clock\", args => {}}\n[/TOOL_CALL]", "[TOOL_CALL]")]
    public async Task Answer_TextWithToolCallMarker_RecordsQuirk(string text, string marker)
    {
        using var whole = ScriptedModel.Json(Say.Text(text));
        using var streamed = ScriptedModel.Sse(Say.StreamedText(text[..5], text[5..]));
        using var one = whole.Client();
        using var other = streamed.Client();

        var reply = await one.SendAsync(ChatRequest.Ask("When?") with { Tools = [Clock.Definition] });
        await using var stream = new ToolLoop(other, [Clock]).Stream("When?");
        while (await stream.ReadAsync()) { }

        Assert.Equal([new Quirk(QuirkKind.ToolCallAsText, marker)], reply.Quirks);
        Assert.Equal(reply.Quirks, stream.Run!.Reply.Quirks);
        Assert.Equal(text, stream.Run.Text);
    }

    [Fact]
    public async Task ToolLoop_NonStreamingAnswerWithMarker_RecordsQuirkOnce()
    {
        using var model = ScriptedModel.Json(Say.Text("<tool_call>{}</tool_call>"));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Clock]).RunAsync("When?");

        Assert.Equal([new Quirk(QuirkKind.ToolCallAsText, "<tool_call>")], run.Reply.Quirks);
    }

    [Fact]
    public async Task Answer_RequestWithoutTools_HasNoQuirk()
    {
        using var model = ScriptedModel.Json(Say.Text("<tool_call> begins a call of Qwen."));
        using var client = model.Client();

        Assert.Empty((await client.SendAsync("How does a call begin?")).Quirks);
    }

    [Fact]
    public async Task Answer_MarkerInsideToolCall_HasNoQuirk()
    {
        using var model = ScriptedModel.Json(Say.Calls(("a", "clock", """{"format":"<tool_call>"}""")), Say.Text("Noon."));
        using var client = model.Client();

        var run = await new ToolLoop(client, [Clock]).RunAsync("When?");

        Assert.All(run.Replies, reply => Assert.Empty(reply.Quirks));
    }
}
