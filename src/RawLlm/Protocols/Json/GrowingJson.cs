namespace RawLlm.Protocols;

/// <summary>
/// What is known about a JSON value that arrives in pieces. Keep this struct in one place, and reset it when the bytes are replaced.
/// </summary>
/// <remarks>
/// A server may make the decoder ask after every piece, so each question continues where the one before it stopped. All of them together
/// cost no more than a few passes over the bytes, however many there are.
/// </remarks>
internal struct GrowingJson
{
    private const int LongestNumber = 64;

    // The length at the latest answer of IsWhole, and that answer.
    private int _askedAt;
    private bool _wasWhole;

    // Where the value begins and ends, how far it was searched for its end, and how far only white space follows it.
    private int _start;
    private int _end;
    private int _scanned;
    private int _blankTo;
    private int _depth;
    private bool _isInString;
    private bool _isEscaped;
    private bool? _isValid;

    /// <summary>Records that all bytes so far are one value that a reader has validated.</summary>
    public void MarkComplete(int length) => (_askedAt, _wasWhole) = (length, length > 0);

    /// <summary>Whether the bytes so far are one complete value, possibly surrounded by white space.</summary>
    /// <remarks>A number of more than 64 bytes counts as incomplete if it was asked about before it grew.</remarks>
    public bool IsWhole(ReadOnlySpan<byte> json)
    {
        if (json.Length == _askedAt)
            return _wasWhole;
        // Most are asked about once, at their end. Reading them is faster than searching for their end first.
        _wasWhole = _askedAt == 0 ? WireJson.IsWhole(json) : IsNowWhole(json);
        _askedAt = json.Length;
        return _wasWhole;
    }

    /// <summary>
    /// Whether the bytes so far are nothing, null, an empty string or an empty object (<see cref="WireJson.IsEmpty"/>), possibly surrounded
    /// by white space.
    /// </summary>
    public bool IsEmpty(ReadOnlySpan<byte> json)
    {
        _start = JsonValidity.SkipSpace(json, _start);
        var value = json[_start..];
        if (value.IsEmpty)
            return true;
        int length =
            value.StartsWith("null"u8) ? 4
            : value.StartsWith("{}"u8) || value.StartsWith("\"\""u8) ? 2
            : 0;
        return length > 0 && IsBlankAfter(json, _start + length);
    }

    /// <summary>Whether the bytes so far can continue with an object: they are unfinished, and end in a string or where a value may
    /// begin.</summary>
    public bool AcceptsObject(ReadOnlySpan<byte> json)
    {
        _start = JsonValidity.SkipSpace(json, _start);
        FindEnd(json);
        return _end == 0 && (_isInString || json.TrimEnd(WireJson.WhiteSpace) is [] or [.., (byte)':' or (byte)',' or (byte)'[']);
    }

    private bool IsNowWhole(ReadOnlySpan<byte> json)
    {
        _start = JsonValidity.SkipSpace(json, _start);
        if (_start == json.Length)
            return false;
        if (json[_start] is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return json.Length - _start <= LongestNumber && WireJson.IsWhole(json[_start..]);
        FindEnd(json);
        return _end > 0 && IsBlankAfter(json, _end) && (_isValid ??= WireJson.IsWhole(json[.._end]));
    }

    private bool IsBlankAfter(ReadOnlySpan<byte> json, int end)
    {
        _blankTo = JsonValidity.SkipSpace(json, Math.Max(_blankTo, end));
        return _blankTo == json.Length;
    }

    private void FindEnd(ReadOnlySpan<byte> json)
    {
        for (_scanned = Math.Max(_scanned, _start); _scanned < json.Length && _end == 0; _scanned++)
        {
            byte b = json[_scanned];
            if (_isEscaped)
            {
                _isEscaped = false;
                continue;
            }
            if (_isInString)
                (_isEscaped, _isInString) = (b == '\\', b != '"');
            else if (b == '"')
                _isInString = true;
            else if (b is (byte)'{' or (byte)'[')
                _depth++;
            else if (b is (byte)'}' or (byte)']')
                _depth--;
            if (_depth <= 0 && !_isInString)
                _end = _scanned + 1;
        }
    }
}
