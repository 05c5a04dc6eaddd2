using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text;
using RawLlm.Framing;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Framing;

/// <summary>Random streams, compared with two other readers.</summary>
/// <remarks>To run more: RAWLLM_SSE_CASES=20000000; to repeat one: RAWLLM_SSE_FIRST=number RAWLLM_SSE_CASES=1.</remarks>
public sealed class SseDifferentialTests(ITestOutputHelper output)
{
    private const ulong Seed = 0x5EED_0055E_2026;
    private const int CasesPerShard = 5_000;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "data",
            "data:",
            "data: ",
            "data:  ",
            "data: x",
            "data: {\"a\":1}",
            "data: [DONE]",
            "event",
            "event:",
            "event: ",
            "event: error",
            "event: add",
            "id",
            "id:",
            "id: ",
            "id: 7",
            "id: \0",
            "retry",
            "retry:",
            "retry: ",
            "retry: 10",
            "retry: 7\0",
            "retry: -1",
            "retry: 99999999999999999999",
            ":",
            ": ping",
            "foo: bar",
            "Data: x",
            "datax",
            "dat",
            " ",
            "\t",
            "\0",
            "x",
            "7",
            "0",
            "\u000B",
            "\u000C",
            "\u0085",
            "\u2028",
            "\u00E9",
            "\u65E5\u672C",
            "\U0001F600",
            "\uFEFF",
        }.Select(Encoding.UTF8.GetBytes),
        [0xEF],
        [0xBB],
        [0xBF],
        [0xEF, 0xBB],
        [0xFF],
        [0xC0, 0x80],
        [0xE2, 0x82],
        [0xED, 0xA0, 0x80],
    ];

    private static readonly byte[][] LineEnds =
    [
        "\n"u8.ToArray(),
        "\n"u8.ToArray(),
        "\r"u8.ToArray(),
        "\r\n"u8.ToArray(),
        "\n\n"u8.ToArray(),
        "\r\r"u8.ToArray(),
        "\r\n\r\n"u8.ToArray(),
        "\n\r"u8.ToArray(),
    ];

    [Fact]
    [Case(53, 54, 55, 56, 57, 58)]
    public void TryRead_RandomStreams_MatchesReferenceAndSseParser()
    {
        long first = FromEnvironment("RAWLLM_SSE_FIRST", 0);
        long cases = LongRun.Count("RAWLLM_SSE_CASES", usual: 300_000, atLength: 20_000_000);
        long bytes = 0,
            events = 0,
            quirky = 0;

        Parallel.For(
            0,
            (cases + CasesPerShard - 1) / CasesPerShard,
            Cores.All,
            shard =>
            {
                long from = first + shard * CasesPerShard;
                long to = Math.Min(first + cases, from + CasesPerShard);
                long shardBytes = 0,
                    shardEvents = 0,
                    shardQuirky = 0;
                for (long number = from; number < to; number++)
                    Compare(number, ref shardBytes, ref shardEvents, ref shardQuirky);
                Interlocked.Add(ref bytes, shardBytes);
                Interlocked.Add(ref events, shardEvents);
                Interlocked.Add(ref quirky, shardQuirky);
            }
        );

        output.WriteLine(
            $"seed 0x{Seed:X}: {cases:N0} cases, {bytes:N0} bytes, {events:N0} events; SseParser left the specification in {quirky:N0}"
        );
        Assert.True(cases < 1000 || events > cases / 4, "The streams hold too few events to prove anything.");
    }

    [Theory]
    [InlineData("event: error\n\ndata: x\n\n", SseQuirks.TypeOutlivesEmptyEvent)]
    [InlineData("event:\ndata: x\n\n", SseQuirks.EmptyTypeIsType)]
    [InlineData("retry: 7\0\n\n", SseQuirks.RetryEndsInNul)]
    public void SseParser_KnownQuirk_StillExists(string wire, object quirk)
    {
        // A quirk that the platform has fixed must leave the list: it would hide a defect of this library.
        var right = WhatwgReference.Read(wire, out long? rightRetry);
        var wrong = WhatwgReference.Read(wire, out long? wrongRetry, (SseQuirks)quirk);
        var parsed = Parse(Encoding.UTF8.GetBytes(wire), out long? parsedRetry);

        Assert.Equal(wrong, parsed);
        Assert.Equal(wrongRetry, parsedRetry);
        Assert.False(right.SequenceEqual(parsed) && rightRetry == parsedRetry, "SseParser follows the specification here by now.");
    }

    private static void Compare(long number, ref long bytes, ref long events, ref long quirky)
    {
        var random = new SplitMix64(Seed + ((ulong)number * 0xD1342543DE82EF95));
        byte[] wire = Compose(ref random);
        string text = Encoding.UTF8.GetString(wire);
        var feed = FrameFeed.RunRandomly(new SseReader(), wire, ref random);
        var read = feed.Frames.Where(frame => !frame.IsUnterminated).Select(SseEvent.From).ToList();
        long? retry = ((SseReader)feed.Reader).Retry;

        var expected = WhatwgReference.Read(text, out long? expectedRetry);
        if (!expected.SequenceEqual(read) || retry != expectedRetry)
            Fail(number, wire, "the reference", expected, expectedRetry, read, retry);

        var parsed = Parse(wire, out long? parsedRetry);
        if (!parsed.SequenceEqual(read) || parsedRetry != retry)
        {
            quirky++;
            var excused = WhatwgReference.Read(text, out long? excusedRetry, SseQuirks.All);
            if (!parsed.SequenceEqual(excused) || parsedRetry != excusedRetry)
                Fail(number, wire, "SseParser", parsed, parsedRetry, read, retry);
        }
        bytes += wire.Length;
        events += read.Count;
    }

    private static byte[] Compose(ref SplitMix64 random)
    {
        var wire = new List<byte>();
        if (random.Below(8) == 0)
            wire.AddRange(Encoding.UTF8.Preamble);
        for (int left = random.Below(40); left > 0; left--)
        {
            wire.AddRange(Tokens[random.Below(Tokens.Length)]);
            if (random.Below(3) != 0)
                wire.AddRange(LineEnds[random.Below(LineEnds.Length)]);
        }
        return [.. wire];
    }

    private static List<SseEvent> Parse(byte[] wire, out long? retry)
    {
        var parser = SseParser.Create(new MemoryStream(wire), static (_, data) => Encoding.UTF8.GetString(data));
        var events = new List<SseEvent>();
        foreach (var item in parser.Enumerate())
            events.Add(new SseEvent(item.EventType, item.Data, parser.LastEventId));
        retry = parser.ReconnectionInterval == Timeout.InfiniteTimeSpan ? null : (long)parser.ReconnectionInterval.TotalMilliseconds;
        return events;
    }

    private static void Fail(
        long number,
        byte[] wire,
        string other,
        List<SseEvent> expected,
        long? expectedRetry,
        List<SseEvent> read,
        long? retry
    ) =>
        Assert.Fail(
            $"""
            seed 0x{Seed:X}, case {number}; again with RAWLLM_SSE_FIRST={number} RAWLLM_SSE_CASES=1
            wire [{string.Join(", ", wire.Select(b => $"0x{b:X2}"))}]
            {other}: retry {expectedRetry} {string.Join(' ', expected)}
            SseReader: retry {retry} {string.Join(' ', read)}
            """
        );

    private static long FromEnvironment(string name, long otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
