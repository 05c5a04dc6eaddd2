using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the Messages wire, streamed and whole.</summary>
/// <remarks>
/// Source: platform.claude.com/docs/en/build-with-claude/streaming. The events' own JSON says what they are, so that the same
/// decoder reads them where another framing carries them. The closing events wait for <c>message_stop</c>; a stream that ends
/// without it is broken off, whatever was said before. What goes back bears this wire's name whatever carried it, because the
/// services that offer these models take each other's signatures.
/// </remarks>
internal sealed class AnthropicDecoder : EventDecoder
{
    private static readonly CallPlaces Places = new("content[].id", "content[].name", "content[].input");

    private readonly List<MessageBlock> _blocks = [];
    private readonly CallBlocks _calls = new(choice: 0, Places);
    private MessageBlock? _latest;
    private AnthropicUsage _usage;
    private string? _id;
    private string? _model;
    private string? _stop;
    private bool _hasStopSequence;
    private bool _isStarted;
    private bool _hasContent;
    private int _nextPart;
    private RetainedBytes _retained;
    private uint _seed;
    private bool _isSeeded;
    private bool _isIntervened;
    private byte[]? _container;

    public override Usage? Usage => _usage.ToUsage();

    internal override bool HoldsCalls => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        AnswerErrors.ThrowIfFramed(frame, this, events);
        return Decode(frame.Data, frame.Type, events);
    }

    /// <summary>Decodes one event, in whatever framing it came.</summary>
    /// <param name="data">The event's JSON.</param>
    /// <param name="type">The type that the framing gives it, which counts only where the JSON names none; may be empty.</param>
    /// <param name="events">Takes the events.</param>
    /// <returns>False when the answer has ended.</returns>
    public bool Decode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> type, EventBuffer events)
    {
        if (data.IsEmpty)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        if (data.SequenceEqual("[DONE]"u8))
            return DecodeForeignEnd(events);
        Seed(data);
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            ThrowErrorArray(ref reader, data, inStream: true, events);
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        return DecodeEvent(ref reader, data, type, events);
    }

    /// <summary>Takes what the service adds that carries the events.</summary>
    public void Take(in InvocationReport report)
    {
        _usage.FillIn(report);
        _isIntervened |= report.IsIntervened;
    }

    public override bool IsWhole(ReadOnlySpan<byte> data) => data.SequenceEqual("[DONE]"u8) || base.IsWhole(data);

    public override void Complete(bool isCut, EventBuffer events) => ThrowTruncated(isCut);

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        Seed(body);
        try
        {
            var reader = WireJson.Reader(body, events.Options);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
                ThrowErrorArray(ref reader, body, inStream: false, events);
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("$", reader.TokenType);
            ReadMessage(ref reader, body, inStream: false, events);
            if (reader.Read())
                WireJson.ThrowType("$", reader.TokenType);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw WireJson.Malformed(e, "The answer", _usage.ToUsage());
        }
        if (_blocks.Count == 0)
            CheckEmpty(body, events);
        Finish(events);
    }

    public override void Dispose()
    {
        _calls.Dispose();
        foreach (var block in _blocks)
            block.Dispose();
    }

    // MiniMax (2026) tells what is wrong in a member of its own, {"base_resp":{"status_code":1008,"status_msg":"…"}}, with a status of success.
    private void CheckEmpty(ReadOnlySpan<byte> body, EventBuffer events)
    {
        if (ErrorBody.Read(body).SaysSomething || (!_hasContent && AnswerErrors.IsFlat(body, events.Options)))
            throw ErrorReader.ReadInBody(body, inStream: false, _usage.ToUsage(), limits: events.Options.Limits);
        if (!_hasContent)
            throw AnswerErrors.Malformed("The answer holds no content.");
    }

    private void Seed(ReadOnlySpan<byte> data)
    {
        if (_isSeeded)
            return;
        _isSeeded = true;
        _seed = MadeId.Seed(data);
    }

    // Gateways that also speak chat completions put that wire's end mark here; it ends an answer that is whole without it.
    private bool DecodeForeignEnd(EventBuffer events)
    {
        if (_stop is null)
            ThrowTruncated(isCut: false);
        events.Note(QuirkKind.MissingSentinel, "message_stop");
        Finish(events);
        return false;
    }

    private bool DecodeEvent(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ReadOnlySpan<byte> frameType, EventBuffer events)
    {
        var kind = MessageEventKind.None;
        int index = -1;
        var delta = new BlockDelta();
        Utf8JsonReader nested = default;
        bool hasNested = false;
        bool hasUsage = false;
        bool isError = false;
        bool hasWords = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    kind = ReadKind(ref reader);
                else
                    reader.Skip();
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                if (!WireJson.TryReadIndex(ref reader, out index))
                {
                    index = -1;
                    WireJson.SkipUnexpected(ref reader, "index", events);
                }
            }
            else if (reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadDelta(ref reader, data, ref delta, events);
                else
                    WireJson.SkipUnexpected(ref reader, "delta", events);
            }
            else if (reader.ValueTextEquals("content_block"u8) || reader.ValueTextEquals("message"u8))
            {
                // The bare form of an error has a text under "message".
                hasWords |= AnswerErrors.IsWords(ref reader);
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    nested = reader;
                    hasNested = true;
                }
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                hasUsage |= reader.TokenType != JsonTokenType.Null;
                _usage.Read(ref reader, events);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                isError |= !WireJson.IsNothing(WireJson.SkipRaw(ref reader, data));
            }
            else if (reader.ValueTextEquals("Message"u8) || reader.ValueTextEquals("msg"u8) || reader.ValueTextEquals("detail"u8))
            {
                hasWords |= AnswerErrors.IsWords(ref reader);
                reader.Skip();
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        // A second value after the first is an error of the reader, and leaves nothing half done.
        var end = reader;
        end.Read();
        if (kind == MessageEventKind.None)
            kind = Kind(frameType);
        // What no event of the wire is and has a message is an error without its envelope.
        isError |= hasWords && kind is (MessageEventKind.None or MessageEventKind.Other);
        isError |= kind == MessageEventKind.None && ErrorBody.Read(data).SaysSomething;
        if (isError || kind == MessageEventKind.Error)
            throw ErrorReader.ReadInBody(data, inStream: true, _usage.ToUsage(), limits: events.Options.Limits);
        switch (kind)
        {
            case MessageEventKind.None:
                events.Note(QuirkKind.UnknownEvent, "type");
                break;
            case MessageEventKind.MessageStart:
                if (_isStarted)
                    events.Note(QuirkKind.EventOrder, "message_start");
                _isStarted = true;
                int before = _blocks.Count;
                if (hasNested)
                    ReadMessage(ref nested, data, inStream: true, events);
                if (_blocks.Count > before)
                    events.Note(QuirkKind.MessageInStream, "message_start");
                break;
            case MessageEventKind.BlockStart:
                if (hasNested)
                    StartBlock(ref nested, data, index, events);
                else
                    events.Note(QuirkKind.EventOrder, "content_block_start");
                break;
            case MessageEventKind.BlockDelta:
                // An event without an index belongs to the latest block, so one that makes another the latest has changed more than its text.
                var latest = _latest;
                if (!delta.HasType)
                    InferKind(ref delta, events);
                Apply(delta, index, events);
                if (_latest == latest && !hasUsage)
                    events.SayRepeatable();
                break;
            case MessageEventKind.BlockStop:
                StopBlock(index, events);
                break;
            case MessageEventKind.MessageDelta:
                ReadStop(delta.StopReason, events);
                _hasStopSequence |= delta.HasStopSequence;
                KeepContainer(delta.Container, events);
                if (!hasUsage)
                    ReadUsageInside(delta.Usage, events);
                break;
            case MessageEventKind.MessageStop:
                if (!_isStarted && _blocks.Count == 0)
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

    private static MessageEventKind ReadKind(scoped ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Kind(System.Text.Encoding.UTF8.GetBytes(JsonText.Read(ref reader).ToString())) : Kind(reader.ValueSpan);

    private static MessageEventKind Kind(ReadOnlySpan<byte> type) => type switch
    {
        _ when type.SequenceEqual("content_block_delta"u8) => MessageEventKind.BlockDelta,
        _ when type.SequenceEqual("content_block_start"u8) => MessageEventKind.BlockStart,
        _ when type.SequenceEqual("content_block_stop"u8) => MessageEventKind.BlockStop,
        _ when type.SequenceEqual("message_start"u8) => MessageEventKind.MessageStart,
        _ when type.SequenceEqual("message_delta"u8) => MessageEventKind.MessageDelta,
        _ when type.SequenceEqual("message_stop"u8) => MessageEventKind.MessageStop,
        _ when type.SequenceEqual("ping"u8) => MessageEventKind.Ping,
        _ when type.SequenceEqual("message"u8) => MessageEventKind.Message,
        _ when type.SequenceEqual("error"u8) => MessageEventKind.Error,
        [] => MessageEventKind.None,
        _ => MessageEventKind.Other,
    };

    // One form serves the deltas of blocks and of the message: their members do not overlap.
    private static void ReadDelta(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref BlockDelta delta, EventBuffer events)
    {
        int start = checked((int)reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                delta.HasType = reader.TokenType == JsonTokenType.String;
                if (delta.HasType)
                    delta.Kind = ReadDeltaKind(ref reader);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("text"u8))
            {
                WireJson.TryReadText(ref reader, ref delta.Text, "delta.text", events);
            }
            else if (reader.ValueTextEquals("thinking"u8))
            {
                WireJson.TryReadText(ref reader, ref delta.Thinking, "delta.thinking", events);
            }
            else if (reader.ValueTextEquals("partial_json"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    delta.PartialValue = WireJson.SkipRaw(ref reader, data);
                else if (reader.TokenType == JsonTokenType.String)
                    delta.PartialJson = JsonText.Read(ref reader);
                else
                    WireJson.SkipUnexpected(ref reader, "delta.partial_json", events);
            }
            else if (reader.ValueTextEquals("signature"u8))
            {
                WireJson.TryReadText(ref reader, ref delta.Signature, "delta.signature", events);
            }
            else if (reader.ValueTextEquals("citation"u8))
            {
                reader.Read();
                delta.Citation = WireJson.SkipRaw(ref reader, data);
            }
            else if (reader.ValueTextEquals("stop_reason"u8))
            {
                WireJson.TryReadText(ref reader, ref delta.StopReason, "delta.stop_reason", events);
            }
            else if (reader.ValueTextEquals("stop_sequence"u8))
            {
                reader.Read();
                delta.HasStopSequence = reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("container"u8))
            {
                reader.Read();
                delta.Container = WireJson.SkipRaw(ref reader, data);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                delta.Usage = WireJson.SkipRaw(ref reader, data);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        delta.Raw = data[start..checked((int)reader.BytesConsumed)];
    }

    private void ReadUsageInside(ReadOnlySpan<byte> json, EventBuffer events)
    {
        if (WireJson.IsEmpty(json))
            return;
        events.Note(QuirkKind.UnexpectedType, "delta.usage");
        var reader = WireJson.Reader(json, events.Options);
        reader.Read();
        _usage.Read(ref reader, events);
    }

    // The service wants its id back where calls that its code made are answered (code execution, 2025).
    private void KeepContainer(ReadOnlySpan<byte> json, EventBuffer events)
    {
        if (json is not [(byte)'{', ..] || AnthropicContainer.IdOf(json).IsEmpty)
            return;
        _retained.Add(json.Length, events);
        _container = json.ToArray();
    }

    // Some gateways leave out the type: the only member tells as much.
    private static void InferKind(ref BlockDelta delta, EventBuffer events)
    {
        bool isJson = delta.PartialJson.IsPresent || !delta.PartialValue.IsEmpty;
        var (kind, count) = (BlockDeltaKind.Other, 0);
        if (delta.Text.IsPresent)
            (kind, count) = (BlockDeltaKind.Text, count + 1);
        if (delta.Thinking.IsPresent)
            (kind, count) = (BlockDeltaKind.Thinking, count + 1);
        if (isJson)
            (kind, count) = (BlockDeltaKind.InputJson, count + 1);
        if (delta.Signature.IsPresent)
            (kind, count) = (BlockDeltaKind.Signature, count + 1);
        if (!delta.Citation.IsEmpty)
            (kind, count) = (BlockDeltaKind.Citations, count + 1);
        events.Note(QuirkKind.UnexpectedType, "delta.type");
        if (count == 1)
            delta.Kind = kind;
    }

    private static BlockDeltaKind ReadDeltaKind(scoped ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("text_delta"u8))
            return BlockDeltaKind.Text;
        if (reader.ValueTextEquals("input_json_delta"u8))
            return BlockDeltaKind.InputJson;
        if (reader.ValueTextEquals("thinking_delta"u8))
            return BlockDeltaKind.Thinking;
        if (reader.ValueTextEquals("signature_delta"u8))
            return BlockDeltaKind.Signature;
        if (reader.ValueTextEquals("citations_delta"u8))
            return BlockDeltaKind.Citations;
        return BlockDeltaKind.Other;
    }

    // The whole answer, or as much of it as message_start holds.
    private void ReadMessage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        Utf8JsonReader content = default;
        bool isList = false;
        JsonText text = default;
        JsonText stop = default;
        bool isError = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                ReadIdentity(ref reader, ref _id);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                ReadIdentity(ref reader, ref _model, isKnown: true);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                _usage.Read(ref reader, events);
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                isList = reader.TokenType == JsonTokenType.StartArray;
                if (isList)
                    content = reader;
                else if (reader.TokenType == JsonTokenType.String)
                    text = JsonText.Read(ref reader);
                else if (reader.TokenType != JsonTokenType.Null)
                    WireJson.ThrowType("content", reader.TokenType);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("stop_reason"u8))
            {
                WireJson.TryReadText(ref reader, ref stop, "stop_reason", events);
            }
            else if (reader.ValueTextEquals("stop_sequence"u8))
            {
                reader.Read();
                _hasStopSequence |= reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("container"u8))
            {
                reader.Read();
                KeepContainer(WireJson.SkipRaw(ref reader, data), events);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                isError |= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                isError |= !WireJson.IsNothing(WireJson.SkipRaw(ref reader, data));
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
        if (isError)
            throw ErrorReader.ReadInBody(data, inStream, _usage.ToUsage(), limits: events.Options.Limits);
        if (isList)
            ReadContent(ref content, data, events);
        else if (text.IsPresent)
            ReadPlainContent(text, events);
        ReadStop(stop, events);
    }

    private void ReadContent(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        _hasContent = true;
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("content[]", reader.TokenType);
            if (StartBlock(ref reader, data, i, events) is { } block)
                End(block, events);
        }
    }

    private void ReadPlainContent(JsonText text, EventBuffer events)
    {
        _hasContent = true;
        events.Note(QuirkKind.UnexpectedType, "content");
        var block = NewBlock(BlockKind.Text, 0, events);
        Give(block, text, events);
        End(block, events);
    }

    private void ReadStop(JsonText stop, EventBuffer events)
    {
        // Absent, null and "" all mean: not stopped.
        if (stop.IsEmpty)
            return;
        string word = KnownText.Get(stop);
        if (_stop is not null && _stop != word)
            events.Note(QuirkKind.RepeatedFinishReason, "stop_reason");
        _stop = word;
        if (StopWords.Read(word) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, "stop_reason");
    }

    private MessageBlock? StartBlock(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, int index, EventBuffer events)
    {
        int start = checked((int)reader.TokenStartIndex);
        var members = reader;
        ReadOnlySpan<byte> type = default;
        JsonText id = default;
        JsonText name = default;
        JsonText text = default;
        JsonText thinking = default;
        JsonText signature = default;
        ReadOnlySpan<byte> input = default;
        Utf8JsonReader citations = default;
        bool hasCitations = false;
        bool hasOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    type = reader.ValueSpan;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref id);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref name);
            }
            else if (reader.ValueTextEquals("text"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref text);
            }
            else if (reader.ValueTextEquals("thinking"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref thinking);
            }
            else if (reader.ValueTextEquals("signature"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref signature);
            }
            else if (reader.ValueTextEquals("input"u8))
            {
                reader.Read();
                input = WireJson.SkipRaw(ref reader, data);
            }
            else if (reader.ValueTextEquals("citations"u8))
            {
                reader.Read();
                hasCitations = reader.TokenType == JsonTokenType.StartArray;
                if (hasCitations)
                    citations = reader;
                reader.Skip();
            }
            else
            {
                reader.Read();
                hasOther |= reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
        }
        var whole = data[start..checked((int)reader.BytesConsumed)];
        var kind = type switch
        {
            _ when type.SequenceEqual("text"u8) => BlockKind.Text,
            _ when type.SequenceEqual("thinking"u8) => BlockKind.Thinking,
            _ when type.SequenceEqual("tool_use"u8) => BlockKind.ToolCall,
            _ => BlockKind.Raw,
        };
        if (type.IsEmpty)
        {
            events.Note(QuirkKind.UnexpectedType, "content[].type");
            return null;
        }
        var block = NewBlock(kind, index, events);
        switch (kind)
        {
            case BlockKind.Text:
                Give(block, text, events);
                while (hasCitations && citations.Read() && citations.TokenType != JsonTokenType.EndArray)
                    Cite(block, WireJson.SkipRaw(ref citations, data), events);
                break;
            case BlockKind.Thinking:
                Give(block, thinking, events);
                Sign(block, signature, events);
                break;
            case BlockKind.ToolCall:
                block.Part = _nextPart++;
                block.Call = _calls.Begin(block.Part, id, name, _seed, events);
                if (!WireJson.IsEmpty(input))
                    block.StartInput = input.ToArray();
                break;
            default:
                block.Part = _nextPart++;
                block.Whole = whole.ToArray();
                block.HasNews = true;
                _retained.Add(whole.Length, events);
                break;
        }
        if (hasOther && kind != BlockKind.Raw)
            KeepMembers(block, ref members, data, events);
        return block;
    }

    // What the block holds beside what this decoder knows, such as who called a function ("caller", 2025), goes back with it.
    private void KeepMembers(MessageBlock block, scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        block.Members = new BlockMembers();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isKnown = reader.ValueTextEquals("type"u8) || block.Kind switch
            {
                BlockKind.Text => reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("citations"u8),
                BlockKind.Thinking => reader.ValueTextEquals("thinking"u8) || reader.ValueTextEquals("signature"u8),
                _ => reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("input"u8),
            };
            var name = reader.ValueSpan;
            reader.Read();
            isKnown |= reader.TokenType == JsonTokenType.Null;
            var value = WireJson.SkipRaw(ref reader, data);
            if (isKnown)
                continue;
            _retained.Add(name.Length + value.Length, events);
            block.Members.Add(name, value);
            block.HasNews = true;
        }
    }

    private MessageBlock NewBlock(BlockKind kind, int index, EventBuffer events)
    {
        if (_blocks.Count >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyBlocks();
        if (_stop is not null)
            events.Note(QuirkKind.ContentAfterFinish, "content_block_start");
        if (index < 0)
        {
            events.Note(QuirkKind.EventOrder, "index");
            index = _blocks.Count;
        }
        if (Find(index) is { IsOpen: true } before)
        {
            events.Note(QuirkKind.EventOrder, "content_block_start");
            End(before, events);
        }
        var block = new MessageBlock { WireIndex = index, Kind = kind };
        _blocks.Add(block);
        return _latest = block;
    }

    private MessageBlock? Find(int index)
    {
        if (index < 0 || _latest?.WireIndex == index)
            return _latest;
        for (int i = _blocks.Count - 1; i >= 0; i--)
        {
            if (_blocks[i].WireIndex == index)
                return _latest = _blocks[i];
        }
        return null;
    }

    private void Apply(in BlockDelta delta, int index, EventBuffer events)
    {
        if (index < 0)
            events.Note(QuirkKind.EventOrder, "index");
        var block = Find(index);
        if (_stop is not null)
            events.Note(QuirkKind.ContentAfterFinish, "content_block_delta");
        if (block is { IsOpen: false })
            events.Note(QuirkKind.EventOrder, "content_block_delta");
        if (block is { Kind: BlockKind.Raw })
        {
            ApplyRaw(block, delta, events);
            return;
        }
        switch (delta.Kind)
        {
            case BlockDeltaKind.Text:
                Give(Expect(block, BlockKind.Text, index, events), delta.Text, events);
                break;
            case BlockDeltaKind.Thinking:
                Give(Expect(block, BlockKind.Thinking, index, events), delta.Thinking, events);
                break;
            case BlockDeltaKind.InputJson when block?.Call is { } call:
                if (!delta.PartialValue.IsEmpty)
                {
                    events.Note(QuirkKind.ToolArgumentsAsObject, "delta.partial_json");
                    _calls.AppendValue(call, delta.PartialValue, events);
                }
                else
                {
                    _calls.Append(call, delta.PartialJson, events);
                }
                break;
            // llama.cpp (2026) ends every answer's thoughts with an empty signature, after the next block has begun or without any block of thoughts.
            case BlockDeltaKind.Signature when block is { Kind: BlockKind.Thinking } || delta.Signature.IsEmpty:
                if (block is { Kind: BlockKind.Thinking })
                    Sign(block, delta.Signature, events);
                break;
            case BlockDeltaKind.Citations when block is { Kind: BlockKind.Text }:
                if (!delta.Citation.IsEmpty)
                    Cite(block, delta.Citation, events);
                break;
            case BlockDeltaKind.Other:
                break;
            default:
                events.Note(QuirkKind.EventOrder, "delta.type");
                break;
        }
    }

    // A delta without its block, or of another kind than its block, begins a block of its own.
    private MessageBlock Expect(MessageBlock? block, BlockKind kind, int index, EventBuffer events)
    {
        if (block?.Kind == kind)
            return block;
        events.Note(QuirkKind.EventOrder, block is null ? "content_block_start" : "delta.type");
        if (block is { IsOpen: true })
            End(block, events);
        return NewBlock(kind, index, events);
    }

    private void ApplyRaw(MessageBlock block, in BlockDelta delta, EventBuffer events)
    {
        block.HasNews = true;
        if (delta.Kind == BlockDeltaKind.InputJson)
        {
            int before = block.Input.Length;
            if (!delta.PartialValue.IsEmpty)
                block.Input.Append(delta.PartialValue);
            else
                block.Input.Commit(delta.PartialJson.CopyTo(block.Input.Reserve(delta.PartialJson.MaxLength), ref block.InputPending, out _));
            _retained.Add(block.Input.Length - before, events);
            return;
        }
        _retained.Add(block.AllMembers(events).Merge(delta.Raw, events.Options), events);
    }

    private void Give(MessageBlock block, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        if (block.Part < 0)
            block.Part = _nextPart++;
        block.HasText = true;
        block.Run ??= block.Kind == BlockKind.Text
            ? new TextRun(StreamEventKind.Text, choice: 0, block.Part, "content[].text")
            : new TextRun(StreamEventKind.Reasoning, choice: 0, block.Part, "content[].thinking");
        block.Run.Add(text, events);
    }

    private void Sign(MessageBlock block, JsonText signature, EventBuffer events)
    {
        if (signature.IsEmpty)
            return;
        _retained.Add(signature.Raw.Length, events);
        block.Signature.Clear();
        block.Signature.Append(signature.Raw);
        block.HasNews = true;
    }

    private void Cite(MessageBlock block, ReadOnlySpan<byte> citation, EventBuffer events)
    {
        _retained.AddCitation(citation.Length, events);
        if (block.Citations.Length > 0)
            block.Citations.Append(","u8);
        block.Citations.Append(citation);
        block.HasNews = true;
    }

    private void StopBlock(int index, EventBuffer events)
    {
        if (Find(index) is { IsOpen: true } block)
            End(block, events);
        else
            events.Note(QuirkKind.EventOrder, "content_block_stop");
    }

    private void End(MessageBlock block, EventBuffer events)
    {
        block.IsOpen = false;
        block.Run?.Flush(events);
        if (block is { Call: { } call, StartInput: { Length: > 0 } input } && call.Arguments.Length == 0)
            _calls.AppendWhole(call, input, events);
        GiveData(block, events);
    }

    private void GiveData(MessageBlock block, EventBuffer events)
    {
        if (!block.HasNews)
            return;
        block.HasNews = false;
        var json = new PooledBytes();
        switch (block.Kind)
        {
            case BlockKind.Raw:
                block.WriteWhole(ref json, Places.Arguments, events);
                break;
            // What cites or was signed but says nothing: empty text must not go back, thoughts that were withheld must.
            case BlockKind.Text when !block.HasText:
                return;
            case BlockKind.Text:
                CitationReader.GiveBlock(block.Citations.Span, ref block.CitationsGiven, block.Part, events);
                goto default;
            case BlockKind.Thinking when !block.HasText:
                if (block.Part < 0)
                    block.Part = _nextPart++;
                json.Append("{\"type\":\"thinking\",\"thinking\":\"\""u8);
                block.WriteExtra(ref json, isFirst: false);
                break;
            default:
                json.Append("{"u8);
                block.WriteExtra(ref json, isFirst: true);
                break;
        }
        events.Add(StreamEventKind.WireData, 0, block.Part, json.Span, name: AnthropicProtocol.ProtocolName);
        json.Return();
    }

    private void Finish(EventBuffer events)
    {
        foreach (var block in _blocks)
        {
            if (block.IsOpen)
            {
                events.Note(QuirkKind.EventOrder, "content_block_stop");
                End(block, events);
            }
            GiveData(block, events);
        }
        if (_container is not null)
            events.Add(StreamEventKind.WireData, 0, _nextPart++, AnthropicContainer.Wrap(_container), name: AnthropicProtocol.ProtocolName);
        var reason = _isIntervened ? StopReason.ContentFilter : StopWords.Read(_stop);
        _calls.Complete(StopWords.IsCut(reason), events);
        if (_stop is null && !_isIntervened)
            events.Note(QuirkKind.NoFinishReason, "stop_reason");
        // llama.cpp (2026) says end_turn and names the sequence that came up.
        if (_hasStopSequence && reason is StopReason.EndTurn or StopReason.Unknown)
            reason = StopReason.StopSequence;
        events.Stop(0, StopWords.Effective(reason, _calls.Count > 0, hasRefusal: false), _stop);
        if (_usage.ToUsage() is { } usage)
        {
            if (UsageCounter.SaysNothing(usage, events.HasContent))
                events.Note(QuirkKind.UsageInconsistent, "usage");
            events.Usage(usage);
        }
        events.Add(StreamEventKind.Done, id: _id, name: _model);
    }

    private static void ReadIdentity(scoped ref Utf8JsonReader reader, ref string? field, bool isKnown = false)
    {
        reader.Read();
        if (field is null && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
            field = isKnown ? KnownText.Get(JsonText.Read(ref reader)) : JsonText.Read(ref reader).ToString();
        reader.Skip();
    }

    private void ThrowErrorArray(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool inStream, EventBuffer events)
    {
        reader.Skip();
        reader.Read();
        throw ErrorReader.ReadInBody(data, inStream, _usage.ToUsage(), limits: events.Options.Limits);
    }

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "message_stop", _usage.ToUsage());

    private static void ThrowNoMessage() =>
        throw AnswerErrors.Malformed("The stream holds message_stop and no message.");
}
