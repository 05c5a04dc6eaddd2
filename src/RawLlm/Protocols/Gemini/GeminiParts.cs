using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Returns the content of the candidates' parts: text, tool calls, and data to send back unchanged. Do not copy this struct: copies share
/// the buffer.
/// </summary>
internal struct GeminiParts
{
    private const string Wire = "gemini";

    private PooledBytes _scratch;
    private uint _seed;

    /// <summary>Sets the seed for generated call IDs.</summary>
    public void Seed(uint seed) => _seed = seed;

    /// <summary>Reads a content and emits its parts.</summary>
    /// <returns>True if they are nothing but another piece of the same text.</returns>
    public bool Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        bool isRepeatable = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isParts =
                WireJson.Is(ref reader, "parts"u8)
                && !(WireJson.MayHaveTwice(data, "\"parts\""u8) && WireJson.IsRepeatedLater(reader, "parts"u8));
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
        GeminiPart part = default;
        part.Members = reader;
        int start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "text"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    part.Text = JsonText.Read(ref reader);
                else if (reader.TokenType != JsonTokenType.Null)
                    WireJson.ThrowType("candidates[].content.parts[].text", reader.TokenType);
            }
            else if (WireJson.Is(ref reader, "thought"u8))
            {
                reader.Read();
                part.IsThought = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "functionCall"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    part.ReadCall(ref reader, data);
                else
                    reader.Skip();
            }
            else if (!part.HasInline && WireJson.Is(ref reader, "inlineData"u8))
            {
                part.HasInline = WireJson.TrySaveReader(ref reader, JsonTokenType.StartObject, ref part.Inline);
            }
            else
            {
                reader.Read();
                part.HasRest |=
                    reader.TokenType != JsonTokenType.Null && !(reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
                reader.Skip();
            }
        }
        part.Raw = data[start..(int)reader.BytesConsumed];
        return Emit(ref part, data, candidate, events);
    }

    // Returns true if the part was nothing but another piece of the same text.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Emit(ref GeminiPart part, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        part.NoteOdd(data, events);
        // An image that the model makes while it thinks is not an image of the answer.
        if (
            part is { HasInline: true, HasCall: false, Text.IsEmpty: true, IsThought: false }
            && EmitMedia(ref part, data, candidate, events)
        )
        {
            return false;
        }

        part.HasRest |= part.HasInline;
        if (part.HasCall)
            EmitCall(ref part, data, candidate, events);
        else if (!part.Text.IsEmpty)
            return !EmitText(ref part, data, candidate, events) && !part.HasRest;
        else if (part.HasRest)
            AddOpaque(part.Raw, candidate, events);
        return !part.HasCall && !part.HasRest;
    }

    // An image or audio: {"inlineData":{"mimeType":"image/png","data":"…"}}.
    private bool EmitMedia(ref GeminiPart part, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        JsonText type = default;
        JsonText bytes = default;
        while (part.Inline.Read() && part.Inline.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref part.Inline, "mimeType"u8))
                WireJson.ReadTextIfAny(ref part.Inline, ref type);
            else if (WireJson.Is(ref part.Inline, "data"u8))
                WireJson.ReadTextIfAny(ref part.Inline, ref bytes);
            else
                WireJson.SkipValue(ref part.Inline);
        }
        if (!GeneratedMedia.TryRead(bytes, type, "application/octet-stream", out var media))
            return false;
        // Audio without a file header arrives in pieces, each of which is a part on the wire.
        bool goesOn = !part.HasRest && (type.Raw.StartsWith("audio/L16"u8) || type.Raw.StartsWith("audio/pcm"u8));
        int index = candidate.MediaPart(type, goesOn, events);
        media.Emit(candidate.Index, index, events);
        if (!part.HasRest)
            return true;
        _scratch.Clear();
        _scratch.Append("{"u8);
        AppendRest(ref part.Members, data, isMedia: true);
        _scratch.Append("}"u8);
        events.Add(StreamEventKind.WireData, candidate.Index, index, _scratch.Span, name: Wire);
        return true;
    }

    // Code and its result, the service's own tools, a signature without content: kept whole, to be sent back at the same position.
    private static void AddOpaque(ReadOnlySpan<byte> part, GeminiCandidate candidate, EventBuffer events)
    {
        int index = candidate.NewPart(events);
        int length = WireJson.Compact(part, events.Reserve(part.Length));
        events.Commit(StreamEventKind.WireData, candidate.Index, index, length, name: Wire);
    }

    // The service does not allow joining a part that has a signature with another one. Without signatures, the pieces of a text form one
    // part. Returns true if the text starts a part, and is not another piece of the same one.
    private bool EmitText(ref GeminiPart part, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        if (part.HasRest)
            candidate.EndRun(events);
        int index = candidate.ContinueRun(part.IsThought ? StreamEventKind.Reasoning : StreamEventKind.Text, out bool isNew, events);
        if (part.HasRest)
        {
            _scratch.Clear();
            _scratch.Append("{"u8);
            AppendRest(ref part.Members, data);
            _scratch.Append("}"u8);
            events.Add(StreamEventKind.WireData, candidate.Index, index, _scratch.Span, name: Wire);
        }
        else if (isNew && part.IsThought)
        {
            events.Add(StreamEventKind.WireData, candidate.Index, index, """{"thought":true}"""u8, name: Wire);
        }
        candidate.AddText(part.Text, events);
        if (part.HasRest)
            candidate.EndRun(events);
        return isNew;
    }

    // Appends, byte for byte, the members of the part other than its text, its call and an image or audio that was returned separately.
    private void AppendRest(scoped ref Utf8JsonReader members, ReadOnlySpan<byte> data, bool isMedia = false)
    {
        bool isFirst = _scratch.Length == 1;
        while (members.Read() && members.TokenType == JsonTokenType.PropertyName)
        {
            bool isOwn =
                WireJson.Is(ref members, "text"u8)
                || WireJson.Is(ref members, "functionCall"u8)
                || (isMedia && WireJson.Is(ref members, "inlineData"u8));
            int start = (int)members.TokenStartIndex;
            members.Read();
            members.Skip();
            if (isOwn)
                continue;
            if (!isFirst)
                _scratch.Append(","u8);
            isFirst = false;
            var member = data[start..(int)members.BytesConsumed];
            _scratch.Commit(WireJson.Compact(member, _scratch.Reserve(member.Length)));
        }
    }

    private void EmitCall(ref GeminiPart part, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
        ref var fields = ref part.Call;
        // A name starts a call, unless the named call is open under the same ID. A part without a name continues an open call, or, if it is
        // empty, ends it. The end may be missing.
        var open = candidate.FindOpen(fields.Id, fields.Name);
        var call = open?.Call;
        if (call is null)
        {
            candidate.EndCalls(all: false, events);
            // The end of a call that has already ended.
            if (
                fields.Name.IsEmpty
                && (fields.Id.IsEmpty || candidate.HasEnded(fields.Id))
                && fields.Arguments.IsEmpty
                && fields.Text.IsEmpty
                && !fields.HasPieces
            )
            {
                return;
            }

            int index = candidate.NewPart(events);
            call = candidate.Calls.Begin(index, fields.Id, fields.Name, _seed, events, hasIds: false);
            AddCallData(fields.RawId, ref part, data, candidate, index, events);
            if (fields.WillContinue || fields.HasPieces)
                open = candidate.Open(call, fields, part.HasRest);
        }
        else if (part.HasRest && !open!.HasRest)
        {
            open.HasRest = true;
            AddCallData(open.RawId, ref part, data, candidate, call.Part, events);
        }
        // Empty arguments beside partial ones are filled in by a gateway.
        if (open is not null && WireJson.IsEmpty(fields.Arguments))
            fields.Arguments = default;
        call.IsCut |= fields.IsUnreadable;
        if (!fields.Arguments.IsEmpty && open is not null && call.Arguments.Length > 0)
            candidate.Settle(open, fields.Arguments, events);
        else if (!fields.Arguments.IsEmpty)
            candidate.Calls.AppendValue(call, fields.Arguments, events);
        else if (!fields.Text.IsEmpty)
            candidate.Calls.Append(call, fields.Text, events);
        if (fields.HasPieces && open is { IsSettled: false })
            GeminiPieces.Read(ref fields.Pieces, open, candidate, ref _scratch, events);
        if (!fields.WillContinue && open is not null)
            candidate.End(open, events);
    }

    // The ID is sent back only if the service sent one: older models reject calls with an ID.
    private void AddCallData(
        ReadOnlySpan<byte> rawId,
        ref GeminiPart part,
        ReadOnlySpan<byte> data,
        GeminiCandidate candidate,
        int index,
        EventBuffer events
    )
    {
        bool hasId = rawId.Length > 2;
        if (!hasId && !part.HasRest)
            return;
        _scratch.Clear();
        _scratch.Append("{"u8);
        if (hasId)
        {
            _scratch.Append("\"functionCall\":{\"id\":"u8);
            _scratch.Append(rawId);
            _scratch.Append("}"u8);
        }
        if (part.HasRest)
            AppendRest(ref part.Members, data);
        _scratch.Append("}"u8);
        events.Add(StreamEventKind.WireData, candidate.Index, index, _scratch.Span, name: Wire);
    }
}
