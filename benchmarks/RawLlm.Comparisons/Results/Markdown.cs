using System.Globalization;
using System.Text;

namespace RawLlm.Comparisons.Results;

/// <summary>Writes results as tables that are readable in a terminal and as Markdown.</summary>
internal static class Markdown
{
    /// <summary>Writes a whole set as a page.</summary>
    public static string Write(ResultSet set)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# Comparisons: {set.Machine.Processor}, {set.Machine.Date}\n\n");
        page.Append("| | |\n|---|---|\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"| processor | {set.Machine.Processor}, {set.Machine.Cores} cores, vectors of {set.Machine.Vectors} bits |\n"
        );
        page.Append(CultureInfo.InvariantCulture, $"| runtime | {set.Machine.Runtime} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| packages | {set.Packages} |\n");
        page.Append("\nWritten by `RawLlm.Comparisons all`; [docs/performance.md](../../docs/performance.md) explains how to read it.\n");
        page.Append("\n## Goals\n\n| | goal | asked | reached |\n|---|---|---:|---:|\n");
        foreach (var goal in set.Reports.SelectMany(report => report.Goals))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {(goal.IsMet ? "met" : "**not met**")} | {goal.Text} | {goal.BoundText} | {goal.ReachedText} |\n"
            );
        }

        foreach (var report in set.Reports)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {report.Command}\n\n{report.About}\n");
            foreach (var table in report.Tables)
                page.Append('\n').Append(Write(table));
        }
        return page.ToString();
    }

    /// <summary>Writes one table with aligned columns.</summary>
    public static string Write(Table table)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"### {table.Name}\n\n");
        string[][] cells =
        [
            [table.Subject, .. table.Columns.Select(column => column.Name)],
            .. table.Rows.Select(row => (string[])[row.Name, .. row.Cells.Select((cell, i) => Number(cell, table.Columns[i].Decimals))]),
        ];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(i => cells.Max(row => row[i].Length))];
        for (int n = 0; n < cells.Length; n++)
        {
            for (int i = 0; i < widths.Length; i++)
                text.Append(i == 0 ? "| " : " | ").Append(i == 0 ? cells[n][i].PadRight(widths[i]) : cells[n][i].PadLeft(widths[i]));
            text.Append(" |\n");
            if (n > 0)
                continue;
            text.Append('|');
            for (int i = 0; i < widths.Length; i++)
                text.Append('-', widths[i] + (i == 0 ? 2 : 1)).Append(i == 0 ? "|" : ":|");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Number(double? value, int decimals) =>
        value is { } number
            ? number.ToString(decimals == 0 ? "#,0" : "#,0." + new string('0', decimals), CultureInfo.InvariantCulture)
            : "";
}
