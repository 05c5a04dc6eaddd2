using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>An enumerator that either of two tokens cancels. The exception names the token that was canceled, not the linked one.</summary>
internal sealed class JoinedEnumerator<T>(
    CancellationToken first,
    CancellationToken second,
    CancellationTokenSource joined,
    IAsyncEnumerator<T> inner
) : IAsyncEnumerator<T>
{
    public T Current => inner.Current;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync()
    {
        try
        {
            return await inner.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (e.CancellationToken == joined.Token)
        {
            throw new OperationCanceledException(first.IsCancellationRequested ? first : second);
        }
    }

    public async ValueTask DisposeAsync()
    {
        joined.Dispose();
        await inner.DisposeAsync().ConfigureAwait(false);
    }
}
