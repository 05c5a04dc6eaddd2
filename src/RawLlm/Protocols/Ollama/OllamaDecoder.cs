using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the answers of <c>/api/chat</c>, and of the older <c>/api/generate</c>, streamed line by line and whole.</summary>
/// <remarks>The line that says <c>done</c> ends the answer; it may hold content and function calls as well.</remarks>
internal sealed class OllamaDecoder : EventDecoder
{
    private static readonly CallPlaces Places = new("message.tool_calls[].id", "message.tool_calls[].function.name", "message.tool_calls[].function.arguments");

    private readonly CallBlocks _calls = new(choice: 0, Places);
    private TextRun? _text;
    private TextRun? _thoughts;
    private int _nextPart;
    private UsageCounter _usage;
    private string? _model;
    private string? _reason;
    private bool _isDone;
    private bool _isSeeded;
    private uint _seed;
    private int _firstThoughts;

    public override Usage? Usage => _usage.ToUsage();

    internal override string? AnswerModel => _model;

    internal override bool HoldsCalls => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var reader = WireJson.Reader(frame.Data, events.Options);
        reader.Read();
        ReadChunk(ref reader, frame.Data, inStream: true, events);
        // A second value on the line is an error of the reader.
        reader.Read();
        if (!_isDone)
            return true;
        Finish(events);
        return false;
    }

    public override void Complete(bool isCut, EventBuffer events) => ThrowTruncated(isCut);

    /// <summary>Reads a whole answer; one that was streamed all the same is read to its end.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = events.Options.Limits.JsonDepth, AllowMultipleValues = true });
            int count = 0;
            for (; !_isDone && reader.Read(); count++)
            {
                if (count > 0)
                    events.Note(QuirkKind.StreamUnasked, "body");
                ReadChunk(ref reader, body, inStream: false, events);
            }
            // Behind the last line of a stream nothing is read, as if it had been asked for.
            if (_isDone && count == 1 && reader.Read())
                WireJson.ThrowType("$", reader.TokenType);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw WireJson.Malformed(e, "The answer", _usage.ToUsage());
        }
        if (!_isDone)
            ThrowTruncated(isCut: false);
        Finish(events);
    }

    public override void Dispose() => _calls.Dispose();

    private void ReadChunk(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        int start = (int)reader.TokenStartIndex;
        if (!_isSeeded)
        {
            _isSeeded = true;
            _seed = MadeId.Seed(data[start..]);
        }
        bool hasError = false;
        bool isKnown = false;
        bool hasNews = false;
        JsonText text = default;
        JsonText thoughts = default;
        JsonText reason = default;
        Utf8JsonReader message = default;
        bool hasMessage = false;
        Utf8JsonReader calls = default;
        bool hasCalls = false;
        JsonText picture = default;
        ReadOnlySpan<byte> logProbs = default;
        bool isGiven = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "message"u8))
            {
                reader.Read();
                isKnown = true;
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!hasMessage && text.IsEmpty && thoughts.IsEmpty && IsPlainAhead(ref reader, data, events))
                    {
                        isGiven = true;
                        ReadMessage(ref reader, data, text, thoughts, ref hasNews, events);
                        continue;
                    }
                    message = reader;
                    hasMessage = true;
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    WireJson.ThrowType("message", reader.TokenType);
                }
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "done"u8))
            {
                reader.Read();
                isKnown = true;
                _isDone |= reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "done_reason"u8))
            {
                WireJson.TryReadText(ref reader, ref reason, "done_reason", events);
            }
            else if (WireJson.Is(ref reader, "model"u8))
            {
                reader.Read();
                if (_model is null && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
                    _model = KnownText.Get(JsonText.Read(ref reader));
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "prompt_eval_count"u8))
            {
                // Absent while the prompt lies in the server's cache.
                hasNews = true;
                UsageCounter.ReadNext(ref reader, ref _usage.Input, "prompt_eval_count", events);
            }
            // Of those (0.33, 2026).
            else if (WireJson.Is(ref reader, "prompt_eval_cached_count"u8))
            {
                hasNews = true;
                UsageCounter.ReadNext(ref reader, ref _usage.CachedInput, "prompt_eval_cached_count", events);
            }
            else if (WireJson.Is(ref reader, "eval_count"u8))
            {
                hasNews = true;
                UsageCounter.ReadNext(ref reader, ref _usage.Output, "eval_count", events);
            }
            // The members of /api/generate, which has no message.
            else if (WireJson.Is(ref reader, "response"u8))
            {
                isKnown = true;
                WireJson.TryReadText(ref reader, ref text, "response", events);
            }
            else if (WireJson.Is(ref reader, "thinking"u8))
            {
                isKnown = true;
                WireJson.TryReadText(ref reader, ref thoughts, "thinking", events);
            }
            else if (WireJson.Is(ref reader, "tool_calls"u8))
            {
                reader.Read();
                isKnown = true;
                hasCalls = reader.TokenType == JsonTokenType.StartArray;
                if (hasCalls)
                {
                    hasNews = true;
                    calls = reader;
                    reader.Skip();
                }
                else
                {
                    WireJson.SkipUnexpected(ref reader, "tool_calls", events);
                }
            }
            // The picture of a model that draws (2026).
            else if (WireJson.Is(ref reader, "image"u8))
            {
                isKnown = true;
                WireJson.ReadTextIfAny(ref reader, ref picture);
            }
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "logprobs"u8))
            {
                WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref logProbs, "logprobs", events);
            }
            else if (WireJson.Is(ref reader, "error"u8))
            {
                reader.Read();
                hasError |= !WireJson.IsNothing(WireJson.SkipRaw(ref reader, data));
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        if (hasMessage)
            ReadMessage(ref message, data, text, thoughts, ref hasNews, events);
        else if (!isGiven)
            Give(text, thoughts, events);
        if (hasCalls && !hasMessage && !isGiven)
            ReadCalls(ref calls, data, events);
        if (!picture.IsEmpty)
        {
            hasNews = true;
            GiveImage(picture, "image", events);
        }
        if (LogProbReader.HasTokens(logProbs))
        {
            hasNews = true;
            LogProbReader.Give(logProbs, choice: 0, _text?.Part ?? 0, events);
        }
        // Without its own member too: an object in which nothing belongs to an answer.
        if (hasError || !isKnown)
            throw ErrorReader.ReadInBody(data[start..(int)reader.BytesConsumed], inStream, _usage.ToUsage(), limits: events.Options.Limits);
        if (!reason.IsEmpty)
            _reason = KnownText.Get(reason);
        else if (!_isDone && !hasNews)
            events.SayRepeatable();
    }

    // Whether what follows the message is so plain that the message can be read at once: nothing of it that is worth a quirk, and no
    // more to say. Thoughts on the last line may be all of them again.
    private bool IsPlainAhead(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var ahead = new MembersAhead(data, reader.TokenStartIndex, events.Options.Limits.JsonDepth - reader.CurrentDepth);
        while (ahead.TryRead())
        {
            var name = ahead.Name;
            bool isPlain = (name.SequenceEqual("done"u8) && (_thoughts is null || ahead.Value[0] != (byte)'t')) || name.SequenceEqual("created_at"u8) || name.EndsWith("_duration"u8) || name.SequenceEqual("model"u8)
                || (name.SequenceEqual("done_reason"u8) && ahead.Value[0] == (byte)'"');
            if (!isPlain)
                return false;
        }
        return ahead.IsEnded;
    }

    private void ReadMessage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, JsonText text, JsonText thoughts, ref bool hasNews, EventBuffer events)
    {
        Utf8JsonReader calls = default;
        bool hasCalls = false;
        ReadOnlySpan<byte> images = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "content"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    text = JsonText.Read(ref reader);
                else if (reader.TokenType != JsonTokenType.Null)
                    WireJson.ThrowType("message.content", reader.TokenType);
            }
            else if (WireJson.Is(ref reader, "thinking"u8))
            {
                WireJson.TryReadText(ref reader, ref thoughts, "message.thinking", events);
            }
            else if (WireJson.Is(ref reader, "tool_calls"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartArray)
                {
                    hasNews = true;
                    // The texts come first, wherever they stand.
                    var ahead = new MembersAhead(data, reader.TokenStartIndex, events.Options.Limits.JsonDepth - reader.CurrentDepth);
                    if (!ahead.TryRead() && ahead.IsEnded)
                    {
                        Give(text, thoughts, events);
                        hasNews |= ReadImages(images, events);
                        ReadCalls(ref reader, data, events);
                        reader.Read();
                        return;
                    }
                    calls = reader;
                    hasCalls = true;
                    reader.Skip();
                }
                else
                {
                    WireJson.SkipUnexpected(ref reader, "message.tool_calls", events);
                }
            }
            else if (WireJson.Is(ref reader, "images"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartArray)
                    images = WireJson.SkipRaw(ref reader, data);
                reader.Skip();
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        Give(text, thoughts, events);
        hasNews |= ReadImages(images, events);
        if (hasCalls)
            ReadCalls(ref calls, data, events);
    }

    private bool ReadImages(ReadOnlySpan<byte> images, EventBuffer events)
    {
        if (WireJson.IsNothing(images))
            return false;
        var reader = WireJson.Reader(images, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                GiveImage(JsonText.Read(ref reader), "images", events);
            else
                WireJson.SkipUnexpected(ref reader, "message.images[]", events);
        }
        return true;
    }

    private void GiveImage(JsonText base64, string name, EventBuffer events)
    {
        if (!MadeMedia.TryRead(base64, type: default, "image/png", out var image))
        {
            events.Note(QuirkKind.UnexpectedType, name);
            events.Add(StreamEventKind.Other, 0, name: name);
            return;
        }
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        image.Give(choice: 0, _nextPart++, events);
    }

    private void ReadCalls(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadCall(ref reader, data, events);
            else
                WireJson.SkipUnexpected(ref reader, "message.tool_calls[]", events);
        }
    }

    // Each of the two texts is one part: the wire has one member for it.
    private void Give(JsonText text, JsonText thoughts, EventBuffer events)
    {
        if (!thoughts.IsEmpty && !(_isDone && AreGiven(thoughts, events)))
        {
            _thoughts ??= new TextRun(StreamEventKind.Reasoning, choice: 0, _nextPart++, "message.thinking") { Counted = new TextCount() };
            _thoughts.Add(thoughts, events);
            if (_firstThoughts == 0)
                _firstThoughts = (int)_thoughts.Counted!.Length;
        }
        if (!text.IsEmpty)
        {
            _text ??= new TextRun(StreamEventKind.Text, choice: 0, _nextPart++, "message.content");
            _text.Add(text, events);
        }
    }

    // exo (2026) says all thoughts again on the last line, beside the calls.
    private bool AreGiven(JsonText thoughts, EventBuffer events)
    {
        // One piece may well be said twice; of several, all at once are the same thoughts.
        if (_thoughts?.Counted is not { } given || given.Length == _firstThoughts)
            return false;
        char pending = '\0';
        var room = events.Reserve(thoughts.MaxLength);
        bool isSame = given.MayBe(room[..thoughts.CopyTo(room, ref pending, out _)]);
        if (isSame)
            events.Note(QuirkKind.ThoughtsRepeated, "message.thinking");
        return isSame;
    }

    private void ReadCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        JsonText id = default;
        JsonText name = default;
        JsonText text = default;
        ReadOnlySpan<byte> value = default;
        Utf8JsonReader again = default;
        bool isOdd = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "function"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    again = reader;
                    isOdd = ReadFunction(ref reader, data, out name, out text, out value, events: null);
                }
                else
                {
                    WireJson.SkipUnexpected(ref reader, "message.tool_calls[].function", events);
                }
            }
            else if (WireJson.Is(ref reader, "id"u8))
            {
                WireJson.TryReadText(ref reader, ref id, "message.tool_calls[].id", events);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (isOdd)
            ReadFunction(ref again, data, out name, out text, out value, events);
        var call = _calls.Begin(_nextPart++, id, name, _seed, events, hasIds: false);
        if (!value.IsEmpty)
            _calls.AppendValue(call, value, events);
        else
            _calls.Append(call, text, events);
    }

    // True when there is a quirk, which is recorded where there are events.
    private static bool ReadFunction(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, out JsonText name, out JsonText text, out ReadOnlySpan<byte> value, EventBuffer? events)
    {
        bool isOdd = false;
        name = default;
        text = default;
        value = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A comparison may throw, which is for the read that counts.
            if (events is null && reader.ValueIsEscaped)
            {
                isOdd = true;
                WireJson.SkipValue(ref reader);
            }
            else if (WireJson.Is(ref reader, "name"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    name = JsonText.Read(ref reader);
                    continue;
                }
                isOdd = true;
                if (events is null)
                    reader.Skip();
                else
                    WireJson.SkipUnexpected(ref reader, "message.tool_calls[].function.name", events);
            }
            else if (WireJson.Is(ref reader, "arguments"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    isOdd = true;
                    events?.Note(QuirkKind.ToolArgumentsAsText, "message.tool_calls[].function.arguments");
                    text = JsonText.Read(ref reader);
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    value = WireJson.SkipRaw(ref reader, data);
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return isOdd;
    }

    private void Finish(EventBuffer events)
    {
        _thoughts?.Flush(events);
        _text?.Flush(events);
        var stated = StopWords.Read(_reason);
        _calls.Complete(StopWords.IsCut(stated), events);
        if (_reason is null)
            events.Note(QuirkKind.NoFinishReason, "done_reason");
        // What an empty conversation is answered with: the model was only loaded, or thrown out.
        else if (stated == StopReason.Unknown && _reason is not ("load" or "unload"))
            events.Note(QuirkKind.UnknownFinishReason, "done_reason");
        events.Stop(0, StopWords.Effective(stated, _calls.Count > 0, hasRefusal: false), _reason);
        if (_usage.ToUsage() is { } usage)
            events.Usage(usage);
        events.Add(StreamEventKind.Done, name: _model);
    }

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Broken(
        isCut ? "The stream ended inside a line: the answer is not whole." : "The answer ended without a line that says it is done: it is not whole.", _usage.ToUsage());
}
