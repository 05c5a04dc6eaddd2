using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>What an adapter sends requests to: a client or a fallback chain.</summary>
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

    /// <summary>All clients that may be asked.</summary>
    public IReadOnlyList<LlmClient> All { get; }

    /// <summary>The client that is asked first.</summary>
    public LlmClient First => All[0];

    /// <summary>How the adapter behaves.</summary>
    public LlmAdapterOptions Options { get; }

    /// <summary>Returns the time by the clock of the first client.</summary>
    public DateTimeOffset Now() => First.Options.Time.GetUtcNow();

    /// <summary>Returns the usage convention of the client that answered.</summary>
    public UsageConvention Convention(string? provider)
    {
        for (int i = 1; i < All.Count; i++)
        {
            if (All[i].Provider.Name == provider)
                return All[i].Provider.Protocol.UsageConvention;
        }
        return First.Provider.Protocol.UsageConvention;
    }

    /// <summary>Sends a request and returns the whole answer.</summary>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken) =>
        _client is not null ? _client.SendAsync(request, cancellationToken) : _chain!.SendAsync(request, cancellationToken);

    /// <summary>Sends a request and returns the answer as a stream.</summary>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken) =>
        _client is not null ? _client.StreamAsync(request, cancellationToken) : _chain!.StreamAsync(request, cancellationToken);

    /// <summary>Returns the embeddings of texts.</summary>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken) =>
        _client is not null ? _client.EmbedAsync(request, cancellationToken) : _chain!.EmbedAsync(request, cancellationToken);

    /// <summary>Returns the client or the chain if it has the requested type; otherwise null.</summary>
    public object? Find(Type type) =>
        type == typeof(LlmClient) ? _client
        : type == typeof(FallbackChain) ? _chain
        : null;

    /// <summary>Disposes the clients if <see cref="LlmAdapterOptions.DisposeClients"/> is set.</summary>
    public void Dispose()
    {
        if (!Options.DisposeClients)
            return;
        foreach (var client in All)
            client.Dispose();
    }
}
