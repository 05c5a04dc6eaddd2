using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The models that return a plain text: Titan, Cohere's Command, Llama, Mistral's first models, Anthropic's
/// first models, AI21's Jurassic-2, TwelveLabs' Pegasus.
/// </summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/userguide, "Inference request parameters and response fields". Each object contains a piece,
/// and the last one the finish reason. The vendors have their own names for both, and some put them into a list with one element:
/// <c>outputText</c> and <c>completionReason</c> (Titan; whole, in <c>results</c>), <c>generation</c> and <c>stop_reason</c> (Llama),
/// <c>outputs</c> (Mistral), <c>text</c> and <c>finish_reason</c> (Command; whole, in <c>generations</c>), <c>completion</c> and
/// <c>stop_reason</c> (Anthropic), <c>data.text</c> and <c>finishReason.reason</c> in <c>completions</c> (Jurassic-2, only whole),
/// <c>message</c> and <c>finishReason</c> (Pegasus). These formats are only read; no requests are written for them.
/// </remarks>
internal sealed class InvokedText : InvokedModel
{
    private static readonly CallPlaces Places = new("tool_calls[].id", "tool_calls[].name", "tool_calls[].parameters");

    private readonly List<TextAnswer> _answers = [];
    private CallBlocks? _calls;
    private ChoiceCitations? _citations;
    private UsageCounter _usage;
    private InvocationReport _report;
    private string? _id;
    private uint _seed;
    private bool _hasTotal;
    private bool _isBlocked;

    // A message alone is an error, unless an earlier one came with a finish reason.
    private bool _hasMessages;

    public override Usage? Usage
    {
        get
        {
            var counter = _usage;
            _report.FillIn(ref counter);
            return counter.ToUsage();
        }
    }

    public override bool IsPredictable => false;

    public override bool IsStopped
    {
        get
        {
            foreach (var answer in _answers)
            {
                if (!answer.IsStopped)
                    return false;
            }
            return _answers.Count > 0;
        }
    }

    /// <summary>Whether objects with this member have this format.</summary>
    public static bool IsMember(ReadOnlySpan<byte> name) =>
        IsText(name) || IsList(name) || name.SequenceEqual("event_type"u8) || name.SequenceEqual("is_finished"u8);

    public override bool Decode(ReadOnlySpan<byte> data, in InvocationReport report, EventBuffer events)
    {
        _report.Add(report);
        if (!data.IsEmpty)
            Read(data, inStream: true, events);
        // A guardrail that blocks a prompt answers instead of the model, without a finish reason. Every piece reports its intervention, but
        // only the last one contains Titan's total and the guardrail's own report (2025).
        _isBlocked |= report.IsAccounted || (report.IsIntervened && _hasTotal);
        // The counts come with the end or after it, and nothing follows them.
        if (!IsStopped || !_report.HasMetrics)
            return true;
        Finish(events);
        return false;
    }

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (isCut || _answers.Count == 0 || !(IsStopped || _isBlocked || _report.HasMetrics))
            throw AnswerErrors.Truncated(isCut, "a reason why the text ended", Usage);
        Finish(events);
    }

    public override void ReadReply(ReadOnlySpan<byte> body, in InvocationReport report, EventBuffer events)
    {
        _report = report;
        events.Add(StreamEventKind.Connected);
        try
        {
            Read(body, inStream: false, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw AnswerErrors.Unreadable(e, body, Usage);
        }
        if (_answers.Count == 0)
            throw AnswerErrors.Malformed("The answer contains no text.", Usage);
        Finish(events);
    }

    public override void Dispose() => _calls?.Dispose();

    private static bool IsText(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("outputText"u8)
        || name.SequenceEqual("generation"u8)
        || name.SequenceEqual("completion"u8)
        || name.SequenceEqual("text"u8);

    private static bool IsStop(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("completionReason"u8) || name.SequenceEqual("stop_reason"u8) || name.SequenceEqual("finish_reason"u8);

    private static bool IsList(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("outputs"u8)
        || name.SequenceEqual("generations"u8)
        || name.SequenceEqual("results"u8)
        || name.SequenceEqual("completions"u8);

    private void Read(ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        _hasTotal = false;
        if (_seed == 0)
            _seed = GeneratedId.Seed(data);
        var fields = new InvokedObject { Piece = new TextPiece { Index = -1 } };
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader, ref fields, data, events);
        // The reader throws if anything follows the object.
        reader.Read();
        _hasMessages |= fields.IsMessage;
        if (_hasMessages)
            fields.UseMessageAsText();
        if (!fields.IsKnown && ErrorReader.IsError(data))
            throw ErrorReader.ReadInBody(data, inStream, Usage, limits: events.Options.Limits);
        if (!fields.IsKnown)
            events.Note(QuirkKind.UnknownEvent, "event");
        for (int i = 0; fields.HasList && fields.List.Read() && fields.List.TokenType != JsonTokenType.EndArray; i++)
            ReadItem(ref fields.List, i, events);
        // Titan's index counts pieces, not texts.
        if (!fields.Piece.IsNumbered)
            fields.Piece.Index = -1;
        if (fields.IsRepeated && _answers is [{ HasText: true }, ..])
            fields.Piece.Text = default;
        Emit(fields.Piece, 0, events);
        if (fields.HasCalls)
            ReadCalls(ref fields.Calls, data, events);
    }

    private void ReadMember(scoped ref Utf8JsonReader reader, ref InvokedObject fields, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var name = WireJson.Name(ref reader);
        fields.IsKnown |= IsMember(name);
        if (IsList(name))
        {
            fields.HasList = WireJson.TrySaveReader(ref reader, JsonTokenType.StartArray, ref fields.List);
        }
        else if (name.SequenceEqual("tool_calls"u8))
        {
            fields.HasCalls = WireJson.TrySaveReader(ref reader, JsonTokenType.StartArray, ref fields.Calls);
        }
        // Command R: [{"start":0,"end":4,"text":"…","document_ids":["doc_0"]}].
        else if (name.SequenceEqual("citations"u8))
        {
            ReadOnlySpan<byte> citations = default;
            if (WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref citations, "citations", events))
                (_citations ??= new()).Add(citations, "citations[]", events);
        }
        else if (name.SequenceEqual("message"u8))
        {
            WireJson.ReadTextIfAny(ref reader, ref fields.Message);
        }
        else if (name.SequenceEqual("finishReason"u8))
        {
            reader.Read();
            fields.HasReason = reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
            if (reader.TokenType == JsonTokenType.String)
                fields.Reason = JsonText.Read(ref reader);
            reader.Skip();
        }
        else if (name.SequenceEqual("event_type"u8))
        {
            reader.Read();
            fields.IsRepeated = reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "tool-calls-generation"u8);
            reader.Skip();
        }
        else if (name.SequenceEqual("id"u8) || name.SequenceEqual("response_id"u8))
        {
            JsonText id = default;
            WireJson.ReadTextIfAny(ref reader, ref id);
            if (!id.IsEmpty)
                _id ??= id.ToString();
        }
        else if (!TryReadMember(ref reader, name, ref fields.Piece, events))
        {
            events.Ignore(ref reader);
        }
    }

    private void ReadItem(scoped ref Utf8JsonReader reader, int index, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WireJson.SkipUnexpected(ref reader, "outputs[]", events);
            return;
        }
        var piece = new TextPiece { Index = -1 };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("data"u8))
                ReadInner(ref reader, "text"u8, ref piece.Text);
            else if (name.SequenceEqual("finishReason"u8))
                ReadInner(ref reader, "reason"u8, ref piece.Stop);
            else if (!TryReadMember(ref reader, name, ref piece, events))
                WireJson.SkipValue(ref reader);
        }
        Emit(piece, index, events);
    }

    // Reads a string inside an object.
    private static void ReadInner(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, scoped ref JsonText text)
    {
        reader.Read();
        var inner = reader;
        if (WireJson.TryFindMember(ref inner, name) && inner.TokenType == JsonTokenType.String)
            text = JsonText.Read(ref inner);
        reader.Skip();
    }

    private bool TryReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref TextPiece piece, EventBuffer events)
    {
        if (IsText(name))
        {
            piece.IsNumbered |= name.SequenceEqual("text"u8);
            WireJson.TryReadText(ref reader, ref piece.Text, "text", events);
        }
        else if (IsStop(name))
        {
            WireJson.TryReadText(ref reader, ref piece.Stop, "stop_reason", events);
        }
        else if (name.SequenceEqual("is_finished"u8))
        {
            reader.Read();
            piece.IsNumbered = true;
            piece.IsStopped = reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }
        else if (name.SequenceEqual("index"u8))
        {
            reader.Read();
            if (!WireJson.TryReadIndex(ref reader, out piece.Index))
                piece.Index = -1;
            reader.Skip();
        }
        else if (name.SequenceEqual("inputTextTokenCount"u8) || name.SequenceEqual("prompt_token_count"u8))
        {
            UsageCounter.ReadNext(ref reader, ref _usage.Input, "prompt_token_count", events);
        }
        else if (
            name.SequenceEqual("totalOutputTextTokenCount"u8)
            || name.SequenceEqual("generation_token_count"u8)
            || name.SequenceEqual("tokenCount"u8)
        )
        {
            UsageCounter.ReadNext(ref reader, ref _usage.Output, "generation_token_count", events);
            _hasTotal |= name.SequenceEqual("totalOutputTextTokenCount"u8) && reader.TokenType == JsonTokenType.Number;
        }
        else
        {
            return false;
        }
        return true;
    }

    private void Emit(in TextPiece piece, int index, EventBuffer events)
    {
        // An event without anything of a text does not start one.
        if (!piece.Text.IsPresent && piece.Stop.IsEmpty && !piece.IsStopped)
            return;
        var answer = Answer(piece.Index < 0 ? index : piece.Index, events);
        answer.Add(piece.Text, events);
        if (piece.Stop.IsEmpty && !piece.IsStopped)
            return;
        answer.IsStopped = true;
        answer.Stop.Set(piece.Stop, "stop_reason", events);
    }

    // Command R: [{"name":"…","parameters":{…}}], without IDs.
    private void ReadCalls(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                WireJson.SkipUnexpected(ref reader, "tool_calls[]", events);
                continue;
            }
            InvokedCall fields = default;
            fields.Read(ref reader, data);
            _calls ??= new CallBlocks(choice: 0, Places);
            var call = _calls.Begin(Answer(0, events).NextPart++, fields.Id, fields.Name, _seed, events, hasIds: false);
            if (!WireJson.IsEmpty(fields.Parameters))
                _calls.AppendWhole(call, fields.Parameters, events);
        }
    }

    private TextAnswer Answer(int index, EventBuffer events)
    {
        foreach (var answer in _answers)
        {
            if (answer.Index == index)
                return answer;
        }
        if (_answers.Count >= events.Options.Limits.Choices || index >= events.Options.Limits.Choices)
        {
            throw AnswerErrors.LimitExceeded(
                LlmLimit.Choices,
                "The answer has more choices, or a higher choice index, than LlmLimits.Choices allows."
            );
        }

        var added = new TextAnswer(index);
        _answers.Add(added);
        return added;
    }

    private StopReason Reason(TextAnswer answer) => _report.IsIntervened ? StopReason.ContentFilter : StopWords.Read(answer.Stop.Text);

    private void Finish(EventBuffer events)
    {
        foreach (var answer in _answers)
            answer.Flush(events);
        _citations?.Emit(0, _answers[0].TextPart, events);
        _calls?.Complete(StopWords.IsCut(Reason(Answer(0, events))), events);
        foreach (var answer in _answers)
        {
            var reason = Reason(answer);
            if (answer.Stop.Text is null && !_report.IsIntervened)
                events.Note(QuirkKind.NoFinishReason, "stop_reason");
            events.Stop(
                answer.Index,
                StopWords.Effective(reason, answer.Index == 0 && _calls is { Count: > 0 }, hasRefusal: false),
                answer.Stop.Text
            );
        }
        UsageCounter.EmitUnchecked(Usage, events);
        events.Add(StreamEventKind.Done, id: _id);
    }
}
