using System.Buffers;
using System.IO.Compression;

namespace RawLlm.Testing;

/// <summary>The reads of a body that was compressed, unpacked: in packed bytes nobody finds a secret.</summary>
internal static class PackedReads
{
    // Whoever recorded a body which grows to more could not read it either.
    private const int LongestBody = 1 << 26;

    /// <summary>Unpacks reads; each keeps what it brought, and those that brought nothing are left out.</summary>
    /// <param name="reads">The reads as they came.</param>
    /// <param name="encoding">The value of <c>Content-Encoding</c>.</param>
    /// <param name="isReadable">False where it is broken, too long, or packed in another way than gzip, Brotli and deflate.</param>
    /// <param name="isEnded">Whether the packed body has told its end, behind which nobody reads on.</param>
    public static List<RecordedRead> Unpack(IReadOnlyList<RecordedRead> reads, string encoding, out bool isReadable, out bool isEnded)
    {
        var unpacked = Unpack(reads, encoding, 8192, out isReadable, out isEnded);
        // A decompressor that meets broken bytes gives nothing of what it had found before them, but where it was asked for little.
        return isReadable ? unpacked : Unpack(reads, encoding, 1, out _, out _);
    }

    private static List<RecordedRead> Unpack(IReadOnlyList<RecordedRead> reads, string encoding, int step, out bool isReadable, out bool isEnded)
    {
        (isReadable, isEnded) = (false, false);
        var unpacked = new List<RecordedRead>();
        using var packed = new Source(reads);
        using Stream? body = encoding.Trim().ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
            _ => null,
        };
        if (body is null)
            return unpacked;
        byte[] buffer = new byte[step];
        var piece = new ArrayBufferWriter<byte>();
        long at = 0;
        int length = 0;
        try
        {
            while (length <= LongestBody)
            {
                int count = body.Read(buffer);
                if (count == 0)
                {
                    (isReadable, isEnded) = (true, !packed.IsDrained);
                    break;
                }
                if (packed.At != at)
                    End();
                at = packed.At;
                piece.Write(buffer.AsSpan(0, count));
                length += count;
            }
        }
        // Broken Brotli is an InvalidOperationException there (measured on .NET 10.0.12).
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
        }
        End();
        return unpacked;

        void End()
        {
            if (piece.WrittenCount > 0)
                unpacked.Add(new RecordedRead(at, piece.WrittenSpan.ToArray()));
            piece.ResetWrittenCount();
        }
    }

    // Gives the reads one by one, and knows when the last one came.
    private sealed class Source(IReadOnlyList<RecordedRead> reads) : ReadOnlyBody
    {
        private int _read;
        private int _place;

        public long At { get; private set; }

        /// <summary>Whether more was asked for than there is.</summary>
        public bool IsDrained { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            while (_read < reads.Count && _place == reads[_read].Bytes.Length)
                (_read, _place) = (_read + 1, 0);
            if (_read == reads.Count)
            {
                IsDrained = true;
                return 0;
            }
            At = reads[_read].At;
            int count = Math.Min(buffer.Length, reads[_read].Bytes.Length - _place);
            reads[_read].Bytes.AsSpan(_place, count).CopyTo(buffer);
            _place += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
    }
}
