namespace RawLlm;

/// <summary>Cancelling where nobody is left whom an error of it could be told.</summary>
internal static class QuietCancellation
{
    /// <summary>Cancels; a source that is disposed, or was at the same moment, has nothing left to end.</summary>
    /// <remarks>What somebody else has registered with the token may throw: a handler that was handed in, or a function. The rest is cancelled all the same.</remarks>
    public static void CancelQuietly(this CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
        catch (AggregateException)
        {
        }
    }
}
