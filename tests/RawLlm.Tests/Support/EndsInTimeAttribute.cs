using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;

[assembly: RawLlm.Tests.Support.EndsInTime]

namespace RawLlm.Tests.Support;

/// <summary>
/// Limits the time of every test: one that hangs ends the run and prints its name and the lines that replay the current cases. The limit is
/// far beyond what any test takes, so that a slow machine causes no failure.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsInTimeAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(LongRun.IsAsked ? 240 : 10);
    private static readonly ConcurrentDictionary<string, long> Running = [];
    private static readonly ConcurrentDictionary<string, long> Seeds = [];
    private static readonly Timer Clock = new(_ => Look(), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    /// <summary>Records which of its cases a long test is running, in the form that RAWLLM_FUZZ_REPLAY takes.</summary>
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
        {
            Environment.FailFast(
                $"Tests that do not end: {string.Join(", ", late)}. {string.Join(' ', Seeds.Select(seed => $"RAWLLM_FUZZ_REPLAY={seed.Key}:{seed.Value}"))}"
            );
        }
    }
}
