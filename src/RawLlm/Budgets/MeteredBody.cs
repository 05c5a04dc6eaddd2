using System.Runtime.CompilerServices;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream to which budgets apply: tokens are counted while it is read, and the cost once it has ended.</summary>
/// <remarks>
/// A second decoder reads the same bytes, which doubles the decoding time, but only if there is a budget. It sees the end as soon as the
/// last bytes have arrived. What has arrived is always delivered, because it is paid for; the next read throws the error.
/// </remarks>
internal sealed class MeteredBody(Stream body, StreamProbe probe, Reservation reservation, decimal? reported) : WrappedBody(body)
{
    private readonly Lock _lock = new();
    private bool _isSettled;
    private bool _isOver;

    // A stream that is never disposed would keep its part of the budget reserved forever.
    ~MeteredBody()
    {
        try
        {
            Dispose(disposing: false);
        }
        catch (Exception)
        {
            // The budget's clock may be the caller's: its exceptions cannot be reported to anyone, and must not end the process.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isOver)
            throw Reservation.Exceeded(probe.Tokens);
        int count = await Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        // A read of no bytes only waits for some.
        if (buffer.Length > 0)
            Observe(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            if (!_isSettled)
            {
                _isSettled = true;
                // A search that ran is paid for, whatever its outcome: the attempt uses the same rule to say that it may be billed.
                if (probe is { HasEvent: false, Failure.MayBeBilled: false })
                    reservation.Release();
                else
                    reservation.SettleUnknown(probe.Tokens);
                if (disposing)
                    probe.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    // A body that ignores tokens is disposed during a read.
    private void Observe(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isSettled)
                return;
            if (bytes.IsEmpty)
                probe.Complete();
            else
                probe.Feed(bytes);
            if (probe.IsEnded)
            {
                _isSettled = true;
                reservation.Settle(probe.Usage, probe.Model, reported, probe.Tokens);
                probe.Dispose();
                GC.SuppressFinalize(this);
            }
            else
            {
                _isOver = !reservation.Covers(probe.Tokens);
            }
        }
    }
}
