using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What is known of one content block of an answer.</summary>
internal sealed class MessageBlock : IDisposable
{
    /// <summary>The wire's number of the block.</summary>
    public required int WireIndex { get; init; }

    public required BlockKind Kind { get; init; }

    /// <summary>The number of the block's part; -1 while nothing of it was given.</summary>
    public int Part = -1;

    public bool IsOpen = true;

    /// <summary>The text or the thoughts.</summary>
    public TextRun? Run;

    public bool HasText;

    /// <summary>The function call.</summary>
    public CallBlock? Call;

    /// <summary>The input with which the block began, when it was not empty.</summary>
    public byte[] StartInput = [];

    /// <summary>The signature between its quotes, as it came.</summary>
    public PooledBytes Signature;

    /// <summary>The sources that the text cites: elements of an array, as they came.</summary>
    public PooledBytes Citations;

    /// <summary>How many bytes of them were given.</summary>
    public int CitationsGiven;

    /// <summary>Of a block that is kept whole all members; of the others those that have no place elsewhere.</summary>
    public BlockMembers? Members;

    /// <summary>A block that is kept whole, byte for byte, unless a delta added to it.</summary>
    public byte[] Whole = [];

    /// <summary>The input of a block that is kept whole, from its fragments.</summary>
    public PooledBytes Input;
    public char InputPending;

    /// <summary>True when what goes back with the block has changed since it was given.</summary>
    public bool HasNews;

    /// <summary>The members of a block that is kept whole, to be changed.</summary>
    public BlockMembers AllMembers(EventBuffer events)
    {
        if (Members is { } known)
            return known;
        var members = new BlockMembers();
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

    /// <summary>Writes what goes back beside the text, and the end of the object.</summary>
    public void WriteExtra(ref PooledBytes json, bool isFirst)
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

    /// <summary>Writes a block that is kept whole.</summary>
    public void WriteWhole(ref PooledBytes json, string inputPlace, EventBuffer events)
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

    public void Dispose()
    {
        Signature.Return();
        Citations.Return();
        Input.Return();
    }
}
