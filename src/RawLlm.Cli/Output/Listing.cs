using System.Text;
using Spectre.Console;

namespace RawLlm.Cli.Output;

/// <summary>Prints a table: fitted to the width of a terminal, or as plain columns of any width in a file or pipe.</summary>
internal static class Listing
{
    private const int Unbounded = 1 << 16;

    /// <param name="shell">Where to print.</param>
    /// <param name="titles">The column titles.</param>
    /// <param name="rows">The rows, with one cell per column.</param>
    /// <param name="dispensable">The columns that a narrow terminal omits, in the order in which they are omitted.</param>
    public static void Write(Shell shell, string[] titles, IEnumerable<string[]> rows, params int[] dispensable)
    {
        string[][] cells = [titles, .. rows.Select(row => row.Select(SafeText.Line).ToArray())];
        int width = shell.IsOutTerminal ? AnsiConsole.Profile.Width : Unbounded;
        var columns = Enumerable.Range(0, titles.Length).ToList();
        foreach (int column in dispensable)
        {
            if (columns.Sum(kept => cells.Max(row => row[kept].Length) + 3) > width)
                columns.Remove(column);
        }

        var table = new Table { Border = shell.IsOutTerminal ? TableBorder.Simple : TableBorder.None };
        foreach (int column in columns)
            table.AddColumn(new TableColumn(new Text(cells[0][column])) { NoWrap = !shell.IsOutTerminal || column == 0 });
        foreach (string[] row in cells.Skip(1))
            table.AddRow(columns.Select(column => new Text(row[column])));

        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(text),
            }
        );
        console.Profile.Width = width;
        console.Write(table);
        foreach (string line in text.ToString().Trim('\n').Split('\n'))
            shell.Out.Write(Encoding.UTF8.GetBytes(line.TrimEnd() + "\n"));
        shell.Out.Flush();
    }
}
