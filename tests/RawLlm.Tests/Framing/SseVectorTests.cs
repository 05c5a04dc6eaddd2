using System.Text;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace RawLlm.Tests.Framing;

public sealed class SseVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void TryRead_PublicVectorsAtEverySplit_ReturnsExpectedEvents()
    {
        if (SharedVectors.Find(output, "conformance", "sse") is not { } folder)
            return;
        string[] files = Directory.GetFiles(folder, "*.sse");
        foreach (string file in files)
        {
            byte[] wire = File.ReadAllBytes(file);
            var expected = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(file, ".json")))!["events"]!
                .AsArray()
                .Select(e => new SseEvent((string)e!["event"]!, (string)e["data"]!, (string)e["lastEventId"]!));

            var events = SseOutcome.OfEverySplit(wire).Dispatched.Select(SseEvent.From);

            Assert.True(expected.SequenceEqual(events), $"{Path.GetFileName(file)}: {string.Join(' ', events)}");
            Assert.Equal(expected, WhatwgReference.Read(Encoding.UTF8.GetString(wire), out _));
            SseOutcome.AssertPrompt(wire);
        }
        output.WriteLine($"{files.Length} vectors");
        Assert.Equal(28, files.Length);
    }
}
