namespace RawLlm;

/// <summary>
/// A sequence created with a token, to which its loop may add another. A compiler-generated iterator would throw with a token that no
/// caller knows.
/// </summary>
internal sealed class TokenSequence<T>(CancellationToken own, Func<CancellationToken, IAsyncEnumerator<T>> begin) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (!cancellationToken.CanBeCanceled || cancellationToken == own)
            return begin(own);
        if (!own.CanBeCanceled)
            return begin(cancellationToken);
        var joined = CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken);
        return new JoinedEnumerator<T>(own, cancellationToken, joined, begin(joined.Token));
    }
}
