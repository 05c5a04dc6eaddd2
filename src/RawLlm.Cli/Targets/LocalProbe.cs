namespace RawLlm.Cli.Targets;

/// <summary>Asks whether a server of models runs on this machine.</summary>
internal static class LocalProbe
{
    // A closed port refuses at once, a server of models lists them in milliseconds. The bound is for a server of something else that
    // never answers, and leaves room for the program's own first call (0.2 s cold on a busy machine).
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);

    private static readonly LlmClientOptions Options = new() { Retries = LlmRetries.None };

    /// <summary>The server's models; null when nothing there lists models in time.</summary>
    public static Task<IReadOnlyList<ModelInfo>?> ListAsync(Provider provider, CancellationToken cancellationToken) => ListAsync(provider, Deadline, cancellationToken);

    /// <summary>The same with another bound, for tests on machines that are busy.</summary>
    internal static async Task<IReadOnlyList<ModelInfo>?> ListAsync(Provider provider, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            using var client = new LlmClient(provider, "any", Options);
            return await client.ListModelsAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LlmException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
