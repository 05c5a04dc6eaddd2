using System.Runtime.CompilerServices;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream that is held to budgets: what comes is counted while it is read, and what it cost once it has ended.</summary>
/// <remarks>
/// A second decoder reads the same bytes, which costs as much time again as decoding does, and only where there is a budget. It sees the end as soon as the last
/// bytes have come. What has come is handed on in any case, since it is paid for; the error is that of the read behind it.
/// </remarks>
internal sealed class MeteredBody(Stream body, StreamScout scout, Reservation held, decimal? reported) : WrappedBody(body)
{
    private readonly Lock _lock = new();
    private bool _isSettled;
    private bool _isOver;

    // A stream that nobody disposes would hold its part of the budget for ever.
    ~MeteredBody()
    {
        try
        {
            Dispose(disposing: false);
        }
        catch (Exception)
        {
            // A clock of the caller's own, which a budget asks, cannot be told of that, and the process must not end by it.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isOver)
            throw Reservation.Exceeded(scout.Tokens);
        int count = await Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        // A read of no bytes only waits for some.
        if (buffer.Length > 0)
            Look(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            if (!_isSettled)
            {
                _isSettled = true;
                // A search that ran is paid for, whatever came of it: by the same rule the attempt says that it may be billed.
                if (scout is { HasEvent: false, Failure.MayBeBilled: false })
                    held.Release();
                else
                    held.SettleUnknown(scout.Tokens);
                if (disposing)
                    scout.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    // A body is disposed beside a read where that heeds no token.
    private void Look(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isSettled)
                return;
            if (bytes.IsEmpty)
                scout.Complete();
            else
                scout.Feed(bytes);
            if (scout.IsEnded)
            {
                _isSettled = true;
                held.Settle(scout.Usage, scout.Model, reported, scout.Tokens);
                scout.Dispose();
                GC.SuppressFinalize(this);
            }
            else
            {
                _isOver = !held.Covers(scout.Tokens);
            }
        }
    }
}
