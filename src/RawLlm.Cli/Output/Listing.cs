using System.Text;
using Spectre.Console;

namespace RawLlm.Cli.Output;

/// <summary>Prints a table: fitted to the width of a terminal, or as plain columns of any width in a file or pipe.</summary>
internal static class Listing
{
    private const int Unbounded = 1 << 16;

    // Narrower columns, which wrap nearly every cell, are not readable.
    private const int ReadableWidth = 16;

    /// <param name="shell">Where to print.</param>
    /// <param name="titles">The column titles.</param>
    /// <param name="rows">The rows, with one cell per column.</param>
    /// <param name="dispensable">The columns that are omitted if the table does not fit, in this order.</param>
    /// <param name="lastResort">The columns that are omitted if they would be too narrow to read, in this order.</param>
    public static void Write(Shell shell, string[] titles, IEnumerable<string[]> rows, int[] dispensable, int[] lastResort)
    {
        string[][] cells = [titles, .. rows.Select(row => row.Select(SafeText.Line).ToArray())];
        int width = shell.IsOutTerminal ? shell.Width ?? AnsiConsole.Profile.Width : Unbounded;
        var columns = Enumerable.Range(0, titles.Length).ToList();
        int[] widths = [.. columns.Select(column => cells.Max(row => row[column].GetCellWidth()))];
        foreach (int column in dispensable)
        {
            if (columns.Sum(kept => widths[kept] + 3) > width)
                columns.Remove(column);
        }
        // The first column does not wrap.
        foreach (int column in lastResort)
        {
            if (columns.Sum(kept => (kept == 0 ? widths[0] : Math.Min(widths[kept], ReadableWidth)) + 3) > width)
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
