using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using RawLlm.Traffic;

namespace RawLlm.Benchmarks;

/// <summary>A figure that is divided by the shape's number of chunks.</summary>
internal sealed class ChunkColumn(string name, string legend, Func<Summary, BenchmarkReport, TrafficShape, double?> read) : IColumn
{
    public string Format { get; init; } = "N1";

    public string Id => $"Chunk.{name}";

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Statistics;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => legend;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        var report = summary[benchmarkCase];
        var figure = report?.ResultStatistics is null ? null : read(summary, report, TrafficShapes.Get(ShapeColumn.Name(benchmarkCase)));
        return figure?.ToString(Format, CultureInfo.InvariantCulture) ?? "?";
    }
}
