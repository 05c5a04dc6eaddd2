using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Compares recorded bodies of real services with an independent decoder's results; each wire has a derived class.</summary>
public abstract class RecordedTests(ITestOutputHelper output)
{
    /// <summary>The wire's name in the manifest of the recordings.</summary>
    private protected abstract string Wire { get; }

    private protected abstract WireProtocol Protocol { get; }

    /// <summary>
    /// Files with known disagreements and their reasons: the expected file or the fixture is wrong. Shown in the test's output.
    /// </summary>
    private protected virtual IReadOnlyDictionary<string, string> Disagreements => new Dictionary<string, string>();

    /// <summary>Whether a recording belongs to the wire; all with its name do unless a wire overrides this.</summary>
    private protected virtual bool Belongs(Recording recording) => true;

    /// <summary>Whether the kept bytes of a cut stream contain the end of the answer.</summary>
    private protected abstract bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded);

    /// <summary>The number of frames of a recording that are read: all, unless the wire's end comes earlier.</summary>
    private protected virtual long Frames(JsonElement expected) => expected.GetProperty("n_events").GetInt64();

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    [InlineData(7)]
    public void RecordedStreams_SplitIntoPieces_DecodeAsExpected(int pieces) =>
        Compare(All("stream"), body => Decoded.Stream(Protocol, body, pieces));

    [Fact]
    public void RecordedAnswers_NonStreaming_DecodeAsExpected() => Compare(All("unary"), body => Decoded.Whole(Protocol, body));

    [Fact]
    public void RecordedStreams_Truncated_AreNeverReportedAsComplete()
    {
        var recordings = All("stream");
        int cuts = Truncation.Check(
            recordings.Select(recording => (recording.File, recording.Read())),
            Protocol,
            HoldsEnd,
            out var failures
        );
        output.WriteLine($"{recordings.Count} streams, {cuts} cuts, {failures.Count} false successes");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(20)));
    }

    [Fact]
    public void RecordedStreams_Decoded_HaveExpectedFrameCount()
    {
        var failures = new List<string>();
        foreach (var recording in All("stream").Where(recording => recording.Authenticity != "C"))
        {
            var expected = recording.ReadExpected();
            var decoded = Decoded.Stream(Protocol, recording.Read());
            if (decoded.Error is null && expected.TryGetProperty("n_events", out _) && Frames(expected) != decoded.Frames)
                failures.Add($"{recording.File}: {decoded.Frames} expected {Frames(expected)}");
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private List<Recording> All(string kind) => [.. Recording.All(Wire, kind).Where(Belongs)];

    private void Compare(List<Recording> recordings, Func<byte[], Decoded> decode)
    {
        var failures = new List<string>();
        int agreed = 0;
        foreach (var recording in recordings)
        {
            var differences = Comparison.Differences(recording.ReadExpected(), decode(recording.Read())).ToList();
            if (differences.Count == 0)
                agreed++;
            else if (Disagreements.TryGetValue(recording.File, out string? reason))
                output.WriteLine($"[{recording.Authenticity}] {recording.File}: {reason}");
            else
                failures.AddRange(differences.Select(difference => $"[{recording.Authenticity}] {recording.File}: {difference}"));
        }
        output.WriteLine(
            recordings.Count == 0 ? "The recordings are not present: not applicable." : $"{agreed} of {recordings.Count} bodies agree"
        );
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(40)));
    }
}
