namespace RawLlm.Protocols;

/// <summary>Looks at the members of an object that follow the value that a reader stands on, without moving the reader.</summary>
/// <remarks>
/// For objects in which a later member decides how an earlier one is to be read, and hardly ever does: so the earlier one need not be
/// passed over and read again. What was looked at as far as <see cref="IsEnded"/> the reader finds to be valid JSON too.
/// </remarks>
internal ref struct MembersAhead
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly int _levels;
    private int _at;

    /// <summary>Begins behind a value.</summary>
    /// <param name="json">All that the reader reads.</param>
    /// <param name="start">Where the value begins.</param>
    /// <param name="levels">How deep the values may be nested.</param>
    public MembersAhead(ReadOnlySpan<byte> json, long start, int levels)
    {
        _json = json;
        _levels = levels;
        _at = JsonValidity.SkipValue(json, (int)start, levels);
    }

    /// <summary>The name of the member, as it stands between its quotes.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The bytes of the member's value.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True when the end of the object was reached.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Moves to the next member; false at the end, and where the bytes are not valid.</summary>
    public bool TryRead()
    {
        if (_at < 0)
            return false;
        int at = JsonValidity.SkipSpace(_json, _at);
        _at = -1;
        if (at >= _json.Length || _json[at] != (byte)',')
        {
            IsEnded = at < _json.Length && _json[at] == (byte)'}';
            return false;
        }
        int name = JsonValidity.SkipSpace(_json, at + 1);
        int start = JsonValidity.SkipName(_json, name);
        if (start < 0)
            return false;
        Name = _json[(name + 1)..(start - 1)].TrimEnd(" \n\r\t"u8)[..^1];
        start = JsonValidity.SkipSpace(_json, start);
        int end = JsonValidity.SkipValue(_json, start, _levels);
        if (end < 0)
            return false;
        Value = _json[start..end];
        _at = end;
        return true;
    }
}
