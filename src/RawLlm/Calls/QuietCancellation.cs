namespace RawLlm;

/// <summary>Cancellation in places where no caller is left to receive an exception.</summary>
internal static class QuietCancellation
{
    /// <summary>Cancels a source; one that is disposed, even at the same moment, has nothing left to end.</summary>
    /// <remarks>
    /// Callbacks that other code registered with the token may throw, such as those of a handler that was passed in, or of a tool.
    /// Everything else is canceled all the same.
    /// </remarks>
    public static void CancelQuietly(this CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException) { }
        catch (AggregateException) { }
    }
}
