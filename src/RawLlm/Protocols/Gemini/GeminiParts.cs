using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Gives what the parts of candidates hold: texts, function calls, and what goes back as it came. A struct to be kept in one place: copies share the room.</summary>
internal struct GeminiParts
{
    private const string Wire = "gemini";

    private PooledBytes _scratch;
    private uint _seed;

    /// <summary>Takes what the ids of calls without one are made of.</summary>
    public void Seed(uint seed) => _seed = seed;

    /// <summary>Reads a content and gives its parts.</summary>
    /// <returns>True where they are no more than another piece of the same text.</returns>
    public bool Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        bool isRepeatable = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isParts = WireJson.Is(ref reader, "parts"u8) && !(WireJson.MayHaveTwice(data, "\"parts\""u8) && WireJson.ComesAgain(reader, "parts"u8));
            reader.Read();
            if (!isParts || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
                continue;
            }
            if (reader.TokenType != JsonTokenType.StartArray)
                WireJson.ThrowType("candidates[].content.parts", reader.TokenType);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    isRepeatable &= ReadPart(ref reader, data, candidate, events);
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].content.parts[]", events);
            }
        }
        return isRepeatable;
    }

    public void Dispose() => _scratch.Return();

    private bool ReadPart(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        var part = reader;
        int start = (int)reader.TokenStartIndex;
        JsonText text = default;
        GeminiCall call = default;
        Utf8JsonReader again = default;
        bool hasCall = false;
        bool isThought = false;
        // Whatever stands beside text and call, a signature as a rule, goes back with them.
        bool hasRest = false;
        Utf8JsonReader inline = default;
        bool hasInline = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "text"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    text = JsonText.Read(ref reader);
                else if (reader.TokenType != JsonTokenType.Null)
                    WireJson.ThrowType("candidates[].content.parts[].text", reader.TokenType);
            }
            else if (WireJson.Is(ref reader, "thought"u8))
            {
                reader.Read();
                isThought = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "functionCall"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    again = reader;
                    call = default;
                    hasCall = true;
                    call.Read(ref reader, data, events: null);
                    continue;
                }
                reader.Skip();
            }
            else if (!hasInline && WireJson.Is(ref reader, "inlineData"u8))
            {
                hasInline = WireJson.TryKeep(ref reader, JsonTokenType.StartObject, ref inline);
            }
            else
            {
                reader.Read();
                hasRest |= reader.TokenType != JsonTokenType.Null && !(reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
                reader.Skip();
            }
        }
        if (hasCall && call.IsOdd)
        {
            call = default;
            call.Read(ref again, data, events);
        }
        // What the model tries while it thinks is no picture of the answer.
        if (hasInline && !hasCall && text.IsEmpty && !isThought && GiveMedia(ref inline, ref part, data, hasRest, candidate, events))
            return false;
        hasRest |= hasInline;
        if (hasCall)
            GiveCall(ref call, ref part, data, hasRest, candidate, events);
        else if (!text.IsEmpty)
            return !ReadText(text, ref part, data, isThought, hasRest, candidate, events) && !hasRest;
        else if (hasRest)
            AddOpaque(data[start..(int)reader.BytesConsumed], candidate, events);
        return !hasCall && !hasRest;
    }

    // A picture or sound: {"inlineData":{"mimeType":"image/png","data":"…"}}.
    private bool GiveMedia(scoped ref Utf8JsonReader inline, scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data, bool hasRest, GeminiCandidate candidate, EventBuffer events)
    {
        JsonText type = default;
        JsonText bytes = default;
        while (inline.Read() && inline.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref inline, "mimeType"u8))
                WireJson.ReadTextIfAny(ref inline, ref type);
            else if (WireJson.Is(ref inline, "data"u8))
                WireJson.ReadTextIfAny(ref inline, ref bytes);
            else
                WireJson.SkipValue(ref inline);
        }
        if (!MadeMedia.TryRead(bytes, type, "application/octet-stream", out var media))
            return false;
        // Sound without a head comes in pieces, each a part of the wire's.
        bool goesOn = !hasRest && (type.Raw.StartsWith("audio/L16"u8) || type.Raw.StartsWith("audio/pcm"u8));
        int index = candidate.MediaPart(type, goesOn, events);
        media.Give(candidate.Index, index, events);
        if (!hasRest)
            return true;
        _scratch.Clear();
        _scratch.Append("{"u8);
        AppendRest(ref part, data, isMedia: true);
        _scratch.Append("}"u8);
        events.Add(StreamEventKind.WireData, candidate.Index, index, _scratch.Span, name: Wire);
        return true;
    }

    // Code and its result, the service's own tools, a signature on nothing: kept whole, to go back to where it was.
    private static void AddOpaque(ReadOnlySpan<byte> part, GeminiCandidate candidate, EventBuffer events)
    {
        int index = candidate.NewPart(events);
        int length = WireJson.Compact(part, events.Reserve(part.Length));
        events.Commit(StreamEventKind.WireData, candidate.Index, index, length, name: Wire);
    }

    // The service's rule: a part with a signature may not be joined with another one. Without signatures, the pieces of a text are one part.
    // True where the text begins a part, and is no other piece of the same one.
    private bool ReadText(JsonText text, scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data, bool isThought, bool hasRest, GeminiCandidate candidate, EventBuffer events)
    {
        if (hasRest)
            candidate.EndRun(events);
        int index = candidate.ContinueRun(isThought ? StreamEventKind.Reasoning : StreamEventKind.Text, out bool isNew, events);
        if (hasRest)
        {
            _scratch.Clear();
            _scratch.Append("{"u8);
            AppendRest(ref part, data);
            _scratch.Append("}"u8);
            events.Add(StreamEventKind.WireData, candidate.Index, index, _scratch.Span, name: Wire);
        }
        else if (isNew && isThought)
        {
            events.Add(StreamEventKind.WireData, candidate.Index, index, """{"thought":true}"""u8, name: Wire);
        }
        candidate.Give(text, events);
        if (hasRest)
            candidate.EndRun(events);
        return isNew;
    }

    // The members of the part that are neither its text nor its call, nor its picture where that is given, byte for byte.
    private void AppendRest(scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data, bool isMedia = false)
    {
        bool isFirst = _scratch.Length == 1;
        while (part.Read() && part.TokenType == JsonTokenType.PropertyName)
        {
            bool isOwn = WireJson.Is(ref part, "text"u8) || WireJson.Is(ref part, "functionCall"u8) || (isMedia && WireJson.Is(ref part, "inlineData"u8));
            int start = (int)part.TokenStartIndex;
            part.Read();
            part.Skip();
            if (isOwn)
                continue;
            if (!isFirst)
                _scratch.Append(","u8);
            isFirst = false;
            var member = data[start..(int)part.BytesConsumed];
            _scratch.Commit(WireJson.Compact(member, _scratch.Reserve(member.Length)));
        }
    }

    private void GiveCall(scoped ref GeminiCall said, scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data, bool hasRest, GeminiCandidate candidate, EventBuffer events)
    {
        // A name begins a call, unless the call that it names is open under the same id; without one the part goes on with a call that
        // is open, or, empty, ends it. The end may be missing.
        var open = candidate.FindOpen(said.Id, said.Name);
        var call = open?.Call;
        if (call is null)
        {
            candidate.EndCalls(all: false, events);
            // The end of a call that was ended already.
            if (said.Name.IsEmpty && (said.Id.IsEmpty || candidate.HasEnded(said.Id)) && said.Arguments.IsEmpty && said.Text.IsEmpty && !said.HasPieces)
                return;
            int index = candidate.NewPart(events);
            call = candidate.Calls.Begin(index, said.Id, said.Name, _seed, events, hasIds: false);
            AddCallData(said.RawId, ref part, data, hasRest, candidate, index, events);
            if (said.GoesOn || said.HasPieces)
                open = candidate.Open(call, said, hasRest);
        }
        else if (hasRest && !open!.HasRest)
        {
            open.HasRest = true;
            AddCallData(open.RawId, ref part, data, hasRest, candidate, call.Part, events);
        }
        // Empty arguments beside pieces are what a gateway fills in.
        if (open is not null && WireJson.IsEmpty(said.Arguments))
            said.Arguments = default;
        call.IsCut |= said.IsLost;
        if (!said.Arguments.IsEmpty && open is not null && call.Arguments.Length > 0)
            candidate.Settle(open, said.Arguments, events);
        else if (!said.Arguments.IsEmpty)
            candidate.Calls.AppendValue(call, said.Arguments, events);
        else if (!said.Text.IsEmpty)
            candidate.Calls.Append(call, said.Text, events);
        if (said.HasPieces && open is { IsSettled: false })
            ReadPieces(ref said.Pieces, open, candidate, events);
        if (!said.GoesOn && open is not null)
            candidate.End(open, events);
    }

    // The id goes back only where the service gave one: older models refuse calls that have any.
    private void AddCallData(ReadOnlySpan<byte> rawId, scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data, bool hasRest, GeminiCandidate candidate, int index, EventBuffer events)
    {
        bool hasId = rawId.Length > 2;
        if (!hasId && !hasRest)
            return;
        _scratch.Clear();
        _scratch.Append("{"u8);
        if (hasId)
        {
            _scratch.Append("\"functionCall\":{\"id\":"u8);
            _scratch.Append(rawId);
            _scratch.Append("}"u8);
        }
        if (hasRest)
            AppendRest(ref part, data);
        _scratch.Append("}"u8);
        events.Add(StreamEventKind.WireData, candidate.Index, index, _scratch.Span, name: Wire);
    }

    private void ReadPieces(scoped ref Utf8JsonReader reader, GeminiOpenCall open, GeminiCandidate candidate, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadPiece(ref reader, open, candidate, events);
            else
                BreakOff(ref reader, open, "candidates[].content.parts[].functionCall.partialArgs[]", events);
        }
    }

    // What cannot be read may have been a piece of the arguments.
    private static void BreakOff(scoped ref Utf8JsonReader reader, GeminiOpenCall open, string place, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.Null)
            open.Partial.Break();
        WireJson.SkipUnexpected(ref reader, place, events);
    }

    private void ReadPiece(scoped ref Utf8JsonReader reader, GeminiOpenCall open, GeminiCandidate candidate, EventBuffer events)
    {
        JsonText path = default;
        ReadOnlySpan<byte> value = default;
        bool isString = true;
        bool goesOn = false;
        bool hasValue = false;
        bool isKnown = false;
        bool isOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "jsonPath"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    path = JsonText.Read(ref reader);
            }
            else if (WireJson.Is(ref reader, "stringValue"u8))
            {
                reader.Read();
                isKnown = true;
                if (reader.TokenType == JsonTokenType.String)
                {
                    value = reader.ValueSpan;
                    isString = hasValue = true;
                }
                else
                {
                    BreakOff(ref reader, open, "candidates[].content.parts[].functionCall.partialArgs[].stringValue", events);
                }
            }
            else if (WireJson.Is(ref reader, "numberValue"u8) || WireJson.Is(ref reader, "boolValue"u8) || WireJson.Is(ref reader, "nullValue"u8))
            {
                bool isNull = WireJson.Is(ref reader, "nullValue"u8);
                reader.Read();
                isNull |= reader.TokenType == JsonTokenType.Null;
                isKnown = true;
                // A gateway may write all members, and null for those that the service left out.
                if (!isNull || !hasValue)
                {
                    value = isNull ? "null"u8 : reader.ValueSpan;
                    isString = false;
                    hasValue = !isNull;
                }
            }
            else if (WireJson.Is(ref reader, "willContinue"u8))
            {
                reader.Read();
                goesOn = reader.TokenType == JsonTokenType.True;
            }
            else
            {
                isOther |= WireJson.Name(ref reader).EndsWith("Value"u8);
                reader.Read();
            }
            reader.Skip();
        }
        // No value at all is an empty text, which the service leaves out.
        if (isOther && !isKnown)
            open.Partial.Break();
        candidate.Calls.Append(open.Call, open.Partial.Add(Unescape(path), value, isString, goesOn), events);
    }

    private ReadOnlySpan<byte> Unescape(JsonText text)
    {
        if (!text.IsEscaped)
            return text.Raw;
        _scratch.Clear();
        char pending = '\0';
        _scratch.Commit(text.CopyTo(_scratch.Reserve(text.MaxLength), ref pending, out _));
        return _scratch.Span;
    }
}
