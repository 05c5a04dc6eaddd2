namespace RawLlm.Tests.Wire;

/// <summary>
/// Writes the events of cases that have none yet, to be reviewed by hand: <c>RAWLLM_WRITE_CASES=1 dotnet test --filter WireCaseWriter</c>.
/// </summary>
public sealed class WireCaseWriter
{
    [Fact]
    public void WireCases_WithoutEventsAndVariableSet_AreWritten()
    {
        if (Environment.GetEnvironmentVariable("RAWLLM_WRITE_CASES") != "1")
            return;
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.ReadEvents().Length == 0))
            File.WriteAllText(Path.Combine(wireCase.Folder, "events.txt"), wireCase.Decode(WireProtocols.Get(wireCase.Protocol)) + "\n");
    }
}
