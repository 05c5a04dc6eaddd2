using System.Text;
using System.Text.Json;
using RawLlm.Framing;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Protocols;

/// <summary>Deferred counts that turn out to be unreadable when the caller asks for them.</summary>
public sealed class StreamDecoderUsageTests
{
    private const string Counted =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"""
        + "\n\n";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Usage_UnreadableCounts_ThrowsOnlyOnNextRead(bool isStrict)
    {
        using var decoder = Predicting(isStrict);
        Assert.Equal(3, decoder.Usage?.InputTokens);
        var error = Assert.Throws<LlmException>(() => Read(decoder, Answers.Stop));
        Assert.Equal(LlmErrorKind.MalformedResponse, error.Kind);
        Assert.Equal(3, decoder.Usage?.InputTokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_UnreadableUsageCounts_ReturnsBuffers(bool isStrict)
    {
        var decoder = Predicting(isStrict);
        decoder.Dispose();
        Assert.Equal(StreamEventKind.None, decoder.Current.Kind);
        Assert.True(decoder.IsIdle);
    }

    // The counts of the first frame are read with it, those of the others on demand.
    private static StreamDecoder Predicting(bool isStrict)
    {
        var decoder = new StreamDecoder(
            new SseReader { ReadsDocuments = true },
            new Unreadable(new ChatCompletionsDecoder()),
            new DecoderOptions { Strict = isStrict, Prediction = true }
        );
        for (int i = 0; i < 8; i++)
            Read(decoder, Counted);
        return decoder;
    }

    private static void Read(StreamDecoder decoder, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        while (decoder.TryRead()) { }
    }

    private sealed class Unreadable(EventDecoder inner) : EventDecoder
    {
        public override Usage? Usage => inner.Usage;

        public override bool Decode(in Frame frame, EventBuffer events) => inner.Decode(frame, events);

        public override void Complete(bool isCut, EventBuffer events) => inner.Complete(isCut, events);

        public override void Dispose() => inner.Dispose();

        internal override void ReadDeferred(ReadOnlySpan<byte> json, EventBuffer events)
        {
            events.Note(QuirkKind.UsageNumberInvalid, "usage");
            throw new JsonException("not what it was");
        }
    }
}
