using System.CommandLine.Parsing;
using System.Globalization;

namespace RawLlm.Cli.Commands;

/// <summary>Parses numeric options; the errors of System.CommandLine would name .NET types.</summary>
internal static class NumberParser
{
    /// <summary>Parses a whole number; if that fails, <paramref name="takes"/> is the error.</summary>
    public static Func<ArgumentResult, int?> Whole(string takes) =>
        result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
                return number;
            result.AddError(takes);
            return null;
        };

    /// <summary>Parses a number; if that fails, <paramref name="takes"/> is the error.</summary>
    public static Func<ArgumentResult, double?> Number(string takes) =>
        result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
                return number;
            result.AddError(takes);
            return null;
        };
}
