using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Comparisons;

/// <summary>A stream of one wire and shape.</summary>
internal sealed record Workload(WireProtocol Protocol, TrafficShape Shape)
{
    public string Name => $"{Protocol.Name}/{Shape.Name}";

    /// <summary>The number of bytes of text and arguments in the stream.</summary>
    public long TextBytes =>
        Shape.ContentBytes
        - Shape.Choices.Sum(choice => choice.Calls.Sum(call => (long)System.Text.Encoding.UTF8.GetByteCount(call.Arguments)));
}
