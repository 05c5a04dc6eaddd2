namespace RawLlm.Transport;

/// <summary>Counts the bytes that are read of a body.</summary>
internal sealed class CountedBody(Stream body) : Stream
{
    private const int LargestRead = 4096;

    public long Count { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // In small steps, so that what one step unpacks to is seen before the next.
        int count = await body.ReadAsync(buffer.Length > LargestRead ? buffer[..LargestRead] : buffer, cancellationToken).ConfigureAwait(false);
        Count += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
    }
}
