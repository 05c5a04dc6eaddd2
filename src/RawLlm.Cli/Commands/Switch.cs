using System.CommandLine;

namespace RawLlm.Cli.Commands;

/// <summary>An option without a value.</summary>
// The parser's own Boolean option takes an optional value: with "no" or "0" attached, which it does not understand, it would be on.
internal sealed class Switch : Option<bool>
{
    private static readonly string[] BooleanWords = ["true", "false", "on", "off", "yes", "no", "1", "0"];

    public Switch(string name, params string[] aliases)
        : base(name, aliases) => Arity = ArgumentArity.Zero;

    /// <summary>
    /// Whether the switch permits something risky, so that a following word such as <c>off</c> is an error, not the beginning of a prompt.
    /// </summary>
    public bool IsPermission { get; init; }

    /// <summary>Looks for a value that was given to an option without one. The message does not repeat it: it may be an API key.</summary>
    /// <param name="options">The options of the command.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The error message; null if there is none.</returns>
    public static string? ProblemOf(IEnumerable<Option> options, IReadOnlyList<string> args)
    {
        var switches = options.Where(static option => option.Arity.MaximumNumberOfValues == 0).ToList();
        for (int i = 0; i < args.Count && args[i] != "--"; i++)
        {
            foreach (var option in switches)
            {
                foreach (string name in option.Aliases.Prepend(option.Name))
                {
                    bool isNamed = args[i].StartsWith(name, StringComparison.Ordinal);
                    if (isNamed && args[i].Length > name.Length && args[i][name.Length] is '=' or ':')
                        return $"{name} takes no value.";
                    if (
                        isNamed
                        && args[i].Length == name.Length
                        && option is Switch { IsPermission: true }
                        && i + 1 < args.Count
                        && BooleanWords.Contains(args[i + 1], StringComparer.OrdinalIgnoreCase)
                    )
                    {
                        return $"{name} takes no value. To leave it off, omit it; to begin the prompt with such a word, put -- before it.";
                    }
                }
            }
        }
        return null;
    }
}
