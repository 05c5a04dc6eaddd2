using RawLlm.Cli.Output;

namespace RawLlm.Tests.Cli;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("a\u202Ecod.exe", "a\uFFFDcod.exe")]
    [InlineData("\u202A\u202B\u202C\u202D", "\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("\u2066x\u2067\u2068\u2069", "\uFFFDx\uFFFD\uFFFD\uFFFD")]
    [InlineData("\u05D0\u0628 \u2065\u202F", "\u05D0\u0628 \u2065\u202F")]
    public void Lines_BidirectionalControlCharacters_AreReplaced(string text, string expected) =>
        Assert.Equal(expected, SafeText.Lines(text));

    [Theory]
    [InlineData("a\nb", "a\r", "\nb")]
    [InlineData("a\u240Db", "a\r", "b")]
    [InlineData("a\u240D\nb", "a\r", "\r", "\nb")]
    [InlineData("a\nb", "a", "\r", "", "\nb")]
    public void Lines_CarriageReturnAtEndOfPiece_IsHeldUntilNextPiece(string expected, params string[] pieces)
    {
        bool isHeld = false;
        string text = string.Concat(pieces.Select(piece => SafeText.Lines(piece, ref isHeld)));

        Assert.Equal((expected, false), (text, isHeld));
    }

    [Fact]
    public async Task Chat_CarriageReturnAndLineFeedInSeparateEvents_AreOneLineBreak()
    {
        await using var server = new ScriptedService((_, _) => ScriptedService.Answer.Sse(Chunk("a\\r"), Chunk("\\nb\\r")));

        var run = await CliRun.OfAsync(
            shell => shell with { IsOutTerminal = true },
            "chat",
            "--base-url",
            server.Url,
            "--model",
            "m",
            "Hello"
        );

        Assert.Equal("a\nb\u240D\n", run.Out);

        static string Chunk(string text) => "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":null}]}";
    }
}
