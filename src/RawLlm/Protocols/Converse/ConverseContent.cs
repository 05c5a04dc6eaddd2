using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The content of one answer of the Converse wire: its blocks, the calls among them, and what of both goes back.</summary>
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

    /// <summary>True once the message has ended, behind which no content is expected.</summary>
    public bool IsStopped { get; set; }

    /// <summary>What the service says of the first picture that it withheld; null where it withheld none.</summary>
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

    /// <summary>Takes what the ids of calls without one are made of: the first bytes of the answer.</summary>
    public void Seed(ReadOnlySpan<byte> data)
    {
        if (_seed == 0)
            _seed = MadeId.Seed(data);
    }

    /// <summary>A block begins under a number: ends the one that was open there.</summary>
    public void Announce(int index, EventBuffer events)
    {
        if (index >= 0 && Find(index) is { } before && TryEnd(before, events))
            events.Note(QuirkKind.EventOrder, "contentBlockStart");
    }

    /// <summary>Adds a block.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="index">The wire's number of it; -1 where the event has none.</param>
    /// <param name="events">Takes quirks.</param>
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

    /// <summary>Begins a call that the caller runs.</summary>
    public ConverseBlock BeginCall(scoped in ConverseCall call, int index, EventBuffer events)
    {
        var block = AddNumbered(ConverseBlockKind.ToolCall, index, events);
        block.Call = _calls.Begin(block.Part, call.Id, call.Name, _seed, events);
        // A whole input counts when no fragments follow.
        if (!WireJson.IsEmpty(call.Input))
            block.Whole = call.Input.ToArray();
        return block;
    }

    /// <summary>Keeps a block that begins with some members, to which deltas may add.</summary>
    public void Keep(ReadOnlySpan<byte> name, scoped ref Utf8JsonReader members, ReadOnlySpan<byte> data, int index, EventBuffer events)
    {
        var block = AddNumbered(ConverseBlockKind.Raw, index, events);
        block.Name = name.ToArray();
        block.KeepMembers(ref members, data, ref _retained, events);
    }

    /// <summary>Keeps a block that came whole.</summary>
    public ConverseBlock Keep(ReadOnlySpan<byte> whole, int index, EventBuffer events)
    {
        var block = AddNumbered(ConverseBlockKind.Raw, index, events);
        block.KeepWhole(whole, ref _retained, events);
        return block;
    }

    /// <summary>Takes a delta.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="index">The wire's number of its block; -1 where the event has none, which then belongs to the latest.</param>
    /// <param name="events">Takes the events.</param>
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
            Give(block = Expect(block, ConverseBlockKind.Text, index, events), delta.Text, events);
        if ((delta.Kinds & ConverseDeltaKinds.Citation) != 0)
            Cite(block = Expect(block, ConverseBlockKind.Text, index, events), delta.Citation, events);
        if ((delta.Kinds & ConverseDeltaKinds.ToolUse) != 0)
            Append(block, delta, events);
        else if (delta.Kinds == ConverseDeltaKinds.Other)
            Merge(block, delta, index, events);
    }

    /// <summary>Gives a piece of a block's text or thoughts.</summary>
    public void Give(ConverseBlock block, JsonText text, EventBuffer events)
    {
        if (text.IsEmpty)
            return;
        Number(block);
        block.Give(text, events);
    }

    /// <summary>Takes the signature of thoughts.</summary>
    public void Sign(ConverseBlock block, JsonText signature, EventBuffer events)
    {
        if (signature.IsEmpty)
            return;
        Number(block);
        block.Sign(signature, ref _retained, events);
    }

    /// <summary>Takes the sources that a block lists.</summary>
    public void CiteAll(ConverseBlock block, ReadOnlySpan<byte> citations, EventBuffer events)
    {
        if (citations.IsEmpty)
            return;
        var list = WireJson.Reader(citations, events.Options);
        list.Read();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
            Cite(block, WireJson.SkipRaw(ref list, citations), events);
    }

    /// <summary>Ends the block of a number.</summary>
    public void Stop(int index, EventBuffer events)
    {
        // A block of text that is empty has neither a start nor a delta.
        if (Find(index) is { } block && !TryEnd(block, events))
            events.Note(QuirkKind.EventOrder, "contentBlockStop");
    }

    /// <summary>Ends a block: gives what was held back, and what goes back with it.</summary>
    public void End(ConverseBlock block, EventBuffer events)
    {
        block.IsOpen = false;
        block.Run?.Flush(events);
        if (block is { Call: { Arguments.Length: 0 } call, Whole: { Length: > 0 } input })
            _calls.AppendWhole(call, input, events);
        block.GiveData(Places.Arguments, events);
    }

    /// <summary>The answer has ended: gives what waits for the end of a block.</summary>
    public void Finish(EventBuffer events)
    {
        foreach (var block in _blocks.AsSpan(0, _count))
        {
            if (block.IsOpen)
            {
                events.Note(QuirkKind.EventOrder, "contentBlockStop");
                End(block, events);
            }
            // What came after the end of its block.
            block.GiveData(Places.Arguments, events);
        }
    }

    /// <summary>The answer breaks off: gives the sources that wait for the end of their block.</summary>
    public void GiveCitations(EventBuffer events)
    {
        foreach (var block in _blocks.AsSpan(0, _count))
        {
            if (block.Kind == ConverseBlockKind.Text)
                CitationReader.GiveBlock(block.Items.Span, ref block.CitationsGiven, block.Part, events);
        }
    }

    /// <summary>The answer has ended: gives its calls.</summary>
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

    // Blocks of text and thoughts begin with their first delta. One of another kind than its block begins a block of its own.
    private ConverseBlock Expect(ConverseBlock? block, ConverseBlockKind kind, int index, EventBuffer events)
    {
        if (block?.Kind == kind)
            return block;
        if (block is null)
            return Add(kind, index, events);
        events.Note(QuirkKind.EventOrder, "delta");
        // A call stays open beside it: its input may go on.
        if (block is { IsOpen: true, Call: null })
            End(block, events);
        return Add(kind, block.WireIndex, events);
    }

    // What says nothing begins no block beside another one.
    private static bool IsIdle(ConverseBlock? block, ConverseBlockKind kind, JsonText text, EventBuffer events)
    {
        if (block is null || block.Kind == kind || !text.IsEmpty)
            return false;
        events.Note(QuirkKind.EventOrder, "delta");
        return true;
    }

    // The latest block of a number that takes fragments of input.
    private ConverseBlock? FindCall(int index)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_blocks[i].WireIndex == index && _blocks[i].TakesInput)
                return _blocks[i];
        }
        return null;
    }

    // Ends a block that is open, and the call beside which it began.
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
            var redacted = Expect(block, ConverseBlockKind.Redacted, index, events);
            _retained.Add(delta.Redacted.Raw.Length, events);
            if (redacted.Blob.TryAppend(delta.Redacted))
                Number(redacted);
            else
                events.Note(QuirkKind.UnexpectedType, "delta.reasoningContent.redactedContent");
            redacted.HasNews = redacted.Part >= 0;
        }
        if (delta.Thoughts.IsPresent && !IsIdle(block, ConverseBlockKind.Reasoning, delta.Thoughts, events))
            Give(block = Expect(block, ConverseBlockKind.Reasoning, index, events), delta.Thoughts, events);
        if (delta.Signature.IsPresent && !IsIdle(block, ConverseBlockKind.Reasoning, delta.Signature, events))
            Sign(block = Expect(block, ConverseBlockKind.Reasoning, index, events), delta.Signature, events);
    }

    private void Append(ConverseBlock? block, scoped in ConverseDelta delta, EventBuffer events)
    {
        if (block is { TakesInput: false } && FindCall(block.WireIndex) is { } before)
        {
            events.Note(QuirkKind.EventOrder, "delta");
            block = before;
        }
        if (block is { TakesInput: true, Call: null })
        {
            block.Merge(delta, ref _retained, events);
        }
        else if (block?.Call is not { } call)
        {
            // Input of a call that never began: without a name nothing can be done with it. One that did begin may be meant.
            events.Note(QuirkKind.EventOrder, "contentBlockStart");
            _calls.HasLoss |= delta.IsInputLost || !delta.Input.IsEmpty || !delta.InputValue.IsEmpty;
        }
        else if (delta.IsInputLost)
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

    // What only goes back.
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
        // What is not known here and says something of a text or a call is passed over.
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
