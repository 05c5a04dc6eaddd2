using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI;

namespace RawLlm;

/// <summary>Adapters that expose clients and fallback chains to Microsoft.Extensions.AI.</summary>
public static class LlmAdapterExtensions
{
    /// <summary>Returns the client as an <see cref="IChatClient"/>. Thread-safe, like the client.</summary>
    /// <remarks>
    /// A stream that breaks off throws an <see cref="LlmException"/> from its loop and produces no finish reason. Disposing the result does
    /// not dispose the client unless <see cref="LlmAdapterOptions.DisposeClients"/> is set. <c>GetService</c> returns
    /// <see cref="ChatClientMetadata"/> and the <see cref="LlmClient"/>.
    /// </remarks>
    /// <param name="client">The client.</param>
    /// <param name="options">How the adapter behaves; null for the defaults.</param>
    public static IChatClient AsChatClient(this LlmClient client, LlmAdapterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new LlmChatClient(new AdaptedClients(client, options));
    }

    /// <summary>Returns the chain as an <see cref="IChatClient"/>. Thread-safe, like the chain.</summary>
    /// <remarks>
    /// <see cref="ChatOptions.ModelId"/> is refused, because a model belongs to one service, unless
    /// <see cref="FallbackOptions.RequestFor"/> specifies the request for each client. The metadata is that of the first client.
    /// <c>GetService</c> returns <see cref="ChatClientMetadata"/> and the <see cref="FallbackChain"/>.
    /// </remarks>
    /// <param name="chain">The chain.</param>
    /// <param name="options">How the adapter behaves; null for the defaults.</param>
    public static IChatClient AsChatClient(this FallbackChain chain, LlmAdapterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new LlmChatClient(new AdaptedClients(chain, options));
    }

    /// <summary>Returns the client as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>. Thread-safe, like the client, whose model
    /// must be an embedding model.</summary>
    /// <remarks>Disposing the result does not dispose the client unless <see cref="LlmAdapterOptions.DisposeClients"/> is set.</remarks>
    /// <param name="client">The client.</param>
    /// <param name="options">How the adapter behaves; null for the defaults.</param>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(
        this LlmClient client,
        LlmAdapterOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(client);
        return new LlmEmbeddingGenerator(new AdaptedClients(client, options));
    }

    /// <summary>Returns the chain as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>. Thread-safe, like the chain, whose clients
    /// must use the same model (<see cref="FallbackOptions.TreatEmbeddingsAsCompatible"/>).</summary>
    /// <remarks>
    /// <see cref="EmbeddingGenerationOptions.ModelId"/> is refused, because a model belongs to one service. The metadata is that of the
    /// first client; <c>GetService</c> also returns the <see cref="FallbackChain"/>. Disposing the result does not dispose the clients
    /// unless <see cref="LlmAdapterOptions.DisposeClients"/> is set.
    /// </remarks>
    /// <param name="chain">The chain.</param>
    /// <param name="options">How the adapter behaves; null for the defaults.</param>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(
        this FallbackChain chain,
        LlmAdapterOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new LlmEmbeddingGenerator(new AdaptedClients(chain, options));
    }
}
