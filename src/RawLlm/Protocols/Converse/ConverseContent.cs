using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The content of one answer on the Converse wire: its blocks, the tool calls among them, and the data of both to send back.
/// </summary>
internal sealed class ConverseContent : IDisposable
{
    private static readonly CallPlaces Places = new("toolUse.toolUseId", "toolUse.name", "toolUse.input");

    private readonly CallBlocks _calls = new(choice: 0, Places);
    private ConverseBlock[] _blocks = [];
    private int _count;
    private int _nextPart;
    private RetainedBytes _retained;
    private uint _seed;

    /// <summary>The block that an event without an index belongs to.</summary>
    public ConverseBlock? Latest { get; private set; }

    public bool HasCalls => _calls.Count > 0;

    /// <summary>Whether the message has ended, after which no content is expected.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The service's message about the first image that it withheld; null if it withheld none.</summary>
    public string? Withheld
    {
        get
        {
            foreach (var block in _blocks.AsSpan(0, _count))
            {
                if (block.Withheld is { } withheld)
                    return withheld;
            }
            return null;
        }
    }

    /// <summary>Sets the seed for generated call IDs: the first bytes of the answer.</summary>
    public void Seed(ReadOnlySpan<byte> data)
    {
        if (_seed == 0)
            _seed = GeneratedId.Seed(data);
    }

    /// <summary>Handles the start of a block: ends the open block with the same index.</summary>
    public void Announce(int index, EventBuffer events)
    {
        if (index >= 0 && Find(index) is { } before && TryEnd(before, events))
            events.Note(QuirkKind.EventOrder, "contentBlockStart");
    }

    /// <summary>Adds a block.</summary>
    /// <param name="kind">The kind of block.</param>
    /// <param name="index">The wire's index of the block; -1 if the event has none.</param>
    /// <param name="events">Receives quirks.</param>
    public ConverseBlock Add(ConverseBlockKind kind, int index, EventBuffer events)
    {
        if (_count >= events.Options.Limits.ContentBlocks)
            throw AnswerErrors.TooManyBlocks();
        if (IsStopped)
            events.Note(QuirkKind.ContentAfterFinish, "contentBlockStart");
        if (index < 0)
        {
            events.Note(QuirkKind.PartIndexMissing, "contentBlockIndex");
            index = _count;
        }
        if (_count == _blocks.Length)
            Array.Resize(ref _blocks, Math.Max(4, 2 * _count));
        return Latest = _blocks[_count++] = new ConverseBlock { WireIndex = index, Kind = kind };
    }

    /// <summary>Starts a call that the caller runs.</summary>
    public ConverseBlock BeginCall(scoped in ConverseCall call, int index, EventBuffer events)
    {
        var block = AddNumbered(ConverseBlockKind.ToolCall, index, events);
        block.Call = _calls.Begin(block.Part, call.Id, call.Name, _seed, events);
        // A complete input is used only if no fragments follow.
        if (!WireJson.IsEmpty(call.Input))
            block.Whole = call.Input.ToArray();
        return block;
    }

    /// <summary>Keeps a block that starts with some members, into which deltas may be merged.</summary>
    public void Store(ReadOnlySpan<byte> name, scoped ref Utf8JsonReader members, ReadOnlySpan<byte> data, int index, EventBuffer events)
    {
        var block = AddNumbered(ConverseBlockKind.Raw, index, events);
        block.Name = name.ToArray();
        block.StoreMembers(ref members, data, ref _retained, events);
    }

    /// <summary>Keeps a block that arrived whole.</summary>
    public ConverseBlock Store(ReadOnlySpan<byte> whole, int index, EventBuffer events)
    {
        var block = AddNumbered(ConverseBlockKind.Raw, index, events);
        block.StoreWhole(whole, ref _retained, events);
        return block;
    }

    /// <summary>Applies a delta.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="index">The wire's index of its block; -1 if the event has none and therefore belongs to the latest block.</param>
    /// <param name="events">Receives the events.</param>
    public void Apply(scoped in ConverseDelta delta, int index, EventBuffer events)
    {
        if (delta.Kinds == ConverseDeltaKinds.None)
            return;
        if (index < 0)
            events.Note(QuirkKind.PartIndexMissing, "contentBlockIndex");
        if (IsStopped)
            events.Note(QuirkKind.ContentAfterFinish, "contentBlockDelta");
        var block = Find(index);
        if (block is { IsOpen: false })
            events.Note(QuirkKind.EventOrder, "contentBlockDelta");
        if ((delta.Kinds & ConverseDeltaKinds.Reasoning) != 0)
            Reason(ref block, delta, index, events);
        if ((delta.Kinds & ConverseDeltaKinds.Text) != 0 && !IsIdle(block, ConverseBlockKind.Text, delta.Text, events))
            AddText(block = GetOrStart(block, ConverseBlockKind.Text, index, events), delta.Text, events);
        if ((delta.Kinds & ConverseDeltaKinds.Citation) != 0)
            Cite(block = GetOrStart(block, ConverseBlockKind.Text, index, events), delta.Citation, events);
        if ((delta.Kinds & ConverseDeltaKinds.ToolUse) != 0)
            Append(block, delta, events);
        else if (delta.Kinds == ConverseDeltaKinds.Other)
            Merge(block, delta, index, events);
    }

    /// <summary>Adds a piece of a block's text or reasoning.</summary>
    public void AddText(ConverseBlock block, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        Number(block);
        block.AddText(text, events);
    }

    /// <summary>Sets the signature of reasoning.</summary>
    public void Sign(ConverseBlock block, JsonText signature, EventBuffer events)
    {
        if (signature.IsEmpty)
            return;
        Number(block);
        block.Sign(signature, ref _retained, events);
    }

    /// <summary>Adds the citations that a block lists.</summary>
    public void CiteAll(ConverseBlock block, ReadOnlySpan<byte> citations, EventBuffer events)
    {
        if (citations.IsEmpty)
            return;
        var list = WireJson.Reader(citations, events.Options);
        list.Read();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
            Cite(block, WireJson.SkipRaw(ref list, citations), events);
    }

    /// <summary>Ends the block with an index.</summary>
    public void Stop(int index, EventBuffer events)
    {
        // An empty text block has neither a start nor a delta.
        if (Find(index) is { } block && !TryEnd(block, events))
            events.Note(QuirkKind.EventOrder, "contentBlockStop");
    }

    /// <summary>Ends a block: emits the text that was held back, and the data to send back.</summary>
    public void End(ConverseBlock block, EventBuffer events)
    {
        block.IsOpen = false;
        block.Run?.Flush(events);
        if (block.Call is { } call)
            _calls.AppendStart(call, block.Whole, events);
        block.EmitData(Places.Arguments, events);
    }

    /// <summary>Handles the end of the answer: ends open blocks, and emits the remaining data to send back.</summary>
    public void Finish(EventBuffer events)
    {
        foreach (var block in _blocks.AsSpan(0, _count))
        {
            if (block.IsOpen)
            {
                events.Note(QuirkKind.EventOrder, "contentBlockStop");
                End(block, events);
            }
            // Data that arrived after the end of its block.
            block.EmitData(Places.Arguments, events);
        }
    }

    /// <summary>Handles an answer that breaks off: emits the citations that wait for the end of their block.</summary>
    public void EmitCitations(EventBuffer events)
    {
        foreach (var block in _blocks.AsSpan(0, _count))
        {
            if (block.Kind == ConverseBlockKind.Text)
                CitationReader.EmitBlock(block.Items.Span, ref block.EmittedCitationBytes, block.Part, events);
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

    private ConverseBlock? Find(int index)
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

    // Text and reasoning blocks start with their first delta. A delta of another kind than its block starts a new block.
    private ConverseBlock GetOrStart(ConverseBlock? block, ConverseBlockKind kind, int index, EventBuffer events)
    {
        if (block?.Kind == kind)
            return block;
        if (block is null)
            return Add(kind, index, events);
        events.Note(QuirkKind.EventOrder, "delta");
        // A call beside it stays open: its input may continue.
        if (block is { IsOpen: true, Call: null })
            End(block, events);
        return Add(kind, block.WireIndex, events);
    }

    // Whether an empty text comes beside a block of another kind: it does not start a new block.
    private static bool IsIdle(ConverseBlock? block, ConverseBlockKind kind, JsonText text, EventBuffer events)
    {
        if (block is null || block.Kind == kind || !text.IsEmpty)
            return false;
        events.Note(QuirkKind.EventOrder, "delta");
        return true;
    }

    // Returns the latest block with an index that receives fragments of input.
    private ConverseBlock? FindCall(int index)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_blocks[i].WireIndex == index && _blocks[i].AcceptsInput)
                return _blocks[i];
        }
        return null;
    }

    // Ends a block if it is open, and the tool call that it started beside.
    private bool TryEnd(ConverseBlock block, EventBuffer events)
    {
        bool isOpen = block.IsOpen;
        if (isOpen)
            End(block, events);
        if (block.Call is not null || FindCall(block.WireIndex) is not { IsOpen: true } call)
            return isOpen;
        End(call, events);
        return true;
    }

    private ConverseBlock AddNumbered(ConverseBlockKind kind, int index, EventBuffer events)
    {
        var block = Add(kind, index, events);
        block.Part = _nextPart++;
        return block;
    }

    private void Number(ConverseBlock block)
    {
        if (block.Part < 0)
            block.Part = _nextPart++;
    }

    private void Cite(ConverseBlock block, ReadOnlySpan<byte> citation, EventBuffer events)
    {
        Number(block);
        block.Cite(citation, ref _retained, events);
    }

    private void Reason(ref ConverseBlock? block, scoped in ConverseDelta delta, int index, EventBuffer events)
    {
        if (delta.Redacted.IsPresent && !IsIdle(block, ConverseBlockKind.Redacted, delta.Redacted, events))
        {
            var redacted = GetOrStart(block, ConverseBlockKind.Redacted, index, events);
            _retained.Add(delta.Redacted.Raw.Length, events);
            if (redacted.Blob.TryAppend(delta.Redacted))
                Number(redacted);
            else
                events.Note(QuirkKind.UnexpectedType, "delta.reasoningContent.redactedContent");
            redacted.HasNews = redacted.Part >= 0;
        }
        if (delta.Thoughts.IsPresent && !IsIdle(block, ConverseBlockKind.Reasoning, delta.Thoughts, events))
            AddText(block = GetOrStart(block, ConverseBlockKind.Reasoning, index, events), delta.Thoughts, events);
        if (delta.Signature.IsPresent && !IsIdle(block, ConverseBlockKind.Reasoning, delta.Signature, events))
            Sign(block = GetOrStart(block, ConverseBlockKind.Reasoning, index, events), delta.Signature, events);
    }

    private void Append(ConverseBlock? block, scoped in ConverseDelta delta, EventBuffer events)
    {
        if (block is { AcceptsInput: false } && FindCall(block.WireIndex) is { } before)
        {
            events.Note(QuirkKind.EventOrder, "delta");
            block = before;
        }
        if (block is { AcceptsInput: true, Call: null })
        {
            block.Merge(delta, ref _retained, events);
        }
        else if (block?.Call is not { } call)
        {
            // Input of a call that never started is of no use without a name. It may belong to one that did start, so that call must not
            // appear complete.
            events.Note(QuirkKind.EventOrder, "contentBlockStart");
            _calls.HasLoss |= delta.IsInputUnreadable || !delta.Input.IsEmpty || !delta.InputValue.IsEmpty;
        }
        else if (delta.IsInputUnreadable)
        {
            call.IsCut = true;
        }
        else if (delta.InputValue.IsEmpty)
        {
            _calls.Append(call, delta.Input, events);
        }
        else
        {
            events.Note(QuirkKind.ToolArgumentsAsObject, "delta.toolUse.input");
            _calls.AppendValue(call, delta.InputValue, events);
        }
    }

    // Merges data that is only sent back.
    private void Merge(ConverseBlock? block, scoped in ConverseDelta delta, int index, EventBuffer events)
    {
        if (!delta.IsList && !delta.IsObject)
            return;
        if (block is { Kind: ConverseBlockKind.Raw } && !delta.Name.SequenceEqual(block.Name))
        {
            events.Note(QuirkKind.EventOrder, "delta");
            if (block.IsOpen)
                End(block, events);
            block = null;
        }
        // Unknown members of a text or a tool call are ignored.
        if (block is { Kind: not ConverseBlockKind.Raw })
            return;
        if (block is null)
        {
            block = AddNumbered(ConverseBlockKind.Raw, index, events);
            block.Name = delta.Name.ToArray();
            block.Members = new KeptBlockMembers();
        }
        block.Merge(delta, ref _retained, events);
    }
}
