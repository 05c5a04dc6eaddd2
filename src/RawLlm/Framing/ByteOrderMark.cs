namespace RawLlm.Framing;

/// <summary>The three bytes that some services put before UTF-8 text.</summary>
internal static class ByteOrderMark
{
    private static ReadOnlySpan<byte> Bytes => [0xEF, 0xBB, 0xBF];

    /// <summary>Measures the mark at the start of a text: its length, or 0 where there is none.</summary>
    /// <returns>False while the bytes may yet become one.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> text, bool isFinal, out int length)
    {
        length = text.StartsWith(Bytes) ? Bytes.Length : 0;
        return length > 0 || isFinal || text.Length >= Bytes.Length || !Bytes.StartsWith(text);
    }
}
