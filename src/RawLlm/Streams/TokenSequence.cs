namespace RawLlm;

/// <summary>A sequence made with a token that its loop may bring another one to. The compiler's own way would throw with a token that nobody knows.</summary>
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
