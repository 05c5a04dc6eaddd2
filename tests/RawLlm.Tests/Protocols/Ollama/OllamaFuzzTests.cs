using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Ollama;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, nothing else.</summary>
public sealed class OllamaFuzzTests
{
    [Fact]
    public void Cases_Damaged_GiveEventsOrAnError() => DamagedCases.Check(
        new OllamaProtocol(),
        "{\"error\":1}", "\"error\":\"x\",", "\"done\":true,", "\"message\":{},", "\"tool_calls\":[{}],", "\"function\":null,", "\"arguments\":[1],", "\"done_reason\":\"length\",");

    [Fact]
    public void Nonsense_GivesAnError()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            byte[] body = new byte[random.Next(200)];
            random.NextBytes(body);
            Assert.True(Decoded.Stream(new OllamaProtocol(), body).Error is not null, $"seed {seed}");
            Assert.True(Decoded.Whole(new OllamaProtocol(), body).Error is not null, $"seed {seed}");
        }
    }
}
