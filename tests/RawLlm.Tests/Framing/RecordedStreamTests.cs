using System.Text.Json.Nodes;
using RawLlm.Framing;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Framing;

public sealed class RecordedStreamTests(ITestOutputHelper output)
{
    [Fact]
    public void TryRead_RecordedStreams_ReturnsSameFrameCountAsIndependentReader()
    {
        if (SharedVectors.Find(output, "streams") is not { } folder)
            return;
        var counts = new SortedDictionary<string, (int Files, int Frames)>(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string expectation = Path.Combine(folder, "..", "expected", Path.GetRelativePath(folder, file) + ".json");
            if (!File.Exists(expectation) || JsonNode.Parse(File.ReadAllText(expectation))!["n_events"] is not { } expected)
                continue;
            string kind = Path.GetExtension(file);
            byte[] wire = File.ReadAllBytes(file);

            var whole = FrameFeed.Run(Create(kind), wire);
            var random = new SplitMix64((ulong)wire.Length);
            var cut = FrameFeed.RunRandomly(Create(kind), wire, ref random);

            int frames = whole.Frames.Count(frame => kind != ".sse" || !frame.IsUnterminated);
            Assert.True((int)expected == frames, $"{file}: {expected} frames expected, {frames} read.");
            Assert.True(whole.Frames.SequenceEqual(cut.Frames), $"{file}: other frames when cut at random.");
            Assert.False(whole.Reader.IsCut, file);
            var count = counts.GetValueOrDefault(kind);
            counts[kind] = (count.Files + 1, count.Frames + frames);
        }
        foreach (var (kind, count) in counts)
            output.WriteLine($"{kind}: {count.Files} files, {count.Frames} frames");
        Assert.Equal([".eventstream", ".json", ".ndjson", ".sse"], counts.Keys);
    }

    private static FrameReader Create(string kind) =>
        kind switch
        {
            ".sse" => new SseReader(),
            ".ndjson" => new JsonLinesReader(),
            ".eventstream" => new AwsEventStreamReader(),
            _ => new JsonArrayReader(),
        };
}
