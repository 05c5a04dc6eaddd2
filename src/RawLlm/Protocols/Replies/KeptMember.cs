namespace RawLlm.Protocols;

/// <summary>
/// One member of <see cref="KeptMembers"/>. A string that is appended to piece by piece is copied only when its buffer grows, not with each
/// piece.
/// </summary>
internal sealed class KeptMember(byte[] name, ReadOnlySpan<byte> value)
{
    private byte[] _value = value.ToArray();
    private int _length = value.Length;

    public byte[] Name => name;

    /// <summary>The value, exactly as it arrived.</summary>
    public ReadOnlySpan<byte> Value => _value.AsSpan(0, _length);

    /// <summary>Replaces the value.</summary>
    public void Set(ReadOnlySpan<byte> value)
    {
        _value = value.ToArray();
        _length = value.Length;
    }

    /// <summary>
    /// Appends a string to the current one. Escapes never extend past the end of a piece, so both are joined as they are.
    /// </summary>
    /// <param name="text">A string with its quotes.</param>
    public void AppendString(ReadOnlySpan<byte> text)
    {
        int length = _length - 1;
        _length = length + text.Length - 1;
        if (_length > _value.Length)
            Array.Resize(ref _value, (int)Math.Min(Math.Max(_length, 2L * _value.Length), Array.MaxLength));
        text[1..].CopyTo(_value.AsSpan(length));
    }
}
