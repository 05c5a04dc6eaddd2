using System.Runtime.CompilerServices;

namespace RawLlm.Tests.Support;

/// <summary>Runs every test without prediction when <c>RAWLLM_PREDICTION=off</c> is set; the tests that compare both run both either way.</summary>
internal static class PredictionSwitch
{
    public const string Name = "RawLlm.Prediction";

    [ModuleInitializer]
    internal static void Set()
    {
        if (Environment.GetEnvironmentVariable("RAWLLM_PREDICTION") == "off")
            AppContext.SetSwitch(Name, false);
    }
}
