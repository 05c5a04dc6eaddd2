using System.Runtime.CompilerServices;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the answers of <c>/api/chat</c> and the older <c>/api/generate</c>, streamed line by line and whole.</summary>
/// <remarks>The line with <c>done</c> ends the answer; it may contain content and tool calls as well.</remarks>
internal sealed class OllamaDecoder : EventDecoder
{
    private static readonly CallPlaces Places = new(
        "message.tool_calls[].id",
        "message.tool_calls[].function.name",
        "message.tool_calls[].function.arguments"
    );

    // How much of the beginning of all reasoning proves a repetition, how much of it is kept, and from how many lines.
    private const int MinProof = 16;
    private const int MaxBeginning = 64;
    private const int MaxLinesRecorded = 8;

    private readonly CallBlocks _calls = new(choice: 0, Places);
    private TextRun? _text;
    private TextRun? _thoughts;
    private int _nextPart;
    private OllamaUsage _usage;
    private string? _model;
    private string? _reason;
    private bool _isDone;
    private bool _isSeeded;
    private uint _seed;

    // The beginning of all reasoning, as raw JSON text; all of it until there is enough for a proof.
    private byte[] _beginning = [];
    private int _beginningLength;
    private int _linesRecorded;

    public override Usage? Usage => _usage.ToUsage();

    internal override string? AnswerModel => _model;

    internal override bool RetainsCallBytes => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var reader = WireJson.Reader(frame.Data, events.Options);
        reader.Read();
        ReadChunk(ref reader, frame.Data, inStream: true, events);
        // The reader throws if a second value follows on the line.
        reader.Read();
        if (!_isDone)
            return true;
        Finish(events);
        return false;
    }

    public override void Complete(bool isCut, EventBuffer events) => ThrowTruncated(isCut);

    /// <summary>Reads a whole answer. If the server streams it anyway, reads it to its end.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        try
        {
            var reader = new Utf8JsonReader(
                body,
                new JsonReaderOptions { MaxDepth = events.Options.Limits.JsonDepth, AllowMultipleValues = true }
            );
            int count = 0;
            for (; !_isDone && reader.Read(); count++)
            {
                if (count > 0)
                    events.Note(QuirkKind.StreamUnrequested, "body");
                ReadChunk(ref reader, body, inStream: false, events);
            }
            // Nothing is read after the last line of a stream, as if a stream had been requested.
            if (_isDone && count == 1 && reader.Read())
                WireJson.ThrowType("$", reader.TokenType);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw AnswerErrors.Unreadable(e, body, _usage.ToUsage(), hasLines: true);
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
            _seed = GeneratedId.Seed(data[start..]);
        }
        OllamaLine line = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "message"u8))
            {
                reader.Read();
                line.IsKnown = true;
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!line.HasMessage && line.Text.IsEmpty && line.Thoughts.IsEmpty && IsPlainAhead(ref reader, data, events))
                    {
                        line.IsEmitted = true;
                        ReadMessage(ref reader, ref line, data, events);
                        continue;
                    }
                    line.Message = reader;
                    line.HasMessage = true;
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
                line.IsKnown = true;
                _isDone |= reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "done_reason"u8))
            {
                WireJson.TryReadText(ref reader, ref line.Reason, "done_reason", events);
            }
            else if (WireJson.Is(ref reader, "model"u8))
            {
                reader.Read();
                if (_model is null && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
                    _model = StringCache.Get(JsonText.Read(ref reader));
                reader.Skip();
            }
            // The members of /api/generate, whose answers have no message.
            else if (WireJson.Is(ref reader, "response"u8))
            {
                line.IsKnown = true;
                WireJson.TryReadText(ref reader, ref line.Text, "response", events);
            }
            else if (WireJson.Is(ref reader, "thinking"u8))
            {
                line.IsKnown = true;
                WireJson.TryReadText(ref reader, ref line.Thoughts, "thinking", events);
            }
            else if (WireJson.Is(ref reader, "tool_calls"u8))
            {
                reader.Read();
                line.IsKnown = true;
                line.HasCalls = reader.TokenType == JsonTokenType.StartArray;
                if (line.HasCalls)
                {
                    line.HasNews = true;
                    line.Calls = reader;
                    reader.Skip();
                }
                else
                {
                    WireJson.SkipUnexpected(ref reader, "tool_calls", events);
                }
            }
            // The image of an image model (2026).
            else if (WireJson.Is(ref reader, "image"u8))
            {
                line.IsKnown = true;
                WireJson.ReadTextIfAny(ref reader, ref line.Picture);
            }
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "logprobs"u8))
            {
                WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref line.LogProbs, "logprobs", events);
            }
            else if (WireJson.Is(ref reader, "error"u8))
            {
                reader.Read();
                line.HasError |= !WireJson.IsNothing(WireJson.SkipRaw(ref reader, data));
            }
            else if (_usage.TryRead(ref reader, events))
            {
                line.HasNews = true;
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        Emit(ref line, data, events);
        // An object without an error member is also an error if nothing in it belongs to an answer.
        if (line.HasError || !line.IsKnown)
            throw ErrorReader.ReadInBody(data[start..(int)reader.BytesConsumed], inStream, _usage.ToUsage(), limits: events.Options.Limits);
        if (!line.Reason.IsEmpty)
            _reason = StringCache.Get(line.Reason);
        else if (!_isDone && !line.HasNews)
            events.MarkRepeatable();
    }

    // Emits what the line contains if its message could not be read at once, and what is beside the message.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Emit(ref OllamaLine line, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (line.HasMessage)
            ReadMessage(ref line.Message, ref line, data, events);
        else if (!line.IsEmitted)
            Emit(line.Text, line.Thoughts, besideCalls: false, events);
        if (line is { HasCalls: true, HasMessage: false, IsEmitted: false })
            ReadCalls(ref line.Calls, data, events);
        if (!line.Picture.IsEmpty)
        {
            line.HasNews = true;
            EmitImage(line.Picture, "image", events);
        }
        if (LogProbReader.HasTokens(line.LogProbs))
        {
            line.HasNews = true;
            LogProbReader.Emit(line.LogProbs, choice: 0, _text?.Part ?? 0, events);
        }
    }

    // Whether the rest of the line is so plain that the message can be read at once: nothing in it is worth a quirk or adds content.
    // Reasoning on the last line may repeat all of it.
    private bool IsPlainAhead(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var ahead = new MembersAhead(data, reader.TokenStartIndex, events.Options.Limits.JsonDepth - reader.CurrentDepth);
        while (ahead.TryRead())
        {
            var name = ahead.Name;
            bool isPlain =
                (name.SequenceEqual("done"u8) && (_thoughts is null || ahead.Value[0] != (byte)'t'))
                || name.SequenceEqual("created_at"u8)
                || name.EndsWith("_duration"u8)
                || name.SequenceEqual("model"u8)
                || (name.SequenceEqual("done_reason"u8) && ahead.Value[0] == (byte)'"');
            if (!isPlain)
                return false;
        }
        return ahead.IsEnded;
    }

    private void ReadMessage(scoped ref Utf8JsonReader reader, ref OllamaLine line, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var text = line.Text;
        var thoughts = line.Thoughts;
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
                    line.HasNews = true;
                    // The texts come first, wherever they are.
                    var ahead = new MembersAhead(data, reader.TokenStartIndex, events.Options.Limits.JsonDepth - reader.CurrentDepth);
                    if (!ahead.TryRead() && ahead.IsEnded)
                    {
                        Emit(text, thoughts, besideCalls: true, events);
                        line.HasNews |= ReadImages(images, events);
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
        Emit(text, thoughts, hasCalls, events);
        line.HasNews |= ReadImages(images, events);
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
                EmitImage(JsonText.Read(ref reader), "images", events);
            else
                WireJson.SkipUnexpected(ref reader, "message.images[]", events);
        }
        return true;
    }

    private void EmitImage(JsonText base64, string name, EventBuffer events)
    {
        if (!GeneratedMedia.TryRead(base64, type: default, "image/png", out var image))
        {
            events.Note(QuirkKind.UnexpectedType, name);
            events.Add(StreamEventKind.Other, 0, name: name);
            return;
        }
        if (_nextPart >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyParts();
        image.Emit(choice: 0, _nextPart++, events);
    }

    private void ReadCalls(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                EmitCall(ref reader, data, events);
            else
                WireJson.SkipUnexpected(ref reader, "message.tool_calls[]", events);
        }
    }

    // Each of the two texts is one part: the wire has one member for it.
    private void Emit(JsonText text, JsonText thoughts, bool besideCalls, EventBuffer events)
    {
        if (!thoughts.IsEmpty && !(_isDone && besideCalls && IsRepetition(thoughts, events)))
        {
            _thoughts ??= new TextRun(StreamEventKind.Reasoning, choice: 0, _nextPart++, "message.thinking");
            if (WantsMore && _linesRecorded <= MaxLinesRecorded)
                RecordBeginning(thoughts, events);
            _thoughts.Add(thoughts, events);
        }
        if (!text.IsEmpty)
        {
            _text ??= new TextRun(StreamEventKind.Text, choice: 0, _nextPart++, "message.content");
            _text.Add(text, events);
        }
    }

    // At least two lines are needed: the first one alone may well occur again.
    private bool WantsMore => _beginningLength < MinProof || _linesRecorded < 2;

    // A predicted line is not seen here, so no prediction is learned from reasoning until enough of it is known.
    private void RecordBeginning(JsonText thoughts, EventBuffer events)
    {
        if (++_linesRecorded > MaxLinesRecorded)
            return;
        if (_beginning.Length == 0)
            _beginning = new byte[MaxBeginning];
        var piece = thoughts.Raw[..Math.Min(thoughts.Raw.Length, MaxBeginning - _beginningLength)];
        piece.CopyTo(_beginning.AsSpan(_beginningLength));
        _beginningLength += piece.Length;
        if (WantsMore)
            events.Trace?.Reject();
    }

    // exo (2026) repeats all reasoning on the last line, beside the tool calls. Reasoning with the same beginning, or short reasoning that
    // is identical, counts as a repetition: to count every piece would more than double the time of prediction (measured: 130 ns per line
    // instead of 45).
    private bool IsRepetition(JsonText thoughts, EventBuffer events)
    {
        bool isRepetition =
            _beginningLength > 0
            && thoughts.Raw.StartsWith(_beginning.AsSpan(0, _beginningLength))
            && (_beginningLength >= MinProof || (_linesRecorded <= MaxLinesRecorded && thoughts.Raw.Length == _beginningLength));
        if (isRepetition)
            events.Note(QuirkKind.ReasoningRepeated, "message.thinking");
        return isRepetition;
    }

    private void EmitCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        OllamaCall fields = default;
        fields.Read(ref reader, data, events);
        var call = _calls.Begin(_nextPart++, fields.Id, fields.Name, _seed, events, hasIds: false);
        if (!fields.Value.IsEmpty)
            _calls.AppendValue(call, fields.Value, events);
        else
            _calls.Append(call, fields.Text, events);
    }

    private void Finish(EventBuffer events)
    {
        _thoughts?.Flush(events);
        _text?.Flush(events);
        var stated = StopWords.Read(_reason);
        _calls.Complete(StopWords.IsCut(stated), events);
        if (_reason is null)
            events.Note(QuirkKind.NoFinishReason, "done_reason");
        // The answer to an empty conversation: the model was only loaded or unloaded.
        else if (stated == StopReason.Unknown && _reason is not ("load" or "unload"))
            events.Note(QuirkKind.UnknownFinishReason, "done_reason");
        events.Stop(0, StopWords.Effective(stated, _calls.Count > 0, hasRefusal: false), _reason);
        UsageCounter.EmitUnchecked(_usage.ToUsage(), events);
        events.Add(StreamEventKind.Done, name: _model);
    }

    private void ThrowTruncated(bool isCut) =>
        throw AnswerErrors.Broken(
            isCut
                ? "The stream ended inside a line: the answer is incomplete."
                : "The answer ended without a line that says \"done\": it is incomplete.",
            _usage.ToUsage()
        );
}
