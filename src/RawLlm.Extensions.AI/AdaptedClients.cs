using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>Whom an adapter asks: a client, or several as one.</summary>
internal sealed class AdaptedClients : IDisposable
{
    private readonly LlmClient? _client;
    private readonly FallbackChain? _chain;

    public AdaptedClients(LlmClient client, LlmAdapterOptions? options)
        : this([client], options) => _client = client;

    public AdaptedClients(FallbackChain chain, LlmAdapterOptions? options)
        : this(chain.Clients, options) => _chain = chain;

    private AdaptedClients(IReadOnlyList<LlmClient> all, LlmAdapterOptions? options)
    {
        All = all;
        Options = options ?? LlmAdapterOptions.Default;
    }

    /// <summary>Who may be asked.</summary>
    public IReadOnlyList<LlmClient> All { get; }

    /// <summary>Who is asked first.</summary>
    public LlmClient First => All[0];

    /// <summary>How the adapter behaves.</summary>
    public LlmAdapterOptions Options { get; }

    /// <summary>The time by the clock of the first.</summary>
    public DateTimeOffset Now() => First.Options.Time.GetUtcNow();

    /// <summary>What the one of several that answered counts as input and output.</summary>
    public UsageConvention Convention(string? provider)
    {
        for (int i = 1; i < All.Count; i++)
        {
            if (All[i].Provider.Name == provider)
                return All[i].Provider.Protocol.UsageConvention;
        }
        return First.Provider.Protocol.UsageConvention;
    }

    /// <summary>Asks and gives the whole answer.</summary>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken) =>
        _client is not null ? _client.SendAsync(request, cancellationToken) : _chain!.SendAsync(request, cancellationToken);

    /// <summary>Asks and gives the answer as it comes.</summary>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken) =>
        _client is not null ? _client.StreamAsync(request, cancellationToken) : _chain!.StreamAsync(request, cancellationToken);

    /// <summary>Gives the vectors of texts.</summary>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken) =>
        _client is not null ? _client.EmbedAsync(request, cancellationToken) : _chain!.EmbedAsync(request, cancellationToken);

    /// <summary>The client or the chain, where that is the type that is wanted; else null.</summary>
    public object? Find(Type type) => type == typeof(LlmClient) ? _client : type == typeof(FallbackChain) ? _chain : null;

    /// <summary>Disposes the clients, where the adapter is to do so.</summary>
    public void Dispose()
    {
        if (!Options.DisposesClients)
            return;
        foreach (var client in All)
            client.Dispose();
    }
}
