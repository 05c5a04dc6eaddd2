using System.CommandLine;
using System.CommandLine.Parsing;
using RawLlm.Cli.Output;

namespace RawLlm.Cli.Commands;

/// <summary>A command whose help ends with examples, environment variables and exit codes.</summary>
internal abstract class TeachingCommand(string name, string description) : Command(name, description)
{
    /// <summary>The help text below the list of options.</summary>
    public abstract string Lesson { get; }

    /// <summary>Rejects unknown options, which the parser accepts as values of the argument.</summary>
    /// <exception cref="UsageException">The argument contains an unknown option.</exception>
    protected static void RefuseUnknownOptions(ParseResult parsed, Argument argument)
    {
        var words = parsed.GetResult(argument)?.Tokens ?? [];
        foreach (var token in parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash))
        {
            if (token.Value is ['-', _, ..] && !token.Value.Contains(' ') && words.Any(word => ReferenceEquals(word, token)))
                throw new UsageException(
                    $"{UnknownOption(token.Value, parsed.CommandResult.Command)} To pass it as text, put -- before it."
                );
        }
    }

    /// <summary>The words of an argument, each with whether it is the <c>-</c> that stands for standard input.</summary>
    /// <exception cref="UsageException">Standard input is named more than once.</exception>
    protected static List<(string Text, bool IsInput)> Words(ParseResult parsed, Argument argument)
    {
        var literal = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).ToList();
        var words = new List<(string Text, bool IsInput)>();
        foreach (var token in parsed.GetResult(argument)?.Tokens ?? [])
            words.Add((token.Value, token.Value == "-" && !literal.Any(text => ReferenceEquals(text, token))));
        return words.Count(word => word.IsInput) > 1
            ? throw new UsageException("- stands for standard input, which can be read only once. To pass it as text, put -- before it.")
            : words;
    }

    /// <summary>Says that a file cannot be read, and why, as a sentence. The platform's own messages repeat the path.</summary>
    protected static string CannotRead(string file, Exception e)
    {
        string reason = e switch
        {
            ArgumentException when file.Length == 0 => "the file name is empty",
            ArgumentException => "the file name contains a character that is not allowed",
            FileNotFoundException or DirectoryNotFoundException => "no such file",
            UnauthorizedAccessException => "it is a directory, or access is denied",
            _ => SafeText.Line(e.Message).TrimEnd('.'),
        };
        return $"Cannot read {(file.Length == 0 ? "\"\"" : SafeText.Line(file))}: {reason}.";
    }

    /// <summary>Says that a command has no such option, and which one may have been meant.</summary>
    public static string UnknownOption(string token, Command command)
    {
        string name = OptionName(token);
        var names = command.Options.SelectMany(static option => option.Aliases.Prepend(option.Name));
        bool isKey = name.Contains("key", StringComparison.OrdinalIgnoreCase) && command.Options.Any(static o => o.Name == "--key-env");
        return $"Unknown option {name}."
            + (
                isKey
                    ? " API keys are read from environment variables, and --key-env names another one."
                    : Suggestion.Question(name, names.Where(static name => name.StartsWith("--", StringComparison.Ordinal)))
            );
    }

    /// <summary>
    /// The name of an unknown option without its value, which may be an API key: attached to one letter, or after any sign.
    /// </summary>
    public static string OptionName(string token)
    {
        if (!token.StartsWith("--", StringComparison.Ordinal))
            return token[..Math.Min(2, token.Length)];
        int length = 0;
        while (length < token.Length && (char.IsAsciiLetterOrDigit(token[length]) || token[length] is '-' or '_'))
            length++;
        return token[..length];
    }
}
