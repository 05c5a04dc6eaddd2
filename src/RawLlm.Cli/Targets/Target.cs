using RawLlm.Cli.Demo;

namespace RawLlm.Cli.Targets;

/// <summary>The service that is asked, and why this one.</summary>
/// <param name="Provider">The service.</param>
/// <param name="Reason">Why it was taken, as the end of a sentence; null when the command line named it.</param>
internal sealed record Target(Provider Provider, string? Reason) : IAsyncDisposable
{
    /// <summary>The variable that the key came from, or would come from.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>What keeps the service from being asked; null when nothing is known to.</summary>
    public TargetProblem? Problem { get; init; }

    /// <summary>The models of a local server, when finding it has listed them.</summary>
    public IReadOnlyList<ModelInfo>? Models { get; init; }

    /// <summary>The demonstration, when it is what is asked.</summary>
    public DemoServer? Demo { get; init; }

    /// <summary>The model to ask: the one given, the service's usual one, or the first that it lists.</summary>
    /// <exception cref="LlmException">The list was needed and did not come.</exception>
    /// <exception cref="UsageException">The service lists none.</exception>
    public async Task<string> ChooseModelAsync(string? given, CancellationToken cancellationToken)
    {
        if ((given ?? Provider.DefaultModel) is { } known)
            return known;
        var models = Models ?? await ListModelsAsync(cancellationToken).ConfigureAwait(false);
        // Local servers list models for embeddings among the others (LM Studio always has one), and those cannot answer.
        var first = models.FirstOrDefault(model => !model.Id.Contains("embed", StringComparison.OrdinalIgnoreCase)) ?? models.FirstOrDefault();
        return first?.Id ?? throw new UsageException($"{Provider.Title} lists no models: name one with --model.");
    }

    /// <summary>The models that the service lists.</summary>
    public async Task<IReadOnlyList<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken)
    {
        using var client = CreateClient("any");
        return await client.ListModelsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="LlmException">The set-up cannot work.</exception>
    public LlmClient CreateClient(string model)
    {
        if (Problem is { } problem)
            throw new LlmException(LlmErrorKind.InvalidConfiguration, problem.Text) { Provider = Provider.Name, Phase = LlmPhase.Configure };
        return new LlmClient(Provider, model);
    }

    public async ValueTask DisposeAsync()
    {
        if (Demo is not null)
            await Demo.DisposeAsync().ConfigureAwait(false);
    }
}
