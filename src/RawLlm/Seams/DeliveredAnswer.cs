using System.Buffers;
using System.Text;

namespace RawLlm;

/// <summary>
/// The part of an answer that was delivered: whether another answer may continue it, and from which text. Not thread-safe.
/// </summary>
internal sealed class DeliveredAnswer
{
    private ArrayBufferWriter<byte>? _text;
    private bool _isPlain = true;

    /// <summary>The number of events.</summary>
    public long Events { get; private set; }

    /// <summary>Whether it is known why the answer ended.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>Whether a whole tool call was delivered; the tool may already have run.</summary>
    public bool HasCall { get; private set; }

    /// <summary>The index of the last text part.</summary>
    public int TextPart { get; private set; }

    /// <summary>One more than the highest index of a part.</summary>
    public int PartCount { get; private set; }

    /// <summary>
    /// Whether there is text, and nothing besides it that a service would need back: no tool call, signature, citation or second choice.
    /// </summary>
    public bool IsPlainText => _isPlain && _text is { WrittenCount: > 0 };

    /// <summary>The text of the first choice.</summary>
    public string Text => _text is null ? "" : Encoding.UTF8.GetString(_text.WrittenSpan);

    /// <summary>The number of characters in that text.</summary>
    public int Characters => _text is null ? 0 : Encoding.UTF8.GetCharCount(_text.WrittenSpan);

    /// <summary>Records an event.</summary>
    public void Record(StreamEventKind kind, int choice, int part, ReadOnlySpan<byte> utf8)
    {
        if (kind is StreamEventKind.None or StreamEventKind.Connected)
            return;
        Events++;
        switch (kind)
        {
            case StreamEventKind.Text when choice == 0:
                (_text ??= new ArrayBufferWriter<byte>(1024)).Write(utf8);
                TextPart = part;
                break;
            // No service needs reasoning without a signature back.
            case StreamEventKind.Reasoning when choice == 0:
                break;
            case StreamEventKind.Stop or StreamEventKind.Done:
                HasStopped = true;
                return;
            case StreamEventKind.Usage or StreamEventKind.Other:
                return;
            case StreamEventKind.ToolCall:
                HasCall = true;
                _isPlain = false;
                break;
            default:
                _isPlain = false;
                break;
        }
        PartCount = Math.Max(PartCount, part + 1);
    }

    /// <summary>Forgets everything, because another answer begins.</summary>
    public void Clear()
    {
        _text?.ResetWrittenCount();
        (_isPlain, HasStopped, HasCall, Events, TextPart, PartCount) = (true, false, false, 0, 0, 0);
    }
}
