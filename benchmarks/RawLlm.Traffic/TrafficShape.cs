using System.Text;

namespace RawLlm.Traffic;

/// <summary>A stream of one shape: its bytes, where the server's writes end, and what a decoder must read from it.</summary>
public sealed record TrafficShape
{
    /// <summary>A short name, such as <c>tokens</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The whole body.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The offset after each write of the server.</summary>
    public required IReadOnlyList<int> WriteEnds { get; init; }

    /// <summary>The number of server-sent events, including the end mark; figures are divided by it.</summary>
    public required int ChunkCount { get; init; }

    /// <summary>The number of comments.</summary>
    public required int CommentCount { get; init; }

    /// <summary>The content of each choice.</summary>
    public required IReadOnlyList<TrafficChoice> Choices { get; init; }

    /// <summary>How such traffic usually arrives.</summary>
    public ReadPattern Reads { get; init; } = ReadPattern.FourKibibytes;

    /// <summary>The number of events with bytes that a decoder returns: text, reasoning, fragments of arguments, whole arguments.</summary>
    public int ContentCount =>
        Choices.Sum(choice => choice.TextCount + choice.ReasoningCount + choice.Calls.Sum(call => call.FragmentCount + 1));

    /// <summary>The total number of bytes in those events.</summary>
    public long ContentBytes =>
        Choices.Sum(choice =>
            (long)Encoding.UTF8.GetByteCount(choice.Text)
            + Encoding.UTF8.GetByteCount(choice.Reasoning)
            + choice.Calls.Sum(call => 2L * Encoding.UTF8.GetByteCount(call.Arguments))
        );

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
