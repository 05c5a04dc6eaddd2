using System.Net.ServerSentEvents;
using BenchmarkDotNet.Attributes;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Benchmarks;

/// <summary>
/// The whole path over a stream in memory whose reads complete at once. The rival is hand-written code that uses the platform's parsers.
/// </summary>
[BenchmarkCategory("ChatStream")]
public class ChatStreamBenchmarks : ShapeBenchmarks
{
    private readonly ChatCompletionsProtocol _protocol = new();
    private TrafficStream _stream = null!;
    private TrafficStream _chunks = null!;

    /// <summary>The rival: strings, in the shape's own reads.</summary>
    [Benchmark(Baseline = true)]
    public async ValueTask<long> SseParserStrings()
    {
        _stream.Rewind();
        long count = 0;
        await foreach (
            var item in SseParser.Create(_stream, (_, data) => ContentReader.ReadString(data)).EnumerateAsync().ConfigureAwait(false)
        )
        {
            count += item.Data is { Length: > 0 } ? 1 : 0;
        }

        return count;
    }

    /// <summary>Lent events, in the shape's own reads: 4 KiB, or 7 bytes for drips.</summary>
    [Benchmark]
    public ValueTask<long> LentEvents() => Lend(_stream);

    /// <summary>Lent events, one chunk per read.</summary>
    [Benchmark]
    public ValueTask<long> LentEventsPerChunk() => Lend(_chunks);

    /// <summary>Strings, in the shape's own reads.</summary>
    [Benchmark]
    public async ValueTask<long> TextAsync()
    {
        _stream.Rewind();
        long count = 0;
        await foreach (string piece in new ChatStream(_stream, _protocol.CreateDecoder()).TextAsync().ConfigureAwait(false))
            count += piece.Length > 0 ? 1 : 0;
        return count;
    }

    private async ValueTask<long> Lend(TrafficStream body)
    {
        body.Rewind();
        long bytes = 0;
        await foreach (var e in new ChatStream(body, _protocol.CreateDecoder()))
            bytes += e.Utf8.Length;
        return bytes;
    }

    private protected override void Prepare()
    {
        _stream = new TrafficStream(Traffic, Traffic.Reads);
        _chunks = new TrafficStream(Traffic, ReadPattern.PerChunk);
    }

    private protected override void Check()
    {
        Expect(
            Documents.CountTexts(Traffic.Bytes, halves: false),
            () => SseParserStrings().GetAwaiter().GetResult(),
            nameof(SseParserStrings)
        );
        Expect(Traffic.ContentBytes, () => LentEvents().GetAwaiter().GetResult(), nameof(LentEvents));
        Expect(Traffic.ContentBytes, () => LentEventsPerChunk().GetAwaiter().GetResult(), nameof(LentEventsPerChunk));
        Expect(Traffic.Choices[0].TextCount, () => TextAsync().GetAwaiter().GetResult(), nameof(TextAsync));
    }
}
