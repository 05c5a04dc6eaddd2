namespace RawLlm.Framing;

/// <summary>The three bytes that some services put before UTF-8 text.</summary>
internal static class ByteOrderMark
{
    private static ReadOnlySpan<byte> Bytes => [0xEF, 0xBB, 0xBF];

    /// <summary>Measures the byte order mark at the start of a text: its length, or 0 if there is none.</summary>
    /// <returns>False if the bytes may still become a mark.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> text, bool isFinal, out int length)
    {
        length = text.StartsWith(Bytes) ? Bytes.Length : 0;
        return length > 0 || isFinal || text.Length >= Bytes.Length || !Bytes.StartsWith(text);
    }
}
