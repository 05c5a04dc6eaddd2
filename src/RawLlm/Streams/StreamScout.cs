using System.Text;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Reads along with a stream, for whoever has to know what is in its bytes before the stream's own reader looks at them. Not thread-safe.</summary>
internal sealed class StreamScout(LlmClient client, string? mediaType) : IDisposable
{
    private StreamDecoder? _decoder;
    private Usage? _usage;

    // Bytes of arguments: in fragments, and in whole calls.
    private long _inFragments;
    private long _inCalls;

    /// <summary>True once anything of the answer itself has come: more than that it begins, what it used, or what has no kind.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>True once the answer is whole.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>True where a whole answer comes in place of a stream.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>What is wrong with it; null while nothing is.</summary>
    public LlmException? Failure { get; private set; }

    /// <summary>An estimate of the answer's tokens so far.</summary>
    public double Tokens { get; private set; }

    /// <summary>The model that answered, by the service's own name; null before the end.</summary>
    public string? Model { get; private set; }

    /// <summary>What the answer is said to have used.</summary>
    public Usage? Usage => _usage ?? _decoder?.Usage;

    /// <summary>More bytes of the body.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (Failure is not null || IsEnded)
            return;
        if (_decoder is null)
        {
            if (StreamRecognition.IsStream(client.Provider.Protocol, mediaType, bytes) is not { } isStream)
                return;
            IsWhole = !isStream;
            _decoder = client.CreateDecoder(isStream);
        }
        bytes.CopyTo(_decoder.GetSpan(bytes.Length));
        _decoder.Advance(bytes.Length);
        Read(_decoder);
    }

    /// <summary>No more bytes will come.</summary>
    public void Complete()
    {
        if (_decoder is null || Failure is not null || IsEnded)
            return;
        _decoder.Complete();
        Read(_decoder);
    }

    public void Dispose()
    {
        _decoder?.Dispose();
        _decoder = null;
    }

    private void Read(StreamDecoder decoder)
    {
        try
        {
            while (decoder.TryRead())
                Look(decoder.Current);
            IsEnded = decoder.IsEnded;
            decoder.ReleaseIfIdle();
        }
        catch (LlmException e)
        {
            // The stream's own reader comes to it as well, and tells the caller.
            Failure = e;
        }
    }

    private void Look(StreamEvent e)
    {
        switch (e.Kind)
        {
            case StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.Refusal:
                Count(e.Utf8);
                break;
            case StreamEventKind.ToolCallStarted:
                Tokens += 8 + TokenEstimate.Of(e.Name);
                break;
            case StreamEventKind.ToolArguments:
                _inFragments += e.Utf8.Length;
                Count(e.Utf8);
                break;
            // Repeats the fragments, where there were any; calls may take turns.
            case StreamEventKind.ToolCall when (_inCalls += e.Utf8.Length) > _inFragments:
                _inFragments = _inCalls;
                Count(e.Utf8);
                break;
            case StreamEventKind.Usage:
                _usage = e.Usage;
                break;
            case StreamEventKind.Done:
                Model = e.Name;
                break;
        }
        HasBegun |= e.Kind is not (StreamEventKind.None or StreamEventKind.Connected or StreamEventKind.Usage or StreamEventKind.Other);
    }

    private void Count(ReadOnlySpan<byte> utf8)
    {
        Span<char> room = stackalloc char[256];
        while (!utf8.IsEmpty)
        {
            Encoding.UTF8.TryGetChars(utf8.Length <= room.Length ? utf8 : Start(utf8, room.Length), room, out int count);
            Tokens += TokenEstimate.Of(room[..count]);
            utf8 = utf8.Length <= room.Length ? default : utf8[Start(utf8, room.Length).Length..];
        }
    }

    // No more bytes than there is room for characters, and no character in two.
    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> utf8, int most)
    {
        int length = most;
        while (length > most - 4 && (utf8[length] & 0xC0) == 0x80)
            length--;
        return utf8[..length];
    }
}
