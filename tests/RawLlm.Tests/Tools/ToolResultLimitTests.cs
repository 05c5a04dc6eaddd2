using RawLlm.Tests.Support;
using static RawLlm.Tests.Tools.SampleTools;

namespace RawLlm.Tests.Tools;

/// <summary>Results that are longer than the model may receive.</summary>
public sealed class ToolResultLimitTests
{
    private static Tool Clock(ToolOutput output) => new(new ToolDefinition("clock"), (_, _) => new(output));

    private static async Task<ToolInvocation> Invoke(ToolOutput output, int? most) =>
        await ToolSet
            .Create(Clock(output))
            .InvokeAsync(new ToolCall("a", "clock", "{}"), new ToolLoopOptions { MaxResultLength = most }, None);

    [Theory]
    [InlineData("0123456789", null, "0123456789", null)]
    [InlineData("0123456789", 10, "0123456789", null)]
    [InlineData("0123456789", 9, "012345678\n\n[Truncated: only the first 9 of 10 characters are shown.]", 10L)]
    [InlineData("01😀45", 3, "01\n\n[Truncated: only the first 2 of 6 characters are shown.]", 6L)]
    [InlineData("01😀45", 4, "01😀\n\n[Truncated: only the first 4 of 6 characters are shown.]", 6L)]
    [InlineData("[1]      ", 5, "[1]  \n\n[Truncated: only the first 5 of 9 characters are shown.]", 9L)]
    [InlineData("😀", 1, "[Truncated: only the first 0 of 2 characters are shown.]", 2L)]
    [InlineData(
        "{\"a\":[1,2,\"x\"]}",
        11,
        "{\"a\":[1,2,\"\n\n[Truncated: only the first 11 of 15 characters are shown. The JSON is incomplete.]",
        15L
    )]
    [InlineData("[a](b) is a link", 6, "[a](b)\n\n[Truncated: only the first 6 of 16 characters are shown.]", 16L)]
    public async Task Result_LongerThanLimit_IsCutAndSaysSo(string text, int? most, string expected, long? length)
    {
        var done = await Invoke(text, most);

        Assert.Equal(expected, done.Result.Text);
        Assert.Equal(length, done.UncutLength);
        Assert.Equal((false, true, null), (done.Result.IsError, done.HasRun, done.Error));
    }

    [Fact]
    public async Task Result_OfSeveralParts_IsLimitedAsAWhole()
    {
        var image = new ImagePart((byte[])[1, 2, 3], "image/png");
        var output = new ToolOutput([
            new TextPart("0123"),
            image,
            new TextPart("4567") { WireData = new WireData("w", "\"4567\"") },
            new TextPart("89"),
        ]);

        var done = await Invoke(output, 6);

        Assert.Equal(
            [new TextPart("0123"), image, new TextPart("45\n\n[Truncated: only the first 6 of 10 characters are shown.]")],
            done.Result.Content
        );
        Assert.Equal(10, done.UncutLength);
        Assert.Equal(
            "0123\n[Truncated: only the first 4 of 10 characters are shown.]",
            string.Join('\n', (await Invoke(output, 4)).Result.Content.OfType<TextPart>().Select(part => part.Text))
        );
        Assert.Same(output.Content, (await Invoke(output, 10)).Result.Content);
    }

    [Fact]
    public async Task Result_ThatIsAnError_IsLimitedToo()
    {
        var done = await Invoke(ToolOutput.Error("0123456789"), 2);

        Assert.True(done.Result.IsError);
        Assert.Equal("01\n\n[Truncated: only the first 2 of 10 characters are shown.]", done.Result.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loop_ResultLongerThanLimit_SendsBeginningAndReportsLength(bool isStream)
    {
        using var model = isStream
            ? ScriptedModel.Sse(Say.StreamedCalls(("a", "clock", "{}")), Say.StreamedText("Noon."))
            : ScriptedModel.Json(Say.Calls(("a", "clock", "{}")), Say.Text("Noon."));
        using var client = model.Client();
        var loop = new ToolLoop(client, [Clock(new string('x', 12_345))], new ToolLoopOptions { MaxResultLength = 2_000 });
        ToolRun run;
        long? seen = null;
        if (isStream)
        {
            await using var stream = loop.Stream("When?", None);
            await foreach (var e in stream)
            {
                if (e.Kind == ToolEventKind.CallEnded)
                    seen = e.Invocation!.UncutLength;
            }
            run = stream.Run!;
            Assert.Equal(12_345, seen);
        }
        else
            run = await loop.RunAsync("When?", None);

        string expected = new string('x', 2_000) + "\n\n[Truncated: only the first 2,000 of 12,345 characters are shown.]";
        Assert.Equal(expected, Told(run));
        Assert.Equal(12_345, run.Invocations.Single().UncutLength);
        using var sent = System.Text.Json.JsonDocument.Parse(model.Bodies[1]);
        Assert.Equal(expected, sent.RootElement.GetProperty("messages")[2].GetProperty("content").GetString());
    }
}
