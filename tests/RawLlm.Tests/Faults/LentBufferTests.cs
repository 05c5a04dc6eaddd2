using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm.Tests.Faults;

/// <summary>Who holds an array, and until when: the caller's own array, a request's and a stream's.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class LentBufferTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_ReusedArray_ReadsContentOfEachAppend(bool isPredicted)
    {
        byte[] body = Encoding.UTF8.GetBytes(
            Answers.Role + string.Concat(Enumerable.Repeat(Answers.Hi + Answers.You, 50)) + Answers.Stop + Answers.End
        );
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

    [Fact]
    public async Task Dispose_WhileFragmentIsAppended_ReturnsEachArrayOnce()
    {
        string body =
            Answers.Role
            + Fragment("""{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{"}}""")
            + string.Concat(
                Enumerable.Range(0, 400).Select(i => Fragment($$$"""{"index":0,"function":{"arguments":"\"a{{{i}}}\":{{{i}}},"}}"""))
            );
        var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        var stream = new ChatStream(new MemoryStream(Encoding.UTF8.GetBytes(body)), decoder);
        var lent = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        var known = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        int twice = 0;
        bool isArmed = false;
        bool isLikely = false;
        ValueTask disposal = default;
        ByteArrays.Ledger = (array, isRented) =>
        {
            // Work left over from an earlier test may return its own arrays.
            lock (known)
            {
                if (isRented)
                    lent.Add(array);
                else if (!lent.Remove(array) && known.Contains(array))
                    twice++;
                known.Add(array);
            }
            // When a fragment outgrows its buffer, as another thread could do at any moment.
            if (!isArmed || isRented)
                return;
            isArmed = false;
            isLikely = !Environment.StackTrace.Contains("ReadNextAsync", StringComparison.Ordinal);
            disposal = stream.DisposeAsync();
        };
        try
        {
            // In one read, so that everything is buffered.
            decoder.GetSpan(1 << 16);
            await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
            {
                while (await stream.ReadAsync())
                    isArmed |= decoder.PredictedCount == 5;
            });
            await disposal;
        }
        finally
        {
            ByteArrays.Ledger = null;
        }
        Assert.True(isLikely);
        Assert.Equal((0, 0), (twice, lent.Count));

        static string Fragment(string call) =>
            """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[""" + call + "]}}]}\n\n";
    }
}
