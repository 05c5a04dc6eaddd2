using System.Text;

namespace RawLlm.Traffic;

/// <summary>A stream of one shape: its bytes, where the server's writes end, and what a decoder must make of it.</summary>
public sealed record TrafficShape
{
    /// <summary>A short name, as in <c>tokens</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The whole body.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The offset behind each write of the server.</summary>
    public required IReadOnlyList<int> WriteEnds { get; init; }

    /// <summary>How many server-sent events there are, the end mark included: the chunks that figures are divided by.</summary>
    public required int ChunkCount { get; init; }

    /// <summary>How many comments there are.</summary>
    public required int CommentCount { get; init; }

    /// <summary>What each choice holds.</summary>
    public required IReadOnlyList<TrafficChoice> Choices { get; init; }

    /// <summary>How such traffic usually arrives.</summary>
    public ReadPattern Reads { get; init; } = ReadPattern.FourKibibytes;

    /// <summary>How many events with bytes a decoder gives: text, reasoning, fragments of arguments, whole arguments.</summary>
    public int ContentCount => Choices.Sum(choice => choice.TextCount + choice.ReasoningCount + choice.Calls.Sum(call => call.FragmentCount + 1));

    /// <summary>How many bytes those events hold together.</summary>
    public long ContentBytes => Choices.Sum(choice => (long)Encoding.UTF8.GetByteCount(choice.Text) + Encoding.UTF8.GetByteCount(choice.Reasoning)
        + choice.Calls.Sum(call => 2L * Encoding.UTF8.GetByteCount(call.Arguments)));

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
