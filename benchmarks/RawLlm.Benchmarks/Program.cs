using BenchmarkDotNet.Running;
using RawLlm.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(ShapeBenchmarks).Assembly).Run(args, new ChunkConfig());
