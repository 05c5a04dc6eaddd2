using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace RawLlm.Benchmarks;

/// <summary>Short runs inside this process, and figures per chunk: an operation is a whole stream, and shapes differ in length.</summary>
internal sealed class ChunkConfig : ManualConfig
{
    public ChunkConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithIterationTime(TimeInterval.FromMilliseconds(60))
            .WithWarmupCount(4)
            .WithIterationCount(9)
            .WithEvaluateOverhead(false)
            .WithId("Short"));
        AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)));
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        AddColumn(
            TargetMethodColumn.Method,
            new ShapeColumn(),
            new ChunkColumn("ns/chunk", "Median time of a stream, divided by its chunks.", (report, shape) => report.ResultStatistics!.Median / shape.ChunkCount),
            new ChunkColumn("min", "Shortest time of a stream, divided by its chunks.", (report, shape) => report.ResultStatistics!.Min / shape.ChunkCount),
            BaselineRatioColumn.RatioMean,
            new ChunkColumn("B/chunk", "Bytes allocated for a stream, divided by its chunks.", (report, shape) => AllocatedBytes(report) / shape.ChunkCount),
            new ChunkColumn("B/stream", "Bytes allocated for a stream.", (report, _) => AllocatedBytes(report)) { Format = "N0" });
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared));
        WithOptions(ConfigOptions.DisableLogFile);
        WithArtifactsPath(Path.Combine(Path.GetTempPath(), "RawLlm.Benchmarks"));
    }

    private static double AllocatedBytes(BenchmarkDotNet.Reports.BenchmarkReport report) =>
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? double.NaN;
}
