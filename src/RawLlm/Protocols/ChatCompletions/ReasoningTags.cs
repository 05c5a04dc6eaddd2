using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Separates reasoning between tags at the beginning of a text from the text itself, however both are split into pieces.</summary>
/// <remarks>Works on the raw text of the wire, in which no piece splits an escape. A possible beginning of a tag waits for the next
/// piece.</remarks>
internal sealed class ReasoningTags(string tag) : IDisposable
{
    // White space before a tag belongs to the tag, before anything else to the text. At most this much of it is held back.
    private const int MaxSpace = 64;

    private readonly byte[] _opening = Encoding.ASCII.GetBytes($"<{tag}>");
    private readonly byte[] _closing = Encoding.ASCII.GetBytes($"</{tag}>");
    private PooledBytes _waiting;
    private bool _isEscaped;
    private bool _isInside;

    /// <summary>True once text outside of the reasoning arrived: after it, nothing is a tag.</summary>
    public bool IsPassed { get; private set; }

    /// <summary>Checks the name of a tag.</summary>
    [return: NotNullIfNotNull(nameof(name))]
    public static string? Check(string? name)
    {
        if (name is "")
            ThrowName();
        foreach (char c in name ?? "")
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                ThrowName();
        }
        return name;
    }

    /// <summary>Emits a piece of the content.</summary>
    public void Emit(JsonText piece, ChoiceState choice, EventBuffer events)
    {
        _isEscaped |= piece.IsEscaped;
        if (_waiting.Length == 0)
        {
            int emitted = Emit(piece.Raw, choice, events);
            if (emitted < piece.Raw.Length)
                _waiting.Append(piece.Raw[emitted..]);
            return;
        }
        _waiting.Append(piece.Raw);
        var all = _waiting.Span.ToArray();
        _waiting.Clear();
        _waiting.Append(all.AsSpan(Emit(all, choice, events)));
    }

    /// <summary>Ends the text: emits what was held back as what it looks like.</summary>
    public void Flush(ChoiceState choice, EventBuffer events)
    {
        var rest = JsonText.Of(_waiting.Span, _isEscaped);
        if (_isInside)
            choice.EmitReasoningInContent(rest, events);
        else
            choice.EmitText(rest, events);
        _waiting.Clear();
    }

    public void Dispose() => _waiting.Return();

    // Returns how many bytes were emitted; the others wait.
    private int Emit(ReadOnlySpan<byte> raw, ChoiceState choice, EventBuffer events)
    {
        int at = 0;
        while (at < raw.Length)
        {
            if (!_isInside)
            {
                int space = SpaceAt(raw[at..]);
                int length = TagText.Match(_opening, raw[(at + space)..]);
                if (length < 0 && space <= MaxSpace)
                    return at;
                if (length <= 0)
                {
                    IsPassed = true;
                    choice.EmitText(JsonText.Of(raw[at..], _isEscaped), events);
                    return raw.Length;
                }
                _isInside = true;
                at += space + length;
            }
            int end = TagText.IndexOf(_closing, raw[at..], out bool isWhole);
            if (end > 0)
                choice.EmitReasoningInContent(JsonText.Of(raw.Slice(at, end), _isEscaped), events);
            at += end;
            if (!isWhole)
                return at;
            _isInside = false;
            at += TagText.LengthOf(_closing, raw[at..]);
        }
        return at;
    }

    // White space as written in the body of a JSON string.
    private static int SpaceAt(ReadOnlySpan<byte> raw)
    {
        int at = 0;
        while (at < raw.Length)
        {
            if (raw[at] == ' ')
                at++;
            else if (raw[at] == '\\' && raw.Length - at >= 2 && raw[at + 1] is (byte)'n' or (byte)'r' or (byte)'t')
                at += 2;
            else
                break;
        }
        return at;
    }

    [DoesNotReturn]
    private static void ThrowName() =>
        throw new ArgumentException("The name of a tag must consist of letters, digits, dashes and underscores.", "value");
}
