using System.CommandLine;
using System.CommandLine.Parsing;
using RawLlm.Cli.Output;

namespace RawLlm.Cli.Commands;

/// <summary>A command whose help ends with examples, the environment it reads and the exit codes it gives.</summary>
internal abstract class TeachingCommand(string name, string description) : Command(name, description)
{
    /// <summary>What stands below the list of options.</summary>
    public abstract string Lesson { get; }

    /// <summary>Refuses what looks like an option and is none; the parser takes it for a word of the argument.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    protected static void RefuseUnknownOptions(ParseResult parsed, Argument argument)
    {
        var words = parsed.GetResult(argument)?.Tokens ?? [];
        foreach (var token in parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash))
        {
            if (token.Value is ['-', _, ..] && !token.Value.Contains(' ') && words.Any(word => ReferenceEquals(word, token)))
                throw new UsageException($"Unknown option {OptionName(token.Value)}. To pass it as text, put -- before it.");
        }
    }

    /// <summary>Why a file cannot be read. The platform's own texts hold the whole path, which the line has already.</summary>
    protected static string ReasonOf(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "it is a directory, or access is denied",
        _ => SafeText.Line(e.Message),
    };

    /// <summary>What stands before a value, which may be a key.</summary>
    public static string OptionName(string token) => token.Split('=')[0];
}
