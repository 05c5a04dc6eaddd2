namespace RawLlm.Cli.Output;

/// <summary>The few colors that the program uses.</summary>
internal static class TerminalColor
{
    public const string DimOn = "\e[2m";
    public const string Off = "\e[0m";

    public static string Dim(Shell shell, string text) => shell.ColorsError ? DimOn + text + Off : text;

    public static string Error(Shell shell, string text) => shell.ColorsError ? "\e[31m" + text + Off : text;
}
