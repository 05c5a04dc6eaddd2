using System.CommandLine.Parsing;
using System.Globalization;

namespace RawLlm.Cli.Commands;

/// <summary>Reads the numbers of options. The parser's own errors name types of .NET.</summary>
internal static class NumberParser
{
    /// <summary>A whole number; else the error is the sentence given.</summary>
    public static Func<ArgumentResult, int?> Whole(string takes) => result =>
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            return number;
        result.AddError(takes);
        return null;
    };

    /// <summary>A number; else the error is the sentence given.</summary>
    public static Func<ArgumentResult, double?> Number(string takes) => result =>
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return number;
        result.AddError(takes);
        return null;
    };
}
