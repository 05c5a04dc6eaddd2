using System.Runtime.CompilerServices;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes chat completions, streamed and whole.</summary>
/// <remarks>
/// Takes what services send, whatever the order of its members: a null or absent <c>choices</c> or <c>delta</c>, content as a list of
/// parts, thoughts under four names, usage in five places, errors inside a success. The closing events wait for the end mark, because
/// content, usage and errors do come after the finish reason.
/// </remarks>
internal sealed class ChatCompletionsDecoder : EventDecoder
{
    private ChoiceList _choices;
    private ChatCompletionsUsage? _usage;
    private AnswerIdentity _identity;

    public override Usage? Usage => _usage?.ToUsage();

    internal override bool HoldsCalls => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var data = frame.Data;
        // Only these exact bytes end the stream; anything like them is read as JSON and fails.
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
        // A second value after the first is an error of the reader.
        reader.Read();
        if (chunk.IsRepeatable)
            events.SayRepeatable();
        return true;
    }

    // A document where an event belongs: an error, the whole answer, or a chunk that lacks its field name.
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
        // Without a finish reason nothing tells whether that was all: more documents may follow.
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

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        _identity.Begin(body);
        var chunk = new ChatChunk(body, type: default, isWhole: true);
        try
        {
            // Services keep a slow connection awake with blank lines before the JSON (DeepSeek, 2025); the reader passes over them.
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
            throw WireJson.Malformed(e, "The answer", _usage?.ToUsage());
        }
        if (_choices.IsEmpty)
            throw AnswerErrors.Malformed("The answer holds no choices.");
        Finish(events);
    }

    public override void Dispose() => _choices.Dispose();

    // Inlined into its caller it uses up what the compiler spends on inlining, and every comparison of a name becomes a call: 20 % more for a chunk.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadBody(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("choices"u8))
            {
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
                if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8))
                    chunk.IsError = true;
                else
                    chunk.IsKnown = true;
                reader.Skip();
            }
            else if (name.SequenceEqual("x_groq"u8))
            {
                chunk.IsKnown = true;
                ReadGroq(ref reader, ref chunk, events);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        if (chunk.IsOdd(_choices.IsEmpty))
            Judge(chunk, events);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Judge(in ChatChunk chunk, EventBuffer events)
    {
        if (chunk.IsFailure(_choices.IsEmpty))
            Fail(chunk, events);
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
            ReadChoice(ref reader, ref chunk, events);
        }
        return true;
    }

    // The choice's number may stand after its delta, so what the delta says is given once everything else of the choice is known.
    private void ReadChoice(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        int index = -1;
        MessageParts delta = default;
        ReadOnlySpan<byte> message = default;
        bool hasDelta = false;
        JsonText finish = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("delta"u8))
            {
                reader.Read();
                if (IsObject(ref reader, "choices[].delta"))
                {
                    hasDelta = true;
                    ReadMessage(ref reader, chunk.Data, out delta, events);
                }
            }
            else if (name.SequenceEqual("finish_reason"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    finish = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "choices[].finish_reason", events);
            }
            else if (name.SequenceEqual("index"u8))
            {
                reader.Read();
                if (!WireJson.TryReadIndex(ref reader, out index))
                {
                    index = -1;
                    WireJson.SkipUnexpected(ref reader, "choices[].index", events);
                }
            }
            else if (name.SequenceEqual("message"u8))
            {
                reader.Read();
                if (IsObject(ref reader, "choices[].message"))
                    message = WireJson.SkipRaw(ref reader, chunk.Data);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                // Moonshot (2025) reports usage inside the choice.
                reader.Read();
                ReadUsage(ref reader, chunk.Data, events);
            }
            else if (name.SequenceEqual("error"u8))
            {
                // OpenRouter (2026) reports what fails behind it beside the delta.
                chunk.ReadError(ref reader);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        if (index < 0)
        {
            // Copilot (2025) sends the words and the calls of one answer as two choices without numbers.
            index = 0;
            events.Note(QuirkKind.ChoiceIndexMissing, "choices[].index");
        }
        var choice = _choices.Get(index, _identity.Seed, events);
        if (!message.IsEmpty)
        {
            chunk.HasMessage = true;
            if (!chunk.IsWhole)
                events.Note(QuirkKind.MessageInStream, "choices[].message");
            if (hasDelta && !chunk.IsWhole)
            {
                Give(delta, choice, isWhole: false, ref chunk, events);
                choice.HasDelta |= choice.HasContent;
            }
            // A message at the end repeats what the deltas said; alone it is the answer.
            if (chunk.IsWhole || !choice.HasDelta)
                GiveMessage(message, choice, ref chunk, events);
        }
        else if (hasDelta)
        {
            Give(delta, choice, chunk.IsWhole && !chunk.IsDocument, ref chunk, events);
            choice.HasDelta |= choice.HasContent;
        }
        else if (!chunk.HasError)
        {
            events.Note(QuirkKind.DeltaMissing, "choices[].delta");
        }
        ReadFinish(finish, choice, ref chunk, events);
    }

    private static void ReadFinish(JsonText finish, ChoiceState choice, ref ChatChunk chunk, EventBuffer events)
    {
        // Absent, null and "" all mean: not finished.
        if (finish.IsEmpty)
            return;
        chunk.IsRepeatable = false;
        if (choice.Finish is not null)
            events.Note(QuirkKind.RepeatedFinishReason, "choices[].finish_reason");
        if (choice.Finish is { } before && finish.Is(before))
            return;
        string word = KnownText.Get(finish);
        choice.Finish = word;
        if (StopWords.Read(word) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, "choices[].finish_reason");
    }

    private void GiveMessage(ReadOnlySpan<byte> message, ChoiceState choice, ref ChatChunk chunk, EventBuffer events)
    {
        chunk.IsRepeatable = false;
        var reader = WireJson.Reader(message, events.Options);
        reader.Read();
        ReadMessage(ref reader, message, out var parts, events);
        if (!parts.Details.IsEmpty || !parts.ThinkingBlocks.IsEmpty || !parts.Opaque.IsEmpty)
            choice.ForgetThoughts();
        Give(parts, choice, isWhole: true, ref chunk, events);
    }

    private static void ReadMessage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, out MessageParts parts, EventBuffer events)
    {
        parts = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("content"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    parts.Content = JsonText.Read(ref reader);
                }
                else if (reader.TokenType == JsonTokenType.StartArray)
                {
                    parts.ContentParts = WireJson.SkipRaw(ref reader, data);
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    WireJson.ThrowType("choices[].delta.content", reader.TokenType);
                }
            }
            else if (name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning"u8) || name.SequenceEqual("reasoning_text"u8))
            {
                // One text under several names is given once: the first that is not empty.
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                    WireJson.SkipUnexpected(ref reader, "choices[].delta.reasoning", events);
                else if (parts.Reasoning.IsEmpty)
                    parts.Reasoning = JsonText.Read(ref reader);
            }
            else if (name.SequenceEqual("tool_calls"u8))
            {
                reader.Read();
                if (SkipArray(ref reader, data, "choices[].delta.tool_calls", events) is { IsEmpty: false } calls)
                    parts.Calls = calls;
            }
            else if (name.SequenceEqual("reasoning_details"u8))
            {
                reader.Read();
                if (SkipArray(ref reader, data, "choices[].delta.reasoning_details", events) is { IsEmpty: false } details)
                    parts.Details = details;
            }
            else if (name.SequenceEqual("thinking_blocks"u8))
            {
                reader.Read();
                if (SkipArray(ref reader, data, "choices[].delta.thinking_blocks", events) is { IsEmpty: false } blocks)
                    parts.ThinkingBlocks = blocks;
            }
            else if (name.SequenceEqual("reasoning_opaque"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    parts.Opaque = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "choices[].delta.reasoning_opaque", events);
            }
            else if (name.SequenceEqual("refusal"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    parts.Refusal = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "choices[].delta.refusal", events);
            }
            else if (name.SequenceEqual("function_call"u8))
            {
                reader.Read();
                if (IsObject(ref reader, "choices[].delta.function_call"))
                    parts.Function = WireJson.SkipRaw(ref reader, data);
            }
            else if (name.SequenceEqual("role"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
                    events.Note(QuirkKind.RoleInvalid, "choices[].delta.role");
                reader.Skip();
            }
            else if (name.SequenceEqual("audio"u8))
            {
                reader.Read();
                parts.HasAudio |= reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
            }
            else if (name.SequenceEqual("images"u8))
            {
                reader.Read();
                parts.HasImages |= reader.TokenType == JsonTokenType.StartArray && HasElements(WireJson.SkipRaw(ref reader, data));
                reader.Skip();
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
    }

    // The members may come in any order; they are given in the order thoughts, words, calls.
    private void Give(in MessageParts parts, ChoiceState choice, bool isWhole, ref ChatChunk chunk, EventBuffer events)
    {
        chunk.IsRepeatable &= parts.Details.IsEmpty && parts.ContentParts.IsEmpty && parts.Function.IsEmpty && !parts.HasAudio
            && parts.ThinkingBlocks.IsEmpty && parts.Opaque.IsEmpty && !parts.HasImages;
        if (!parts.Reasoning.IsEmpty)
            choice.Reason(parts.Reasoning, events);
        if (!parts.Details.IsEmpty)
            choice.Returned.ReadDetails(parts.Details, choice, givesText: parts.Reasoning.IsEmpty, events);
        if (!parts.ThinkingBlocks.IsEmpty)
            choice.Returned.ReadBlocks(parts.ThinkingBlocks, choice, givesText: parts.Reasoning.IsEmpty && parts.Details.IsEmpty, events);
        if (!parts.Opaque.IsEmpty)
            choice.Returned.AddOpaque(parts.Opaque, events);
        if (!parts.Content.IsEmpty)
            choice.Say(parts.Content, events);
        if (!parts.ContentParts.IsEmpty)
            ContentPartReader.Read(parts.ContentParts, choice, events);
        if (!parts.Refusal.IsEmpty)
            choice.Refuse(parts.Refusal, events);
        if (!parts.Calls.IsEmpty)
            ToolCallReader.Read(parts.Calls, choice, isWhole, events);
        // llama-cpp-python (2024) says every call in both forms.
        if (!parts.Function.IsEmpty && !HasElements(parts.Calls))
            ToolCallReader.ReadLegacy(parts.Function, choice, isWhole, events);
        if (parts.HasAudio)
            events.Add(StreamEventKind.Other, choice.Index, 0, name: "audio");
        if (parts.HasImages)
            events.Add(StreamEventKind.Other, choice.Index, 0, name: "images");
    }

    private static bool HasElements(ReadOnlySpan<byte> array) => !array.IsEmpty && !array[1..^1].Trim(" \t\r\n"u8).IsEmpty;

    // Groq (2024): usage, and errors of the stream, under a member of its own.
    private void ReadGroq(scoped ref Utf8JsonReader reader, ref ChatChunk chunk, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                ReadUsage(ref reader, chunk.Data, events);
            }
            else if (reader.ValueTextEquals("error"u8) && !chunk.HasError)
            {
                chunk.ReadError(ref reader);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }

    private void ReadUsage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "usage", events);
            return;
        }
        var ahead = reader;
        (_usage ??= new()).Read(ref reader, events);
        events.Trace?.Defer(WireJson.SkipRaw(ref ahead, data));
    }

    private void Finish(EventBuffer events)
    {
        if (_choices.IsEmpty)
            ThrowEmpty();
        _choices.Complete(events);
        _usage?.Give(events);
        events.Add(StreamEventKind.Done, id: _identity.Id, name: _identity.Model);
    }

    private static bool IsObject(scoped ref Utf8JsonReader reader, string place)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
            WireJson.ThrowType(place, reader.TokenType);
        return reader.TokenType == JsonTokenType.StartObject;
    }

    private static ReadOnlySpan<byte> SkipArray(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, string place, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
            return WireJson.SkipRaw(ref reader, data);
        WireJson.SkipUnexpected(ref reader, place, events);
        return [];
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
        _choices.GiveStops(events);
        throw ErrorReader.ReadInBody(chunk.Data, inStream: !chunk.IsWhole, _usage?.ToUsage(), limits: events.Options.Limits);
    }

    private void ThrowEmpty() =>
        throw new LlmException(LlmErrorKind.MalformedResponse, "The stream ended without holding anything of an answer.") { IsRetryable = true, Phase = LlmPhase.Streaming, Usage = _usage?.ToUsage() };

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "a finish reason and without its end mark", _usage?.ToUsage());
}
