using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

public sealed class ArgumentBoundsTests
{
    private static readonly LlmLimits Narrow = new() { ToolArgumentBytes = 30, AllToolArgumentBytes = 50 };

    [Theory]
    [InlineData(false, 1, 28, null)]
    [InlineData(false, 1, 29, LlmLimit.ToolArgumentBytes)]
    [InlineData(false, 2, 23, null)]
    [InlineData(false, 2, 24, LlmLimit.AllToolArgumentBytes)]
    [InlineData(true, 1, 28, null)]
    [InlineData(true, 1, 29, LlmLimit.ToolArgumentBytes)]
    [InlineData(true, 2, 23, null)]
    [InlineData(true, 2, 24, LlmLimit.AllToolArgumentBytes)]
    public void ToolArguments_OverLimit_ThrowsErrorWithLimit(bool isAnthropic, int calls, int length, LlmLimit? limit)
    {
        // Arguments that are a JSON string have two bytes for the quotes: those of each call have length + 2 bytes.
        string text = "\\\"" + new string('x', length) + "\\\"";
        var wire = new StringBuilder();
        for (int i = 0; i < calls; i++)
        {
            wire.Append(
                isAnthropic
                    ? $$"""
                    event: content_block_start
                    data: {"type":"content_block_start","index":{{i}},"content_block":{"type":"tool_use","id":"c{{i}}","name":"f","input":{} } }

                    event: content_block_delta
                    data: {"type":"content_block_delta","index":{{i}},"delta":{"type":"input_json_delta","partial_json":"{{text}}"} }

                    event: content_block_stop
                    data: {"type":"content_block_stop","index":{{i}} }


                    """.ReplaceLineEndings("\n")
                    : $$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{i}},"id":"c{{i}}","type":"function","function":{"name":"f","arguments":"{{text}}"} }]} }]}"""
                        + "\n\n"
            );
        }
        string begin = isAnthropic
            ? """data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"m"} }"""
                + "\n\n"
            : "";

        AssertBound(limit, isAnthropic ? new AnthropicProtocol() : new ChatCompletionsProtocol(), begin + wire);
    }

    [Theory]
    [InlineData(1, 28, null)]
    [InlineData(1, 29, LlmLimit.ToolArgumentBytes)]
    [InlineData(2, 23, null)]
    [InlineData(2, 24, LlmLimit.AllToolArgumentBytes)]
    public void ToolArguments_BeforeCallAndOverLimit_ThrowsErrorWithLimit(int calls, int length, LlmLimit? limit)
    {
        string text = "\\\"" + new string('x', length - 3);
        var wire = new StringBuilder();
        for (int i = 0; i < calls; i++)
        {
            foreach (string piece in (string[])[text, "yyy\\\""])
            {
                wire.Append(
                        $$"""data: {"type":"response.function_call_arguments.delta","output_index":{{i}},"item_id":"f{{i}}","delta":"{{piece}}"}"""
                    )
                    .Append("\n\n");
            }
        }

        AssertBound(limit, new ResponsesProtocol(), wire.ToString());
    }

    private static void AssertBound(LlmLimit? limit, WireProtocol protocol, string wire)
    {
        using var decoder = protocol.CreateDecoder(new DecoderOptions { Limits = Narrow });
        byte[] bytes = Encoding.UTF8.GetBytes(wire);
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);

        var error =
            Record.Exception(() =>
            {
                while (decoder.TryRead()) { }
            }) as LlmException;

        Assert.Equal(limit, error?.Limit);
        if (limit is not null)
        {
            Assert.Equal(LlmErrorKind.LimitExceeded, error!.Kind);
            Assert.Contains($"LlmLimits.{limit} ", error.Message, StringComparison.Ordinal);
        }
    }
}
