namespace RawLlm.Protocols;

/// <summary>Looks ahead at the members of an object that follow the value that a reader is on, without moving the reader.</summary>
/// <remarks>
/// For objects in which a later member decides how to read an earlier one, but rarely does, so that the earlier one need not be skipped and
/// read again. If <see cref="IsEnded"/> is reached, the reader will also find the members to be valid JSON.
/// </remarks>
internal ref struct MembersAhead
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly int _levels;
    private int _at;

    /// <summary>Starts after a value.</summary>
    /// <param name="json">All bytes that the reader reads.</param>
    /// <param name="start">Where the value begins.</param>
    /// <param name="levels">The maximum nesting depth of the values.</param>
    public MembersAhead(ReadOnlySpan<byte> json, long start, int levels)
    {
        _json = json;
        _levels = levels;
        _at = JsonValidity.SkipValue(json, (int)start, levels);
    }

    /// <summary>The name of the member, as it is between its quotes.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The bytes of the member's value.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the end of the object was reached.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Moves to the next member; returns false at the end, and if the bytes are invalid.</summary>
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
