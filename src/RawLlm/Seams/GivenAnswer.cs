using System.Buffers;
using System.Text;

namespace RawLlm;

/// <summary>What of an answer was handed on: whether it may be joined to another one, and by which text. Not thread-safe.</summary>
internal sealed class GivenAnswer
{
    private ArrayBufferWriter<byte>? _text;
    private bool _isPlain = true;

    /// <summary>How many events.</summary>
    public long Events { get; private set; }

    /// <summary>True once it is known why the answer ended.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>True once a whole function call was given, which may have been run.</summary>
    public bool HasCall { get; private set; }

    /// <summary>The number of the last part of text.</summary>
    public int TextPart { get; private set; }

    /// <summary>One more than the highest number of a part.</summary>
    public int PartCount { get; private set; }

    /// <summary>True where there is text, and nothing that a service would miss beside it: no call, no signature, no citation, no second answer.</summary>
    public bool IsPlainText => _isPlain && _text is { WrittenCount: > 0 };

    /// <summary>The text of the first choice.</summary>
    public string Text => _text is null ? "" : Encoding.UTF8.GetString(_text.WrittenSpan);

    /// <summary>How many characters it has.</summary>
    public int Characters => _text is null ? 0 : Encoding.UTF8.GetCharCount(_text.WrittenSpan);

    /// <summary>Takes note of an event.</summary>
    public void Note(StreamEventKind kind, int choice, int part, ReadOnlySpan<byte> utf8)
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
            // Thoughts without a signature are nothing that anybody wants back.
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

    /// <summary>Forgets everything: another answer begins.</summary>
    public void Clear()
    {
        _text?.ResetWrittenCount();
        (_isPlain, HasStopped, HasCall, Events, TextPart, PartCount) = (true, false, false, 0, 0, 0);
    }
}
