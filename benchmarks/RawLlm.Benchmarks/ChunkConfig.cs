using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace RawLlm.Benchmarks;

/// <summary>Short runs inside this process, and figures per chunk: an operation is a whole stream, and shapes differ in length.</summary>
internal sealed class ChunkConfig : ManualConfig
{
    public ChunkConfig()
    {
        // Many short iterations: on a machine that has other work, too, one of them is left alone, and the shortest tells.
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithIterationTime(TimeInterval.FromMilliseconds(8))
            .WithWarmupCount(5)
            .WithIterationCount(50)
            .WithGcForce(false)
            .WithEvaluateOverhead(false)
            .WithId("Short"));
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        AddColumn(
            TargetMethodColumn.Method,
            new ShapeColumn(),
            new ChunkColumn("min ns/chunk", "Shortest time of a stream, divided by its chunks.", (_, report, shape) => report.ResultStatistics!.Min / shape.ChunkCount),
            new ChunkColumn("median", "Median time of a stream, divided by its chunks.", (_, report, shape) => report.ResultStatistics!.Median / shape.ChunkCount),
            new ChunkColumn("ratio", "Shortest time, divided by the baseline's.", (summary, report, _) => report.ResultStatistics!.Min / BaselineMin(summary, report)) { Format = "N2" },
            new ChunkColumn("B/chunk", "Bytes allocated for a stream, divided by its chunks.", (_, report, shape) => (double?)Allocated(report) / shape.ChunkCount) { Format = "N2" },
            new ChunkColumn("B/stream", "Bytes allocated for a stream.", (_, report, _) => Allocated(report)) { Format = "N0" });
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared));
        WithOptions(ConfigOptions.DisableLogFile);
        WithArtifactsPath(Path.Combine(Path.GetTempPath(), "RawLlm.Benchmarks"));
    }

    // The diagnoser of the library takes totals of a process in steps of 8 KiB; what one stream allocates is less than that.
    private static long? Allocated(BenchmarkReport report) => ShapeBenchmarks.Allocated(
        report.BenchmarkCase.Descriptor.Type.Name, report.BenchmarkCase.Descriptor.WorkloadMethod.Name, ShapeColumn.Name(report.BenchmarkCase));

    private static double? BaselineMin(Summary summary, BenchmarkReport report) => summary.Reports.FirstOrDefault(other =>
        other.BenchmarkCase.Descriptor.Baseline
        && other.BenchmarkCase.Descriptor.Type == report.BenchmarkCase.Descriptor.Type
        && ShapeColumn.Name(other.BenchmarkCase) == ShapeColumn.Name(report.BenchmarkCase))?.ResultStatistics?.Min;
}
