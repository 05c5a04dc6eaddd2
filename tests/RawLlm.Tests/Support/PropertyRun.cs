using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;
using Xunit.Abstractions;

namespace RawLlm.Tests.Support;

/// <summary>
/// How many cases a property is checked with, and which: the same in every run, so that a change does not fail because of an older defect.
/// </summary>
internal static class PropertyRun
{
    /// <summary>The given number of cases from a seed, which is printed; RAWLLM_PROPERTY_SEED selects others.</summary>
    public static Config Of(int cases, ITestOutputHelper output, ulong seed = 20261123)
    {
        if (Environment.GetEnvironmentVariable("RAWLLM_PROPERTY_SEED") is { Length: > 0 } asked)
            seed = ulong.Parse(asked, CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}, {cases} cases");
        return Config
            .QuickThrowOnFailure.WithMaxTest(cases)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None)));
    }
}
