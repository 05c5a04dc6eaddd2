namespace RawLlm.Cli.Targets;

/// <summary>Checks whether a model server runs on this machine.</summary>
internal static class LocalProbe
{
    // A closed port refuses at once, and a model server lists its models within milliseconds. The limit is for an unrelated server that
    // never responds, and leaves room for the program's own first call (0.2 s cold on a busy machine).
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);

    private static readonly LlmClientOptions Options = new() { Retries = LlmRetries.None };

    /// <summary>Lists the server's models; null if nothing there lists models in time.</summary>
    public static Task<IReadOnlyList<ModelInfo>?> ListAsync(Provider provider, CancellationToken cancellationToken) =>
        ListAsync(provider, Deadline, cancellationToken);

    /// <summary>Does the same with another time limit, for tests on busy machines.</summary>
    internal static async Task<IReadOnlyList<ModelInfo>?> ListAsync(
        Provider provider,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
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
