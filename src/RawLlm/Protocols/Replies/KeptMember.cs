namespace RawLlm.Protocols;

/// <summary>One member of <see cref="KeptMembers"/>. A text that is joined piece by piece is copied as its room grows, not with each piece.</summary>
internal sealed class KeptMember(byte[] name, ReadOnlySpan<byte> value)
{
    private byte[] _value = value.ToArray();
    private int _length = value.Length;

    public byte[] Name => name;

    /// <summary>Its value, exactly as it came.</summary>
    public ReadOnlySpan<byte> Value => _value.AsSpan(0, _length);

    /// <summary>Puts another value in its place.</summary>
    public void Set(ReadOnlySpan<byte> value)
    {
        _value = value.ToArray();
        _length = value.Length;
    }

    /// <summary>Joins a text to the text that it holds. Escapes never reach over the end of a piece, so both are joined as they stand.</summary>
    /// <param name="text">A string with its quotes.</param>
    public void Join(ReadOnlySpan<byte> text)
    {
        int length = _length - 1;
        _length = length + text.Length - 1;
        if (_length > _value.Length)
            Array.Resize(ref _value, (int)Math.Min(Math.Max(_length, 2L * _value.Length), Array.MaxLength));
        text[1..].CopyTo(_value.AsSpan(length));
    }
}
