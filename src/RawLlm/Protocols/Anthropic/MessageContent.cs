namespace RawLlm.Protocols;

/// <summary>
/// The content of one answer on the Messages wire: its blocks, the tool calls among them, and the data of both to send back.
/// </summary>
internal sealed class MessageContent : IDisposable
{
    private static readonly CallPlaces Places = new("content[].id", "content[].name", "content[].input");

    private readonly CallBlocks _calls = new(choice: 0, Places);
    private MessageBlock[] _blocks = [];
    private int _count;
    private int _nextPart;
    private int _declined;
    private RetainedBytes _retained;
    private byte[]? _container;
    private uint _seed;
    private bool _isSeeded;

    /// <summary>The block that an event without an index belongs to.</summary>
    public MessageBlock? Latest { get; private set; }

    /// <summary>The number of blocks.</summary>
    public int Count => _count;

    /// <summary>Whether there are tool calls that were not declined.</summary>
    public bool HasCalls => _calls.Count > _declined;

    /// <summary>Whether the stop reason has arrived, after which no content is expected.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The model that replaced the first one; null if none did.</summary>
    public string? FallbackModel { get; private set; }

    /// <summary>Sets the seed for generated call IDs: the first bytes of the answer.</summary>
    public void Seed(ReadOnlySpan<byte> data)
    {
        if (_isSeeded)
            return;
        _isSeeded = true;
        _seed = GeneratedId.Seed(data);
    }

    /// <summary>Starts a block; returns null for one without a type.</summary>
    public MessageBlock? Begin(scoped in BlockFields fields, int index, EventBuffer events)
    {
        if (!fields.HasType)
        {
            events.Note(QuirkKind.UnexpectedType, "content[].type");
            return null;
        }
        if (fields.Kind == BlockKind.ToolCall && FindRepeated(fields, index) is { } repeated)
        {
            events.Note(QuirkKind.EventOrder, "content_block_start");
            return Latest = repeated;
        }
        var block = Add(fields.Kind, index, events);
        switch (block.Kind)
        {
            case BlockKind.Text:
                AddText(block, fields.Text, events);
                block.CiteAll(fields.Citations, ref _retained, events);
                break;
            case BlockKind.Thinking:
                AddText(block, fields.Thinking, events);
                block.Sign(fields.Signature, ref _retained, events);
                break;
            case BlockKind.ToolCall:
                block.Part = _nextPart++;
                block.Call = _calls.Begin(block.Part, fields.Id, fields.Name, _seed, events);
                if (!WireJson.IsEmpty(fields.Input))
                    block.StartInput = fields.Input.ToArray();
                break;
            default:
                block.Part = _nextPart++;
                block.StoreWhole(fields.Raw, ref _retained, events);
                if (fields.IsFallback)
                    Decline(fields, events);
                break;
        }
        if (fields.HasOther && block.Kind != BlockKind.Raw)
            block.StoreMembers(fields.Raw, ref _retained, events);
        return block;
    }

    // Anthropic (2026, server-side fallback): the first model's tool calls were declined with the rest of its answer; they are neither run
    // nor answered.
    private void Decline(scoped in BlockFields fields, EventBuffer events)
    {
        _calls.CutAll();
        _declined = _calls.Count;
        var model = fields.FallbackModel(events.Options);
        if (!model.IsEmpty)
            FallbackModel = StringCache.Get(model);
    }

    /// <summary>Adds a block of text that arrived whole.</summary>
    public void AddTextBlock(JsonText text, EventBuffer events)
    {
        var block = Add(BlockKind.Text, 0, events);
        AddText(block, text, events);
        End(block, events);
    }

    /// <summary>Applies a delta.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="index">The wire's index of its block; -1 if the event has none and therefore belongs to the latest block.</param>
    /// <param name="events">Receives the events.</param>
    public void Apply(scoped in BlockDelta delta, int index, EventBuffer events)
    {
        if (index < 0)
            events.Note(QuirkKind.EventOrder, "index");
        var block = Find(index);
        if (
            delta.Kind == BlockDeltaKind.InputJson
            && block is { Kind: BlockKind.Text or BlockKind.Thinking }
            && FindCall(block.WireIndex) is { } before
        )
        {
            events.Note(QuirkKind.EventOrder, "delta.type");
            block = before;
        }
        if (IsStopped)
            events.Note(QuirkKind.ContentAfterFinish, "content_block_delta");
        if (block is { IsOpen: false })
            events.Note(QuirkKind.EventOrder, "content_block_delta");
        if (block is { Kind: BlockKind.Raw })
        {
            block.Merge(delta, ref _retained, events);
            return;
        }
        if (delta.HasInput && (delta.Kind != BlockDeltaKind.InputJson || block?.Call is null || delta.IsPartialUnreadable))
            MarkIncomplete(block, delta.Kind, events);
        switch (delta.Kind)
        {
            case BlockDeltaKind.Text:
                AddText(block, BlockKind.Text, delta.Text, index, events);
                break;
            case BlockDeltaKind.Thinking:
                AddText(block, BlockKind.Thinking, delta.Thinking, index, events);
                break;
            case BlockDeltaKind.InputJson when block?.Call is { } call:
                Append(call, delta, events);
                break;
            // llama.cpp (2026) ends the reasoning of every answer with an empty signature, after the next
            // block has started or without any reasoning block.
            case BlockDeltaKind.Signature when block is { Kind: BlockKind.Thinking } || delta.Signature.IsEmpty:
                if (block is { Kind: BlockKind.Thinking })
                    block.Sign(delta.Signature, ref _retained, events);
                break;
            case BlockDeltaKind.Citations when block is { Kind: BlockKind.Text }:
                if (!delta.Citation.IsEmpty)
                    block.Cite(delta.Citation, ref _retained, events);
                break;
            case BlockDeltaKind.Other:
                break;
            default:
                events.Note(QuirkKind.EventOrder, "delta.type");
                break;
        }
    }

    /// <summary>Ends the block with an index.</summary>
    public void Stop(int index, EventBuffer events)
    {
        if (!TryEnd(index, events))
            events.Note(QuirkKind.EventOrder, "content_block_stop");
    }

    /// <summary>Ends a block: emits the text that was held back, and the data to send back.</summary>
    public void End(MessageBlock block, EventBuffer events)
    {
        block.IsOpen = false;
        block.Run?.Flush(events);
        if (block.Call is { } call)
            _calls.AppendStart(call, block.StartInput, events);
        EmitData(block, events);
    }

    /// <summary>
    /// Keeps the container in which the service ran code: the service requires its ID when calls that this code made are answered (2025).
    /// </summary>
    public void StoreContainer(ReadOnlySpan<byte> json, EventBuffer events)
    {
        if (json is not [(byte)'{', ..] || AnthropicContainer.IdOf(json).IsEmpty)
            return;
        _retained.Add(json.Length, events);
        _container = json.ToArray();
    }

    /// <summary>Handles the end of the answer: ends open blocks, and emits the remaining data to send back.</summary>
    public void Finish(EventBuffer events)
    {
        foreach (var block in _blocks.AsSpan(0, _count))
        {
            if (block.IsOpen)
            {
                events.Note(QuirkKind.EventOrder, "content_block_stop");
                End(block, events);
            }
            EmitData(block, events);
        }
        if (_container is not null)
            events.Add(StreamEventKind.WireData, 0, _nextPart++, AnthropicContainer.Wrap(_container), name: AnthropicProtocol.ProtocolName);
    }

    /// <summary>Handles an answer that breaks off: emits the citations that wait for the end of their block.</summary>
    public void EmitCitations(EventBuffer events)
    {
        foreach (var block in _blocks.AsSpan(0, _count))
        {
            if (block is { Kind: BlockKind.Text, HasText: true })
                CitationReader.EmitBlock(block.Citations.Span, ref block.EmittedCitationBytes, block.Part, events);
        }
    }

    /// <summary>Handles the end of the answer: emits its tool calls.</summary>
    /// <inheritdoc cref="CallBlocks.Complete"/>
    public void CompleteCalls(bool isCut, EventBuffer events) => _calls.Complete(isCut, events);

    public void Dispose()
    {
        _calls.Dispose();
        foreach (var block in _blocks.AsSpan(0, _count))
            block.Dispose();
    }

    private MessageBlock Add(BlockKind kind, int index, EventBuffer events)
    {
        if (index < 0)
        {
            events.Note(QuirkKind.EventOrder, "index");
            index = _count;
        }
        else if (TryEnd(index, events) || Find(index) is not null)
        {
            events.Note(QuirkKind.EventOrder, "content_block_start");
        }
        return Put(kind, index, events);
    }

    private MessageBlock Put(BlockKind kind, int index, EventBuffer events)
    {
        if (_count >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyBlocks();
        if (IsStopped)
            events.Note(QuirkKind.ContentAfterFinish, "content_block_start");
        if (_count == _blocks.Length)
            Array.Resize(ref _blocks, Math.Max(4, 2 * _count));
        return Latest = _blocks[_count++] = new MessageBlock { WireIndex = index, Kind = kind };
    }

    private MessageBlock? Find(int index)
    {
        if (index < 0 || Latest?.WireIndex == index)
            return Latest;
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_blocks[i].WireIndex == index)
                return Latest = _blocks[i];
        }
        return null;
    }

    // Returns the latest tool call with an index.
    private MessageBlock? FindCall(int index)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_blocks[i].WireIndex == index && _blocks[i].Call is not null)
                return _blocks[i];
        }
        return null;
    }

    // A gateway may start a call again with each piece of its input.
    private MessageBlock? FindRepeated(scoped in BlockFields fields, int index) =>
        !fields.Id.IsEmpty && WireJson.IsEmpty(fields.Input) && FindCall(index) is { IsOpen: true } block && fields.Id.Is(block.Call!.Id!)
            ? block
            : null;

    // Ends the open blocks with an index: the latest block, and the tool call that it started beside.
    private bool TryEnd(int index, EventBuffer events)
    {
        var block = Find(index);
        bool isOpen = block is { IsOpen: true };
        if (isOpen)
            End(block!, events);
        if (block is not { Call: null } || FindCall(block.WireIndex) is not { IsOpen: true } call)
            return isOpen;
        End(call, events);
        return true;
    }

    // A delta without a block, or of another kind than its block, starts a new block.
    private MessageBlock GetOrStart(MessageBlock? block, BlockKind kind, int index, EventBuffer events)
    {
        if (block?.Kind == kind)
            return block;
        events.Note(QuirkKind.EventOrder, block is null ? "content_block_start" : "delta.type");
        if (block is null)
            return Add(kind, index, events);
        // SGLang (2026) sends the text between two calls under the index of the first one, which is still open: its input may continue.
        if (block is { IsOpen: true, Call: null })
            End(block, events);
        return Put(kind, block.WireIndex, events);
    }

    // Handles a fragment of input that belongs to no call: the call must not appear complete.
    private void MarkIncomplete(MessageBlock? block, BlockDeltaKind kind, EventBuffer events)
    {
        if (kind != BlockDeltaKind.InputJson)
            events.Note(QuirkKind.UnexpectedType, "delta.type");
        if (block?.Call is { } call)
            call.IsCut = true;
        else
            _calls.HasLoss = true;
    }

    private void AddText(MessageBlock? block, BlockKind kind, JsonText text, int index, EventBuffer events)
    {
        // An empty text does not start a block beside one of another kind.
        if (block is not null && block.Kind != kind && text.IsEmpty)
            events.Note(QuirkKind.EventOrder, "delta.type");
        else
            AddText(GetOrStart(block, kind, index, events), text, events);
    }

    private void AddText(MessageBlock block, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        if (block.Part < 0)
            block.Part = _nextPart++;
        block.AddText(text, events);
    }

    private void Append(CallBlock call, scoped in BlockDelta delta, EventBuffer events)
    {
        if (delta.PartialValue.IsEmpty)
        {
            _calls.Append(call, delta.PartialJson, events);
            return;
        }
        events.Note(QuirkKind.ToolArgumentsAsObject, "delta.partial_json");
        _calls.AppendValue(call, delta.PartialValue, events);
    }

    private void EmitData(MessageBlock block, EventBuffer events)
    {
        if (!block.HasNews)
            return;
        block.HasNews = false;
        // Citations without text: an empty text must not be sent back.
        if (block is { Kind: BlockKind.Text, HasText: false })
            return;
        if (block.Part < 0)
            block.Part = _nextPart++;
        if (block.Kind == BlockKind.Text)
            CitationReader.EmitBlock(block.Citations.Span, ref block.EmittedCitationBytes, block.Part, events);
        var json = new PooledBytes();
        block.Write(ref json, Places.Arguments, events);
        events.Add(StreamEventKind.WireData, 0, block.Part, json.Span, name: AnthropicProtocol.ProtocolName);
        json.Return();
    }
}
