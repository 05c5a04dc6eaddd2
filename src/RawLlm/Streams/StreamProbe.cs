using System.Text;

namespace RawLlm;

/// <summary>
/// Decodes a stream as its bytes arrive, to see whether an answer has begun and how much of it there is. Not thread-safe.
/// </summary>
internal sealed class StreamProbe(LlmClient client, string? mediaType) : BodyObserver(client, mediaType)
{
    private Usage? _usage;

    // Bytes of tool arguments: in fragments, and in whole calls.
    private long _inFragments;
    private long _inCalls;

    /// <summary>
    /// Whether any of the answer itself has arrived: an event other than <see cref="StreamEventKind.Connected"/>,
    /// <see cref="StreamEventKind.Usage"/> and <see cref="StreamEventKind.Other"/>.
    /// </summary>
    public bool HasBegun { get; private set; }

    /// <summary>
    /// Whether any event other than <see cref="StreamEventKind.Connected"/> has arrived, which means that the service did not reject the
    /// request before a model looked at it.
    /// </summary>
    public bool HasEvent { get; private set; }

    /// <summary>An estimate of the answer's tokens so far.</summary>
    public double Tokens { get; private set; }

    /// <summary>The model that answered, by the service's own name for it; null before the end.</summary>
    public string? Model { get; private set; }

    /// <summary>The usage that the service reported.</summary>
    public Usage? Usage => _usage ?? DecodedUsage;

    protected override void OnEvent(in StreamEvent e)
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
            // Repeats the fragments, if there were any; calls may be interleaved.
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
        HasEvent |= e.Kind is not (StreamEventKind.None or StreamEventKind.Connected);
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

    // At most as many bytes as there is room for characters, and no character split.
    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> utf8, int maxLength)
    {
        int length = maxLength;
        while (length > maxLength - 4 && (utf8[length] & 0xC0) == 0x80)
            length--;
        return utf8[..length];
    }
}
