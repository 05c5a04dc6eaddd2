using RawLlm.Framing;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Framing;

/// <summary>Feeds a reader as a window would, but hands out the unread bytes at a new place at every step, surrounded by poison.</summary>
internal sealed class FrameFeed(FrameReader reader)
{
    private const int Margin = 16;

    private byte[] _front = Poisoned(256);
    private byte[] _back = Poisoned(256);
    private int _start = Margin;
    private int _length;

    private static ReadOnlySpan<byte> Poison => "\n\ndata: P}]\n\n\r\r"u8;

    public List<RecordedFrame> Frames { get; } = [];

    public FrameReader Reader => reader;

    /// <summary>Feeds all of the input, cut before the given offsets, and then its end.</summary>
    public static FrameFeed Run(FrameReader reader, ReadOnlySpan<byte> input, params ReadOnlySpan<int> cuts)
    {
        var feed = new FrameFeed(reader);
        int start = 0;
        foreach (int cut in cuts)
        {
            feed.Push(input[start..cut]);
            start = cut;
        }
        feed.Push(input[start..]);
        feed.End();
        return feed;
    }

    public static FrameFeed RunByteByByte(FrameReader reader, ReadOnlySpan<byte> input)
    {
        var feed = new FrameFeed(reader);
        for (int i = 0; i < input.Length; i++)
            feed.Push(input.Slice(i, 1));
        feed.End();
        return feed;
    }

    public static FrameFeed RunRandomly(FrameReader reader, ReadOnlySpan<byte> input, ref SplitMix64 random)
    {
        var feed = new FrameFeed(reader);
        // Long inputs come in larger pieces, because each piece copies the unread bytes.
        int most =
            random.Below(4) switch
            {
                0 => 1,
                1 => 4,
                2 => 32,
                _ => 1024,
            }
            + input.Length / 256;
        bool isFinal = false;
        while (!input.IsEmpty)
        {
            int size = Math.Min(input.Length, random.Below(most + 1));
            isFinal = size == input.Length && random.Below(2) == 0;
            feed.Push(input[..size], isFinal);
            input = input[size..];
        }
        if (!isFinal)
            feed.End();
        return feed;
    }

    public void End() => Push([], isFinal: true);

    public void Push(ReadOnlySpan<byte> piece, bool isFinal = false)
    {
        Append(piece);
        Frame frame;
        int consumed;
        while (reader.TryRead(_front.AsSpan(_start, _length), isFinal, out frame, out consumed))
        {
            Frames.Add(new RecordedFrame(frame));
            Consume(consumed);
            if (Frames.Count > 1_000_000)
                throw new InvalidOperationException("The reader gives frames without end.");
        }
        Consume(consumed);
        if (isFinal && (_length != 0 || reader.TryRead([], true, out _, out _)))
            throw new InvalidOperationException("The reader goes on after the end.");
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        int length = _length + piece.Length;
        if (_back.Length < length + 2 * Margin)
            _back = Poisoned(2 * (length + 2 * Margin));
        // The position within the buffer changes, too.
        int start = Margin / 2 + (_start + 3) % Margin;
        _front.AsSpan(_start, _length).CopyTo(_back.AsSpan(start));
        piece.CopyTo(_back.AsSpan(start + _length));
        Spoil(_front.AsSpan(_start, _length));
        (_front, _back) = (_back, _front);
        (_start, _length) = (start, length);
    }

    private void Consume(int count)
    {
        if (count < 0 || count > _length)
            throw new InvalidOperationException($"The reader consumed {count} of {_length} bytes.");
        Spoil(_front.AsSpan(_start, count));
        _start += count;
        _length -= count;
    }

    private static byte[] Poisoned(int length)
    {
        byte[] bytes = new byte[length];
        Spoil(bytes);
        return bytes;
    }

    private static void Spoil(Span<byte> bytes)
    {
        for (; bytes.Length > Poison.Length; bytes = bytes[Poison.Length..])
            Poison.CopyTo(bytes);
        Poison[..bytes.Length].CopyTo(bytes);
    }
}
