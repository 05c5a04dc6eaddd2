using System.Diagnostics.Metrics;

namespace RawLlm.Telemetry;

/// <summary>What is measured: the conventions' own instruments, and a few of the library's.</summary>
/// <remarks>Names, units and boundaries as of version 1.41 of OpenTelemetry's conventions. An instrument to which nobody listens drops what it is told at once.</remarks>
internal static class Instruments
{
    // In front of the instruments: fields are set in the order in which they stand.
    private static readonly Meter Meter = new(TelemetrySource.Name);
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<long> Counts = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] };

    /// <summary>How long a call took, with all its attempts; of a stream until its end.</summary>
    public static readonly Histogram<double> Duration = Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "How long a call took, with all its attempts.", tags: null, Seconds);

    /// <summary>What a call used, for input and output each.</summary>
    public static readonly Histogram<long> Tokens = Meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens that a call used.", tags: null, Counts);

    /// <summary>How long the first piece of a stream took.</summary>
    public static readonly Histogram<double> FirstChunk = Meter.CreateHistogram("gen_ai.client.operation.time_to_first_chunk", "s", "How long the first piece of a stream took.", tags: null, Seconds);

    /// <summary>How long each later read took that brought something.</summary>
    public static readonly Histogram<double> NextChunk = Meter.CreateHistogram("gen_ai.client.operation.time_per_output_chunk", "s", "How long each piece of a stream after the first took.", tags: null, Seconds);

    /// <summary>Requests that were sent.</summary>
    public static readonly Counter<long> Attempts = Meter.CreateCounter<long>("rawllm.attempts", "{attempt}", "Requests that were sent.");

    /// <summary>Requests that were sent again, by what had ended the one before.</summary>
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>("rawllm.retries", "{attempt}", "Requests that were sent again, by what had ended the one before.");

    /// <summary>Streams that broke off after a part of the answer was handed on.</summary>
    public static readonly Counter<long> BrokenStreams = Meter.CreateCounter<long>("rawllm.streams.broken", "{stream}", "Streams that broke off after a part of the answer was handed on.");

    /// <summary>Deviations that were tolerated.</summary>
    public static readonly Counter<long> Quirks = Meter.CreateCounter<long>("rawllm.quirks", "{quirk}", "Deviations from a wire's specification that were tolerated.");

    /// <summary>Whether anybody listens to one of them.</summary>
    public static bool AreObserved =>
        Duration.Enabled || Tokens.Enabled || FirstChunk.Enabled || NextChunk.Enabled || Attempts.Enabled || Retries.Enabled || BrokenStreams.Enabled || Quirks.Enabled;
}
