using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The state of one content block of an answer.</summary>
internal sealed class ConverseBlock : IDisposable
{
    /// <summary>The block's index on the wire.</summary>
    public required int WireIndex { get; init; }

    public required ConverseBlockKind Kind { get; init; }

    /// <summary>The number of the block's part; -1 while nothing of it has been returned.</summary>
    public int Part = -1;

    public bool IsOpen = true;

    /// <summary>The text or the reasoning.</summary>
    public TextRun? Run;

    public bool HasText;

    /// <summary>The tool call.</summary>
    public CallBlock? Call;

    /// <summary>The signature between its quotes, as it arrived.</summary>
    public PooledBytes Signature;

    /// <summary>The citations of the text, or the contents of a kept result: elements of an array, as they arrived.</summary>
    public PooledBytes Items;

    /// <summary>How many bytes of the citations have been returned.</summary>
    public int EmittedCitationBytes;

    /// <summary>Bytes that arrived in pieces, as base64.</summary>
    public Base64Run Blob;

    /// <summary>The name of the only member of a kept block, between its quotes.</summary>
    public byte[] Name = [];

    /// <summary>The members of a kept block, into which deltas are merged.</summary>
    public KeptBlockMembers? Members;

    /// <summary>A kept block of a whole answer, byte for byte.</summary>
    public byte[] Whole = [];

    /// <summary>The input of a kept call, assembled from its fragments.</summary>
    public PooledBytes Input;
    public char InputPending;

    /// <summary>Whether the data to send back with the block has changed since it was last returned.</summary>
    public bool HasNews;

    /// <summary>The service's message about an image that it withheld; null if it withheld none.</summary>
    public string? Withheld { get; private set; }

    private bool _isImageEmitted;

    /// <summary>Whether the block is a tool call, run by the caller or by the service.</summary>
    public bool AcceptsInput => Call is not null || (Kind == ConverseBlockKind.Raw && Name.AsSpan().SequenceEqual("toolUse"u8));

    /// <summary>Adds text to the block, whose part already has its number.</summary>
    public void AddText(JsonText text, EventBuffer events)
    {
        HasText = true;
        Run ??=
            Kind == ConverseBlockKind.Text
                ? new TextRun(StreamEventKind.Text, choice: 0, Part, "text")
                : new TextRun(StreamEventKind.Reasoning, choice: 0, Part, "reasoningContent.text");
        Run.Add(text, events);
    }

    /// <summary>Sets the signature; a later one replaces an earlier one.</summary>
    public void Sign(JsonText signature, ref RetainedBytes retained, EventBuffer events)
    {
        retained.Add(signature.Raw.Length, events);
        Signature.Clear();
        Signature.Append(signature.Raw);
        HasNews = true;
    }

    /// <summary>Adds a citation of the text.</summary>
    public void Cite(ReadOnlySpan<byte> citation, ref RetainedBytes retained, EventBuffer events)
    {
        retained.AddCitation(citation.Length, events);
        if (Items.Length > 0)
            Items.Append(","u8);
        Items.Append(citation);
        HasNews = true;
    }

    /// <summary>Keeps a block that arrived whole.</summary>
    public void StoreWhole(ReadOnlySpan<byte> whole, ref RetainedBytes retained, EventBuffer events)
    {
        Whole = whole.ToArray();
        HasNews = true;
        retained.Add(whole.Length, events);
    }

    /// <summary>Keeps the members of the object that the reader is on.</summary>
    public void StoreMembers(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref RetainedBytes retained, EventBuffer events)
    {
        HasNews = true;
        Members = new KeptBlockMembers();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, data);
            retained.Add(name.Length + value.Length, events);
            Members.Add(name, value);
        }
    }

    /// <summary>
    /// Merges a delta into a kept block: appends a string to the string of the same name, the contents of a result to the earlier ones, and
    /// the bytes of an image to the earlier bytes.
    /// </summary>
    public void Merge(scoped in ConverseDelta delta, ref RetainedBytes retained, EventBuffer events)
    {
        HasNews = true;
        retained.Add(Math.Max(delta.Value.Length, delta.Input.Raw.Length + delta.InputValue.Length), events);
        if ((delta.Kinds & ConverseDeltaKinds.ToolUse) != 0)
        {
            Input.Append(delta.InputValue);
            Input.Commit(delta.Input.CopyTo(Input.Reserve(delta.Input.MaxLength), ref InputPending, out _));
        }
        else if (delta.IsList)
        {
            var items = delta.Value[1..^1].Trim(WireJson.WhiteSpace);
            if (!items.IsEmpty && Items.Length > 0)
                Items.Append(","u8);
            Items.Append(items);
        }
        else if (!TryStoreBytes(delta.Value, events))
        {
            Members!.Merge(delta.Value, events.Options);
        }
    }

    /// <summary>Emits the data to send back with the block, if it has changed.</summary>
    public void EmitData(string inputPlace, EventBuffer events)
    {
        if (!HasNews)
            return;
        HasNews = false;
        var json = new PooledBytes();
        switch (Kind)
        {
            case ConverseBlockKind.Redacted:
                json.Append("{\"reasoningContent\":{\"redactedContent\":\""u8);
                json.Append(Blob.Span);
                json.Append("\"}}"u8);
                break;
            case ConverseBlockKind.Reasoning:
                // Reasoning that was not shown must be sent back as well.
                json.Append(HasText ? "{\"signature\":\""u8 : "{\"reasoningContent\":{\"reasoningText\":{\"text\":\"\",\"signature\":\""u8);
                json.Append(Signature.Span);
                json.Append(HasText ? "\"}"u8 : "\"}}}"u8);
                break;
            case ConverseBlockKind.Text:
                CitationReader.EmitBlock(Items.Span, ref EmittedCitationBytes, Part, events);
                // Some models put citations into a block of their own, beside the text (2026).
                json.Append(HasText ? "{\"citations\":["u8 : "{\"citationsContent\":{\"citations\":["u8);
                json.Append(Items.Span);
                json.Append(HasText ? "]}"u8 : "]}}"u8);
                break;
            default:
                // A whole block with citations and no text.
                if (Members is null)
                    CitationReader.EmitBlock(Items.Span, ref EmittedCitationBytes, Part, events);
                WriteWhole(ref json, inputPlace, events);
                EmitImage(json.Span, events);
                break;
        }
        if (Withheld is null)
            events.Add(StreamEventKind.WireData, 0, Part, json.Span, name: ConverseProtocol.ProtocolName);
        json.Return();
    }

    public void Dispose()
    {
        Signature.Return();
        Items.Return();
        Blob.Return();
        Input.Return();
    }

    // A withheld image is not sent back, because the service rejects an image without bytes.
    private void EmitImage(ReadOnlySpan<byte> block, EventBuffer events)
    {
        var picture = new ConverseImage();
        if (!picture.TryRead(block, events))
            return;
        if (picture.IsWithheld)
        {
            Withheld = picture.Message.ToString();
            events.Note(QuirkKind.FailureMasked, "image.error");
        }
        else if (!_isImageEmitted)
        {
            _isImageEmitted = true;
            picture.Emit(Part, events);
        }
    }

    // {"source": {"bytes": …}}, the form of images and recordings.
    private bool TryStoreBytes(ReadOnlySpan<byte> value, EventBuffer events)
    {
        var reader = WireJson.Reader(value, events.Options);
        return reader.Read()
            && reader.Read()
            && reader.TokenType == JsonTokenType.PropertyName
            && WireJson.Is(ref reader, "source"u8)
            && reader.Read()
            && reader.TokenType == JsonTokenType.StartObject
            && reader.Read()
            && reader.TokenType == JsonTokenType.PropertyName
            && WireJson.Is(ref reader, "bytes"u8)
            && reader.Read()
            && reader.TokenType == JsonTokenType.String
            && Blob.TryAppend(JsonText.Read(ref reader));
    }

    private void WriteWhole(ref PooledBytes json, string inputPlace, EventBuffer events)
    {
        if (Members is not { } members)
        {
            json.Append(Whole);
            return;
        }
        if (Items.Length > 0)
            members.Set("content"u8, [(byte)'[', .. Items.Span, (byte)']']);
        if (Blob.Length > 0)
            members.Set("source"u8, [.. "{\"bytes\":\""u8, .. Blob.Span, .. "\"}"u8]);
        if (Input.Length > 0)
        {
            if (InputPending == 0 && WireJson.IsWhole(Input.Span))
                members.Set("input"u8, Input.Span);
            else
                events.Note(QuirkKind.ToolArgumentsInvalid, inputPlace);
        }
        json.Append("{\""u8);
        json.Append(Name);
        json.Append("\":{"u8);
        members.Write(ref json);
        json.Append("}}"u8);
    }
}
