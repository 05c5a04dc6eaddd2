using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What is known of one content block of an answer.</summary>
internal sealed class ConverseBlock : IDisposable
{
    /// <summary>The wire's number of the block.</summary>
    public required int WireIndex { get; init; }

    public required ConverseBlockKind Kind { get; init; }

    /// <summary>The number of the block's part; -1 while nothing of it was given.</summary>
    public int Part = -1;

    public bool IsOpen = true;

    /// <summary>The text or the thoughts.</summary>
    public TextRun? Run;

    public bool HasText;

    /// <summary>The function call.</summary>
    public CallBlock? Call;

    /// <summary>The signature between its quotes, as it came.</summary>
    public PooledBytes Signature;

    /// <summary>The sources that the text cites, or the contents of a kept result: elements of an array, as they came.</summary>
    public PooledBytes Items;

    /// <summary>How many bytes of the sources were given.</summary>
    public int CitationsGiven;

    /// <summary>Bytes that came in pieces, as base64.</summary>
    public Base64Run Blob;

    /// <summary>The name of the member that a kept block consists of, between its quotes.</summary>
    public byte[] Name = [];

    /// <summary>The members of a kept block, to which deltas add.</summary>
    public BlockMembers? Members;

    /// <summary>A kept block of a whole answer, byte for byte.</summary>
    public byte[] Whole = [];

    /// <summary>The input of a kept call, from its fragments.</summary>
    public PooledBytes Input;
    public char InputPending;

    /// <summary>True when what goes back with the block has changed since it was given.</summary>
    public bool HasNews;

    // {"source": {"bytes": …}}, as pictures and recordings come.
    public bool TryKeepBytes(ReadOnlySpan<byte> value, EventBuffer events)
    {
        var reader = WireJson.Reader(value, events.Options);
        return reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("source"u8)
            && reader.Read() && reader.TokenType == JsonTokenType.StartObject
            && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("bytes"u8)
            && reader.Read() && reader.TokenType == JsonTokenType.String && Blob.TryAppend(JsonText.Read(ref reader));
    }

    /// <summary>Gives what goes back with the block, when that has changed.</summary>
    public void GiveData(string inputPlace, EventBuffer events)
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
                // Thoughts that were withheld must go back all the same.
                json.Append(HasText ? "{\"signature\":\""u8 : "{\"reasoningContent\":{\"reasoningText\":{\"text\":\"\",\"signature\":\""u8);
                json.Append(Signature.Span);
                json.Append(HasText ? "\"}"u8 : "\"}}}"u8);
                break;
            case ConverseBlockKind.Text:
                CitationReader.GiveBlock(Items.Span, ref CitationsGiven, Part, events);
                // Some models put what they cite into a block of its own, beside the text (2026).
                json.Append(HasText ? "{\"citations\":["u8 : "{\"citationsContent\":{\"citations\":["u8);
                json.Append(Items.Span);
                json.Append(HasText ? "]}"u8 : "]}}"u8);
                break;
            default:
                // A whole block that cites and says nothing.
                if (Members is null)
                    CitationReader.GiveBlock(Items.Span, ref CitationsGiven, Part, events);
                WriteWhole(ref json, inputPlace, events);
                break;
        }
        events.Add(StreamEventKind.WireData, 0, Part, json.Span, name: ConverseProtocol.ProtocolName);
        json.Return();
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

    public void Dispose()
    {
        Signature.Return();
        Items.Return();
        Blob.Return();
        Input.Return();
    }
}
