using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;
using RawLlm.Cli.Commands;
using RawLlm.Cli.Output;

namespace RawLlm.Cli;

/// <summary>The whole program, independent of the console.</summary>
internal static class Entry
{
    private const string ProgramName = "rawllm";

    /// <summary>Runs one command line and returns its exit code. Never throws.</summary>
    public static async Task<int> RunAsync(string[] args, Shell shell, CancellationToken cancellationToken)
    {
        shell = shell with { Out = new CheckedOutput(shell.Out), Error = new BestEffortWriter(shell.Error) };
        if (args is ["help", .. var about])
            args = [.. about, "--help"];
        var root = CreateRoot(shell);
        // A prompt may start with @, which does not name a response file.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (Switch.ProblemOf(parsed.CommandResult.Command.Options.Concat(root.Options), args) is { } misused)
                return RefuseUsage(shell, [misused], parsed.CommandResult.Command);
            if (parsed.Action is ParseErrorAction)
                return RefuseUsage(shell, Problems(parsed), parsed.CommandResult.Command);
            // Help clears the parser's errors, but it has nothing to say about an unknown command.
            if (parsed.Action is TeachingHelp && parsed.CommandResult.Command == root && parsed.UnmatchedTokens.Count > 0)
                return RefuseUsage(shell, Problems(parsed), root);
            await using var output = new StreamWriter(shell.Out, new UTF8Encoding(false), leaveOpen: true);
            return await parsed.InvokeAsync(Configuration(output, shell.Error), cancellationToken).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            return RefuseUsage(shell, [e.Message], parsed.CommandResult.Command);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            shell.Error.WriteLine("canceled");
            return ExitCode.Cancelled;
        }
        catch (OutputClosedException)
        {
            return ExitCode.OutputClosed;
        }
        catch (OutputFailedException e)
        {
            shell.Error.WriteLine($"error: {e.Message}");
            return ExitCode.Failed;
        }
        catch (LlmException e)
        {
            ErrorText.Write(shell, e, target: null, model: null);
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            shell.Error.WriteLine($"error: {SafeText.Line(e.Message)} ({e.GetType().Name})");
            return ExitCode.Failed;
        }
    }

    /// <summary>The root command with all its subcommands.</summary>
    internal static Command CreateRoot(Shell shell)
    {
        // Not a RootCommand: that takes its name from the executable, which under `dotnet run` is not the program's own.
        var help = new HelpOption();
        help.Action = new TeachingHelp((HelpAction)help.Action!);
        var root = new Command(ProgramName, "Talk to any large language model over plain HTTP.")
        {
            help,
            new VersionOption(),
            new ChatCommand(shell),
            new EmbedCommand(shell),
            new ModelsCommand(shell),
            new ProvidersCommand(shell),
            new DoctorCommand(shell),
            new DecodeCommand(shell),
        };
        root.SetAction(_ =>
        {
            root.Parse(["--help"]).Invoke(Configuration(shell.Error, shell.Error));
            return ExitCode.WrongUsage;
        });
        return root;
    }

    // The parser's messages repeat unknown tokens, which may contain an API key.
    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        var unknown = parsed.UnmatchedTokens;
        foreach (
            var error in parsed.Errors.Where(error => !unknown.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)))
        )
        {
            yield return error.Message;
        }

        var command = parsed.CommandResult.Command;
        foreach (string token in unknown.Where(IsOption))
            yield return TeachingCommand.UnknownOption(token, command);
        if (unknown.FirstOrDefault(static token => !IsOption(token)) is not { } word)
            yield break;
        if (command.Subcommands.Count > 0)
        {
            var names = command.Subcommands.Select(known => known.Name).ToList();
            yield return $"Unknown command.{Suggestion.Question(word, names)} Commands: {string.Join(", ", names)}.";
            if (word.Contains(' ', StringComparison.Ordinal))
                yield return "To ask a model, put the command chat before the prompt.";
        }
        else
        {
            yield return command.Arguments.Count > 0
                ? $"Unknown word before the command {command.Name}."
                : $"{command.Name} takes options only, no arguments.";
        }

        static bool IsOption(string token) => token is ['-', _, ..];
    }

    private static int RefuseUsage(Shell shell, IEnumerable<string> problems, Command command)
    {
        foreach (string problem in problems)
            shell.Error.WriteLine($"error: {SafeText.Line(problem)}");
        shell.Error.WriteLine(
            command.Name == ProgramName ? $"hint: run {ProgramName} --help" : $"hint: run {ProgramName} {command.Name} --help"
        );
        return ExitCode.WrongUsage;
    }

    // Program.cs handles signals, and RunAsync prints errors.
    private static InvocationConfiguration Configuration(TextWriter output, TextWriter error) =>
        new()
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
}
