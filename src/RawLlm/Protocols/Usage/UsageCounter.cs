using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Merges what a service says of usage, field by field: a later number that is there wins.</summary>
internal struct UsageCounter
{
    public TokenNumber Input;
    public TokenNumber Output;
    public TokenNumber Total;
    public TokenNumber CachedInput;
    public TokenNumber CacheWrite;
    public TokenNumber CacheWriteOneHour;
    public TokenNumber Reasoning;
    public TokenNumber AudioInput;
    public TokenNumber AudioOutput;
    public TokenNumber AcceptedPrediction;
    public TokenNumber RejectedPrediction;
    public decimal? Cost;

    /// <summary>The usage so far; null when nothing was said.</summary>
    public readonly Usage? ToUsage() =>
        !Input.Or(Output).Or(Total).Or(CachedInput).Or(CacheWrite).Or(Reasoning).IsSaid && Cost is null ? null : new Usage
        {
            InputTokens = Input.Value,
            OutputTokens = Output.Value,
            TotalTokens = Total.Value,
            CachedInputTokens = CachedInput.Value,
            CacheWriteTokens = CacheWrite.Value,
            CacheWriteOneHourTokens = CacheWriteOneHour.Value,
            ReasoningTokens = Reasoning.Value,
            AudioInputTokens = AudioInput.Value,
            AudioOutputTokens = AudioOutput.Value,
            AcceptedPredictionTokens = AcceptedPrediction.Value,
            RejectedPredictionTokens = RejectedPrediction.Value,
            ReportedCost = Cost,
        };

    /// <summary>Gives the usage with the closing events, if anything was said of it.</summary>
    /// <param name="place">Where it stands on the wire, for the quirk about numbers that contradict each other.</param>
    /// <param name="events">Where it is given.</param>
    public readonly void Give(string place, EventBuffer events)
    {
        if (ToUsage() is not { } usage)
            return;
        if (IsInconsistent(usage, events.HasContent))
            events.Note(QuirkKind.UsageInconsistent, place);
        events.Usage(usage);
    }

    /// <summary>Gives usage with the closing events whose numbers are not held against each other, if anything was said of it.</summary>
    public static void GiveSaid(Usage? usage, EventBuffer events)
    {
        if (usage is null)
            return;
        if (SaysNothing(usage, events.HasContent))
            events.Note(QuirkKind.UsageInconsistent, "usage");
        events.Usage(usage);
    }

    /// <summary>Takes the object of the property that the reader stands on, which divides what was written.</summary>
    public void ReadOutputDetails(scoped ref Utf8JsonReader reader, OutputDetailPlaces places, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "reasoning_tokens"u8))
                ReadNext(ref reader, ref Reasoning, places.Reasoning, events);
            else if (WireJson.Is(ref reader, "audio_tokens"u8))
                ReadNext(ref reader, ref AudioOutput, places.Audio, events);
            else if (WireJson.Is(ref reader, "accepted_prediction_tokens"u8))
                ReadNext(ref reader, ref AcceptedPrediction, places.Accepted, events);
            else if (WireJson.Is(ref reader, "rejected_prediction_tokens"u8))
                ReadNext(ref reader, ref RejectedPrediction, places.Rejected, events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    // Whether an answer that holds something is said to have used nothing.
    private static bool SaysNothing(Usage usage, bool hasContent) => hasContent && usage is { InputTokens: 0, OutputTokens: 0 };

    /// <summary>Takes the number of the property that the reader stands on.</summary>
    /// <inheritdoc cref="Read" path="/summary"/>
    public static void ReadNext(scoped ref Utf8JsonReader reader, ref TokenNumber field, string place, EventBuffer events)
    {
        reader.Read();
        Read(ref reader, ref field, place, events);
    }

    /// <summary>Takes the cost of the property that the reader stands on.</summary>
    /// <inheritdoc cref="ReadCost" path="/summary"/>
    public void ReadNextCost(scoped ref Utf8JsonReader reader, decimal scale)
    {
        reader.Read();
        ReadCost(ref reader, scale);
    }

    /// <summary>Takes the cost that the reader stands on, in units of so many US dollars: a number, or an object that holds the sum; anything else is passed over, and so is a negative one, which is no cost.</summary>
    public void ReadCost(scoped ref Utf8JsonReader reader, decimal scale)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            Cost = ReadSum(ref reader) * scale ?? Cost;
        else if (IsCost(ref reader, out decimal cost))
            Cost = cost * scale;
        else
            reader.Skip();
    }

    /// <summary>Reads the sum of an object of costs, and moves the reader to the object's end; null where there is none.</summary>
    // Perplexity (2025) tells its parts, and their sum as total_cost; Venice (2026) has a money of its own beside dollars.
    public static decimal? ReadSum(scoped ref Utf8JsonReader reader)
    {
        decimal? sum = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSum = WireJson.Is(ref reader, "total_cost"u8) || WireJson.Is(ref reader, "usd"u8);
            reader.Read();
            if (isSum && IsCost(ref reader, out decimal cost))
                sum = cost;
            reader.Skip();
        }
        return sum;
    }

    private static bool IsCost(scoped ref Utf8JsonReader reader, out decimal cost)
    {
        cost = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out cost) && cost >= 0;
    }

    /// <summary>Takes the number that the reader stands on; null keeps what was there, anything else that is not a count is noted and passed over.</summary>
    public static void Read(scoped ref Utf8JsonReader reader, ref TokenNumber field, string place, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value >= 0)
        {
            field = TokenNumber.Of(value);
            return;
        }
        // Seen: 12.0 where a whole number belongs.
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number) && number is >= 0 and < 9e15 && Math.Floor(number) == number)
        {
            field = TokenNumber.Of((long)number);
            events.Note(QuirkKind.UsageNumberInvalid, place);
            return;
        }
        if (reader.TokenType != JsonTokenType.Null)
            events.Note(QuirkKind.UsageNumberInvalid, place);
        reader.Skip();
    }

    /// <summary>Whether numbers contradict each other; they are passed on as reported all the same.</summary>
    // Reasoning and the service's own tools may be inside the output or on top of it, so only what no convention explains is odd.
    private static bool IsInconsistent(Usage usage, bool hasContent) =>
        usage.CachedInputTokens > usage.InputTokens
        || usage.TotalTokens - (usage.InputTokens ?? 0) < (usage.OutputTokens ?? 0)
        || SaysNothing(usage, hasContent);
}
