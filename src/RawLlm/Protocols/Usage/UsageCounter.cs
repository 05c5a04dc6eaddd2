using System.Buffers.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Merges the usage that a service reports, field by field: a later number that is present wins.</summary>
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
    public TokenNumber WebSearches;
    public decimal? Cost;

    /// <summary>Returns the usage so far; null if none was reported.</summary>
    public readonly Usage? ToUsage() =>
        !Input.Or(Output).Or(Total).Or(CachedInput).Or(CacheWrite).Or(Reasoning).HasValue && Cost is null
            ? null
            : new Usage
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
                WebSearchRequests = WebSearches.Value,
                ReportedCost = Cost,
            };

    /// <summary>Adds the usage to the closing events, if any was reported.</summary>
    /// <param name="place">The place on the wire, for the quirk about numbers that contradict each other.</param>
    /// <param name="events">Receives the event.</param>
    public readonly void Emit(string place, EventBuffer events)
    {
        if (ToUsage() is not { } usage)
            return;
        if (IsInconsistent(usage, events.HasContent))
            events.Note(QuirkKind.UsageInconsistent, place);
        events.Usage(usage);
    }

    /// <summary>Adds usage to the closing events, if any was reported, on a wire whose input tokens do not include those of
    /// caches.</summary>
    public static void EmitUnchecked(Usage? usage, EventBuffer events)
    {
        if (usage is null)
            return;
        if (FailsToAddUp(usage, events.HasContent))
            events.Note(QuirkKind.UsageInconsistent, "usage");
        events.Usage(usage);
    }

    /// <summary>Reads the object of the property that the reader is on, which contains the details of the output tokens.</summary>
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

    /// <summary>Reads the object of the property that the reader is on, and one count in it.</summary>
    public static void ReadWithin(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> name,
        ref TokenNumber field,
        string place,
        EventBuffer events
    )
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, name))
                ReadNext(ref reader, ref field, place, events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    /// <summary>Reads the number of the property that the reader is on.</summary>
    /// <inheritdoc cref="Read" path="/summary"/>
    public static void ReadNext(scoped ref Utf8JsonReader reader, ref TokenNumber field, string place, EventBuffer events)
    {
        reader.Read();
        Read(ref reader, ref field, place, events);
    }

    /// <summary>Reads the cost of the property that the reader is on.</summary>
    /// <inheritdoc cref="ReadCost" path="/summary"/>
    public void ReadNextCost(scoped ref Utf8JsonReader reader, decimal scale)
    {
        reader.Read();
        ReadCost(ref reader, scale);
    }

    /// <summary>
    /// Reads the cost that the reader is on, in units of the given number of US dollars: a number, or an object that contains the sum.
    /// Anything else, including a negative number, is skipped.
    /// </summary>
    public void ReadCost(scoped ref Utf8JsonReader reader, decimal scale)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            Cost = ReadSum(ref reader) * scale ?? Cost;
        else if (IsCost(ref reader, out decimal cost))
            Cost = cost * scale;
        else
            reader.Skip();
    }

    /// <summary>Reads the sum from an object of costs and moves the reader to the object's end; null if there is no sum.</summary>
    // Perplexity (2025) reports the parts, and their sum as total_cost. Venice (2026) has a currency of its own besides dollars.
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

    /// <summary>
    /// Reads the number that the reader is on. A null keeps the earlier value; anything else that is not a count is recorded as a quirk and
    /// skipped.
    /// </summary>
    public static void Read(scoped ref Utf8JsonReader reader, ref TokenNumber field, string place, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value >= 0)
        {
            field = TokenNumber.Of(value);
            return;
        }
        // Seen in practice: 12.0 instead of a whole number.
        if (
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetDouble(out double number)
            && number is >= 0 and < 9e15
            && Math.Floor(number) == number
        )
        {
            field = TokenNumber.Of((long)number);
            events.Note(QuirkKind.UsageNumberInvalid, place);
            return;
        }
        // "12": gateways write indexes in this form as well (2026).
        if (
            reader.TokenType == JsonTokenType.String
            && Utf8Parser.TryParse(reader.ValueSpan, out long written, out int parsed)
            && parsed == reader.ValueSpan.Length
            && written >= 0
        )
        {
            field = TokenNumber.Of(written);
        }
        if (reader.TokenType != JsonTokenType.Null)
            events.Note(QuirkKind.UsageNumberInvalid, place);
        reader.Skip();
    }

    /// <summary>Whether numbers contradict each other; they are returned as reported in any case.</summary>
    // Reasoning and the service's own tools may be included in the output or come on top of it, so only what no convention explains counts.
    private static bool IsInconsistent(Usage usage, bool hasContent) =>
        usage.CachedInputTokens > usage.InputTokens || FailsToAddUp(usage, hasContent);

    // Whether the total is less than its parts, or an answer with content reports 0 input tokens and 0 output tokens.
    private static bool FailsToAddUp(Usage usage, bool hasContent) =>
        usage.TotalTokens - (usage.InputTokens ?? 0) < (usage.OutputTokens ?? 0)
        || (hasContent && usage is { InputTokens: 0, OutputTokens: 0 });
}
