using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes the JSON text of arguments that arrive value by value, each with a JSON path (Vertex, 2025).</summary>
/// <remarks>
/// The model writes its arguments from start to end, so the paths arrive in the order of the text, and each piece can be returned
/// immediately. If a path leads back into something finished, nothing more can be written: the text remains without its end, and the call
/// counts as incomplete.
/// </remarks>
internal sealed class PartialArguments : IDisposable
{
    // One bit per level distinguishes arrays from objects.
    private const int MaxLevels = 64;

    private PooledBytes _path;
    private PooledBytes _text;
    private ulong _arrays;
    private int _levels;
    private bool _isInString;
    private bool _isBroken;

    /// <summary>Whether something could not be written.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>Handles an unknown value: the text can no longer be completed.</summary>
    public void Break() => _isBroken = true;

    /// <summary>Resets to no arguments.</summary>
    public void Clear()
    {
        _path.Clear();
        _text.Clear();
        _arrays = 0;
        _levels = 0;
        _isInString = _isBroken = false;
    }

    /// <summary>Adds a value and returns the resulting text, valid until the next call.</summary>
    /// <param name="path">Where the value belongs, such as <c>$.items[0].name</c>.</param>
    /// <param name="value">The value as JSON; for a string, the part between the quotes.</param>
    /// <param name="isString">Whether it is a string, which may continue.</param>
    /// <param name="goesOn">Whether more of the string follows under the same path.</param>
    public ReadOnlySpan<byte> Add(ReadOnlySpan<byte> path, ReadOnlySpan<byte> value, bool isString, bool goesOn)
    {
        _text.Clear();
        if (_isBroken)
            return [];
        if (_isInString && path.SequenceEqual(_path.Span))
        {
            _isBroken = !isString;
        }
        else
        {
            EndString();
            _isBroken = !TryMoveTo(path);
            if (isString)
                _text.Append("\""u8);
            _isInString = isString;
        }
        if (_isBroken)
            return [];
        _text.Append(value);
        if (!goesOn)
            EndString();
        return _text.Span;
    }

    /// <summary>Returns the text that ends the arguments; empty if there were none, or if they cannot be completed.</summary>
    /// <param name="written">Everything written so far.</param>
    public ReadOnlySpan<byte> Close(ReadOnlySpan<byte> written)
    {
        _text.Clear();
        if (_isBroken || _isInString || _levels == 0)
            return [];
        CloseDownTo(0);
        _text.Append("}"u8);
        _levels = 0;
        // A path that returns to an object repeats a name: the text would be valid JSON, but not what the model meant.
        return HasNameTwice([.. written, .. _text.Span]) ? [] : _text.Span;
    }

    public void Dispose()
    {
        _path.Return();
        _text.Return();
    }

    private bool TryMoveTo(ReadOnlySpan<byte> path)
    {
        var before = new PathReader(_path.Span);
        var after = new PathReader(path);
        // The first levels may be shared; the first one that differs must follow in the same container.
        int level = 0;
        while (true)
        {
            bool hasBefore = before.TryRead();
            if (!after.TryRead())
                return false;
            if (!hasBefore)
            {
                if (_levels > 0)
                    return false;
                break;
            }
            if (!after.IsSame(before))
                break;
            level++;
        }
        if (_levels == 0)
        {
            if (after.IsIndex)
                return false;
            _text.Append("{"u8);
        }
        else
        {
            if (before.IsIndex != after.IsIndex || (after.IsIndex && after.Index != before.Index + 1))
                return false;
            CloseDownTo(level);
            _text.Append(","u8);
        }
        do
        {
            if (level >= MaxLevels)
                return false;
            if (after.IsIndex)
                _arrays |= 1UL << level;
            else
                WriteName(after.Name, after.IsQuoted);
            level++;
            if (!after.TryRead())
                break;
            if (after.IsIndex && after.Index != 0)
                return false;
            _text.Append(after.IsIndex ? "["u8 : "{"u8);
        } while (true);
        if (!after.IsAtEnd)
            return false;
        _levels = level;
        _path.Clear();
        _path.Append(path);
        return true;
    }

    // Level n is the container of the path's nth member; deeper levels than the given one are closed.
    private void CloseDownTo(int level)
    {
        for (int i = _levels - 1; i > level; i--)
        {
            _text.Append((_arrays & (1UL << i)) != 0 ? "]"u8 : "}"u8);
            _arrays &= ~(1UL << i);
        }
    }

    private void EndString()
    {
        if (_isInString)
            _text.Append("\""u8);
        _isInString = false;
    }

    // RFC 9535: quoted names have JSON's own escapes, and an additional one for the single quote.
    private void WriteName(ReadOnlySpan<byte> name, bool isQuoted)
    {
        var room = _text.Reserve(name.Length * 6 + 3);
        int length = 0;
        room[length++] = (byte)'"';
        for (int i = 0; i < name.Length; i++)
        {
            byte b = name[i];
            if (isQuoted && b == '\\' && i + 1 < name.Length)
            {
                b = name[++i];
                if (b != '\'')
                    room[length++] = (byte)'\\';
                room[length++] = b;
            }
            else if (b is (byte)'"' or (byte)'\\')
            {
                room[length++] = (byte)'\\';
                room[length++] = b;
            }
            else if (b < 0x20)
            {
                "\\u00"u8.CopyTo(room[length..]);
                room[length + 4] = "0123456789abcdef"u8[b >> 4];
                room[length + 5] = "0123456789abcdef"u8[b & 15];
                length += 6;
            }
            else
            {
                room[length++] = b;
            }
        }
        room[length++] = (byte)'"';
        room[length++] = (byte)':';
        _text.Commit(length);
    }

    private static bool HasNameTwice(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxLevels + 1 });
            var open = new Stack<HashSet<string>?>();
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        open.Push(new HashSet<string>(StringComparer.Ordinal));
                        break;
                    case JsonTokenType.StartArray:
                        open.Push(null);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        open.Pop();
                        break;
                    case JsonTokenType.PropertyName when !open.Peek()!.Add(JsonText.Read(ref reader).ToString()):
                        return true;
                }
            }
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    /// <summary>Reads the members of a JSON path one by one: <c>.name</c>, <c>[0]</c>, <c>['name']</c>.</summary>
    private ref struct PathReader
    {
        private ReadOnlySpan<byte> _rest;

        public PathReader(ReadOnlySpan<byte> path) => _rest = path.StartsWith("$"u8) ? path[1..] : path;

        public ReadOnlySpan<byte> Name { get; private set; }

        public int Index { get; private set; }

        public bool IsIndex { get; private set; }

        public bool IsQuoted { get; private set; }

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public readonly bool IsSame(in PathReader other) =>
            IsIndex == other.IsIndex && (IsIndex ? Index == other.Index : IsQuoted == other.IsQuoted && Name.SequenceEqual(other.Name));

        public bool TryRead()
        {
            if (_rest.IsEmpty)
                return false;
            IsQuoted = false;
            if (_rest[0] != '[')
            {
                // A path may also start without "$.".
                var rest = _rest[0] == '.' ? _rest[1..] : _rest;
                int end = rest.IndexOfAny((byte)'.', (byte)'[');
                Name = end < 0 ? rest : rest[..end];
                _rest = rest[Name.Length..];
                IsIndex = false;
                return Name.Length > 0;
            }
            if (_rest.Length > 1 && _rest[1] is (byte)'\'' or (byte)'"')
                return TryReadQuoted();
            int close = _rest.IndexOf((byte)']');
            if (
                close < 0
                || !System.Buffers.Text.Utf8Parser.TryParse(_rest[1..close], out int index, out int length)
                || length != close - 1
                || index < 0
            )
            {
                return false;
            }

            Index = index;
            IsIndex = true;
            _rest = _rest[(close + 1)..];
            return true;
        }

        private bool TryReadQuoted()
        {
            byte quote = _rest[1];
            for (int i = 2; i < _rest.Length; i++)
            {
                if (_rest[i] == '\\')
                {
                    i++;
                }
                else if (_rest[i] == quote)
                {
                    Name = _rest[2..i];
                    IsIndex = false;
                    IsQuoted = true;
                    if (i + 1 >= _rest.Length || _rest[i + 1] != ']')
                        return false;
                    _rest = _rest[(i + 2)..];
                    return true;
                }
            }
            return false;
        }
    }
}
