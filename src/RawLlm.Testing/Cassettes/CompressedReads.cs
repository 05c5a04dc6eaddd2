using System.Buffers;
using System.IO.Compression;

namespace RawLlm.Testing;

/// <summary>Decompresses the reads of a body: secrets cannot be found in compressed bytes.</summary>
internal static class CompressedReads
{
    // A client could not read a larger body either.
    private const int LongestBody = 1 << 26;

    /// <summary>Decompresses reads. Each read keeps its own part of the body; reads that yield no bytes are left out.</summary>
    /// <param name="reads">The reads as they arrived.</param>
    /// <param name="encoding">The value of <c>Content-Encoding</c>.</param>
    /// <param name="isReadable">False if the body is broken, too long, or compressed with anything but gzip, Brotli or deflate.</param>
    /// <param name="isEnded">Whether the compressed data contains its own end, after which readers stop.</param>
    public static List<RecordedRead> Unpack(IReadOnlyList<RecordedRead> reads, string encoding, out bool isReadable, out bool isEnded)
    {
        var unpacked = Unpack(reads, encoding, 8192, out isReadable, out isEnded);
        // At broken bytes a decompressor discards what it has found in the same read, so the second pass reads one byte at a time.
        return isReadable ? unpacked : Unpack(reads, encoding, 1, out _, out _);
    }

    private static List<RecordedRead> Unpack(
        IReadOnlyList<RecordedRead> reads,
        string encoding,
        int step,
        out bool isReadable,
        out bool isEnded
    )
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
        // BrotliStream reports broken data as an InvalidOperationException (measured on .NET 10.0.12).
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException) { }
        End();
        return unpacked;

        void End()
        {
            if (piece.WrittenCount > 0)
                unpacked.Add(new RecordedRead(at, piece.WrittenSpan.ToArray()));
            piece.ResetWrittenCount();
        }
    }

    // Returns the reads one by one, and knows when the current one arrived.
    private sealed class Source(IReadOnlyList<RecordedRead> reads) : ReadOnlyBody
    {
        private int _read;
        private int _place;

        public long At { get; private set; }

        /// <summary>Whether a read was attempted after the last byte.</summary>
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

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));
    }
}
