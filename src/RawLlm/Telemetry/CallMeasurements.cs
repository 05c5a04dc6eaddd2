using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>Records the measurements of a call at its end.</summary>
internal static class CallMeasurements
{
    /// <summary>Records a call.</summary>
    /// <param name="call">The tags of every measurement of the call.</param>
    /// <param name="elapsed">The duration of the call.</param>
    /// <param name="model">The model that answered; null if none did.</param>
    /// <param name="errorType">The error; null if there was none.</param>
    /// <param name="input">The tokens of the prompt, as <see cref="Counted"/> returns them.</param>
    /// <param name="output">The tokens of the answer.</param>
    /// <param name="quirks">The tolerated deviations.</param>
    public static void Record(
        TagList call,
        TimeSpan elapsed,
        string? model,
        string? errorType,
        long? input,
        long? output,
        IReadOnlyList<Quirk> quirks
    )
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

    /// <summary>Returns the tokens as the conventions count them: cached tokens are part of the input, and reasoning is part of the output.
    /// Not all services count this way.</summary>
    public static (long? Input, long? Output) Counted(Usage? usage, UsageConvention convention)
    {
        var counted = usage?.Normalize(convention);
        return (counted?.InputTokens, counted?.OutputTokens);
    }

    private static void Record(string type, long? count, TagList tags)
    {
        if (count is not { } known)
            return;
        tags.Add(Tags.TokenType, type);
        Instruments.Tokens.Record(known, tags);
    }
}
