using System.Text;
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
    private const string Wire = "gemini";

    private readonly List<GeminiCandidate> _candidates = [];
    private GeminiUsage _usage;
    private bool _hasFrames;
    private string? _blockReason;
    private string? _id;
    private string? _model;
    private uint _seed;
    private PooledBytes _scratch;

    // False once a frame said more than one more piece of a text.
    private bool _isRepeatable;

    public override Usage? Usage => _usage.ToUsage();

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
        _isRepeatable = true;
        ReadBody(data, inStream: true, frame.Type.SequenceEqual("error"u8), events);
        if (_isRepeatable)
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

    internal override bool IsStopped
    {
        get
        {
            bool isStopped = _candidates.Count > 0;
            foreach (var candidate in _candidates)
                isStopped &= candidate.Finish is not null || _blockReason is not null;
            return isStopped;
        }
    }

    internal override void GiveUp(EventBuffer events)
    {
        // Before anything was said, an answer that broke off is asked for again: what is given ends that.
        if (!events.HasContent)
            return;
        try
        {
            foreach (var candidate in _candidates)
                candidate.GiveSources(events);
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
        if (_candidates.Count == 0)
            throw AnswerErrors.Malformed("The answer holds no candidates.", _usage.ToUsage());
        if (body.TrimStart(" \t\r\n"u8)[0] == '[')
            Complete(isCut: false, events);
        else
            Finish(events);
    }

    public override void Dispose()
    {
        foreach (var candidate in _candidates)
            candidate.Dispose();
        _scratch.Return();
    }

    private void ReadBody(ReadOnlySpan<byte> data, bool inStream, bool isError, EventBuffer events)
    {
        // The response's id stands at the end as a rule, behind what may be the same in two answers.
        if (!_hasFrames)
            _seed = (MadeId.Seed(data) * 31) ^ MadeId.Seed(data[Math.Max(0, data.Length - 512)..]);
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
        string? blockReason = null;
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
                ReadCandidates(ref reader, data, events);
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
                blockReason = ReadFeedback(ref reader);
            }
            else if (WireJson.Is(ref reader, "error"u8))
            {
                reader.Read();
                var value = WireJson.SkipRaw(ref reader, data);
                // The first error wins: one that is there cannot be hidden by a null after it.
                if (error.IsEmpty && !WireJson.IsNothing(value))
                    error = value;
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        // Without its envelope too: under the event type "error", or with a message and nothing that belongs to an answer.
        var whole = data[start..(int)reader.BytesConsumed];
        if (!error.IsEmpty || (!isKnown && (isError || (!isEmpty && ErrorReader.IsError(whole)))))
        {
            GiveUp(events);
            throw ErrorReader.ReadInBody(whole, inStream, _usage.ToUsage(), limits: events.Options.Limits);
        }
        if (isEmpty)
            events.Note(QuirkKind.EmptyEvent, "$");
        else if (!isKnown)
            events.Note(QuirkKind.UnknownEvent, "$");
        if (blockReason is not null)
        {
            _isRepeatable = false;
            Block(blockReason);
        }
    }

    // The same error for whole and streamed answers: nothing broke off, the service refused the prompt. What had already been said is
    // kept, and then the block is why it ended.
    private void Block(string reason)
    {
        _blockReason = reason;
        if (_candidates.Count == 0)
        {
            throw new LlmException(LlmErrorKind.ContentFiltered, "The service blocked the prompt and gave no answer.")
            {
                ProviderCode = reason,
                Phase = LlmPhase.Streaming,
                Usage = _usage.ToUsage(),
            };
        }
    }

    private static string? ReadFeedback(scoped ref Utf8JsonReader reader)
    {
        string? reason = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isReason = WireJson.Is(ref reader, "blockReason"u8);
            reader.Read();
            if (isReason && reader.TokenType is JsonTokenType.String or JsonTokenType.Number && !IsUnspecified(reader.ValueSpan))
                reason = JsonText.Read(ref reader).ToString();
            else
                reader.Skip();
        }
        return reason;
    }

    private void ReadCandidates(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            WireJson.ThrowType("candidates", reader.TokenType);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("candidates[]", reader.TokenType);
            ReadCandidate(ref reader, data, events);
        }
    }

    // The candidate's number may stand after its content, so the content is read once everything else of the candidate is known.
    private void ReadCandidate(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        // Vertex leaves out the number where it is 0, as it does with every number.
        int index = 0;
        Utf8JsonReader content = default;
        bool hasContent = false;
        GeminiCandidate? candidate = null;
        JsonText finish = default;
        bool isNumber = false;
        ReadOnlySpan<byte> grounding = default;
        ReadOnlySpan<byte> citations = default;
        bool hasUrls = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "content"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!hasContent && IsIndexAhead(ref reader, data, ref index, events))
                    {
                        candidate = Candidate(index, events);
                        ReadContent(ref reader, data, candidate, events);
                        continue;
                    }
                    content = reader;
                    hasContent = true;
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
                isNumber = reader.TokenType == JsonTokenType.Number;
                if (isNumber || reader.TokenType == JsonTokenType.String)
                    finish = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].finishReason", events);
            }
            else if (WireJson.Is(ref reader, "index"u8))
            {
                reader.Read();
                index = 0;
                WireJson.ReadIndex(ref reader, ref index, "candidates[].index", events);
            }
            else if (WireJson.Is(ref reader, "groundingMetadata"u8))
            {
                reader.Read();
                grounding = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "citationMetadata"u8))
            {
                reader.Read();
                citations = WireJson.SkipRaw(ref reader, data);
            }
            else if (WireJson.Is(ref reader, "urlContextMetadata"u8))
            {
                hasUrls = true;
                WireJson.SkipValue(ref reader);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        candidate ??= Candidate(index, events);
        if (hasContent)
            ReadContent(ref content, data, candidate, events);
        if (!grounding.IsEmpty)
            GiveGrounding(grounding, candidate, events);
        if (!citations.IsEmpty)
            GiveCitations(citations, candidate, events);
        if (hasUrls)
            events.Add(StreamEventKind.Other, index, name: "urlContextMetadata");
        ReadFinish(finish, isNumber, candidate, events);
    }

    // Whether what follows the content is plain enough that the content can be read at once: everything but the number is looked at
    // behind it in any case.
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

    // Beside the sources it tells what was searched for, and how that is to be shown: the frame holds it.
    private static void GiveGrounding(ReadOnlySpan<byte> metadata, GeminiCandidate candidate, EventBuffer events)
    {
        events.Add(StreamEventKind.Other, candidate.Index, name: "groundingMetadata");
        if (CitationReader.IsObject(metadata, "candidates[].groundingMetadata", events))
            candidate.Sources.GiveGrounding(metadata, candidate.TextPart, events);
    }

    private static void GiveCitations(ReadOnlySpan<byte> metadata, GeminiCandidate candidate, EventBuffer events)
    {
        events.Add(StreamEventKind.Other, candidate.Index, name: "citationMetadata");
        if (CitationReader.IsObject(metadata, "candidates[].citationMetadata", events))
            candidate.Sources.GiveCitations(metadata, candidate.TextPart, events);
    }

    private void ReadFinish(JsonText finish, bool isNumber, GeminiCandidate candidate, EventBuffer events)
    {
        // Absent, empty and "unspecified" all mean: not finished. The same word on every event is this wire's way; another one replaces it.
        if (IsUnspecified(finish.Raw) || (candidate.Finish is { } before && finish.Is(before)))
            return;
        _isRepeatable = false;
        string word = KnownText.Get(finish);
        candidate.Finish = word;
        if (isNumber)
            events.Note(QuirkKind.UnexpectedType, "candidates[].finishReason");
        candidate.Reason = isNumber ? ReadNumber(word) : StopWords.Read(word);
        if (candidate.Reason == StopReason.Unknown && word is not ("OTHER" or "NO_IMAGE" or "IMAGE_OTHER" or "ESCALATION"))
            events.Note(QuirkKind.UnknownFinishReason, "candidates[].finishReason");
    }

    // Some clients of Vertex pass enumerations on as numbers. From 5 on, the numbers of Vertex and of the Gemini API differ.
    private static StopReason ReadNumber(string number) => number switch
    {
        "1" => StopReason.EndTurn,
        "2" => StopReason.MaxTokens,
        "3" or "4" => StopReason.ContentFilter,
        _ => StopReason.Unknown,
    };

    private static bool IsUnspecified(ReadOnlySpan<byte> word) => word.IsEmpty || word.EndsWith("_UNSPECIFIED"u8) || word.SequenceEqual("0"u8);

    private void ReadContent(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
    {
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
                    ReadPart(ref reader, data, candidate, events);
                else
                    WireJson.SkipUnexpected(ref reader, "candidates[].content.parts[]", events);
            }
        }
    }

    private void ReadPart(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, GeminiCandidate candidate, EventBuffer events)
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
                    ReadCall(ref reader, data, ref call, events: null);
                    continue;
                }
                reader.Skip();
            }
            else
            {
                reader.Read();
                hasRest |= reader.TokenType != JsonTokenType.Null && !(reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
                reader.Skip();
            }
        }
        _isRepeatable &= !hasCall && !hasRest;
        if (hasCall && call.IsOdd)
        {
            call = default;
            ReadCall(ref again, data, ref call, events);
        }
        if (hasCall)
            GiveCall(ref call, ref part, data, hasRest, candidate, events);
        else if (!text.IsEmpty)
            ReadText(text, ref part, data, isThought, hasRest, candidate, events);
        else if (hasRest)
            AddOpaque(data[start..(int)reader.BytesConsumed], candidate, events);
    }

    // A picture, code and its result, the service's own tools, a signature on nothing: kept whole, to go back to where it was.
    private static void AddOpaque(ReadOnlySpan<byte> part, GeminiCandidate candidate, EventBuffer events)
    {
        int index = candidate.NewPart(events);
        int length = WireJson.Compact(part, events.Reserve(part.Length));
        events.Commit(StreamEventKind.WireData, candidate.Index, index, length, name: Wire);
    }

    // The service's rule: a part with a signature may not be joined with another one. Without signatures, the pieces of a text are one part.
    private void ReadText(JsonText text, scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data, bool isThought, bool hasRest, GeminiCandidate candidate, EventBuffer events)
    {
        if (hasRest)
            candidate.EndRun(events);
        int index = candidate.ContinueRun(isThought ? StreamEventKind.Reasoning : StreamEventKind.Text, out bool isNew, events);
        // The next piece of the same text begins nothing.
        _isRepeatable &= !isNew;
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
    }

    // The members of the part that are neither its text nor its call, byte for byte.
    private void AppendRest(scoped ref Utf8JsonReader part, ReadOnlySpan<byte> data)
    {
        bool isFirst = _scratch.Length == 1;
        while (part.Read() && part.TokenType == JsonTokenType.PropertyName)
        {
            bool isOwn = WireJson.Is(ref part, "text"u8) || WireJson.Is(ref part, "functionCall"u8);
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

    // Without events, what is odd is only counted as such.
    private static void ReadCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref GeminiCall call, EventBuffer? events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A comparison may throw, which is for the read that counts.
            if (events is null && reader.ValueIsEscaped)
            {
                call.IsOdd = true;
                WireJson.SkipValue(ref reader);
            }
            else if (WireJson.Is(ref reader, "name"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    call.Name = JsonText.Read(ref reader);
                else
                    call.SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.name", events);
            }
            else if (WireJson.Is(ref reader, "args"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    call.IsOdd = true;
                    events?.Note(QuirkKind.ToolArgumentsAsText, "candidates[].content.parts[].functionCall.args");
                    call.Text = JsonText.Read(ref reader);
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    call.Arguments = WireJson.SkipRaw(ref reader, data);
                }
            }
            else if (WireJson.Is(ref reader, "id"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    call.Id = JsonText.Read(ref reader);
                    call.RawId = data[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
                }
                else
                {
                    call.SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.id", events);
                }
            }
            else if (WireJson.Is(ref reader, "partialArgs"u8))
            {
                reader.Read();
                call.HasPieces = reader.TokenType == JsonTokenType.StartArray;
                if (call.HasPieces)
                    call.Pieces = reader;
                call.IsLost |= reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null);
                if (call.IsLost)
                    call.SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.partialArgs", events);
                else
                    reader.Skip();
            }
            else if (WireJson.Is(ref reader, "willContinue"u8))
            {
                reader.Read();
                call.GoesOn = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
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

    private void Finish(EventBuffer events)
    {
        foreach (var candidate in _candidates)
        {
            candidate.EndRun(events);
            candidate.EndCalls(all: true, events);
            candidate.GiveSources(events);
            candidate.Calls.Complete(IsBlocked(candidate) || StopWords.IsCut(candidate.Reason), events);
        }
        foreach (var candidate in _candidates)
        {
            if (IsBlocked(candidate))
            {
                if (candidate.Finish is not null)
                    events.Note(QuirkKind.FailureMasked, "promptFeedback.blockReason");
                events.Stop(candidate.Index, StopReason.ContentFilter, _blockReason);
                continue;
            }
            if (candidate.Finish is null)
                events.Note(QuirkKind.NoFinishReason, "candidates[].finishReason");
            events.Stop(candidate.Index, StopWords.Effective(candidate.Reason, candidate.Calls.Count > 0, hasRefusal: false), candidate.Finish);
        }
        _usage.Give(events);
        events.Add(StreamEventKind.Done, id: _id, name: _model);
    }

    // A candidate may say "STOP" before the block comes.
    private bool IsBlocked(GeminiCandidate candidate) => _blockReason is not null && (candidate.Finish is null || candidate.Reason == StopReason.EndTurn);

    private GeminiCandidate Candidate(int index, EventBuffer events)
    {
        foreach (var candidate in _candidates)
        {
            if (candidate.Index == index)
                return candidate;
        }
        if (_candidates.Count >= events.Options.Limits.Choices || index >= events.Options.Limits.Choices)
            ThrowTooManyCandidates();
        var added = new GeminiCandidate(index);
        _candidates.Add(added);
        return added;
    }

    private static void ReadIdentity(scoped ref Utf8JsonReader reader, ref string? field, bool isKnown = false)
    {
        if (field is null && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
            field = isKnown ? KnownText.Get(JsonText.Read(ref reader)) : JsonText.Read(ref reader).ToString();
        reader.Skip();
    }

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "a finish reason", _usage.ToUsage());

    private static void ThrowTooManyCandidates() =>
        throw AnswerErrors.TooMuch(LlmLimit.Choices, "The answer holds more candidates, or higher numbers of them, than LlmLimits.Choices allows.");
}
