using RawLlm.Cli.Demo;
using RawLlm.Protocols;

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

    /// <summary>How its clients behave.</summary>
    public LlmClientOptions Options { get; init; } = LlmClientOptions.Default;

    /// <summary>The models of a local server, when finding it has listed them.</summary>
    public IReadOnlyList<ModelInfo>? Models { get; init; }

    /// <summary>The demonstration, when it is what is asked.</summary>
    public DemoServer? Demo { get; init; }

    /// <summary>The model to ask, where that is known without asking the service for its models.</summary>
    public string? KnownModel(string? given) => given ?? Provider.DefaultModel ?? (Models is null ? null : First(Models));

    /// <summary>The model to ask: the one given, the service's usual one, or the first that it lists.</summary>
    /// <exception cref="LlmException">The list was needed and did not come.</exception>
    /// <exception cref="UsageException">The service lists none.</exception>
    public async Task<string> ChooseModelAsync(string? given, CancellationToken cancellationToken)
    {
        if (KnownModel(given) is { } known)
            return known;
        var models = Models ?? await ListModelsAsync(cancellationToken).ConfigureAwait(false);
        return First(models) ?? throw new UsageException($"{Provider.Title} lists no models. Name one with --model.");
    }

    /// <summary>The models that the service lists.</summary>
    public async Task<IReadOnlyList<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken)
    {
        using var client = CreateClient("any");
        return await client.ListModelsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same with a key that nobody holds, for requests that are shown and never sent: whatever shows them writes the key's variable.</summary>
    public Target WithoutKey() =>
        Provider.Credential.WithKey(Guid.NewGuid().ToString("N")) is { } credential ? this with { Provider = Provider with { Credential = credential }, Problem = null } : this;

    /// <exception cref="LlmException">The set-up cannot work.</exception>
    public LlmClient CreateClient(string model)
    {
        if (Problem is { } problem)
            throw new LlmException(LlmErrorKind.InvalidConfiguration, problem.Text) { Provider = Provider.Name, Phase = LlmPhase.Configure };
        return new LlmClient(Provider, model, Options);
    }

    /// <summary>The address that a prompt goes to.</summary>
    public string ChatAddress(string model, bool isStream) => Address(wire => Provider.Protocol.WriteRequest(ChatRequest.Ask("?") with { Model = model }, isStream, wire));

    /// <summary>The address of the list of models.</summary>
    public string ListAddress => Provider.ModelsAddress() is { } address ? AddressText.Of(address) : Address(wire => Provider.Protocol.WriteModelsRequest(wire));

    private string Address(Action<WireRequest> write)
    {
        using var wire = new WireRequest { BaseUrl = Provider.BaseUrl };
        try
        {
            write(wire);
        }
        catch (Exception e) when (e is LlmException or ArgumentException or InvalidOperationException)
        {
            // The call itself says so.
        }
        return AddressText.Of(wire.Url ?? Provider.BaseUrl);
    }

    /// <summary>The first model of a list that is to be asked; null where it is empty.</summary>
    // Local servers list models for embeddings among the others (LM Studio always has one), and those cannot answer.
    public static string? First(IReadOnlyList<ModelInfo> models) =>
        (models.FirstOrDefault(model => !model.Id.Contains("embed", StringComparison.OrdinalIgnoreCase)) ?? models.FirstOrDefault())?.Id;

    public async ValueTask DisposeAsync()
    {
        if (Demo is not null)
            await Demo.DisposeAsync().ConfigureAwait(false);
    }
}
