using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the Messages wire, streamed and whole.</summary>
/// <remarks>
/// Source: platform.claude.com/docs/en/build-with-claude/streaming. The events' own JSON contains their type, so the same decoder reads
/// them in another framing. The closing events wait for <c>message_stop</c>; a stream that ends without it is truncated, whatever it
/// contained before. Data to send back carries this wire's name, whatever transported it, because the services that offer these models
/// accept each other's signatures.
/// </remarks>
internal sealed class AnthropicDecoder : EventDecoder
{
    private readonly MessageContent _content = new();
    private AnthropicUsage _usage;
    private StopWord _stop;
    private string? _id;
    private string? _model;
    private string? _stopMessage;
    private string? _stopSequence;
    private bool _isStarted;
    private bool _hasContent;
    private bool _isIntervened;

    public override Usage? Usage => _usage.ToUsage();

    internal override string? AnswerId => _id;

    internal override string? AnswerModel => _content.FallbackModel ?? _model;

    internal override bool RetainsCallBytes => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        AnswerErrors.ThrowIfFramed(frame, this, events);
        return Decode(frame.Data, frame.Type, events);
    }

    /// <summary>Decodes one event in any framing.</summary>
    /// <param name="data">The event's JSON.</param>
    /// <param name="type">The type according to the framing, which counts only if the JSON has none; may be empty.</param>
    /// <param name="events">Receives the events.</param>
    /// <returns>False if the answer has ended.</returns>
    public bool Decode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> type, EventBuffer events)
    {
        if (data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        if (data.SequenceEqual("[DONE]"u8))
            return DecodeForeignEnd(events);
        _content.Seed(data);
        var reader = WireJson.Reader(data, events.Options);
        BeginObject(ref reader, data, inStream: true, events);
        var e = new MessageEvent();
        e.Read(ref reader, data, type, ref _usage, events);
        // A second value after the first is an error of the reader and leaves nothing half processed.
        reader.Read();
        if (e.IsError(data))
            ThrowError(data, inStream: true, events);
        return AddReport(ref e, data, events);
    }

    /// <summary>Reads what the service that transports the events adds to them.</summary>
    public void AddReport(in InvocationReport report)
    {
        _usage.FillIn(report);
        _isIntervened |= report.IsIntervened;
    }

    public override bool IsWhole(ReadOnlySpan<byte> data) => data.SequenceEqual("[DONE]"u8) || base.IsWhole(data);

    public override void Complete(bool isCut, EventBuffer events) => ThrowTruncated(isCut);

    internal override void Abort(EventBuffer events) => _content.EmitCitations(events);

    internal override bool IsStopped => _stop.Text is not null;

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        _content.Seed(body);
        try
        {
            var reader = WireJson.Reader(body, events.Options);
            BeginObject(ref reader, body, inStream: false, events);
            ReadMessage(ref reader, body, inStream: false, events);
            if (reader.Read())
                WireJson.ThrowType("$", reader.TokenType);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw AnswerErrors.Unreadable(e, body, Usage);
        }
        if (_content.Count == 0)
            CheckEmpty(body, events);
        Finish(events);
    }

    public override void Dispose() => _content.Dispose();

    private void BeginObject(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            WireJson.ThrowType("$", reader.TokenType);
        reader.Skip();
        reader.Read();
        ThrowError(data, inStream, events);
    }

    // Gateways that also serve chat completions send that wire's end mark here. It ends an answer that is otherwise complete.
    private bool DecodeForeignEnd(EventBuffer events)
    {
        if (_stop.Text is null)
            ThrowTruncated(isCut: false);
        events.Note(QuirkKind.MissingSentinel, "message_stop");
        Finish(events);
        return false;
    }

    private bool AddReport(scoped ref MessageEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        switch (e.Kind)
        {
            case MessageEventKind.None:
                events.Note(QuirkKind.UnknownEvent, "type");
                break;
            case MessageEventKind.MessageStart:
                Start(ref e, data, events);
                break;
            case MessageEventKind.BlockStart:
                StartBlock(ref e, data, events);
                break;
            case MessageEventKind.BlockDelta:
                ApplyDelta(ref e, events);
                break;
            case MessageEventKind.BlockStop:
                _content.Stop(e.Index, events);
                break;
            case MessageEventKind.MessageDelta:
                ReadEnd(ref e, events);
                break;
            case MessageEventKind.MessageStop:
                if (!_isStarted && _content.Count == 0)
                    ThrowNoMessage();
                Finish(events);
                return false;
            case MessageEventKind.Message:
                // A server that does not stream may send the whole answer as the only event.
                events.Note(QuirkKind.MessageInStream, "message");
                var whole = WireJson.Reader(data, events.Options);
                whole.Read();
                ReadMessage(ref whole, data, inStream: true, events);
                Finish(events);
                return false;
        }
        return true;
    }

    private void Start(scoped ref MessageEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (_isStarted)
            events.Note(QuirkKind.EventOrder, "message_start");
        _isStarted = true;
        int before = _content.Count;
        if (e.HasObject)
            ReadMessage(ref e.Object, data, inStream: true, events);
        if (_content.Count > before)
            events.Note(QuirkKind.MessageInStream, "message_start");
    }

    private void StartBlock(scoped ref MessageEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (!e.HasObject)
        {
            events.Note(QuirkKind.EventOrder, "content_block_start");
            return;
        }
        var fields = new BlockFields();
        fields.Read(ref e.Object, data);
        _content.Begin(fields, e.Index, events);
    }

    private void ApplyDelta(scoped ref MessageEvent e, EventBuffer events)
    {
        // An event without an index belongs to the latest block. An event that makes another block the latest therefore changes more than
        // its text.
        var latest = _content.Latest;
        e.Delta.InferKind(events);
        _content.Apply(e.Delta, e.Index, events);
        if (_content.Latest == latest && !e.HasUsage)
            events.MarkRepeatable();
    }

    private void ReadEnd(scoped ref MessageEvent e, EventBuffer events)
    {
        SetStop(e.Delta.StopReason, events);
        ReadStopDetails(e.Delta.StopDetails, events);
        SetStopSequence(e.Delta.StopSequence);
        _content.StoreContainer(e.Delta.Container, events);
        if (e.HasUsage || WireJson.IsEmpty(e.Delta.Usage))
            return;
        events.Note(QuirkKind.UnexpectedType, "delta.usage");
        var reader = WireJson.Reader(e.Delta.Usage, events.Options);
        reader.Read();
        _usage.Read(ref reader, events);
    }

    // Reads the whole answer, or as much of it as message_start contains.
    private void ReadMessage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        var message = new MessageFields();
        message.Read(ref reader, data, ref _usage, events);
        if (!message.Id.IsEmpty)
            _id ??= message.Id.ToString();
        if (!message.Model.IsEmpty)
            _model ??= StringCache.Get(message.Model);
        SetStopSequence(message.StopSequence);
        _content.StoreContainer(message.Container, events);
        if (message.IsError)
            ThrowError(data, inStream, events);
        if (message.HasContent)
            ReadContent(ref message.Content, data, events);
        else if (message.Text.IsPresent)
            EmitText(message.Text, events);
        SetStop(message.StopReason, events);
        ReadStopDetails(message.StopDetails, events);
    }

    private void ReadContent(scoped ref Utf8JsonReader list, ReadOnlySpan<byte> data, EventBuffer events)
    {
        _hasContent = true;
        for (int i = 0; list.Read() && list.TokenType != JsonTokenType.EndArray; i++)
        {
            if (list.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("content[]", list.TokenType);
            var fields = new BlockFields();
            fields.Read(ref list, data);
            if (_content.Begin(fields, i, events) is { } block)
                _content.End(block, events);
        }
    }

    private void EmitText(JsonText text, EventBuffer events)
    {
        _hasContent = true;
        events.Note(QuirkKind.UnexpectedType, "content");
        _content.AddTextBlock(text, events);
    }

    private void SetStop(JsonText word, EventBuffer events)
    {
        _stop.Set(word, "stop_reason", events);
        _content.IsStopped = _stop.Text is not null;
    }

    // Anthropic (2026): {"type":"refusal","category":"cyber","explanation":"…"}. Its other members, such as a token for the model that is
    // asked next, are in the event's frame, like everything that is sent beside the answer.
    private void ReadStopDetails(ReadOnlySpan<byte> details, EventBuffer events)
    {
        if (WireJson.IsEmpty(details))
            return;
        events.Add(StreamEventKind.Other, name: "stop_details");
        var reader = WireJson.Reader(details, events.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            events.Note(QuirkKind.UnexpectedType, "stop_details");
        else if (
            WireJson.TryFindMember(ref reader, "explanation"u8)
            && reader.TokenType == JsonTokenType.String
            && JsonText.Read(ref reader) is { IsEmpty: false } explanation
        )
        {
            _stopMessage = explanation.ToString();
        }
    }

    // MiniMax (2026) reports errors in a member of its own, {"base_resp":{"status_code":1008,"status_msg":"…"}}, with a success status.
    private void CheckEmpty(ReadOnlySpan<byte> body, EventBuffer events)
    {
        if (ErrorBody.Read(body).IsExplained || (!_hasContent && AnswerErrors.IsFlat(body, events.Options)))
            ThrowError(body, inStream: false, events);
        if (!_hasContent)
            throw AnswerErrors.Malformed("The answer has no content.");
    }

    private void SetStopSequence(JsonText sequence)
    {
        if (!sequence.IsEmpty)
            _stopSequence = sequence.ToString();
    }

    private void Finish(EventBuffer events)
    {
        _content.Finish(events);
        var reason = _isIntervened ? StopReason.ContentFilter : StopWords.Read(_stop.Text);
        _content.CompleteCalls(StopWords.IsCut(reason), events);
        if (_stop.Text is null && !_isIntervened)
            events.Note(QuirkKind.NoFinishReason, "stop_reason");
        // llama.cpp (2026) sends end_turn together with the stop sequence that occurred.
        if (_stopSequence is not null && reason is StopReason.EndTurn or StopReason.Unknown)
            reason = StopReason.StopSequence;
        events.Stop(0, StopWords.Effective(reason, _content.HasCalls, hasRefusal: false), _stop.Text, _stopMessage, _stopSequence);
        UsageCounter.EmitUnchecked(Usage, events);
        events.Add(StreamEventKind.Done, id: AnswerId, name: AnswerModel);
    }

    private void ThrowError(ReadOnlySpan<byte> data, bool inStream, EventBuffer events) =>
        throw ErrorReader.ReadInBody(data, inStream, Usage, limits: events.Options.Limits);

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "message_stop", Usage);

    private static void ThrowNoMessage() => throw AnswerErrors.Malformed("The stream contains message_stop but no message.");
}
