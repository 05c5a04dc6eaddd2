using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, nothing else.</summary>
public sealed class AnthropicFuzzTests
{
    private const int Rounds = 60;

    private static readonly string[] Pieces =
    [
        "\"", "\\", "\\ud83d", "{", "}", "[", "]", ",", ":", "null", "0", "-1", "1e999", "99999999999", "\"\\ud83d\":1,", "\"type\":\"error\",",
        "\n\n", "\n", "data: ", "event: error\n", "\u00ff", "text_delta", "tool_use", "\"index\":5,", "\"index\":null,", "message_stop",
    ];

    [Fact]
    public void Cases_Damaged_GiveEventsOrAnError()
    {
        var protocol = new AnthropicProtocol();
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.Protocol == "anthropic"))
        {
            byte[] body = wireCase.ReadBody();
            for (int seed = 0; seed < Rounds; seed++)
            {
                byte[] damaged = Damage(body, new Random(seed));
                try
                {
                    var decoded = wireCase.IsStream ? Decoded.Stream(protocol, damaged, pieces: 1 + (seed * 7)) : Decoded.Whole(protocol, damaged);
                    Assert.True(decoded.Error is not null || decoded.Reply.IsComplete);
                    using var wire = new WireRequest { BaseUrl = new("https://api.anthropic.com/v1/") };
                    protocol.WriteRequest(new ChatRequest { Messages = [decoded.Reply.Message] }, stream: false, wire);
                    System.Text.Json.JsonDocument.Parse(wire.Body, new() { MaxDepth = 256 }).Dispose();
                }
                catch (Exception e)
                {
                    Assert.Fail($"{wireCase.Name}, seed {seed}: {e}\n{Encoding.UTF8.GetString(damaged)}");
                }
            }
        }
    }

    [Fact]
    public void Nonsense_GivesAnError()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            byte[] body = new byte[random.Next(200)];
            random.NextBytes(body);
            Assert.True(Decoded.Stream(new AnthropicProtocol(), body).Error is not null, $"seed {seed}");
            Assert.True(Decoded.Whole(new AnthropicProtocol(), body).Error is not null, $"seed {seed}");
        }
    }

    private static byte[] Damage(byte[] body, Random random)
    {
        var bytes = body.ToList();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(12), bytes.Count - at);
            if (random.Next(3) > 0)
                bytes.RemoveRange(at, length);
            if (random.Next(3) > 0)
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
            else if (length > 0 && at < bytes.Count)
                bytes[at] = (byte)random.Next(256);
        }
        return [.. bytes];
    }
}
