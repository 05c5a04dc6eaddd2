using System.Text;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the Converse wire, streamed and whole.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, ConverseStream and Converse. The framing contains the type of an event, the
/// payload does not. The usage follows the end of the message, so the closing events wait for it.
/// </remarks>
internal sealed class ConverseDecoder : EventDecoder
{
    private readonly ConverseContent _content = new();
    private ConverseUsage _usage;
    private StopWord _stop;
    private bool _isStarted;
    private bool _hasMetadata;
    private bool _isIntervened;

    public override Usage? Usage => _usage.ToUsage();

    /// <summary>Whether the message has ended; its usage may still follow.</summary>
    internal override bool IsStopped => _content.IsStopped;

    internal override bool RetainsCallBytes => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        if (frame.Category.SequenceEqual("exception"u8) || frame.Category.SequenceEqual("error"u8))
            return DecodeFailure(frame, events);
        var kind = ConverseEvent.KindOf(frame.Type);
        if (kind == ConverseEventKind.Other)
        {
            if (frame.Type.IsEmpty)
                events.Note(QuirkKind.UnknownEvent, ":event-type");
            return true;
        }
        if (frame.Data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "payload");
            return true;
        }
        _content.Seed(frame.Data);
        var reader = WireJson.Reader(frame.Data, events.Options);
        BeginObject(ref reader);
        var e = new ConverseEvent();
        e.Read(ref reader, frame.Data, ref _usage, events);
        // A second value after the first is an error of the reader and leaves nothing half processed.
        reader.Read();
        return AddReport(kind, ref e, frame.Data, events);
    }

    /// <summary>Whether an event of the wire has this name.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> name) => ConverseEvent.KindOf(name) != ConverseEventKind.Other;

    /// <summary>Reads what the service that transports the events adds to them.</summary>
    public void AddReport(in InvocationReport report)
    {
        _usage.FillIn(report);
        _isIntervened |= report.IsIntervened;
    }

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (!IsStopped || isCut)
            throw AnswerErrors.Truncated(isCut, "messageStop", Usage);
        if (!_hasMetadata)
            events.Note(QuirkKind.MissingSentinel, "metadata");
        Finish(events);
    }

    internal override void Abort(EventBuffer events) => _content.EmitCitations(events);

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        _content.Seed(body);
        try
        {
            var reader = WireJson.Reader(body, events.Options);
            BeginObject(ref reader);
            ReadAnswer(ref reader, body, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw AnswerErrors.Unreadable(e, body, Usage);
        }
        Finish(events);
    }

    public override void Dispose() => _content.Dispose();

    private static void BeginObject(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
    }

    // An exception is defined in the wire's model (throttlingException); any other failure is an error, with its code and message in the
    // headers.
    private bool DecodeFailure(in Frame frame, EventBuffer events)
    {
        if (IsStopped)
        {
            events.Note(QuirkKind.ErrorAfterEnd, ":message-type");
            Finish(events);
            return false;
        }
        var body = frame.Data.IsEmpty ? frame.ErrorMessage : frame.Data;
        string? code = frame.Type.IsEmpty ? null : Encoding.UTF8.GetString(frame.Type);
        throw ErrorReader.ReadInBody(body, inStream: true, Usage, code, events.Options.Limits);
    }

    private bool AddReport(ConverseEventKind kind, scoped ref ConverseEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        switch (kind)
        {
            case ConverseEventKind.MessageStart:
                if (_isStarted)
                    events.Note(QuirkKind.EventOrder, "messageStart");
                _isStarted = true;
                break;
            case ConverseEventKind.BlockStart:
                StartBlock(ref e, data, events);
                break;
            case ConverseEventKind.BlockDelta:
                ApplyDelta(ref e, events);
                break;
            case ConverseEventKind.BlockStop:
                _content.Stop(e.Index, events);
                break;
            case ConverseEventKind.MessageStop:
                _stop.Set(e.StopReason, "stopReason", events);
                _content.IsStopped = true;
                break;
            case ConverseEventKind.Metadata when IsStopped:
                Finish(events);
                return false;
            case ConverseEventKind.Metadata:
                _hasMetadata = true;
                events.Note(QuirkKind.EventOrder, "metadata");
                break;
        }
        return true;
    }

    private void StartBlock(scoped ref ConverseEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        _content.Announce(e.Index, events);
        if (!e.HasStart)
            return;
        // If the kind is missing or empty, the first delta shows the kind of the block. Unknown members beside a known one are ignored.
        var members = e.Start;
        ReadOnlySpan<byte> other = default;
        bool isKnown = false;
        while (e.Start.Read() && e.Start.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref e.Start);
            var raw = e.Start.ValueSpan;
            e.Start.Read();
            bool isObject = e.Start.TokenType == JsonTokenType.StartObject;
            if (name.SequenceEqual("toolUse"u8) && isObject)
            {
                isKnown = true;
                StartCall(ref e.Start, data, e.Index, events);
                continue;
            }
            isKnown |= name.SequenceEqual("text"u8) || name.SequenceEqual("reasoningContent"u8);
            if (!isKnown && isObject)
            {
                other = raw;
                members = e.Start;
            }
            e.Start.Skip();
        }
        if (!isKnown && !other.IsEmpty)
            _content.Store(other, ref members, data, e.Index, events);
    }

    private void StartCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, int index, EventBuffer events)
    {
        var members = reader;
        var call = new ConverseCall();
        call.Read(ref reader, data);
        if (call.IsOfService)
            _content.Store("toolUse"u8, ref members, data, index, events);
        else
            _content.BeginCall(call, index, events);
    }

    private void ApplyDelta(scoped ref ConverseEvent e, EventBuffer events)
    {
        // An event without an index belongs to the latest block. An event that makes another block the latest therefore changes more than
        // its text.
        var latest = _content.Latest;
        _content.Apply(e.Delta, e.Index, events);
        if (
            _content.Latest == latest
            && e.Delta.HasOneKind
            && !e.HasUsage
            && !e.Delta.Signature.IsPresent
            && !e.Delta.Redacted.IsPresent
            && e.Delta.Citation.IsEmpty
        )
        {
            events.MarkRepeatable();
        }
    }

    private void ReadAnswer(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, EventBuffer events)
    {
        var answer = new ConverseAnswer();
        answer.Read(ref reader, ref _usage, events);
        reader.Read();
        // A service whose backend failed may report this with a success status.
        if (!answer.HasMessage && answer.LooksLikeError)
            throw ErrorReader.ReadInBody(body, inStream: false, Usage, limits: events.Options.Limits);
        if (!answer.HasMessage)
            throw AnswerErrors.Malformed("The answer contains no message.");
        new ConverseBlockReader(_content, body, events).ReadMessage(ref answer.Message);
        _stop.Set(answer.StopReason, "stopReason", events);
    }

    private void Finish(EventBuffer events)
    {
        _content.Finish(events);
        var reason = _isIntervened ? StopReason.ContentFilter : StopWords.Read(_stop.Text);
        // malformed_tool_use: the calls of such an answer must not be run.
        _content.CompleteCalls(StopWords.IsCut(reason) || reason == StopReason.Error, events);
        if (_stop.Text is null && !_isIntervened)
            events.Note(QuirkKind.NoFinishReason, "stopReason");
        // An image that failed or was withheld, although the answer ended normally.
        string? withheld = _content.Withheld;
        if (withheld is not null && reason == StopReason.EndTurn)
            reason = StopReason.Error;
        events.Stop(0, StopWords.Effective(reason, _content.HasCalls, hasRefusal: false), _stop.Text, withheld is "" ? null : withheld);
        UsageCounter.EmitUnchecked(Usage, events);
        // The wire has neither an ID of the answer nor the model's name.
        events.Add(StreamEventKind.Done);
    }
}
