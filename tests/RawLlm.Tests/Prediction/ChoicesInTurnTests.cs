using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Prediction;

public sealed class ChoicesInTurnTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(4096)]
    [InlineData(700)]
    [InlineData(1)]
    public void Choices_InAnyOrder_ArePredictedAndSeparated(int read)
    {
        const int Chunks = 600;
        var random = new SplitMix64(20261122);
        var expected = new StringBuilder[3];
        for (int i = 0; i < expected.Length; i++)
            expected[i] = new StringBuilder();
        var order = new List<int>();
        var body = new StringBuilder();
        for (int i = 0; i < Chunks; i++)
        {
            // The choices alternate, but one in eight is random, as if one choice had more to say than the others.
            int choice = random.Below(8) == 0 ? random.Below(3) : i % 3;
            string piece = random.Below(6) == 0 ? $"\\n\\\"{i}\\\"" : $" word{i}é";
            order.Add(choice);
            expected[choice].Append(piece.Replace("\\n", "\n").Replace("\\\"", "\""));
            body.Append($$"""data: {"id":"c","choices":[{"index":{{choice}},"delta":{"content":"{{piece}}"},"finish_reason":null}]}""")
                .Append("\n\n");
        }
        var bytes = Encoding.UTF8.GetBytes(body.ToString());
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        var texts = expected.Select(_ => new StringBuilder()).ToArray();
        var seen = new List<int>();

        for (int at = 0; at < bytes.Length; at += Math.Min(read, bytes.Length - at))
        {
            decoder.Append(bytes.AsMemory(at, Math.Min(read, bytes.Length - at)));
            while (decoder.TryRead())
            {
                if (decoder.Current.Kind != StreamEventKind.Text)
                    continue;
                seen.Add(decoder.Current.Choice);
                texts[decoder.Current.Choice].Append(Encoding.UTF8.GetString(decoder.Current.Utf8));
                Assert.Contains($"\"index\":{decoder.Current.Choice},", Encoding.UTF8.GetString(decoder.Current.Frame));
            }
        }

        Assert.Equal(order, seen);
        Assert.Equal(expected.Select(text => text.ToString()), texts.Select(text => text.ToString()));
        Assert.InRange(decoder.PredictedCount, Chunks - 10, Chunks);
    }

    [Fact]
    public void Dispose_PredictedFramesPending_DoesNotAffectNextStream()
    {
        static string Line(int choice, string piece) =>
            $$$"""data: {"id":"c","choices":[{"index":{{{choice}}},"delta":{"content":"{{{piece}}}"}}]}""" + "\n\n";
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(i => Line(i & 1, $"w{i}"))));
        for (int taken = 0; taken < 40; taken++)
        {
            using (var left = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true }))
            {
                left.Append(body);
                for (int i = 0; i <= taken; i++)
                    Assert.True(left.TryRead());
            }
            using var next = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
            next.Append(body);
            int count = 0;
            while (next.TryRead())
            {
                if (next.Current.Kind != StreamEventKind.Text)
                    continue;
                Assert.Equal((count & 1, $"w{count}"), (next.Current.Choice, Encoding.UTF8.GetString(next.Current.Utf8)));
                count++;
            }
            Assert.Equal(40, count);
        }
    }
}
