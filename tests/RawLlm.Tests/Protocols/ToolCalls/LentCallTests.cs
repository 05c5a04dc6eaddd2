using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

/// <summary>
/// The arguments of a whole call are lent from the decoder that holds them; if it ends before its events are read, they are copied.
/// </summary>
public sealed class LentCallTests
{
    [Fact]
    public void CompleteCall_InnerDecoderDisposed_KeepsArguments()
    {
        string arguments = $$"""{"content":"{{new string('a', 3000)}}"}""";
        byte[] body = Encoding.UTF8.GetBytes(
            $$$"""{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c","name":"write","args":{{{arguments}}}}}]},"finishReason":"STOP"}]}"""
        );
        using var decoder = new StreamDecoder(new WholeBodyReader(), new AskingDecoder());
        body.CopyTo(decoder.GetSpan(body.Length));
        decoder.Advance(body.Length);
        decoder.Complete();

        string? found = null;
        while (decoder.TryRead())
        {
            if (decoder.Current.Kind != StreamEventKind.ToolCall)
                continue;
            OverwritePool();
            found = Encoding.UTF8.GetString(decoder.Current.Utf8);
        }

        Assert.Equal(arguments, found);
    }

    // Overwrites the arrays that were returned to the pool, as their next user would.
    private static void OverwritePool()
    {
        var arrays = Enumerable.Range(9, 8).SelectMany(power => Enumerable.Range(0, 4).Select(_ => ByteArrays.Rent(1 << power))).ToList();
        foreach (byte[] array in arrays)
            array.AsSpan().Fill((byte)'!');
        foreach (byte[] array in arrays)
            ByteArrays.Return(array);
    }

    private sealed class AskingDecoder : EventDecoder
    {
        public override bool Decode(in Frame frame, EventBuffer events)
        {
            new GeminiProtocol().ReadReply(frame.Data, events);
            return false;
        }

        public override void Complete(bool isCut, EventBuffer events) => throw new InvalidOperationException("The frame ends the answer.");
    }
}
