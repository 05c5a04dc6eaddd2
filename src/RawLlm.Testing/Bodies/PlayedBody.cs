namespace RawLlm.Testing;

/// <summary>A body that comes as its steps say.</summary>
internal sealed class PlayedBody(IReadOnlyList<BodyStep> steps, TimeProvider time) : Stream
{
    private readonly CancellationTokenSource _closed = new();
    private int _step;
    private int _sent;

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
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfClosed();
            if (_step == steps.Count || buffer.IsEmpty)
                return 0;
            var step = steps[_step];
            switch (step.Kind)
            {
                case BodyStepKind.Bytes:
                    int count = Math.Min(buffer.Length, step.Bytes.Length - _sent);
                    step.Bytes.Slice(_sent, count).CopyTo(buffer);
                    _sent += count;
                    if (_sent == step.Bytes.Length)
                        (_step, _sent) = (_step + 1, 0);
                    if (count > 0)
                        return count;
                    break;
                case BodyStepKind.Wait:
                    await WaitAsync(step.Delay, cancellationToken).ConfigureAwait(false);
                    _step++;
                    break;
                case BodyStepKind.WaitForever:
                    await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    // It stays: a body that has failed fails again.
                    throw step.Failure!();
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Not disposed itself: a read may still wait by it.
        if (disposing)
            _closed.Cancel();
        base.Dispose(disposing);
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        try
        {
            await Task.Delay(delay, time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfClosed();
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed.IsCancellationRequested)
            throw new IOException("The body was closed by the side that reads it.");
    }
}
