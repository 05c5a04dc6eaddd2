using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;
using Xunit.Abstractions;

namespace RawLlm.Tests.Support;

/// <summary>How many cases a property is tried on, and which: the same each time, so that no change is refused for what was there before it.</summary>
internal static class PropertyRun
{
    /// <summary>So many cases from a seed, which is printed; RAWLLM_PROPERTY_SEED asks for others.</summary>
    public static Config Of(int cases, ITestOutputHelper output, ulong seed = 20261123)
    {
        if (Environment.GetEnvironmentVariable("RAWLLM_PROPERTY_SEED") is { Length: > 0 } asked)
            seed = ulong.Parse(asked, CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}, {cases} cases");
        return Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None)));
    }
}
