namespace RawLlm.Testing;

/// <summary>Plans the delivery of a body, including its faults.</summary>
internal static class FaultyBody
{
    /// <exception cref="InvalidOperationException">A fault is placed after the end of the answer, where it would have no
    /// effect.</exception>
    public static List<BodyStep> Plan(IReadOnlyList<WireFrame> frames, IReadOnlyList<Fault> faults)
    {
        byte[] all = Join(frames);
        var bounds = Bounds(frames, all, faults);
        // The faults by offset; the list keeps the script's order.
        var events = new List<(int At, Fault Fault)>();
        foreach (var fault in faults)
        {
            if (fault.Kind is FaultKind.Cut or FaultKind.Stall)
            {
                int at = fault.Pieces is { } pieces ? BehindPieces(frames, pieces) : fault.Bytes;
                if (at > all.Length || (at == all.Length && fault is { Kind: FaultKind.Cut, How: CutKind.End }))
                    throw TooFar(fault, frames, all.Length);
                events.Add((at, fault));
                bounds.Add(at);
            }
        }
        var drip = Find(faults, FaultKind.Drip);
        var steps = new List<BodyStep>();
        int from = 0;
        foreach (int bound in bounds)
        {
            if (bound > from)
            {
                if (drip is not null && from > 0)
                    steps.Add(BodyStep.Wait(drip.For!.Value));
                steps.Add(BodyStep.Send(all.AsMemory(from, bound - from)));
                from = bound;
            }
            foreach (var (_, fault) in events.Where(e => e.At == bound))
            {
                if (fault.Kind == FaultKind.Stall)
                    steps.Add(fault.For is { } time ? BodyStep.Wait(time) : BodyStep.WaitForever);
                else if (fault.How == CutKind.End)
                    return steps;
                else
                    steps.Add(BodyStep.Fail(fault.How == CutKind.Reset ? BrokenConnection.Reset : BrokenConnection.Closed));
            }
        }
        return steps;
    }

    // Where reads end: after each frame, or wherever the faults require it.
    private static SortedSet<int> Bounds(IReadOnlyList<WireFrame> frames, byte[] all, IReadOnlyList<Fault> faults)
    {
        var bounds = new SortedSet<int> { 0, all.Length };
        int at = 0;
        foreach (var frame in frames)
            bounds.Add(at += frame.Bytes.Length);
        foreach (var fault in faults)
        {
            if (fault.Kind is FaultKind.SmallReads or FaultKind.Drip)
            {
                if (fault.Kind == FaultKind.Drip)
                    bounds = [0, all.Length];
                for (int i = fault.Bytes; i < all.Length; i += fault.Bytes)
                    bounds.Add(i);
            }
            else if (fault.Kind == FaultKind.SplitCharacters)
            {
                for (int i = 1; i < all.Length; i++)
                {
                    // After the first byte of a multibyte character.
                    if (all[i - 1] >= 0xC0 && (all[i] & 0xC0) == 0x80)
                        bounds.Add(i);
                }
            }
        }
        return bounds;
    }

    private static int BehindPieces(IReadOnlyList<WireFrame> frames, int pieces)
    {
        int at = 0;
        int seen = 0;
        foreach (var frame in frames)
        {
            // "After 0 pieces" is before the first piece, but after the frames before it.
            if (frame.Role == FrameRole.Piece && seen++ == pieces)
                return at;
            at += frame.Bytes.Length;
            if (frame.Role == FrameRole.Piece && seen == pieces)
                return at;
        }
        return int.MaxValue;
    }

    private static InvalidOperationException TooFar(Fault fault, IReadOnlyList<WireFrame> frames, int bytes)
    {
        int pieces = 0;
        foreach (var frame in frames)
            pieces += frame.Role == FrameRole.Piece ? 1 : 0;
        return new InvalidOperationException(
            $"The scripted answer has {pieces} pieces in {bytes} bytes, so nothing can happen after {(fault.Pieces is { } wanted ? $"{wanted} pieces" : $"{fault.Bytes} bytes")}. A whole answer is a single piece; use CutAfterBytes or StallAfterBytes inside it."
        );
    }

    private static Fault? Find(IReadOnlyList<Fault> faults, FaultKind kind)
    {
        foreach (var fault in faults)
        {
            if (fault.Kind == kind)
                return fault;
        }
        return null;
    }

    private static byte[] Join(IReadOnlyList<WireFrame> frames)
    {
        using var all = new MemoryStream();
        foreach (var frame in frames)
            all.Write(frame.Bytes);
        return all.ToArray();
    }
}
