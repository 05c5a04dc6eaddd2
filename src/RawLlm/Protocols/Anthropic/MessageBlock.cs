using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The state of one content block of an answer.</summary>
internal sealed class MessageBlock : IDisposable
{
    /// <summary>The block's index on the wire.</summary>
    public required int WireIndex { get; init; }

    public required BlockKind Kind { get; init; }

    /// <summary>The number of the block's part; -1 while nothing of it has been returned.</summary>
    public int Part = -1;

    public bool IsOpen = true;

    /// <summary>The text or the reasoning.</summary>
    public TextRun? Run;

    public bool HasText;

    /// <summary>The tool call.</summary>
    public CallBlock? Call;

    /// <summary>The input at the start of the block, if it was not empty.</summary>
    public byte[] StartInput = [];

    /// <summary>The signature between its quotes, as it arrived.</summary>
    public PooledBytes Signature;

    /// <summary>The citations of the text: elements of an array, as they arrived.</summary>
    public PooledBytes Citations;

    /// <summary>How many bytes of the citations have been returned.</summary>
    public int EmittedCitationBytes;

    /// <summary>For a block that is kept whole, all members; otherwise those that have no place elsewhere.</summary>
    public KeptBlockMembers? Members;

    /// <summary>A block that is kept whole, byte for byte, before deltas were merged.</summary>
    public byte[] Whole = [];

    /// <summary>The input of a block that is kept whole, assembled from its fragments.</summary>
    public PooledBytes Input;
    public char InputPending;

    /// <summary>Whether the data to send back with the block has changed since it was last returned.</summary>
    public bool HasNews;

    /// <summary>Adds text to the block, whose part already has its number.</summary>
    public void AddText(JsonText text, EventBuffer events)
    {
        HasText = true;
        Run ??=
            Kind == BlockKind.Text
                ? new TextRun(StreamEventKind.Text, choice: 0, Part, "content[].text")
                : new TextRun(StreamEventKind.Reasoning, choice: 0, Part, "content[].thinking");
        Run.Add(text, events);
    }

    /// <summary>Sets the signature; a later one replaces an earlier one.</summary>
    public void Sign(JsonText signature, ref RetainedBytes retained, EventBuffer events)
    {
        if (signature.IsEmpty)
            return;
        retained.Add(signature.Raw.Length, events);
        Signature.Clear();
        Signature.Append(signature.Raw);
        HasNews = true;
    }

    /// <summary>Adds a citation of the text.</summary>
    public void Cite(ReadOnlySpan<byte> citation, ref RetainedBytes retained, EventBuffer events)
    {
        retained.AddCitation(citation.Length, events);
        if (Citations.Length > 0)
            Citations.Append(","u8);
        Citations.Append(citation);
        HasNews = true;
    }

    /// <summary>Adds the citations that are listed at the start of the block.</summary>
    public void CiteAll(ReadOnlySpan<byte> citations, ref RetainedBytes retained, EventBuffer events)
    {
        if (citations.IsEmpty)
            return;
        var list = WireJson.Reader(citations, events.Options);
        list.Read();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
            Cite(WireJson.SkipRaw(ref list, citations), ref retained, events);
    }

    /// <summary>Keeps a block whole.</summary>
    public void StoreWhole(ReadOnlySpan<byte> whole, ref RetainedBytes retained, EventBuffer events)
    {
        Whole = whole.ToArray();
        HasNews = true;
        retained.Add(whole.Length, events);
    }

    /// <summary>
    /// Keeps the unknown members of a block, such as the caller of a tool (<c>caller</c>, 2025): they are sent back with the block.
    /// </summary>
    public void StoreMembers(ReadOnlySpan<byte> whole, ref RetainedBytes retained, EventBuffer events)
    {
        Members = new KeptBlockMembers();
        var reader = WireJson.Reader(whole, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isKnown = IsKnown(WireJson.Name(ref reader));
            var name = reader.ValueSpan;
            reader.Read();
            isKnown |= reader.TokenType == JsonTokenType.Null;
            var value = WireJson.SkipRaw(ref reader, whole);
            if (isKnown)
                continue;
            retained.Add(name.Length + value.Length, events);
            Members.Add(name, value);
            HasNews = true;
        }
    }

    /// <summary>Merges a delta into a block that is kept whole.</summary>
    public void Merge(in BlockDelta delta, ref RetainedBytes retained, EventBuffer events)
    {
        HasNews = true;
        if (delta.Kind != BlockDeltaKind.InputJson)
        {
            retained.Add(AllMembers(events).Merge(delta.Raw, events.Options), events);
            return;
        }
        int before = Input.Length;
        if (!delta.PartialValue.IsEmpty)
            Input.Append(delta.PartialValue);
        else
            Input.Commit(delta.PartialJson.CopyTo(Input.Reserve(delta.PartialJson.MaxLength), ref InputPending, out _));
        retained.Add(Input.Length - before, events);
    }

    /// <summary>Writes the data to send back with the block.</summary>
    public void Write(ref PooledBytes json, string inputPlace, EventBuffer events)
    {
        if (Kind == BlockKind.Raw)
        {
            WriteWhole(ref json, inputPlace, events);
            return;
        }
        // Reasoning that was not shown must be sent back as well.
        bool isWithheld = Kind == BlockKind.Thinking && !HasText;
        json.Append(isWithheld ? "{\"type\":\"thinking\",\"thinking\":\"\""u8 : "{"u8);
        WriteExtra(ref json, isFirst: !isWithheld);
    }

    public void Dispose()
    {
        Signature.Return();
        Citations.Return();
        Input.Return();
    }

    private bool IsKnown(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("type"u8)
        || Kind switch
        {
            BlockKind.Text => name.SequenceEqual("text"u8) || name.SequenceEqual("citations"u8),
            BlockKind.Thinking => name.SequenceEqual("thinking"u8) || name.SequenceEqual("signature"u8),
            _ => name.SequenceEqual("id"u8) || name.SequenceEqual("name"u8) || name.SequenceEqual("input"u8),
        };

    // The members of a block that is kept whole, so that they can be changed.
    private KeptBlockMembers AllMembers(EventBuffer events)
    {
        if (Members is { } known)
            return known;
        var members = new KeptBlockMembers();
        var reader = WireJson.Reader(Whole, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            members.Add(name, WireJson.SkipRaw(ref reader, Whole));
        }
        return Members = members;
    }

    // Writes what is sent back beside the text, and the end of the object.
    private void WriteExtra(ref PooledBytes json, bool isFirst)
    {
        if (Signature.Length > 0)
        {
            json.Append(isFirst ? "\"signature\":\""u8 : ",\"signature\":\""u8);
            json.Append(Signature.Span);
            json.Append("\""u8);
            isFirst = false;
        }
        if (Citations.Length > 0)
        {
            json.Append(isFirst ? "\"citations\":["u8 : ",\"citations\":["u8);
            json.Append(Citations.Span);
            json.Append("]"u8);
            isFirst = false;
        }
        if (Members is { Count: > 0 } members)
        {
            if (!isFirst)
                json.Append(","u8);
            members.Write(ref json);
        }
        json.Append("}"u8);
    }

    private void WriteWhole(ref PooledBytes json, string inputPlace, EventBuffer events)
    {
        if (Input.Length > 0)
        {
            if (InputPending == 0 && WireJson.IsWhole(Input.Span))
                AllMembers(events).Set("input"u8, Input.Span);
            else
                events.Note(QuirkKind.ToolArgumentsInvalid, inputPlace);
        }
        if (Members is null)
        {
            json.Append(Whole);
            return;
        }
        json.Append("{"u8);
        Members.Write(ref json);
        json.Append("}"u8);
    }
}
