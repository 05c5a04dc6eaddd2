using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, nothing else.</summary>
public sealed class AnthropicFuzzTests
{
    [Fact]
    public void Decoder_DamagedBodies_ReturnsEventsOrThrowsLlmException() =>
        DamagedCases.Check(
            new AnthropicProtocol(),
            "\"type\":\"error\",",
            "event: error\n",
            "text_delta",
            "tool_use",
            "\"index\":5,",
            "\"index\":null,",
            "message_stop"
        );
}
