namespace RawLlm;

/// <summary>Asks a hook on the pool, as functions are run: one that blocks or heeds no token is left behind where the loop ends.</summary>
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
            LeaveBehind(asked);
        }
    }

    /// <summary>What it says later is nobody's error.</summary>
    public static void LeaveBehind(Task run)
    {
        if (!run.IsCompletedSuccessfully)
            _ = run.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
