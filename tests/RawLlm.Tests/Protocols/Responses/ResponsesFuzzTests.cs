using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Responses;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, and whatever they gave can be sent back.</summary>
public sealed class ResponsesFuzzTests
{
    private static readonly ResponsesProtocol Protocol = new();

    [Fact]
    public void Decode_DamagedCases_YieldsEventsOrLlmException() =>
        DamagedCases.Check(
            Protocol,
            "\"type\":\"error\",",
            "event: error\n",
            "output_text",
            "function_call",
            "reasoning",
            "\"output_index\":5,",
            "\"output_index\":null,",
            "\"item\":{},",
            "response.completed",
            "\"id\":\"fc_1\",",
            "_done",
            ".done"
        );

    [Fact]
    public void Items_MoreThanContentBlocksLimit_ThrowsLimitExceeded()
    {
        var stream = new StringBuilder();
        for (int i = 0; i < 100; i++)
        {
            stream.Append(
                $"data: {{\"type\":\"response.output_text.delta\",\"output_index\":{i * 40_000_000},\"content_index\":{i},\"delta\":\"x\"}}\n\n"
            );
        }

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
}
