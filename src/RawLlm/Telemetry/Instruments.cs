using System.Diagnostics.Metrics;

namespace RawLlm.Telemetry;

/// <summary>The instruments: those of the conventions, and a few of the library's own.</summary>
/// <remarks>Names, units and boundaries follow version 1.41 of OpenTelemetry's conventions. An instrument without a listener discards its
/// measurements at once.</remarks>
internal static class Instruments
{
    // Before the instruments: static fields are initialized in textual order.
    private static readonly Meter Meter = new(TelemetrySource.Name);
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };
    private static readonly InstrumentAdvice<long> Counts = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    };

    /// <summary>The duration of a call with all its attempts; for a stream, until its end.</summary>
    public static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "gen_ai.client.operation.duration",
        "s",
        "Duration of a call, with all its attempts.",
        tags: null,
        Seconds
    );

    /// <summary>The tokens that a call used, input and output separately.</summary>
    public static readonly Histogram<long> Tokens = Meter.CreateHistogram(
        "gen_ai.client.token.usage",
        "{token}",
        "Tokens that a call used.",
        tags: null,
        Counts
    );

    /// <summary>The time to the first chunk of a stream.</summary>
    public static readonly Histogram<double> FirstChunk = Meter.CreateHistogram(
        "gen_ai.client.operation.time_to_first_chunk",
        "s",
        "Time to the first chunk of a stream.",
        tags: null,
        Seconds
    );

    /// <summary>The time to each later chunk, from the chunk before it.</summary>
    public static readonly Histogram<double> NextChunk = Meter.CreateHistogram(
        "gen_ai.client.operation.time_per_output_chunk",
        "s",
        "Time to each chunk of a stream after the first.",
        tags: null,
        Seconds
    );

    /// <summary>Requests that were sent.</summary>
    public static readonly Counter<long> Attempts = Meter.CreateCounter<long>("rawllm.attempts", "{attempt}", "Requests that were sent.");

    /// <summary>Requests that were sent again, by the error that ended the attempt before.</summary>
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "rawllm.retries",
        "{attempt}",
        "Requests that were sent again, by the error that ended the attempt before."
    );

    /// <summary>Streams that broke off after the caller had received part of the answer.</summary>
    public static readonly Counter<long> BrokenStreams = Meter.CreateCounter<long>(
        "rawllm.streams.broken",
        "{stream}",
        "Streams that broke off after the caller had received part of the answer."
    );

    /// <summary>Deviations from a wire's specification that were tolerated.</summary>
    public static readonly Counter<long> Quirks = Meter.CreateCounter<long>(
        "rawllm.quirks",
        "{quirk}",
        "Deviations from a wire's specification that were tolerated."
    );

    /// <summary>Whether anything listens to any of the instruments.</summary>
    public static bool AreObserved =>
        Duration.Enabled
        || Tokens.Enabled
        || FirstChunk.Enabled
        || NextChunk.Enabled
        || Attempts.Enabled
        || Retries.Enabled
        || BrokenStreams.Enabled
        || Quirks.Enabled;
}
