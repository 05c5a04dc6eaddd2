namespace RawLlm.Tests.Support;

/// <summary>Linked into every test project: checks that <c>RAWLLM_PREDICTION=off</c> takes effect in each.</summary>
public sealed class PredictionSwitchTests
{
    [Fact]
    public void PredictionSwitch_EnvironmentVariable_SetsSwitch()
    {
        bool isOff = AppContext.TryGetSwitch(PredictionSwitch.Name, out bool isOn) && !isOn;
        Assert.Equal(Environment.GetEnvironmentVariable("RAWLLM_PREDICTION") == "off", isOff);
    }
}
