using System.Buffers.Text;

namespace RawLlm.Protocols;

/// <summary>Bytes that come in pieces, each of which is base64 of its own; one piece alone stays as it came.</summary>
/// <remarks>A struct to be kept in one place.</remarks>
internal struct Base64Run
{
    private PooledBytes _text;

    public readonly int Length => _text.Length;

    /// <summary>The base64 of everything so far.</summary>
    public readonly ReadOnlySpan<byte> Span => _text.Span;

    /// <summary>Adds a piece; false when it is not base64.</summary>
    public bool TryAppend(JsonText piece)
    {
        char pending = '\0';
        var text = _text.Reserve(piece.MaxLength);
        int length = piece.CopyTo(text, ref pending, out _);
        if (pending != 0 || !Base64.IsValid(text[..length]))
            return false;
        if (_text.Length == 0 || (_text.Length % 4 == 0 && _text.Span[^1] != (byte)'='))
            _text.Commit(length);
        else
            Join(text[..length].ToArray());
        return true;
    }

    public void Return() => _text.Return();

    // What came before ends in padding: both are decoded and written as one.
    private void Join(byte[] piece)
    {
        byte[] bytes = new byte[_text.Length + piece.Length];
        Base64.DecodeFromUtf8(_text.Span, bytes, out _, out int first);
        Base64.DecodeFromUtf8(piece, bytes.AsSpan(first), out _, out int second);
        _text.Clear();
        Base64.EncodeToUtf8(bytes.AsSpan(0, first + second), _text.Reserve(Base64.GetMaxEncodedToUtf8Length(first + second)), out _, out int written);
        _text.Commit(written);
    }
}
