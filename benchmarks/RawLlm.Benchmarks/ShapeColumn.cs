using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace RawLlm.Benchmarks;

/// <summary>The shape of the traffic.</summary>
internal sealed class ShapeColumn : IColumn
{
    public string Id => nameof(ShapeColumn);

    public string ColumnName => "Shape";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Params;

    public int PriorityInCategory => 0;

    public bool IsNumeric => false;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "What the traffic looks like.";

    public static string Name(BenchmarkCase benchmarkCase) => (string)benchmarkCase.Parameters[nameof(ShapeBenchmarks.Shape)];

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => Name(benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => Name(benchmarkCase);
}
