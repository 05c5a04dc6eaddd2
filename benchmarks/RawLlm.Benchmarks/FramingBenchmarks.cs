using System.Net.ServerSentEvents;
using BenchmarkDotNet.Attributes;
using RawLlm.Framing;
using RawLlm.Traffic;

namespace RawLlm.Benchmarks;

/// <summary>From bytes to events, without decoding. The floor is a search for every line feed.</summary>
[BenchmarkCategory("Framing")]
public class FramingBenchmarks : ShapeBenchmarks
{
    private MemoryStream _stream = null!;

    /// <summary>The floor: every line feed.</summary>
    [Benchmark(Baseline = true)]
    public long IndexOfLineFeed()
    {
        var rest = Traffic.Bytes.Span;
        long count = 0;
        while (rest.IndexOf((byte)'\n') is >= 0 and int i)
        {
            count++;
            rest = rest[(i + 1)..];
        }
        return count;
    }

    /// <summary>The library's reader over the whole buffer.</summary>
    [Benchmark]
    public long SseReader() => Read(Traffic.Bytes.Length);

    /// <summary>The library's reader with seven more bytes each time.</summary>
    [Benchmark]
    public long SseReaderDrips() => Read(ReadPattern.Drips.Size);

    /// <summary>The platform's parser over a memory stream.</summary>
    [Benchmark]
    public long SseParser()
    {
        _stream.Position = 0;
        long count = 0;
        foreach (var item in System.Net.ServerSentEvents.SseParser.Create(_stream, (_, data) => data.Length).Enumerate())
            count += item.Data > 0 ? 1 : 0;
        return count;
    }

    private long Read(int step)
    {
        using var reader = new SseReader();
        var bytes = Traffic.Bytes.Span;
        long count = 0;
        int start = 0;
        for (int end = 0; end < bytes.Length; )
        {
            end = Math.Min(end + step, bytes.Length);
            bool isFound;
            do
            {
                isFound = reader.TryRead(bytes[start..end], end == bytes.Length, out var frame, out int consumed);
                start += consumed;
                count += frame.Data.IsEmpty ? 0 : 1;
            } while (isFound);
        }
        return count;
    }

    private protected override void Prepare() => _stream = new MemoryStream(Traffic.Bytes.ToArray());

    private protected override void Check()
    {
        Expect(Traffic.Bytes.Span.Count((byte)'\n'), IndexOfLineFeed, nameof(IndexOfLineFeed));
        Expect(Traffic.ChunkCount, SseReader, nameof(SseReader));
        Expect(Traffic.ChunkCount, SseReaderDrips, nameof(SseReaderDrips));
        Expect(Traffic.ChunkCount, SseParser, nameof(SseParser));
    }
}
