using System.Text;
using RawLlm.Framing;

namespace RawLlm.Tests.Framing;

/// <summary>Everything observable about one reading of an event stream.</summary>
internal sealed record SseOutcome(IReadOnlyList<RecordedFrame> Frames, bool IsCut, int LongestFrame, long? Retry)
{
    public IEnumerable<RecordedFrame> Dispatched => Frames.Where(frame => !frame.IsUnterminated);

    /// <summary>Reads a stream whole, and asserts that it gives the same however it is cut.</summary>
    public static SseOutcome OfEverySplit(byte[] wire)
    {
        var whole = Of(wire);
        whole.AssertSame(From(FrameFeed.RunByteByByte(new SseReader(), wire)), "byte by byte");
        for (int i = 0; i <= wire.Length; i++)
        {
            whole.AssertSame(Of(wire, i), $"cut at {i}");
            for (int j = i; wire.Length <= 128 && j <= wire.Length; j++)
                whole.AssertSame(Of(wire, i, j), $"cut at {i} and {j}");
        }
        return whole;
    }

    public static SseOutcome Of(byte[] wire, params ReadOnlySpan<int> cuts) => From(FrameFeed.Run(new SseReader(), wire, cuts));

    public static SseOutcome From(FrameFeed feed) =>
        new(feed.Frames, feed.Reader.IsCut, feed.Reader.LongestFrame, ((SseReader)feed.Reader).Retry);

    /// <summary>Asserts that each event is given as soon as the first byte of its blank line's end has arrived.</summary>
    public static void AssertPrompt(byte[] wire)
    {
        var feed = new FrameFeed(new SseReader());
        for (int i = 0; i < wire.Length; i++)
        {
            feed.Push(wire.AsSpan(i, 1));
            int expected = WhatwgReference.Read(Encoding.UTF8.GetString(wire.AsSpan(0, i + 1)), out _).Count;
            Assert.True(expected == feed.Frames.Count, $"After {i + 1} bytes {expected} events are due, {feed.Frames.Count} were given.");
        }
    }

    public void AssertSame(SseOutcome other, string how) => Assert.True(Equals(other), $"Different when {how}:\n{this}\n{other}");

    public bool Equals(SseOutcome? other) =>
        other is not null
        && Frames.SequenceEqual(other.Frames)
        && IsCut == other.IsCut
        && LongestFrame == other.LongestFrame
        && Retry == other.Retry;

    public override int GetHashCode() => HashCode.Combine(Frames.Count, IsCut, LongestFrame, Retry);

    public override string ToString() => $"cut {IsCut}, longest {LongestFrame}, retry {Retry}\n" + string.Join('\n', Frames);
}
