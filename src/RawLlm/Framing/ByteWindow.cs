using System.Buffers;
using System.Runtime.InteropServices;

namespace RawLlm.Framing;

/// <summary>A buffer that is filled at its end and consumed at its start. It holds an array only while it holds bytes.</summary>
internal sealed class ByteWindow : IBufferWriter<byte>, IDisposable
{
    private const int SmallestRent = 4096;

    // Leaves room for one more read before the array reaches the maximum length.
    private static readonly int HighestCeiling = Array.MaxLength - (64 << 10);

    private byte[] _array = [];
    private int _start;
    private int _end;
    private bool _isLent;
    private bool _isDisposed;

    /// <summary>Creates a window that grows as needed.</summary>
    public ByteWindow()
        : this(int.MaxValue) { }

    /// <summary>Creates a window whose owner stops filling it once it holds more than a limit.</summary>
    /// <param name="ceiling">The limit. The array does not double beyond it. It is not enforced: larger requests are still granted.</param>
    public ByteWindow(int ceiling)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ceiling);
        Ceiling = Math.Min(ceiling, HighestCeiling);
    }

    /// <summary>The limit; always low enough that an array can hold what is read beyond it.</summary>
    public int Ceiling { get; }

    /// <summary>The bytes that were written and not yet consumed; valid until the next write.</summary>
    public ReadOnlySpan<byte> Unread => _array.AsSpan(_start, _end - _start);

    /// <summary>Returns a part of the unread bytes.</summary>
    public ReadOnlySpan<byte> Lent(int start, int length) => new(_array, _start + start, length);

    /// <summary>Returns the bytes after those that are about to be consumed.</summary>
    public ReadOnlySpan<byte> After(int consumed) => _array.AsSpan(_start + consumed, _end - _start - consumed);

    /// <summary>The unread bytes as memory; valid until the next write.</summary>
    public ReadOnlyMemory<byte> UnreadMemory => _array.AsMemory(_start, _end - _start);

    /// <summary>The number of unread bytes.</summary>
    public int UnreadLength => _end - _start;

    /// <summary>Whether the bytes are in the caller's own array (<see cref="Append"/>).</summary>
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

    /// <summary>Takes bytes without copying them if nothing is unread and they are in an array; otherwise copies them.</summary>
    /// <param name="bytes">The bytes, which must not change until they are consumed, or until the next write.</param>
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

    /// <summary>
    /// Copies the unread bytes if they were taken without copying. After that, the window no longer uses the caller's array.
    /// </summary>
    public void Release()
    {
        if (!_isLent)
            return;
        if (_start == _end)
            Return();
        else
            MakeRoom(1);
    }

    /// <summary>Removes bytes from the start.</summary>
    public void Consume(int count)
    {
        if ((uint)count > (uint)UnreadLength)
            ThrowTooMany(count);
        _start += count;
        if (_start == _end)
            _start = _end = 0;
    }

    /// <summary>Returns the array to the pool if nothing is unread, so that a waiting stream holds none.</summary>
    public void ReleaseIfEmpty()
    {
        if (_start == _end)
            Return();
    }

    /// <summary>Returns the array to the pool; a second call does nothing.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Return();
    }

    private static void ThrowTooMany(int count) =>
        throw new ArgumentOutOfRangeException(nameof(count), count, "Cannot consume more bytes than are unread.");

    private static void ThrowTooLong() => throw new InvalidOperationException("The unread bytes are longer than an array can be: 2 GiB.");

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
        // Moving pays off only if it frees at least half of the array, or if no larger array would be rented.
        // A frame that arrives in small pieces is then moved a bounded number of times.
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

    // Doubles the size, but the last step before the ceiling goes just past it: with a limit of 32 MiB, an endless line costs 64 MiB, not
    // 128.
    private int SizeFor(int unread, int needed)
    {
        if (unread > Array.MaxLength - needed)
            ThrowTooLong();
        int minSize = unread + needed;
        long size = unread < Ceiling && 2L * unread >= Ceiling ? (long)Ceiling + Math.Max(needed, SmallestRent) : 2L * unread;
        return (int)Math.Min(Math.Max(Math.Max(size, minSize), SmallestRent), Math.Max(minSize, Array.MaxLength));
    }
}
