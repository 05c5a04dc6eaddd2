using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Converse;

/// <summary>
/// Damaged payloads inside intact frames give events or an <see cref="LlmException"/>, nothing else; what they gave can be sent back.
/// </summary>
public sealed class ConverseFuzzTests
{
    private const int Rounds = 40;

    private static readonly string[] Pieces =
    [
        "\"",
        "\\",
        "\\ud83d",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "0",
        "-1",
        "1e999",
        "99999999999",
        "\"\\ud83d\":1,",
        "\"text\":\"x\",",
        "\u00ff",
        "\"toolUse\":{},",
        "\"contentBlockIndex\":5,",
        "\"contentBlockIndex\":null,",
        "\"start\":{\"toolUse\":{\"name\":\"n\"}},",
        "\"delta\":{\"foo\":[1]},",
        "\"type\":\"x\",",
        "redactedContent",
        "citation",
    ];

    [Theory]
    [InlineData("converse")]
    [InlineData("bedrock-invoke")]
    public void Decode_DamagedCases_YieldsEventsOrLlmException(string name)
    {
        var protocol = WireProtocols.Get(name);
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.Protocol == name && wireCase.ErrorStatus is null))
        {
            string text = File.ReadAllText(wireCase.BodyFile);
            for (int seed = 0; seed < Rounds; seed++)
            {
                var random = new Random(seed);
                string damaged = string.Join(
                    '\n',
                    text.Split('\n').Select(line => line is ['{' or '[', ..] && random.Next(3) == 0 ? Damage(line, random) : line)
                );
                try
                {
                    var decoded = wireCase.IsStream
                        ? Decoded.Stream(protocol, FramesText.Encode(damaged), pieces: 1 + (seed * 7))
                        : Decoded.Whole(protocol, Encoding.UTF8.GetBytes(damaged));
                    Assert.True(decoded.Error is not null || decoded.Reply.IsComplete);
                    using var wire = new WireRequest { BaseUrl = new("https://bedrock-runtime.eu-central-1.amazonaws.com/") };
                    protocol.WriteRequest(new ChatRequest { Model = "m", Messages = [decoded.Reply.Message] }, stream: false, wire);
                    System.Text.Json.JsonDocument.Parse(wire.Body, new() { MaxDepth = 256 }).Dispose();
                }
                catch (Exception e)
                {
                    Assert.Fail($"{wireCase.Name}, seed {seed}: {e}\n{damaged}");
                }
            }
        }
    }

    // The line remains a payload: marks and headers of the text form are never damaged.
    private static string Damage(string line, Random random)
    {
        var text = new StringBuilder(line);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(text.Length + 1);
            if (random.Next(3) > 0)
                text.Remove(at, Math.Min(random.Next(12), text.Length - at));
            if (random.Next(3) > 0)
                text.Insert(at, Pieces[random.Next(Pieces.Length)]);
        }
        return text.Length == 0 || text[0] is ':' or '!' or '#' ? $" {text}" : text.ToString();
    }
}
