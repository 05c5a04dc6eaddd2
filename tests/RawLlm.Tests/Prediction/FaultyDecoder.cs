using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm.Tests.Prediction;

/// <summary>A decoder that gives the predictor wrong information, which the comparison has to find.</summary>
internal sealed class FaultyDecoder(EventDecoder inner, FaultyDecoder.Fault fault) : EventDecoder
{
    public enum Fault
    {
        /// <summary>
        /// Every frame with one piece counts as repeatable, even if it changed something else: a finish reason, a new block.
        /// </summary>
        AlwaysRepeatable,

        /// <summary>Deferred counts are never read.</summary>
        ForgetsCounts,
    }

    public override Usage? Usage => inner.Usage;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        bool goesOn = inner.Decode(frame, events);
        if (fault == Fault.AlwaysRepeatable)
            events.MarkRepeatable();
        return goesOn;
    }

    public override void Complete(bool isCut, EventBuffer events) => inner.Complete(isCut, events);

    public override bool IsWhole(ReadOnlySpan<byte> data) => inner.IsWhole(data);

    public override void Dispose() => inner.Dispose();

    internal override void ReadDeferred(ReadOnlySpan<byte> json, EventBuffer events)
    {
        if (fault != Fault.ForgetsCounts)
            inner.ReadDeferred(json, events);
    }
}
