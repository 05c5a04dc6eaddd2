using System.Threading.Tasks.Sources;
using RawLlm.Tests.Support;
using RawLlm.Traffic;

namespace RawLlm.Tests.Allocation;

/// <summary>
/// Suspends every read without allocating. The read completes when <see cref="Release"/> is called or, if <paramref name="pooled"/> is
/// true, on a thread of the pool.
/// </summary>
internal sealed class SuspendingStream(TrafficShape shape, ReadPattern reads, bool pooled)
    : ReadOnlyStream,
        IValueTaskSource<int>,
        IThreadPoolWorkItem
{
    private readonly TrafficStream _bytes = new(shape, reads);
    private ManualResetValueTaskSourceCore<int> _source;
    private Memory<byte> _buffer;

    public int ReadCount => _bytes.ReadCount;

    public bool IsWaiting { get; private set; }

    /// <summary>Completes the pending read; its continuations run before this method returns.</summary>
    public void Release()
    {
        IsWaiting = false;
        _source.SetResult(_bytes.Read(_buffer.Span));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _buffer = buffer;
        _source.Reset();
        IsWaiting = true;
        if (pooled)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return new(this, _source.Version);
    }

    void IThreadPoolWorkItem.Execute() => Release();

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _source.OnCompleted(continuation, state, token, flags);
}
