using RawLlm.Protocols;

namespace RawLlm.Tests.Recorded;

/// <summary>Cuts streams at their bytes: what is left must never pass for a whole answer.</summary>
/// <remarks>
/// Every byte where that is affordable: the beginning, the last bytes, and every place where an event or a JSON value could end.
/// Of the other places of long streams, whose cost grows with the square of the length, a share that keeps each stream within a
/// budget of decoded bytes; <c>RAWLLM_LONG=1</c> cuts at every byte of every stream.
/// </remarks>
internal static class Truncation
{
    private const int AlwaysAtStart = 400;
    private const int AlwaysAtEnd = 400;
    private const long Budget = 3_000_000;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("RAWLLM_LONG") == "1";

    /// <summary>Whether the bytes that were kept hold the end of the answer, so that it is whole in spite of the cut.</summary>
    public delegate bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded);

    /// <summary>Decodes prefixes of every stream.</summary>
    /// <returns>How many prefixes were decoded.</returns>
    public static int Check(IEnumerable<(string Name, byte[] Body)> streams, WireProtocol protocol, HoldsEnd holdsEnd, out List<string> failures)
    {
        var found = new List<string>();
        int cuts = 0;
        Parallel.ForEach(streams, stream =>
        {
            int count = 0;
            foreach (int length in Lengths(stream.Body))
            {
                count++;
                var kept = stream.Body.AsSpan(0, length);
                if (!IsComplete(protocol, kept))
                    continue;
                var decoded = Decoded.Stream(protocol, kept);
                if (!holdsEnd(kept, decoded))
                {
                    lock (found)
                        found.Add($"{stream.Name}: {length} of {stream.Body.Length} bytes pass for a whole answer");
                }
            }
            Interlocked.Add(ref cuts, count);
        });
        failures = found;
        return cuts;
    }

    private static IEnumerable<int> Lengths(byte[] body)
    {
        long all = (long)body.Length * body.Length / 2;
        int step = IsLong ? 1 : (int)Math.Max(1, all / Budget);
        for (int length = 0; length < body.Length; length++)
        {
            bool isNear = length < AlwaysAtStart || length > body.Length - AlwaysAtEnd;
            bool isEnd = length > 0 && body[length - 1] == '\n';
            if (isNear || isEnd || length % step == 0)
                yield return length;
        }
    }

    private static bool IsComplete(WireProtocol protocol, ReadOnlySpan<byte> kept)
    {
        using var decoder = protocol.CreateDecoder();
        kept.CopyTo(decoder.GetSpan(kept.Length));
        decoder.Advance(kept.Length);
        decoder.Complete();
        try
        {
            while (decoder.TryRead())
            {
                if (decoder.Current.Kind == StreamEventKind.Done)
                    return true;
            }
            return false;
        }
        catch (LlmException)
        {
            return false;
        }
    }
}
