using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;

[assembly: RawLlm.Tests.Support.EndsInTime]

namespace RawLlm.Tests.Support;

/// <summary>
/// Bounds every test: one that hangs ends the run, with its name and what it said last of where it is. The bound is far beyond what any test
/// takes, so that a slow machine fails nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsInTimeAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(IsLong ? 240 : 10);
    private static readonly ConcurrentDictionary<string, long> Running = [];
    private static readonly ConcurrentDictionary<string, string> Places = [];
    private static readonly Timer Clock = new(_ => Look(), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    // What RAWLLM_… asks for may take hours.
    private static bool IsLong => Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("RAWLLM_", StringComparison.Ordinal));

    /// <summary>Says where a long test is, such as by the line that replays its present case.</summary>
    public static void Say(string test, string place) => Places[test] = place;

    public override void Before(MethodInfo methodUnderTest)
    {
        Running[Name(methodUnderTest)] = Stopwatch.GetTimestamp();
        GC.KeepAlive(Clock);
    }

    public override void After(MethodInfo methodUnderTest)
    {
        Running.TryRemove(Name(methodUnderTest), out _);
        Places.TryRemove(methodUnderTest.Name, out _);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static void Look()
    {
        var late = Running.Where(test => Stopwatch.GetElapsedTime(test.Value) > Longest).Select(test => test.Key).ToList();
        if (late.Count > 0)
            Environment.FailFast($"Tests that do not end: {string.Join(", ", late)}. {string.Join(' ', Places.Select(place => $"{place.Key}: {place.Value}"))}");
    }
}
