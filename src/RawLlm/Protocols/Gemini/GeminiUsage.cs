using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The usage that the Gemini wire reports.</summary>
internal struct GeminiUsage
{
    private UsageCounter _counter;
    private TokenNumber _toolInput;

    public readonly Usage? ToUsage() => Joined().ToUsage();

    /// <summary>Emits the usage with the closing events, if any was reported.</summary>
    public readonly void Emit(EventBuffer events) => Joined().Emit("usageMetadata", events);

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "usageMetadata", events);
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "promptTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Input, "usageMetadata.promptTokenCount", events);
            else if (WireJson.Is(ref reader, "candidatesTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Output, "usageMetadata.candidatesTokenCount", events);
            else if (WireJson.Is(ref reader, "totalTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Total, "usageMetadata.totalTokenCount", events);
            else if (WireJson.Is(ref reader, "thoughtsTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.Reasoning, "usageMetadata.thoughtsTokenCount", events);
            else if (WireJson.Is(ref reader, "toolUsePromptTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _toolInput, "usageMetadata.toolUsePromptTokenCount", events);
            else if (WireJson.Is(ref reader, "cachedContentTokenCount"u8))
                UsageCounter.ReadNext(ref reader, ref _counter.CachedInput, "usageMetadata.cachedContentTokenCount", events);
            else if (WireJson.Is(ref reader, "promptTokensDetails"u8))
                ReadDetails(ref reader, ref _counter.AudioInput, "usageMetadata.promptTokensDetails", events);
            else if (WireJson.Is(ref reader, "candidatesTokensDetails"u8))
                ReadDetails(ref reader, ref _counter.AudioOutput, "usageMetadata.candidatesTokensDetails", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    // The model also reads the results of the service's own tools, which are billed as input but are not included in the count of the
    // prompt.
    private readonly UsageCounter Joined()
    {
        var joined = _counter;
        if (_toolInput.Value is { } tools)
        {
            long prompt = joined.Input.Value ?? 0;
            joined.Input = TokenNumber.Of(prompt > long.MaxValue - tools ? long.MaxValue : prompt + tools);
        }
        // An answer that was cut off during its reasoning omits the candidate's tokens instead of reporting zero (2025).
        if (
            !joined.Output.HasValue
            && joined is { Input.Value: { } input, Reasoning.Value: { } thoughts, Total.Value: { } total }
            && total - input == thoughts
        )
        {
            joined.Output = TokenNumber.Of(0);
        }

        return joined;
    }

    // [{"modality":"AUDIO","tokenCount":12}]
    private static void ReadDetails(scoped ref Utf8JsonReader reader, ref TokenNumber audio, string place, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            bool isAudio = false;
            TokenNumber count = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (WireJson.Is(ref reader, "modality"u8))
                {
                    reader.Read();
                    isAudio = reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "AUDIO"u8);
                    reader.Skip();
                }
                else if (WireJson.Is(ref reader, "tokenCount"u8))
                {
                    UsageCounter.ReadNext(ref reader, ref count, place, events);
                }
                else
                {
                    WireJson.SkipValue(ref reader);
                }
            }
            if (isAudio)
                audio = count.Or(audio);
        }
    }
}
