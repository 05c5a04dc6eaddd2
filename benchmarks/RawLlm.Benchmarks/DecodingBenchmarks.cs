using System.Net.ServerSentEvents;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using RawLlm.Protocols;

namespace RawLlm.Benchmarks;

/// <summary>
/// From bytes to lent UTF-8, without a stream or task. The floor is the platform's JSON reader advancing over every token without examining
/// it.
/// </summary>
[BenchmarkCategory("Decoding")]
public class DecodingBenchmarks : ShapeBenchmarks
{
    private readonly ChatCompletionsProtocol _protocol = new();
    private Range[] _documents = [];
    private MemoryStream _stream = null!;

    /// <summary>The floor: every token of every document; the documents are located in advance.</summary>
    [Benchmark(Baseline = true)]
    public long Utf8JsonReaderAdvance()
    {
        var bytes = Traffic.Bytes.Span;
        long count = 0;
        foreach (var document in _documents)
        {
            var reader = new Utf8JsonReader(bytes[document]);
            while (reader.Read())
                count += reader.CurrentDepth == 0 ? 1 : 0;
        }
        return count;
    }

    /// <summary>The library: framing, decoding and lending, in steps of 4 KiB.</summary>
    [Benchmark]
    public long StreamDecoder()
    {
        using var decoder = _protocol.CreateDecoder();
        var rest = Traffic.Bytes.Span;
        long bytes = 0;
        while (true)
        {
            while (decoder.TryRead())
                bytes += decoder.Current.Utf8.Length;
            if (decoder.IsEnded)
                return bytes;
            int size = Math.Min(4096, rest.Length);
            rest[..size].CopyTo(decoder.GetSpan(size));
            decoder.Advance(size);
            rest = rest[size..];
        }
    }

    /// <summary>
    /// Hand-written code with the platform's parser and JSON reader: only the text, still escaped, without the rest of the chunk.
    /// </summary>
    [Benchmark]
    public long SseParserTextOnly()
    {
        _stream.Position = 0;
        long count = 0;
        foreach (var item in SseParser.Create(_stream, (_, data) => ContentReader.Read(data).Length).Enumerate())
            count += item.Data > 0 ? 1 : 0;
        return count;
    }

    private protected override void Prepare()
    {
        _stream = new MemoryStream(Traffic.Bytes.ToArray());
        _documents = [.. Documents.Find(Traffic.Bytes.Span)];
    }

    private protected override void Check()
    {
        // An object begins and ends at depth 0.
        Expect(2 * (Traffic.ChunkCount - 1), Utf8JsonReaderAdvance, nameof(Utf8JsonReaderAdvance));
        Expect(Traffic.ContentBytes, StreamDecoder, nameof(StreamDecoder));
        Expect(Documents.CountTexts(Traffic.Bytes, halves: true), SseParserTextOnly, nameof(SseParserTextOnly));
    }
}
