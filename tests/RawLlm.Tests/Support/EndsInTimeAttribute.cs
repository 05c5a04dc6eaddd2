using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;

[assembly: RawLlm.Tests.Support.EndsInTime]

namespace RawLlm.Tests.Support;

/// <summary>
/// Bounds every test: one that hangs ends the run, with its name and the lines that replay what was under way. The bound is far beyond what any test
/// takes, so that a slow machine fails nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsInTimeAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(LongRun.IsAsked ? 240 : 10);
    private static readonly ConcurrentDictionary<string, long> Running = [];
    private static readonly ConcurrentDictionary<string, long> Seeds = [];
    private static readonly Timer Clock = new(_ => Look(), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    /// <summary>Says which of its cases a long test is at, as RAWLLM_FUZZ_REPLAY takes it.</summary>
    public static void Say(string target, long seed) => Seeds[target] = seed;

    public override void Before(MethodInfo methodUnderTest)
    {
        Running[Name(methodUnderTest)] = Stopwatch.GetTimestamp();
        GC.KeepAlive(Clock);
    }

    public override void After(MethodInfo methodUnderTest)
    {
        Running.TryRemove(Name(methodUnderTest), out _);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static void Look()
    {
        var late = Running.Where(test => Stopwatch.GetElapsedTime(test.Value) > Longest).Select(test => test.Key).ToList();
        if (late.Count > 0)
            Environment.FailFast($"Tests that do not end: {string.Join(", ", late)}. {string.Join(' ', Seeds.Select(seed => $"RAWLLM_FUZZ_REPLAY={seed.Key}:{seed.Value}"))}");
    }
}
