using System.Runtime.CompilerServices;

namespace RawLlm.Tests.Support;

/// <summary>
/// Runs every test without prediction if <c>RAWLLM_PREDICTION=off</c> is set; tests that compare both modes always run both.
/// </summary>
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
