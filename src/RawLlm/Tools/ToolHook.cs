namespace RawLlm;

/// <summary>
/// Calls a hook on the thread pool, where tools run too. A hook that blocks or ignores its token is abandoned when the loop ends.
/// </summary>
internal static class ToolHook
{
    public static async Task<T> AskAsync<T>(Func<Task<T>> hook, CancellationToken cancellationToken)
    {
        var asked = Task.Run(hook, CancellationToken.None);
        try
        {
            return await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            Abandon(asked);
        }
    }

    /// <summary>Abandons a task; an exception that it throws later is observed and ignored.</summary>
    public static void Abandon(Task run)
    {
        if (!run.IsCompletedSuccessfully)
        {
            _ = run.ContinueWith(
                static left => left.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }
}
