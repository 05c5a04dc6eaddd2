using System.CommandLine;
using System.Text.Json;
using RawLlm.Cli;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;

namespace RawLlm.Tests.Cli;

public sealed class HelpTests
{
    private static readonly Shell s_shell = new()
    {
        In = Stream.Null,
        Out = Stream.Null,
        Error = TextWriter.Null,
    };

    public static TheoryData<string> Commands => [.. Entry.CreateRoot(s_shell).Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_AnyCommand_ListsOptionsExamplesAndExitCodes(string name)
    {
        var command = Entry.CreateRoot(s_shell).Subcommands.Single(command => command.Name == name);

        var run = await CliRun.OfAsync(name, "--help");

        foreach (var symbol in command.Options.Cast<Symbol>().Concat(command.Arguments))
        {
            Assert.Contains(symbol.Name, run.Out);
            Assert.False(string.IsNullOrWhiteSpace(symbol.Description), symbol.Name);
        }
        Assert.Contains("Examples:\n  ", run.Out.ReplaceLineEndings("\n"));
        Assert.Contains($"rawllm {name}", run.Out);
        Assert.Contains("Exit codes:", run.Out);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Help_RootCommand_ListsEveryCommand()
    {
        var run = await CliRun.OfAsync("--help");

        foreach (var command in Entry.CreateRoot(s_shell).Subcommands)
        {
            Assert.Contains($"  {command.Name} ", run.Out);
            Assert.Contains($"  rawllm {command.Name}", run.Out);
        }
        Assert.Contains("OPENAI_API_KEY", run.Out);
        Assert.Contains("NO_COLOR", run.Out);
        Assert.Contains("130", run.Out);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("decode")]
    public async Task Help_CommandThatPrintsReplies_ListsEachMember(string name)
    {
        var choice = new ChatChoice(
            0,
            new Message(Role.Assistant, [new TextPart("Hi"), new RefusalPart("No.")]),
            StopReason.EndTurn,
            "stop"
        )
        {
            Citations = [new Citation("{}") { Url = "https://example.org/" }],
        };
        var reply = new ChatReply("id", "m", [choice, choice with { Index = 1 }], new Usage());
        using var output = new MemoryStream();
        ReplyJson.WriteLine(
            output,
            json =>
                ReplyJson.WriteReply(
                    json,
                    reply,
                    1,
                    new LlmException(LlmErrorKind.StreamError, "x") { CauseKind = LlmErrorKind.Overloaded }
                )
        );
        using var document = JsonDocument.Parse(output.ToArray());

        var run = await CliRun.OfAsync(name, "--help");

        string[] words = run.Out.Split([' ', ',', '\r', '\n', '{', '}', '[', ']', '(', ')', ':']);
        Assert.All(document.RootElement.EnumerateObject(), member => Assert.Contains(member.Name, words));
        if (name == "decode")
            Assert.All(document.RootElement.GetProperty("error").EnumerateObject(), member => Assert.Contains(member.Name, words));
    }

    [Theory]
    [InlineData("models")]
    [InlineData("doctor")]
    [InlineData("embed")]
    public async Task Help_CommandThatChoosesService_SaysHow(string name)
    {
        var run = await CliRun.OfAsync(name, "--help");

        Assert.Contains("Without --provider and --base-url, the service is chosen as for rawllm chat", run.Out);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("providers")]
    public async Task Help_KeyOrder_ListsIgnoredVariables(string name)
    {
        var run = await CliRun.OfAsync(name, "--help");

        Assert.All(TargetChoice.SharedVariables, variable => Assert.Contains(variable, run.Out));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_Examples_ParseWithoutErrors(string name)
    {
        var run = await CliRun.OfAsync(name, "--help");

        var examples = run
            .Out.ReplaceLineEndings("\n")
            .Split('\n')
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.Contains($"rawllm {name}") && !line.Contains("<"))
            .Select(line => line[(line.IndexOf("rawllm ", StringComparison.Ordinal) + 7)..].Split(" | ")[0])
            .Where(line => !line.StartsWith($"{name} [", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(Entry.CreateRoot(s_shell).Parse(example).Errors));
    }
}
