using System.Buffers;
using System.Runtime.InteropServices;

namespace RawLlm.Framing;

/// <summary>A lent buffer that is filled at its end and consumed at its start; it holds an array only while it holds bytes.</summary>
internal sealed class ByteWindow : IBufferWriter<byte>, IDisposable
{
    private const int SmallestRent = 4096;

    // Behind it there is still room for a read before the array is as long as one can be.
    private static readonly int HighestCeiling = Array.MaxLength - (64 << 10);

    private byte[] _array = [];
    private int _start;
    private int _end;
    private bool _isLent;
    private bool _isDisposed;

    /// <summary>Makes a window that grows as far as it must.</summary>
    public ByteWindow()
        : this(int.MaxValue)
    {
    }

    /// <summary>Makes a window whose owner stops filling it once it holds more than a bound.</summary>
    /// <param name="ceiling">The bound; the array does not double past it. Not enforced: what is asked for beyond it is given.</param>
    public ByteWindow(int ceiling)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ceiling);
        Ceiling = Math.Min(ceiling, HighestCeiling);
    }

    /// <summary>The bound; never so high that no array could hold what is read beyond it.</summary>
    public int Ceiling { get; }

    /// <summary>The bytes that were written and not consumed; valid until the next write.</summary>
    public ReadOnlySpan<byte> Unread => _array.AsSpan(_start, _end - _start);

    /// <summary>A part of the unread bytes.</summary>
    public ReadOnlySpan<byte> Lent(int start, int length) => new(_array, _start + start, length);

    /// <summary>The bytes behind those that are about to be consumed.</summary>
    public ReadOnlySpan<byte> After(int consumed) => _array.AsSpan(_start + consumed, _end - _start - consumed);

    /// <summary>The same, to be kept until the next write.</summary>
    public ReadOnlyMemory<byte> UnreadMemory => _array.AsMemory(_start, _end - _start);

    /// <summary>How many bytes were written and not consumed.</summary>
    public int UnreadLength => _end - _start;

    /// <summary>True while the bytes are the caller's own, who had all of them at once.</summary>
    public bool IsLent => _isLent;

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
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_isLent ? 0 : _array.Length - _end), nameof(count));
        _end += count;
    }

    /// <summary>Takes bytes without copying them, if nothing is unread and they lie in an array; copies them otherwise.</summary>
    /// <param name="bytes">Not to be changed until they are consumed, or until the next write.</param>
    public void Append(ReadOnlyMemory<byte> bytes)
    {
        if (_start == _end && MemoryMarshal.TryGetArray(bytes, out var segment))
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Return();
            _array = segment.Array!;
            _start = segment.Offset;
            _end = segment.Offset + segment.Count;
            _isLent = true;
            return;
        }
        bytes.Span.CopyTo(GetSpan(bytes.Length));
        _end += bytes.Length;
    }

    /// <summary>Copies what is unread of bytes that were taken without copying: from here on they are their owner's alone.</summary>
    public void LetGo()
    {
        if (!_isLent)
            return;
        if (_start == _end)
            Return();
        else
            MakeRoom(1);
    }

    /// <summary>Drops bytes at the start.</summary>
    public void Consume(int count)
    {
        if ((uint)count > (uint)UnreadLength)
            ThrowTooMany(count);
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

    private static void ThrowTooMany(int count) =>
        throw new ArgumentOutOfRangeException(nameof(count), count, "More than is unread cannot be consumed.");

    private static void ThrowTooLong() =>
        throw new InvalidOperationException("More bytes were written and not consumed than an array can hold: 2 GiB.");

    private void Return()
    {
        byte[] array = _array;
        _array = [];
        _start = _end = 0;
        if (!_isLent)
            ByteArrays.Return(array);
        _isLent = false;
    }

    private void Reserve(int sizeHint)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int needed = Math.Max(sizeHint, 1);
        if (_isLent || _array.Length - _end < needed)
            MakeRoom(needed);
    }

    private void MakeRoom(int needed)
    {
        int unread = UnreadLength;
        int size = SizeFor(unread, needed);
        // Moving pays only while it frees at least half of the array, or while no larger one would be taken:
        // a frame that arrives in drips is then moved a bounded number of times.
        if (!_isLent && _array.Length - unread >= needed && (_start >= _array.Length / 2 || size <= _array.Length))
        {
            Unread.CopyTo(_array);
        }
        else
        {
            byte[] larger = ByteArrays.Rent(size);
            Unread.CopyTo(larger);
            if (!_isLent)
                ByteArrays.Return(_array);
            _isLent = false;
            _array = larger;
        }
        _start = 0;
        _end = unread;
    }

    // Doubling, but the last step before the ceiling goes right past it: with a bound of 32 MiB an endless line costs 64 MiB, not 128.
    private int SizeFor(int unread, int needed)
    {
        if (unread > Array.MaxLength - needed)
            ThrowTooLong();
        int least = unread + needed;
        long size = unread < Ceiling && 2L * unread >= Ceiling ? (long)Ceiling + Math.Max(needed, SmallestRent) : 2L * unread;
        return (int)Math.Min(Math.Max(Math.Max(size, least), SmallestRent), Math.Max(least, Array.MaxLength));
    }
}
