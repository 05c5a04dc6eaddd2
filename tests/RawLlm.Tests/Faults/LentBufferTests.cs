using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Faults;

/// <summary>Who holds an array, and until when: the caller's own, a request's and a stream's.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class LentBufferTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_FromOneArrayAgainAndAgain_ReadsWhatStoodInItEachTime(bool isPredicted)
    {
        byte[] body = Encoding.UTF8.GetBytes(Answers.Role + string.Concat(Enumerable.Repeat(Answers.Hi + Answers.You, 50)) + Answers.Stop + Answers.End);
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = isPredicted });
        var text = new StringBuilder();
        byte[] buffer = new byte[100];
        for (int at = 0; at < body.Length; at += buffer.Length)
        {
            int length = Math.Min(buffer.Length, body.Length - at);
            body.AsSpan(at, length).CopyTo(buffer);
            decoder.Append(buffer.AsMemory(0, length));
            while (decoder.TryRead())
            {
                if (decoder.Current.Kind == StreamEventKind.Text)
                    text.Append(decoder.Current.ToString());
            }
            buffer.AsSpan().Fill((byte)'x');
        }
        Assert.True(decoder.IsEnded);
        Assert.Equal(string.Concat(Enumerable.Repeat("Hi you", 50)), text.ToString());
    }
}
