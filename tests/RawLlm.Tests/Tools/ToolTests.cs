namespace RawLlm.Tests.Tools;

/// <summary>Tools outside a loop: how they are created and read their arguments.</summary>
public sealed class ToolTests
{
    [Fact]
    public async Task Create_AnyDelegate_InfersType()
    {
        var call = new ToolCall("a", "clock", "{}");
        var definition = new ToolDefinition("clock");
        var failed = ToolOutput.Error("stopped");

        Assert.Equal(failed, await Tool.Create(definition, _ => failed).RunAsync(call));
        Assert.Equal(
            failed,
            await Tool.Create(definition, async (_, token) => await Task.FromResult(failed).WaitAsync(token)).RunAsync(call)
        );
        Assert.Equal(failed, await Tool.Create(definition, async _ => await Task.FromResult(failed)).RunAsync(call));
        Assert.Equal("12:00", (await Tool.Create(definition, _ => "12:00").RunAsync(call)).Text);
        Assert.Equal("12:00", (await Tool.Create(definition, (_, _) => Task.FromResult("12:00")).RunAsync(call)).Text);
        Assert.Equal("12:00", (await Tool.Create(definition, async _ => await Task.FromResult("12:00")).RunAsync(call)).Text);
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await Tool.Create(definition, _ => throw new TimeoutException()).RunAsync(call)
        );
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await Tool.Create(definition, async _ => throw await Task.FromResult(new TimeoutException())).RunAsync(call)
        );
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await Tool.Create(definition, (_, _) => throw new TimeoutException()).RunAsync(call)
        );
    }

    [Fact]
    public void ReadObject_TextWithLoneSurrogate_ReplacesSurrogate()
    {
        var order = ToolArgument.Of(new ToolCall("a", "f", """{"order":"{\"name\":\"\\ud800\"}"}""")).Member("order").ReadObject();

        Assert.Equal("\uFFFD", order.Member("name").ReadText());
    }
}
