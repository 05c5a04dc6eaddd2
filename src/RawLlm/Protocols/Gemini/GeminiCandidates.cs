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

    /// <inheritdoc cref="GeminiCandidate.GiveStop"/>
    public readonly void Complete(string? blockReason, string? blockMessage, EventBuffer events)
    {
        foreach (var candidate in _all)
            candidate.Complete(blockReason, events);
        foreach (var candidate in _all)
            candidate.GiveStop(blockReason, blockMessage, events);
    }

    /// <inheritdoc cref="GeminiCandidate.GiveWaitingCitations"/>
    public readonly void GiveWaitingCitations(EventBuffer events)
    {
        foreach (var candidate in _all)
            candidate.GiveWaitingCitations(events);
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
        CandidateFields said = new() { Index = -1 };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "content"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!said.HasContent && IsIndexAhead(ref reader, data, ref said.Index, events))
                    {
                        said.SettleIndex(missing, events);
                        said.Candidate = Get(said.Index, events);
                        IsRepeatable &= _parts.Read(ref reader, data, said.Candidate, events);
                        continue;
                    }
                    said.Content = reader;
                    said.HasContent = true;
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
                said.IsNumber = reader.TokenType == JsonTokenType.Number;
                if (said.IsNumber || reader.TokenType == JsonTokenType.String)
                    said.Finish = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].finishReason", events);
            }
            else if (WireJson.Is(ref reader, "finishMessage"u8))
            {
                WireJson.TryReadText(ref reader, ref said.StopMessage, "candidates[].finishMessage", events);
            }
            else if (WireJson.Is(ref reader, "index"u8))
            {
                reader.Read();
                said.Index = 0;
                WireJson.ReadIndex(ref reader, ref said.Index, "candidates[].index", events);
            }
            else if (WireJson.Is(ref reader, "groundingMetadata"u8))
            {
                reader.Read();
                said.Grounding = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "citationMetadata"u8))
            {
                reader.Read();
                said.Citations = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "urlContextMetadata"u8))
            {
                said.HasUrls = true;
                WireJson.SkipValue(ref reader);
            }
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "logprobsResult"u8))
            {
                WireJson.TryReadRaw(ref reader, JsonTokenType.StartObject, data, ref said.LogProbs, "candidates[].logprobsResult", events);
            }
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "avgLogprobs"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value))
                    said.Average = value;
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].avgLogprobs", events);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        said.SettleIndex(missing, events);
        Give(ref said, data, events);
        return said.Index;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Give(ref CandidateFields said, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var candidate = said.Candidate ?? Get(said.Index, events);
        if (said.HasContent)
            IsRepeatable &= _parts.Read(ref said.Content, data, candidate, events);
        if (!said.LogProbs.IsEmpty || said.Average is not null)
        {
            IsRepeatable = false;
            LogProbReader.GiveResult(said.LogProbs, said.Average, said.Index, candidate.TextPart, events);
        }
        if (!said.Grounding.IsEmpty)
            candidate.GiveGrounding(said.Grounding, events);
        if (!said.Citations.IsEmpty)
            candidate.GiveCitations(said.Citations, events);
        if (said.HasUrls)
            events.Add(StreamEventKind.Other, said.Index, name: "urlContextMetadata");
        IsRepeatable &= !candidate.TryFinish(said.Finish, said.IsNumber, events) & !candidate.TryExplain(said.StopMessage);
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
        throw AnswerErrors.TooMuch(
            LlmLimit.Choices,
            "The answer contains more candidates, or higher candidate indexes, than LlmLimits.Choices allows."
        );
}
