using System.Runtime.CompilerServices;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream that may continue elsewhere: its contents are recorded while it is read.</summary>
/// <remarks>
/// A second decoder reads the same bytes, so that the stream's own decoder has no extra work. A stream asks for more bytes only after all
/// earlier events were delivered: whenever it breaks, what was recorded is what was delivered.
/// </remarks>
internal sealed class ObservedBody(Stream body, DeliveredAnswerObserver observer) : WrappedBody(body)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        // A read of no bytes only waits for some.
        if (buffer.Length > 0)
            Observe(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        lock (observer)
            observer.Dispose();
        base.Dispose(disposing);
    }

    // A body that ignores tokens is disposed during a read.
    private void Observe(ReadOnlySpan<byte> bytes)
    {
        lock (observer)
        {
            if (bytes.IsEmpty)
                observer.Complete();
            else
                observer.Feed(bytes);
            if (observer.IsOver)
                observer.Dispose();
        }
    }
}
