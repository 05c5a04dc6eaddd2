using RawLlm.Cli.Demo;
using RawLlm.Protocols;

namespace RawLlm.Cli.Targets;

/// <summary>The service to ask, and why it was chosen.</summary>
/// <param name="Provider">The service.</param>
/// <param name="Reason">Why it was chosen, as the end of a sentence; null if the command line named it.</param>
internal sealed record Target(Provider Provider, string? Reason) : IAsyncDisposable
{
    /// <summary>The variable that the API key came from, or would come from.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>The problem that prevents asking the service; null if none is known.</summary>
    public TargetProblem? Problem { get; init; }

    /// <summary>The variable of the API key, if it is not set and a random key is used instead in a request that is only printed.</summary>
    public string? MissingKey { get; init; }

    /// <summary>The options of its clients.</summary>
    public LlmClientOptions Options { get; init; } = LlmClientOptions.Default;

    /// <summary>The models of a local server, if the search for it has listed them.</summary>
    public IReadOnlyList<ModelInfo>? Models { get; init; }

    /// <summary>The demonstration server, if that is the service to ask.</summary>
    public DemoServer? Demo { get; init; }

    /// <summary>The model to ask, if it is known without asking the service for its models.</summary>
    public string? KnownModel(string? given) => given ?? Provider.DefaultModel ?? (Models is null ? null : First(Models));

    /// <summary>Chooses the model to ask: the one given, the service's default model, or the first that it lists.</summary>
    /// <exception cref="LlmException">The list was needed and could not be read, or is empty.</exception>
    public async Task<string> ChooseModelAsync(string? given, CancellationToken cancellationToken)
    {
        if (KnownModel(given) is { } known)
            return known;
        var models = Models ?? await ListModelsAsync(cancellationToken).ConfigureAwait(false);
        return First(models)
            ?? throw new LlmException(LlmErrorKind.NotFound, $"{Provider.Title} lists no models.")
            {
                Provider = Provider.Name,
                Phase = LlmPhase.Configure,
            };
    }

    /// <summary>Chooses the model for embeddings: the one given, or the first in the service's list that seems to be made for
    /// them.</summary>
    /// <exception cref="LlmException">The list was needed and could not be read, or contains no such model.</exception>
    public async Task<string> ChooseEmbeddingModelAsync(string? given, CancellationToken cancellationToken)
    {
        if (given is not null)
            return given;
        var models = Models ?? await ListModelsAsync(cancellationToken).ConfigureAwait(false);
        return FirstForEmbeddings(models)
            ?? throw new LlmException(
                LlmErrorKind.NotFound,
                models.Count == 0
                    ? $"{Provider.Title} lists no models."
                    : $"None of the {models.Count} models that {Provider.Title} lists is known to make embeddings."
            )
            {
                Provider = Provider.Name,
                Phase = LlmPhase.Configure,
            };
    }

    /// <summary>Reads the models that the service lists.</summary>
    public async Task<IReadOnlyList<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken)
    {
        using var client = CreateClient("any");
        return await client.ListModelsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the target with a random API key, for requests that are printed and never sent: the output shows the key's variable instead.
    /// </summary>
    public Target WithoutKey() =>
        Provider.Credential.WithKey(RandomKey()) is { } credential
            ? this with
            {
                Provider = Provider with { Credential = credential },
                Problem = null,
            }
            : this;

    /// <summary>Returns a random key, which the output can replace wherever it appears.</summary>
    public static string RandomKey() => Guid.NewGuid().ToString("N");

    /// <exception cref="LlmException">The configuration cannot work.</exception>
    public LlmClient CreateClient(string model)
    {
        if (Problem is { } problem)
        {
            throw new LlmException(LlmErrorKind.InvalidConfiguration, problem.Text)
            {
                Provider = Provider.Name,
                Phase = LlmPhase.Configure,
            };
        }

        return new LlmClient(Provider, model, Options);
    }

    /// <summary>The address that a prompt goes to.</summary>
    public string ChatAddress(string model, bool isStream) =>
        Address(wire => Provider.Protocol.WriteRequest(ChatRequest.Ask("?") with { Model = model }, isStream, wire));

    /// <summary>The address that texts go to for their embeddings.</summary>
    public string EmbeddingAddress(string model) =>
        Address(wire => Provider.Protocol.WriteEmbeddingRequest(new EmbeddingRequest(["?"]) { Model = model }, wire));

    /// <summary>The address of the list of models.</summary>
    public string ListAddress =>
        Provider.ModelsAddress() is { } address ? AddressText.Of(address) : Address(wire => Provider.Protocol.WriteModelsRequest(wire));

    private string Address(Action<WireRequest> write)
    {
        using var wire = new WireRequest { BaseUrl = Provider.BaseUrl };
        try
        {
            write(wire);
        }
        catch (Exception e) when (e is LlmException or ArgumentException or InvalidOperationException)
        {
            // The call itself reports this.
        }
        return AddressText.Of(wire.Url ?? Provider.BaseUrl);
    }

    /// <summary>The first model of a list that can be asked; null if the list is empty.</summary>
    // Local servers also list embedding models (LM Studio always has one), which cannot answer.
    public static string? First(IReadOnlyList<ModelInfo> models) =>
        (models.FirstOrDefault(static model => !IsForEmbeddings(model)) ?? models.FirstOrDefault())?.Id;

    /// <summary>The first model of a list that makes embeddings; null if none is known to.</summary>
    // A server with a single model, such as llama.cpp, may have been started for embeddings.
    private static string? FirstForEmbeddings(IReadOnlyList<ModelInfo> models) =>
        (models.FirstOrDefault(IsForEmbeddings) ?? (models.Count == 1 ? models[0] : null))?.Id;

    private static bool IsForEmbeddings(ModelInfo model) =>
        model.Id.Contains("embed", StringComparison.OrdinalIgnoreCase)
        || model.OutputModalities.Any(static output => output.StartsWith("embedding", StringComparison.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync()
    {
        if (Demo is not null)
            await Demo.DisposeAsync().ConfigureAwait(false);
    }
}
