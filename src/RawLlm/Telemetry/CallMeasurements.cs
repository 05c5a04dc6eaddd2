using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>What is measured of a call at its end.</summary>
internal static class CallMeasurements
{
    /// <summary>Records a call.</summary>
    /// <param name="call">What every measurement says of it.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="model">The model that answered; null where none did.</param>
    /// <param name="errorType">What went wrong; null where nothing did.</param>
    /// <param name="input">The tokens of the prompt, as <see cref="Counted"/> gives them.</param>
    /// <param name="output">Those of the answer.</param>
    /// <param name="quirks">What was tolerated.</param>
    public static void Record(TagList call, TimeSpan elapsed, string? model, string? errorType, long? input, long? output, IReadOnlyList<Quirk> quirks)
    {
        if (Instruments.Quirks.Enabled)
        {
            foreach (var quirk in quirks)
            {
                var tags = call;
                tags.Add(Tags.Quirk, quirk.Kind.ToString());
                Instruments.Quirks.Add(1, tags);
            }
        }
        if (model is not null)
            call.Add(Tags.ResponseModel, model);
        if (Instruments.Tokens.Enabled)
        {
            Record("input", input, call);
            Record("output", output, call);
        }
        if (errorType is not null)
            call.Add(Tags.ErrorType, errorType);
        Instruments.Duration.Record(elapsed.TotalSeconds, call);
    }

    /// <summary>The tokens as the conventions count them: cached ones into the input, and thoughts into the output; not all services do.</summary>
    public static (long? Input, long? Output) Counted(Usage? usage, UsageConvention convention)
    {
        if (usage is null)
            return default;
        long? input = convention.HasFlag(UsageConvention.CacheOnTop) ? Sum(usage.InputTokens, usage.CachedInputTokens, usage.CacheWriteTokens) : usage.InputTokens;
        long? output = convention.HasFlag(UsageConvention.ReasoningOnTop) ? Sum(usage.OutputTokens, usage.ReasoningTokens) : usage.OutputTokens;
        return (input, output);
    }

    private static void Record(string type, long? count, TagList tags)
    {
        if (count is not { } known)
            return;
        tags.Add(Tags.TokenType, type);
        Instruments.Tokens.Record(known, tags);
    }

    // Services report what they like: a sum that is no count is not known.
    private static long? Sum(long? first, long? second, long? third = null) =>
        first is { } known && (Int128)known + (second ?? 0) + (third ?? 0) is var sum && sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;
}
