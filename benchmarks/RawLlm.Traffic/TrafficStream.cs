namespace RawLlm.Traffic;

/// <summary>
/// Returns a shape's bytes as they would arrive; every read completes at once and allocates nothing. Can be read again after
/// <see cref="Rewind"/>, even if it was disposed.
/// </summary>
public sealed class TrafficStream(TrafficShape shape, ReadPattern reads) : Stream
{
    private int _position;
    private int _write;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The number of reads, including the empty one at the end.</summary>
    public int ReadCount { get; private set; }

    /// <summary>Starts again from the beginning.</summary>
    public void Rewind() => _position = _write = ReadCount = 0;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        ReadCount++;
        var rest = shape.Bytes.Span[_position..];
        int count = Math.Min(buffer.Length, rest.Length);
        if (reads.Size > 0)
            count = Math.Min(count, reads.Size);
        else if (count > 0)
            count = Math.Min(count, shape.WriteEnds[_write] - _position);
        rest[..count].CopyTo(buffer);
        _position += count;
        if (reads.Size == 0 && count > 0 && _position == shape.WriteEnds[_write])
            _write++;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
