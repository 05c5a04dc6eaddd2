using System.CommandLine;
using RawLlm.Cli;
using RawLlm.Cli.Commands;
using RawLlm.Protocols;

namespace RawLlm.Tests.Cli;

public sealed class SwitchTests
{
    private static readonly Shell s_shell = new()
    {
        In = Stream.Null,
        Out = Stream.Null,
        Error = TextWriter.Null,
    };

    /// <summary>Every command with each of its Boolean options.</summary>
    public static TheoryData<string, string> Switches
    {
        get
        {
            var switches = new TheoryData<string, string>();
            foreach (var command in Entry.CreateRoot(s_shell).Subcommands)
            {
                foreach (var option in command.Options.Where(static option => option.ValueType == typeof(bool)))
                    switches.Add(command.Name, option.Name);
            }
            return switches;
        }
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public async Task Switch_AttachedValue_IsUsageErrorWithoutValue(string command, string name)
    {
        foreach (string value in new[] { "=x-sekret", ":x-sekret", "=no", ":off", "=false", "=0", "=true", "=" })
        {
            var run = await CliRun.OfAsync(command, name + value, "Hello");

            Assert.Equal($"error: {name} takes no value.\nhint: run rawllm {command} --help\n", run.Error);
            Assert.Equal((2, ""), (run.Code, run.Out));
        }
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Switch_BeforeWord_DoesNotConsumeIt(string command, string name)
    {
        foreach (string word in new[] { "false", "true", "off", "love" })
        {
            var root = Entry.CreateRoot(s_shell);
            var parsed = root.Parse([command, name, word]);

            var option = root
                .Subcommands.Single(known => known.Name == command)
                .Options.OfType<Switch>()
                .Single(known => known.Name == name);
            Assert.True(parsed.GetValue(option));
            Assert.Empty(parsed.GetResult(option)!.Tokens);
            var words = parsed.CommandResult.Command.Arguments.SelectMany(argument => parsed.GetResult(argument)!.Tokens);
            Assert.Equal([word], words.Select(token => token.Value).Concat(parsed.UnmatchedTokens));
        }
    }

    [Theory]
    [InlineData("--help=x-sekret")]
    [InlineData("-h:x-sekret")]
    [InlineData("--version=x-sekret")]
    public async Task Switch_OfRootCommandWithAttachedValue_IsUsageErrorWithoutValue(string word)
    {
        var run = await CliRun.OfAsync(word);

        Assert.EndsWith("takes no value.", run.Error.Split('\n')[0], StringComparison.Ordinal);
        Assert.DoesNotContain("sekret", run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData("off")]
    [InlineData("No")]
    [InlineData("false")]
    [InlineData("0")]
    public async Task Permission_BeforeBooleanWord_IsUsageError(string word)
    {
        var provider = new Provider(
            "far",
            new Uri("http://far.invalid/v1"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom("MY_KEY")
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Providers = [provider], Variable = static name => name == "MY_KEY" ? "k" : null },
            "chat",
            "--curl",
            "--provider",
            "far",
            "--model",
            "m",
            "--allow-plain-http-key",
            word,
            "Hello"
        );

        Assert.StartsWith("error: --allow-plain-http-key takes no value.", run.Error);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task Switch_AfterDoubleDash_IsPromptText()
    {
        var run = await CliRun.OfAsync("chat", "--provider", "demo", "--", "--json=x");

        Assert.Equal(0, run.Code);
    }
}
