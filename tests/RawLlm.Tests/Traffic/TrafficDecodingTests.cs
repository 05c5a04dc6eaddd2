using System.Text;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Tests.Traffic;

/// <summary>What the benchmarks measure gives the right answer: every shape, in every pattern of reads.</summary>
public sealed class TrafficDecodingTests
{
    public static TheoryData<string, string> Reads
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var shape in TrafficShapes.All)
            {
                foreach (var reads in ReadPattern.All)
                    data.Add(shape.Name, reads.Name);
            }
            return data;
        }
    }

    public static TheoryData<string> Names => TrafficShapeTests.Names;

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task ChatStream_ShapeInAnyReadPattern_ReturnsExpectedAnswer(string name, string pattern)
    {
        var shape = TrafficShapes.Get(name);
        var reads = ReadPattern.All.Single(reads => reads.Name == pattern);
        var decoder = new ChatCompletionsProtocol().CreateDecoder();
        var stream = new ChatStream(new TrafficStream(shape, reads), decoder);
        var answer = new Answer(shape);

        await foreach (var e in stream)
            answer.Add(e);

        answer.AssertWhole();
        Assert.Equal(shape.ChunkCount, decoder.FrameCount);
        Assert.Empty(decoder.Quirks);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void StreamDecoder_ShapeInOneWrite_ReturnsExpectedAnswer(string name)
    {
        var shape = TrafficShapes.Get(name);
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Strict = true });
        shape.Bytes.Span.CopyTo(decoder.GetSpan(shape.Bytes.Length));
        decoder.Advance(shape.Bytes.Length);
        var answer = new Answer(shape);

        while (decoder.TryRead())
            answer.Add(decoder.Current);

        Assert.True(decoder.IsEnded);
        answer.AssertWhole();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task TextAsync_Shape_YieldsFirstChoice(string name)
    {
        var shape = TrafficShapes.Get(name);
        await using var stream = new ChatStream(new TrafficStream(shape, shape.Reads), new ChatCompletionsProtocol().CreateDecoder());
        var text = new StringBuilder();
        int count = 0;

        await foreach (string piece in stream.TextAsync())
        {
            text.Append(piece);
            count++;
        }

        Assert.Equal(shape.Choices[0].Text, text.ToString());
        Assert.Equal(shape.Choices[0].TextCount, count);
    }

    private sealed class Answer(TrafficShape shape)
    {
        private readonly Tally[] _choices = [.. shape.Choices.Select(_ => new Tally())];
        private readonly List<StreamEventKind> _others = [];
        private int _contentCount;
        private long _contentBytes;

        public void Add(in StreamEvent e)
        {
            _contentCount += e.Utf8.IsEmpty ? 0 : 1;
            _contentBytes += e.Utf8.Length;
            switch (e.Kind)
            {
                case StreamEventKind.Text:
                    _choices[e.Choice].Text.Append(e.ToString());
                    _choices[e.Choice].TextCount++;
                    break;
                case StreamEventKind.Reasoning:
                    _choices[e.Choice].Reasoning.Append(e.ToString());
                    _choices[e.Choice].ReasoningCount++;
                    break;
                case StreamEventKind.ToolArguments:
                    _choices[e.Choice].Fragments.Append(e.ToString());
                    _choices[e.Choice].FragmentCount++;
                    break;
                case StreamEventKind.ToolCall:
                    Assert.Equal(_choices[e.Choice].Fragments.ToString(), e.ToString());
                    _choices[e.Choice].Calls.Add(new TrafficCall(e.Id!, e.Name!, e.ToString(), _choices[e.Choice].FragmentCount));
                    break;
                case StreamEventKind.Stop:
                    _choices[e.Choice].FinishReason = e.RawStopReason;
                    break;
                default:
                    _others.Add(e.Kind);
                    break;
            }
        }

        public void AssertWhole()
        {
            for (int i = 0; i < _choices.Length; i++)
            {
                var expected = shape.Choices[i];
                var actual = _choices[i];
                Assert.Equal(expected.Text, actual.Text.ToString());
                Assert.Equal(expected.TextCount, actual.TextCount);
                Assert.Equal(expected.Reasoning, actual.Reasoning.ToString());
                Assert.Equal(expected.ReasoningCount, actual.ReasoningCount);
                Assert.Equal(expected.Calls, actual.Calls);
                Assert.Equal(expected.FinishReason, actual.FinishReason);
            }
            Assert.Equal(shape.ContentCount, _contentCount);
            Assert.Equal(shape.ContentBytes, _contentBytes);
            StreamEventKind[] started = [.. shape.Choices.SelectMany(choice => choice.Calls).Select(_ => StreamEventKind.ToolCallStarted)];
            Assert.Equal([StreamEventKind.Connected, .. started, StreamEventKind.Usage, StreamEventKind.Done], _others);
        }

        private sealed class Tally
        {
            public StringBuilder Text { get; } = new();

            public int TextCount { get; set; }

            public StringBuilder Reasoning { get; } = new();

            public int ReasoningCount { get; set; }

            public StringBuilder Fragments { get; } = new();

            public int FragmentCount { get; set; }

            public List<TrafficCall> Calls { get; } = [];

            public string? FinishReason { get; set; }
        }
    }
}
