using System.Diagnostics;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Latency;

/// <summary>
/// Returns one chunk per read and records when each read ends; for cold caches, it walks through memory before each read.
/// </summary>
internal sealed class ColdStream(TrafficShape shape, byte[]? walk) : Stream
{
    private int _position;
    private int _write;

    /// <summary>The time at which the last read ended.</summary>
    public long ReadAt { get; private set; }

    /// <summary>Prevents the compiler from removing the walk.</summary>
    public long Sum { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0)
            return 0;
        if (walk is not null)
        {
            long sum = 0;
            for (int i = 0; i < walk.Length; i += 64)
                sum += walk[i]++;
            Sum += sum;
        }
        var rest = shape.Bytes.Span[_position..];
        int count = Math.Min(buffer.Length, rest.Length);
        if (count > 0)
            count = Math.Min(count, shape.WriteEnds[_write] - _position);
        rest[..count].CopyTo(buffer);
        _position += count;
        if (count > 0 && _position == shape.WriteEnds[_write])
            _write++;
        ReadAt = Stopwatch.GetTimestamp();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
