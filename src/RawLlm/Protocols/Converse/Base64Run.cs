using System.Buffers.Text;

namespace RawLlm.Protocols;

/// <summary>Bytes that arrive in pieces, each with its own base64; a single piece stays as it arrived.</summary>
/// <remarks>Do not copy this struct. Each piece is decoded at most once; only the end of the previous bytes, if it is padded, is decoded
/// again.</remarks>
internal struct Base64Run
{
    private const int Quantum = 4;

    private PooledBytes _text;
    private bool _isJoined;

    public readonly int Length => _text.Length;

    /// <summary>The base64 of all bytes so far.</summary>
    public readonly ReadOnlySpan<byte> Span => _text.Span;

    /// <summary>Adds a piece; returns false if it is not base64.</summary>
    public bool TryAppend(JsonText piece)
    {
        char pending = '\0';
        var room = _text.Reserve(piece.MaxLength);
        int length = piece.CopyTo(room, ref pending, out _);
        var text = room[..length];
        if (pending != 0 || !Base64.IsValid(text))
            return false;
        if (_text.Length == 0)
        {
            _text.Commit(length);
            return true;
        }
        byte[] own = text.ToArray();
        if (!_isJoined && HasSpace(_text.Span))
        {
            byte[] first = _text.Span.ToArray();
            _text.Clear();
            Join(default, first);
        }
        _isJoined = true;
        if (_text.Length > 0 && _text.Span[^1] == (byte)'=')
        {
            var last = _text.Span[^Quantum..].ToArray();
            _text.Drop(Quantum);
            Join(last, own);
        }
        else if (HasSpace(own))
        {
            Join(default, own);
        }
        else
        {
            _text.Append(own);
        }
        return true;
    }

    public void Return() => _text.Return();

    private static bool HasSpace(ReadOnlySpan<byte> text) => text.ContainsAny(WireJson.WhiteSpace);

    // Decodes both and encodes them as one.
    private void Join(ReadOnlySpan<byte> last, ReadOnlySpan<byte> piece)
    {
        byte[] bytes = new byte[last.Length + piece.Length];
        Base64.DecodeFromUtf8(last, bytes, out _, out int first);
        Base64.DecodeFromUtf8(piece, bytes.AsSpan(first), out _, out int second);
        Base64.EncodeToUtf8(
            bytes.AsSpan(0, first + second),
            _text.Reserve(Base64.GetMaxEncodedToUtf8Length(first + second)),
            out _,
            out int written
        );
        _text.Commit(written);
    }
}
