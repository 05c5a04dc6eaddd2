using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>Reads a JSON array of objects that arrives in pieces; each object is a frame as soon as it is closed.</summary>
/// <remarks>
/// The reader follows only brackets and strings; whether an object is valid JSON is for the reader of the frame to decide. A body that is a
/// single object instead of an array is returned as the only frame, because that is how services report errors.
/// </remarks>
[Experimental("RLLM903")]
public sealed class JsonArrayReader : FrameReader
{
    // The bytes that end a run of plain bytes, outside and inside a string.
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create("\"\\"u8);

    private Position _position;
    private int _searched;
    private int _depth;
    private bool _isPastByteOrderMark;
    private bool _isInString;
    private bool _isEscaped;
    private bool _isBare;

    /// <summary>Whether the body's only object has been returned.</summary>
    internal bool IsPastObject => _isBare && _position == Position.AfterArray;

    private enum Position
    {
        BeforeArray,
        BeforeFirst,
        BeforeElement,
        InElement,
        AfterElement,
        AfterArray,
    }

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (!_isPastByteOrderMark)
        {
            if (!ByteOrderMark.TryMeasure(unread, isFinal, out consumed))
                return false;
            _isPastByteOrderMark = true;
        }
        if (_position != Position.InElement && !TryEnterElement(unread, ref consumed))
        {
            IsCut = isFinal && _position is not (Position.BeforeArray or Position.AfterArray);
            return false;
        }

        var element = unread[consumed..];
        if (!TryFindEnd(element, out int end))
        {
            Measure(element.Length);
            IsCut = isFinal;
            if (isFinal)
                consumed = unread.Length;
            return false;
        }
        Measure(end);
        consumed += end;
        _searched = 0;
        _position = _isBare ? Position.AfterArray : Position.AfterElement;
        frame = new Frame(element[..end], element[..end]);
        return true;
    }

    // Skips what is between the elements.
    private bool TryEnterElement(ReadOnlySpan<byte> unread, ref int consumed)
    {
        for (; consumed < unread.Length; consumed++)
        {
            byte next = unread[consumed];
            if (next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            switch (_position, next)
            {
                case (Position.BeforeArray, (byte)'['):
                    _position = Position.BeforeFirst;
                    break;
                case (Position.AfterElement, (byte)','):
                    _position = Position.BeforeElement;
                    break;
                case (Position.BeforeFirst or Position.AfterElement, (byte)']'):
                    _position = Position.AfterArray;
                    break;
                case (Position.BeforeArray or Position.BeforeFirst or Position.BeforeElement, (byte)'{'):
                    _isBare = _position == Position.BeforeArray;
                    _position = Position.InElement;
                    return true;
                default:
                    ThrowUnexpected(_position);
                    break;
            }
        }
        return false;
    }

    private bool TryFindEnd(ReadOnlySpan<byte> element, out int end)
    {
        end = 0;
        while (_searched < element.Length)
        {
            if (_isEscaped)
            {
                _isEscaped = false;
                _searched++;
                continue;
            }
            int length = element[_searched..].IndexOfAny(_isInString ? StringEnds : Structure);
            if (length < 0)
            {
                _searched = element.Length;
                break;
            }
            byte found = element[_searched + length];
            _searched += length + 1;
            switch (found)
            {
                case (byte)'"':
                    _isInString = !_isInString;
                    break;
                case (byte)'\\':
                    _isEscaped = true;
                    break;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    break;
                default:
                    if (--_depth == 0)
                    {
                        end = _searched;
                        return true;
                    }
                    break;
            }
        }
        return false;
    }

    private static void ThrowUnexpected(Position position) =>
        throw new FramingException(
            position switch
            {
                Position.BeforeArray => "The body is neither a JSON array nor an object.",
                Position.AfterArray => "The body continues after the end of the JSON array.",
                Position.AfterElement => "An element of the JSON array is followed by neither a comma nor the array's end.",
                _ => "An element of the JSON array is not an object.",
            }
        );
}
