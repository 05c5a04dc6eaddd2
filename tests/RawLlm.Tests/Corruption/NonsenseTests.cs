using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Corruption;

/// <summary>Bytes that no service sends are an error on every wire, streamed or whole.</summary>
public sealed class NonsenseTests
{
    [Theory]
    [InlineData("anthropic")]
    [InlineData("converse")]
    [InlineData("bedrock-invoke")]
    [InlineData("chat-completions")]
    [InlineData("responses")]
    [InlineData("gemini")]
    [InlineData("ollama")]
    public void Decode_RandomBytes_ReturnsError(string name)
    {
        var protocol = WireProtocols.Get(name);
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            byte[] body = new byte[random.Next(200)];
            random.NextBytes(body);
            Assert.True(Decoded.Stream(protocol, body).Error is not null, $"seed {seed}");
            Assert.True(Decoded.Whole(protocol, body).Error is not null, $"seed {seed}");
        }
    }
}
