namespace RawLlm.Testing;

/// <summary>Plans how a body comes, with all that goes wrong.</summary>
internal static class FaultyBody
{
    /// <exception cref="InvalidOperationException">A fault lies behind the end of the answer, where it would change nothing.</exception>
    public static List<BodyStep> Plan(IReadOnlyList<WireFrame> frames, IReadOnlyList<Fault> faults)
    {
        byte[] all = Join(frames);
        var bounds = Bounds(frames, all, faults);
        // At an offset, what happens there; the list keeps the script's order.
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

    // Where reads end: after each frame, or wherever the faults want it.
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
                    // Behind the first byte of several.
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
            // Behind none is before the first, with what stands before that.
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
        return new InvalidOperationException($"The scripted answer has {pieces} pieces in {bytes} bytes, so that nothing happens behind {(fault.Pieces is { } wanted ? $"{wanted} pieces" : $"{fault.Bytes} bytes")}. A whole answer is one piece: CutAfterBytes and StallAfterBytes reach into it.");
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
