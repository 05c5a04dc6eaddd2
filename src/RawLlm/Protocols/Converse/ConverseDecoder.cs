using System.Text;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the Converse wire, streamed and whole.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, ConverseStream and Converse. The framing says what an event is, the
/// payload does not. The usage follows the end of the message, so the closing events wait for it.
/// </remarks>
internal sealed class ConverseDecoder : EventDecoder
{
    private static readonly CallPlaces Places = new("toolUse.toolUseId", "toolUse.name", "toolUse.input");

    private readonly List<ConverseBlock> _blocks = [];
    private readonly CallBlocks _calls = new(choice: 0, Places);
    private ConverseBlock? _latest;
    private ConverseUsage _usage;
    private string? _stop;
    private bool _isStarted;
    private bool _isStopped;
    private bool _isIntervened;
    private int _nextPart;
    private RetainedBytes _retained;
    private uint _seed;

    public override Usage? Usage => _usage.ToUsage();

    /// <summary>True once the message has ended; what it used may still come.</summary>
    public bool IsStopped => _isStopped;

    internal override bool HoldsCalls => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        if (frame.Category.SequenceEqual("exception"u8) || frame.Category.SequenceEqual("error"u8))
            return DecodeFailure(frame, events);
        var kind = Kind(frame.Type);
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
        if (_seed == 0)
            _seed = MadeId.Seed(frame.Data);
        return DecodeEvent(kind, frame.Data, events);
    }

    /// <summary>Whether an event of the wire has this name.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> name) => Kind(name) != ConverseEventKind.Other;

    /// <summary>Takes what the service adds that carries the events.</summary>
    public void Take(in InvocationReport report)
    {
        _usage.FillIn(report);
        _isIntervened |= report.IsIntervened;
    }

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (!_isStopped || isCut)
            ThrowTruncated(isCut);
        events.Note(QuirkKind.MissingSentinel, "metadata");
        Finish(events);
    }

    /// <summary>Reads a whole answer.</summary>
    public void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        body = AnswerErrors.Text(body);
        events.Add(StreamEventKind.Connected);
        _seed = MadeId.Seed(body);
        try
        {
            var reader = WireJson.Reader(body, events.Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("$", reader.TokenType);
            ReadAnswer(ref reader, body, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw WireJson.Malformed(e, "The answer", _usage.ToUsage());
        }
        Finish(events);
    }

    public override void Dispose()
    {
        _calls.Dispose();
        foreach (var block in _blocks)
            block.Dispose();
    }

    private static ConverseEventKind Kind(ReadOnlySpan<byte> type) => type switch
    {
        _ when type.SequenceEqual("contentBlockDelta"u8) => ConverseEventKind.BlockDelta,
        _ when type.SequenceEqual("contentBlockStart"u8) => ConverseEventKind.BlockStart,
        _ when type.SequenceEqual("contentBlockStop"u8) => ConverseEventKind.BlockStop,
        _ when type.SequenceEqual("messageStart"u8) => ConverseEventKind.MessageStart,
        _ when type.SequenceEqual("messageStop"u8) => ConverseEventKind.MessageStop,
        _ when type.SequenceEqual("metadata"u8) => ConverseEventKind.Metadata,
        _ => ConverseEventKind.Other,
    };

    // An exception is one that the wire's model names (throttlingException); an error is any other, with code and text among the headers.
    private bool DecodeFailure(in Frame frame, EventBuffer events)
    {
        if (_isStopped)
        {
            events.Note(QuirkKind.ErrorAfterEnd, ":message-type");
            Finish(events);
            return false;
        }
        var said = frame.Data.IsEmpty ? frame.ErrorMessage : frame.Data;
        string? code = frame.Type.IsEmpty ? null : Encoding.UTF8.GetString(frame.Type);
        throw ErrorReader.ReadInBody(said, inStream: true, _usage.ToUsage(), code, events.Options.Limits);
    }

    private bool DecodeEvent(ConverseEventKind kind, ReadOnlySpan<byte> data, EventBuffer events)
    {
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        int index = -1;
        var delta = new ConverseDelta();
        Utf8JsonReader start = default;
        bool hasStart = false;
        JsonText stop = default;
        bool hasUsage = false;
        // A random text "p" pads each payload, so that its length does not tell what it says (2025).
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("contentBlockIndex"u8))
            {
                reader.Read();
                if (!WireJson.TryReadIndex(ref reader, out index))
                {
                    index = -1;
                    WireJson.SkipUnexpected(ref reader, "contentBlockIndex", events);
                }
            }
            else if (name.SequenceEqual("delta"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadDelta(ref reader, data, ref delta, events);
                else
                    WireJson.SkipUnexpected(ref reader, "delta", events);
            }
            else if (name.SequenceEqual("start"u8))
            {
                reader.Read();
                hasStart = reader.TokenType == JsonTokenType.StartObject;
                if (hasStart)
                    start = reader;
                reader.Skip();
            }
            else if (name.SequenceEqual("stopReason"u8))
            {
                WireJson.TryReadText(ref reader, ref stop, "stopReason", events);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                reader.Read();
                hasUsage = true;
                _usage.Read(ref reader, events);
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        // A second value after the first is an error of the reader, and leaves nothing half done.
        reader.Read();
        switch (kind)
        {
            case ConverseEventKind.MessageStart:
                if (_isStarted)
                    events.Note(QuirkKind.EventOrder, "messageStart");
                _isStarted = true;
                break;
            case ConverseEventKind.BlockStart:
                StartBlock(hasStart, start, data, index, events);
                break;
            case ConverseEventKind.BlockDelta:
                // An event without an index belongs to the latest block, so one that makes another the latest has changed more than its text.
                var latest = _latest;
                Apply(delta, index, events);
                if (_latest == latest && !hasUsage && !delta.Signature.IsPresent && !delta.Redacted.IsPresent)
                    events.SayRepeatable();
                break;
            case ConverseEventKind.BlockStop:
                // A block of text that is empty has neither a start nor a delta.
                if (Find(index) is { } block)
                    StopBlock(block, events);
                break;
            case ConverseEventKind.MessageStop:
                ReadStop(stop, events);
                _isStopped = true;
                break;
            case ConverseEventKind.Metadata when _isStopped:
                Finish(events);
                return false;
            case ConverseEventKind.Metadata:
                events.Note(QuirkKind.EventOrder, "metadata");
                break;
        }
        return true;
    }

    private static void ReadDelta(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref ConverseDelta delta, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("text"u8))
            {
                if (WireJson.TryReadText(ref reader, ref delta.Text, "delta.text", events))
                    delta.Kind = ConverseDeltaKind.Text;
            }
            else if (name.SequenceEqual("toolUse"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadInput(ref reader, data, ref delta, events);
                else
                    WireJson.SkipUnexpected(ref reader, "delta.toolUse", events);
            }
            else if (name.SequenceEqual("reasoningContent"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadReasoning(ref reader, ref delta, events);
                else
                    WireJson.SkipUnexpected(ref reader, "delta.reasoningContent", events);
            }
            else
            {
                bool isCitation = name.SequenceEqual("citation"u8);
                var raw = reader.ValueSpan;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                delta.Kind = isCitation ? ConverseDeltaKind.Citation : ConverseDeltaKind.Other;
                delta.Name = raw;
                delta.Value = WireJson.SkipRaw(ref reader, data);
            }
        }
    }

    private static void ReadInput(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref ConverseDelta delta, EventBuffer events)
    {
        delta.Kind = ConverseDeltaKind.ToolUse;
        delta.Name = "toolUse"u8;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (!name.SequenceEqual("input"u8))
            {
                events.Ignore(ref reader);
                continue;
            }
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                delta.Input = JsonText.Read(ref reader);
            else if (reader.TokenType == JsonTokenType.StartObject)
                delta.InputValue = WireJson.SkipRaw(ref reader, data);
            else
                WireJson.SkipUnexpected(ref reader, "delta.toolUse.input", events);
        }
    }

    private static void ReadReasoning(scoped ref Utf8JsonReader reader, ref ConverseDelta delta, EventBuffer events)
    {
        delta.Kind = ConverseDeltaKind.Reasoning;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("text"u8))
                WireJson.TryReadText(ref reader, ref delta.Text, "delta.reasoningContent.text", events);
            else if (name.SequenceEqual("signature"u8))
                WireJson.TryReadText(ref reader, ref delta.Signature, "delta.reasoningContent.signature", events);
            else if (name.SequenceEqual("redactedContent"u8))
                WireJson.TryReadText(ref reader, ref delta.Redacted, "delta.reasoningContent.redactedContent", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    private void StartBlock(bool hasStart, Utf8JsonReader start, ReadOnlySpan<byte> data, int index, EventBuffer events)
    {
        if (Find(index) is { IsOpen: true } before && index >= 0)
        {
            events.Note(QuirkKind.EventOrder, "contentBlockStart");
            End(before, events);
        }
        // Without a kind, or with an empty one, the first delta tells what the block is.
        while (hasStart && start.Read() && start.TokenType == JsonTokenType.PropertyName)
        {
            bool isCall = start.ValueTextEquals("toolUse"u8);
            bool isPlain = start.ValueTextEquals("text"u8) || start.ValueTextEquals("reasoningContent"u8);
            var name = start.ValueSpan;
            start.Read();
            if (isPlain || start.TokenType != JsonTokenType.StartObject)
            {
                start.Skip();
                continue;
            }
            if (isCall)
            {
                StartCall(ref start, data, index, events);
                continue;
            }
            var block = NewBlock(ConverseBlockKind.Raw, index, events);
            block.Name = name.ToArray();
            KeepMembers(block, ref start, data, events);
        }
    }

    private void StartCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, int index, EventBuffer events)
    {
        var members = reader;
        var call = new ConverseCall();
        call.Read(ref reader, data);
        if (call.IsOfService)
        {
            var kept = NewBlock(ConverseBlockKind.Raw, index, events);
            kept.Name = "toolUse"u8.ToArray();
            KeepMembers(kept, ref members, data, events);
            return;
        }
        var block = NewBlock(ConverseBlockKind.ToolCall, index, events);
        block.Part = _nextPart++;
        block.Call = _calls.Begin(block.Part, call.Id, call.Name, _seed, events);
        KeepInput(block, call.Input);
    }

    private void KeepMembers(ConverseBlock block, scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        block.Part = _nextPart++;
        block.HasNews = true;
        block.Members = new BlockMembers();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, data);
            _retained.Add(name.Length + value.Length, events);
            block.Members.Add(name, value);
        }
    }

    private ConverseBlock NewBlock(ConverseBlockKind kind, int index, EventBuffer events)
    {
        if (_blocks.Count >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyBlocks();
        if (_isStopped)
            events.Note(QuirkKind.ContentAfterFinish, "contentBlockStart");
        if (index < 0)
        {
            events.Note(QuirkKind.PartIndexMissing, "contentBlockIndex");
            index = _blocks.Count;
        }
        var block = new ConverseBlock { WireIndex = index, Kind = kind };
        _blocks.Add(block);
        return _latest = block;
    }

    private ConverseBlock? Find(int index)
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

    private void Apply(in ConverseDelta delta, int index, EventBuffer events)
    {
        if (delta.Kind == ConverseDeltaKind.None)
            return;
        if (index < 0)
            events.Note(QuirkKind.PartIndexMissing, "contentBlockIndex");
        if (_isStopped)
            events.Note(QuirkKind.ContentAfterFinish, "contentBlockDelta");
        var block = Find(index);
        if (block is { IsOpen: false })
            events.Note(QuirkKind.EventOrder, "contentBlockDelta");
        switch (delta.Kind)
        {
            case ConverseDeltaKind.Text:
                Give(Expect(block, ConverseBlockKind.Text, index, events), delta.Text, events);
                break;
            case ConverseDeltaKind.Citation:
                Cite(Expect(block, ConverseBlockKind.Text, index, events), delta.Value, events);
                break;
            case ConverseDeltaKind.Reasoning:
                Reason(block, delta, index, events);
                break;
            case ConverseDeltaKind.ToolUse when block?.Call is { } call:
                if (!delta.InputValue.IsEmpty)
                {
                    events.Note(QuirkKind.ToolArgumentsAsObject, "delta.toolUse.input");
                    _calls.AppendValue(call, delta.InputValue, events);
                }
                else
                {
                    _calls.Append(call, delta.Input, events);
                }
                break;
            case ConverseDeltaKind.ToolUse when block is not { Kind: ConverseBlockKind.Raw } || !block.Name.AsSpan().SequenceEqual("toolUse"u8):
                // Input of a call that never began: without a name nothing can be done with it.
                events.Note(QuirkKind.EventOrder, "contentBlockStart");
                break;
            default:
                KeepDelta(block, delta, index, events);
                break;
        }
    }

    private void Reason(ConverseBlock? block, in ConverseDelta delta, int index, EventBuffer events)
    {
        if (delta.Redacted.IsPresent)
        {
            var redacted = Expect(block, ConverseBlockKind.Redacted, index, events);
            _retained.Add(delta.Redacted.Raw.Length, events);
            if (!redacted.Blob.TryAppend(delta.Redacted))
                events.Note(QuirkKind.UnexpectedType, "delta.reasoningContent.redactedContent");
            else if (redacted.Part < 0)
                redacted.Part = _nextPart++;
            redacted.HasNews = redacted.Part >= 0;
        }
        if (delta.Text.IsPresent)
            Give(block = Expect(block, ConverseBlockKind.Reasoning, index, events), delta.Text, events);
        if (delta.Signature.IsPresent)
            Sign(Expect(block, ConverseBlockKind.Reasoning, index, events), delta.Signature, events);
    }

    // Blocks of text and thoughts begin with their first delta. One of another kind than its block begins a block of its own.
    private ConverseBlock Expect(ConverseBlock? block, ConverseBlockKind kind, int index, EventBuffer events)
    {
        if (block?.Kind == kind)
            return block;
        if (block is not null)
            events.Note(QuirkKind.EventOrder, "delta");
        if (block is { IsOpen: true })
            End(block, events);
        return NewBlock(kind, index, events);
    }

    // What only goes back: a text is joined to the text of its name, the contents of a result to those before, the bytes of a picture as well.
    private void KeepDelta(ConverseBlock? block, in ConverseDelta delta, int index, EventBuffer events)
    {
        bool isList = !delta.Value.IsEmpty && delta.Value[0] == (byte)'[';
        bool isObject = !delta.Value.IsEmpty && delta.Value[0] == (byte)'{';
        if (delta.Kind != ConverseDeltaKind.ToolUse && !isList && !isObject)
            return;
        if (block is { Kind: ConverseBlockKind.Raw } && !delta.Name.SequenceEqual(block.Name))
        {
            events.Note(QuirkKind.EventOrder, "delta");
            if (block.IsOpen)
                End(block, events);
            block = null;
        }
        // What is not known here and says something of a text or a call is passed over.
        if (block is { Kind: not ConverseBlockKind.Raw })
            return;
        if (block is null)
        {
            block = NewBlock(ConverseBlockKind.Raw, index, events);
            block.Part = _nextPart++;
            block.Name = delta.Name.ToArray();
            block.Members = new BlockMembers();
        }
        block.HasNews = true;
        _retained.Add(Math.Max(delta.Value.Length, delta.Input.Raw.Length + delta.InputValue.Length), events);
        if (delta.Kind == ConverseDeltaKind.ToolUse)
        {
            block.Input.Append(delta.InputValue);
            block.Input.Commit(delta.Input.CopyTo(block.Input.Reserve(delta.Input.MaxLength), ref block.InputPending, out _));
        }
        else if (isList)
        {
            var items = delta.Value[1..^1].Trim(" \t\r\n"u8);
            if (!items.IsEmpty && block.Items.Length > 0)
                block.Items.Append(","u8);
            block.Items.Append(items);
        }
        else if (!block.TryKeepBytes(delta.Value, events))
        {
            block.Members!.Merge(delta.Value, events.Options);
        }
    }

    private void Give(ConverseBlock block, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        if (block.Part < 0)
            block.Part = _nextPart++;
        block.HasText = true;
        block.Run ??= block.Kind == ConverseBlockKind.Text
            ? new TextRun(StreamEventKind.Text, choice: 0, block.Part, "text")
            : new TextRun(StreamEventKind.Reasoning, choice: 0, block.Part, "reasoningContent.text");
        block.Run.Add(text, events);
    }

    private void Sign(ConverseBlock block, JsonText signature, EventBuffer events)
    {
        if (signature.IsEmpty)
            return;
        if (block.Part < 0)
            block.Part = _nextPart++;
        _retained.Add(signature.Raw.Length, events);
        block.Signature.Clear();
        block.Signature.Append(signature.Raw);
        block.HasNews = true;
    }

    private void Cite(ConverseBlock block, ReadOnlySpan<byte> citation, EventBuffer events)
    {
        if (block.Part < 0)
            block.Part = _nextPart++;
        _retained.AddCitation(citation.Length, events);
        if (block.Items.Length > 0)
            block.Items.Append(","u8);
        block.Items.Append(citation);
        block.HasNews = true;
    }

    private void StopBlock(ConverseBlock block, EventBuffer events)
    {
        if (!block.IsOpen)
            events.Note(QuirkKind.EventOrder, "contentBlockStop");
        else
            End(block, events);
    }

    private void End(ConverseBlock block, EventBuffer events)
    {
        block.IsOpen = false;
        block.Run?.Flush(events);
        if (block is { Call: { Arguments.Length: 0 } call, Whole: { Length: > 0 } input })
            _calls.AppendWhole(call, input, events);
        block.GiveData(Places.Arguments, events);
    }

    private void ReadAnswer(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, EventBuffer events)
    {
        Utf8JsonReader message = default;
        bool hasMessage = false;
        bool isError = false;
        JsonText stop = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("output"u8))
            {
                reader.Read();
                hasMessage |= TryFind(ref reader, "message"u8, out message);
            }
            else if (reader.ValueTextEquals("stopReason"u8))
            {
                WireJson.TryReadText(ref reader, ref stop, "stopReason", events);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                _usage.Read(ref reader, events);
            }
            else
            {
                isError |= reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("Message"u8) || reader.ValueTextEquals("error"u8) || reader.ValueTextEquals("__type"u8);
                WireJson.SkipValue(ref reader);
            }
        }
        reader.Read();
        // A service that failed behind its front may say so with a status of success.
        if (!hasMessage && isError)
            throw ErrorReader.ReadInBody(body, inStream: false, _usage.ToUsage(), limits: events.Options.Limits);
        if (!hasMessage)
            ThrowNoMessage();
        while (message.Read() && message.TokenType == JsonTokenType.PropertyName)
        {
            bool isContent = message.ValueTextEquals("content"u8);
            message.Read();
            if (isContent && message.TokenType == JsonTokenType.StartArray)
            {
                for (int i = 0; message.Read() && message.TokenType != JsonTokenType.EndArray; i++)
                {
                    if (message.TokenType != JsonTokenType.StartObject)
                        WireJson.ThrowType("content[]", message.TokenType);
                    ReadBlock(ref message, body, i, events);
                }
            }
            else
            {
                message.Skip();
            }
        }
        ReadStop(stop, events);
    }

    // Leaves the reader behind the value, and the found one within the object.
    private static bool TryFind(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, out Utf8JsonReader found)
    {
        found = default;
        bool isFound = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.StartObject)
            {
                found = reader;
                isFound = true;
            }
            reader.Skip();
        }
        return isFound;
    }

    private void ReadBlock(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int index, EventBuffer events)
    {
        int start = checked((int)reader.TokenStartIndex);
        ConverseBlock? block = null;
        ReadOnlySpan<byte> citations = default;
        bool hasOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8))
            {
                JsonText text = default;
                if (WireJson.TryReadText(ref reader, ref text, "content[].text", events))
                    Give(block = NewBlock(ConverseBlockKind.Text, index, events), text, events);
                continue;
            }
            bool isCall = reader.ValueTextEquals("toolUse"u8);
            bool isReasoning = reader.ValueTextEquals("reasoningContent"u8);
            bool isCited = reader.ValueTextEquals("citationsContent"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            var value = reader;
            reader.Skip();
            if (isCall && value.TokenType == JsonTokenType.StartObject)
                block = ReadCall(ref value, body, index, events);
            else if (isReasoning && value.TokenType == JsonTokenType.StartObject)
                block = ReadThoughts(ref value, index, events);
            else if (isCited && value.TokenType == JsonTokenType.StartObject)
                block = ReadCited(ref value, body, index, out citations, events);
            hasOther = true;
        }
        if (block is null && hasOther)
        {
            block = NewBlock(ConverseBlockKind.Raw, index, events);
            block.Part = _nextPart++;
            block.Whole = body[start..checked((int)reader.BytesConsumed)].ToArray();
            block.HasNews = true;
            _retained.Add(block.Whole.Length, events);
            KeepCitations(block, citations, events);
        }
        if (block is not null)
            End(block, events);
    }

    private ConverseBlock? ReadCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int index, EventBuffer events)
    {
        var call = new ConverseCall();
        call.Read(ref reader, body);
        if (call.IsOfService)
            return null;
        var block = NewBlock(ConverseBlockKind.ToolCall, index, events);
        block.Part = _nextPart++;
        block.Call = _calls.Begin(block.Part, call.Id, call.Name, _seed, events);
        KeepInput(block, call.Input);
        return block;
    }

    // A whole input counts when no fragments follow.
    private static void KeepInput(ConverseBlock block, ReadOnlySpan<byte> input)
    {
        if (!WireJson.IsEmpty(input))
            block.Whole = input.ToArray();
    }

    // Null for thoughts that are kept whole.
    private ConverseBlock? ReadThoughts(scoped ref Utf8JsonReader reader, int index, EventBuffer events)
    {
        if (!TryFind(ref reader, "reasoningText"u8, out var inner))
            return null;
        JsonText text = default;
        JsonText signature = default;
        while (inner.Read() && inner.TokenType == JsonTokenType.PropertyName)
        {
            if (inner.ValueTextEquals("text"u8))
                WireJson.TryReadText(ref inner, ref text, "reasoningText.text", events);
            else if (inner.ValueTextEquals("signature"u8))
                WireJson.TryReadText(ref inner, ref signature, "reasoningText.signature", events);
            else
                WireJson.SkipValue(ref inner);
        }
        var block = NewBlock(ConverseBlockKind.Reasoning, index, events);
        Give(block, text, events);
        Sign(block, signature, events);
        return block;
    }

    // Null for a block that cites and says nothing, which is kept whole.
    private ConverseBlock? ReadCited(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int index, out ReadOnlySpan<byte> citations, EventBuffer events)
    {
        Utf8JsonReader content = default;
        bool hasContent = false;
        citations = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isContent = reader.ValueTextEquals("content"u8);
            bool isCitations = reader.ValueTextEquals("citations"u8);
            reader.Read();
            if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                content = reader;
                hasContent = true;
            }
            else if (isCitations && reader.TokenType == JsonTokenType.StartArray)
            {
                citations = WireJson.SkipRaw(ref reader, body);
            }
            reader.Skip();
        }
        ConverseBlock? block = null;
        while (hasContent && content.Read() && content.TokenType != JsonTokenType.EndArray)
        {
            if (content.TokenType != JsonTokenType.StartObject)
            {
                WireJson.SkipUnexpected(ref content, "citationsContent.content[]", events);
                continue;
            }
            JsonText text = default;
            while (content.Read() && content.TokenType == JsonTokenType.PropertyName)
            {
                if (content.ValueTextEquals("text"u8))
                    WireJson.TryReadText(ref content, ref text, "citationsContent.content[].text", events);
                else
                    WireJson.SkipValue(ref content);
            }
            if (!text.IsEmpty)
                Give(block ??= NewBlock(ConverseBlockKind.Text, index, events), text, events);
        }
        if (block is not null)
            KeepCitations(block, citations, events);
        return block;
    }

    private void KeepCitations(ConverseBlock block, ReadOnlySpan<byte> array, EventBuffer events)
    {
        if (array.IsEmpty)
            return;
        var reader = WireJson.Reader(array, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Cite(block, WireJson.SkipRaw(ref reader, array), events);
    }

    private void ReadStop(JsonText stop, EventBuffer events)
    {
        // Absent, null and "" all mean: not said.
        if (stop.IsEmpty)
            return;
        string word = KnownText.Get(stop);
        if (_stop is not null && _stop != word)
            events.Note(QuirkKind.RepeatedFinishReason, "stopReason");
        _stop = word;
        if (StopWords.Read(word) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, "stopReason");
    }

    private void Finish(EventBuffer events)
    {
        foreach (var block in _blocks)
        {
            if (block.IsOpen)
            {
                events.Note(QuirkKind.EventOrder, "contentBlockStop");
                End(block, events);
            }
            // What came after the end of its block.
            block.GiveData(Places.Arguments, events);
        }
        var reason = _isIntervened ? StopReason.ContentFilter : StopWords.Read(_stop);
        // malformed_tool_use: no call of such an answer is to be run.
        _calls.Complete(StopWords.IsCut(reason) || reason == StopReason.Error, events);
        if (_stop is null && !_isIntervened)
            events.Note(QuirkKind.NoFinishReason, "stopReason");
        events.Stop(0, StopWords.Effective(reason, _calls.Count > 0, hasRefusal: false), _stop);
        if (_usage.ToUsage() is { } usage)
        {
            if (UsageCounter.SaysNothing(usage, events.HasContent))
                events.Note(QuirkKind.UsageInconsistent, "usage");
            events.Usage(usage);
        }
        // The wire names neither answer nor model.
        events.Add(StreamEventKind.Done);
    }

    private static void ThrowNoMessage() =>
        throw AnswerErrors.Malformed("The answer holds no message.");

    private void ThrowTruncated(bool isCut) => throw AnswerErrors.Truncated(isCut, "messageStop", _usage.ToUsage());
}
