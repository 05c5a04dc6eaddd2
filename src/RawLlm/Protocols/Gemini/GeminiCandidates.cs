using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The candidates of one answer, in order of appearance. Do not copy this struct: copies share the list.</summary>
internal struct GeminiCandidates()
{
    private readonly List<GeminiCandidate> _all = [];
    private GeminiParts _parts;

    /// <summary>False if a frame contained more than another piece of the same text.</summary>
    public bool IsRepeatable { readonly get; set; }

    public readonly bool IsEmpty => _all.Count == 0;

    /// <summary>Whether any candidate has no finish reason yet.</summary>
    public readonly bool HasOpen
    {
        get
        {
            foreach (var candidate in _all)
            {
                if (candidate.Finish is null)
                    return true;
            }
            return false;
        }
    }

    /// <summary>Sets the seed for generated call IDs.</summary>
    public void Seed(uint seed) => _parts.Seed(seed);

    /// <summary>Reads the list of candidates of an event or of a whole answer.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            WireJson.ThrowType("candidates", reader.TokenType);
        bool hasFirst = false;
        for (int position = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("candidates[]", reader.TokenType);
            hasFirst |= ReadCandidate(ref reader, data, missing: hasFirst ? position : 0, events) == 0;
        }
    }

    /// <inheritdoc cref="GeminiCandidate.EmitStop"/>
    public readonly void Complete(string? blockReason, string? blockMessage, EventBuffer events)
    {
        foreach (var candidate in _all)
            candidate.Complete(blockReason, events);
        foreach (var candidate in _all)
            candidate.EmitStop(blockReason, blockMessage, events);
    }

    /// <inheritdoc cref="GeminiCandidate.EmitPendingCitations"/>
    public readonly void EmitPendingCitations(EventBuffer events)
    {
        foreach (var candidate in _all)
            candidate.EmitPendingCitations(events);
    }

    public void Dispose()
    {
        foreach (var candidate in _all)
            candidate.Dispose();
        _parts.Dispose();
    }

    // The candidate's index may come after its content, so the content is read after the other members.
    private int ReadCandidate(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, int missing, EventBuffer events)
    {
        CandidateFields fields = new() { Index = -1 };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "content"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!fields.HasContent && IsIndexAhead(ref reader, data, ref fields.Index, events))
                    {
                        fields.SettleIndex(missing, events);
                        fields.Candidate = Get(fields.Index, events);
                        IsRepeatable &= _parts.Read(ref reader, data, fields.Candidate, events);
                        continue;
                    }
                    fields.Content = reader;
                    fields.HasContent = true;
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    WireJson.ThrowType("candidates[].content", reader.TokenType);
                }
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "finishReason"u8))
            {
                reader.Read();
                fields.IsNumber = reader.TokenType == JsonTokenType.Number;
                if (fields.IsNumber || reader.TokenType == JsonTokenType.String)
                    fields.Finish = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].finishReason", events);
            }
            else if (WireJson.Is(ref reader, "finishMessage"u8))
            {
                WireJson.TryReadText(ref reader, ref fields.StopMessage, "candidates[].finishMessage", events);
            }
            else if (WireJson.Is(ref reader, "index"u8))
            {
                reader.Read();
                fields.Index = 0;
                WireJson.ReadIndex(ref reader, ref fields.Index, "candidates[].index", events);
            }
            else if (WireJson.Is(ref reader, "groundingMetadata"u8))
            {
                reader.Read();
                fields.Grounding = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "citationMetadata"u8))
            {
                reader.Read();
                fields.Citations = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "urlContextMetadata"u8))
            {
                fields.HasUrls = true;
                WireJson.SkipValue(ref reader);
            }
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "logprobsResult"u8))
            {
                WireJson.TryReadRaw(
                    ref reader,
                    JsonTokenType.StartObject,
                    data,
                    ref fields.LogProbs,
                    "candidates[].logprobsResult",
                    events
                );
            }
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "avgLogprobs"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value))
                    fields.Average = value;
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].avgLogprobs", events);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        fields.SettleIndex(missing, events);
        Emit(ref fields, data, events);
        return fields.Index;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Emit(ref CandidateFields fields, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var candidate = fields.Candidate ?? Get(fields.Index, events);
        if (fields.HasContent)
            IsRepeatable &= _parts.Read(ref fields.Content, data, candidate, events);
        if (!fields.LogProbs.IsEmpty || fields.Average is not null)
        {
            IsRepeatable = false;
            LogProbReader.EmitResult(fields.LogProbs, fields.Average, fields.Index, candidate.TextPart, events);
        }
        if (!fields.Grounding.IsEmpty)
            candidate.EmitGrounding(fields.Grounding, events);
        if (!fields.Citations.IsEmpty)
            candidate.EmitCitations(fields.Citations, events);
        if (fields.HasUrls)
            events.Add(StreamEventKind.Other, fields.Index, name: "urlContextMetadata");
        IsRepeatable &= !candidate.TryFinish(fields.Finish, fields.IsNumber, events) & !candidate.TryExplain(fields.StopMessage);
    }

    // Whether the members after the content are simple enough to read the content immediately. Except for the
    // index, they are all processed after the content anyway.
    private static bool IsIndexAhead(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref int index, EventBuffer events)
    {
        int known = index;
        var ahead = new MembersAhead(data, reader.TokenStartIndex, events.Options.Limits.JsonDepth - reader.CurrentDepth);
        while (ahead.TryRead())
        {
            if (ahead.Name.SequenceEqual("index"u8))
            {
                if (ahead.Value is not [>= (byte)'0' and <= (byte)'9'])
                    return false;
                known = ahead.Value[0] - '0';
            }
            else if (ahead.Name.SequenceEqual("finishReason"u8))
            {
                if (ahead.Value[0] != (byte)'"')
                    return false;
            }
            else if (ahead.Name.SequenceEqual("content"u8) || ahead.Name.Contains((byte)'\\'))
            {
                return false;
            }
        }
        if (ahead.IsEnded)
            index = known;
        return ahead.IsEnded;
    }

    private readonly GeminiCandidate Get(int index, EventBuffer events)
    {
        foreach (var candidate in _all)
        {
            if (candidate.Index == index)
                return candidate;
        }
        if (_all.Count >= events.Options.Limits.Choices || index >= events.Options.Limits.Choices)
            ThrowTooMany();
        var added = new GeminiCandidate(index);
        _all.Add(added);
        return added;
    }

    private static void ThrowTooMany() =>
        throw AnswerErrors.LimitExceeded(
            LlmLimit.Choices,
            "The answer contains more candidates, or higher candidate indexes, than LlmLimits.Choices allows."
        );
}
