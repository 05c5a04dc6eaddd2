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

/// <summary>Short in-process runs with figures per chunk, because an operation is a whole stream and shapes differ in length.</summary>
internal sealed class ChunkConfig : ManualConfig
{
    public ChunkConfig()
    {
        // Many short iterations: even on a busy machine some run undisturbed, and the shortest one shows it.
        AddJob(
            Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
                .WithIterationTime(TimeInterval.FromMilliseconds(8))
                .WithWarmupCount(5)
                .WithIterationCount(50)
                .WithGcForce(false)
                .WithEvaluateOverhead(false)
                .WithId("Short")
        );
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        AddColumn(
            TargetMethodColumn.Method,
            new ShapeColumn(),
            new ChunkColumn(
                "min ns/chunk",
                "The shortest time of a stream, divided by its number of chunks.",
                (_, report, shape) => report.ResultStatistics!.Min / shape.ChunkCount
            ),
            new ChunkColumn(
                "median",
                "The median time of a stream, divided by its number of chunks.",
                (_, report, shape) => report.ResultStatistics!.Median / shape.ChunkCount
            ),
            new ChunkColumn(
                "ratio",
                "The shortest time, divided by the baseline's.",
                (summary, report, _) => report.ResultStatistics!.Min / BaselineMin(summary, report)
            )
            {
                Format = "N2",
            },
            new ChunkColumn(
                "B/chunk",
                "The bytes allocated for a stream, divided by its number of chunks.",
                (_, report, shape) => (double?)Allocated(report) / shape.ChunkCount
            )
            {
                Format = "N2",
            },
            new ChunkColumn("B/stream", "The bytes allocated for a stream.", (_, report, _) => Allocated(report)) { Format = "N0" }
        );
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared));
        WithOptions(ConfigOptions.DisableLogFile);
        WithArtifactsPath(Path.Combine(Path.GetTempPath(), "RawLlm.Benchmarks"));
    }

    // BenchmarkDotNet's diagnoser counts the process in steps of 8 KiB; one stream allocates less than that.
    private static long? Allocated(BenchmarkReport report) =>
        ShapeBenchmarks.Allocated(
            report.BenchmarkCase.Descriptor.Type.Name,
            report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
            ShapeColumn.Name(report.BenchmarkCase)
        );

    private static double? BaselineMin(Summary summary, BenchmarkReport report) =>
        summary
            .Reports.FirstOrDefault(other =>
                other.BenchmarkCase.Descriptor.Baseline
                && other.BenchmarkCase.Descriptor.Type == report.BenchmarkCase.Descriptor.Type
                && ShapeColumn.Name(other.BenchmarkCase) == ShapeColumn.Name(report.BenchmarkCase)
            )
            ?.ResultStatistics?.Min;
}
