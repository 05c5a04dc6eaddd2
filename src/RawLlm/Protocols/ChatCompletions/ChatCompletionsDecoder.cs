using System.Runtime.CompilerServices;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes chat completions answers, streamed and whole.</summary>
/// <remarks>
/// Accepts what services send, in any member order: a null or absent <c>choices</c> or <c>delta</c>, content as a list of parts, reasoning
/// under six names, usage in five places, errors inside a success. The closing events wait for the end mark, because content, usage and
/// errors may follow the finish reason.
/// </remarks>
internal sealed class ChatCompletionsDecoder(ChatCompletionsProtocol? dialect = null) : EventDecoder
{
    private const string NoChoices = "The answer contains no choices.";

    private static readonly ChatCompletionsProtocol Standard = new();

    private readonly ChatCompletionsProtocol _dialect = dialect ?? Standard;
    private ChoiceList _choices;
    private ChatCompletionsUsage? _usage;
    private AnswerIdentity _identity;
    private AnswerCitations? _sources;

    public override Usage? Usage => _usage?.ToUsage();

    internal override string? AnswerId => _identity.Id;

    internal override string? AnswerModel => _identity.Model;

    internal override bool RetainsCallBytes => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var data = frame.Data;
        // Only these exact bytes end the stream; anything similar is read as JSON and fails.
        if (data.SequenceEqual("[DONE]"u8))
        {
            Finish(events);
            return false;
        }
        AnswerErrors.ThrowIfFramed(frame, this, events, unlessJson: true);
        if (data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        if (!frame.Category.IsEmpty)
            return DecodeDocument(data, events);
        if (!frame.Type.IsEmpty && IsGatewayEvent(frame.Type, data))
        {
            events.Note(QuirkKind.UnknownEvent, "data");
            return true;
        }
        _identity.Begin(data);
        var chunk = new ChatChunk(data, frame.Type, isWhole: false);
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            ReadArray(ref reader, chunk, events);
            return true;
        }
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        var identity = _identity;
        ReadBody(ref reader, ref chunk, events);
        if (!chunk.HasChoices && !frame.Type.IsEmpty)
            _identity.Restore(identity);
        // The reader throws if a second value follows.
        reader.Read();
        // Only the new content of a whole message among deltas is emitted, so the next similar one contains nothing new.
        if (chunk.IsRepeatable && !chunk.HasMessage)
            events.MarkRepeatable();
        return true;
    }

    // Gateways keep a connection alive with events of their own type, whose data is a word or a time (2026): "event: ping", "data: ping".
    private static bool IsGatewayEvent(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) =>
        !type.SequenceEqual("message"u8) && data.TrimStart(WireJson.WhiteSpace) is not [(byte)'{' or (byte)'[', ..];

    // A document instead of an event: an error, the whole answer, or a chunk without its field name.
    private bool DecodeDocument(ReadOnlySpan<byte> data, EventBuffer events)
    {
        var chunk = new ChatChunk(data, type: default, isWhole: _identity.Begin(data)) { IsDocument = true };
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        ReadBody(ref reader, ref chunk, events);
        if (chunk.HasMessage && !_choices.HasOpen)
        {
            events.Note(QuirkKind.StreamDowngraded, "body");
            Finish(events);
            return false;
        }
        // Without a finish reason, more documents may follow.
        events.Note(QuirkKind.UnexpectedContentType, "body");
        return true;
    }

    internal override void ReadDeferred(ReadOnlySpan<byte> json, EventBuffer events)
    {
        var reader = WireJson.Reader(json, events.Options);
        reader.Read();
        (_usage ??= new()).Read(ref reader, events);
    }

    public override bool IsWhole(ReadOnlySpan<byte> data) => data.SequenceEqual("[DONE]"u8) || base.IsWhole(data);

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (isCut || _choices.IsEmpty || _choices.HasOpen)
            ThrowTruncated(isCut);
        events.Note(QuirkKind.MissingSentinel, "end of body");
        Finish(events);
    }

    internal override bool IsStopped => !_choices.IsEmpty && !_choices.HasOpen;

    internal override void Abort(EventBuffer events)
    {
        // If nothing was emitted yet, an answer that broke off is requested again; emitting citations would prevent that.
        if (!events.HasContent)
            return;
        try
        {
            _choices.EmitCitations(_sources, events);
        }
        catch (LlmException)
        {
            // The citations exceed the limits, or deviate although decoding is strict. The failure that ended the answer is reported
            // anyway.
        }
    }

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        _identity.Begin(body);
        var chunk = new ChatChunk(body, type: default, isWhole: true);
        try
        {
            // Services keep a slow connection alive with blank lines before the JSON (DeepSeek, 2025); the reader skips them.
            var reader = WireJson.Reader(body, events.Options);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
                ReadArray(ref reader, chunk, events);
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("$", reader.TokenType);
            ReadBody(ref reader, ref chunk, events);
            if (reader.Read())
                WireJson.ThrowType("$", reader.TokenType);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw AnswerErrors.Unreadable(e, body, _usage?.ToUsage());
        }
        // OpenRouter (2026) sends null instead of the choices if the service behind it failed.
        if (_choices.IsEmpty)
            throw AnswerErrors.Empty(NoChoices, Usage);
        Finish(events);
    }

    public override void Dispose()
    {
        _choices.Dispose();
        _sources?.Dispose();
    }

    // Inlined into its caller, it uses up the compiler's inlining budget, and every name comparison becomes a call: 20 % more time per
    // chunk.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadBody(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("choices"u8))
            {
                // The last one counts. The search for another takes 10 ns of the 470 ns for a chunk that is read in full.
                if (chunk.Data[(int)reader.BytesConsumed..].IndexOf("\"choices\""u8) >= 0 && WireJson.IsRepeatedLater(reader, name))
                {
                    if (!chunk.IsWhole)
                        events.Note(QuirkKind.UnexpectedType, "choices");
                    WireJson.SkipValue(ref reader);
                    continue;
                }
                reader.Read();
                chunk.IsKnown = true;
                chunk.HasChoices |= ReadChoices(ref reader, ref chunk, events);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                reader.Read();
                chunk.IsKnown = true;
                chunk.HasUsage |= reader.TokenType == JsonTokenType.StartObject;
                ReadUsage(ref reader, chunk.Data, events);
            }
            else if (name.SequenceEqual("id"u8))
            {
                chunk.IsKnown = true;
                chunk.IsRepeatable &= _identity.ReadId(ref reader, events);
            }
            else if (name.SequenceEqual("model"u8))
            {
                chunk.IsKnown = true;
                _identity.ReadModel(ref reader, events);
            }
            else if (name.SequenceEqual("error"u8))
            {
                chunk.ReadError(ref reader);
            }
            else if (name.SequenceEqual("object"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "error"u8))
                    chunk.IsError = true;
                else
                    chunk.IsKnown = true;
                reader.Skip();
            }
            else if (name.SequenceEqual("x_groq"u8))
            {
                chunk.IsKnown = true;
                ReadGatewayMember(ref reader, ref chunk, events);
            }
            else if (AnswerCitations.IsMember(name))
            {
                chunk.IsRepeatable &= !(_sources ??= new()).Read(ref reader, name, chunk.Data, events);
            }
            else if (name.Length is not (4 or 9) || !chunk.TryRead(ref reader, name, events))
            {
                chunk.HasOther = true;
                events.Ignore(ref reader);
            }
        }
        if (chunk.IsOdd(_choices.IsEmpty))
            CheckBody(chunk, events);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckBody(in ChatChunk chunk, EventBuffer events)
    {
        if (chunk.IsFailure(_choices.IsEmpty))
            Fail(chunk, events);
        if (chunk is { HasChoices: true, HasChoice: false, Cost.IsEmpty: false })
            (_usage ??= new()).ReadCost(chunk.Cost);
        if (chunk.Dollars is { } dollars)
            (_usage ??= new()).SetCost(dollars);
        chunk.NoteMissing(events);
    }

    private bool ReadChoices(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            events.Note(QuirkKind.ChoicesMissing, "choices");
            return false;
        }
        if (reader.TokenType != JsonTokenType.StartArray)
            WireJson.ThrowType("choices", reader.TokenType);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("choices[]", reader.TokenType);
            chunk.HasChoice = true;
            ReadChoice(ref reader, ref chunk, events);
        }
        return true;
    }

    // The choice's index may come after its delta, so the delta is emitted once everything else of the choice is known.
    private void ReadChoice(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        var fields = new ChoiceFields { Index = -1 };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("delta"u8))
            {
                if (WireJson.EnterObjectOrNull(ref reader, "choices[].delta", events))
                {
                    fields.HasDelta = true;
                    fields.Delta.Read(ref reader, chunk.Data, _dialect, events);
                }
                // A blank value instead of an object is a delta without content.
                fields.HasDelta |= reader.TokenType != JsonTokenType.Null;
            }
            else if (name.SequenceEqual("finish_reason"u8))
            {
                WireJson.TryReadText(ref reader, ref fields.Finish, "choices[].finish_reason", events);
            }
            else if (name.SequenceEqual("index"u8))
            {
                reader.Read();
                fields.Index = -1;
                WireJson.ReadIndex(ref reader, ref fields.Index, "choices[].index", events);
            }
            else if (name.SequenceEqual("message"u8))
            {
                if (WireJson.EnterObjectOrNull(ref reader, "choices[].message", events))
                    fields.Message = WireJson.SkipRaw(ref reader, chunk.Data);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                // Moonshot (2025) reports usage inside the choice. The delta is emitted later.
                reader.Read();
                ReadUsage(ref reader, chunk.Data, events, isFirst: true);
            }
            else if (name.SequenceEqual("error"u8))
            {
                // OpenRouter (2026) reports failures of the service behind it beside the delta.
                chunk.ReadError(ref reader);
            }
            else if (name.SequenceEqual("native_finish_reason"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref fields.Native);
            }
            else if (name.SequenceEqual("text"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref fields.Text);
            }
            else if ((name.SequenceEqual("stop_reason"u8) || name.SequenceEqual("matched_stop"u8)) && IsText(reader))
            {
                // vLLM and SGLang (2026): the stop sequence, the number of a token, or null.
                WireJson.ReadTextIfAny(ref reader, ref fields.StopSequence);
            }
            else if (events.Options.LogProbs && name.SequenceEqual("logprobs"u8))
            {
                WireJson.TryReadRaw(ref reader, JsonTokenType.StartObject, chunk.Data, ref fields.LogProbs, "choices[].logprobs", events);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        Emit(ref fields, ref chunk, events);
    }

    private static bool IsText(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Emit(ref ChoiceFields fields, ref ChatChunk chunk, EventBuffer events)
    {
        // In one list, an index cannot mean the same choice twice.
        fields.SettleIndex(chunk.IsWhole ? _choices.Free(fields.Index) : fields.Index, events);
        // Neither its text nor its end belongs to the answer.
        if (fields.Delta.IsToolResult)
        {
            chunk.IsRepeatable = false;
            events.Add(StreamEventKind.Other, fields.Index, 0, name: "tool");
            return;
        }
        fields.SettleFinish(events);
        var choice = _choices.Get(fields.Index, _identity.Seed, _dialect, events);
        EmitDelta(ref fields, ref chunk, choice, events);
        if (!fields.Message.IsEmpty)
            EmitMessage(ref fields, ref chunk, choice, events);
        if (LogProbReader.HasTokens(fields.LogProbs))
        {
            chunk.IsRepeatable = false;
            choice.EmitLogProbs(fields.LogProbs, events);
        }
        if (!fields.HasDelta && fields.Message.IsEmpty && !fields.Text.IsPresent && !chunk.HasError)
            events.Note(QuirkKind.DeltaMissing, "choices[].delta");
        if (!fields.Finish.IsEmpty)
        {
            chunk.IsRepeatable = false;
            choice.SetFinishReason(fields.Finish, fields.Native, events);
            choice.SetStopSequence(fields.StopSequence);
        }
    }

    private static void EmitDelta(ref ChoiceFields fields, ref ChatChunk chunk, ChoiceState choice, EventBuffer events)
    {
        bool hasMessage = !fields.Message.IsEmpty;
        if (hasMessage)
        {
            chunk.HasMessage = true;
            if (!chunk.IsWhole)
                events.Note(QuirkKind.MessageInStream, "choices[].message");
        }
        if (fields.HasDelta && !(hasMessage && chunk.IsWhole))
        {
            chunk.IsRepeatable &= fields.Delta.EmitTo(choice, chunk.IsWhole && !chunk.IsDocument, events);
            choice.HasDelta |= choice.HasContent;
        }
        // The form of plain completions, instead of a delta or beside an empty one (llama-cpp-python and gateways, 2025).
        if (!fields.Text.IsEmpty && !(fields.HasDelta && fields.Delta.HasContent) && !hasMessage)
        {
            events.Note(QuirkKind.DeltaMissing, "choices[].text");
            choice.EmitContent(fields.Text, events);
            choice.HasDelta = true;
        }
        else
        {
            // Together (2025) repeats each piece there.
            events.Trace?.Ignore(fields.Text);
        }
    }

    // A message at the end repeats the deltas; without deltas, it is the answer.
    private static void EmitMessage(ref ChoiceFields fields, ref ChatChunk chunk, ChoiceState choice, EventBuffer events)
    {
        if (chunk.IsWhole || !choice.HasDelta)
        {
            chunk.IsRepeatable = false;
            choice.Emit(fields.Message, events);
        }
        else if (!fields.Finish.IsEmpty || choice.Finish is not null)
        {
            choice.EmitMissing(fields.Message, events);
        }
        else
        {
            // The deltas may still deliver what only the message contains so far.
            chunk.IsRepeatable &= !choice.StoreMessage(fields.Message, events);
        }
    }

    // Groq (2024): usage and stream errors are under a member of its own.
    private void ReadGatewayMember(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "usage"u8))
            {
                reader.Read();
                ReadUsage(ref reader, chunk.Data, events);
            }
            else if (WireJson.Is(ref reader, "error"u8))
            {
                chunk.ReadError(ref reader);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }

    private void ReadUsage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events, bool isFirst = false)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "usage", events);
            return;
        }
        var ahead = reader;
        (_usage ??= new()).Read(ref reader, events);
        events.Trace?.Defer(WireJson.SkipRaw(ref ahead, data), isFirst);
    }

    private void Finish(EventBuffer events)
    {
        if (_choices.IsEmpty)
            ThrowEmpty();
        _choices.Complete(_sources, events);
        _usage?.Emit(events);
        events.Add(StreamEventKind.Done, id: AnswerId, name: AnswerModel);
    }

    private void ReadArray(scoped ref Utf8JsonReader reader, in ChatChunk chunk, EventBuffer events)
    {
        reader.Skip();
        reader.Read();
        if (chunk.IsErrorArray)
            Fail(chunk, events);
        events.Note(QuirkKind.UnknownEvent, "data");
    }

    private void Fail(in ChatChunk chunk, EventBuffer events)
    {
        Abort(events);
        _choices.EmitStops(events);
        if (chunk.IsForeign && !chunk.ReportsFailure())
            throw AnswerErrors.Malformed(NoChoices, Usage);
        throw ErrorReader.ReadInBody(chunk.ErrorText, inStream: !chunk.IsWhole, _usage?.ToUsage(), limits: events.Options.Limits);
    }

    private void ThrowEmpty() => throw AnswerErrors.Empty("The stream ended without any part of an answer.", _usage?.ToUsage());

    private void ThrowTruncated(bool isCut) =>
        throw AnswerErrors.Truncated(isCut, "a finish reason and without its end mark", _usage?.ToUsage());
}
