using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Ollama;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, nothing else.</summary>
public sealed class OllamaFuzzTests
{
    [Fact]
    public void Decode_DamagedCases_YieldsEventsOrLlmException() =>
        DamagedCases.Check(
            new OllamaProtocol(),
            "{\"error\":1}",
            "\"error\":\"x\",",
            "\"done\":true,",
            "\"message\":{},",
            "\"tool_calls\":[{}],",
            "\"function\":null,",
            "\"arguments\":[1],",
            "\"done_reason\":\"length\","
        );
}
