using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RawLlm.Cli.Commands;

/// <summary>The standard help, followed by the command's lesson.</summary>
internal sealed class TeachingHelp(HelpAction help) : SynchronousCommandLineAction
{
    private const string RootLesson = """
        Examples:
          rawllm chat "Why is the sky blue?"                       ask a model; works even before any setup
          rawllm chat --provider groq --json "Name three birds"    print one JSON object for scripts
          rawllm embed --provider openai --json "blue" "sky"       print the embeddings of texts
          rawllm providers                                         list the services and their API key variables
          rawllm models --base-url http://localhost:8080           list the models of a server
          rawllm doctor --base-url http://localhost:8080           check what works there, how fast, and how to set it up
          rawllm decode --protocol chat-completions answer.sse     show what a recorded answer contains

        Run "rawllm COMMAND --help" for the options and examples of a command.

        Environment:
          OPENAI_API_KEY and others   API keys, one variable per service; rawllm providers lists them
          NO_COLOR                    disables colors if set to any value

        Exit codes:
          0    success
          1    the call failed, or the output could not be written
          2    wrong usage
          3    the answer is incomplete
          130  canceled
          141  the output was closed early, for example by head
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
