using System.CommandLine;
using System.Diagnostics;
using RawLlm.Comparisons.Recorded;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>recorded</c>: the comparisons of <c>ratios</c> on recordings of services, with the share of predicted frames.</summary>
internal sealed class RecordedCommand : MeasuringCommand
{
    private static readonly string[] Readers =
    [
        Contenders.Floor,
        Contenders.Tokens,
        Contenders.Buffer,
        Contenders.BufferOff,
        Contenders.WholeStream,
        Contenders.PerChunk,
        Contenders.ParserWhole,
        Contenders.ParserPerChunk,
        Contenders.SdkWhole,
        Contenders.SdkPerChunk,
    ];

    private readonly Argument<DirectoryInfo> _folder = new("folder")
    {
        Description = "The folder of recordings, which contains a MANIFEST.tsv.",
    };
    private readonly Option<string?> _only = new("--only")
    {
        Description = "Only recordings whose wire and service contain this, such as \"groq\".",
    };

    public RecordedCommand()
        : base("recorded", "The ratios on recordings of real services, whole and one event per read, with the share of predicted frames.")
    {
        Arguments.Add(_folder);
        Options.Add(_only);
    }

    protected override Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        var recordings = Recording
            .Load(parsed.GetValue(_folder)!.FullName)
            .Where(recording => parsed.GetValue(_only) is not { } part || Service(recording).Contains(part, StringComparison.Ordinal))
            .Where((_, i) => !isQuick || i % 8 == 0)
            .Select(recording =>
                (Recording: recording, Readers: Contenders.For(recording).Where(reader => CanRead(reader, recording)).ToList())
            )
            .ToList();
        WarmUp(recordings, TimeSpan.FromSeconds(isQuick ? 5 : 15));
        var times = new List<RecordedTime>();
        foreach (var (recording, readers) in recordings)
        {
            var alternatives = readers.Select(reader => new Alternative(reader.Name, 1, () => reader.Run(recording.Shape))).ToList();
            var found = Turns.Measure(alternatives, TimeSpan.Zero);
            var (frames, predicted) = Count(recording);
            times.Add(new(recording, found.ToDictionary(timing => timing.Name, timing => timing.Median), frames, predicted));
        }
        return Task.FromResult(
            new Report(
                Name,
                "Recordings of real services, from memory; most are short, so a stream's beginning and end weigh much. Whole: all bytes in one read. Readers take turns as in `ratios`. The floor is a search for line ends, or the checksums of binary frames. A rival is compared only on the streams that it can read; it throws on the others.",
                [Ratios(times), Nanoseconds(times)],
                []
            )
        );
    }

    private static string Service(Recording recording) => $"{recording.Wire} {recording.Service}";

    // The library's own error at the end of a recorded failure is a result; a rival that throws cannot read the stream.
    private static bool CanRead(Contender reader, Recording recording)
    {
        try
        {
            reader.Run(recording.Shape);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    // All code must be fully optimized before the first measurement; a recording is too short to cause that by itself.
    private static void WarmUp(List<(Recording Recording, List<Contender> Readers)> recordings, TimeSpan time)
    {
        for (long start = Stopwatch.GetTimestamp(); recordings.Count > 0 && Stopwatch.GetElapsedTime(start) < time; )
        {
            foreach (var (recording, readers) in recordings)
            {
                foreach (var reader in readers)
                    reader.Run(recording.Shape);
            }
        }
    }

    private static (long Frames, long Predicted) Count(Recording recording)
    {
        using var decoder = recording.Protocol.CreateDecoder();
        decoder.Append(recording.Shape.Bytes);
        decoder.Complete();
        try
        {
            while (decoder.TryRead())
            {
                // Only the counts matter.
            }
        }
        catch (LlmException)
        {
            // A recorded failure.
        }
        return (decoder.FrameCount, decoder.PredictedCount);
    }

    private static Table Ratios(List<RecordedTime> times)
    {
        var groups = times
            .GroupBy(time => time.Recording.Wire)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToList());
        groups.Add("all", times);
        return new Table(
            "recordings, ratios",
            "wire",
            [
                new("streams"),
                new("predicted %", 1),
                new("decoding, of the floor", 1),
                new("prediction off, of on", 1),
                new("SseParser reads"),
                new("takes, whole", 1),
                new("takes, an event a read", 1),
                new("package reads"),
                new("takes, whole ", 1),
                new("takes, an event a read ", 1),
            ],
            [.. groups.Select(group => Ratios(group.Key, group.Value))]
        );
    }

    private static Row Ratios(string name, List<RecordedTime> times) =>
        new(
            name,
            [
                times.Count,
                Predicted(times),
                RecordedTime.Ratio(times, Contenders.Buffer, Contenders.Floor),
                RecordedTime.Ratio(times, Contenders.BufferOff, Contenders.Buffer),
                Count(times, Contenders.ParserWhole),
                RecordedTime.Ratio(times, Contenders.ParserWhole, Contenders.WholeStream),
                RecordedTime.Ratio(times, Contenders.ParserPerChunk, Contenders.PerChunk),
                Count(times, Contenders.SdkWhole),
                RecordedTime.Ratio(times, Contenders.SdkWhole, Contenders.WholeStream),
                RecordedTime.Ratio(times, Contenders.SdkPerChunk, Contenders.PerChunk),
            ]
        );

    private static double? Count(List<RecordedTime> times, string reader) =>
        times.Count(time => time.Of(reader) is not null) is > 0 and var count ? count : null;

    private static double Predicted(List<RecordedTime> times) =>
        100.0 * times.Sum(time => time.Predicted) / Math.Max(1, times.Sum(time => time.Frames));

    private static Table Nanoseconds(List<RecordedTime> times) =>
        new(
            "recordings, nanoseconds a frame",
            "wire and service",
            [new("streams"), new("frames"), new("predicted %", 1), .. Readers.Select(reader => new Column(reader))],
            [
                .. times
                    .GroupBy(time => Service(time.Recording))
                    .OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => group.ToList())
                    .Select(group => new Row(
                        Service(group[0].Recording),
                        [
                            group.Count,
                            group.Sum(time => time.Frames),
                            Predicted(group),
                            .. Readers.Select(reader => RecordedTime.PerFrame(group, reader)),
                        ]
                    )),
            ]
        );
}
