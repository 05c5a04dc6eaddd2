using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What Bedrock adds to a model's answer: token counts, and whether a guardrail intervened.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, InvokeModel and InvokeModelWithResponseStream. The counts are in the last event
/// of every stream, whatever the model; some models report no usage themselves. A whole answer has the counts only in its headers.
/// </remarks>
internal struct InvocationReport
{
    private TokenNumber _input;
    private TokenNumber _output;
    private TokenNumber _cachedInput;
    private TokenNumber _cacheWrite;

    /// <summary>Whether the counts have arrived; they end a stream.</summary>
    public bool HasMetrics { get; private set; }

    /// <summary>
    /// Whether a guardrail withheld, replaced or masked something. Any event of a stream can say so, from the first one on.
    /// </summary>
    public bool IsIntervened { get; private set; }

    /// <summary>Whether a guardrail has reported what it did, which is in the last event.</summary>
    public bool IsAccounted { get; private set; }

    /// <summary>Whether the event contains nothing else.</summary>
    public bool IsAlone { get; private set; }

    /// <summary>Whether nothing in the report changes what is known.</summary>
    public readonly bool IsEmpty => !HasMetrics && !IsIntervened && !IsAlone;

    /// <summary>Reads the report from an event or a whole answer.</summary>
    public static InvocationReport Read(ReadOnlySpan<byte> data, EventBuffer events)
    {
        var report = new InvocationReport();
        if (data.IndexOf("\"amazon-bedrock-"u8) < 0)
            return report;
        var reader = WireJson.Reader(data, events.Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return report;
        report.IsAlone = true;
        bool hasTrace = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            bool isMetrics = name.SequenceEqual("amazon-bedrock-invocationMetrics"u8);
            bool isAction = name.SequenceEqual("amazon-bedrock-guardrailAction"u8);
            report.IsAlone &= name.StartsWith("amazon-bedrock-"u8);
            hasTrace |= name.SequenceEqual("amazon-bedrock-trace"u8);
            reader.Read();
            if (isMetrics && reader.TokenType == JsonTokenType.StartObject)
                report.ReadMetrics(ref reader, events);
            else if (isAction && reader.TokenType == JsonTokenType.String)
                report.IsIntervened |= WireJson.Is(ref reader, "INTERVENED"u8) || WireJson.Is(ref reader, "GUARDRAIL_INTERVENED"u8);
            else
                reader.Skip();
        }
        report.IsAccounted = report.IsIntervened && hasTrace;
        return report;
    }

    /// <summary>Adds the report of a later event.</summary>
    public void Add(in InvocationReport later)
    {
        _input = later._input.Or(_input);
        _output = later._output.Or(_output);
        _cachedInput = later._cachedInput.Or(_cachedInput);
        _cacheWrite = later._cacheWrite.Or(_cacheWrite);
        HasMetrics |= later.HasMetrics;
        IsIntervened |= later.IsIntervened;
        IsAccounted |= later.IsAccounted;
    }

    /// <summary>Fills in the counts that the model itself did not report.</summary>
    public readonly void FillIn(ref UsageCounter counter)
    {
        counter.Input = counter.Input.Or(_input);
        counter.Output = counter.Output.Or(_output);
        counter.CachedInput = counter.CachedInput.Or(_cachedInput);
        counter.CacheWrite = counter.CacheWrite.Or(_cacheWrite);
    }

    private void ReadMetrics(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        HasMetrics = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "inputTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _input, "inputTokenCount", events);
            else if (WireJson.Is(ref reader, "outputTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _output, "outputTokenCount", events);
            else if (WireJson.Is(ref reader, "cacheReadInputTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _cachedInput, "cacheReadInputTokenCount", events);
            else if (WireJson.Is(ref reader, "cacheWriteInputTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _cacheWrite, "cacheWriteInputTokenCount", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }
}
