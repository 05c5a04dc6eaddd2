using RawLlm.Cli;

namespace RawLlm.Tests.Cli;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("chta", "chat")]
    [InlineData("Chat", "chat")]
    [InlineData("model", "models")]
    [InlineData("prov", "providers")]
    [InlineData("dcotor", "doctor")]
    [InlineData("embedd", "embed")]
    [InlineData("xy", null)]
    [InlineData("", null)]
    [InlineData("completions", null)]
    [InlineData("tool", null)]
    public void Suggestion_Word_IsClosestName(string word, string? expected) =>
        Assert.Equal(expected, Suggestion.Of(word, ["chat", "embed", "models", "providers", "doctor", "decode"]));

    [Theory]
    [InlineData("Unknown option --modle. Did you mean --model? To pass it as text, put -- before it.", "chat", "--modle", "m", "Hello")]
    [InlineData("Unknown option --jsno. Did you mean --json?", "models", "--jsno")]
    [InlineData("Unknown command. Did you mean models? Commands: chat, embed, ", "model")]
    [InlineData("Unknown command. Commands: chat, embed, ", "Why is the sky blue?")]
    [InlineData("error: To ask a model, put the command chat before the prompt.", "Why is the sky blue?")]
    [InlineData("Unknown word before the command chat.", "please", "chat", "Hello")]
    [InlineData("No provider is called 'openia'. Did you mean openai? Known providers: ", "chat", "--provider", "openia", "Hello")]
    [InlineData("No protocol is called 'antropic'. Did you mean anthropic? Known", "decode", "--protocol", "antropic", "-")]
    [InlineData("--supports does not know 'tool'. Did you mean tools? Known", "models", "--supports", "tool")]
    public async Task WrongWord_CloseToName_SuggestsName(string says, params string[] args)
    {
        var run = await CliRun.OfAsync(args);

        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help chat", "chat --help")]
    public async Task Help_AsWord_IsSameAsOption(string word, string option)
    {
        var asWord = await CliRun.OfAsync(word.Split(' '));
        var asOption = await CliRun.OfAsync(option.Split(' '));

        Assert.Equal((0, asOption.Out), (asWord.Code, asWord.Out));
    }
}
