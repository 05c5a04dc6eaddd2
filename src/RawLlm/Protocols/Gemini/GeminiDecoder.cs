using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the answers of <c>generateContent</c> and <c>streamGenerateContent</c>: events, elements of an array, or one document.</summary>
/// <remarks>
/// Every event is a whole answer in small, so streamed and whole answers are read alike. The wire has no end mark, and "STOP" may stand
/// on every event: an answer is whole when the body ended cleanly and every candidate has a finish reason.
/// </remarks>
internal sealed class GeminiDecoder : EventDecoder
{
    private GeminiCandidates _candidates = new();
    private GeminiUsage _usage;
    private bool _hasFrames;
    private string? _blockReason;
    private string? _blockMessage;
    private string? _id;
    private string? _model;

    public override Usage? Usage => _usage.ToUsage();

    internal override string? AnswerId => _id;

    internal override string? AnswerModel => _model;

    internal override bool HoldsCalls => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var data = frame.Data;
        AnswerErrors.ThrowIfFramed(frame, this, events, unlessJson: true);
        if (data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        // The wire has no such mark; gateways that also speak chat completions send it all the same.
        if (data.SequenceEqual("[DONE]"u8))
        {
            events.Note(QuirkKind.UnknownEvent, "[DONE]");
            Complete(isCut: false, events);
            return false;
        }
        bool isPlain = frame.Category.SequenceEqual(GeminiFrames.PlainCategory);
        bool isDowngraded = isPlain && !_hasFrames;
        _candidates.IsRepeatable = true;
        ReadBody(data, inStream: true, frame.Type.SequenceEqual("error"u8), events);
        if (_candidates.IsRepeatable)
            events.SayRepeatable();
        if (isDowngraded)
            events.Note(QuirkKind.StreamDowngraded, "body");
        return true;
    }

    internal override void ReadDeferred(ReadOnlySpan<byte> json, EventBuffer events)
    {
        var reader = WireJson.Reader(json, events.Options);
        reader.Read();
        _usage.Read(ref reader, events);
    }

    public override bool IsWhole(ReadOnlySpan<byte> data) => data.SequenceEqual("[DONE]"u8) || base.IsWhole(data);

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (isCut || !IsStopped)
            ThrowTruncated(isCut);
        Finish(events);
    }

    internal override bool IsStopped => !_candidates.IsEmpty && (_blockReason is not null || !_candidates.HasOpen);

    internal override void GiveUp(EventBuffer events)
    {
        // Before anything was said, an answer that broke off is asked for again: what is given ends that.
        if (!events.HasContent)
            return;
        try
        {
            _candidates.GiveSources(events);
        }
        catch (LlmException)
        {
            // More than the limits allow: what broke the answer off is told all the same.
        }
    }

    /// <summary>Reads a whole answer, or the whole array of a streamed one.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        try
        {
            ReadBody(body, inStream: false, isError: false, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw WireJson.Malformed(e, "The answer", _usage.ToUsage());
        }
        if (_candidates.IsEmpty)
            throw AnswerErrors.Malformed("The answer holds no candidates.", _usage.ToUsage());
        if (body.TrimStart(WireJson.WhiteSpace)[0] == '[')
            Complete(isCut: false, events);
        else
            Finish(events);
    }

    public override void Dispose() => _candidates.Dispose();

    private void ReadBody(ReadOnlySpan<byte> data, bool inStream, bool isError, EventBuffer events)
    {
        // The response's id stands at the end as a rule, behind what may be the same in two answers.
        if (!_hasFrames)
            _candidates.Seed((MadeId.Seed(data) * 31) ^ MadeId.Seed(data[Math.Max(0, data.Length - 512)..]));
        _hasFrames = true;
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                ReadChunk(ref reader, data, inStream, isError, events);
        }
        else
        {
            ReadChunk(ref reader, data, inStream, isError, events);
        }
        // A second value after the first is an error of the reader.
        reader.Read();
    }

    private void ReadChunk(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, bool isError, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        int start = (int)reader.TokenStartIndex;
        ReadOnlySpan<byte> error = default;
        GeminiFeedback feedback = default;
        bool isKnown = false;
        bool isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            if (WireJson.Is(ref reader, "candidates"u8))
            {
                if (WireJson.MayHaveTwice(data, "\"candidates\""u8) && WireJson.ComesAgain(reader, "candidates"u8))
                {
                    WireJson.SkipValue(ref reader);
                    continue;
                }
                reader.Read();
                isKnown = true;
                _candidates.Read(ref reader, data, events);
            }
            else if (WireJson.Is(ref reader, "usageMetadata"u8))
            {
                reader.Read();
                isKnown = true;
                var ahead = reader;
                _usage.Read(ref reader, events);
                if (ahead.TokenType == JsonTokenType.StartObject)
                    events.Trace?.Defer(WireJson.SkipRaw(ref ahead, data));
            }
            else if (WireJson.Is(ref reader, "modelVersion"u8))
            {
                reader.Read();
                isKnown = true;
                ReadIdentity(ref reader, ref _model, isKnown: true);
            }
            else if (WireJson.Is(ref reader, "responseId"u8))
            {
                reader.Read();
                isKnown = true;
                ReadIdentity(ref reader, ref _id);
            }
            else if (WireJson.Is(ref reader, "promptFeedback"u8))
            {
                reader.Read();
                isKnown = true;
                feedback.Read(ref reader);
            }
            else if (WireJson.Is(ref reader, "error"u8))
            {
                WireJson.ReadError(ref reader, data, ref error);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        // Without its envelope too: under the event type "error", or with a message and nothing that belongs to an answer.
        var whole = data[start..(int)reader.BytesConsumed];
        if (!error.IsEmpty || (!isKnown && (isError || (!isEmpty && ErrorReader.IsError(whole)))))
            Fail(whole, inStream, events);
        if (isEmpty)
            events.Note(QuirkKind.EmptyEvent, "$");
        else if (!isKnown)
            events.Note(QuirkKind.UnknownEvent, "$");
        if (feedback.Reason.IsPresent)
            Block(feedback, events);
    }

    private void Fail(ReadOnlySpan<byte> whole, bool inStream, EventBuffer events)
    {
        GiveUp(events);
        throw ErrorReader.ReadInBody(whole, inStream, _usage.ToUsage(), limits: events.Options.Limits);
    }

    // The same error for whole and streamed answers: nothing broke off, the service refused the prompt. What had already been said is
    // kept, and then the block is why it ended.
    private void Block(in GeminiFeedback feedback, EventBuffer events)
    {
        _candidates.IsRepeatable = false;
        _blockReason = feedback.Reason.ToString();
        _blockMessage = feedback.Message.IsPresent ? feedback.Message.ToString() : null;
        if (_candidates.IsEmpty)
        {
            string said = ForeignText.Clean(_blockMessage, events.Options.Limits.ErrorTextCharacters).TrimEnd('.');
            throw new LlmException(LlmErrorKind.ContentFiltered, said.Length > 0 ? $"The service blocked the prompt and gave no answer: {said}." : "The service blocked the prompt and gave no answer.")
            {
                ProviderCode = _blockReason,
                Phase = LlmPhase.Streaming,
                Usage = _usage.ToUsage(),
            };
        }
    }

    private void Finish(EventBuffer events)
    {
        _candidates.Complete(_blockReason, _blockMessage, events);
        _usage.Give(events);
        events.Add(StreamEventKind.Done, id: AnswerId, name: AnswerModel);
    }

    private static void ReadIdentity(scoped ref Utf8JsonReader reader, ref string? field, bool isKnown = false)
    {
        if (field is null && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
            field = isKnown ? KnownText.Get(JsonText.Read(ref reader)) : JsonText.Read(ref reader).ToString();
        reader.Skip();
    }

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "a finish reason", _usage.ToUsage());
}
