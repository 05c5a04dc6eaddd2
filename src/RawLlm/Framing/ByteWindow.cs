using System.Buffers;

namespace RawLlm.Framing;

/// <summary>A pooled buffer that is filled at its end and consumed at its start; it holds an array only while it holds bytes.</summary>
public sealed class ByteWindow : IBufferWriter<byte>, IDisposable
{
    private const int SmallestRent = 4096;

    private byte[] _array = [];
    private int _start;
    private int _end;
    private bool _isDisposed;

    /// <summary>The bytes that were written and not consumed; valid until the next write.</summary>
    public ReadOnlySpan<byte> Unread => _array.AsSpan(_start, _end - _start);

    /// <summary>How many bytes were written and not consumed.</summary>
    public int UnreadLength => _end - _start;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(_end);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - _end), nameof(count));
        _end += count;
    }

    /// <summary>Drops bytes at the start.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)UnreadLength, nameof(count));
        _start += count;
        if (_start == _end)
            _start = _end = 0;
    }

    /// <summary>Gives the array back while nothing is unread, so that a waiting stream holds none.</summary>
    public void ReleaseIfEmpty()
    {
        if (_start == _end)
            Return();
    }

    /// <summary>Gives the array back; a second call does nothing.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Return();
    }

    private void Return()
    {
        byte[] array = _array;
        _array = [];
        _start = _end = 0;
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
    }

    private void Reserve(int sizeHint)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int needed = Math.Max(sizeHint, 1);
        if (_array.Length - _end >= needed)
            return;
        int unread = UnreadLength;
        // Moving pays only while it frees at least half of the array: a frame that arrives in drips is then moved a bounded number of times.
        if (_start >= _array.Length / 2 && _array.Length - unread >= needed)
        {
            Unread.CopyTo(_array);
        }
        else
        {
            int size = Math.Max(SmallestRent, Math.Max(checked(unread + needed), (int)Math.Min(2L * unread, Array.MaxLength)));
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            Unread.CopyTo(larger);
            if (_array.Length > 0)
                ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }
        _start = 0;
        _end = unread;
    }
}
