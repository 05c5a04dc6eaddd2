using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RawLlm.Cli.Commands;

/// <summary>The usual help, and the command's lesson below it.</summary>
internal sealed class TeachingHelp(HelpAction help) : SynchronousCommandLineAction
{
    private const string RootLesson = """
        Examples:
          rawllm chat "Why is the sky blue?"                       answers at once, whatever is set up (see rawllm chat --help)
          rawllm chat --provider groq --json "Name three birds"    one JSON object for machines
          rawllm providers                                         services, and the variables that their keys come from
          rawllm models --base-url http://localhost:8080           what a server offers
          rawllm doctor --base-url http://localhost:8080           what works there, how fast, and how to set it up
          rawllm decode --protocol chat-completions answer.sse     what a recorded answer holds

        Environment:
          OPENAI_API_KEY and others   keys, one variable for each service: rawllm providers
          NO_COLOR                    set to anything: no colours

        Exit codes:
          0 done   1 the call failed   2 wrong usage   3 the answer is incomplete   130 cancelled
          141 the output was closed before the end
        """;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        string lesson = parseResult.CommandResult.Command is TeachingCommand command ? command.Lesson : RootLesson;
        parseResult.InvocationConfiguration.Output.WriteLine(lesson);
        return ExitCode.Ok;
    }
}
