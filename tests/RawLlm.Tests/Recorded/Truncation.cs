using System.Collections.Concurrent;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Recorded;

/// <summary>Cuts streams at every byte: the rest must never pass for a whole answer.</summary>
/// <remarks>
/// One decoder reads the stream byte by byte, and at each byte a copy of it is told that the body has ended, so the cost is linear in the
/// length of a stream instead of quadratic (<c>Case_CutAnywhere_IsWholeOnlyWithTheSameContent</c> shows that a copy decides like a new
/// decoder). Streams above 24 KiB are cut at every byte of the first and last 12 KiB and at every eleventh between; with
/// <c>RAWLLM_LONG=1</c> at all.
/// </remarks>
internal static class Truncation
{
    private const int Edge = 12 * 1024;
    private const int Step = 11;

    private static readonly bool IsLong = LongRun.Is;

    private static readonly StateCopy DecoderCopy = new(static type =>
        typeof(WireProtocol).IsAssignableFrom(type)
        || type == typeof(DecoderOptions)
        || type == typeof(LlmLimits)
        || type == typeof(Usage)
        || type == typeof(Quirk)
    );

    /// <summary>Whether the kept bytes contain the end of the answer, so that it is whole in spite of the cut.</summary>
    public delegate bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded);

    /// <summary>Ends every stream at each of its bytes.</summary>
    /// <returns>The number of prefixes that were decoded.</returns>
    public static int Check(
        IEnumerable<(string Name, byte[] Body)> streams,
        WireProtocol protocol,
        HoldsEnd holdsEnd,
        out List<string> failures
    )
    {
        var found = new List<string>();
        int cuts = 0;
        // The longest first and one at a time, so that no core is left with all the long ones at the end.
        Parallel.ForEach(
            Partitioner.Create(streams.OrderByDescending(stream => stream.Body.Length), EnumerablePartitionerOptions.NoBuffering),
            Cores.All,
            stream =>
            {
                int count = 0;
                foreach (var (length, isWhole) in Cut(protocol, stream.Body, every: false))
                {
                    count++;
                    if (!isWhole)
                        continue;
                    var kept = stream.Body.AsSpan(0, length);
                    if (!holdsEnd(kept, Decoded.Stream(protocol, kept)))
                    {
                        lock (found)
                            found.Add($"{stream.Name}: {length} of {stream.Body.Length} bytes pass for a whole answer");
                    }
                }
                Interlocked.Add(ref cuts, count);
            }
        );
        failures = found;
        return cuts;
    }

    /// <summary>Ends a stream at its bytes and returns for each prefix whether it passed for a whole answer.</summary>
    public static IEnumerable<(int Length, bool IsWhole)> Cut(WireProtocol protocol, byte[] body, bool every)
    {
        using var decoder = protocol.CreateDecoder();
        bool isReading = true;
        bool isComplete = false;
        for (int length = 0; length < body.Length; length++)
        {
            if (isReading)
            {
                isComplete |= ReadsToEnd(decoder, out bool hasFailed);
                isReading = !decoder.IsEnded && !hasFailed;
            }
            if (every || IsLong || length < Edge || length > body.Length - Edge || length % Step == 0)
                yield return (length, isComplete || isReading && EndsWholeHere(decoder));
            if (isReading)
            {
                decoder.GetSpan(1)[0] = body[length];
                decoder.Advance(1);
            }
        }
    }

    /// <summary>Whether a new decoder accepts a prefix as a whole answer.</summary>
    public static bool IsWhole(WireProtocol protocol, ReadOnlySpan<byte> kept)
    {
        using var decoder = protocol.CreateDecoder();
        kept.CopyTo(decoder.GetSpan(kept.Length));
        decoder.Advance(kept.Length);
        return EndsWhole(decoder);
    }

    private static bool EndsWholeHere(StreamDecoder decoder)
    {
        using var copy = DecoderCopy.Of(decoder);
        return EndsWhole(copy);
    }

    private static bool EndsWhole(StreamDecoder decoder)
    {
        decoder.Complete();
        return ReadsToEnd(decoder, out _);
    }

    private static bool ReadsToEnd(StreamDecoder decoder, out bool hasFailed)
    {
        bool isDone = false;
        hasFailed = false;
        try
        {
            while (decoder.TryRead())
                isDone |= decoder.Current.Kind == StreamEventKind.Done;
        }
        catch (LlmException)
        {
            hasFailed = true;
        }
        return isDone;
    }
}
