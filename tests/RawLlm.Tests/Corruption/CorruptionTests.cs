using System.Diagnostics;
using System.Globalization;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Corruption;

/// <summary>
/// Damaged bodies on all wires give events or an <see cref="LlmException"/>, the same however the bytes arrive, in bounded memory.
/// RAWLLM_FUZZ_CASES=1000000 runs more of them; RAWLLM_FUZZ_REPLAY=target:seed repeats one.
/// </summary>
/// <remarks>Every run also decodes <c>Corpus/&lt;target&gt;/*.bin</c>, bodies that once broke something.</remarks>
public sealed class CorruptionTests(ITestOutputHelper output)
{
    [Fact]
    public void Decode_DamagedBodies_YieldsEventsOrError()
    {
        // The same variable also replays the simulation.
        if (
            Environment.GetEnvironmentVariable("RAWLLM_FUZZ_REPLAY")?.Split(':') is [var name, var number]
            && CorruptionTarget.All.SingleOrDefault(target => target.Name == name) is { } replayed
        )
        {
            Assert.Null(Run(replayed, ulong.Parse(number, CultureInfo.InvariantCulture)));
            return;
        }
        int each = (int)LongRun.Count("RAWLLM_FUZZ_CASES", usual: 42_000, atLength: 1_000_000) / CorruptionTarget.All.Count;
        long slowest = 0;
        var failures = new List<string>();
        Parallel.ForEach(
            CorruptionTarget.All,
            Cores.All,
            target =>
            {
                for (int seed = 0; seed < each; seed++)
                {
                    long start = Stopwatch.GetTimestamp();
                    EndsInTimeAttribute.Say(target.Name, seed);
                    string? problem = Run(target, (ulong)seed);
                    long took = Stopwatch.GetTimestamp() - start;
                    lock (failures)
                    {
                        slowest = Math.Max(slowest, took);
                        if (problem is not null)
                            failures.Add(problem);
                        if (failures.Count >= 20)
                            return;
                    }
                }
            }
        );
        output.WriteLine(
            $"{each * CorruptionTarget.All.Count:N0} damaged bodies of {CorruptionTarget.All.Count} targets; the slowest took {Stopwatch.GetElapsedTime(0, slowest).TotalMilliseconds:0} ms"
        );
        Assert.True(failures.Count == 0, string.Join("\n\n", failures.Take(5)));
    }

    [Fact]
    public void Decode_CorpusBodies_YieldsEventsOrError()
    {
        string root = Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Corruption", "Corpus");
        var files = Directory.EnumerateFiles(root, "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        foreach (string file in files)
        {
            string target = Path.GetFileName(Path.GetDirectoryName(file))!;
            Assert.Null(CorruptionTarget.All.Single(known => known.Name == target).Problem(File.ReadAllBytes(file), 6));
        }
        output.WriteLine($"{files.Count} bodies");
        Assert.NotEmpty(files);
    }

    private static string? Run(CorruptionTarget target, ulong seed)
    {
        byte[] body = target.Make(seed);
        return target.Problem(body, seed) is { } problem
            ? $"RAWLLM_FUZZ_REPLAY={target.Name}:{seed}\n{problem}\nbytes: {Convert.ToHexString(body.AsSpan(0, Math.Min(body.Length, 4096)))}"
            : null;
    }
}
