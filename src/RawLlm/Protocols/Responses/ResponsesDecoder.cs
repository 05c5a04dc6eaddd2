using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes Responses answers, streamed and whole.</summary>
/// <remarks>
/// The wire sends everything up to four times: as deltas, at the end of a text, at the end of its item, and in the final list. The first
/// occurrence is emitted; later ones are only checked for what is still missing. So it does not matter which of them a server omits, or
/// that the final list is empty (seen on a subscription's endpoint in 2026).
/// </remarks>
internal sealed class ResponsesDecoder : EventDecoder
{
    private readonly OutputItems _items = new();
    private readonly OutputContent _content = new();
    private ResponsesUsage _usage;
    private AnswerName _id;
    private AnswerName _model;
    private EventTypeNames _typeNames;
    private bool _hasHead;
    private LlmException? _unexplained;

    public override Usage? Usage => _usage.ToUsage();

    internal override string? AnswerId => _id.Text;

    internal override string? AnswerModel => _model.Text;

    internal override bool RetainsCallBytes => true;

    internal override LlmException? Unexplained => _unexplained;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        var data = frame.Data;
        AnswerErrors.ThrowIfFramed(frame, this, events);
        if (_unexplained is not null)
            ThrowExplained(frame, _unexplained, events);
        // Some gateways add the end mark of chat completions. After the wire's own end nothing is read, so here that end is missing.
        if (data.SequenceEqual("[DONE]"u8))
        {
            if (!IsEndedByMark())
                Complete(isCut: false, events);
            Finish(word: null, default, events);
            return false;
        }
        if (data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        _content.Seed(data);
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            ThrowError(ref reader, data, inStream: true, events);
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        var e = new ResponsesEvent();
        e.Read(ref reader, data, events);
        // The reader throws if a second value follows.
        reader.Read();
        return DecodeEvent(ref e, data, frame.Type, events);
    }

    public override void Complete(bool isCut, EventBuffer events) =>
        throw _unexplained ?? AnswerErrors.Truncated(isCut, "the event that ends an answer", Usage);

    internal override void Abort(EventBuffer events)
    {
        foreach (var item in _items.All)
            item.EmitCitations(events);
        // If nothing was emitted yet, an answer that broke off is requested again; emitting citations would prevent that.
        if (events.HasContent)
            _content.EmitCitations(_items.All, events);
    }

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        _content.IsWhole = true;
        events.Add(StreamEventKind.Connected);
        _content.Seed(body);
        try
        {
            var reader = WireJson.Reader(body, events.Options);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
                ThrowError(ref reader, body, inStream: false, events);
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("$", reader.TokenType);
            var response = ReadResponse(ref reader, body, events);
            if (reader.Read())
                WireJson.ThrowType("$", reader.TokenType);
            if (response.Status.Is("failed"u8))
                events.Stop(0, StopReason.Error, "failed");
            if (!response.Error.IsEmpty || response.Status.Is("failed"u8) || !(response.HasOutput || response.IsResponse))
                throw ErrorReader.ReadInBody(body, inStream: false, Usage, limits: events.Options.Limits);
            if (response.Status.Is("queued"u8) || response.Status.Is("in_progress"u8))
                ThrowUnfinished();
            if (!response.HasOutput)
                throw AnswerErrors.Empty("The answer contains no output.", Usage);
            if (!response.Thoughts.IsEmpty && !HasThoughts(response.Output, body, events))
                _content.EmitReasoning(response.Thoughts, events);
            ReadOutput(ref response.Output, body, events);
            Finish(response.Status.IsEmpty ? null : response.Status.ToString(), response.Reason, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw AnswerErrors.Unreadable(e, body, Usage);
        }
    }

    public override void Dispose() => _content.Dispose();

    // MLflow's agents (2026) send only items and the end mark, without the beginning and the end of the answer.
    private bool IsEndedByMark()
    {
        bool hasAnswer = false;
        foreach (var item in _items.All)
        {
            if (!item.IsDone)
                return false;
            hasAnswer |= item.Kind is not (OutputItemKind.Reasoning or OutputItemKind.Unknown);
        }
        return hasAnswer && !_hasHead;
    }

    private bool DecodeEvent(scoped ref ResponsesEvent e, ReadOnlySpan<byte> data, ReadOnlySpan<byte> frameType, EventBuffer events)
    {
        var kind = ResponsesEventNames.Classify(e.Type, frameType);
        if (e.IsError(kind, frameType))
            kind = ResponsesEventKind.Error;
        if (e.IsDeltaOdd && !e.Delta.IsPresent)
            e.ReadOddDelta(kind, events);
        e.CheckMembers(kind, events);
        switch (kind)
        {
            case ResponsesEventKind.TextDelta
            or ResponsesEventKind.RefusalDelta
            or ResponsesEventKind.SummaryDelta
            or ResponsesEventKind.ReasoningDelta:
                EmitDelta(e, ResponsesEventNames.TextKind(kind), isSummary: kind == ResponsesEventKind.SummaryDelta, events);
                break;
            case ResponsesEventKind.PartDelta when e.Delta.IsPresent:
                bool isThought = _items.FindReasoning(e, isDelta: true) is not null;
                EmitDelta(e, isThought ? StreamEventKind.Reasoning : StreamEventKind.Text, isSummary: false, events, readsId: true);
                break;
            case ResponsesEventKind.ArgumentsDelta:
                EmitArguments(e, OutputItemKind.FunctionCall, events);
                break;
            case ResponsesEventKind.InputDelta or ResponsesEventKind.InputDone when _items.RunsCustomCalls:
                EmitOther(e, frameType, events);
                break;
            case ResponsesEventKind.InputDelta:
                EmitArguments(e, OutputItemKind.CustomCall, events);
                break;
            case ResponsesEventKind.TextDone
            or ResponsesEventKind.RefusalDone
            or ResponsesEventKind.SummaryDone
            or ResponsesEventKind.ReasoningDone:
                FillDone(e, ResponsesEventNames.TextKind(kind), isSummary: kind == ResponsesEventKind.SummaryDone, events);
                break;
            case ResponsesEventKind.ArgumentsDone:
                SettleArguments(e, OutputItemKind.FunctionCall, events);
                break;
            case ResponsesEventKind.InputDone:
                SettleArguments(e, OutputItemKind.CustomCall, events);
                break;
            case ResponsesEventKind.PartAdded:
                AddPart(ref e, data, events);
                break;
            case ResponsesEventKind.PartDone or ResponsesEventKind.SummaryPartDone:
                FillPart(ref e, data, isSummary: kind == ResponsesEventKind.SummaryPartDone, events);
                break;
            case ResponsesEventKind.ItemAdded or ResponsesEventKind.ItemDone:
                ProcessItem(ref e, data, isDone: kind == ResponsesEventKind.ItemDone, events);
                break;
            case ResponsesEventKind.Head:
                _hasHead = true;
                if (e.HasResponse)
                    ReadHead(ref e.Response, data, events);
                break;
            case ResponsesEventKind.Completed or ResponsesEventKind.Incomplete or ResponsesEventKind.Failed or ResponsesEventKind.Cancelled:
                End(kind, ref e, data, events);
                return _unexplained is not null;
            case ResponsesEventKind.Error:
                throw ErrorReader.ReadInBody(data, inStream: true, Usage, limits: events.Options.Limits);
            case ResponsesEventKind.Annotation:
                ProcessAnnotation(e, frameType, events);
                break;
            case ResponsesEventKind.Other or ResponsesEventKind.PartDelta:
                EmitOther(e, frameType, events);
                break;
            default:
                if (e.Type.IsEmpty && frameType.IsEmpty)
                    events.Note(QuirkKind.UnknownEvent, "type");
                break;
        }
        return true;
    }

    private void EmitDelta(scoped in ResponsesEvent e, StreamEventKind kind, bool isSummary, EventBuffer events, bool readsId = false)
    {
        var itemKind = ItemKind(kind);
        var item = _items.Resolve(e, itemKind, isDelta: true, events);
        bool isKnown = _content.Emit(item, kind, isSummary, e.PartIndex, e.Delta, events);
        if (kind == StreamEventKind.Text && LogProbReader.HasTokens(e.LogProbs))
            OutputContent.EmitLogProbs(item, e.PartIndex, e.LogProbs, isDelta: true, events);
        else if (isKnown)
            MarkRepeatable(e, item, itemKind, events, readsId);
    }

    // Some servers send another ID with each event (2026): it means nothing if the index alone identifies the item. If the item with the
    // index is done, or of another kind, another ID means another item.
    private void MarkRepeatable(scoped in ResponsesEvent e, OutputItem own, OutputItemKind kind, EventBuffer events, bool readsId = false)
    {
        if (events.Trace is not { } trace || own.IsDone || !own.MayBe(kind) || e.IsDeltaOdd)
            return;
        trace.IsRepeatable = true;
        // Not if the item was found only by its ID, or the ID determines the kind of the event.
        if (!readsId && own.OutputIndex == e.OutputIndex && _items.IsIdentifiedByIndex(e.OutputIndex))
            trace.Ignore(e.ItemId);
    }

    private void FillDone(scoped in ResponsesEvent e, StreamEventKind kind, bool isSummary, EventBuffer events)
    {
        var item = _items.Resolve(e, ItemKind(kind), isDelta: false, events);
        _content.Fill(item, kind, isSummary, e.PartIndex, e.Whole, events);
        if (kind == StreamEventKind.Text)
            OutputContent.EmitLogProbs(item, e.PartIndex, e.LogProbs, isDelta: false, events);
    }

    private static OutputItemKind ItemKind(StreamEventKind text) =>
        text == StreamEventKind.Reasoning ? OutputItemKind.Reasoning : OutputItemKind.Message;

    /// <summary>Records a part that begins, and the text that some servers send only there.</summary>
    private void AddPart(scoped ref ResponsesEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (!e.HasPart)
            return;
        var part = ContentPart.Read(ref e.Part, data, events);
        var kind = part.Kind;
        var item = _items.Find(e.OutputIndex, e.ItemId, OutputItemKind.Unknown, isDelta: true);
        if (kind == StreamEventKind.Text && item is { Kind: OutputItemKind.Reasoning } && item.MayBe(e.ItemId))
            kind = StreamEventKind.Reasoning;
        else if (kind != StreamEventKind.None)
            item = _items.Resolve(e, ItemKind(kind), isDelta: true, events);
        if (item is null)
            return;
        _content.Announce(item, e.PartIndex, events);
        if (kind != StreamEventKind.None)
            _content.StoreInitialText(item, kind, isSummary: false, e.PartIndex, part.Text, isOfItem: false, events);
    }

    private void FillPart(scoped ref ResponsesEvent e, ReadOnlySpan<byte> data, bool isSummary, EventBuffer events)
    {
        if (!e.HasPart)
            return;
        var part = ContentPart.Read(ref e.Part, data, events);
        if (part.Kind == StreamEventKind.Text && _items.FindReasoning(e, isDelta: false) is { } thoughts)
        {
            _content.FillMisnamed(thoughts, isSummary, e.PartIndex, part.Text, events);
            return;
        }
        // A part without text has nothing to emit, and may name an item that it does not belong to (LiteLLM, 2026).
        if (part.Kind == StreamEventKind.None || part.Text.IsEmpty)
            return;
        var item = _items.Resolve(e, ItemKind(part.Kind), isDelta: false, events);
        _content.Fill(item, part.Kind, isSummary, e.PartIndex, part.Text, events);
        if (part.Kind == StreamEventKind.Text)
        {
            OutputContent.EmitLogProbs(item, e.PartIndex, part.LogProbs, isDelta: false, events);
            _content.CiteAll(item, e.PartIndex, part.Annotations, events);
        }
    }

    private void ProcessAnnotation(scoped in ResponsesEvent e, ReadOnlySpan<byte> frameType, EventBuffer events)
    {
        if (!CitationReader.IsObject(e.Annotation, "annotation", events))
            EmitOther(e, frameType, events);
        else
        {
            _content.Cite(
                _items.Resolve(e, OutputItemKind.Message, isDelta: false, events),
                e.PartIndex,
                e.AnnotationIndex,
                e.Annotation,
                events
            );
        }
    }

    private void EmitArguments(scoped in ResponsesEvent e, OutputItemKind kind, EventBuffer events)
    {
        var item = _items.Resolve(e, kind, isDelta: true, events);
        item.LacksPiece |= e.IsDeltaUnreadable;
        if ((item.Call ?? _content.BeginEarlyCall(item, events)) is { } known)
        {
            known.Add(e.Delta, events);
            MarkRepeatable(e, item, kind, events);
            return;
        }
        NameEarly(e, item, events);
        if (item.Call is { } call)
            call.Add(e.Delta, events);
        else
            _content.StoreEarlyPiece(item, e.Delta, events);
    }

    private void SettleArguments(scoped in ResponsesEvent e, OutputItemKind kind, EventBuffer events)
    {
        var item = _items.Resolve(e, kind, isDelta: false, events);
        item.LacksPiece &= WireJson.IsEmpty(e.Whole.Raw) && WireJson.IsEmpty(e.WholeValue);
        if (item.Call is null && _content.BeginEarlyCall(item, events) is null)
            NameEarly(e, item, events);
        if (item.Call is { } call)
            _content.Settle(call, e.Whole, e.WholeValue, events);
        else
            _content.StoreEarlyArguments(item, e.Whole, e.WholeValue, events);
    }

    // The item of a call precedes its arguments, and names it. Few servers name it only here; if it then has a name but no ID, the end of
    // its item has the ID.
    private void NameEarly(scoped in ResponsesEvent e, OutputItem item, EventBuffer events)
    {
        if (!item.IsCall)
            return;
        events.Note(QuirkKind.EventOrder, "response.function_call_arguments.delta");
        _content.Name(item, e.CallId, e.Name, events);
    }

    private void ProcessItem(scoped ref ResponsesEvent e, ReadOnlySpan<byte> data, bool isDone, EventBuffer events)
    {
        if (!e.HasItem)
        {
            events.Note(QuirkKind.UnexpectedType, "item");
            return;
        }
        var fields = new OutputItemFields { RunsCustomCalls = _items.RunsCustomCalls };
        fields.Read(ref e.Item, data, events);
        if (isDone)
            _content.Complete(_items.ResolveDone(e, fields, events), fields, events);
        else
            _content.Begin(_items.ResolveAdded(e, fields, events), fields, events);
    }

    private void EmitOther(scoped in ResponsesEvent e, ReadOnlySpan<byte> frameType, EventBuffer events)
    {
        int part = _items.Find(e.OutputIndex, e.ItemId, OutputItemKind.Unknown, isDelta: false) is { } item
            ? _content.PartOf(item, events)
            : 0;
        events.Add(StreamEventKind.Other, 0, part, name: _typeNames.Get(e.Type, frameType));
    }

    private void End(ResponsesEventKind kind, scoped ref ResponsesEvent e, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var response = e.HasResponse ? ReadResponse(ref e.Response, data, events) : ReadFlat(data, events);
        bool hasFailed = kind == ResponsesEventKind.Failed || response.Status.Is("failed"u8);
        if (hasFailed || !response.Error.IsEmpty)
            Abort(events);
        if (hasFailed)
            events.Stop(0, StopReason.Error, "failed");
        if (hasFailed || !response.Error.IsEmpty)
        {
            var failure = ErrorReader.ReadInBody(data, inStream: true, Usage, limits: events.Options.Limits);
            if (ErrorReader.IsError(data))
                throw failure;
            _unexplained = failure;
            return;
        }
        if (response.HasOutput)
            ReadOutput(ref response.Output, data, events);
        if (!response.Thoughts.IsEmpty && !HasThoughts())
            _content.EmitReasoning(response.Thoughts, events);
        string word = kind switch
        {
            ResponsesEventKind.Incomplete => "incomplete",
            ResponsesEventKind.Cancelled => response.Status.Is("canceled"u8) ? "canceled" : "cancelled",
            _ when response.Status.IsEmpty => "completed",
            _ => response.Status.ToString(),
        };
        Finish(word, response.Reason, events);
    }

    /// <summary>Reads the response object.</summary>
    private ResponseFields ReadResponse(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var response = new ResponseFields();
        response.Read(ref reader, data, ref _id, ref _model, ref _usage, events);
        _items.RunsCustomCalls |= response.RunsCustomCalls;
        return response;
    }

    // A gateway (2026) ends with the members of the answer beside those of the event.
    private ResponseFields ReadFlat(ReadOnlySpan<byte> data, EventBuffer events)
    {
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        return ReadResponse(ref reader, data, events);
    }

    // Some servers fill in the counts of an answer that has only begun: unknown is not zero.
    private void ReadHead(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var before = _usage;
        ReadResponse(ref reader, data, events);
        if (_usage.IsZero)
            _usage = before;
    }

    private static bool HasThoughts(Utf8JsonReader list, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            var fields = new OutputItemFields();
            if (list.TokenType != JsonTokenType.StartObject)
                list.Skip();
            else
                fields.Read(ref list, data, events);
            if (fields.Kind == OutputItemKind.Reasoning)
                return true;
        }
        return false;
    }

    private bool HasThoughts()
    {
        foreach (var item in _items.All)
        {
            if (item is { Kind: OutputItemKind.Reasoning, Texts.Count: > 0 })
                return true;
        }
        return false;
    }

    /// <summary>Reads the final list of items and takes whatever the earlier events did not deliver.</summary>
    private void ReadOutput(scoped ref Utf8JsonReader list, ReadOnlySpan<byte> data, EventBuffer events)
    {
        bool isMatched = false;
        for (int index = 0; list.Read() && list.TokenType != JsonTokenType.EndArray; index++)
        {
            if (list.TokenType != JsonTokenType.StartObject)
            {
                WireJson.SkipUnexpected(ref list, "response.output[]", events);
                continue;
            }
            var fields = new OutputItemFields { RunsCustomCalls = _items.RunsCustomCalls };
            var entry = list;
            fields.Read(ref list, data, events);
            if (fields.Kind == OutputItemKind.Echo && !_content.IsWhole)
            {
                events.Note(QuirkKind.RoleInvalid, "item.role");
                continue;
            }
            var item =
                _content.IsWhole ? _items.Add(index, events)
                : isMatched ? _items.FindEntry(index)
                : _items.FindNamed(fields);
            if (item is null && !isMatched)
            {
                new ListedItems(_items, data, events).Match(index, entry);
                isMatched = true;
                item = _items.FindEntry(index);
            }
            if (item is null)
            {
                events.Note(QuirkKind.DeltaMissing, "response.output_item.done");
                item = _items.Add(index, events);
            }
            item.IsListed = true;
            _content.Complete(item, fields, events);
        }
    }

    private void Finish(string? word, JsonText reason, EventBuffer events)
    {
        foreach (var item in _items.All)
            _content.End(item, events);
        var stop = ReadStop(word, reason, out string? raw, events);
        // Every incomplete answer was cut off somewhere: none of its tool calls may be run.
        bool isCut = word is "incomplete" or "cancelled" or "canceled";
        _content.EmitCitations(_items.All, events);
        _content.CompleteCalls(isCut, events);
        bool awaitsClient = _content.HasCalls || _items.AskClient();
        events.Stop(0, isCut ? stop : StopWords.Effective(stop, awaitsClient, _content.HasRefusal), raw);
        _usage.Emit(events);
        events.Add(StreamEventKind.Done, id: AnswerId, name: AnswerModel);
    }

    private static StopReason ReadStop(string? word, JsonText reason, out string? raw, EventBuffer events)
    {
        raw = word == "incomplete" && !reason.IsEmpty ? $"incomplete:{reason.ToString()}" : word;
        if (word is null)
            events.Note(QuirkKind.NoFinishReason, "response.status");
        var stop = word switch
        {
            "completed" => StopReason.EndTurn,
            "incomplete" => StopWords.Read(reason.ToString()),
            "cancelled" or "canceled" => StopReason.Error,
            _ => StopReason.Unknown,
        };
        if (stop == StopReason.Unknown && word is not null)
            events.Note(QuirkKind.UnknownFinishReason, word == "incomplete" ? "response.incomplete_details.reason" : "response.status");
        return stop;
    }

    // If its filter refuses, Azure (2026) sends the event of a failure without an error, followed by an event with the error.
    private void ThrowExplained(in Frame frame, LlmException failure, EventBuffer events)
    {
        try
        {
            var reader = WireJson.Reader(frame.Data, events.Options);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var e = new ResponsesEvent();
                e.Read(ref reader, frame.Data, events);
                var kind = ResponsesEventNames.Classify(e.Type, frame.Type);
                if ((kind == ResponsesEventKind.Error || e.IsError(kind, frame.Type)) && ErrorReader.IsError(frame.Data))
                    failure = ErrorReader.ReadInBody(frame.Data, inStream: true, Usage, limits: events.Options.Limits);
            }
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            // An event that explains nothing changes nothing.
        }
        throw failure;
    }

    private void ThrowError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        reader.Skip();
        reader.Read();
        throw ErrorReader.ReadInBody(data, inStream, Usage, limits: events.Options.Limits);
    }

    private static void ThrowUnfinished() =>
        throw AnswerErrors.Malformed(
            "The answer is not finished: the service continues it in the background, and RawLlm does not wait for background answers."
        );
}
