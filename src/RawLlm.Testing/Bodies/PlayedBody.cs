namespace RawLlm.Testing;

/// <summary>A response body that is delivered according to its steps.</summary>
internal sealed class PlayedBody(IReadOnlyList<BodyStep> steps, TimeProvider time) : ReadOnlyBody
{
    private readonly CancellationTokenSource _closed = new();
    private int _step;
    private int _sent;

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
                    // The step is not advanced: a body that failed fails again.
                    throw step.Failure!();
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        // Not disposed, because a read may still be waiting on it.
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
            throw new IOException("The body was closed by its reader.");
    }
}
