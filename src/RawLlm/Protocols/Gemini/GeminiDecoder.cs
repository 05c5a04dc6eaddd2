using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// Decodes the answers of <c>generateContent</c> and <c>streamGenerateContent</c>: events, elements of an array, or one document.
/// </summary>
/// <remarks>
/// Every event has the form of a whole answer, so streamed and whole answers are read the same way. The wire has no end mark, and "STOP"
/// may be on every event: an answer is complete if the body ended cleanly and every candidate has a finish reason.
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

    internal override bool RetainsCallBytes => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var data = frame.Data;
        AnswerErrors.ThrowIfFramed(frame, this, events, unlessJson: true);
        if (data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        // The wire has no such mark, but gateways that also serve chat completions send it.
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
            events.MarkRepeatable();
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

    internal override void Abort(EventBuffer events)
    {
        // An answer that breaks off before any content is retried; an event returned here would prevent that.
        if (!events.HasContent)
            return;
        try
        {
            _candidates.EmitPendingCitations(events);
        }
        catch (LlmException)
        {
            // The citations exceed a limit, but the error that broke off the answer is the one to report.
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
            throw AnswerErrors.Unreadable(e, body, _usage.ToUsage());
        }
        if (_candidates.IsEmpty)
            ThrowNoCandidates();
        if (body.TrimStart(WireJson.WhiteSpace)[0] == '[')
            Complete(isCut: false, events);
        else
            Finish(events);
    }

    public override void Dispose() => _candidates.Dispose();

    private void ReadBody(ReadOnlySpan<byte> data, bool inStream, bool isError, EventBuffer events)
    {
        // The response's ID is usually at the end, after content that may be the same in two answers.
        if (!_hasFrames)
            _candidates.Seed((GeneratedId.Seed(data) * 31) ^ GeneratedId.Seed(data[Math.Max(0, data.Length - 512)..]));
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
                if (WireJson.MayHaveTwice(data, "\"candidates\""u8) && WireJson.IsRepeatedLater(reader, "candidates"u8))
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
        // An error may also lack its envelope: under the event type "error", or with a message and no members of an answer.
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
        Abort(events);
        throw ErrorReader.ReadInBody(whole, inStream, _usage.ToUsage(), limits: events.Options.Limits);
    }

    // Streamed and whole answers lead to the same error: nothing broke off, the service blocked the prompt. If content has already arrived,
    // it is kept, and the block becomes the stop reason.
    private void Block(in GeminiFeedback feedback, EventBuffer events)
    {
        _candidates.IsRepeatable = false;
        _blockReason = feedback.Reason.ToString();
        _blockMessage = feedback.Message.IsPresent ? feedback.Message.ToString() : null;
        if (_candidates.IsEmpty)
        {
            string message = TextSanitizer.Clean(_blockMessage, events.Options.Limits.ErrorTextCharacters).TrimEnd('.');
            throw new LlmException(
                LlmErrorKind.ContentFiltered,
                message.Length > 0
                    ? $"The service blocked the prompt and gave no answer: {message}."
                    : "The service blocked the prompt and gave no answer."
            )
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
        _usage.Emit(events);
        events.Add(StreamEventKind.Done, id: AnswerId, name: AnswerModel);
    }

    private static void ReadIdentity(scoped ref Utf8JsonReader reader, ref string? field, bool isKnown = false)
    {
        if (field is null && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
            field = isKnown ? StringCache.Get(JsonText.Read(ref reader)) : JsonText.Read(ref reader).ToString();
        reader.Skip();
    }

    // Only an answer of this wire is worth another attempt.
    private void ThrowNoCandidates()
    {
        const string Message = "The answer has no candidates.";
        var usage = _usage.ToUsage();
        throw usage is not null || _id is not null || _model is not null
            ? AnswerErrors.Empty(Message, usage)
            : AnswerErrors.Malformed(Message);
    }

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "a finish reason", _usage.ToUsage());
}
