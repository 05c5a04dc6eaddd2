using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Responses;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, and whatever they gave can be sent back.</summary>
public sealed class ResponsesFuzzTests
{
    private const int Rounds = 60;

    private static readonly ResponsesProtocol Protocol = new();

    private static readonly string[] Pieces =
    [
        "\"", "\\", "\\ud83d", "{", "}", "[", "]", ",", ":", "null", "0", "-1", "1e999", "99999999999", "\"\\ud83d\":1,", "\"type\":\"error\",",
        "\n\n", "\n", "data: ", "event: error\n", "\u00ff", "output_text", "function_call", "reasoning", "\"output_index\":5,", "\"output_index\":null,",
        "\"item\":{},", "response.completed", "\"id\":\"fc_1\",", "_done", ".done",
    ];

    [Fact]
    public void Cases_Damaged_GiveEventsOrAnError()
    {
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.Protocol == "responses" && wireCase.ErrorStatus is null))
        {
            byte[] body = wireCase.ReadBody();
            for (int seed = 0; seed < Rounds; seed++)
            {
                byte[] damaged = Damage(body, new Random(seed));
                try
                {
                    var decoded = wireCase.IsStream ? Decoded.Stream(Protocol, damaged, pieces: 1 + (seed * 7)) : Decoded.Whole(Protocol, damaged);
                    Assert.True(decoded.Error is not null || decoded.Reply.IsComplete);
                    using var wire = new WireRequest { BaseUrl = new("https://llm.example.org/v1/") };
                    Protocol.WriteRequest(new ChatRequest { Messages = [decoded.Reply.Message] }, stream: false, wire);
                    JsonDocument.Parse(wire.Body, new() { MaxDepth = 256 }).Dispose();
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
            Assert.True(Decoded.Stream(Protocol, body).Error is not null, $"seed {seed}");
            Assert.True(Decoded.Whole(Protocol, body).Error is not null, $"seed {seed}");
        }
    }

    [Fact]
    public void Items_WithoutEnd_StopAtTheBound()
    {
        var stream = new StringBuilder();
        for (int i = 0; i < 100; i++)
            stream.Append($"data: {{\"type\":\"response.output_text.delta\",\"output_index\":{i * 40_000_000},\"content_index\":{i},\"delta\":\"x\"}}\n\n");
        using var decoder = Protocol.CreateDecoder(new DecoderOptions { Limits = new LlmLimits { ContentBlocks = 20 } });
        byte[] body = Encoding.UTF8.GetBytes(stream.ToString());
        body.CopyTo(decoder.GetSpan(body.Length));
        decoder.Advance(body.Length);
        int texts = 0;

        var error = Assert.Throws<LlmException>(() =>
        {
            while (decoder.TryRead())
                texts += decoder.Current.Kind == StreamEventKind.Text ? 1 : 0;
        });

        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ContentBlocks, 20), (error.Kind, error.Limit, texts));
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
